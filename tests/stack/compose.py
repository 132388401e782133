"""docker-compose.yml as it stands, and its services run on this machine: no Docker engine is needed.

A service gets its own command, environment, secrets and health check. Translated is only what is another
place here: ports and host names, the folders that are volumes in a container, and the secrets' folder. What
Docker alone can promise (users, networks, a file system that is only read) is for test_files.py.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

from tests.guards import ROOT

HOST = "talks.example.com"
# What `${NAME:?…}` says where the name is not given.
MESSAGE = re.compile(r":\?[^}]*\}")
UNITS = {"s": 1, "m": 60}


def compose_file() -> dict[str, Any]:
    """docker-compose.yml, its anchors and merges resolved."""
    return cast(dict[str, Any], YAML(typ="safe").load(ROOT / "docker-compose.yml"))


def seconds(duration: str) -> int:
    """90 for `90s`, 120 for `2m`."""
    return int(duration[:-1]) * UNITS[duration[-1]]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(holds: Callable[[], bool], *, within: float, what: str) -> float:
    """Waits until it holds and gives the seconds that took; AssertionError where it takes too long."""
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < within, f"{what}: not within {within} s"
        time.sleep(0.5)
    return time.monotonic() - start


class Stack:
    """The services of docker-compose.yml, each started by its own command in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: dict[str, dict[str, Any]] = compose_file()["services"]
        self.ports = {port: str(free_port()) for port in ("5432", "6379", "8000")}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended: dict[str, int] = {}
        # PostgreSQL's user, which is not root, has to get through.
        folder.chmod(0o711)
        for name in ("secrets", "state", "static", "database", "socket"):
            (folder / name).mkdir()
        for name in compose_file()["secrets"]:
            text = "consolemail://" if name == "email_url" else secrets.token_hex(32)
            (folder / "secrets" / name).write_text(f"{text}\n", encoding="ascii")
        self.server = str(sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)[-1])

    def secret(self, name: str) -> str:
        """The content of a secret's file."""
        return (self.folder / "secrets" / name).read_text(encoding="ascii").strip()

    # --- translation ---------------------------------------------------------------------------------------

    def here(self, text: str, instance: str) -> str:
        """A text of the compose file with the places of this machine, as the shell or program gets it."""
        places = {
            "${TANXIN_HOST}": HOST,
            "/run/secrets/": f"{self.folder}/secrets/",
            "/var/lib/tanxin": f"{self.folder}/state",
            "/tmp/": f"{self.folder}/{instance}.",
            "@postgres:": "@127.0.0.1:",
            "//redis:": "//127.0.0.1:",
            "0.0.0.0:": "127.0.0.1:",
            "$$": "$",
            **self.ports,
        }
        # In one pass: the path of a folder, or a port, may contain what is looked for.
        wanted = re.compile("|".join(map(re.escape, places)))
        return wanted.sub(lambda found: places[found[0]], MESSAGE.sub("}", text))

    def environment(self, name: str) -> dict[str, str]:
        """What a service finds in its environment: nothing of the tests' own."""
        own = self.services[name].get("environment", {})
        return {
            "PATH": f"{self.server}:{ROOT}/.venv/bin:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "HOSTNAME": socket.gethostname(),
            # Where the image has its files collected.
            "STATIC_ROOT": f"{self.folder}/static",
            "PGDATA": f"{self.folder}/database/data",
        } | {key: self.here(value, name) for key, value in own.items()}

    def command(self, name: str, instance: str) -> list[str]:
        """The service's own command."""
        command = [self.here(word, instance) for word in self.services[name]["command"]]
        if name == "postgres":
            return [*_as_postgres(), *command, "-k", f"{self.folder}/socket"]
        return command

    # --- life ----------------------------------------------------------------------------------------------

    def run(self, name: str, command: Sequence[str]) -> str:
        """What a command prints that is run to its end as `docker compose exec` would run it."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(name), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, instance: str = "") -> None:
        """Starts a service as soon as those that it depends on are where it wants them."""
        for other, wanted in self.services[name].get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert self.is_healthy(other), other
            else:
                assert self.ended[other] == 0, other
        if name == "postgres":
            self._make_database()
        log = (self.folder / f"{instance or name}.log").open("ab")
        self.running[instance or name] = subprocess.Popen(
            self.command(name, instance or name),
            cwd="/" if name == "postgres" else ROOT,
            env=self.environment(name),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def finish(self, name: str) -> None:
        """Waits for a service that runs once."""
        self.ended[name] = self.running.pop(name).wait(120)
        assert self.ended[name] == 0, self.log(name)

    def stop(self, name: str, instance: str = "") -> int:
        """Ends a service with its own signal, within its own grace; its status. No process of it is left."""
        process = self.running.pop(instance or name)
        process.send_signal(signal.Signals[self.services[name].get("stop_signal", "SIGTERM")])
        status = process.wait(seconds(self.services[name].get("stop_grace_period", "10s")))
        assert not _lives(process.pid), f"{name} left processes behind"
        return status

    def kill(self) -> None:
        """Ends at once whatever still runs, where a test has failed."""
        for process in reversed(self.running.values()):
            # The group's leader is ours and not waited for yet: its number is nobody else's.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def is_healthy(self, name: str) -> bool:
        """What the service's own health check says."""
        kind, *test = [self.here(word, name) for word in self.services[name]["healthcheck"]["test"]]
        try:
            check = subprocess.run(
                test if kind == "CMD" else ["sh", "-c", *test],
                cwd=ROOT,
                env=self.environment(name),
                capture_output=True,
                timeout=seconds(self.services[name]["healthcheck"]["timeout"]),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return check.returncode == 0

    def until_healthy(self, name: str) -> None:
        """Waits no longer than Docker would before it calls the service unhealthy."""
        check = self.services[name]["healthcheck"]
        patience = seconds(check["start_period"]) + check["retries"] * seconds(check["interval"])
        try:
            until(lambda: self.is_healthy(name), within=patience, what=f"{name} healthy")
        except AssertionError as error:
            raise AssertionError(self.log(name)) from error

    def log(self, instance: str) -> str:
        """What the service has printed."""
        return (self.folder / f"{instance}.log").read_text(encoding="utf-8", errors="replace")

    def _make_database(self) -> None:
        """What the entry point of PostgreSQL's image does with an empty volume."""
        environment, owner = self.environment("postgres"), _as_postgres()
        if owner:
            for name in ("database", "socket"):
                shutil.chown(self.folder / name, _owner())
        given = self.folder / "database" / "password"
        given.write_text(self.secret("database_password"))
        if owner:
            shutil.chown(given, _owner())
        user, database = environment["POSTGRES_USER"], environment["POSTGRES_DB"]
        options = environment["POSTGRES_INITDB_ARGS"].split()
        self._in_database(
            "initdb",
            "--no-sync",
            f"--username={user}",
            f"--pwfile={given}",
            *options,
            environment=environment,
        )
        given.unlink()
        only = f"CREATE DATABASE {database}\n"
        self._in_database("postgres", "--single", "-j", "postgres", environment=environment, text=only)

    def _in_database(self, *command: str, environment: Mapping[str, str], text: str = "") -> None:
        subprocess.run(
            [*_as_postgres(), *command],
            cwd="/",
            env=environment,
            input=text,
            text=True,
            capture_output=True,
            check=True,
        )


def _version(path: Path) -> int:
    return int(path.parent.name)


def _owner() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root: setpriv makes itself the ordinary user, then the server."""
    if os.getuid() != 0:
        return []
    entry = pwd.getpwnam(_owner())
    return [
        *(
            "setpriv",
            "--reuid",
            str(entry.pw_uid),
            "--regid",
            str(entry.pw_gid),
            "--clear-groups",
            "--no-new-privs",
        ),
        "--",
    ]


def _lives(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
