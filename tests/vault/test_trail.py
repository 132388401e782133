"""The trail in the database: what an entry says, that it stands, and that two writers keep it whole."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.vault.conftest import finish, manage, start
from vault.models import TrailEntry, TrailHead
from vault.rules.trail import START, Fault, Finding
from vault.services import Actor, enter_failure, enter_trail, find_fault, hmac_hex

NOW = datetime(2026, 3, 5, 8, 30, 15, 123456, tzinfo=UTC)
SECRETARY = Actor(account="secretary", address="10.0.0.8")


@pytest.fixture
def head_file(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "trail.head"
    settings.VAULT_TRAIL_HEAD_FILE = path
    return path


def enter(target: str) -> TrailEntry:
    return enter_trail(
        actor=SECRETARY, at=NOW, action="修改", target_kind="谈话", target=target, detail={"fields": ["地点"]}
    )


@pytest.fixture
def trail(
    db: None, head_file: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> list[TrailEntry]:
    with django_capture_on_commit_callbacks(execute=True):
        return [enter(f"T{index}") for index in range(5)]


def tamper(statement: str, *values: object) -> None:
    """Does to the table what only the owner of the database could: the guard against changes is lifted."""
    with connection.cursor() as cursor:
        where = " ON vault_trailentry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS vault_trail_no_update{where}")
        cursor.execute(statement, list(values))


def test_an_entry_says_who_what_when_from_where_and_whether(trail: list[TrailEntry]) -> None:
    entry = TrailEntry.objects.get(number=2)
    assert (entry.account, entry.address, entry.at) == ("secretary", "10.0.0.8", NOW)
    assert (entry.action, entry.target_kind, entry.target) == ("修改", "谈话", "T1")
    assert (entry.detail, entry.succeeded) == ('{"fields":["地点"]}', True)
    assert entry.previous == trail[0].mac


def test_a_whole_trail_verifies(trail: list[TrailEntry]) -> None:
    assert find_fault() is None


@pytest.mark.django_db
def test_an_empty_trail_verifies(head_file: Path) -> None:
    assert find_fault() is None


@pytest.mark.parametrize(
    ("statement", "values", "found"),
    [
        ("UPDATE vault_trailentry SET target = 'T9' WHERE number = 3", [], Finding(3, Fault.ALTERED)),
        ("UPDATE vault_trailentry SET at = %s WHERE number = 1", ["2026-03-06"], Finding(1, Fault.ALTERED)),
        ("DELETE FROM vault_trailentry WHERE number = 2", [], Finding(2, Fault.REMOVED)),
        ("DELETE FROM vault_trailentry WHERE number > 3", [], Finding(4, Fault.TRUNCATED)),
        ("DELETE FROM vault_trailentry", [], Finding(1, Fault.TRUNCATED)),
    ],
)
def test_what_was_done_in_the_table_is_named(
    trail: list[TrailEntry], statement: str, values: list[object], found: Finding
) -> None:
    tamper(statement, *values)
    assert find_fault() == found
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", stderr=err)
    assert ended.value.code == 1
    assert f"第 {found.number} 条" in err.getvalue()


def test_without_the_seal_on_each_entry_a_change_is_not_seen(
    trail: list[TrailEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: numbers and chain alone say nothing about who did it."""
    monkeypatch.setattr("vault.rules.trail._is_genuine", lambda entry, key: True)
    tamper("UPDATE vault_trailentry SET account = 'somebody else' WHERE number = 3")
    assert find_fault() is None


def test_a_cut_with_its_head_set_back_is_told_by_the_file(trail: list[TrailEntry]) -> None:
    tamper("DELETE FROM vault_trailentry WHERE number > 3")
    TrailHead.objects.update(number=3, mac=trail[2].mac)
    assert find_fault() == Finding(4, Fault.TRUNCATED)


def test_a_trail_thrown_away_with_its_head_is_told_by_the_file(trail: list[TrailEntry]) -> None:
    tamper("DELETE FROM vault_trailentry")
    TrailHead.objects.all().delete()
    assert find_fault() is not None


def test_verify_trail_says_how_many_there_are(trail: list[TrailEntry]) -> None:
    out = StringIO()
    call_command("verify_trail", stdout=out)
    assert "5" in out.getvalue()


@pytest.mark.django_db
def test_an_entry_goes_with_the_transaction_it_tells_of(head_file: Path) -> None:
    with transaction.atomic():
        enter("T1")
        transaction.set_rollback(True)
    assert not TrailEntry.objects.exists()
    assert not head_file.exists() or not head_file.read_text().strip()


@pytest.mark.django_db(transaction=True)
def test_a_failure_stands_although_what_failed_was_rolled_back(head_file: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enter_failure(actor=SECRETARY, at=NOW, action="登录", target_kind="账号", target="secretary")
    entry = enter_failure(actor=SECRETARY, at=NOW, action="登录", target_kind="账号", target="secretary")
    assert not TrailEntry.objects.get(pk=entry.pk).succeeded


TOUCH = """
from django.db import DatabaseError, connection
from django.utils import timezone
from vault.services import Actor, enter_trail
enter_trail(actor=Actor("one", ""), at=timezone.now(), action="登录", target_kind="", target="")
try:
    connection.cursor().execute({statement!r})
except DatabaseError as refusal:
    print("trail_entry_stands" in str(refusal))
"""


@pytest.mark.parametrize(
    "statement", ["UPDATE vault_trailentry SET target = 'T9'", "DELETE FROM vault_trailentry"]
)
def test_the_database_refuses_to_touch_an_entry(own: dict[str, str], statement: str) -> None:
    """In a database of its own: the one of the tests has to be emptied after each test."""
    assert finish(start(own, TOUCH.format(statement=statement))).strip() == "True"
    assert "共 1 条" in manage(own, "verify_trail").stdout


@pytest.mark.django_db
def test_hmacs_differ_by_purpose_and_text_and_stay() -> None:
    first = hmac_hex(purpose="report", text="甲")
    assert first == hmac_hex(purpose="report", text="甲")
    assert len({first, hmac_hex(purpose="report", text="乙"), hmac_hex(purpose="other", text="甲")}) == 3
    assert TrailHead.objects.get().mac == START


APPEND = """
import sys
from django.db import DatabaseError
from django.utils import timezone
from vault.services import Actor, enter_trail
from vault.services import trail
{patch}
print("READY", flush=True)
sys.stdin.readline()
lost = 0
for number in range(40):
    try:
        enter_trail(actor=Actor("{name}", ""), at=timezone.now(), action="新增", target_kind="", target="")
    except DatabaseError:
        lost += 1
print(lost)
"""
# The lock left out, and time given for the other one to come between.
WITHOUT_LOCK = """
import time
from django.db import connections
connections.settings["default"].get("OPTIONS", {}).pop("transaction_mode", None)
connections.settings["default"].get("OPTIONS", {}).pop("timeout", None)
def unlocked():
    head = trail.TrailHead.objects.get(pk=1)
    time.sleep(0.02)
    return head
trail._head = unlocked
"""


def append_by_two(own: dict[str, str], patch: str) -> int:
    """Two processes append forty entries each, at once; gives how many were lost."""
    first = "from vault.services import *\nfrom django.utils import timezone\n"
    first += (
        "enter_trail(actor=Actor('one', ''), at=timezone.now(), action='新增', target_kind='', target='')"
    )
    finish(start(own, first))
    writers = [start(own, APPEND.format(patch=patch, name=name)) for name in ("left", "right")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline().strip() == "READY"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    return sum(int(finish(writer)) for writer in writers)


def test_two_processes_keep_the_chain_whole(own: dict[str, str]) -> None:
    assert append_by_two(own, "") == 0
    assert "共 81 条" in manage(own, "verify_trail").stdout


def test_without_the_lock_two_processes_lose_entries(own: dict[str, str]) -> None:
    """The negative control of the lock on the head row."""
    assert append_by_two(own, WITHOUT_LOCK) > 0
