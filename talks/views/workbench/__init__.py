"""工作台: one sentence of figures, then what is to be done next, by whoever is signed in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.models import Organisation
from members.models import Account, Post
from members.permissions.standing import Standing, standing_of
from members.views import account_of
from talks.figures.charts import Chart, coverage_chart, due_chart, tally_of
from talks.figures.desk import OverviewRow, groups, next_meeting, overview, total
from talks.figures.sums import SummedOverview, tally_of_all
from talks.figures.waiting import waiting_requests
from talks.figures.waivers import asked_by
from talks.figures.worklist import Duties, DutyLine, Tally, Worklist, tones_of
from talks.models import Participant, Side, Talk
from talks.permissions import PEOPLE, written_by
from talks.rules.words import TalkState
from talks.views.duties import bring_up_to_date
from talks.views.talks import TalkLine, line_of
from talks.views.workbench.todos import (
    AHEAD,
    MOST_OVERDUE,
    MOST_WAIVERS,
    hints_of,
    is_to_record,
    request_todo,
    todos_of,
    waits_for,
)

ROWS_OF_OVERVIEW = 25


@dataclass(frozen=True, slots=True)
class Wait:
    """A record that waits for others: for whom, and for how many days."""

    line: TalkLine
    who: str
    days: int


@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    """The first screen, by role."""
    now = timezone.localtime(timezone.now())
    today = now.date()
    account = account_of(request)
    standing = standing_of(account, today)
    worklist = Worklist(account, today=today, year=today.year)
    as_of = bring_up_to_date(account, today=today)
    mine = worklist.mine
    own = tally_of(mine)
    counts = tones_of(own, today)
    overdue, near, about_me = _lines(worklist, mine, counts)
    lines = _my_talks(account, today)
    to_answer, asked = waiting_requests(account, today=today)
    is_leader = _is_leader(account, today)
    organisations = _overview(account, worklist, standing, today)
    tally = tally_of_all(worklist)
    charts = _charts(worklist, own, tally, is_leader=is_leader, answers_for_others=bool(organisations))
    asked_waivers, number_asked = asked_by(account, today=today, most=MOST_WAIVERS)
    context = {
        "today": today,
        "as_of": as_of,
        "account": account,
        "organisation": _organisation_line(standing),
        "is_leader": is_leader,
        "agenda": [line for line in lines if line.talk.held_on == today and line.talk.state in AHEAD],
        "coming": [
            line for line in lines if line.talk.held_on > today and line.talk.state == TalkState.PLANNED
        ],
        "to_record": [line for line in lines if is_to_record(line, now)],
        "to_confirm": [line for line in lines if waits_for(line.talk, account)],
        "waiting": [_wait(line, today) for line in lines if _waits_for_others(line)],
        "counts": counts,
        "meeting": next_meeting(worklist, today=today),
        "todos": todos_of(account, overdue, near, counts, lines, to_answer, now),
        "hints": hints_of(account, now),
        "asked_talks": asked,
        "request_todos": [request_todo(line, today) for line in to_answer],
        "number_asked_talks": len(asked),
        "charts": charts,
        "drawn": {chart.key: chart.drawn() for chart in charts},
        "asked_waivers": asked_waivers,
        "number_asked": number_asked,
        "asked_not_shown": number_asked - len(asked_waivers),
        "groups": groups(worklist, today=today),
        "about_me": about_me,
        "overview": Paginator(organisations, ROWS_OF_OVERVIEW).get_page(request.GET.get("page")),
        "total": total(tally),
        "is_administrator": not account.member_id and not standing.staff and not standing.inspected,
    }
    return render(request, "talks/workbench.html", context)


def _charts(
    worklist: Worklist, own: Tally, tally: Tally, *, is_leader: bool, answers_for_others: bool
) -> tuple[Chart, ...]:
    """Coverage and what is due: of all that the account answers for, else of what is his to see to.

    Event duties that the account may not know by name are in neither: they stand in the table as a sum.
    """
    if answers_for_others:
        return coverage_chart(tally), due_chart(tally, today=worklist.today)
    if not is_leader:
        return ()
    return coverage_chart(own, mine="on"), due_chart(own, today=worklist.today, mine="on")


def _my_talks(account: Account, today: date) -> list[TalkLine]:
    """The talks that are ahead, to be recorded, or to be confirmed; the earliest first.

    The account's own, and those whose record is its to write.
    """
    if not account.member_id:
        return []
    states = [*AHEAD, TalkState.RECORDED]
    taking_part = Participant.objects.order_by().filter(member=account.member_id, talk__state__in=states)
    sides = set(taking_part.values_list("talk", "side"))
    own = {talk for talk, _ in sides}
    others = Talk.objects.filter(Q(recorder=account.member_id) | Q(booked_by=account), state__in=states)
    found = dict(others.order_by().values_list("pk", "recorder"))
    # As `written_by` says, which is asked of those alone that are not plainly his: of few or none.
    written = {talk for talk, side in sides if side == Side.TALKER}
    written |= {talk for talk, recorder in found.items() if recorder == account.member_id}
    booked = {talk for talk, recorder in found.items() if recorder is None} - written
    if booked:
        his = Talk.objects.filter(written_by(account, today=today), pk__in=booked)
        written |= set(his.values_list("pk", flat=True))
    if not own | written:
        return []
    rows = (
        Talk.objects.filter(pk__in=own | written)
        .defer("topic", "content", "cancel_reason")
        .order_by("held_on", "starts_at", "code")
        .prefetch_related(PEOPLE)
    )
    return [line_of(talk, account, writes=talk.pk in written) for talk in rows]


def _waits_for_others(line: TalkLine) -> bool:
    """Whether a record that is this account's to write waits for somebody's confirmation."""
    return line.talk.state == TalkState.RECORDED and line.writes


def _wait(line: TalkLine, today: date) -> Wait:
    rows = line.talk.participants.all()
    who = "、".join(row.member.name for row in rows if row.side == Side.SUBJECT and not row.confirmed_at)
    since = line.talk.recorded_at or line.talk.entered_at
    return Wait(line, who, (today - timezone.localtime(since).date()).days)


def _lines(worklist: Worklist, mine: Duties, counts: Counter[str]) -> list[tuple[DutyLine, ...]]:
    """Of the account's duties the overdue ones that are shown, those near, and what is about itself; as rows.

    All at once: who stands behind them is asked for once. `counts`: how many there are of each tone.
    """
    overdue = mine.filter(tone="overdue")[:MOST_OVERDUE] if counts["overdue"] else ()
    near = mine.filter(tone="near") if counts["near"] else ()
    groups = [list(part) for part in (overdue, near, _about_me(worklist))]
    lines = iter(worklist.lines(duty for group in groups for duty in group))
    return [tuple(islice(lines, len(group))) for group in groups]


def _about_me(worklist: Worklist) -> Duties:
    """What a member sees as his own: the duties that name him."""
    me = worklist.account.member_id
    return worklist.rows.filter(Q(subject=me) | Q(counterpart=me)) if me else worklist.rows.none()


def _is_leader(account: Account, today: date) -> bool:
    posts = Post.objects.in_force(today).filter(Q(is_team=True) | Q(is_head=True), member=account.member_id)
    return bool(account.member_id) and posts.exists()


def _overview(account: Account, worklist: Worklist, standing: Standing, today: date) -> Sequence[OverviewRow]:
    """For staff and inspectors, and for who leads an organisation with others below it."""
    if not (standing.staff or standing.inspected or standing.led):
        return ()
    if worklist.is_wide:
        return SummedOverview(worklist)
    rows = overview(account, worklist, today=today)
    return rows if len(rows) > 1 or standing.staff or standing.inspected else ()


def _organisation_line(standing: Standing) -> str:
    """The organisations whose work this is: led ones, else of the team, else all of one's own."""
    places = standing.led or standing.team or standing.own or (*standing.staff, *standing.inspected)
    names = dict(Organisation.objects.filter(pk__in=[place.pk for place in places]).values_list("pk", "name"))
    return "、".join(names[place.pk] for place in places)
