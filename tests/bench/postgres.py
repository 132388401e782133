"""A PostgreSQL for a bench, in a temporary folder, and processes that work on it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from tests.guards import ROOT

PATIENCE = 60


@contextmanager
def a_database() -> Iterator[dict[str, str]]:
    """The environment of a process over an empty database on a PostgreSQL that lives as long as the block."""
    with tempfile.TemporaryDirectory() as folder, a_postgres(Path(folder)) as url:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url}
        run_python(environment, "manage.py", "migrate", "--verbosity", "0")
        yield environment


@contextmanager
def a_postgres(folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL that lives as long as the block."""
    # The owner of the cluster, who must not be root, has to get through.
    folder.chmod(0o711)
    cluster = folder / "postgres"
    with (folder / "postgres.log").open("w") as log:
        server = subprocess.Popen([ROOT / ".ci/postgres", cluster], stdout=log, stderr=log)
        try:
            ready = ["pg_isready", "--quiet", "--host", cluster, "--username", "tests"]
            for _ in range(PATIENCE * 10):
                if subprocess.run(ready, check=False).returncode == 0:
                    break
                sleep(0.1)
            else:
                raise TimeoutError((folder / "postgres.log").read_text())
            yield f"postgres://tests@/{cluster}/postgres"
        finally:
            # Fast shutdown: nothing is to be saved.
            server.send_signal(2)
            server.wait()


def run_python(environment: dict[str, str], *arguments: str) -> str:
    """What Python prints; an AssertionError where it fails."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
