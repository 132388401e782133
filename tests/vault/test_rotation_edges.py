"""Rotation, value by value: only what is old, nothing over a newer text, and what no key opens is named."""

from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.env import named_file
from members.models import Member
from tests.factories import a_member
from vault.models import Sealed, TrailEntry
from vault.models.keyring import key_ring
from vault.rules.envelope import Algorithm
from vault.rules.keys import key_of, parse_keys, write_key
from vault.services import RotationIncomplete, put_new_key, rotate_keys

pytestmark = pytest.mark.django_db
OLD, NEW, LOST = (write_key(bytes([number] * 32)) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def old_key(settings: LazySettings, tmp_path: Path) -> None:
    settings.VAULT_KEY = OLD
    settings.VAULT_TRAIL_HEAD_FILE = tmp_path / "trail.head"


def with_number(phone: str) -> Member:
    member = a_member()
    member.phone = phone
    member.save()
    return member


def envelope(member: Member) -> bytes:
    value = Member.objects.get(pk=member.pk).__dict__["phone"]
    assert isinstance(value, Sealed)
    return value.envelope


def phone(member: Member) -> str:
    return Member.objects.get(pk=member.pk).phone


def test_only_what_is_old_is_touched(settings: LazySettings) -> None:
    members = [with_number(str(number)) for number in range(3)]
    settings.VAULT_KEY = f"{NEW},{OLD}"
    current = with_number("9")
    before = envelope(current)
    assert dict(rotate_keys())["members_member.phone"] == 3
    assert envelope(current) == before
    with CaptureQueriesContext(connection) as queries:
        assert sum(changed for _, changed in rotate_keys()) == 0
    assert not [query for query in queries.captured_queries if "UPDATE" in query["sql"]]
    settings.VAULT_KEY = NEW
    assert [phone(member) for member in members] == ["0", "1", "2"]


def test_another_algorithm_is_a_rotation_too(settings: LazySettings) -> None:
    member = with_number("1")
    settings.VAULT_ALGORITHM = "SM4-GCM"
    assert dict(rotate_keys())["members_member.phone"] == 1
    assert envelope(member)[0] == Algorithm.SM4_GCM
    assert phone(member) == "1"


def test_what_is_written_meanwhile_stays(settings: LazySettings) -> None:
    """Between reading and writing a value somebody else writes another one."""
    member = with_number("before")
    settings.VAULT_KEY = f"{NEW},{OLD}"
    rewrapped = Sealed.rewrapped

    def after_a_change(value: Sealed, *place: Any) -> Sealed:
        renewed = rewrapped(value, *place)
        changed = Member.objects.get(pk=member.pk)
        changed.phone = "after"
        changed.save()
        return renewed

    with patch.object(Sealed, "rewrapped", after_a_change):
        assert dict(rotate_keys())["members_member.phone"] == 0
    assert phone(member) == "after"


def test_what_no_key_opens_is_named_and_the_rest_is_done(settings: LazySettings) -> None:
    settings.VAULT_KEY = LOST
    lost = with_number("lost")
    settings.VAULT_KEY = OLD
    kept = with_number("kept")
    settings.VAULT_KEY = f"{NEW},{OLD}"
    before = envelope(lost)
    with pytest.raises(RotationIncomplete) as incomplete:
        list(rotate_keys())
    assert incomplete.value.places == [f"members_member.phone {lost.pk}"]
    assert envelope(lost) == before
    assert envelope(kept)[1:9] == key_ring().current.id
    with pytest.raises(CommandError, match=f"members_member.phone {lost.pk}"):
        call_command("rotate_vault_key", stdout=StringIO())


def test_a_rotation_enters_the_trail(settings: LazySettings) -> None:
    settings.VAULT_KEY = f"{NEW},{OLD}"
    call_command("rotate_vault_key", stdout=StringIO())
    entry = TrailEntry.objects.get()
    assert (entry.account, entry.action, entry.target) == ("command", "更换密钥", key_ring().current.id.hex())


def test_a_new_key_goes_before_the_others_of_the_file(settings: LazySettings, tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_text(f"{OLD}\n")
    settings.VAULT_KEY, settings.VAULT_KEY_FILE = "", path
    member = with_number("1")
    call_command("rotate_vault_key", "--new", stdout=StringIO())
    ring = parse_keys(path.read_text())
    assert ring.keys[1:] == (key_of(bytes([1] * 32)),)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir() if "key" in found.name] == ["vault.key"]
    # It is noticed without a new start, and the old one can go.
    assert key_ring().keys == ring.keys
    settings.VAULT_KEY = write_key(ring.current.material)
    assert phone(member) == "1"


def test_a_new_key_is_not_put_where_no_file_keeps_them() -> None:
    with pytest.raises(ImproperlyConfigured, match="VAULT_KEY"):
        put_new_key()
    with pytest.raises(CommandError, match="VAULT_KEY"):
        call_command("rotate_vault_key", "--new", stdout=StringIO())
    assert not TrailEntry.objects.exists()


def test_a_key_file_that_is_named_is_read_by_the_vault(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_KEY_FILE", str(tmp_path / "named-key"))
    settings.VAULT_KEY, settings.VAULT_KEY_FILE = "", named_file("VAULT_KEY")
    settings.VAULT_KEY_MAY_BE_MADE = False
    with pytest.raises(ImproperlyConfigured, match="named-key"):
        key_ring()
    (tmp_path / "named-key").write_bytes(b"\xff\xfe")
    with pytest.raises(ImproperlyConfigured, match="named-key"):
        key_ring()
    (tmp_path / "named-key").write_text(OLD)
    assert key_ring().current == key_of(bytes([1] * 32))
