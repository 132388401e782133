"""Celery workers that die at a step of their task.

They are forked from one process, as most of a worker's start goes into reading its code. Of each line on its
standard input, a folder and a queue, `main` makes a worker with one process for tasks; on its standard output
it tells the worker's process group, and in the end the status with which the worker ended.

A step is a statement to the database, or the moment before or after a commit. The file `deadly` in the
worker's folder names a task by its id, a step, and who dies there of SIGKILL: `process`, the one that works
on the task, as when memory runs out, or `worker`, with all its processes, as when the machine goes down; 0 is
no step. Where the task takes fewer steps, its end is deadly. The file `told` says of each task how many steps
it took, or that it died, the file `log` what the worker has to say.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery.concurrency.asynpool import AsynPool
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from config.celery import app

# Celery waits ten seconds, looking every five, before it hands a dead process's task out again.
app.conf.worker_lost_wait = 0.1
AsynPool.timers = property(lambda pool: {pool.maintain_pool: 0.2})


class Steps:
    """Counts the steps of the task at hand."""

    def __init__(self) -> None:
        self.folder = Path()
        self.task, self.count, self.deadly, self.dies = "", 0, 0, ""

    def take(self) -> None:
        """One step; the last one, perhaps."""
        self.count += 1
        if self.count == self.deadly:
            self.die()

    def begin(self, task_id: str, **sent: object) -> None:
        """A task begins."""
        self.task, self.count, self.deadly = task_id, 0, 0
        task, step, self.dies = (self.folder / "deadly").read_text().split()
        self.deadly = int(step) if task == task_id else 0
        if self.execute not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.execute)

    def end(self, **sent: object) -> None:
        """A task has ended."""
        if self.deadly:
            self.die()
        self.tell(str(self.count))

    def execute(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Around each statement."""
        found = execute(*arguments)
        self.take()
        return found

    def die(self) -> None:
        """Dies; if the task comes again, it lives."""
        (self.folder / "deadly").write_text(f"{self.task} 0 nobody")
        self.tell("died")
        if self.dies == "worker":
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    def tell(self, what: str) -> None:
        """One line in one write: what became of the task."""
        with (self.folder / "told").open("ab", buffering=0) as file:
            file.write(f"{self.task} {what}\n".encode())


steps = Steps()
task_prerun.connect(steps.begin, weak=False)
task_postrun.connect(steps.end, weak=False)
commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]


def commit_between_steps(self: BaseDatabaseWrapper) -> None:
    """A commit, and the chance to die before it and after it."""
    # Not that of the thread which renews the claim.
    counts = steps.execute in self.execute_wrappers
    if counts:
        steps.take()
    commit(self)
    if counts:
        steps.take()


BaseDatabaseWrapper._commit = commit_between_steps  # type: ignore[attr-defined]


# --- the negative control: tasks that are not made for being killed -----------------------------------------


@app.task  # type: ignore[untyped-decorator]
def tell_then_note() -> None:
    """Tells, and only then notes that it has: who is killed between tells once more."""
    from tests.kills.kinds import tell, untold

    waiting = set(untold().values_list("pk", flat=True))
    tell(waiting)
    untold().update(done=1)


@app.task  # type: ignore[untyped-decorator]
def note_then_tell() -> None:
    """Notes first: who is killed between never tells."""
    from tests.kills.kinds import tell, untold

    waiting = set(untold().values_list("pk", flat=True))
    untold().update(done=1)
    tell(waiting)


# --- forking ------------------------------------------------------------------------------------------------


def be_worker(folder: Path, queue: str) -> None:
    """Is a worker from now on, in a process group of its own."""
    os.setpgrp()
    log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    steps.folder = folder
    settings.VAULT_TRAIL_HEAD_FILE = folder / "trail.head"
    options = ["--queues", queue, "--concurrency", "1", "--hostname", f"{queue}@%h", "--loglevel", "WARNING"]
    lonely = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    app.worker_main(["--quiet", "worker", *options, *lonely])


def main() -> None:
    """Until its standard input ends."""
    app.loader.import_default_modules()
    for line in sys.stdin:
        folder, queue = line.split()
        group = os.fork()
        if group == 0:
            be_worker(Path(folder), queue)
            os._exit(0)
        # Here as well: whoever is told of the group may kill it before the child has come to run.
        with suppress(ProcessLookupError):
            os.setpgid(group, group)
        print(group, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(group, 0)[1]), flush=True)
