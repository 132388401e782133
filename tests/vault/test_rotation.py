"""Keys are rotated while everything is readable, and a rotation that was killed goes on where it stopped."""

import os
import signal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from members.models import Member
from tests.factories import a_member
from tests.vault.conftest import NEW_KEY, OLD_KEY, environment, finish, manage, start
from vault.models.keyring import key_ring
from vault.rules.keys import KeyUnknown, parse_keys

MEMBERS = 6000
FILL = f"""
from members.models import Member
Member.objects.bulk_create(
    Member(code=f"P{{n:05d}}", name="某", category="群众", phone=f"1380000{{n:05d}}")
    for n in range({MEMBERS})
)
"""
# The key id stands behind the algorithm byte (vault/rules/envelope.py).
COUNT = """
from members.models import Member
new = bytes.fromhex("{key_id}")
rows = Member._base_manager.values_list("phone", flat=True)
print(sum(value.envelope[1:9] == new for value in rows))
"""
READ = """
from members.models import Member
print(sum(member.phone == f"1380000{member.code[1:]}" for member in Member.objects.all()))
"""
ROTATE = "from django.core.management import call_command\ncall_command('rotate_vault_key')"


def rotated(variables: dict[str, str]) -> int:
    key_id = parse_keys(NEW_KEY).current.id.hex()
    return int(finish(start(variables, COUNT.format(key_id=key_id))))


def readable(variables: dict[str, str]) -> int:
    return int(finish(start(variables, READ)))


@pytest.fixture
def filled(own: dict[str, str]) -> dict[str, str]:
    finish(start(own, FILL))
    return own


def test_it_goes_on_after_a_kill(filled: dict[str, str]) -> None:
    both = filled | {"VAULT_KEY": f"{NEW_KEY},{OLD_KEY}"}
    rotation = start(both, ROTATE)
    watch = start(both, WATCH)
    assert watch.stdout is not None
    assert watch.stdout.readline().strip() == "BEGUN"
    os.kill(rotation.pid, signal.SIGKILL)
    rotation.wait()
    watch.communicate()

    done = rotated(both)
    assert 0 < done < MEMBERS, "the kill came before the first batch or after the last"
    assert readable(both) == MEMBERS

    manage(both, "rotate_vault_key")
    assert rotated(both) == MEMBERS
    assert readable(filled | {"VAULT_KEY": NEW_KEY}) == MEMBERS
    assert "旧密钥可以移除" in manage(both, "rotate_vault_key").stdout


# Waits until the first batch stands, then says so.
WATCH = f"""
import time
from members.models import Member
new = bytes.fromhex("{parse_keys(NEW_KEY).current.id.hex()}")
while Member._base_manager.order_by("pk").values_list("phone", flat=True).first().envelope[1:9] != new:
    time.sleep(0.005)
print("BEGUN", flush=True)
"""


def test_the_trail_outlives_its_key(own: dict[str, str]) -> None:
    enter = "from vault.services import *\nfrom django.utils import timezone\n"
    enter += (
        "enter_trail(actor=Actor('one', ''), at=timezone.now(), action='登录', target_kind='', target='')"
    )
    finish(start(own, enter))
    manage(own | {"VAULT_KEY": f"{NEW_KEY},{OLD_KEY}"}, "rotate_vault_key")
    assert "共 2 条" in manage(own | {"VAULT_KEY": NEW_KEY}, "verify_trail").stdout
    assert manage(own, "verify_trail", check=False).returncode != 0, (
        "the old key is good for nothing any more"
    )


def test_what_is_sealed_under_a_lost_key_is_not_replaced(filled: dict[str, str]) -> None:
    """A wrong key reads nothing and leaves every byte as it is."""
    before = rotated(filled)
    refused = manage(filled | {"VAULT_KEY": NEW_KEY}, "rotate_vault_key", check=False)
    assert refused.returncode != 0
    assert rotated(filled) == before == 0
    assert readable(filled) == MEMBERS


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, str]:
    """The embedded default: SQLite, no key given, nothing sealed yet."""
    variables = environment(f"sqlite:///{tmp_path / 'embedded.sqlite3'}", tmp_path)
    manage(variables, "migrate", "--verbosity", "0")
    del variables["VAULT_KEY"]
    return variables


ONE = """
from members.models import Member
Member.objects.create(code='P1', name='某', category='群众', phone='1')
"""


def test_the_embedded_default_makes_its_key_once_for_its_owner_alone(
    embedded: dict[str, str], tmp_path: Path
) -> None:
    key = tmp_path / "embedded.vault.key"
    finish(start(embedded, ONE))
    made = key.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(parse_keys(made).keys) == 1
    finish(start(embedded, ONE.replace("P1", "P2")))
    assert key.read_text() == made


def test_a_lost_key_is_not_hidden_by_a_fresh_one(embedded: dict[str, str], tmp_path: Path) -> None:
    finish(start(embedded, ONE))
    (tmp_path / "embedded.vault.key").unlink()
    process = start(embedded, ONE.replace("P1", "P2"))
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "请恢复原来的密钥文件" in err
    assert not (tmp_path / "embedded.vault.key").exists()


@pytest.mark.django_db
def test_without_the_question_a_fresh_key_hides_that_it_is_lost(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a key is made, and what was sealed opens under no key at hand."""
    member = a_member()
    member.phone = "13800000000"
    member.save()
    settings.VAULT_KEY, settings.VAULT_KEY_MAY_BE_MADE = "", True
    settings.VAULT_KEY_FILE = tmp_path / "lost.key"
    with pytest.raises(ImproperlyConfigured, match="请恢复原来的密钥文件"):
        key_ring()
    monkeypatch.setattr("vault.models.keyring.anything_sealed", lambda: False)
    assert len(key_ring().keys) == 1
    with pytest.raises(KeyUnknown):
        Member.objects.get(pk=member.pk).phone  # noqa: B018  reading it opens it


def test_two_that_start_at_once_make_one_key(embedded: dict[str, str], tmp_path: Path) -> None:
    both = [start(embedded, ONE.replace("P1", f"P{index}")) for index in range(2)]
    for process in both:
        finish(process)
    read = "from members.models import Member\nprint([m.phone for m in Member.objects.all()])"
    assert finish(start(embedded, read)).strip() == "['1', '1']"


@pytest.mark.parametrize("key", ["", "too short", "0" * 63])
def test_without_a_readable_key_nothing_starts(own: dict[str, str], key: str) -> None:
    """Where the database is not the embedded default, or the key given cannot be read."""
    variables = own | {"VAULT_KEY": key}
    if own["DATABASE_URL"].startswith("sqlite") and not key:
        variables |= {
            "DATABASE_URL": "postgres://nobody@/%2Fnowhere/nothing",
            "REDIS_URL": "redis://127.0.0.1:1/0",
        }
    refused = manage(variables, "check", check=False)
    assert refused.returncode != 0
    assert "密钥" in refused.stderr
    assert not key or key not in refused.stderr
