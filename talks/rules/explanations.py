"""「为什么」: what a duty says about itself, in Chinese."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from branches.rules.dates import chinese_date
from talks.rules.anchors import event_of
from talks.rules.calendar import Calendar
from talks.rules.duty import Duty
from talks.rules.facts import Facts, MeetingTrigger, PeriodTrigger, Rule, Talk
from talks.rules.index import COUNTING_STATES, Index, index_of, known_on
from talks.rules.roles import holders
from talks.rules.verdicts import ABSENT, STATE_REASONS, obstacle, window_reason
from talks.rules.words import DayUnit, DutyState, TalkerRole, TalkState

NEAR_MISSES = 10
BY_SUPERIOR = "由上级党组织谈话"
BY_NAMED_SUPERIOR = "由上级党组织「{name}」谈话"
NOBODY_ORDINARY = "支部内没有其他普通党员"
PROVISIONAL = "暂按周一至周五"
OVER_TIME = "已过约定日期，尚未记录"
AFTER_AS_OF = "谈话日期在统计日期之后"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A talk that looks as if it met the duty, and why it does not."""

    talk: str
    held_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The panel of one duty. Members and talks are codes: names and what one may see are the screen's."""

    rule_title: str
    version: str
    basis: str
    trigger: str
    persons: tuple[str, ...]
    holders: tuple[str, ...]
    holders_note: str
    until: str
    met_by: str | None
    met_line: str
    near_misses: tuple[NearMiss, ...]
    calendar_note: str


def explain(facts: Facts, duty: Duty, *, as_of: date) -> Explanation:
    """Rule, basis, what set it off, who can meet it on `as_of`, until when, and what met it or almost did."""
    index = index_of(facts)
    able, note = _able(index, duty, as_of)
    met = duty.talk is not None and duty.held_on is not None and duty.held_on <= duty.due_on
    return Explanation(
        rule_title=duty.rule.heading,
        version=_version(index, duty.rule),
        basis=duty.rule.basis,
        trigger=_trigger(index, duty),
        persons=duty.persons,
        holders=able,
        holders_note=note,
        until=_until(duty),
        met_by=duty.talk,
        met_line=_met_line(index, duty),
        near_misses=() if met else tuple(_near_misses(index, duty, as_of)),
        calendar_note=calendar_note(index.calendar, duty.rule, duty.opens_on, duty.due_on),
    )


def calendar_note(calendar: Calendar, rule: Rule | None, opens_on: date, due_on: date) -> str:
    """「暂按周一至周五」 beside a limit in working days that runs into a year without a calendar; "" else."""
    is_counted = rule is not None and rule.unit == DayUnit.WORKING
    return PROVISIONAL if is_counted and calendar.is_provisional(opens_on, due_on) else ""


def _version(index: Index, rule: Rule) -> str:
    maker = "内置"
    if rule.organisation is not None:
        known = index.organisations.get(rule.organisation)
        maker = f"{known.name if known else rule.organisation}制定"
    until = f"，{chinese_date(rule.effective_to)}失效" if rule.effective_to else ""
    return f"{maker}，{chinese_date(rule.effective_from)}起{until}"


def _trigger(index: Index, duty: Duty) -> str:
    match duty.rule.trigger:
        case MeetingTrigger():
            _, kind, year = duty.anchor.split(":")
            return (
                f"{year}年度{kind}定于{chinese_date(duty.anchor_on)}召开，"
                f"会前谈话自{chinese_date(duty.opens_on)}开始。"
            )
        case PeriodTrigger(months):
            every = {1: "每月", 3: "每季度", 6: "每半年", 12: "每年"}[months]
            return f"{every}一次：本期为{chinese_date(duty.opens_on)}至{chinese_date(duty.due_on)}。"
        case _:
            event = event_of(index, duty.anchor)
            assert event is not None
            known = f"{chinese_date(known_on(event))}知悉"
            if event.happened_on == known_on(event):
                return f"{known}：{event.kind}。"
            return f"{known}：{event.kind}（{chinese_date(event.happened_on)}发生）。"


def _until(duty: Duty) -> str:
    last = f"{chinese_date(duty.due_on)}前（含当日）"
    if not duty.is_event:
        return last
    return f"{last}，即知悉后{duty.rule.days}个{duty.rule.unit}内；逾期仍应谈话"


def _able(index: Index, duty: Duty, as_of: date) -> tuple[tuple[str, ...], str]:
    """Who can meet the duty on the day, and what the lists say beside it."""
    if duty.role is None:
        return duty.persons, ""
    event = event_of(index, duty.anchor)
    found = holders(index, duty.subject, duty.organisation, duty.role, as_of, event)
    if not found:
        return (), NOBODY_ORDINARY if duty.role == TalkerRole.ORDINARY else BY_SUPERIOR
    able = tuple(sorted(found))
    if duty.role == TalkerRole.ORDINARY or found & index.team(duty.organisation, as_of):
        return able, ""
    for above in index.superiors(duty.organisation):
        if found <= index.team(above, as_of):
            return able, BY_NAMED_SUPERIOR.format(name=index.organisations[above].name)
    return able, ""


def _met_line(index: Index, duty: Duty) -> str:
    match duty.state:
        case DutyState.WAIVED:
            return "已批准免予谈话。"
        case DutyState.DONE | DutyState.LATE if duty.held_on:
            late = "，已过期限" if duty.state == DutyState.LATE else ""
            return f"由{chinese_date(duty.held_on)}的谈话（{duty.talk}）完成{late}。"
        case DutyState.SCHEDULED:
            planned = (talk for talk in index.planned_of[duty.subject] if talk.code == duty.planned)
            return f"已约{chinese_date(next(planned).held_on)}谈话（{duty.planned}），谈后记录即完成。"
        case DutyState.OVERDUE:
            return "已逾期，没有符合要求的谈话。"
        case _:
            return "还没有符合要求的谈话。"


def _near_misses(index: Index, duty: Duty, as_of: date) -> Iterator[NearMiss]:
    """Talks of the persons in the window, and the nearest before and after that only miss by their date."""
    before: NearMiss | None = None
    after: NearMiss | None = None
    inside: list[NearMiss] = []
    for talk in _talks_between(index, duty):
        if talk.code == duty.talk or talk.code == duty.planned:
            continue
        reason = obstacle(index, talk, duty) or _not_yet(talk, as_of)
        if not reason or reason == ABSENT:
            continue
        by_date = window_reason(talk, duty)
        miss = NearMiss(talk.code, talk.held_on, reason)
        if not by_date:
            inside.append(miss)
        elif reason == by_date and talk.state in COUNTING_STATES:
            if talk.held_on < duty.opens_on:
                before = miss
            elif after is None:
                after = miss
    yield from ([before] if before else [])
    yield from inside[:NEAR_MISSES]
    yield from ([after] if after else [])


def _talks_between(index: Index, duty: Duty) -> list[Talk]:
    """The talks in which all persons of the duty have a part, be it as recorder; earliest first."""
    shared: dict[str, Talk] | None = None
    for person in duty.persons:
        own = {
            talk.code: talk for talk in (*index.talks_of.get(person, ()), *index.recorded_of.get(person, ()))
        }
        shared = own if shared is None else {code: shared[code] for code in shared.keys() & own.keys()}
    return sorted((shared or {}).values(), key=lambda talk: (talk.held_on, talk.code))


def _not_yet(talk: Talk, as_of: date) -> str:
    """Why a talk between the right persons in the window does not count on the day."""
    if talk.state == TalkState.PLANNED and talk.held_on < as_of:
        return OVER_TIME
    if talk.state in STATE_REASONS:
        return STATE_REASONS[talk.state]
    return AFTER_AS_OF if talk.held_on > as_of else ""
