"""Step-up: who does what a browser found open must not do proves again who he is."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Mandate, MandateKind, Post
from tests import factories
from tests.conftest import World
from tests.factories import PASSWORD
from tests.members import access as members
from tests.reports import access as reports
from tests.talks import access as talks
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
DOOR = "/account/confirm/"
GRANT = "/mandates/grant/"


def _later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def _fields(page: str) -> dict[str, str]:
    """What a page takes along of what was sent, as a browser sends it again."""
    return dict(re.findall(r'<textarea class="d-none" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page))


def test_who_has_just_signed_in_is_not_asked(world: World) -> None:
    client = Client()
    client.post("/sign-in/", {"username": "chief", "word": PASSWORD})
    with _later(14):
        assert client.get(GRANT).status_code == 200


def test_a_quarter_of_an_hour_later_one_is_asked_before_the_form_is_shown(
    world: World, client_of: Browser
) -> None:
    browser = client_of(world.account("chief"))
    with _later(16):
        sent = browser.get(f"{GRANT}?kind=staff")
        assert sent.headers["Location"] == f"{DOOR}?next=/mandates/grant/%3Fkind%3Dstaff"
        page = browser.get(sent.headers["Location"])
        assert "确认是您本人" in page.text
        assert "no-store" in page.headers["Cache-Control"]
        target = {"next": "/mandates/grant/?kind=staff"}
        assert "密码或动态口令不正确" in browser.post(DOOR, {**target, "confirm_word": "不对"}).text
        assert browser.get(GRANT).status_code == 302
        done = browser.post(DOOR, {**target, "confirm_word": PASSWORD})
        assert done.headers["Location"] == "/mandates/grant/?kind=staff"
        assert browser.get(GRANT).status_code == 200
    rows = TrailEntry.objects.filter(action="确认身份").order_by("number")
    assert list(rows.values_list("account", "target", "succeeded")) == [
        ("chief", "chief", False),
        ("chief", "chief", True),
    ]


def test_with_the_guard_taken_out_the_page_is_shown(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("members.views.confirmation.is_confirmed", lambda *_: True)
    browser = client_of(world.account("chief"))
    with _later(16):
        assert browser.get(GRANT).status_code == 200


def test_what_was_typed_is_not_lost_where_the_time_ends_while_one_types(
    world: World, client_of: Browser
) -> None:
    browser = client_of(world.account("security"))
    person = factories.an_account(username="xuncha", name="巡察组甲")
    typed = {
        "username": "xuncha",
        "name": "巡察组甲",
        "kind": "inspector",
        "organisation": "SYJ",
        "since": "2026-03-05",
        "until": "2026-09-05",
    }
    with _later(16):
        asked = browser.post(GRANT, typed)
        assert f'action="{GRANT}"' in asked.text
        assert _fields(asked.text) == typed
        assert not Mandate.objects.filter(account=person).exists()
        wrong = browser.post(GRANT, {**_fields(asked.text), "confirm_word": "不对"})
        assert "密码或动态口令不正确" in wrong.text
        assert _fields(wrong.text) == typed
        assert not Mandate.objects.filter(account=person).exists()
        done = browser.post(GRANT, {**_fields(wrong.text), "confirm_word": PASSWORD})
    assert done.headers["Location"] == "/mandates/"
    assert Mandate.objects.get(account=person).kind == MandateKind.INSPECTOR


def test_it_leads_nowhere_else(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("member"))
    for target in ("https://elsewhere.example.com/", "//elsewhere.example.com/", ""):
        done = browser.post(DOOR, {"next": target, "confirm_word": PASSWORD})
        assert done.headers["Location"] == "/"


def test_htmx_is_sent_to_the_page_that_asks(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("chief"))
    with _later(16):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/mandates/?state=all"}
        sent = browser.get(GRANT, headers=headers)
    assert sent.headers["HX-Redirect"] == f"{DOOR}?next=/mandates/%3Fstate%3Dall"


def test_a_principal_is_entered_by_one_who_proved_who_he_is(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("staff"))
    typed = {"member": "P013", "title": "副书记（主持工作）", "since": "2026-03-05", "is_team": "on"}
    address = "/organisations/HC/posts/add/"
    with _later(16):
        # An ordinary post gives nothing to read.
        assert browser.post(address, {**typed, "title": "干事"}).status_code == 302
        asked = browser.post(address, {**typed, "is_principal": "on"})
        assert "确认是您本人" in asked.text
        # The same whatever is there.
        assert "确认是您本人" in browser.post("/organisations/XX/posts/add/", {"is_principal": "on"}).text
        assert not Post.objects.filter(title="副书记（主持工作）").exists()
        browser.post(address, {**_fields(asked.text), "confirm_word": PASSWORD})
    assert Post.objects.get(title="副书记（主持工作）").is_principal


def test_own_data_are_taken_by_oneself(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("member"))
    assert browser.post("/own/data/").headers["Content-Disposition"].startswith("attachment")
    with _later(16):
        asked = browser.post("/own/data/")
        assert 'action="/own/data/"' in asked.text
        done = browser.post("/own/data/", {"confirm_word": PASSWORD})
    assert done.headers["Content-Disposition"].startswith("attachment")


# --- every address that asks ------------------------------------------------------------------------------

# Address of the access table, who opens it there, and what is added to it: what a POST sends, or a query.
GUARDED = [
    ("mandate-grant", "chief", None, ""),
    ("mandate-end", "chief", None, ""),
    ("post-confirm", "chief", None, ""),
    ("post-add", "staff", {"is_principal": "on"}, ""),
    ("post-change", "staff", {"is_principal": "on"}, ""),
    ("own-data", "member", {}, ""),
    ("talk-disclose", "inspector", None, ""),
    ("disclosure-approve", "chief", None, ""),
    ("disclosure-read", "inspector", None, ""),
    ("finding", "inspector", None, "?texts=on"),
    ("trail-export", "auditor", {}, ""),
    ("approval-approve", "chief", {}, ""),
    ("account-reset", "system", None, ""),
    ("reset-approve", "secretary", {}, ""),
]


def _asks(browser: Client, address: str, sent: dict[str, str] | None) -> bool:
    """Whether the answer asks who it is; what the request wrote is undone."""
    before = transaction.savepoint()
    answer = browser.get(address) if sent is None else browser.post(address, sent)
    transaction.savepoint_rollback(before)
    assert answer.status_code in (200, 302)
    page = "" if answer.streaming else answer.content.decode("utf-8", "replace")
    return answer.headers.get("Location", "").startswith(DOOR) or "确认是您本人" in page


@pytest.mark.parametrize(("name", "role", "sent", "query"), GUARDED, ids=[row[0] for row in GUARDED])
def test_what_is_guarded_asks_when_the_quarter_of_an_hour_is_over(
    world: World,
    client_of: Browser,
    name: str,
    role: str,
    sent: dict[str, str] | None,
    query: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = next(row for row in (*members.ROWS, *talks.ROWS, *reports.ROWS) if row.name == name)
    with time_machine.travel(timezone.now(), tick=False):
        address = reverse(name, kwargs=dict(row.arguments(world)) if row.arguments else None) + query
        browser = client_of(world.account(role))
        with _later(15 - 1 / 60):
            assert not _asks(browser, address, sent)
        with _later(15 + 1 / 60):
            assert _asks(browser, address, sent)
            monkeypatch.setattr("members.views.confirmation.is_confirmed", lambda *_: True)
            assert not _asks(browser, address, sent)


def test_a_finding_without_its_texts_asks_nobody(world: World, client_of: Browser) -> None:
    row = next(row for row in reports.ROWS if row.name == "finding")
    address = reverse("finding", kwargs=dict(row.arguments(world)) if row.arguments else None)
    browser = client_of(world.account("inspector"))
    with _later(15 + 1 / 60):
        assert not _asks(browser, address, None)
