"""Without the key nothing starts, and a lost key is never hidden by a fresh one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from config.env import text
from tests import factories
from tests.guards import ROOT
from vault.apps import check_key
from vault.models.keyring import KEY_LOST, KEY_MISSING, key_ring
from vault.services import Actor, ensure_key, enter_trail
from vault.services.keys import KEY_WRONG

OTHER_KEY = "07" * 32
# Taken away, so that it is the embedded default that runs.
SETTINGS_OF_TESTS = ("DJANGO_SETTINGS_MODULE", "VAULT_KEY", "BROKER_FOLDER", "VAULT_TRAIL_HEAD_FILE")


@pytest.fixture
def key_file(settings: LazySettings, tmp_path: Path) -> Path:
    """The embedded default before its first start."""
    settings.VAULT_KEY = ""
    settings.VAULT_KEY_FILE = tmp_path / "vault.key"
    settings.VAULT_KEY_MAY_BE_MADE = True
    return settings.VAULT_KEY_FILE


def enter() -> None:
    enter_trail(
        actor=Actor("secretary", "10.0.0.8"), at=timezone.now(), action="登录", target_kind="", target=""
    )


@pytest.mark.django_db
def test_the_first_start_makes_a_key_that_nobody_else_may_read(key_file: Path) -> None:
    ensure_key(make=False)
    assert not key_file.exists()
    ensure_key()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["vault.key"]
    made = key_file.read_text()
    assert key_ring().current.material
    ensure_key()
    assert key_file.read_text() == made


@pytest.mark.django_db
def test_empty_values_need_no_key(key_file: Path) -> None:
    factories.a_member()
    ensure_key()
    assert key_file.exists()


@pytest.fixture
def sealed_number(db: None) -> None:
    member = factories.a_member()
    member.phone = "13800000000"
    member.save()


@pytest.fixture
def entered_trail(db: None) -> None:
    enter()


@pytest.mark.parametrize("held", ["sealed_number", "entered_trail"])
def test_no_fresh_key_over_what_is_sealed(held: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(held)
    key_file = request.getfixturevalue("key_file")
    lost = KEY_LOST.format(path=key_file)
    with pytest.raises(ImproperlyConfigured, match=lost):
        key_ring()
    with pytest.raises(ImproperlyConfigured, match=lost):
        ensure_key()
    assert [error.msg for error in check_key(None)] == [lost]
    assert not key_file.exists()


@pytest.mark.django_db
def test_only_the_embedded_default_makes_a_key(key_file: Path, settings: LazySettings) -> None:
    settings.VAULT_KEY_MAY_BE_MADE = False
    with pytest.raises(ImproperlyConfigured, match=str(key_file)):
        ensure_key()
    assert not key_file.exists()
    settings.VAULT_KEY_FILE = None
    with pytest.raises(ImproperlyConfigured, match=KEY_MISSING):
        ensure_key()


@pytest.mark.django_db
def test_another_key_is_told(entered_trail: None, settings: LazySettings) -> None:
    ensure_key()
    assert check_key(None) == []
    settings.VAULT_KEY = OTHER_KEY
    with pytest.raises(ImproperlyConfigured, match=KEY_WRONG):
        ensure_key()
    assert [error.msg for error in check_key(None)] == [KEY_WRONG]


def test_a_secret_file_that_is_empty_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not read as no key at all, which the embedded default would answer with a key of its own."""
    (tmp_path / "key").write_text("\n")
    monkeypatch.setenv("VAULT_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(ImproperlyConfigured, match="VAULT_KEY_FILE"):
        text("VAULT_KEY", "")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own, in whose trail something is entered."""
    folder = tmp_path_factory.mktemp("installation")
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'own.sqlite3'}"}
    for name in SETTINGS_OF_TESTS:
        environment.pop(name, None)
    enter = (
        "from django.utils import timezone; from vault.services import Actor, enter_trail;"
        "enter_trail(actor=Actor('a', ''), at=timezone.now(), action='登录', target_kind='', target='')"
    )
    for command in (["migrate", "--verbosity", "0"], ["shell", "--verbosity", "0", "--command", enter]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    (folder / "own.vault.key").rename(folder / "kept.key")
    yield environment
    (folder / "kept.key").rename(folder / "own.vault.key")
    # The negative control: with its key the same installation is as it was.
    subprocess.run([sys.executable, "manage.py", "verify_trail"], cwd=ROOT, env=environment, check=True)


def test_an_entry_outlives_a_power_cut(installation: dict[str, str]) -> None:
    """In SQLite's write-ahead log a commit is on the disk only with synchronous=FULL (2): else entries that
    the file of heads has noted could be gone, and look as if somebody had cut them off.
    """
    code = (
        "import django; django.setup(); from django.db import connection; ask = connection.cursor().execute;"
        "print(*(ask(f'PRAGMA {name}').fetchone()[0] for name in ('synchronous', 'journal_mode')))"
    )
    environment = {**installation, "DJANGO_SETTINGS_MODULE": "config.settings"}
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == "2 wal"


LOST, WRONG = "找不到保险库密钥文件", "密钥打不开"


@pytest.mark.parametrize(
    ("command", "key", "told"),
    [
        (["manage.py", "check"], "", LOST),
        (["manage.py", "serve", "--port", "1"], OTHER_KEY, WRONG),
        (["-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0"], "", LOST),
        (["-m", "celery", "-A", "config", "worker", "--pool", "solo"], OTHER_KEY, WRONG),
    ],
)
def test_nothing_starts(installation: dict[str, str], command: list[str], key: str, told: str) -> None:
    environment = {**installation, "VAULT_KEY": key}
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert told in ended.stderr
