"""A worker is killed with SIGKILL in the middle of each kind of task: nothing is lost, nothing is repeated.

On SQLite over the folder of the embedded default, on PostgreSQL over Redis, as `make test` runs it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection

from config.celery import app
from tests.conftest import World
from tests.guards import ROOT
from tests.kills.kinds import KINDS, MAILS, SPOILT, Kind
from vault.services import find_fault

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 8
# Under which no machine is too slow, and on which nobody waits.
PATIENCE = 90


class Worker:
    """A real worker on the tests' database, and a queue that only it and the test know."""

    def __init__(self, nursery: "subprocess.Popen[str]", folder: Path) -> None:
        self.nursery, self.folder, self.queue = nursery, folder, f"kills-{uuid4()}"
        self.group = 0

    def start(self) -> None:
        """Starts the worker, in a process group of its own."""
        assert self.nursery.stdin
        print(self.folder, self.queue, file=self.nursery.stdin, flush=True)
        self.group = self._read()

    def work(self, task: str) -> int:
        """Has the worker run the task, as the timetable would; how many steps it took."""
        return int(self._told(self._send(task), 1))

    def work_until(self, kind: Kind) -> int:
        """Has it run the task until all is settled; the steps of the longest run."""
        longest, last = 0, time.monotonic() + PATIENCE
        while not kind.settled():
            assert time.monotonic() < last, self.log()
            longest = max(longest, self.work(kind.task))
            time.sleep(0.1)
        return longest

    def lose_process(self, task: str, step: int) -> None:
        """Kills the process that works on the task, at the step: the task comes again by itself."""
        sent = self._send(task, deadly=step, dies="process")
        assert self._told(sent, 1) == "died"
        assert int(self._told(sent, 2))

    def lose_worker(self, task: str, step: int) -> None:
        """Kills the worker with all its processes, at the step of the task, and starts another."""
        sent = self._send(task, deadly=step, dies="worker")
        assert self._told(sent, 1) == "died"
        assert self._read() == -signal.SIGKILL
        self.start()

    def end(self) -> None:
        """Ends the worker at once."""
        if self.group:
            with suppress(ProcessLookupError):
                os.killpg(self.group, signal.SIGKILL)
            self._read()

    def log(self) -> str:
        """What it has printed."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def _read(self) -> int:
        assert self.nursery.stdout
        return int(self.nursery.stdout.readline())

    def _send(self, task: str, *, deadly: int = 0, dies: str = "nobody") -> str:
        sent = str(uuid4())
        (self.folder / "deadly").write_text(f"{sent} {deadly} {dies}")
        app.send_task(task, task_id=sent, queue=self.queue)
        return sent

    def _told(self, sent: str, times: int) -> str:
        """What the worker says of a task, the first time or a later one."""
        last, file = time.monotonic() + PATIENCE, self.folder / "told"
        while True:
            lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
            told = [what for task, what in lines if task == sent]
            if len(told) >= times:
                return told[times - 1]
            assert time.monotonic() < last, self.log()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator["subprocess.Popen[str]"]:
    """The process from which workers on the tests' database are forked."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"
    own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "CLAIM_SECONDS": "1"}
    own["EMAIL_URL"] = f"filemail:///{MAILS}"
    with subprocess.Popen(
        [sys.executable, "-c", "from tests.kills.worker import main; main()"],
        cwd=ROOT,
        env=os.environ | own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as nursery:
        yield nursery
        assert nursery.stdin
        nursery.stdin.close()
    rmtree(MAILS, ignore_errors=True)


@pytest.fixture
def worker(nursery: "subprocess.Popen[str]", tmp_path: Path, settings: LazySettings) -> Iterator[Worker]:
    # Other tests of real transactions have emptied the trail, not the file beside it.
    settings.VAULT_TRAIL_HEAD_FILE = tmp_path / "trail.head"
    worker = Worker(nursery, tmp_path)
    try:
        yield worker
    finally:
        worker.end()
        with app.connection_for_write() as broker:
            broker.default_channel.queue_delete(worker.queue)


def sweep(kind: Kind, world: World, worker: Worker) -> int:
    """Kills at points spread over the task, first and last step among them; the pieces of work in all."""
    kind.leave(world, 0)
    worker.start()
    steps = worker.work_until(kind)
    points = sorted({1 + round(part * (steps - 1) / (POINTS - 1)) for part in range(POINTS)})
    for number, point in enumerate(points, 1):
        kind.leave(world, number)
        # Twice the whole worker.
        lose = worker.lose_worker if number % (POINTS // 2) == 0 else worker.lose_process
        lose(kind.task, point)
        worker.work_until(kind)
    assert len(points) == min(POINTS, steps)
    return 1 + len(points)


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_lost_and_nothing_is_repeated(name: str, world: World, worker: Worker) -> None:
    count = sweep(KINDS[name], world, worker)
    KINDS[name].check(world, count)
    assert find_fault() is None


@pytest.mark.parametrize("name", SPOILT)
def test_the_sweep_sees_what_is_done_twice_or_never(name: str, world: World, worker: Worker) -> None:
    """The negative control: tasks that are not made for being killed."""
    count = sweep(SPOILT[name], world, worker)
    with pytest.raises(AssertionError):
        SPOILT[name].check(world, count)


def unswept() -> set[str]:
    """The tasks of the system, registered or in the timetable, in which no worker is killed here."""
    app.loader.import_default_modules()
    registered = {name for name in app.tasks if not name.startswith(("celery.", "tests.kills.worker."))}
    timetable = {entry["task"] for entry in app.conf.beat_schedule.values()}
    return (registered | timetable) - {kind.task for kind in KINDS.values()}


def test_every_task_is_in_the_sweep() -> None:
    assert unswept() == set()


def test_a_task_that_is_not_in_the_sweep_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.tasks, "talks.tasks.forgotten", app.tasks["celery.backend_cleanup"])
    monkeypatch.setitem(app.conf.beat_schedule, "typo", {"task": "talks.tasks.keep_duty"})
    assert unswept() == {"talks.tasks.forgotten", "talks.tasks.keep_duty"}
