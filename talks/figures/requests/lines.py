"""How requests stand, as rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, DateField, F, IntegerField, Value, When

from members.models import Account
from talks.figures.facts import load_calendar
from talks.figures.requests.limits import request_limits
from talks.models import Handover, TalkRequest
from talks.models.requests import COUNTING, OPEN, TalkRequestQuerySet
from talks.permissions import known_requests
from talks.rules.calendar import Calendar
from talks.rules.requests import RequestState

NEAR = 1  # of the answer, whose limit is three working days
CHIPS = {
    RequestState.ACCEPTED: ("scheduled", "已约定"),
    RequestState.PROPOSED: ("pending", "待选时间"),
    RequestState.HELD: ("done", "已谈"),
    RequestState.HANDED_OVER: ("waived", "已转交"),
    RequestState.TAKEN_BACK: ("waived", "已撤回"),
}


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

    @property
    def wish(self) -> str:
        """When he would talk; what a workbook brought in may say anything, and is read by the two alone."""
        return "" if self.deputises and not self.request.sent_at else self.request.wished_time


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
        # What has waited longest is due first; of the others the newest stand first.
        .annotate(longest=Case(When(rank=0, then=F("asked_on")), output_field=DateField()))
        .order_by("rank", F("longest").asc(nulls_last=True), "-asked_on", "-pk")
        .select_related("requester", "asked", "talk")
        .defer("reason", "talk__topic", "talk__content", "talk__cancel_reason")
    )


def request_lines(
    account: Account, requests: Iterable[TalkRequest], *, today: date, calendar: Calendar | None = None
) -> list[RequestLine]:
    """The requests as rows; one query, for the calendar."""
    calendar = calendar or load_calendar()
    return [line_of_request(account, request, today, calendar) for request in requests]


def line_of_request(account: Account, request: TalkRequest, today: date, calendar: Calendar) -> RequestLine:
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
        if request.talk and request.talk.state in COUNTING:
            sentence = "您请求过更正谈话记录，确认后办结" if is_mine else "对方请求过更正谈话记录，确认后办结"
        if hold_due < today:
            tone, chip = "overdue", "超期未谈"
    deputises = not is_mine and request.asked_id != account.member_id
    who = f"约{request.asked.name}" if is_mine else f"{request.requester.name}申请约谈"
    if deputises:
        who = f"{request.requester.name}约{request.asked.name}，由您代为答复"
    return RequestLine(request, is_mine, who, tone, chip, sentence, answer_due, hold_due, deputises)


def state_of(request: TalkRequest) -> RequestState:
    """Its state; a talk that is recorded is held, whether or not it has been noted.

    Of what was asked on screen it is noted at once; accepted still, its record is contested.
    """
    is_contested = request.sent_at and request.state == RequestState.ACCEPTED
    if request.talk and request.talk.state in COUNTING and not is_contested:
        return RequestState.HELD
    return RequestState(request.state)


def waiting_handover(request: TalkRequest) -> Handover | None:
    """The handing over that waits for the requester's word."""
    found = Handover.objects.filter(request=request, answered_at=None).select_related("colleague")
    return found.defer("reason").first()


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _hour(request: TalkRequest) -> str:
    hour = request.talk.starts_at if request.talk else None
    return f"{hour.hour}:{hour.minute:02d}" if hour else ""
