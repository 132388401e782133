"""Who is booked already for that time: the database refuses it, here it is put into words."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, time

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from members.models import Member
from talks.models import Engagement, Talk
from talks.rules.hours import span_of

# The constraint of PostgreSQL and the trigger of SQLite (migration 0018).
GUARD = "engagement_in_one_place"

ENGAGED = "{names}在这段时间已有其他谈话安排，请改约其他时间。"
SOMEBODY = "有参加人"


@contextmanager
def refusing_clashes(
    *, talk: Talk, persons: Collection[int], held_on: date, starts_at: time | None, ends_at: time | None
) -> Iterator[None]:
    """Takes back what is written inside where one of the persons (primary keys) is engaged at that time.

    ValidationError then, which names who is engaged and nothing of the other talk, of which the one who books
    may not know. Of two who book the same person at the same moment the second waits for the first.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if GUARD not in str(error):
            raise
        span = span_of(starts_at, ends_at)
        others = Engagement.objects.exclude(talk=talk.pk).filter(held_on=held_on, member__in=persons)
        engaged = others.meeting_with(*span).values("member") if span else others.none().values("member")
        names = Member.objects.filter(pk__in=engaged).order_by("code").values_list("name", flat=True)
        text = ENGAGED.format(names="、".join(names) or SOMEBODY)
        raise ValidationError(text, code="starts_at") from error
