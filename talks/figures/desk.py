"""The figures of the workbench: what is due, and how far the organisations have come."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account
from members.permissions import reported_organisations
from members.permissions.standing import among
from talks.figures.coverage import Coverage, coverage_of
from talks.figures.worklist import Tally, Worklist
from talks.models import Meeting
from talks.permissions import EventSum
from talks.rules.words import DutyState

MOST_GROUPS = 3


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
    foot: str
    organisation: str
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
    led = worklist.standing.led
    mine = among(led, "organisation__") if led else Q(mine=True)
    rows = worklist.rows.filter(mine, is_event=False, due_on__gte=today).order_by("due_on")
    by_group: dict[tuple[date, str, str, str], dict[str, Counter[DutyState]]] = {}
    titles: dict[str, str] = {}
    book = worklist.rules
    columns = ("due_on", "organisation__name", "organisation__code", "anchor", "rule", "version", "state")
    for due_on, name, code, anchor, rule, version, state, number in rows.values_list(*columns).annotate(
        number=Count("pk")
    ):
        group = by_group.setdefault((due_on, code, name, anchor), {})
        group.setdefault(rule, Counter())[DutyState(state)] += number
        titles[rule] = book[version].title.rpartition(" ")[2] if version in book else rule
    return tuple(
        Group(
            *_heading(anchor, due_on),
            organisation=name,
            parts=tuple(
                Part(rule, titles[rule], coverage_of(found)) for rule, found in sorted(rules.items())
            ),
        )
        for (due_on, _, name, anchor), rules in sorted(by_group.items())[:MOST_GROUPS]
    )


def _heading(anchor: str, due_on: date) -> tuple[str, str]:
    """Title and foot of a group."""
    if anchor.startswith("meeting:"):
        _, kind, year = anchor.split(":")
        day = due_on + timedelta(days=1)
        foot = f"{year}年度{kind}定于{chinese_date(day)}召开，谈话应于前一日完成。"
        return f"{kind}前谈心谈话", foot
    return "本期应谈", f"应于{chinese_date(due_on)}前完成。"


def next_meeting(worklist: Worklist, *, today: date) -> tuple[str, int] | None:
    """Kind of the next meeting of the account's own organisations, and in how many days it is."""
    ahead = (
        Meeting.objects.filter(among(worklist.standing.own, "organisation__"), meeting_on__gte=today)
        .order_by("meeting_on")
        .values_list("kind", "meeting_on")
        .first()
    )
    return (ahead[0], (ahead[1] - today).days) if ahead else None


def overview(account: Account, worklist: Worklist, *, today: date) -> tuple[OverviewRow, ...]:
    """The organisations that the account answers for, in the order of the tree, each with those below it."""
    organisations = list(reported_organisations(account, today=today).order_by("path", "code"))
    found: defaultdict[int, Counter[DutyState]] = defaultdict(Counter)
    events: Counter[int] = Counter()
    below: Counter[int] = Counter(pk for one in organisations for pk in one.ancestor_ids())
    own: defaultdict[int, Counter[DutyState]] = defaultdict(Counter)
    rows = worklist.rows.filter(is_event=False).order_by().values_list("organisation", "state")
    for place, state, number in rows.annotate(number=Count("pk")):
        own[place][DutyState(state)] = number
    masked = {one.organisation: one.owed for one in worklist.sums}
    for organisation in organisations:
        for pk in (*organisation.ancestor_ids(), organisation.pk):
            found[pk] += own[organisation.pk]
            events[pk] += masked.get(organisation.code, 0)
    top = min((organisation.depth for organisation in organisations), default=0)
    return tuple(
        OverviewRow(
            organisation=one,
            depth=one.depth - top,
            is_group=bool(below[one.pk]),
            coverage=coverage_of(found[one.pk]),
            events=EventSum(one.code, events[one.pk], None, None) if events[one.pk] else None,
        )
        for one in organisations
    )


def total(tally: Tally) -> Coverage:
    """The figures of the duties in the tally."""
    found: Counter[DutyState] = Counter()
    for _, _, state, number in tally:
        found[state] += number
    return coverage_of(found)
