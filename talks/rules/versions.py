"""Versions of rules (rules.md section 3): which one holds where and when, and who may make which."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from branches.rules.dates import chinese_date
from talks.rules import presets
from talks.rules.facts import EventTrigger, Facts, MeetingTrigger, Rule
from talks.rules.index import Index, index_of
from talks.rules.words import (
    EVENT_PAIRINGS,
    FIXED_ROLES,
    PAIR_PAIRINGS,
    PAIRING_NAMES,
    ROLE_NAMES,
    TalkerRole,
)

LONGEST = 366

RANGE_EMPTY = "失效日期应晚于生效日期"
EVENT_NEEDS_DAYS = f"事件触发的规则应填写天数（1至{LONGEST}）和天数单位"
DAYS_ONLY_WITH_EVENT = "只有事件触发的规则才填写天数和天数单位"
PAIRING_NEEDS_EVENT = "配对「事件当事人」「发展对象」只用于事件触发的规则"
EVENT_NEEDS_PAIRING = "事件触发的规则，配对应为「事件当事人」或「发展对象」"
PAIR_HAS_NO_ROLE = "配对「{pairing}」双方都已确定，不填写谈话人"
ROLE_MISSING = "配对「{pairing}」应填写谈话人"
ROLE_FIXED = "配对「{pairing}」的谈话人只能是「{role}」"
PAIRING_FIXED = "规则「{code}」的配对只能是「{pairing}」，不能更改"
NOT_AFTER = "规则「{code}」的新版本应晚于它所替换的版本（{day}起生效）"
ENDED = "规则「{code}」已于{day}失效，只有制定该规则的党组织可以重新制定"
NOT_THE_MAKER = "规则「{code}」由上级党组织制定，本级只能更改规则名称、依据和天数，不能更改{fields}"
DAYS_ONLY_FEWER = "规则「{code}」由上级党组织制定，天数只能减少：应不多于{days}个{unit}"

FIELDS = {
    "applies_to": "适用类型",
    "trigger": "触发",
    "unit": "天数单位",
    "talker_role": "谈话人",
    "one_to_one": "一对一",
    "effective_to": "失效日期",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a version may not be made, in Chinese, and the field of `Rule` that would have to be another."""

    field: str
    text: str


def versions_at(index: Index, organisation: str) -> dict[str, list[Rule]]:
    """By code, the versions made by the organisation, by one above it or built in; the latest first.

    Two versions of one day cannot be made (`refusals`); should they stand all the same, the superior's holds.
    """
    makers = _makers(organisation, index.superiors(organisation))
    found = ((code, _latest_first(versions, makers)) for code, versions in index.rules.items())
    return {code: mine for code, mine in found if mine}


def begun(versions: Iterable[Rule], day: date) -> Rule | None:
    """Of one code's versions, latest first, the last one that began by the day; it may have ended since."""
    return next((version for version in versions if version.effective_from <= day), None)


def in_force(versions: Iterable[Rule], day: date) -> Rule | None:
    """Of one code's versions, latest first, the one in force on the day, for whatever kinds it is made.

    A version replaces what held before it, and after its end nothing comes back.
    """
    latest = begun(versions, day)
    if latest is None or (latest.effective_to is not None and latest.effective_to <= day):
        return None
    return latest


def holding(versions: Iterable[Rule], kind: str, day: date) -> Rule | None:
    """Of one code's versions, latest first, the one that holds for an organisation of the kind on the day."""
    latest = in_force(versions, day)
    return latest if latest is not None and kind in latest.applies_to else None


def rules_of(facts: Facts, organisation: str, day: date) -> tuple[Rule, ...]:
    """The versions that apply to the organisation on the day, by code. KeyError: unknown organisation."""
    index = index_of(facts)
    kind = index.organisations[organisation].kind
    found = (holding(versions, kind, day) for versions in versions_at(index, organisation).values())
    return tuple(sorted((rule for rule in found if rule is not None), key=lambda rule: rule.code))


def refusals(
    version: Rule, *, others: Iterable[Rule], superiors: Mapping[str, str | None]
) -> tuple[Refusal, ...]:
    """Why the version may not be made; empty where it may.

    `others` are all versions that organisations made, in the workbook or before (the one under judgement may
    be among them: it is left out by code, maker and day); the presets need not be. `superiors` gives the
    superior of each organisation by code.
    """
    reasons = list(_shape(version))
    maker = version.organisation
    if maker is None:
        return tuple(reasons)
    above = _line(maker, superiors)
    key = (version.organisation, version.effective_from)
    related = [
        other
        for other in (*others, *presets.BUILT_IN)
        if other.code == version.code
        and (other.organisation, other.effective_from) != key
        and (
            other.organisation is None
            or other.organisation == maker
            or other.organisation in above
            or maker in _line(other.organisation, superiors)
        )
    ]
    pairings = [other.pairing for other in related]
    if version.code in presets.PRESETS:
        pairings.append(presets.PRESETS[version.code].pairing)
    for pairing in pairings:
        if pairing != version.pairing:
            name = PAIRING_NAMES[pairing]
            reasons.append(Refusal("pairing", PAIRING_FIXED.format(code=version.code, pairing=name)))
            break
    reasons.extend(_order(version, related))
    reasons.extend(_rights(version, related, above))
    return tuple(reasons)


def is_a_superiors(versions: Iterable[Rule], above: Collection[str]) -> bool:
    """Whether one of the versions was made by a superior of an organisation, which then is not the maker.

    `above` are all its superiors. The built-in version is the topmost organisation's own.
    """
    return any(
        version.organisation in above or (version.organisation is None and bool(above))
        for version in versions
    )


def replaced_by(version: Rule, *, others: Iterable[Rule], superiors: Mapping[str, str | None]) -> Rule | None:
    """What was in force on its first day where it is made, perhaps a version of the same day.

    `others` are the versions that organisations made before; those built in need not be among them.
    """
    if version.organisation is None:
        return None
    makers = _makers(version.organisation, _line(version.organisation, superiors))
    of_code = [other for other in (*others, *presets.BUILT_IN) if other.code == version.code]
    return in_force(_latest_first(of_code, makers), version.effective_from)


def tells_of_more(version: Rule, before: Rule | None, roles: Collection[TalkerRole]) -> bool:
    """Whether those in one of the roles hear of events by the version, of which they did not by `before`.

    `before`: the version in force in its place; None where there is none.
    """
    if not isinstance(version.trigger, EventTrigger) or version.talker_role not in roles:
        return False
    if before is None or not isinstance(before.trigger, EventTrigger):
        return True
    end, old_end = (rule.effective_to or date.max for rule in (version, before))
    return (
        end > old_end
        or version.talker_role is not before.talker_role
        or not version.applies_to <= before.applies_to
        or not set(version.trigger.kinds) <= set(before.trigger.kinds)
    )


def _makers(organisation: str, superiors: Iterable[str]) -> dict[str | None, int]:
    """Whose versions reach the organisation, by distance; those built in (None) are the farthest."""
    return {maker: distance for distance, maker in enumerate((organisation, *superiors, None))}


def _latest_first(versions: Iterable[Rule], makers: Mapping[str | None, int]) -> list[Rule]:
    """Of one code's versions those of the makers; of one day the farthest maker's first."""
    found = [version for version in versions if version.organisation in makers]
    found.sort(key=lambda version: (version.effective_from, makers[version.organisation]), reverse=True)
    return found


def _line(organisation: str, superiors: Mapping[str, str | None]) -> tuple[str, ...]:
    """The organisations above, nearest first; a circle is walked once."""
    found: list[str] = []
    above = superiors.get(organisation)
    while above is not None and above not in found:
        found.append(above)
        above = superiors.get(above)
    return tuple(found)


def _shape(version: Rule) -> Iterable[Refusal]:
    """What is wrong with the version by itself."""
    by_event = isinstance(version.trigger, EventTrigger)
    pairing = PAIRING_NAMES[version.pairing]
    if version.effective_to is not None and version.effective_to <= version.effective_from:
        yield Refusal("effective_to", RANGE_EMPTY)
    if by_event and (version.days is None or not 1 <= version.days <= LONGEST):
        yield Refusal("days", EVENT_NEEDS_DAYS)
    elif by_event and version.unit is None:
        yield Refusal("unit", EVENT_NEEDS_DAYS)
    if not by_event and (version.days is not None or version.unit is not None):
        yield Refusal("days" if version.days is not None else "unit", DAYS_ONLY_WITH_EVENT)
    if not by_event and version.pairing in EVENT_PAIRINGS:
        yield Refusal("pairing", PAIRING_NEEDS_EVENT)
    if by_event and version.pairing not in EVENT_PAIRINGS:
        yield Refusal("pairing", EVENT_NEEDS_PAIRING)
    if version.pairing in PAIR_PAIRINGS:
        if version.talker_role is not None:
            yield Refusal("talker_role", PAIR_HAS_NO_ROLE.format(pairing=pairing))
    elif version.pairing in FIXED_ROLES:
        role = FIXED_ROLES[version.pairing]
        if version.talker_role not in (None, role):
            yield Refusal("talker_role", ROLE_FIXED.format(pairing=pairing, role=ROLE_NAMES[role]))
    elif version.talker_role is None:
        yield Refusal("talker_role", ROLE_MISSING.format(pairing=pairing))


def _order(version: Rule, related: Iterable[Rule]) -> Iterable[Refusal]:
    """A new version begins after the one it replaces: after the built-in one, and on no other's day."""
    for other in related:
        too_early = other.organisation is None and version.effective_from <= other.effective_from
        if too_early or version.effective_from == other.effective_from:
            text = NOT_AFTER.format(code=version.code, day=chinese_date(other.effective_from))
            yield Refusal("effective_from", text)
            return


def _rights(version: Rule, related: Iterable[Rule], above: tuple[str, ...]) -> Iterable[Refusal]:
    """What an organisation that is not the maker of the rule may not change."""
    earlier = [other for other in related if other.effective_from < version.effective_from]
    mine = [other for other in earlier if other.organisation in (None, version.organisation, *above)]
    if not is_a_superiors(mine, above):
        return
    replaced = max(mine, key=lambda other: other.effective_from)
    if replaced.effective_to is not None and replaced.effective_to <= version.effective_from:
        text = ENDED.format(code=version.code, day=chinese_date(replaced.effective_to))
        yield Refusal("effective_from", text)
        return
    wanted, before = _comparable(version), _comparable(replaced)
    changed = [field for field in FIELDS if getattr(wanted, field) != getattr(before, field)]
    if changed:
        names = "、".join(FIELDS[field] for field in changed)
        yield Refusal(changed[0], NOT_THE_MAKER.format(code=version.code, fields=names))
    elif version.days is not None and replaced.days is not None and version.days > replaced.days:
        text = DAYS_ONLY_FEWER.format(code=version.code, days=replaced.days, unit=replaced.unit)
        yield Refusal("days", text)


def _comparable(rule: Rule) -> Rule:
    """The rule with what may be written in two ways written in one."""
    trigger = rule.trigger
    if isinstance(trigger, EventTrigger):
        trigger = EventTrigger(tuple(sorted(trigger.kinds)))
    elif isinstance(trigger, MeetingTrigger):
        trigger = MeetingTrigger(tuple(sorted(trigger.kinds)))
    return replace(rule, trigger=trigger, talker_role=FIXED_ROLES.get(rule.pairing, rule.talker_role))
