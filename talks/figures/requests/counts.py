"""约谈 as numbers of organisations."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Count, ExpressionWrapper
from django.db.models.functions import Coalesce

from branches.models import Organisation
from members.models import Account
from members.permissions import reported_organisations
from talks.figures.facts import load_calendar
from talks.figures.requests.limits import request_limits
from talks.models.requests import TalkRequestQuerySet, was_held
from talks.permissions import counted_requests
from talks.rules.requests import RequestState

COLUMNS = (
    *("place", "state", "asked_on", "waiting_since", "begun_on", "answered_on"),
    *("is_held", "talk__held_on"),
)


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


def request_total(account: Account, *, year: int, today: date) -> RequestCounts | None:
    """All that the account may count in the year; None for who answers for no organisation."""
    if not reported_organisations(account, today=today).exists():
        return None
    counts = request_counts(counted_requests(account, today=today), year=year, today=today)
    return sum(counts, RequestCounts())


def request_counts(found: TalkRequestQuerySet, *, year: int, today: date) -> list[RequestCounts]:
    """The requests of the year, by the organisation whose leader was asked; two queries and the calendar.

    A request that was handed over is counted with each leader, its talk with the last. Rows are summed in
    the database by the days that decide, whatever their number.
    """
    held = ExpressionWrapper(was_held(), output_field=BooleanField())
    days = (
        found.filter(asked_on__year=year)
        .placed()
        .annotate(is_held=held)
        .order_by()
        .annotate(begun_on=Coalesce("answered_since", "asked_on"))
        .values_list(*COLUMNS)
        .annotate(number=Count("pk"))
    )
    rows = list(days)
    if not rows:
        return []
    calendar, set_ = load_calendar(), request_limits()
    tallies: dict[int, Counter[str]] = {}
    for place, state, asked_on, waiting_since, begun_on, answered_on, is_held, held_on, number in rows:
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
            counts["answered_late"] += number * (answered_on > set_.answer_due(begun_on, calendar))
    places = Organisation.objects.filter(pk__in=tallies).order_by("path")
    return [RequestCounts(place, **tallies[place.pk]) for place in places]
