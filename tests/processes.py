"""Python in a process of its own, on the database of the tests: what two do at once, what does not end."""

import os
import subprocess
import sys

from django.db import connection

from tests.guards import ROOT


def start(script: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """The script as a process; what it prints is its outcome."""
    settings = connection.settings_dict
    name = settings["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = f"postgres://{settings['USER']}@/{settings['HOST']}/{name}"
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(process: "subprocess.Popen[str]") -> str:
    """What it printed; an AssertionError with its complaint where it failed."""
    out, complaint = process.communicate()
    assert process.returncode == 0, complaint
    return out.strip()
