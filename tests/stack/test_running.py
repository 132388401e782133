"""The production stack runs: every service well, work done, Redis away and back, the clock there twice."""

import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg2
import pytest

from tests.factories import PASSWORD
from tests.guards import ROOT
from tests.members.test_second_factor import code_of
from tests.stack.browser import Browser
from tests.stack.compose import HOST, Stack, until

pytestmark = pytest.mark.stack

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BEGIN = "/sign-in/begin/"

PEOPLE = f"""
from branches.rules import OrganisationKind
from members.models import MandateKind
from tests import factories
committee = factories.an_organisation("上游局党委", OrganisationKind.COMMITTEE, code="SYJ")
branch = factories.an_organisation("合川分局党支部", superior=committee, code="HC")
account = factories.an_account(username="staff", name="党务管理员", password="{PASSWORD}")
factories.a_mandate(account, MandateKind.STAFF, committee)
print(committee.pk)
"""


def collecting() -> list[str]:
    """How the image has its static files collected."""
    collect = re.search(r"\.venv/bin/python (manage\.py collectstatic .*) && ", DOCKERFILE)
    assert collect
    return shlex.split(collect[1])


class Running:
    """The stack, a user's browser on it, and the rows of its database."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder)
        self.browser = Browser(self.stack.ports["8000"])
        self.organisation = ""

    def sign_in(self, username: str) -> None:
        """Signs in for the first time: the password, then the key that the page shows and a code of it."""
        words = {"username": username, "word": PASSWORD}
        status, headers, page = self.browser.post("/sign-in/", on="/sign-in/", **words)
        assert (status, headers.get("Location")) == (302, BEGIN), page.decode()
        # Production asks whoever holds a post for a second factor: nothing is open before it.
        status, headers, _ = self.browser.get("/reports/")
        assert (status, headers["Location"][:9]) == (302, "/sign-in/")
        code = code_of(self.browser.get(BEGIN)[2].decode(), datetime.now(UTC))
        status, _, page = self.browser.post(BEGIN, on=BEGIN, shown_code=code)
        assert (status, "恢复码" in page.decode()) == (200, True), page.decode()

    def ask_for_report(self, year: int) -> None:
        """Asks for a report on the page, as a user does."""
        fields = {"organisation": self.organisation, "year": year, "as_of": date(2026, 1, 1)}
        status, headers, page = self.browser.post("/reports/ask/", on="/reports/", **fields)
        assert (status, headers.get("Location", "")[:12]) == (302, "/reports/BG-"), page.decode()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database answers, past the system."""
        with (
            psycopg2.connect(
                host="127.0.0.1",
                port=self.stack.ports["5432"],
                user="tanxin",
                password=self.stack.secret("database_password"),
                dbname="tanxin",
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(query)
            return cursor.fetchall()

    def are_issued(self, count: int) -> bool:
        """Whether so many reports are done, and none waits or has failed."""
        return self.rows("SELECT state, count(*) FROM reports_report GROUP BY state") == [("done", count)]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """The whole stack, up and well, with a user who has signed in."""
    # Not in pytest's own folder, which PostgreSQL's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="stack-"))
    running = Running(folder)
    stack = running.stack
    try:
        for name in ("postgres", "redis"):
            stack.start(name)
        for name in ("postgres", "redis"):
            stack.until_healthy(name)
        stack.start("migrate")
        stack.run("web", ["python", *collecting()])
        stack.finish("migrate")
        for name in ("web", "worker", "beat"):
            stack.start(name)
        people = ["python", "manage.py", "shell", "--no-imports", "-c", PEOPLE]
        running.organisation = stack.run("web", people).strip()
        for name in ("web", "worker", "beat"):
            stack.until_healthy(name)
        running.sign_in("staff")
        yield running
    finally:
        stack.kill()
        shutil.rmtree(folder)


def test_pages_and_their_files_come_over_tls_alone(running: Running) -> None:
    stranger = Browser(running.stack.ports["8000"])
    status, headers, _ = stranger.get("/sign-in/", **{"X-Forwarded-Proto": "http"})
    assert (status, headers["Location"]) == (301, f"https://{HOST}/sign-in/")
    status, headers, _ = stranger.get("/static/css/screens.css", **{"Accept-Encoding": "br"})
    assert (status, headers["Content-Encoding"]) == (200, "br")
    assert set(running.browser.cookies) == {"__Host-session", "__Host-csrf", "__Host-known"}


def test_a_report_goes_through_the_worker(running: Running) -> None:
    running.ask_for_report(2020)
    until(lambda: running.are_issued(1), within=60, what="report issued")
    status, headers, paper = running.browser.get("/reports/BG-2026-0001/file/")
    assert (status, headers["Content-Type"], paper[:5]) == (200, "application/pdf", b"%PDF-")


def are_there(running: Running, *addresses: str) -> None:
    """The pages come."""
    assert [running.browser.get(address)[0] for address in addresses] == [200] * len(addresses)


def test_without_redis_pages_work_and_with_it_work_goes_on(running: Running) -> None:
    stack = running.stack
    assert stack.stop("redis") == 0
    running.ask_for_report(2021)
    are_there(running, "/", "/reports/", "/health/")
    # Asks for ten seconds: worker and clock have noticed meanwhile, and tried more than once.
    assert not stack.is_healthy("worker")
    are_there(running, "/", "/reports/", "/health/")
    assert not running.are_issued(2)
    stack.start("redis")
    until(lambda: running.are_issued(2), within=60, what="work resumed")
    stack.until_healthy("worker")
    stack.until_healthy("beat")


def test_two_clocks_at_once_cause_nothing_twice(running: Running) -> None:
    running.stack.start("beat", "second beat")
    for year in range(2022, 2026):
        running.ask_for_report(year)
    until(lambda: running.are_issued(6), within=90, what="reports issued")
    assert running.rows("SELECT attempts, count(*) FROM reports_report GROUP BY attempts") == [(1, 6)]
    entered = "SELECT count(*), count(DISTINCT target) FROM vault_trailentry WHERE action = '生成报告'"
    assert running.rows(entered) == [(6, 6)]
    assert running.stack.stop("beat", "second beat") == 0


def test_all_goes_down_cleanly(running: Running) -> None:
    stack = running.stack
    ended = {name: stack.stop(name) for name in ("beat", "worker", "web", "redis", "postgres")}
    assert ended == dict.fromkeys(ended, 0)
    assert "Traceback" not in stack.log("web") + stack.log("migrate")
