"""The audit trail in the database: what a stranger typed, a file that cannot be written, a tail regrown."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from vault.models import TrailEntry
from vault.rules.trail import Entry, Fault, Finding, first_fault
from vault.services import Actor, enter_failure, enter_trail, find_fault

SECRETARY = Actor("secretary", "10.0.0.8")
transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def head_file(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAULT_TRAIL_HEAD_FILE = tmp_path / "made" / "when" / "needed" / "trail.head"
    return settings.VAULT_TRAIL_HEAD_FILE


def enter(target: str, account: str = "secretary") -> TrailEntry:
    return enter_trail(
        actor=Actor(account, "10.0.0.8"),
        at=timezone.now(),
        action="查看谈话内容",
        target_kind="谈话",
        target=target,
    )


def execute(sql: str, *values: object) -> None:
    """What somebody does who has the database in his hands."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_what_a_stranger_typed_is_cut_to_what_the_column_takes() -> None:
    entry = enter_failure(
        actor=Actor("名\0" * 400, "1" * 400),
        at=timezone.now(),
        action="登录",
        target_kind="",
        target="T" * 400,
    )
    entry.refresh_from_db()
    assert (entry.account, entry.address, entry.target) == ("名" * 150, "1" * 64, "T" * 200)


@pytest.mark.django_db
def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        enter_trail(
            actor=SECRETARY,
            at=datetime(2026, 3, 5, 8),  # noqa: DTZ001  that is what is refused
            action="登录",
            target_kind="",
            target="",
        )


@transactional
def test_nothing_is_entered_where_the_file_cannot_be_written(head_file: Path) -> None:
    head_file.mkdir(parents=True)
    with pytest.raises(OSError, match="head"):
        enter("T1")
    assert not TrailEntry.objects.exists()


@transactional
def test_what_is_committed_stands_although_its_line_could_not_be_written(
    head_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    enter("T1")
    with transaction.atomic():
        enter("T2")
        head_file.unlink()
        head_file.mkdir()
    assert TrailEntry.objects.count() == 2
    assert "entry 2 of the trail" in caplog.text
    head_file.rmdir()
    enter("T3")
    assert find_fault() is None


@transactional
def test_a_line_that_was_cut_off_does_not_run_into_the_next(head_file: Path) -> None:
    enter("T1")
    with head_file.open("a") as file:
        file.write("\n2")
    enter("T2")
    enter("T3")
    assert find_fault() is None
    # The negative control: run together, 2 and 3 would read as the line of an entry 23 that is no more.
    head_file.write_text(head_file.read_text().replace("\n2\n2 ", "\n22 "))
    assert find_fault() == Finding(4, Fault.TRUNCATED)


@transactional
def test_a_tail_that_was_cut_and_has_grown_again_is_named() -> None:
    for target in ("T1", "T2", "T3", "T4"):
        enter(target)
    second = TrailEntry.objects.get(number=2)
    execute("DELETE FROM vault_trailentry WHERE number > 2")
    execute("UPDATE vault_trailhead SET number = 2, mac = %s", second.mac)
    assert find_fault() == Finding(3, Fault.TRUNCATED)
    for target in ("T5", "T6", "T7"):
        enter(target)
    assert find_fault() == Finding(3, Fault.REGROWN)


@transactional
def test_an_entry_behind_the_head_is_named() -> None:
    enter("T1")
    enter("T2")
    first = TrailEntry.objects.get(number=1)
    execute("UPDATE vault_trailhead SET number = 1, mac = %s", first.mac)
    assert find_fault() == Finding(2, Fault.TRUNCATED)


@transactional
def test_without_the_head_row_nothing_can_be_proved() -> None:
    enter("T1")
    execute("DELETE FROM vault_trailhead")
    assert find_fault() == Finding(1, Fault.NO_SECRET)


@transactional
def test_entries_that_come_while_it_is_verified_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    enter("T1")

    def after_one_more(entries: Iterable[Entry], **noted: Any) -> Finding | None:
        enter("T2")
        return first_fault(entries, **noted)

    monkeypatch.setattr("vault.services.trail.first_fault", after_one_more)
    assert find_fault() is None
    assert TrailEntry.objects.count() == 2


@transactional
def test_the_zone_of_a_time_does_not_matter() -> None:
    """The time of an entry reads the same whatever zone it was given in."""
    for zone in (UTC, timezone.get_default_timezone()):
        at = timezone.now().astimezone(zone)
        enter_trail(actor=SECRETARY, at=at, action="登录", target_kind="", target="")
    assert find_fault() is None
