"""Two sweeps at once, in two real processes: nothing is created twice."""

import os
from datetime import date

import pytest
from django.db import connection

from branches.models import Organisation
from talks.figures.facts import load_facts
from talks.models import Duty, DutySum, Reconciliation
from talks.rules.keeping import keep
from tests.conftest import World
from tests.processes import start

# A sweep that waits for the other before it writes: both have read by then, unless a lock keeps one away.
SWEEP = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
import django
django.setup()
from talks.services import reconciliation

mine, other = Path(sys.argv[1]), Path(sys.argv[2])
if "unlocked" in sys.argv:
    reconciliation._lock = lambda organisations, at: None
write = reconciliation._insert

def slowly(rows):
    mine.touch()
    for _ in range(30):
        if other.exists():
            break
        time.sleep(0.1)
    write(rows)

reconciliation._insert = slowly
at = datetime(2026, 12, 1, 2, tzinfo=UTC)
print(reconciliation.reconcile_due(today=date(2026, 12, 1), at=at).new)
"""

# The keys of what a sweep writes, of which either would stop the second one.
KEYS = (
    ("talks_duty", "duty_once", "organisation_id, version, anchor, persons"),
    ("talks_dutysum", "duty_sum_once", "organisation_id, rule, year, is_meeting, due_on"),
)

pytestmark = pytest.mark.django_db(transaction=True)


def sweep_twice(folder: os.PathLike[str], *options: str) -> list[tuple[int, str]]:
    """Exit status and number of new duties of two processes that start together on the tests' database."""
    places = [f"{folder}/one", f"{folder}/other"]
    processes = [start(SWEEP, mine, other, *options) for mine, other in (places, places[::-1])]
    return [(process.wait(), out.strip()) for process in processes for out, _ in [process.communicate()]]


def owed() -> int:
    """How many duties there are to keep."""
    places = list(Organisation.objects.all())
    return len(keep(load_facts(places), organisations=[p.code for p in places], as_of=date(2026, 12, 1)))


def twice() -> int:
    """How many rows stand for a duty that another row stands for already."""
    keys = list(Duty.objects.values_list("organisation", "version", "anchor", "persons"))
    return len(keys) - len(set(keys))


def test_nothing_is_created_twice(world: World, tmp_path: os.PathLike[str]) -> None:
    outcomes = sweep_twice(tmp_path)
    assert sorted(outcomes) == [(0, "0"), (0, str(owed()))]
    assert (Duty.objects.count(), twice()) == (owed(), 0)


def test_without_the_lock_the_key_stands_behind(world: World, tmp_path: os.PathLike[str]) -> None:
    """On SQLite one writes at a time in any case."""
    sweep_twice(tmp_path, "unlocked")
    assert (Duty.objects.count(), twice()) == (owed(), 0)


def test_with_the_guards_taken_out_there_are_two_of_each(world: World, tmp_path: os.PathLike[str]) -> None:
    """The negative control. SQLite, where IMMEDIATE transactions lock, cannot be made to fail."""
    on_postgresql = connection.vendor == "postgresql"
    if on_postgresql:
        _alter(*(f"{table} DROP CONSTRAINT {name}" for table, name, _ in KEYS))
    try:
        Reconciliation.objects.all().delete()
        sweep_twice(tmp_path, "unlocked")
        assert twice() == (owed() if on_postgresql else 0)
    finally:
        Duty.objects.all().delete()
        DutySum.objects.all().delete()
        if on_postgresql:
            _alter(*(f"{table} ADD CONSTRAINT {name} UNIQUE ({columns})" for table, name, columns in KEYS))


def _alter(*changes: str) -> None:
    with connection.cursor() as cursor:
        for change in changes:
            cursor.execute(f"ALTER TABLE {change}")
