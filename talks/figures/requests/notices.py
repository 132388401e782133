"""提醒 of 约谈 as their addressee reads them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from members.models import Account
from talks.figures.facts import load_calendar
from talks.figures.requests.lines import line_of_request
from talks.models import RequestNotice, TalkRequest
from talks.models.requests import RequestNoticeQuerySet
from talks.permissions import counted_requests, known_requests, visible_request_notices
from talks.rules.calendar import Calendar
from talks.rules.chasing import TO_PRINCIPALS, standing_words
from talks.rules.requests import LEFT, RequestState

LIMITS = (RequestNotice.Kind.ANSWER, RequestNotice.Kind.HOLD)


@dataclass(frozen=True, slots=True)
class RequestNoticeLine:
    """One notice as a row; who only oversees is told neither whose nor why."""

    pk: int
    sentence: str
    url: str
    noticed_on: date
    is_unread: bool


def unread_requests(account: Account, *, today: date) -> int:
    """Of how many requests the account has a notice to read; one plain query where there is none."""
    # Whether the request goes on is asked where there is a notice not read at all: mostly there is none.
    if not visible_request_notices(account, today=today).filter(read_at=None).exists():
        return 0
    found = _told(account, today).unread().aggregate(number=Count("request", distinct=True))
    return int(found["number"])


def request_notice_lines(
    account: Account, *, today: date, most: int, shown: str = ""
) -> list[RequestNoticeLine]:
    """The newest notice of each request that goes on, unread ones first; `shown`: unread, read or all."""
    # Most have none: that is one plain query.
    if not visible_request_notices(account, today=today).exists():
        return []
    mine = _told(account, today).filter(request__in=TalkRequest.objects.open().order_by().values("pk"))
    if shown:
        mine = mine.filter(read_at__isnull=shown == "unread")
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


def _told(account: Account, today: date) -> RequestNoticeQuerySet:
    """Those to the account that still concern it: whose deputy's days are over, he is told no more."""
    known = Q(request__in=known_requests(account, today=today).order_by().values("pk"))
    counted = counted_requests(account, today=today).order_by().values("pk")
    overseen = Q(kind__in=LIMITS, step__gte=TO_PRINCIPALS, request__in=counted)
    return visible_request_notices(account, today=today).filter(known | overseen)


def _notice_line(
    account: Account, notice: RequestNotice, today: date, calendar: Calendar, known: set[int]
) -> RequestNoticeLine:
    request, kinds = notice.request, RequestNotice.Kind
    if request.pk not in known:
        what = "没有答复" if notice.kind == kinds.ANSWER else "没有谈"
        sentence, url = f"所属党组织有约谈申请超过期限{what}", reverse("request-figures")
    else:
        line = line_of_request(account, request, today, calendar)
        url = reverse("request", args=[request.code])
        whose = f"约{request.asked.name}同志" if line.is_mine else f"{request.requester.name}同志的约谈"
        sentence = {
            kinds.PROPOSED: f"{request.asked.name}同志另约了时间，请您选定",
            kinds.HANDOVER: f"{request.asked.name}同志希望转交您的约谈，请您决定",
            kinds.LEFT: LEFT.format(name=request.asked.name),
        }.get(kinds(notice.kind), "")
        if line.is_mine and not sentence:
            sentence = f"{whose}的申请{line.sentence or line.chip}"
        elif not sentence:
            due_on = line.answer_due if request.state == RequestState.WAITING else line.hold_due
            verb = "等待答复，" if request.state == RequestState.WAITING else ""
            sentence = f"{whose}{verb}{standing_words(due_on, today)}"
    return RequestNoticeLine(notice.pk, sentence, url, notice.noticed_on, notice.read_at is None)
