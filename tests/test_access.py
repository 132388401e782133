"""One table names every address, every role and the answer; an address missing from it fails.

The rows stand beside the tests of each app, in tests/<app>/access.py. Strangers get 404, never 403.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from config import urls
from tests.access import FORMS, HIDDEN, NEVER, ROLES, Row
from tests.branches import access as branches
from tests.conftest import World
from tests.doors import Answer, Door, one_transaction, undone, wide_world
from tests.guards import APPS
from tests.members import access as members
from tests.reports import access as reports
from tests.talks import access as talks
from tests.vault import access as vault

# So many queries more, or fewer, what is there may cost whom it is hidden from than what is not: it is
# fetched before it is asked whose it is. Most cost those who know of it and may not do this with it.
MORE_QUERIES = 12

TABLE: list[Row] = [*talks.ROWS, *members.ROWS, *branches.ROWS, *reports.ROWS, *vault.ROWS]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def test_every_address_stands_in_the_table() -> None:
    names = [pattern.name for pattern in _patterns(get_resolver())]
    assert [pattern for pattern in _patterns(get_resolver()) if not pattern.name] == []
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert sorted(set(map(str, names)) - {row.name for row in TABLE}) == []


def test_control_an_address_without_a_row_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for list_ in (TABLE[1:], [row for row in TABLE if row.name != TABLE[-1].name]):
        monkeypatch.setattr("tests.test_access.TABLE", list_)
        with pytest.raises(AssertionError):
            test_every_address_stands_in_the_table()


def test_the_table_names_no_address_that_is_not_there() -> None:
    names = {pattern.name for pattern in _patterns(get_resolver())}
    assert {row.name for row in TABLE} - names == set()


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One transaction for all rows: the world is made once and not for each row."""
    with one_transaction(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def world(db: None) -> World:
    return wide_world()


@pytest.fixture(scope="module")
def door(world: World) -> Door:
    return Door(world)


@pytest.fixture
def kept(world: World) -> Iterator[World]:
    """The world; what a test writes is undone, for the next one."""
    with undone():
        yield world


def _plain(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Instead of the page of 404, which is drawn in a test of its own: most answers of this table are 404."""
    return HttpResponseNotFound(type(exception).__name__)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn where nothing is found."""
    monkeypatch.setattr(urls, "handler404", _plain, raising=False)


def _address(row: Row, arguments: Mapping[str, object], world: World) -> str:
    query = row.asked(world) if row.asked else row.query
    return reverse(row.name, kwargs=dict(arguments) or None) + query


# In the place of what the address is about: nothing that there is.
NOTHING: dict[str, object] = {
    "pk": 987654321,
    "code": "没有的",
    "token": UUID(int=0),
    "number": "none",
    "secret": "none",
    "mac": "0" * 32,
}


def _nothing_for(name: str) -> dict[str, object]:
    return NOTHING | {"number": 1} if name.startswith("talk-attachment") else NOTHING


def _absent(name: str, arguments: Mapping[str, object]) -> str:
    return reverse(name, kwargs={key: _nothing_for(name).get(key, value) for key, value in arguments.items()})


def _ids(row: Row) -> str:
    return row.name + row.query


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("row", TABLE, ids=_ids)
def test_every_role_is_answered_as_the_table_says(kept: World, door: Door, row: Row) -> None:
    """And who is refused learns nothing by it: what is not there is answered alike, after as many queries."""
    arguments = row.arguments(kept) if row.arguments else {}
    address, (method, sent) = _address(row, arguments, kept), _sent(row, kept)
    given = {role: door.ask(role, method, address, sent) for role in ROLES}
    assert {role: answer.status for role, answer in given.items()} == {
        role: row.status_for(role) for role in ROLES
    }
    _as_if_there_were_nothing(door, row, arguments, address, given)
    anonymous = door.ask("anonymous", method, address, sent)
    assert [answer.faults for answer in (*given.values(), anonymous) if answer.faults] == []
    if row.is_open:
        assert anonymous.status in (200, 302)
    else:
        assert (anonymous.status, anonymous.location) == (302, reverse("sign-in"))
    if method == "GET":
        _headless(door, row, address)


def _as_if_there_were_nothing(
    door: Door, row: Row, arguments: Mapping[str, object], address: str, given: Mapping[str, Answer]
) -> None:
    if not arguments or row.asked:
        return
    absent, method = _absent(row.name, arguments) + row.query, "GET" if row.post is None else "POST"
    for role, hidden in given.items():
        if hidden.status != HIDDEN:
            continue
        nothing = door.ask_once(role, method, absent)
        assert hidden.without(address) == nothing.without(absent), role
        assert abs(hidden.queries - nothing.queries) <= MORE_QUERIES, (
            role,
            hidden.queries,
            nothing.queries,
        )


def _headless(door: Door, row: Row, address: str) -> None:
    """HEAD is answered as GET, without a body: asked by the first who may have the page and who may not."""
    for is_hidden in (True, False):
        roles = [role for role in ROLES if (row.status_for(role) == HIDDEN) is is_hidden]
        for role in roles[:1]:
            answer = door.ask(role, "HEAD", address)
            assert (answer.status, answer.body) == (row.status_for(role), ""), role


def _sent(row: Row, world: World) -> tuple[str, Mapping[str, object] | None]:
    return ("GET", None) if row.post is None else ("POST", row.post(world))


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("row", [row for row in TABLE if row.post is None and row.name in FORMS], ids=_ids)
def test_who_does_not_find_a_form_sends_none(kept: World, door: Door, row: Row) -> None:
    """By POST all are refused who are refused by GET, and the first of the others is not."""
    arguments = row.arguments(kept) if row.arguments else {}
    address = _address(row, arguments, kept)
    refused = [role for role in ROLES if row.status_for(role) == HIDDEN]
    assert [role for role in refused if door.ask(role, "POST", address).status != HIDDEN] == []
    for role in [role for role in ROLES if role not in refused][:1]:
        assert door.ask(role, "POST", address).status in (200, 302), role


def _first_of_each() -> list[Row]:
    found: dict[str, Row] = {}
    for row in TABLE:
        if row.arguments and row.status_for("colleague") == HIDDEN:
            found.setdefault(row.name, row)
    return list(found.values())


@pytest.mark.parametrize("row", _first_of_each(), ids=_ids)
def test_the_page_that_says_so_is_the_same_to_the_letter(kept: World, door: Door, row: Row) -> None:
    assert row.arguments is not None
    arguments = row.arguments(kept)
    address, absent = _address(row, arguments, kept), _absent(row.name, arguments) + row.query
    method, sent = _sent(row, kept)
    hidden = door.ask("colleague", method, address, sent)
    assert hidden.without(address) == door.ask("colleague", method, absent, sent).without(absent)
    assert "没有这一页" in hidden.body


def test_control_a_page_that_says_why_is_not(
    kept: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of 404 that repeats what the view said tells of a talk in which one takes no part."""
    monkeypatch.setattr(
        urls, "handler404", lambda _, exception: HttpResponseNotFound(str(exception)), raising=False
    )
    row = next(row for row in TABLE if row.name == "talk-confirm")
    assert row.arguments is not None
    arguments, (method, sent) = row.arguments(kept), _sent(row, kept)
    hidden = door.ask("chief", method, reverse(row.name, kwargs=dict(arguments)), sent)
    assert hidden.body != door.ask("chief", method, _absent(row.name, arguments), sent).body


# --- methods ------------------------------------------------------------------------------------------------


def test_each_address_says_by_which_methods_it_is_reached() -> None:
    sent = {row.name for row in TABLE if row.post is not None}
    read = {row.name for row in TABLE if row.post is None}
    assert read >= FORMS
    # Only a draft is both read and sent by itself.
    assert sent & read == {"talk-draft"}


@pytest.mark.parametrize("name", sorted({row.name for row in TABLE}))
def test_other_methods_are_refused_whoever_asks(world: World, door: Door, name: str) -> None:
    row = next(row for row in TABLE if row.name == name)
    arguments = _nothing_for(name) | {
        "step": "none",
        "duty": 1,
        "talk": 1,
        "opinion": 1,
        "merged": 1,
        "gathered": 1,
    }
    pattern = next(pattern for pattern in _patterns(get_resolver()) if pattern.name == name)
    needed = {key: arguments[key] for key in pattern.pattern.converters}
    address = reverse(name, kwargs=needed or None)
    wrong = [*NEVER]
    if name not in FORMS:
        wrong += ["POST"] if row.post is None else ["GET", "HEAD"]
    for role in ("stranger", "auditor"):
        for method in wrong:
            assert door.ask(role, method, address).status == 405, (role, method)
    for method in wrong:
        expected = 405 if method in NEVER or row.is_open else 302
        assert door.ask("anonymous", method, address).status == expected, method


def test_control_without_the_guard_other_methods_are_answered(
    world: World, door: Door, settings: Any
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("refuse_methods")]
    assert Door(world).ask("secretary", "PUT", reverse("change-password")).status != 405


# --- every model can be asked for by who may see it ---------------------------------------------------------

# branches lies below accounts, so its rights are written where accounts are known.
PERMISSIONS = {
    "vault": "reports",
    "branches": "members",
    "members": "members",
    "talks": "talks",
    "reports": "reports",
}
PLURALS = {
    "arrangedtalk": "arranged_talks",
    "talkrequest": "requests",
    "remedy": "remedies",
    "duty": "duties",
    "delivery": "deliveries",
    "gatheredopinion": "gathered_opinions",
    "mergedopinion": "merged_opinions",
    "meetingstep": "meeting_steps",
    "deputy": "deputies",
    "requestnotice": "request_notices",
    "disclosurenotice": "disclosure_notices",
    "progress": "progress",
    "findingstep": "finding_steps",
    "trailentry": "trail_entries",
}
NOBODY_SEES_ALONE = {
    "talks.fingerprint": "for the sweep, which tells in how much two records agree",
    "branches.stale": "a mark for the reconciliation",
    "talks.reconciliation": "how far the reconciliation has come",
    "talks.dutysum": "sums of duties, in the figures of the organisations that one may count",
    "talks.belowsum": "sums of these sums, in the same figures",
    "talks.ledgertalk": "for lists of many organisations, whose rows are judged again by the facts",
    "members.secondfactor": "one's own, on the page of the account, which does not show the key again",
    "members.recoverycode": "one's own, how many are left",
    "members.oldpassword": "for the policy: hashes that are compared when a password is chosen",
    "members.signedin": "one's own, on the page of one's sessions",
    "members.keptform": "for who typed it, when he is signed in again in the same browser",
    "members.trycount": "for the door: how often signing in failed, of whom it does not tell",
    "talks.reliance": "for the reconciliation, whose posts decided",
    "talks.chase": "for the sweep, through which day it has come",
    "talks.engagement": "for the database, that nobody is in two places; whoever is told is told a name",
    "talks.calendarfeed": "one's own, on the page that makes it",
    "talks.officehours": "published: whoever may ask the leader is offered what they come to",
    "talks.officeexception": "as the hours of the week",
    "talks.noticepreference": "one's own, on the page that sets it",
    "branches.workingday": "the State Council's calendar is public",
    "reports.sweep": "for the sweep, of which day it is; the list says so",
    "vault.trailhead": "one row that holds the secret of the trail's chain",
}


def _visible(label: str) -> str:
    app, model = label.split(".")
    return f"{PERMISSIONS[app]}.permissions:visible_{PLURALS.get(model, model + 's')}"


LABELS = sorted(model._meta.label_lower for app in APPS for model in apps.get_app_config(app).get_models())


def test_the_models_are_found() -> None:
    assert {"members.member", "branches.organisation", "talks.talk", "reports.report"} <= set(LABELS)
    assert set(NOBODY_SEES_ALONE) <= set(LABELS)


@pytest.mark.parametrize("label", [label for label in LABELS if label not in NOBODY_SEES_ALONE])
def test_every_model_says_who_sees_its_rows(label: str) -> None:
    module, _, function = _visible(label).partition(":")
    assert callable(getattr(import_module(module), function, None)), f"{module}.{function} is missing"
