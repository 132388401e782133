"""Beat runs twice: two sweeps, and two who send, in real processes at once. Nobody is reminded twice.

Each guard has its negative control: the same two processes with the guard taken out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from talks.models import Chase, Delivery, Notice
from tests import factories
from tests.conftest import World
from tests.processes import outcome, start
from tests.talks.notices.sweeps import at, sweep

DAY = date(2026, 3, 12)
POSTGRESQL = "postgresql"

# Both have seen what there is to do before one writes, unless a lock keeps the other away.
BEGIN = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
import django
django.setup()
mine, other = Path(sys.argv[1]), Path(sys.argv[2])

def wait_for_the_other():
    mine.touch()
    for _ in range(30):
        if other.exists():
            break
        time.sleep(0.1)
"""
SWEEP = f"""{BEGIN}
from talks.models import Chase
from talks.services import chasing
if "unlocked" in sys.argv:
    chasing._chased_on = lambda: Chase.objects.get(pk=1).day
write = chasing._chase

def slowly(*values, **options):
    wait_for_the_other()
    return write(*values, **options)

chasing._chase = slowly
print(chasing.chase_due(today=date(2026, 3, 12), at=datetime(2026, 3, 11, 17, tzinfo=UTC)))
"""
SEND = f"""{BEGIN}
from talks import tasks
from talks.models.notices import DeliveryQuerySet
from talks.services.sending import Outcome
waiting, filtered = DeliveryQuerySet.waiting, DeliveryQuerySet.filter

def slowly(self, now):
    found = [delivery.pk for delivery in waiting(self, now)]
    wait_for_the_other()
    return filtered(self, pk__in=found)

def unconditional(self, *conditions, **values):
    if "pk" in values:
        values.pop("state", None)
    return filtered(self, *conditions, **values)

DeliveryQuerySet.waiting = slowly
if "unguarded" in sys.argv:
    DeliveryQuerySet.filter = unconditional
sent = []
tasks.send_mail = lambda address, text: sent.append(address) or Outcome.SENT
tasks.send_deliveries()
print(*sent)
"""

pytestmark = pytest.mark.django_db(transaction=True)


def both(script: str, folder: Path, *options: str) -> list[str]:
    """What two processes printed that were started together."""
    places = [str(folder / "one"), str(folder / "other")]
    processes = [start(script, mine, other, *options) for mine, other in (places, places[::-1])]
    return [outcome(process) for process in processes]


@pytest.fixture
def owing(world: World) -> World:
    """An event duty seven days overdue and the talks of last year; duties are kept, nobody has been told."""
    factories.an_event(world.member, "家庭变故", happened_on=date(2026, 3, 2))
    world.account("committee_member").email = "shen@example.com"
    world.account("committee_member").save()
    sweep(DAY)
    Notice.objects.all().delete()
    Delivery.objects.all().delete()
    Chase.objects.update(day=None)
    return world


@contextmanager
def without(constraint: str, model: type[Model], *, is_index: bool = False) -> Iterator[None]:
    """Without the key that stands behind; it comes back with the rows gone that offend against it."""
    if connection.vendor != POSTGRESQL:
        yield
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [constraint])
        definition = cursor.fetchone()[0]
        drop = f"DROP INDEX {constraint}" if is_index else f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"
        cursor.execute(drop)
    try:
        yield
    finally:
        model._default_manager.all().delete()
        with connection.cursor() as cursor:
            made = f"ALTER TABLE {table} ADD CONSTRAINT {constraint} UNIQUE USING INDEX {constraint}"
            cursor.execute(definition if is_index else f"{definition}; {made}")


def told() -> list[tuple[object, ...]]:
    return sorted(Notice.objects.order_by().values_list("duty", "step", "member"))


def test_two_sweeps_tell_once(owing: World, tmp_path: Path) -> None:
    counts = both(SWEEP, tmp_path)
    assert Notice.objects.filter(duty__rule="four.family").count() == 3  # 支委, 书记, 党委书记
    assert sorted(counts) == ["0", str(len(told()))]
    assert len(told()) == len(set(told()))
    assert Delivery.objects.count() == 1


def test_without_the_lock_the_keys_stand_behind(owing: World, tmp_path: Path) -> None:
    both(SWEEP, tmp_path, "unlocked")
    assert len(told()) == len(set(told())) > 0
    assert Delivery.objects.count() == 1


def test_with_lock_and_keys_taken_out_all_are_told_twice(owing: World, tmp_path: Path) -> None:
    """The negative control. SQLite, where IMMEDIATE transactions lock, cannot be made to fail."""
    times = 2 if connection.vendor == POSTGRESQL else 1
    with (
        without("delivery_waits_once", Delivery, is_index=True),
        without("notice_once", Notice),
    ):
        both(SWEEP, tmp_path, "unlocked")
        assert len(told()) == times * len(set(told())) > 0
        assert Delivery.objects.count() == times


@pytest.fixture
def waiting(world: World) -> set[str]:
    """The addresses of those to whom a message is due."""
    today = timezone.localdate()
    addresses = set()
    for role in ("committee_member", "secretary", "chief"):
        account = world.account(role)
        account.email = f"{role}@example.com"
        account.save()
        addresses.add(account.email)
    sweep(today)
    Delivery.objects.all().delete()
    for role in ("committee_member", "secretary", "chief"):
        Delivery.objects.create(account=world.account(role), channel="mail", due_at=at(today, 0))
    assert Notice.objects.filter(member=world.committee_member).exists()
    return addresses


def test_two_who_send_send_once(waiting: set[str], tmp_path: Path) -> None:
    sent = " ".join(both(SEND, tmp_path)).split()
    assert sorted(sent) == sorted(waiting)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_without_the_claim_a_message_is_sent_twice(waiting: set[str], tmp_path: Path) -> None:
    """The negative control. On SQLite the second reads only when the first has written."""
    sent = " ".join(both(SEND, tmp_path, "unguarded")).split()
    if connection.vendor == POSTGRESQL:
        assert len(sent) > len(waiting)
    else:
        assert len(sent) == len(waiting)
