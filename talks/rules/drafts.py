"""What somebody means to do to a rule: the version that it comes to, and why it may not be made.

Rights and shape are `versions.refusals`; here stands what besides is asked of what is done on screen: it
begins today or later, and it changes something. What held before today is for the workbook to bring in.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypedDict

from branches.rules.dates import chinese_date
from talks.rules import presets
from talks.rules.facts import Facts, Rule, Trigger
from talks.rules.index import index_of
from talks.rules.versions import (
    NOT_AFTER,
    Refusal,
    begun,
    in_force,
    is_a_superiors,
    refusals,
    tells_of_more,
    versions_at,
)
from talks.rules.words import ROLE_NAMES, DayUnit, TalkerRole

YEARS_AHEAD = 10
BEGIN, END = "effective_from", "effective_to"

BEGINS_EARLY = "生效日期不能早于今天；过去已经实行的规则，请用工作簿导入"
ENDS_EARLY = "失效日期不能早于{day}"
TOO_LATE = "日期不能晚于{day}，请核对"
ALREADY_ON = "这项规则在{day}已经生效，不需要再启用"
NOTHING_CHANGED = "与现行版本相同，没有需要保存的更改"
NOTHING_BEFORE = "这项规则在{day}之前没有生效，还没有可以结束的版本"
ENDED_BEFORE = "这项规则已于{day}失效，不需要再结束"
FOLLOWED = "这项规则另有自{day}起生效的版本，请先删除该版本，再结束规则"
OWN_ROLE = (
    "谈话人为“{role}”的事件规则会使您本人得知他人的事件，"
    "应由不在其列的党务管理员办理，或由系统管理员在服务器上导入"
)
BEGUN = "这一版本已经生效，不能删除；需要更改的，请修改规则或结束规则"


class Terms(TypedDict, total=False):
    """What a new version says otherwise than the one it replaces; the pairing stays."""

    title: str
    applies_to: frozenset[str]
    trigger: Trigger
    days: int | None
    unit: DayUnit | None
    talker_role: TalkerRole | None
    one_to_one: bool
    effective_to: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to be made, or the one to be ended: what it replaces, and the day from which things differ.

    `refusals` say why it may not be made; `is_end`: nothing of it holds from `since` on.
    """

    version: Rule
    replaced: Rule | None
    since: date
    refusals: tuple[Refusal, ...] = ()
    is_end: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it may not be made, in Chinese; empty where it may."""
        return tuple(refusal.text for refusal in self.refusals)

    @property
    def shown(self) -> Rule:
        """The version as one would tell of it: what ends is the version that was in force."""
        if self.is_end and self.replaced is not None:
            return replace(self.replaced, effective_to=self.since)
        return self.version

    @property
    def goes_on(self) -> bool:
        """Whether a version was in force until the day, and so still holds for what began before."""
        end = self.replaced.effective_to if self.replaced else date.min
        return end is None or end >= self.since


def own_line(facts: Facts, organisation: str, code: str) -> tuple[Rule, ...]:
    """The versions of the code that reach the organisation, the latest first."""
    return tuple(versions_at(index_of(facts), organisation).get(code, ()))


def is_maker(facts: Facts, organisation: str, code: str) -> bool:
    """Whether the organisation may change all but the pairing: no superior has, or will have, a version."""
    return not is_a_superiors(own_line(facts, organisation, code), index_of(facts).superiors(organisation))


def switched_on(facts: Facts, organisation: str, code: str, *, effective_from: date, today: date) -> Draft:
    """A preset of the second list, in force from the day on. KeyError: none of them."""
    version = presets.switched_on(code, organisation=organisation, effective_from=effective_from)
    replaced = begun(own_line(facts, organisation, code), effective_from)
    reasons = [*_beginning(effective_from, today)]
    if replaced is not None and in_force([replaced], effective_from):
        reasons.append(Refusal(BEGIN, ALREADY_ON.format(day=chinese_date(effective_from))))
    return Draft(version, replaced, effective_from, _judged(reasons, version, facts))


def added(facts: Facts, rule: Rule, *, own_roles: Collection[TalkerRole], today: date) -> Draft:
    """A rule of an organisation's own, under a code that nobody uses.

    `own_roles`: those in which its maker would hear of events himself.
    """
    reasons = [*_beginning(rule.effective_from, today), *_own_role(rule, None, own_roles)]
    return Draft(rule, None, rule.effective_from, _judged(reasons, rule, facts))


def changed(
    facts: Facts,
    organisation: str,
    code: str,
    *,
    effective_from: date,
    terms: Terms,
    own_roles: Collection[TalkerRole],
    today: date,
) -> Draft:
    """A version in place of the one that would stand on the day. KeyError: none would.

    `own_roles`: those in which its maker would hear of events himself; what they hear already may stay.
    """
    replaced = begun(own_line(facts, organisation, code), effective_from)
    if replaced is None:
        raise KeyError(code)
    version = replace(replaced, organisation=organisation, effective_from=effective_from)
    if not in_force([replaced], effective_from):
        version = replace(version, effective_to=None)
    version = replace(version, **terms)
    if (version.days, version.unit) != (replaced.days, replaced.unit):
        version = replace(version, basis=version.basis.removesuffix(presets.DEFAULT_DAYS))
    before = in_force([replaced], effective_from)
    reasons = [*_beginning(effective_from, today), *_own_role(version, before, own_roles)]
    as_before = replace(version, organisation=replaced.organisation, effective_from=replaced.effective_from)
    if as_before == replaced:
        reasons.append(Refusal("", NOTHING_CHANGED))
    elif replaced.version == version.version:
        text = NOT_AFTER.format(code=code, day=chinese_date(effective_from))
        reasons.append(Refusal(BEGIN, text))
    return Draft(version, replaced, effective_from, _judged(reasons, version, facts))


def ended(facts: Facts, organisation: str, code: str, *, effective_to: date, today: date) -> Draft:
    """The version in force before the day, ended on it. KeyError: the code is unknown there.

    One that the organisation made gets the day; one that was built in is followed, for the one day before,
    by a version of the organisation's own that says the same and ends.
    """
    line = own_line(facts, organisation, code)
    if not line:
        raise KeyError(code)
    last = max(effective_to, today) - timedelta(days=1)
    target = begun(line, last)
    if target is None:
        reason = NOTHING_BEFORE.format(day=chinese_date(effective_to))
        return Draft(line[-1], None, effective_to, (Refusal(END, reason),), is_end=True)
    is_own = target.organisation == organisation
    version = replace(target, effective_to=effective_to)
    if not is_own:
        version = replace(version, organisation=organisation, effective_from=last)
    reasons = [*_ending(target, effective_to, today if is_own else today + timedelta(days=1))]
    reasons += _not_too_late(END, effective_to, today)
    later = [each for each in line if each.organisation == organisation and each.effective_from > last]
    if later:
        reasons.append(Refusal(END, FOLLOWED.format(day=chinese_date(later[-1].effective_from))))
    return Draft(version, target, effective_to, _judged(reasons, version, facts), is_end=True)


def _ending(target: Rule, effective_to: date, earliest: date) -> Iterable[Refusal]:
    if target.effective_to is not None and target.effective_to < earliest:
        yield Refusal(END, ENDED_BEFORE.format(day=chinese_date(target.effective_to)))
    elif effective_to < earliest:
        yield Refusal(END, ENDS_EARLY.format(day=chinese_date(earliest)))
    elif target.effective_to == effective_to:
        yield Refusal(END, NOTHING_CHANGED)


def _beginning(effective_from: date, today: date) -> Iterable[Refusal]:
    if effective_from < today:
        yield Refusal(BEGIN, BEGINS_EARLY)
    yield from _not_too_late(BEGIN, effective_from, today)


def _own_role(version: Rule, before: Rule | None, own_roles: Collection[TalkerRole]) -> Iterable[Refusal]:
    """Nobody lets himself hear of events by the role that he is in; an import refuses it, too."""
    role = version.talker_role
    if role is not None and tells_of_more(version, before, own_roles):
        yield Refusal("talker_role", OWN_ROLE.format(role=ROLE_NAMES[role]))


def _not_too_late(field: str, day: date, today: date) -> Iterable[Refusal]:
    latest = date(today.year + YEARS_AHEAD, 12, 31)
    if day > latest:
        yield Refusal(field, TOO_LATE.format(day=chinese_date(latest)))


def _judged(first: Iterable[Refusal], version: Rule, facts: Facts) -> tuple[Refusal, ...]:
    """These refusals, else what the law of versions says against it: one thing at a time is said."""
    found = tuple(first)
    if found:
        return found
    superiors = {organisation.code: organisation.superior for organisation in facts.organisations}
    others = [other for other in facts.rules if other.organisation is not None]
    return refusals(version, others=others, superiors=superiors)
