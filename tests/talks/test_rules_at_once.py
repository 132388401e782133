"""Two rules added at once, in two real processes: each gets a code of its own."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from talks.models import Rule
from tests.conftest import World
from tests.guards import ROOT

# Both have counted the codes before either stores, unless a lock keeps one away.
ADD = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
import django
django.setup()
from branches.models import Organisation
from talks.rules import facts
from talks.rules.words import Pairing, TalkerRole
from talks.services import rules
from vault.services import Actor

mine, other, day = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
if "unlocked" in sys.argv:
    rules._lock = lambda organisation: None
count = rules._free_code

def slowly(organisation):
    code = count(organisation)
    mine.touch()
    for _ in range(30):
        if other.exists():
            break
        time.sleep(0.1)
    return code

rules._free_code = slowly
rule = facts.Rule(
    code="",
    title="每年谈",
    organisation=None,
    applies_to=frozenset({"党支部"}),
    trigger=facts.PeriodTrigger(12),
    days=None,
    unit=None,
    pairing=Pairing.COMMITTEE_MEMBER,
    talker_role=TalkerRole.TEAM,
    one_to_one=False,
    effective_from=date(2026, 3, day),
)
rules.add_rule(
    actor=Actor("tests", ""),
    at=datetime(2026, 3, 5, 2, tzinfo=UTC),
    today=date(2026, 3, 5),
    organisation=Organisation.objects.get(code="HC"),
    rule=rule,
    own_roles=(),
)
"""

pytestmark = pytest.mark.django_db(transaction=True)


def add_twice(folder: os.PathLike[str], *options: str) -> list[str]:
    """The codes of what two processes add that start together on the tests' database, from 6 and 7 March."""
    settings = connection.settings_dict
    name = settings["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = f"postgres://{settings['USER']}@/{settings['HOST']}/{name}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    places = [f"{folder}/one", f"{folder}/other"]
    processes = [
        subprocess.Popen([sys.executable, "-c", ADD, *ways, day, *options], cwd=ROOT, env=environment)
        for ways, day in ((places, "6"), (places[::-1], "7"))
    ]
    assert [process.wait() for process in processes] == [0, 0]
    return sorted(Rule.objects.values_list("code", flat=True))


def test_each_gets_a_code_of_its_own(world: World, tmp_path: os.PathLike[str]) -> None:
    assert add_twice(tmp_path) == ["HC-R01", "HC-R02"]


def test_with_the_lock_taken_out_they_become_versions_of_one(
    world: World, tmp_path: os.PathLike[str]
) -> None:
    """The negative control. SQLite, where IMMEDIATE transactions lock, cannot be made to fail."""
    second = "HC-R01" if connection.vendor == "postgresql" else "HC-R02"
    assert add_twice(tmp_path, "unlocked") == ["HC-R01", second]
