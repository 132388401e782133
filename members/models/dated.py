"""What all dated facts share: in force from `since` until, and without, `until` (rules.md section 1)."""

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, OuterRef, Q

from branches.models import RANGE_EMPTY

Row = TypeVar("Row", bound=models.Model)


def in_force(day: date | F | OuterRef, prefix: str = "") -> Q:
    """The condition that a dated fact, reached over `prefix`, is in force on the day.

    The day may be a column of the same query or of the outer one.
    """
    return (Q(**{f"{prefix}since": None}) | Q(**{f"{prefix}since__lte": day})) & (
        Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gt": day})
    )


def shares_a_day(since: date | None, until: date | None) -> Q:
    """The condition that a dated fact is in force on some day from `since` until, and without, `until`."""
    begins = Q(since=None) | Q(since__lt=until) if until else Q()
    ends = Q(until=None) | Q(until__gt=since) if since else Q()
    return begins & ends


def covers_a_day(name: str) -> models.CheckConstraint:
    """The constraint that the range holds at least one day."""
    return models.CheckConstraint(
        name=name,
        condition=Q(since=None) | Q(until=None) | Q(until__gt=F("since")),
        violation_error_message=RANGE_EMPTY,
    )


class DatedQuerySet(models.QuerySet[Row]):
    """Rows with `since` and `until`."""

    def in_force(self, day: date) -> Self:
        """Rows in force on the day: since <= day and (until is empty or day < until)."""
        return self.filter(in_force(day))
