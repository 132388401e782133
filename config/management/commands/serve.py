"""`python manage.py serve`: web server, worker and clock of the embedded default, as one command."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

PORT_TAKEN = (
    "{host}:{port} 已被占用。请先停止占用它的程序，或换一个端口：PORT={other} make run\n"
    "{host}:{port} is in use. Stop what uses it, or choose another port."
)
PART_ENDED = "{part}已意外退出（返回值 {status}），其余部分已一并停止。原因见上方日志。"
NOT_READY = "{seconds} 秒内网页服务未能启动，已停止。原因见上方日志。"
READY = "\n谈心谈话系统已启动：http://{host}:{port}　（按 Ctrl-C 停止）\n"
STOPPING = "\n正在停止，请稍候几秒。"
STOPPED = "已停止。"

SECONDS_TO_START = 60
# The worker ends the tasks it has begun before it goes; what is cut off is a row that is picked up again.
SECONDS_TO_STOP = 20


class Command(BaseCommand):
    """Starts gunicorn and a Celery worker with beat, and stops both when either ends or a signal comes."""

    help = "启动网页服务、后台任务和定时任务；按 Ctrl-C 全部停止。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--host and --port of the web server."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: object, **options: object) -> None:
        """Runs until a signal (ends with status 0) or until a part ends by itself (CommandError)."""
        host, port = str(options["host"]), int(str(options["port"]))
        if _answers(host, port):
            raise CommandError(PORT_TAKEN.format(host=host, port=port, other=port + 1))
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, _interrupt)
        # Nothing is collected on the embedded default: WhiteNoise reads the files where they lie.
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        parts: dict[str, subprocess.Popen[bytes]] = {}
        try:
            parts["网页服务"] = _start("gunicorn", "config.wsgi", *_server_options(host, port))
            parts["后台任务"] = _start("celery", "--quiet", "-A", "config", "worker", *_worker_options())
            self._wait_until_ready(parts, host, port)
            self.stdout.write(READY.format(host=host, port=port))
            self.stdout.flush()
            while True:
                _raise_if_ended(parts)
                time.sleep(0.3)
        except KeyboardInterrupt:
            self.stdout.write(STOPPING)
            self.stdout.flush()
        finally:
            _stop(parts)
        self.stdout.write(STOPPED)

    def _wait_until_ready(self, parts: Mapping[str, subprocess.Popen[bytes]], host: str, port: int) -> None:
        """Returns when the server listens; CommandError when it does not come up in time."""
        last = time.monotonic() + SECONDS_TO_START
        while not _answers(host, port):
            _raise_if_ended(parts)
            if time.monotonic() > last:
                raise CommandError(NOT_READY.format(seconds=SECONDS_TO_START))
            time.sleep(0.1)


def _server_options(host: str, port: int) -> list[str]:
    # Threads, since a page may wait for SQLite's one writer; two processes, so that one may be recycled.
    workers = ["--workers", "2", "--threads", "4", "--max-requests", "2000", "--max-requests-jitter", "200"]
    return ["--bind", f"{host}:{port}", *workers, "--timeout", "120", "--log-level", "warning"]


def _worker_options() -> list[str]:
    # The last three speak to other workers, of which the embedded default has none.
    lonely = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ["--beat", "--concurrency", "2", "--loglevel", "WARNING", *lonely]


def _start(module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """A part in a session of its own, so that Ctrl-C comes here first; it dies with this command."""
    guard = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    return subprocess.Popen(
        [*guard, sys.executable, "-m", module, *arguments],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _answers(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as connection:
        connection.settimeout(1)
        return connection.connect_ex((host, port)) == 0


def _raise_if_ended(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for part, process in parts.items():
        status = process.poll()
        if status is not None:
            raise CommandError(PART_ENDED.format(part=part, status=status))


def _stop(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    # A second Ctrl-C must not leave a part behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for process in parts.values():
        if process.poll() is None:
            process.terminate()
    last = time.monotonic() + SECONDS_TO_STOP
    for process in parts.values():
        try:
            process.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
