"""What waits beside the duties: 约谈 for an answer or a decision, remedies whose limit is near."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch

from members.models import Account
from talks.figures.requests import RequestLine, request_lines
from talks.figures.worklist import NEAR_DAYS
from talks.models import Handover, Participant, Remedy
from talks.permissions import followed_remedies, is_in_open_requests, known_requests
from talks.rules.requests import RequestState
from talks.rules.words import TalkState

# Whose talks may still have remedies to be seen to: what is 办结 has none.
_UNDER_WAY = (TalkState.RECORDED.value, TalkState.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """One remedy whose limit is near or past; its text stays sealed."""

    remedy: Remedy
    due_on: date
    days: int


def waiting_requests(
    account: Account, *, today: date
) -> tuple[tuple[RequestLine, ...], tuple[RequestLine, ...]]:
    """约谈 that wait for the account, and those of its own that wait for others; the longest first.

    For the account: to be answered by it, its own with a time to pick or a handing over to decide, and those
    whose talk is past its limit. Two queries, where there are any, after those that tell so.
    """
    if not is_in_open_requests(account, today=today):
        return (), ()
    found = (
        known_requests(account, today=today)
        .open()
        .annotate(is_offered=Exists(Handover.objects.filter(request=OuterRef("pk"), answered_at=None)))
        .select_related("requester", "asked", "talk")
        .defer("reason", "talk__topic", "talk__content", "talk__cancel_reason")
        .order_by("asked_on", "code")
    )
    lines = request_lines(account, found, today=today)
    mine = tuple(line for line in lines if _is_to_do(line))
    waits = (line for line in lines if line.is_mine and line.request.state == RequestState.WAITING)
    return mine, tuple(line for line in waits if line not in mine)


def _is_to_do(line: RequestLine) -> bool:
    state = line.request.state
    if line.is_mine:
        is_to_pick = state == RequestState.PROPOSED and not line.request.talk
        return is_to_pick or bool(getattr(line.request, "is_offered", False))
    return state == RequestState.WAITING or (line.tone == "overdue" and not line.deputises)


def near_remedies(account: Account, *, today: date, most: int) -> tuple[tuple[RemedyLine, ...], int]:
    """The remedies that the account sees to and that are due within seven days or overdue; and how many."""
    people = Prefetch(
        "talk__participants", Participant.objects.select_related("member").order_by("side", "pk")
    )
    rows = (
        followed_remedies(account, today=today)
        .filter(settled_on=None, due_on__lte=today + timedelta(NEAR_DAYS), talk__state__in=_UNDER_WAY)
        .select_related("owner", "talk")
        .defer("text", "talk__topic", "talk__content", "talk__cancel_reason")
        .order_by("due_on", "talk__code", "number")
    )
    number = rows.count()
    found = rows.prefetch_related(people)[:most] if number else ()
    lines = (RemedyLine(row, row.due_on, (row.due_on - today).days) for row in found if row.due_on)
    return tuple(lines), number
