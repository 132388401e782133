"""Browsers of every role in one world that is made once: for tests that ask at many addresses.

A test module has the world for itself, in one transaction (`one_transaction`); what a request writes is
undone at once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import quote

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from branches.rules import OrganisationKind
from members.models import MandateKind
from members.views.confirmation import CONFIRMED
from tests import factories
from tests.access import ROLES
from tests.conftest import World, make_world, signed_in
from tests.pages import faults_of


@contextmanager
def one_transaction(blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database, for all tests of a module; undone at the end."""
    with blocker.unblock(), undone():
        yield


@contextmanager
def undone() -> Iterator[None]:
    """What is written meanwhile is undone."""
    block = transaction.atomic()
    # As Django's own TestCase says of its blocks: what asks for a transaction of its own may begin one here.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def wide_world() -> World:
    """The world, with an account for every role of the table."""
    made = make_world()
    populate(made)
    return made


def populate(world: World) -> None:
    """The roles that the world has not: of other organisations, and one whose post has ended."""
    branch, other_branch = world.branch, world.other_branch
    former = factories.a_member("高培元", branch, code="P016")
    other_committee_member = factories.a_member("唐雨薇", other_branch, code="P023")
    factories.a_post(former, branch, "支部书记", is_principal=True, until=timezone.localdate())
    factories.a_post(other_committee_member, other_branch, "组织委员", is_team=True)
    elsewhere = factories.an_organisation("域外党委", OrganisationKind.COMMITTEE, code="YW")
    factories.an_organisation("域外党支部", superior=elsewhere, code="YW1")
    world.accounts["former"] = factories.an_account(former, username="former")
    world.accounts["other_committee_member"] = factories.an_account(
        other_committee_member, username="other_committee_member"
    )
    for role, kind in (("other_staff", MandateKind.STAFF), ("other_inspector", MandateKind.INSPECTOR)):
        world.accounts[role] = factories.an_account(username=role, name=str(kind.label))
        factories.a_mandate(world.accounts[role], kind, elsewhere)


NONCES = re.compile(
    r"'nonce-[^']+'|nonce=\"[^\"]*\"|csrfmiddlewaretoken\" value=\"\w+\"|\"X-CSRFToken\": \"\w+\""
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser was told, after how many queries, and what of it would be wrong in any answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    queries: int
    faults: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """As text."""
        return self.content.decode(errors="replace")

    @property
    def location(self) -> str:
        """Where it is sent to, without the query."""
        return self.headers.get("Location", "").partition("?")[0]

    def without(self, address: str) -> tuple[int, dict[str, str], str]:
        """All of it, but for the nonce, the token, and the address, which whoever asked knows."""
        path = address.partition("?")[0]
        headers = {name: NONCES.sub("", value) for name, value in self.headers.items()}
        # When it was answered, and how long what was asked for is.
        for name in ("Expires", "Content-Length"):
            headers.pop(name, None)
        return self.status, headers, NONCES.sub("", self.body).replace(path, "").replace(quote(path), "")


class Door:
    """The browsers of all roles, each signed in once; `anonymous` is nobody's."""

    def __init__(self, world: World) -> None:
        self._asked: dict[tuple[str, str, str], Answer] = {}
        self._browsers = {role: signed_in(world.account(role)) for role in ROLES} | {"anonymous": Client()}
        for role in ROLES:
            session = self._browsers[role].session
            # Who he is he has just proved, however long the tests of the module take.
            session[CONFIRMED] = (timezone.now() + timedelta(days=1)).isoformat()
            session.save()
        self._cookies = {role: browser.cookies.output(header="") for role, browser in self._browsers.items()}

    def ask(self, role: str, method: str, address: str, sent: Mapping[str, object] | None = None) -> Answer:
        """The answer; what the request wrote, in the database and in the browser, is undone."""
        browser = self._browsers[role]
        browser.cookies = SimpleCookie(self._cookies[role])
        queries: list[str] = []

        def counted(execute: Callable[..., object], sql: str, *more: object) -> object:
            queries.append(sql)
            return execute(sql, *more)

        with undone(), connection.execute_wrapper(counted):
            response = getattr(browser, method.lower())(address, sent or {})
            content = b"".join(response) if response.streaming else response.content
            faults = tuple(faults_of(response))
        return Answer(response.status_code, dict(response.headers), content, len(queries), faults)

    def ask_once(self, role: str, method: str, address: str) -> Answer:
        """The same, remembered: for what is not there, whatever else is."""
        key = (role, method, address)
        if key not in self._asked:
            self._asked[key] = self.ask(role, method, address)
        return self._asked[key]
