"""Which organisations' duties are out of date, and what stands in their rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, F, Min, Q, QuerySet, Subquery, Value, When
from django.db.models.lookups import GreaterThan

from branches.models import Organisation, Stale
from branches.models import OrganisationQuerySet as Organisations
from talks.models import Duty, DutySum, LedgerTalk, Reconciliation, Reliance
from talks.rules.keeping import CLOSED_YEARS

# What a row is known by, and what else may change in it.
KEY = ("organisation_id", "version", "anchor", "persons")
KEPT = (
    *("opens_on", "due_on", "group", "group_at_id", "responsible_id", "responsible_at_id"),
    *("met_by_id", "met_on", "planned_id", "planned_on", "waived_on", "withdrawn_on", "withdrawal"),
)
SUM_KEY = ("organisation_id", "rule", "year", "is_meeting", "due_on")
SUMMED = ("owed", "done", "late", "planned", "waived")
WITHDRAWN_ON = KEPT.index("withdrawn_on")


def out_of_date(today: date) -> Organisations:
    """Organisations whose duties are marked, or may have changed by time alone since they were reconciled.

    Marked is also who relies on the posts of an organisation in which they have changed.
    """
    return Organisation.objects.filter(pk__in=_behind(today))


def first_out_of_date(today: date, most: int) -> list[int]:
    """The primary keys of so many of `out_of_date`, in no order: mostly there is none at all."""
    return list(_behind(today)[:most])


def _behind(today: date) -> QuerySet[Any, int]:
    """The primary keys of `out_of_date`."""
    passed_on = Stale.objects.filter(reaches_others=True).values("organisation")
    kept = Reconciliation.objects.order_by()
    # Each found by an index of its own, mostly none: together the database would try every organisation.
    # One that was never reconciled is looked for only where organisations are more than reconciliations.
    lacking = GreaterThan(_number(Organisation.objects.order_by()), _number(kept))
    never = Organisation.objects.order_by().filter(lacking, reconciliation=None)
    return never.values_list("pk", flat=True).union(
        kept.filter(next_on__lte=today).values_list("organisation", flat=True),
        kept.filter(as_of__gt=today).values_list("organisation", flat=True),
        Stale.objects.order_by().values_list("organisation", flat=True),
        Reliance.objects.order_by().filter(on__in=passed_on).values_list("organisation", flat=True),
    )


def _number(rows: QuerySet[Any]) -> Subquery:
    """How many rows there are, for a comparison in the database."""
    return Subquery(rows.values(of_all=Value(1)).annotate(number=Count("pk")).values("number"))


def is_out_of_date(organisation: int, today: date) -> bool:
    """As `out_of_date`, of one organisation (primary key), which is looked at by itself."""
    marks = Stale.objects.filter(organisation=organisation)
    passed_on = Stale.objects.filter(reaches_others=True).values("organisation")
    relied_on = Reliance.objects.filter(organisation=organisation, on__in=passed_on)
    current = Reconciliation.objects.filter(pk=organisation, next_on__gt=today, as_of__lte=today)
    return not current.filter(~Exists(marks), ~Exists(relied_on)).exists()


def as_of_when(organisations: QuerySet[Organisation], today: date) -> date | None:
    """The earliest day as of which one of the organisations' duties stand; None: all stand as of today."""
    behind = out_of_date(today).filter(pk__in=organisations.values("pk"))
    found: date | None = behind.aggregate(day=Min("reconciliation__as_of"))["day"]
    return found


@dataclass(frozen=True, slots=True)
class StoredDuty:
    """A row as it stands: the values of KEPT."""

    pk: int
    values: tuple[Any, ...]

    @property
    def stands(self) -> bool:
        """Whether it is not withdrawn."""
        return self.values[WITHDRAWN_ON] is None


def stored_duties(organisations: Collection[int], today: date) -> dict[tuple[Any, ...], StoredDuty]:
    """By KEY the rows of the organisations (primary keys) that an evaluation of today is compared with.

    Left out: the periods of closed years, and what opens only after today, which
    is there when the clock was set back.
    """
    closed = Q(anchor__startswith="period:", year__lt=today.year - CLOSED_YEARS)
    rows = Duty.objects.order_by().filter(organisation__in=organisations, opens_on__lte=today).exclude(closed)
    columns = rows.values_list("pk", *KEY, *KEPT)
    end = 1 + len(KEY)
    return {row[1:end]: StoredDuty(row[0], row[end:]) for row in columns.iterator(chunk_size=5000)}


def counted_sums(organisations: Collection[int]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """What DutySum is to say of the organisations (primary keys): by SUM_KEY the values of SUMMED."""
    rows = Duty.objects.standing().order_by().filter(organisation__in=organisations, is_event=False)
    owed = Q(waived_on=None)
    counted = rows.annotate(is_meeting=Case(When(anchor__startswith="meeting:", then=True), default=False))
    found = counted.values_list("organisation", "rule", "year", "is_meeting", "due_on").annotate(
        owed=Count("pk", filter=owed),
        done=Count("pk", filter=owed & Q(met_on__lte=F("due_on"))),
        late=Count("pk", filter=owed & Q(met_on__gt=F("due_on"))),
        planned=Count("pk", filter=owed & Q(met_on=None, planned_on__isnull=False)),
        waived=Count("pk", filter=Q(waived_on__isnull=False)),
    )
    end = len(SUM_KEY)
    return {row[:end]: row[end:] for row in found}


def add_sums(sums: list[int], more: Iterable[int], sign: int = 1) -> None:
    """Adds the numbers to those that stand there, each to its own."""
    sums[:] = [a + sign * b for a, b in zip(sums, more, strict=True)]


class StoredSum(NamedTuple):
    """What DutySum says: the values of SUMMED; `under`: as in the row."""

    pk: int
    values: tuple[int, ...]
    under: str


def stored_sums(organisations: Collection[int]) -> dict[tuple[Any, ...], StoredSum]:
    """What it says of the organisations, by SUM_KEY."""
    rows = DutySum.objects.order_by().filter(organisation__in=organisations)
    columns = rows.values_list("pk", "under", *SUM_KEY, *SUMMED)
    end = 2 + len(SUM_KEY)
    return {row[2:end]: StoredSum(row[0], row[end:], row[1]) for row in columns}


def stored_reliances(organisations: Collection[int]) -> set[tuple[int, int]]:
    """The pairs (organisation, on) that stand."""
    rows = Reliance.objects.filter(organisation__in=organisations)
    return set(rows.values_list("organisation", "on"))


def stored_ledgers(organisations: Collection[int]) -> dict[tuple[int, int], int]:
    """What it says: by the pair (organisation, talk) the primary key."""
    rows = LedgerTalk.objects.filter(organisation__in=organisations)
    columns = rows.values_list("organisation", "talk", "pk")
    return {(organisation, talk): pk for organisation, talk, pk in columns.iterator(chunk_size=5000)}
