"""一个国家：核对全部应谈事项（BENCH_MEMBERS=1000000 make bench；默认 5,000 名党员）

On a PostgreSQL that is started here, in a temporary folder, as for `make test`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

from tests.guards import ROOT

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "5000"))
PATIENCE = 60


def run() -> list[tuple[str, str]]:
    """Generates the country, and measures over it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder, a_postgres(Path(folder)) as url:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": url,
        }
        _python(environment, "manage.py", "migrate", "--verbosity", "0")
        start = perf_counter()
        _python(environment, "manage.py", "generate_country", "--members", str(MEMBERS))
        generated = perf_counter() - start
        measured = json.loads(_python(environment, "-m", "tests.bench.country"))
    return [(f"写入{MEMBERS:,}名党员", f"{generated:.0f} 秒"), *((what, figure) for what, figure in measured)]


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


def _python(environment: dict[str, str], *arguments: str) -> str:
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
