"""Two ask for one slot at once, in two real processes: one gets it, the other is offered the next."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time

import pytest
from django.db import connection

from talks.models import RequestNotice, TalkRequest
from talks.services.hours import Span, publish_hours
from tests.conftest import World
from tests.processes import outcome, start
from vault.services import Actor

# Both have looked whether the slot is free before either asks, unless the database keeps one away.
ASK = """
import sys, time as clock
from datetime import UTC, date, datetime, time
from pathlib import Path
import django
django.setup()
from django.core.exceptions import ValidationError
from django.db import connection
from members.models import Account, Member
from talks.rules.office_hours import Slot
from talks.services import requests, slots
from vault.services import Actor

mine, other, who = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
at, slot = datetime(2026, 3, 5, 2, tzinfo=UTC), Slot(date(2026, 3, 9), time(15), time(15, 30))
leader, account = Member.objects.get(code="P011"), Account.objects.get(username=who)
look = slots.refuse_slot

def look_slowly(**given):
    look(**given)
    mine.touch()
    for _ in range(100 if connection.vendor == "postgresql" else 20):
        if other.exists():
            break
        clock.sleep(0.1)

requests.refuse_slot = look_slowly
try:
    requests.ask_request(
        actor=Actor("tests", ""), at=at, account=account, asked=leader, wish=requests.Wish(slot=slot)
    )
    print("asked")
except ValidationError as error:
    (following,) = slots.next_slots(asked=leader, requester=account.member, at=at, most=1)
    print(*error.messages, following.words)
"""
NEXT = "这个时间刚刚约给了别人，申请没有送出。 2026年3月9日（星期一）15:30"
INDEX = "request_slot_once"

pytestmark = pytest.mark.django_db(transaction=True)


def twice(folder: os.PathLike[str]) -> list[str]:
    """What two processes say that start together on the tests' database."""
    places = [f"{folder}/one", f"{folder}/other"]
    processes = [start(ASK, *ways, who) for ways, who in ((places, "member"), (places[::-1], "colleague"))]
    return sorted(outcome(process) for process in processes)


def publish(world: World) -> None:
    publish_hours(
        actor=Actor("tests", ""),
        at=datetime(2026, 3, 5, 1, tzinfo=UTC),
        member=world.secretary,
        weekday=1,
        span=Span(time(15), time(16)),
    )


@contextmanager
def guard_taken_out() -> Iterator[None]:
    """The unique index is gone meanwhile; what it would refuse goes before it comes back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [INDEX])
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [INDEX])
        again = cursor.fetchone()[0]
        cursor.execute(f"DROP INDEX {INDEX}")
        try:
            yield
        finally:
            RequestNotice.objects.all().delete()
            TalkRequest.objects.all().delete()
            cursor.execute(again)


def test_one_gets_the_slot_the_other_is_offered_the_next(world: World, tmp_path: os.PathLike[str]) -> None:
    publish(world)
    assert twice(tmp_path) == ["asked", NEXT]
    assert TalkRequest.objects.filter(slot_starts_at=time(15)).count() == 1


def test_with_the_guard_taken_out_both_have_it(world: World, tmp_path: os.PathLike[str]) -> None:
    """The negative control. On SQLite, where one writes after the other, the look alone keeps one away."""
    publish(world)
    with guard_taken_out():
        said = twice(tmp_path)
        if connection.vendor == "postgresql":
            assert said == ["asked", "asked"]
            assert TalkRequest.objects.filter(slot_starts_at=time(15)).count() == 2
        else:
            assert said == ["asked", NEXT]
