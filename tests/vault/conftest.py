"""Databases of their own, for tests that need real processes and real files."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from vault.rules.keys import write_key

ROOT = Path(settings.BASE_DIR)
OLD_KEY, NEW_KEY = write_key(bytes(range(32))), write_key(bytes(range(32, 64)))


def environment(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process of its own; no file outside the folder is touched."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "REDIS_URL") if name in os.environ}
    return kept | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": "only-for-tests",
        "OVER_TLS": "false",
        "BROKER_FOLDER": str(folder / "broker"),
        "VAULT_TRAIL_HEAD_FILE": str(folder / "trail.head"),
        "VAULT_KEY": OLD_KEY,
        **more,
    }


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty, migrated database to be copied: the path of a file, or the name of a PostgreSQL database."""
    folder = tmp_path_factory.mktemp("migrated")
    if connection.vendor == "sqlite":
        manage(environment(f"sqlite:///{folder / 'own.sqlite3'}", folder), "migrate", "--verbosity", "0")
        yield str(folder / "own.sqlite3")
        return
    with postgres_database() as (name, url):
        manage(environment(url, folder), "migrate", "--verbosity", "0")
        yield name


@pytest.fixture
def own(migrated: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a database of one's own: empty, migrated, beside the one of the tests."""
    if connection.vendor == "sqlite":
        shutil.copy(migrated, tmp_path / "own.sqlite3")
        yield environment(f"sqlite:///{tmp_path / 'own.sqlite3'}", tmp_path)
        return
    with postgres_database(f"TEMPLATE {migrated}") as (_, url):
        yield environment(url, tmp_path)


@contextmanager
def postgres_database(like: str = "") -> Iterator[tuple[str, str]]:
    """A database on the PostgreSQL server of the tests, gone afterwards: its name and its URL."""
    server = connection.settings_dict
    name = f"own_{uuid.uuid4().hex}"
    admin = psycopg2.connect(host=server["HOST"], user=server["USER"], dbname="postgres")
    admin.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    try:
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} {like}")
        yield name, f"postgres://{server['USER']}@/{str(server['HOST']).replace('/', '%2F')}/{name}"
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.close()


def manage(
    variables: dict[str, str], *command: str, check: bool = True
) -> "subprocess.CompletedProcess[str]":
    """Runs a management command in a process of its own."""
    ended = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert not check or ended.returncode == 0, ended.stderr
    return ended


def start(variables: dict[str, str], code: str) -> "subprocess.Popen[str]":
    """Starts Python code after django.setup() in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> str:
    """Waits for the end and gives what was printed; what went wrong is in the failure's message."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out
