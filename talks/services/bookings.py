"""Several talks booked at once: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.models import Account, Member
from talks.models import Talk
from talks.services.talks import Circumstances, Persons, plan_talk, refuse_twice
from vault.services import Actor


@dataclass(frozen=True, slots=True)
class Booking:
    """One talk that is to be booked with others."""

    persons: Persons
    circumstances: Circumstances


@transaction.atomic
def plan_talks(
    *, actor: Actor, at: datetime, booked_by: Account | None, bookings: Sequence[Booking]
) -> list[Talk]:
    """Books all of the talks, in their order, or none.

    ValidationError with what was refused of each by its place ("0", "1" …): also somebody who is engaged by
    another of these talks. All places are tried, so that all refusals are told at once.
    """
    _await_others(bookings)
    talks: list[Talk] = []
    refused: dict[str, ValidationError] = {}
    for place, booking in enumerate(bookings):
        try:
            refuse_twice(persons=booking.persons, circumstances=booking.circumstances)
            talks.append(
                plan_talk(
                    actor=actor,
                    at=at,
                    booked_by=booked_by,
                    persons=booking.persons,
                    circumstances=booking.circumstances,
                )
            )
        except ValidationError as error:
            refused[str(place)] = error
    if refused:
        raise ValidationError(dict(refused))
    return talks


def _await_others(bookings: Sequence[Booking]) -> None:
    """Of two who book several talks of the same persons at once the second waits for the first.

    One talk engages its persons in one order (migration 0018); several do not, and would wait in a circle.
    """
    people = {member.pk for one in bookings for member in (*one.persons.talkers, *one.persons.subjects)}
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
    list(rows.values_list("pk", flat=True))
