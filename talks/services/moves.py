"""改期: a booked talk goes to another day or hour, its persons stay."""

from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction

from talks.models import Talk
from talks.services.appointments import refuse_earlier, refuse_too_far, tell_moved
from talks.services.engagements import refusing_clashes
from talks.services.life import take_step
from talks.services.talks import Circumstances, mark_participants, persons_of, refuse_times
from vault.services import Actor, enter_trail

DAY_IS_OVER = "这一天已经过去，请改到今天或以后的日期。"


@transaction.atomic
def move_talk(
    *,
    actor: Actor,
    at: datetime,
    today: date,
    talk: Talk,
    revision: int,
    held_on: date,
    starts_at: time | None,
    ends_at: time | None,
) -> None:
    """Puts a booked talk on another day or hour; without an hour it is booked for the day alone.

    Of a 约谈 the other one is told. ValidationError where the day is over, a 约谈 would be held before it was
    agreed or after its limit, the end lies before the start, one of its persons is engaged at that time, or
    the talk has changed since `revision` or is recorded or cancelled.
    """
    if held_on < today:
        raise ValidationError(DAY_IS_OVER, code="held_on")
    refuse_times(circumstances=Circumstances(held_on=held_on, starts_at=starts_at, ends_at=ends_at))
    refuse_earlier(talk=talk, held_on=held_on, starts_at=starts_at)
    refuse_too_far(talk=talk, held_on=held_on, at=at)
    hours = {"held_on": held_on, "starts_at": starts_at, "ends_at": ends_at}
    with refusing_clashes(
        talk=talk, persons=persons_of(talk=talk), held_on=held_on, starts_at=starts_at, ends_at=ends_at
    ):
        take_step(talk=talk, revision=revision, to=None, **hours)
    mark_participants(talk=talk, at=at)
    tell_moved(talk=talk, actor=actor, at=at)
    enter_trail(actor=actor, at=at, action="改期", target_kind="谈话", target=talk.code)
