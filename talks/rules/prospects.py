"""What an event would owe, before it is entered: the rules that name its kind, and why one owes nothing."""

from dataclasses import dataclass
from datetime import date

from branches.rules.dates import chinese_date
from talks.rules import presets
from talks.rules.anchors import event_anchor
from talks.rules.facts import Event, EventTrigger, Facts, Rule
from talks.rules.index import Index, index_of
from talks.rules.versions import holding, versions_at
from talks.rules.words import Pairing

NO_PARTY_MEMBER = "只适用于党员，该同志在知悉之日不是正式党员或预备党员"
NOT_SWITCHED_ON = "本组织和上级党组织没有启用"
OTHER_KINDS = "不适用于{kind}"
NOT_YET = "自{day}起生效，晚于知悉日期"
ENDED = "已于{day}失效"
REPLACED = "现行版本不再包括这种事件"
DISSOLVED = "党组织在知悉之日已经撤销"
NOT_ESTABLISHED = "期限在党组织成立以前"


@dataclass(frozen=True, slots=True)
class Prospect:
    """A rule that names the kind of the event; `obstacle` says why it owes nothing, empty where it does."""

    heading: str
    obstacle: str


def prospects(facts: Facts, event: Event, *, organisation: str) -> tuple[Prospect, ...]:
    """The rules that name the kind, by code, for an event of somebody affiliated with the organisation.

    The event need not be among the facts. KeyError for an organisation not in them.
    """
    index = index_of(facts)
    place = index.organisations[organisation]
    day = event.known_on or event.happened_on
    found: dict[str, Prospect] = {}
    for code, versions in versions_at(index, organisation).items():
        naming = [rule for rule in versions if _names(rule, event.kind)]
        if not naming:
            continue
        held = holding(versions, place.kind, day)
        if held is not None and held in naming:
            found[code] = Prospect(held.heading, _obstacle(index, held, event, organisation))
        else:
            found[code] = Prospect(naming[0].heading, _why_not_held(naming, place.kind, day))
    for code, rule in presets.PRESETS.items():
        if code not in found and _names(rule, event.kind) and place.kind in rule.applies_to:
            found[code] = Prospect(rule.heading, NOT_SWITCHED_ON)
    return tuple(found[code] for code in sorted(found))


def _names(rule: Rule, kind: str) -> bool:
    return isinstance(rule.trigger, EventTrigger) and kind in rule.trigger.kinds


def _obstacle(index: Index, rule: Rule, event: Event, organisation: str) -> str:
    """Why the rule, which holds, owes nothing; as `talks.rules.duties` decides it."""
    place = index.organisations[organisation]
    anchor = event_anchor(index, rule, event)
    if place.dissolved is not None and anchor.on >= place.dissolved:
        return DISSOLVED
    if place.established is not None and anchor.due_on < place.established:
        return NOT_ESTABLISHED
    if rule.pairing == Pairing.EVENT and not index.is_party_member(event.member, anchor.on):
        return NO_PARTY_MEMBER
    return ""


def _why_not_held(naming: list[Rule], kind: str, day: date) -> str:
    """Why none of the versions that name the event holds; they are the latest first."""
    suiting = [rule for rule in naming if kind in rule.applies_to]
    if not suiting:
        return OTHER_KINDS.format(kind=kind)
    begun = [rule for rule in suiting if rule.effective_from <= day]
    if not begun:
        first = suiting[-1].effective_from
        return NOT_SWITCHED_ON if first == presets.SWITCHED_OFF else NOT_YET.format(day=chinese_date(first))
    ended = begun[0].effective_to
    if ended is not None and ended <= day:
        return ENDED.format(day=chinese_date(ended))
    return REPLACED
