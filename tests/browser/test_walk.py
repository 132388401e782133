"""A walk through every page in Chromium: none breaks its policy, none asks another host for anything.

Every address of the access table is opened by one of the roles that it is open to, each role in its turn, on
a desk and some on a phone. That no role's page holds what the policy would stop is read from each page before
that, by tests/pages.py in tests/test_access.py.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page, Request, Route
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from tests.access import ROLES, Row
from tests.conftest import World
from tests.doors import populate
from tests.guards import APPS
from tests.test_access import TABLE

WIDTHS = ((1200, 900), (390, 844))
ON_A_PHONE = ("workbench", "talk-record", "calendar", "request-add", "meeting", "meeting-arrange", "own")
HEAR = """document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`violated ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});"""


def newest() -> dict[tuple[str, str], int]:
    """The highest key of each of our tables but the trail's, by table and column."""
    models = [model for app in APPS if app != "vault" for model in apps.get_app_config(app).get_models()]
    keys = [(model._meta.db_table, str(model._meta.pk.column)) for model in models if model._meta.pk]
    with connection.cursor() as cursor:
        found = {}
        for table, key in keys:
            cursor.execute(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")  # noqa: S608
            found[table, key] = cursor.fetchone()[0]
    return found


@contextmanager
def address_of(row: Row, world: World) -> Iterator[str]:
    """The address of the row; what was made for it is gone afterwards, as the next one makes the same."""
    before = newest()
    arguments = row.arguments(world) if row.arguments else None
    query = row.asked(world) if row.asked else row.query
    yield reverse(row.name, kwargs=dict(arguments) if arguments else None) + query
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for (table, key), last in before.items():
            cursor.execute(f"DELETE FROM {table} WHERE {key} > %s", [last])  # noqa: S608


def _cookie_of(world: World, role: str) -> tuple[Client, str]:
    client = Client()
    client.force_login(world.account(role))
    return client, client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def signed_in(world: World) -> dict[str, tuple[Client, str]]:
    """For each role of the table a client, and the cookie by which a browser is signed in too."""
    populate(world)
    return {role: _cookie_of(world, role) for role in world.accounts}


@pytest.fixture
def heard(page: Page, live_server: LiveServer) -> list[str]:
    """What the browser complains of: violations of the policy, errors, requests to other hosts."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(f"{message.type}: {message.text[:300]}")

    def watch(request: Request) -> None:
        if not request.url.startswith((live_server.url, "data:", "blob:")):
            found.append(f"asked: {request.url}")

    page.add_init_script(HEAR)
    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("request", watch)
    return found


def open_as(page: Page, live_server: LiveServer, cookie: str, address: str) -> None:
    cookies = {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}
    page.context.add_cookies([cookies])  # type: ignore[list-item]
    page.goto(live_server.url + address)


def test_no_page_breaks_its_policy_and_none_asks_another_host(
    page: Page,
    live_server: LiveServer,
    world: World,
    signed_in: dict[str, tuple[Client, str]],
    heard: list[str],
) -> None:
    opened, turns, complaints = dict[str, str](), Counter[str](), dict[str, list[str]]()
    for row in TABLE:
        let_in = [role for role, status in row.statuses.items() if status == 200]
        if row.post is not None or not let_in:
            continue
        # Whoever has opened fewest.
        role = min(let_in, key=lambda role: turns[role])
        client, cookie = signed_in[role]
        with address_of(row, world) as address:
            answer = client.get(address)
            # A file, or a part that a page exchanges, is opened by no browser.
            if answer.streaming or b"<html" not in answer.content:
                continue
            turns[role] += 1
            opened[row.name + row.query] = role
            for width, height in WIDTHS if row.name in ON_A_PHONE else WIDTHS[:1]:
                heard.clear()
                page.set_viewport_size({"width": width, "height": height})
                open_as(page, live_server, cookie, address)
                if heard:
                    complaints[f"{row.name} as {role}, {width} px"] = list(heard)
    print(f"{len(opened)} pages opened: {dict(turns)}")
    assert complaints == {}
    assert len(opened) > 90
    assert set(turns) == set(ROLES)


# --- what would be seen -------------------------------------------------------------------------------------


def test_a_script_that_gets_into_a_page_is_not_run_and_is_seen(
    page: Page, live_server: LiveServer, signed_in: dict[str, tuple[Client, str]], heard: list[str]
) -> None:
    def spoil(route: Route) -> None:
        answer = route.fetch()
        added = (
            '<script>window.ran = 1</script><img src="x" onerror="window.ran = 2">'
            '<script src="/static/js/rows.js"></script><img src="http://elsewhere.test/x"></main>'
        )
        route.fulfill(response=answer, body=answer.text().replace("</main>", added))

    page.route("**/own/", spoil)
    open_as(page, live_server, signed_in["member"][1], reverse("own"))
    violated = "\n".join(line for line in heard if "violated" in line)
    assert "violated script-src-elem: inline" in violated
    assert "violated script-src-attr: inline" in violated
    assert "/static/js/rows.js" in violated
    assert "violated img-src: http://elsewhere.test/x" in violated
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror='window.ran = 1'>",
        "<svg><script>window.ran = 1</script></svg>",
        "<a href=' javascript:window.ran=1'>a</a>",
        "<template><img src=x onerror='window.ran = 1'></template>",
        "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
        "<script src='https://elsewhere.test/x.js'></script>",
    ],
)
def test_text_that_would_act_is_not_made_a_page(
    page: Page, live_server: LiveServer, signed_in: dict[str, tuple[Client, str]], heard: list[str], text: str
) -> None:
    open_as(page, live_server, signed_in["member"][1], reverse("own"))
    assert heard == []
    for sink in ("document.body.innerHTML = text", "new DOMParser().parseFromString(text, 'text/html')"):
        with pytest.raises(PlaywrightError, match="TrustedHTML"):
            page.evaluate(f"(text) => {{ {sink} }}", text)
    page.evaluate("document.getElementById('main').innerHTML = '<p id=\"plain\">一段</p>'")
    assert page.text_content("#plain") == "一段"
    assert page.evaluate("window.ran") is None


def test_text_is_never_made_a_script(
    page: Page, live_server: LiveServer, signed_in: dict[str, tuple[Client, str]], heard: list[str]
) -> None:
    open_as(page, live_server, signed_in["member"][1], reverse("own"))
    for sink in ("script.text = 'window.ran = 1'", "script.src = '/static/js/rows.js'"):
        with pytest.raises(PlaywrightError, match="Trusted"):
            page.evaluate(f"() => {{ const script = document.createElement('script'); {sink} }}")
    for name in ("default", "inert", "another"):
        with pytest.raises(PlaywrightError, match="createPolicy"):
            page.evaluate(f"() => {{ trustedTypes.createPolicy('{name}', {{}}) }}")
