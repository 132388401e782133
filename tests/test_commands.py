"""The two commands: what is missing is named, nothing is left out in silence, the parts stay together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards import ROOT


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in the folder of the project, with settings of its own."""
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


# --- .ci/prepare -------------------------------------------------------------------------------------------


@pytest.fixture
def bare_machine(tmp_path: Path) -> str:
    """A PATH on which no package is installed, sudo asks for a password and nobody is root."""
    answers = {
        "dpkg-query": "exit 1",
        "sudo": "exit 1",
        "id": "echo 1000",
        "apt-get": f"touch {tmp_path}/installed",
    }
    for name, answer in answers.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / name).chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


def test_who_may_not_install_is_told_one_line(bare_machine: str, tmp_path: Path) -> None:
    told = run(".ci/prepare", PATH=bare_machine)
    assert told.returncode == 1
    lines = [line for line in told.stderr.splitlines() if "apt-get" in line]
    assert len(lines) == 1
    command, _, packages = lines[0].strip().partition(" install --yes --no-install-recommends ")
    assert command == "sudo apt-get update && sudo apt-get"
    assert packages.split() == [
        *("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk", "fonts-lxgw-wenkai")
    ]
    assert not (tmp_path / "installed").exists()


# --- .ci/tally.py ------------------------------------------------------------------------------------------

SUITE = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.mark.parametrize(
    ("failed_checks", "runs", "line", "status"),
    [
        (0, {"a": (0, (3, 0, 0, 0)), "b": (0, (4, 0, 0, 0))}, "7 passed, 0 failed", 0),
        (0, {"a": (1, (3, 1, 1, 0)), "b": (0, (4, 0, 0, 0))}, "5 passed, 2 failed", 1),
        (2, {"a": (0, (3, 0, 0, 0))}, "3 passed, 2 failed", 1),
        (0, {"a": (0, (3, 0, 0, 1))}, "2 passed, 0 failed, 1 skipped", 1),
        # No tests is pytest's 5; a run that was killed left no report; an interrupted one is not green.
        (0, {"a": (0, (3, 0, 0, 0)), "b": (5, (0, 0, 0, 0))}, "3 passed, 1 failed", 1),
        (0, {"a": (0, (3, 0, 0, 0)), "b": (137, None)}, "3 passed, 1 failed", 1),
        (0, {"a": (2, (3, 0, 0, 0))}, "2 passed, 1 failed", 1),
        (0, {}, "0 passed, 0 failed", 1),
    ],
)
def test_the_closing_line_sums_the_runs(
    tmp_path: Path,
    failed_checks: int,
    runs: dict[str, tuple[int, tuple[int, int, int, int] | None]],
    line: str,
    status: int,
) -> None:
    for name, (exit_status, counts) in runs.items():
        (tmp_path / f"{name}.status").write_text(str(exit_status))
        if counts:
            (tmp_path / f"{name}.xml").write_text(SUITE.format(*counts))
    tally = run(sys.executable, ".ci/tally.py", str(failed_checks), str(tmp_path))
    assert tally.stdout.splitlines()[-1] == line
    assert tally.returncode == status


# --- manage.py serve ---------------------------------------------------------------------------------------


# Taken away, so that it is the embedded default that runs.
SETTINGS_OF_TESTS = (
    *("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "VAULT_KEY", "REDIS_URL"),
    *("BROKER_FOLDER", "VAULT_TRAIL_HEAD_FILE"),
)


class Serving:
    """`manage.py serve` on a port and a database of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'served.sqlite3'}"}
        for name in SETTINGS_OF_TESTS:
            self.environment.pop(name, None)
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, **pipes)  # type: ignore[call-overload]

    def wait_until_up(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if f"http://127.0.0.1:{self.port}" in line:
                return
        raise AssertionError(self.process.communicate()[1])

    def parts(self) -> dict[str, int]:
        """The processes of the server and the worker by name."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        names = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in children}
        return {name[name.index("-m") + 1]: int(pid) for pid, name in names.items()}


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    served = Serving(tmp_path)
    try:
        served.wait_until_up()
        yield served
    finally:
        if served.process.poll() is None:
            served.process.send_signal(signal.SIGTERM)
        served.process.communicate(timeout=30)


def gone(pid: int) -> bool:
    """Whether a process has ended; a server that is still loading ends when it has loaded."""
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists() or ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.1)
    return False


def test_server_and_worker_start_and_stop_together(serving: Serving) -> None:
    parts = serving.parts()
    assert set(parts) == {"gunicorn", "celery"}
    with socket.create_connection(("127.0.0.1", serving.port), timeout=60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert connection.recv(12).startswith(b"HTTP/1.1 ")

    second = serving.start()
    assert "已被占用" in second.communicate(timeout=60)[1]
    assert second.returncode == 1

    serving.process.send_signal(signal.SIGTERM)
    out, err = serving.process.communicate(timeout=60)
    assert serving.process.returncode == 0, err
    assert "已停止" in out
    assert all(gone(pid) for pid in parts.values())


@pytest.mark.parametrize(
    ("dies", "stays", "named"), [("celery", "gunicorn", "后台任务"), ("gunicorn", "celery", "网页服务")]
)
def test_when_one_part_dies_the_other_goes(serving: Serving, dies: str, stays: str, named: str) -> None:
    parts = serving.parts()
    os.kill(parts[dies], signal.SIGKILL)
    _, err = serving.process.communicate(timeout=60)
    assert serving.process.returncode == 1
    assert f"{named}已意外退出" in err
    assert gone(parts[stays])


def test_the_parts_do_not_outlive_a_command_that_was_killed(serving: Serving) -> None:
    parts = serving.parts()
    serving.process.kill()
    assert all(gone(pid) for pid in parts.values())
