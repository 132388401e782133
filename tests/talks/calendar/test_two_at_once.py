"""Two book or move a person to the same hour at once, in two real processes: one of them is refused."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection

from talks.models import Engagement, Talk
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World
from tests.processes import outcome, start

# Both have written their persons before either ends, unless the database keeps one away.
BOOK = """
import sys, time as clock
from datetime import UTC, date, datetime, time
from pathlib import Path
import django
django.setup()
from django.core.exceptions import ValidationError
from members.models import Member
from talks.services import moves, talks
from talks.models import Talk
from vault.services import Actor

mine, other, talker = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
at, day = datetime(2026, 3, 10, 2, tzinfo=UTC), date(2026, 3, 12)
known = {"actor": Actor("tests", ""), "at": at}

def meet():
    mine.touch()
    for _ in range(30):
        if other.exists():
            break
        clock.sleep(0.1)

write, step = talks._write_participants, moves.take_step

def write_slowly(*given):
    write(*given)
    meet()

def step_slowly(**given):
    step(**given)
    meet()

talks._write_participants, moves.take_step = write_slowly, step_slowly
try:
    if "move" in sys.argv:
        talk = Talk.objects.get(participants__member__code=talker)
        moves.move_talk(
            **known, today=day, talk=talk, revision=1, held_on=day, starts_at=time(9), ends_at=time(10)
        )
    else:
        talks.plan_talk(
            **known,
            booked_by=None,
            persons=talks.Persons(
                talkers=[Member.objects.get(code=talker)], subjects=[Member.objects.get(code="P013")]
            ),
            circumstances=talks.Circumstances(held_on=day, starts_at=time(9), ends_at=time(10)),
        )
    print("booked")
except ValidationError as error:
    print(*error.messages)
"""
REFUSED = "梁志强在这段时间已有其他谈话安排，请改约其他时间。"

pytestmark = pytest.mark.django_db(transaction=True)


def twice(folder: os.PathLike[str], *options: str) -> list[str]:
    """What two processes say that start together on the tests' database; P011 and P012 talk with P013."""
    places = [f"{folder}/one", f"{folder}/other"]
    processes = [
        start(BOOK, *ways, talker, *options) for ways, talker in ((places, "P011"), (places[::-1], "P012"))
    ]
    return sorted(outcome(process) for process in processes)


@contextmanager
def guard_taken_out() -> Iterator[None]:
    """The constraint, or the trigger, is gone meanwhile; what it would refuse goes before it comes back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conname = 'engagement_in_one_place'"
            )
            again = (
                "ALTER TABLE talks_engagement ADD CONSTRAINT engagement_in_one_place " + cursor.fetchone()[0]
            )
            cursor.execute("ALTER TABLE talks_engagement DROP CONSTRAINT engagement_in_one_place")
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'engagement_in_one_place'")
            again = cursor.fetchone()[0]
            cursor.execute("DROP TRIGGER engagement_in_one_place")
        try:
            yield
        finally:
            Engagement.objects.all().delete()
            cursor.execute(again)


def two_talks(world: World) -> None:
    """Both for the day, without an hour: that engages nobody."""
    for talker in (world.secretary, world.committee_member):
        factories.a_talk([talker], [world.member], held_on=date(2026, 3, 12), state=TalkState.PLANNED)


def test_one_is_booked_the_other_told(world: World, tmp_path: os.PathLike[str]) -> None:
    assert twice(tmp_path) == ["booked", REFUSED]
    assert Talk.objects.count() == 1


def test_one_is_moved_the_other_told(world: World, tmp_path: os.PathLike[str]) -> None:
    two_talks(world)
    assert twice(tmp_path, "move") == ["booked", REFUSED]
    assert Talk.objects.filter(starts_at=None).count() == 1


def test_with_the_guard_taken_out_both_are_booked(world: World, tmp_path: os.PathLike[str]) -> None:
    """The negative control."""
    with guard_taken_out():
        assert twice(tmp_path) == ["booked", "booked"]
        assert Talk.objects.count() == 2


def test_with_the_guard_taken_out_both_are_moved(world: World, tmp_path: os.PathLike[str]) -> None:
    """The negative control."""
    two_talks(world)
    with guard_taken_out():
        assert twice(tmp_path, "move") == ["booked", "booked"]
        assert Talk.objects.filter(starts_at=None).count() == 0
