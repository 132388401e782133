"""Whoever reads the tables, a dump or a backup of them, has no key to a session that is open.

The key in the browser's cookie is the session: who knows it is signed in. The tables hold what is made of it.
"""

from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore as Stock
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from members.models import SignedIn
from members.views.session_store import SessionStore
from tests.conftest import World
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def _in() -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": "secretary", "word": PASSWORD}).status_code == 302
    return client


def _key(client: Client) -> str:
    return str(client.cookies["session"].value)


def _stolen() -> list[str]:
    """Whatever stands in the tables that could be the key of a session."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_key FROM django_session UNION SELECT session_key FROM members_signedin"
        )
        return [row[0] for row in cursor.fetchall()]


def _let_in_with_stolen_keys() -> bool:
    thieves = [Client() for _ in _stolen()]
    for thief, key in zip(thieves, _stolen(), strict=True):
        thief.cookies["session"] = key
    return any(thief.get("/account/").status_code == 200 for thief in thieves)


def test_what_stands_in_the_tables_opens_nothing(world: World) -> None:
    browser = _in()
    assert _stolen()
    assert _key(browser) not in _stolen()
    assert not _let_in_with_stolen_keys()
    assert browser.get("/account/").status_code == 200


def test_without_the_guard_it_does(world: World, settings: Any) -> None:
    """The negative control: with the store that comes with Django a dump is as good as the password."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    browser = _in()
    assert _key(browser) in _stolen()
    assert _let_in_with_stolen_keys()


def test_the_key_that_is_kept_fits_the_column(world: World) -> None:
    _in()
    row = Session.objects.get()
    assert len(row.session_key) == 40
    assert SignedIn.objects.get().session_key == row.session_key


def test_a_session_is_found_changed_renamed_and_ended_by_its_own_key(world: World) -> None:
    one = SessionStore()
    one["word"] = "甲"
    one.create()
    key = one.session_key
    assert SessionStore().exists(key)
    assert not Stock().exists(key)
    again = SessionStore(key)
    assert again["word"] == "甲"
    again.cycle_key()
    assert not SessionStore().exists(key)
    assert SessionStore(again.session_key)["word"] == "甲"
    again.flush()
    assert not Session.objects.exists()
