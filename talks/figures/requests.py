"""约谈 as it is shown: whom one may ask, how each request stands, and the numbers of organisations."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Value, When
from django.urls import reverse

from branches.models import Organisation
from members.models import Account, Liaison, Member, Post
from members.permissions import leading_posts
from talks.figures.facts import load_calendar
from talks.figures.slots import free_times
from talks.models import Deputy, Handover, RequestNotice, TalkRequest
from talks.models.requests import COUNTING, OPEN, TalkRequestQuerySet
from talks.permissions import deputies_today, known_requests
from talks.rules.calendar import Calendar
from talks.rules.chasing import standing_words
from talks.rules.requests import Limits, RequestState
from talks.rules.slots import Slot

NEAR = 1  # of the answer, whose limit is three working days
SHOWN_SLOTS = 2
SHOWN_ABOVE = 3
CHIPS = {
    RequestState.ACCEPTED: ("scheduled", "已约定"),
    RequestState.PROPOSED: ("pending", "待选时间"),
    RequestState.HELD: ("done", "已谈"),
    RequestState.HANDED_OVER: ("waived", "已转交"),
    RequestState.TAKEN_BACK: ("waived", "已撤回"),
}


def request_limits() -> Limits:
    """The limits as they are set."""
    return Limits(answer=settings.REQUEST_ANSWER_DAYS, hold=settings.REQUEST_HOLD_DAYS)


# --- whom one may ask ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeaderCard:
    """A leader as who would ask him sees him: name, posts, next free times; who answers while he is away."""

    code: str
    name: str
    posts: str
    slots: tuple[Slot, ...] = ()
    away: str = ""


@dataclass(frozen=True, slots=True)
class LeaderGroup:
    """The leaders of one organisation; in the member's own his liaison stands first.

    Of an organisation above only the first are shown at once.
    """

    name: str
    first: tuple[LeaderCard, ...]
    others: tuple[LeaderCard, ...] = ()


def leader_groups(account: Account, *, now: datetime, who: str = "") -> list[LeaderGroup]:
    """Whom the account may ask, by organisation, the nearest first; a constant number of queries.

    `now` is local time without a zone, `who` narrows by name, pinyin or initials.
    """
    today = now.date()
    posts = leading_posts(account, today=today).select_related("member", "organisation")
    if who.strip():
        posts = posts.filter(member__in=Member.objects.named_like(who).values("pk"))
    rows = list(posts)
    leaders = {post.member_id for post in rows}
    free = free_times(leaders, requester=account.member_id, now=now, until=request_limits().hold_due(today))
    liaisons = set(
        Liaison.objects.in_force(today)
        .filter(member=account.member_id, committee_member__in=leaders)
        .values_list("committee_member", flat=True)
    )
    away = away_words(leaders, today)
    titles: dict[int, list[str]] = {}
    for post in rows:
        titles.setdefault(post.member_id, []).append(post.title)
    groups: dict[str, list[LeaderCard]] = {post.organisation.name: [] for post in rows}
    shown: set[int] = set()
    # Who leads in several organisations stands in the nearest; of the member's own his liaison comes first.
    for post in sorted(rows, key=lambda row: row.member_id not in liaisons):
        if post.member_id in shown:
            continue
        shown.add(post.member_id)
        words = titles[post.member_id] + ["您的联系委员"] * (post.member_id in liaisons)
        groups[post.organisation.name].append(
            LeaderCard(
                code=post.member.code,
                name=post.member.name,
                posts="，".join(words),
                slots=tuple(free[post.member_id][:SHOWN_SLOTS]),
                away=away.get(post.member_id, ""),
            )
        )
    found = [(name, tuple(cards)) for name, cards in groups.items() if cards]
    most = len(rows) if who.strip() else SHOWN_ABOVE
    return [
        LeaderGroup(name, cards) if place == 0 else LeaderGroup(name, cards[:most], cards[most:])
        for place, (name, cards) in enumerate(found)
    ]


def card_of(account: Account, member: Member, *, today: date) -> LeaderCard:
    """The leader without his times."""
    posts = leading_posts(account, today=today).filter(member=member).values_list("title", flat=True)
    away = away_words([member.pk], today).get(member.pk, "")
    return LeaderCard(member.code, member.name, "、".join(posts), away=away)


def away_words(leaders: Collection[int], today: date) -> dict[int, str]:
    """Of each leader who is away today: until when, and who answers."""
    rows = deputies_today(today=today).filter(leader__in=leaders).select_related("deputy")
    return {
        row.leader_id: f"外出至{row.last.month}月{row.last.day}日，由{row.deputy.name}代为答复"
        for row in rows
    }


# --- how requests stand -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request as a row, from the side of who looks."""

    request: TalkRequest
    is_mine: bool
    title: str
    tone: str
    chip: str
    sentence: str
    answer_due: date
    hold_due: date
    deputises: bool = False


def listed_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Those that the account knows: to be done by it first, then open ones, then the others, newest first."""
    mine = account.member_id
    rank = Case(
        When(state=RequestState.WAITING.value, requester=mine, then=Value(1)),
        When(state=RequestState.WAITING.value, then=Value(0)),
        When(state=RequestState.PROPOSED.value, requester=mine, then=Value(0)),
        When(state__in=OPEN, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        known_requests(account, today=today)
        .annotate(rank=rank)
        .order_by("rank", "-asked_on", "-pk")
        .select_related("requester", "asked", "talk")
        .defer("reason", "talk__topic", "talk__content", "talk__cancel_reason")
    )


def request_lines(
    account: Account, requests: Iterable[TalkRequest], *, today: date, calendar: Calendar | None = None
) -> list[RequestLine]:
    """The requests as rows; one query, for the calendar."""
    calendar = calendar or load_calendar()
    return [_line(account, request, today, calendar) for request in requests]


def _line(account: Account, request: TalkRequest, today: date, calendar: Calendar) -> RequestLine:
    set_ = request_limits()
    answer_due = set_.answer_due(request.since, calendar)
    hold_due = set_.hold_due(request.asked_on)
    is_mine = request.requester_id == account.member_id
    state = state_of(request)
    tone, chip = CHIPS.get(state, ("pending", "待答复"))
    sentence = ""
    if state is RequestState.WAITING:
        left = (answer_due - today).days
        tone = "overdue" if left < 0 else "near" if left <= NEAR else "pending"
        sentence = f"{'对方应' if is_mine else '应'}于{_day(answer_due)}前答复"
        if tone == "overdue":
            chip = "逾期未答复"
    elif state in (RequestState.ACCEPTED, RequestState.PROPOSED):
        sentence = f"应于{_day(hold_due)}前谈"
        if request.talk:
            sentence = f"定于{_day(request.talk.held_on)}{_hour(request)}谈"
        if hold_due < today:
            tone, chip = "overdue", "超期未谈"
    deputises = not is_mine and request.asked_id != account.member_id
    who = f"约{request.asked.name}" if is_mine else f"{request.requester.name}申请约谈"
    if deputises:
        who = f"{request.requester.name}约{request.asked.name}，由您代为答复"
    return RequestLine(request, is_mine, who, tone, chip, sentence, answer_due, hold_due, deputises)


def state_of(request: TalkRequest) -> RequestState:
    """Its state; a talk that is recorded is held, whether or not it has been noted."""
    if request.talk and request.talk.state in COUNTING:
        return RequestState.HELD
    return RequestState(request.state)


# --- numbers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """约谈 of one organisation in a year, as numbers; nobody is named and no reason is told."""

    organisation: Organisation | None = None
    asked: int = 0
    waiting: int = 0
    answered_late: int = 0
    answer_overdue: int = 0
    held: int = 0
    held_late: int = 0
    hold_overdue: int = 0
    handed_over: int = 0
    taken_back: int = 0

    def __add__(self, other: "RequestCounts") -> "RequestCounts":
        return RequestCounts(
            None,
            *(
                getattr(self, name) + getattr(other, name)
                for name in RequestCounts.__slots__
                if name != "organisation"
            ),
        )


def request_counts(found: TalkRequestQuerySet, *, year: int, today: date) -> list[RequestCounts]:
    """The requests of the year, by the organisation whose leader was asked; two queries and the calendar.

    A request that was handed over is counted with each leader, its talk with the last. Rows are summed in
    the database by the days that decide, whatever their number.
    """
    calendar, set_ = load_calendar(), request_limits()
    held = Exists(TalkRequest.objects.filter(pk=OuterRef("pk"), talk__state__in=COUNTING))
    days = (
        found.filter(asked_on__year=year)
        .placed()
        .annotate(is_held=held)
        .order_by()
        .values_list("place", "state", "asked_on", "waiting_since", "answered_on", "is_held", "talk__held_on")
        .annotate(number=Count("pk"))
    )
    tallies: dict[int, Counter[str]] = {}
    for place, state, asked_on, waiting_since, answered_on, is_held, held_on, number in days:
        counts = tallies.setdefault(place, Counter())
        counts["asked"] += number
        since = waiting_since or asked_on
        hold_due = set_.hold_due(asked_on)
        if state == RequestState.HANDED_OVER:
            counts["handed_over"] += number
        elif state == RequestState.TAKEN_BACK:
            counts["taken_back"] += number
        elif is_held or state == RequestState.HELD:
            counts["held"] += number
            counts["held_late"] += number * bool(held_on and held_on > hold_due)
        else:
            counts["hold_overdue"] += number * (today > hold_due)
            if state == RequestState.WAITING:
                counts["waiting"] += number
                counts["answer_overdue"] += number * (today > set_.answer_due(since, calendar))
        if answered_on and state != RequestState.TAKEN_BACK:
            counts["answered_late"] += number * (answered_on > set_.answer_due(asked_on, calendar))
    places = Organisation.objects.filter(pk__in=tallies).order_by("path")
    return [RequestCounts(place, **tallies[place.pk]) for place in places]


# --- notices ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestNoticeLine:
    """One notice as a row; who only oversees is told neither whose nor why."""

    pk: int
    sentence: str
    url: str
    noticed_on: date
    is_unread: bool


def unread_requests(account: Account) -> int:
    """Of how many requests the account has a notice to read; one query."""
    if not account.member_id:
        return 0
    unread = RequestNotice.objects.unread().filter(member=account.member_id)
    found = unread.aggregate(number=Count("request", distinct=True))
    return int(found["number"])


def request_notice_lines(account: Account, *, today: date, most: int) -> list[RequestNoticeLine]:
    """The newest notice of each request that goes on, unread ones first."""
    if not account.member_id:
        return []
    mine = RequestNotice.objects.filter(
        member=account.member_id, request__in=TalkRequest.objects.open().order_by().values("pk")
    )
    later = mine.filter(request=OuterRef("request"), pk__gt=OuterRef("pk"))
    newest = (
        mine.exclude(Exists(later))
        .select_related("request__requester", "request__asked", "request__talk")
        .defer("request__reason", "request__talk__topic", "request__talk__content")
        .order_by(F("read_at").desc(nulls_first=True), "-pk")[:most]
    )
    known = set(known_requests(account, today=today).values_list("pk", flat=True))
    calendar = load_calendar()
    return [_notice_line(account, notice, today, calendar, known) for notice in newest]


def _notice_line(
    account: Account, notice: RequestNotice, today: date, calendar: Calendar, known: set[int]
) -> RequestNoticeLine:
    request, kinds = notice.request, RequestNotice.Kind
    if request.pk not in known:
        what = "没有答复" if notice.kind == kinds.ANSWER else "没有谈"
        sentence, url = f"所属党组织有约谈申请超过期限{what}", reverse("request-figures")
    else:
        line = _line(account, request, today, calendar)
        url = reverse("request", args=[request.code])
        whose = f"约{request.asked.name}同志" if line.is_mine else f"{request.requester.name}同志的约谈"
        sentence = {
            kinds.PROPOSED: f"{request.asked.name}同志另约了时间，请您选定",
            kinds.HANDOVER: f"{request.asked.name}同志希望转交您的约谈，请您决定",
        }.get(kinds(notice.kind), "")
        if line.is_mine and not sentence:
            sentence = f"{whose}的申请{line.sentence or line.chip}"
        elif not sentence:
            due_on = line.answer_due if request.state == RequestState.WAITING else line.hold_due
            verb = "等待答复，" if request.state == RequestState.WAITING else ""
            sentence = f"{whose}{verb}{standing_words(due_on, today)}"
    return RequestNoticeLine(notice.pk, sentence, url, notice.noticed_on, notice.read_at is None)


# --- parts of one request -----------------------------------------------------------------------------------


def waiting_handover(request: TalkRequest) -> Handover | None:
    """The handing over that waits for the requester's word."""
    found = Handover.objects.filter(request=request, answered_at=None).select_related("colleague")
    return found.defer("reason").first()


def colleague_choices(posts: Iterable[Post]) -> list[tuple[str, str]]:
    """Code and name with posts, each person once."""
    titles: dict[str, str] = {}
    for post in posts:
        there = titles.get(post.member.code)
        titles[post.member.code] = f"{there}、{post.title}" if there else f"{post.member.name}，{post.title}"
    return list(titles.items())


def deputies_of(account: Account, today: date) -> list[Deputy]:
    """Those that the account's member has named, whose days are not over."""
    rows = Deputy.objects.filter(leader=account.member_id, until__gt=today)
    return list(rows.select_related("deputy").order_by("since"))


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _hour(request: TalkRequest) -> str:
    hour = request.talk.starts_at if request.talk else None
    return f"{hour.hour}:{hour.minute:02d}" if hour else ""
