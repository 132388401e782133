"""工作台: one sentence of figures, then what is to be done next, by whoever is signed in."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from branches.models import Organisation
from members.models import Account, Post
from members.permissions.standing import Standing, standing_of
from members.views import account_of
from talks.figures.desk import OverviewRow, groups, next_meeting, overview, total
from talks.figures.waivers import asked_by, to_decide
from talks.figures.worklist import Duties, DutyLine, Worklist, tones
from talks.models import Duty, Participant, Side, Talk
from talks.permissions import written_by
from talks.rules.words import TalkState
from talks.views.duties import bring_up_to_date
from talks.views.talks import PEOPLE, TalkLine, day_of, hour_of, line_of

MOST_OVERDUE = 8
MOST_WAIVERS = 5
ROWS_OF_OVERVIEW = 50
_AHEAD = (TalkState.PLANNED, TalkState.HELD)
TOGETHER = 3  # 临期 duties of one anchor that are shown one by one; more become one row


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: how urgent, what, why, and the one verb that settles it."""

    tone: str
    chip: str
    title: str
    reason: str
    url: str
    verb: str
    verb_url: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A record that waits for others: for whom, and for how many days."""

    line: TalkLine
    who: str
    days: int


def workbench(request: HttpRequest) -> HttpResponse:
    """The first screen, by role."""
    now = timezone.localtime(timezone.now())
    today = now.date()
    account = account_of(request)
    standing = standing_of(account, today)
    worklist = Worklist(account, today=today, year=today.year)
    as_of = bring_up_to_date(account, today=today)
    mine = worklist.rows.filter(worklist.for_me)
    counts = tones(mine)
    lines = _my_talks(account, today)
    asked_waivers, number_asked = asked_by(account, today=today, most=MOST_WAIVERS)
    context = {
        "today": today,
        "as_of": as_of,
        "account": account,
        "organisation": _organisation_line(standing),
        "is_leader": _is_leader(account, today),
        "agenda": [line for line in lines if line.talk.held_on == today and line.talk.state in _AHEAD],
        "coming": [
            line for line in lines if line.talk.held_on > today and line.talk.state == TalkState.PLANNED
        ],
        "to_record": [line for line in lines if _is_to_record(line, now)],
        "to_confirm": [line for line in lines if _waits_for(line.talk, account)],
        "waiting": [_wait(line, today) for line in lines if _waits_for_others(line)],
        "counts": counts,
        "meeting": next_meeting(worklist, today=today),
        "todos": _todos(account, worklist, mine, counts, lines, now),
        "asked_waivers": asked_waivers,
        "number_asked": number_asked,
        "asked_not_shown": number_asked - len(asked_waivers),
        "groups": groups(worklist, today=today),
        "about_me": worklist.lines(_about_me(worklist)),
        "overview": Paginator(_overview(account, worklist, standing, today), ROWS_OF_OVERVIEW).get_page(
            request.GET.get("page")
        ),
        "total": total(worklist),
        "is_administrator": not account.member_id and not standing.staff and not standing.inspected,
    }
    return render(request, "talks/workbench.html", context)


def _todos(
    account: Account,
    worklist: Worklist,
    mine: Duties,
    counts: Counter[str],
    lines: list[TalkLine],
    now: datetime,
) -> list[Todo]:
    """逾期, 临期, 今日已约, 待记录, 待确认, 待批准."""
    today = now.date()
    overdue = counts["overdue"]
    todos = [_duty_todo(line) for line in worklist.lines(mine.filter(tone="overdue")[:MOST_OVERDUE])]
    if overdue > MOST_OVERDUE:
        url = _list_of("overdue")
        rest = overdue - MOST_OVERDUE
        todos.append(Todo("overdue", "逾期", f"另有{rest}项逾期", "按截止日期先后排列。", url, "查看", url))
    todos += _near(worklist, list(mine.filter(tone="near")))
    for line in lines:
        url = reverse("talk", args=[line.talk.code])
        if _is_ahead(line.talk, now):
            hour = hour_of(line.talk.starts_at)
            reason = "，".join(filter(None, (line.talk.kind, line.talk.form, line.talk.place)))
            todos.append(Todo("scheduled", f"今天{hour}", f"{line.others}谈话", reason, url, "查看", url))
    for line in lines:
        if _is_to_record(line, now):
            url = reverse("talk-record", args=[line.talk.code])
            day = "今天" if line.talk.held_on == today else day_of(line.talk.held_on)
            title = f"记录{day}{line.others}的谈话"
            todos.append(Todo("pending", "待记录", title, "记录后才计入已谈。", url, "记录谈话", url))
    for line in lines:
        if _waits_for(line.talk, account):
            url = reverse("talk", args=[line.talk.code])
            title = f"核对{day_of(line.talk.held_on)}{line.others}的谈话记录"
            todos.append(Todo("pending", "待确认", title, "谈话人已记录，请您核对。", url, "核对并确认", url))
    return todos + _waivers(account, today)


def _waivers(account: Account, today: date) -> list[Todo]:
    """免予谈话 that wait for the account's decision, the oldest first."""
    lines, number = to_decide(account, today=today, most=MOST_WAIVERS)
    todos = []
    for line in lines:
        asked_on = line.waiver.asked_on
        reason = f"{line.waiver.asked_by.name}{day_of(asked_on) if asked_on else ''}申请"
        told = "，".join(filter(None, (reason, line.title.replace("　", " "), line.anchor)))
        url = reverse("waiver", args=[line.waiver.pk])
        title = f"审批{line.about}的免予谈话"
        todos.append(Todo("pending", "待批准", title, f"{told}。", url, "审批", url))
    if number > len(lines):
        url = f"{reverse('waivers')}?{urlencode({'state': 'waiting', 'scope': 'decide'})}"
        title = f"另有{number - len(lines)}项免予谈话待批准"
        todos.append(Todo("pending", "待批准", title, "按申请日期先后排列。", url, "查看", url))
    return todos


def _near(worklist: Worklist, near: list[Duty]) -> list[Todo]:
    """The soonest first, one by one, but more than three of one anchor together."""
    by_anchor: dict[tuple[int, str], list[DutyLine]] = {}
    for line in worklist.lines(near):
        by_anchor.setdefault((line.duty.organisation_id, line.duty.anchor), []).append(line)
    todos: list[tuple[date, Todo]] = []
    for rows in by_anchor.values():
        if len(rows) <= TOGETHER:
            todos += [(line.duty.due_on, _duty_todo(line)) for line in rows]
            continue
        first = rows[0].duty
        what = first.anchor.split(":")[1] + "前" if first.anchor.startswith("meeting:") else "本期"
        titles = Counter(line.title.replace("　", " ") for line in rows)
        short = {title: title.removeprefix(f"{what} ") for title in titles}
        reason = "，".join(f"{short[title]}{count}项" for title, count in titles.items())
        url = f"{_list_of('near')}&{urlencode({'organisation': first.organisation.code})}"
        title = f"{what}还有{len(rows)}项未约"
        due = f"{reason}，{day_of(first.due_on)}前。"
        chip = rows[0].chip.removeprefix("临期　")
        todos.append((first.due_on, Todo("near", chip, title, due, url, "逐项预约", url)))
    return [todo for _, todo in sorted(todos, key=itemgetter(0))]


def _duty_todo(line: DutyLine) -> Todo:
    duty = line.duty
    url = reverse("duty", args=[duty.pk])
    book = f"{reverse('talk-book')}?{urlencode({'duty': duty.pk})}"
    when = f"应于{day_of(duty.due_on)}前谈" if line.tone == "overdue" else f"{day_of(duty.due_on)}前"
    reason = f"{line.title}，{when}。{line.sentence}。".replace("　", " ")
    chip = line.chip.removeprefix("临期　")
    title = f"与{line.whom}谈话" if not duty.is_pair else f"{line.whom}谈话"
    if line.is_booked:
        return Todo(line.tone, chip, title, f"{reason}已预约，尚未谈话。", url, "查看", url)
    return Todo(line.tone, chip, title, reason, url, "预约谈话", book)


def _is_ahead(talk: Talk, now: datetime) -> bool:
    """Whether it is booked for today and its hour has not come yet."""
    is_today = talk.held_on == now.date() and talk.state == TalkState.PLANNED
    return is_today and (talk.starts_at is None or talk.starts_at > now.time())


def _is_to_record(line: TalkLine, now: datetime) -> bool:
    """Whether its hour has come and this account is to write the record."""
    is_over = line.talk.held_on <= now.date() and not _is_ahead(line.talk, now)
    return line.talk.state in _AHEAD and is_over and line.writes


def _my_talks(account: Account, today: date) -> list[TalkLine]:
    """The talks that are ahead, to be recorded, or to be confirmed; the earliest first.

    The account's own, and those whose record is its to write.
    """
    if not account.member_id:
        return []
    taking_part = Participant.objects.filter(talk=OuterRef("pk"), member=account.member_id)
    open_ones = Talk.objects.filter(state__in=[*_AHEAD, TalkState.RECORDED])
    written = set(open_ones.filter(written_by(account, today=today)).values_list("pk", flat=True))
    rows = (
        open_ones.filter(Q(pk__in=written) | Exists(taking_part))
        .defer("topic", "content", "cancel_reason")
        .order_by("held_on", "starts_at", "code")
        .prefetch_related(PEOPLE)
    )
    return [line_of(talk, account, writes=talk.pk in written) for talk in rows]


def _waits_for(talk: Talk, account: Account) -> bool:
    """Whether the record waits for this account's confirmation."""
    return talk.state == TalkState.RECORDED and any(
        row.side == Side.SUBJECT and row.member_id == account.member_id and not row.confirmed_at
        for row in talk.participants.all()
    )


def _waits_for_others(line: TalkLine) -> bool:
    """Whether a record that is this account's to write waits for somebody's confirmation."""
    return line.talk.state == TalkState.RECORDED and line.writes


def _wait(line: TalkLine, today: date) -> Wait:
    rows = line.talk.participants.all()
    who = "、".join(row.member.name for row in rows if row.side == Side.SUBJECT and not row.confirmed_at)
    since = line.talk.recorded_at or line.talk.entered_at
    return Wait(line, who, (today - timezone.localtime(since).date()).days)


def _about_me(worklist: Worklist) -> Duties:
    """What a member sees as his own: the duties that name him."""
    me = worklist.account.member_id
    return worklist.rows.filter(Q(subject=me) | Q(counterpart=me)) if me else worklist.rows.none()


def _is_leader(account: Account, today: date) -> bool:
    posts = Post.objects.in_force(today).filter(Q(is_team=True) | Q(is_head=True), member=account.member_id)
    return bool(account.member_id) and posts.exists()


def _overview(
    account: Account, worklist: Worklist, standing: Standing, today: date
) -> tuple[OverviewRow, ...]:
    """For staff and inspectors, and for who leads an organisation with others below it."""
    if not (standing.staff or standing.inspected or standing.led):
        return ()
    rows = overview(account, worklist, today=today)
    return rows if len(rows) > 1 or standing.staff or standing.inspected else ()


def _organisation_line(standing: Standing) -> str:
    """The organisations whose work this is: led ones, else of the team, else all of one's own."""
    places = standing.led or standing.team or standing.own or (*standing.staff, *standing.inspected)
    names = dict(Organisation.objects.filter(pk__in=[place.pk for place in places]).values_list("pk", "name"))
    return "、".join(names[place.pk] for place in places)


def _list_of(tone: str) -> str:
    return f"{reverse('duties')}?{urlencode({'state': tone, 'mine': 'on'})}"
