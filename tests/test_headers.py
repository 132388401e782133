"""What goes with every answer to the browser, errors and downloads too."""

from collections.abc import Callable
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from members.models import Account
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World
from tests.pages import faults_of

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Account], Client]


def addresses(world: World) -> dict[str, str]:
    """One of each sort: a list, a record, its form, a page that is not there, a download, a redirect."""
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2), content="原话")
    draft = factories.a_talk(
        [world.secretary], [world.member], held_on=date(2026, 3, 3), state=TalkState.HELD
    )
    return {
        reverse("workbench"): "secretary",
        reverse("duties"): "secretary",
        reverse("talks"): "secretary",
        reverse("talk", args=[talk.code]): "member",
        reverse("talk-record", args=[draft.code]): "secretary",
        reverse("talk", args=["nothing"]): "secretary",
        reverse("members"): "staff",
        reverse("upload-template"): "staff",
        reverse("sign-in"): "staff",
    }


def test_no_answer_is_kept_by_a_browser_and_every_one_has_its_policy(
    world: World, client_of: ClientOf
) -> None:
    """Whoever sits down at the machine afterwards must not find a record by pressing “back”."""
    wrong = {}
    for address, role in addresses(world).items():
        headers = client_of(world.account(role)).get(address).headers
        kept = headers.get("Cache-Control", "")
        policy = headers.get("Content-Security-Policy", "")
        if "no-store" not in kept or "private" not in kept or "default-src 'none'" not in policy:
            wrong[address] = (kept, policy)
    assert wrong == {}


@pytest.mark.parametrize(
    ("guard", "header"),
    [
        ("members.views.keep_nothing", "Cache-Control"),
        ("csp.middleware.CSPMiddleware", "Content-Security-Policy"),
    ],
)
def test_without_the_guard_it_is_kept_or_has_none(
    world: World, client_of: ClientOf, settings: Settings, guard: str, header: str
) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != guard]
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2), content="原话")
    response = client_of(world.account("member")).get(reverse("talk", args=[talk.code]))
    assert "原话" in response.content.decode()
    assert "no-store" not in response.headers.get(header, "")
    assert "default-src" not in response.headers.get(header, "")


def test_nonsense_is_one_line_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """No traceback for what was refused: a thousand fields too many, a form that breaks off."""
    many = "&".join(f"f{number}=1" for number in range(1100))
    for body, kind in ((many, "application/x-www-form-urlencoded"), ("--\r\n", "multipart/form-data")):
        caplog.clear()
        assert client.generic("POST", reverse("sign-in"), body, kind).status_code == 400
        assert caplog.records != []
        assert [record for record in caplog.records if record.exc_info] == []


def test_a_wrong_host_and_a_door_that_is_shut_are_not_kept_either(client: Client) -> None:
    for response in (client.get("/", headers={"host": "elsewhere.example"}), client.get("/")):
        assert response.status_code in (302, 400)
        assert "no-store" in response.headers["Cache-Control"]


# --- what tests/pages.py reads from each page, for each address and role in test_access.py ----------------

POLICY = (
    "default-src 'none'; script-src 'nonce-n'; require-trusted-types-for 'script'; "
    "trusted-types default inert"
)
HEADERS = {"Cache-Control": "private, no-store", "Content-Security-Policy": POLICY}


@pytest.mark.parametrize(
    "page",
    [
        '<script src="/static/a.js"></script>',
        '<script nonce="n">a()</script>',
        '<p onclick="a()">',
        '<p style="color: red">',
        "<style>p {}</style>",
        '<a href="javascript:a()">',
        '<img src="https://elsewhere.example/a">',
        '<img src="//elsewhere.example/a">',
        "<td>&lt;sealed&gt;</td>",
    ],
)
def test_a_spoilt_page_is_seen(page: str) -> None:
    sound = '<script src="/static/a.js" nonce="n" defer></script><script type="application/json">{}</script>'
    assert faults_of(HttpResponse(sound, headers=HEADERS)) == []
    assert len(faults_of(HttpResponse(sound + page, headers=HEADERS))) == 1


@pytest.mark.parametrize("name", HEADERS)
def test_an_answer_without_its_headers_is_seen(name: str) -> None:
    spoilt = {key: value for key, value in HEADERS.items() if key != name}
    assert faults_of(HttpResponse("", headers=spoilt)) != []
