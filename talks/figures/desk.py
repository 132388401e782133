"""The figures of the workbench: what is due, and how far the organisations have come."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from members.models import Account
from members.permissions import reported_organisations
from talks.figures.coverage import Coverage, coverage, coverage_of
from talks.figures.worklist import Worklist
from talks.models import Meeting
from talks.permissions import EventSum
from talks.rules.duties import Duty
from talks.rules.facts import MeetingTrigger
from talks.rules.words import DutyState


@dataclass(frozen=True, slots=True)
class Part:
    """How far one rule of a group has come."""

    rule: str
    title: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Group:
    """The rules that one anchor sets off in one organisation: a meeting, or the year."""

    title: str
    organisation: str
    foot: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One organisation in the overview: its own duties and those below it, without the event duties.

    `events` are the event duties that the account may not know by name, of this organisation and below.
    """

    organisation: Organisation
    depth: int
    is_group: bool
    coverage: Coverage
    events: EventSum | None


def groups(worklist: Worklist, *, today: date) -> tuple[Group, ...]:
    """For the organisations that the account leads, else for what is his to do: meetings ahead, the year."""
    found: dict[tuple[str, str], list[Duty]] = {}
    for seen in worklist.seen:
        duty = seen.duty
        leads = duty.organisation in worklist.led
        if duty.is_event or duty.due_on < today or not (leads or (seen.mine and not worklist.led)):
            continue
        found.setdefault((duty.organisation, duty.anchor), []).append(duty)
    return tuple(
        _group(worklist, duties) for _, duties in sorted(found.items(), key=lambda item: item[1][0].due_on)
    )[:3]


def _group(worklist: Worklist, duties: list[Duty]) -> Group:
    first = duties[0]
    organisation = worklist.organisations[first.organisation]
    by_rule: dict[str, list[Duty]] = {}
    for duty in duties:
        by_rule.setdefault(duty.rule.code, []).append(duty)
    if isinstance(first.rule.trigger, MeetingTrigger):
        _, kind, year = first.anchor.split(":")
        title = f"{kind}前谈心谈话"
        day = first.anchor_on
        foot = f"{year}年度{kind}定于{day.year}年{day.month}月{day.day}日召开，谈话应于前一日完成。"
    else:
        title = "本期应谈"
        foot = f"应于{first.due_on.year}年{first.due_on.month}月{first.due_on.day}日前完成。"
    parts = tuple(
        Part(code, rows[0].rule.title.rpartition(" ")[2], coverage(rows))
        for code, rows in sorted(by_rule.items())
    )
    return Group(title, organisation.name, foot, parts)


def next_meeting(worklist: Worklist, *, today: date) -> tuple[str, int] | None:
    """Kind of the next meeting of the account's own organisations, and in how many days it is."""
    ahead = (
        Meeting.objects.filter(organisation__code__in=_own_codes(worklist), meeting_on__gte=today)
        .order_by("meeting_on")
        .values_list("kind", "meeting_on")
        .first()
    )
    return (ahead[0], (ahead[1] - today).days) if ahead else None


def _own_codes(worklist: Worklist) -> set[str]:
    member = worklist.account.member
    if not member:
        return set()
    teams = {post.organisation for post in worklist.posts.get(member.code, ()) if post.team}
    return teams | {
        fact.organisation
        for fact in worklist.facts.affiliations
        if fact.member == member.code
        and (fact.since is None or fact.since <= worklist.today)
        and (fact.until is None or worklist.today < fact.until)
    }


def overview(account: Account, worklist: Worklist, *, today: date) -> tuple[OverviewRow, ...]:
    """The organisations that the account answers for, in the order of the tree, each with those below it."""
    organisations = list(reported_organisations(account, today=today).order_by("path", "code"))
    states: defaultdict[int, Counter[DutyState]] = defaultdict(Counter)
    events: Counter[int] = Counter()
    below: Counter[int] = Counter(pk for one in organisations for pk in one.ancestor_ids())
    own: defaultdict[str, Counter[DutyState]] = defaultdict(Counter)
    for seen in worklist.seen:
        if not seen.duty.is_event:
            own[seen.duty.organisation][seen.duty.state] += 1
    masked = {one.organisation: one.owed for one in worklist.sums}
    for organisation in organisations:
        for pk in (*organisation.ancestor_ids(), organisation.pk):
            states[pk] += own[organisation.code]
            events[pk] += masked.get(organisation.code, 0)
    top = min((organisation.depth for organisation in organisations), default=0)
    return tuple(
        OverviewRow(
            organisation=one,
            depth=one.depth - top,
            is_group=bool(below[one.pk]),
            coverage=coverage_of(states[one.pk]),
            events=EventSum(one.code, events[one.pk], None, None) if events[one.pk] else None,
        )
        for one in organisations
    )


def total(worklist: Worklist) -> Coverage:
    """The figures of all that the account answers for, without the event duties."""
    duties = (seen.duty for seen in worklist.seen if seen.duty.organisation in worklist.rights.reported)
    return coverage(duty for duty in duties if not duty.is_event)
