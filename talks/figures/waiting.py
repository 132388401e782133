"""What waits beside the duties: 约谈 requests for an answer, remedies whose limit is near."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from members.models import Account
from talks.figures.facts import load_calendar
from talks.figures.worklist import NEAR_DAYS
from talks.models import Participant, Remedy, Talk, TalkRequest
from talks.permissions import followed_remedies, visible_requests
from talks.rules.requests import WAITING, answer_by
from talks.rules.words import TalkState

# Whose talks may still have remedies to be seen to: what is 办结 has none.
_UNDER_WAY = (TalkState.RECORDED.value, TalkState.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One 约谈 request without an answer; what was written stays sealed."""

    request: TalkRequest
    answer_by: date
    days: int

    @property
    def is_late(self) -> bool:
        """Whether it should have been answered before today."""
        return self.days < 0


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """One remedy whose limit is near or past; its text stays sealed."""

    remedy: Remedy
    due_on: date
    days: int


def unanswered(account: Account, *, today: date) -> tuple[tuple[RequestLine, ...], tuple[RequestLine, ...]]:
    """The requests that wait for the account's answer, and those of its own that wait for others'.

    A talk that is arranged between the two since it was asked for is an answer.
    """
    talks = Talk.objects.exclude(state=TalkState.CANCELLED.value).filter(
        held_on__gte=OuterRef("asked_on"),
        participants__member=OuterRef("requester"),
        pk__in=Participant.objects.filter(member=OuterRef(OuterRef("asked"))).values("talk"),
    )
    rows: QuerySet[TalkRequest] = (
        visible_requests(account, today=today)
        .filter(~Exists(talks), state=WAITING, talk=None)
        .select_related("requester", "asked")
        .defer("reason", "requester__phone", "requester__identity_number", "asked__phone")
        .order_by("asked_on", "code")
    )
    found = list(rows)
    calendar = load_calendar() if found else None
    lines = []
    for row in found:
        assert calendar is not None
        limit = answer_by(row.asked_on, calendar)
        lines.append(RequestLine(row, limit, (limit - today).days))
    mine = tuple(line for line in lines if line.request.asked_id == account.member_id)
    return mine, tuple(line for line in lines if line.request.asked_id != account.member_id)


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
