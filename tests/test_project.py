"""What the house promises of every file: the guards of guards.py, names, migrations, README.

The import contracts are in test_contracts.py, the two commands in test_commands.py.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.guards import APPS, GUARDS, ROOT, code, files

FILE_NAMES = {
    *("rules", "models", "permissions", "figures", "forms", "services", "pdf", "excel", "word", "tasks"),
    *("views", "urls", "admin", "apps", "templatetags", "management", "migrations", "__init__"),
}


@pytest.mark.parametrize("name", GUARDS)
def test_the_house_keeps_its_habits(name: str) -> None:
    guard = GUARDS[name]
    faults = {str(path): guard.faults((ROOT / path).read_text(encoding="utf-8")) for path in guard.where()}
    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in GUARDS for text in GUARDS[name].spoilt])
def test_a_guard_finds_what_it_looks_for(name: str, text: str) -> None:
    assert GUARDS[name].faults(text) != []


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_leaves_the_rest_alone(name: str) -> None:
    assert GUARDS[name].faults(GUARDS[name].sound) == []


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_has_something_to_look_at(name: str) -> None:
    assert next(GUARDS[name].where(), None) is not None


# --- names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_only_the_known_files(app: str) -> None:
    entries = {path.stem for path in (ROOT / app).iterdir() if path.name != "__pycache__"}
    assert entries - FILE_NAMES == set()


def test_there_are_no_other_packages() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*APPS, "config", "tests"}
    assert {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()} == {*APPS, "config"}


def test_a_file_that_outgrows_its_room_becomes_a_package() -> None:
    # "About 300 lines": past 400 it is no longer about.
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in files(".py", under=APPS)}
    migrations = {str(path) for path in code("migrations")}
    assert {path for path, length in lengths.items() if length > 400 and path not in migrations} == set()


# --- migrations --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_hand() -> None:
    names = [path.stem for path in code("migrations") if path.stem != "__init__"]
    assert len(names) >= len(APPS)
    assert [name for name in names if "_auto_" in name or not re.fullmatch(r"\d{4}_[a-z0-9_]+", name)] == []


@pytest.mark.django_db
def test_each_app_has_one_newest_migration() -> None:
    assert MigrationLoader(connection).detect_conflicts() == {}


def test_migrations_go_to_nothing_and_back(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'house.sqlite3'}"}

    def migrate(*arguments: str) -> str:
        command = [sys.executable, "manage.py", "migrate", "--no-color", *arguments]
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout

    migrate("--verbosity", "0")
    for app in reversed(APPS):
        migrate(app, "zero", "--verbosity", "0")
    assert "Applying reports.0001" in migrate()
    assert "No migrations to apply" in migrate()


# --- README ------------------------------------------------------------------------------------------------

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_tells_both_commands_and_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE)
    assert {"run", "test"} <= set(targets)
    assert [target for target in targets if f"make {target}" not in README] == []


def test_the_readme_tells_every_setting() -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r"\b(?:text|flag|number)\(\s*\"([A-Z_]+)\"", source))
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= names
    assert sorted(name for name in names if f"`{name}`" not in README) == []


def test_the_readme_tells_every_command_of_ours() -> None:
    ours = [name for name, app in get_commands().items() if app in {*APPS, "config"}]
    assert "serve" in ours
    assert sorted(name for name in ours if f"`{name}`" not in README) == []


def test_the_readme_ends_with_where_things_are() -> None:
    last = [line for line in README.splitlines() if line.startswith("## ")][-1]
    assert last == "## Where is…?"
