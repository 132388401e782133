"""The settings of production as Django's own check sees them, and what goes with answers to strangers."""

import base64
import os
import subprocess
import sys

from django.test import Client

from tests.guards import ROOT


def _checked(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` with the settings of production; no database is asked."""
    production = {
        "DATABASE_URL": "postgres://tanxin@localhost/tanxin",
        "SECRET_KEY": base64.b64encode(bytes(range(60))).decode(),
        "VAULT_KEY": base64.b64encode(bytes(range(32))).decode(),
        "ALLOWED_HOSTS": "talks.example.com",
        "BEHIND_PROXY": "true",
    }
    # The last is set by the browser tests, wherever they were collected.
    left_out = ("DJANGO_SETTINGS_MODULE", "OVER_TLS", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**inherited, **production, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_settings_of_production_give_no_warning() -> None:
    run = _checked()
    assert (run.returncode, "WARNINGS" in run.stderr) == (0, False), run.stderr


def test_settings_without_tls_are_told_of() -> None:
    """The control: the check above does see what is wanting."""
    run = _checked(OVER_TLS="false")
    assert run.returncode != 0
    assert {"security.W004", "security.W012", "security.W016"} <= {
        word.strip("()?:") for word in run.stderr.split()
    }


def test_no_other_origin_takes_an_answer_in_and_no_page_asks_for_more_than_it_needs() -> None:
    """The door and a host that is not ours: neither needs the database, both go where all go."""
    told = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }
    door = Client().get("/")
    assert (door.status_code, {name: door.headers.get(name) for name in told}) == (302, told)
    assert "camera=()" in door.headers["Permissions-Policy"]
    elsewhere = Client().get("/", headers={"host": "elsewhere.example"})
    assert elsewhere.status_code == 400
    assert elsewhere.headers["Cross-Origin-Resource-Policy"] == "same-origin"
