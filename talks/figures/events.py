"""What an event sets off: which kinds there are, and the duties of one event."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from members.models import Affiliation, Event, Member
from talks.figures.duties import duties_of
from talks.models import Rule
from talks.rules.duties import Duty
from talks.rules.explanations import calendar_note
from talks.rules.facts import EventTrigger, parse_trigger
from talks.rules.presets import EVENT_KINDS

NOT_AFFILIATED = "该同志在知悉之日没有组织关系，这一事件不产生应谈事项。如有遗漏，请先补录组织关系。"
NO_PARTY_MEMBER = "该同志在知悉之日不是正式党员或预备党员，按现行规则，这一事件不产生应谈事项。"
NO_RULE = "按该同志所在党组织的现行规则，这种事件不产生应谈事项。仍可以主动约谈。"


def event_kinds(organisations: Collection[Organisation]) -> tuple[str, ...]:
    """The kinds of rules.md section 7, and those that rules of the organisations or those above name."""
    line = {pk for row in organisations for pk in (*row.ancestor_ids(), row.pk)}
    own = Rule.objects.filter(organisation__in=line, trigger__startswith="事件").order_by("code")
    triggers = (parse_trigger(text) for text in own.values_list("trigger", flat=True))
    named = (kind for trigger in triggers if isinstance(trigger, EventTrigger) for kind in trigger.kinds)
    return tuple(dict.fromkeys((*EVENT_KINDS, *named)))


@dataclass(frozen=True, slots=True)
class SetOff:
    """A duty that an event set off; `note` says where its limit is reckoned without a calendar."""

    duty: Duty
    note: str


def duties_of_event(event: Event, *, as_of: date) -> tuple[tuple[SetOff, ...], str]:
    """The duties that the event set off, and where there are none the reason in Chinese."""
    there = Affiliation.objects.in_force(event.known_on).filter(member=event.member_id)
    organisations = list(Organisation.objects.filter(pk__in=there.values("organisation")))
    if not organisations:
        return (), NOT_AFFILIATED
    facts, duties = duties_of(organisations, year=event.known_on.year, as_of=as_of)
    found = tuple(
        SetOff(duty, calendar_note(facts.calendar, duty.rule, duty.opens_on, duty.due_on))
        for duty in duties
        if duty.anchor == f"event:{event.code}"
    )
    if found:
        return found, ""
    is_party = Member.objects.party_on(event.known_on).filter(pk=event.member_id).exists()
    return (), NO_RULE if is_party else NO_PARTY_MEMBER
