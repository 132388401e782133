"""How long a session lasts, where one is signed in, and what was typed when a session ended."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Account, KeptForm, Mandate, MandateKind, Post, SignedIn
from members.rules import device_of, kept_key, network_prefix
from members.services import accounts
from members.services.accounts import activate_account, deactivate_account
from members.services.sessions import Sent, open_form
from members.views import limits
from tests import factories
from tests.conftest import World
from tests.factories import PASSWORD
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)  # 9:00 in Shanghai
NEW = "清晨登上嘉陵江边的新堤坝"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"
OUT = "/sign-in/?next=/account/"


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _after(**time: float) -> time_machine.travel:
    return time_machine.travel(NOW + timedelta(**time), tick=False)


def _in(name: str = "secretary", **more: str) -> Client:
    """A browser in which somebody has just signed in at the door."""
    client = Client(headers={"User-Agent": EDGE}, **more)  # type: ignore[arg-type]
    assert client.post("/sign-in/", {"username": name, "word": PASSWORD}).status_code == 302
    return client


def _is_in(browser: Client) -> bool:
    answer = browser.get("/account/")
    assert answer.status_code == 200 or answer.headers["Location"] == OUT
    return answer.status_code == 200


# --- how long ---------------------------------------------------------------------------------------------


def test_after_half_an_hour_without_a_request_one_is_out(world: World) -> None:
    browser = _in()
    with _after(minutes=30):
        assert _is_in(browser)
    with _after(minutes=60):
        assert _is_in(browser)
    with _after(minutes=90, seconds=1):
        assert not _is_in(browser)
        assert "您已30分钟没有操作" in browser.get(OUT).text
        assert not _is_in(browser)
    assert not SignedIn.objects.exists()


def test_after_twelve_hours_one_is_out_whatever_one_did(world: World) -> None:
    browser = _in()
    for half_hours in range(1, 25):
        with _after(minutes=30 * half_hours):
            assert _is_in(browser)
    with _after(hours=12, seconds=1):
        assert not _is_in(browser)
        assert "本次登录已满12小时" in browser.get(OUT).text


def test_without_the_limits_one_stays_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_reason", lambda *_: "")
    browser = _in()
    with _after(hours=13):
        assert _is_in(browser)


def test_the_limits_are_settings(world: World, settings: pytest.FixtureRequest) -> None:
    settings.SESSION_IDLE = timedelta(minutes=5)  # type: ignore[attr-defined]
    browser = _in()
    with _after(minutes=5, seconds=1):
        assert not _is_in(browser)


def test_a_page_that_asks_by_itself_keeps_nobody_in(world: World) -> None:
    browser = _in()
    for minutes in (10, 20, 30):
        with _after(minutes=minutes):
            browser.get("/account/", headers={"HX-Request": "true", "HX-Trigger": "progress"})
    with _after(minutes=31):
        answer = browser.get(
            "/account/",
            headers={
                "HX-Request": "true",
                "HX-Trigger": "progress",
                "HX-Current-URL": "http://testserver/reports/?page=2",
            },
        )
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=/reports/%3Fpage%3D2"


def test_only_the_first_request_of_a_minute_writes(world: World) -> None:
    browser = _in()
    for seconds, writes in ((59, 0), (60, 2), (61, 0)):
        with (
            _after(seconds=seconds),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            assert _is_in(browser)
        changed = {query["sql"].split()[1] for query in queries if query["sql"].startswith("UPDATE")}
        assert len(changed) == writes, seconds


def test_open_pages_are_shown_to_who_is_out(world: World) -> None:
    browser = _in()
    with _after(minutes=31):
        assert browser.get("/verify/").status_code == 200


def test_a_session_from_before_the_limits_begins_now(world: World) -> None:
    browser = Client()
    browser.force_login(world.account("member"))
    assert _is_in(browser)
    assert SignedIn.objects.get().account == world.account("member")
    with _after(minutes=31):
        assert not _is_in(browser)


# --- accounts follow the post -----------------------------------------------------------------------------


def _post_of_the_secretary(world: World) -> Post:
    return Post.objects.get(member=world.secretary, organisation=world.branch)


def test_who_loses_a_post_is_out_at_the_next_request(world: World) -> None:
    browser = _in()
    Post.objects.filter(pk=_post_of_the_secretary(world).pk).update(until=date(2026, 3, 6))
    with _after(minutes=29):
        assert _is_in(browser)
    Post.objects.filter(pk=_post_of_the_secretary(world).pk).update(until=date(2026, 3, 5))
    with _after(minutes=29):
        assert not _is_in(browser)
        assert "任职或授权已有变化" in browser.get(OUT).text


def test_the_day_a_mandate_ends_its_holder_is_out(world: World) -> None:
    Mandate.objects.filter(account=world.account("inspector")).update(until=date(2026, 3, 6))
    with time_machine.travel(datetime(2026, 3, 5, 15, 50, tzinfo=UTC), tick=False):
        browser = _in("inspector")
    # 0:01 on the 6th in Shanghai.
    with time_machine.travel(datetime(2026, 3, 5, 16, 1, tzinfo=UTC), tick=False):
        assert not _is_in(browser)
        again = Client().post("/sign-in/", {"username": "inspector", "word": PASSWORD})
        assert "授权已经结束" in again.text


def test_with_the_guard_taken_out_he_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_rights", lambda *_: [])
    browser = _in()
    Post.objects.filter(pk=_post_of_the_secretary(world).pk).update(until=date(2026, 3, 5))
    assert _is_in(browser)


def test_who_gains_a_post_stays(world: World) -> None:
    browser = _in()
    factories.a_post(world.secretary, world.other_branch, "委员", is_team=True)
    factories.a_mandate(world.account("secretary"), MandateKind.STAFF, world.foreign_committee)
    assert _is_in(browser)


def test_who_comes_to_need_a_second_factor_signs_in_with_one(
    world: World, settings: pytest.FixtureRequest
) -> None:
    """Else whoever has the password of a member goes on as a secretary on the day he becomes one."""
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    browser, other = _in("member"), _in("colleague")
    assert _is_in(browser)
    factories.a_post(world.member, world.branch, "书记", is_team=True, is_principal=True)
    assert not _is_in(browser)
    assert "要求使用动态口令" in browser.get(OUT).text
    assert _is_in(other)
    factories.a_mandate(world.account("colleague"), MandateKind.INSPECTOR, world.foreign_branch)
    assert not _is_in(other)
    again = Client().post("/sign-in/", {"username": "member", "word": PASSWORD})
    assert again.headers["Location"] == "/sign-in/begin/"


def test_with_that_guard_taken_out_he_goes_on(
    world: World, settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    browser = _in("member")
    factories.a_post(world.member, world.branch, "书记", is_team=True, is_principal=True)
    monkeypatch.setattr(limits, "must_have_second_factor", lambda *_, today: False)
    assert _is_in(browser)


def test_an_account_that_never_had_a_mandate_signs_in(world: World) -> None:
    factories.an_account(username="new", name="新同志")
    assert _is_in(_in("new"))
    # Nor does one that will have one.
    factories.a_mandate(
        Account.objects.get(username="new"), MandateKind.INSPECTOR, world.branch, until=date(2026, 1, 1)
    )
    factories.a_mandate(
        Account.objects.get(username="new"), MandateKind.INSPECTOR, world.branch, since=date(2026, 4, 1)
    )
    assert _is_in(_in("new"))


# --- what was typed ---------------------------------------------------------------------------------------

GRANT = "/mandates/grant/"
TYPED = {
    "username": "xuncha",
    "name": "巡察组甲",
    "kind": "inspector",
    "organisation": "HC",
    "since": "2026-03-05",
}


def _carried(page: str) -> dict[str, str]:
    return dict(re.findall(r'<textarea class="d-none" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page))


def _signed_in_again(browser: Client, name: str) -> str:
    return browser.post("/sign-in/", {"username": name, "word": PASSWORD}).headers["Location"]


def test_what_was_sent_too_late_is_sent_again_after_signing_in(world: World) -> None:
    factories.an_account(username="xuncha", name="巡察组甲")
    browser = _in()
    with _after(hours=15):
        answer = browser.post(GRANT, {**TYPED, "until": "2026-09-05"})
        assert answer.headers["Location"] == "/sign-in/?next=/mandates/grant/"
        door = browser.get(answer.headers["Location"]).text
        assert "刚才填写的内容没有丢失" in door
        assert "巡察组甲" not in door
        assert browser.get("/account/kept/").status_code == 302
        assert not Mandate.objects.filter(account__username="xuncha").exists()
        assert _signed_in_again(browser, "secretary") == "/account/kept/"
        page = browser.get("/account/kept/")
        assert f'action="{GRANT}"' in page.text
        assert _carried(page.text) == {**TYPED, "until": "2026-09-05"}
        assert "no-store" in page.headers["Cache-Control"]
        done = browser.post(GRANT, _carried(page.text))
        assert done.headers["Location"] == "/mandates/"
    assert Mandate.objects.get(account__username="xuncha").organisation == world.branch


def test_another_account_gets_nothing_of_it(world: World) -> None:
    browser = _in()
    with _after(minutes=31):
        browser.post(GRANT, TYPED)
        assert KeptForm.objects.count() == 1
        assert _signed_in_again(browser, "chief") == "/"
        assert browser.get("/account/kept/").status_code == 404
        assert KeptForm.objects.count() == 0
        browser.post("/sign-out/")
        assert _signed_in_again(browser, "secretary") == "/"


def test_with_the_guard_taken_out_another_account_would_see_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_for_anybody(*, name: str, at: datetime, **_: object) -> Sent | None:
        row = KeptForm.objects.filter(name=name).first()
        return open_form(account=row.account, name=name, at=at) if row else None

    monkeypatch.setattr("members.views.limits.open_form", opened_for_anybody)
    monkeypatch.setattr("members.views.sessions.open_form", opened_for_anybody)
    browser = _in()
    with _after(minutes=31):
        browser.post(GRANT, TYPED)
        assert _signed_in_again(browser, "chief") == "/account/kept/"
        assert "巡察组甲" in browser.get("/account/kept/").text


def test_it_is_sealed_and_bound_to_who_typed_it(world: World) -> None:
    browser = _in()
    with _after(minutes=31):
        browser.post(GRANT, TYPED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sent FROM members_keptform")
        raw = bytes(cursor.fetchone()[0])
    assert "巡察组甲".encode() not in raw
    sessions = " ".join(str(session.get_decoded()) for session in Session.objects.all())
    assert "巡察组甲" not in sessions


@pytest.mark.parametrize("address", ["/account/password/", "/account/confirm/", "/sign-out/"])
def test_passwords_are_not_kept(world: World, address: str) -> None:
    browser = _in()
    with _after(minutes=31):
        browser.post(address, {"old": PASSWORD, "new": NEW, "again": NEW})
    assert not KeptForm.objects.exists()


def test_a_form_that_is_not_ours_is_not_kept(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.account("secretary"))
    browser.get("/account/")
    with _after(minutes=31):
        assert browser.post(GRANT, TYPED).status_code == 403
    assert not KeptForm.objects.exists()


def test_a_page_that_keeps_what_was_typed_itself_is_told(world: World) -> None:
    browser = _in()
    with _after(minutes=31):
        answer = browser.post(GRANT, TYPED, headers={"Sec-Fetch-Mode": "cors"})
    assert answer.headers["Location"] == "/sign-in/?next=/mandates/grant/"
    assert not KeptForm.objects.exists()


def test_it_may_be_dropped_and_is_gone_after_three_days(world: World) -> None:
    browser = _in()
    with _after(minutes=31):
        browser.post(GRANT, TYPED)
        _signed_in_again(browser, "secretary")
        assert browser.post("/account/kept/drop/").headers["Location"] == "/"
        assert browser.get("/account/kept/").status_code == 404
    assert not KeptForm.objects.exists()
    with _after(hours=1):
        other = _in()
    with _after(hours=2):
        other.post(GRANT, TYPED)
    with _after(hours=2, days=3, seconds=1):
        assert _signed_in_again(other, "secretary") == "/"


# --- where one is signed in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "device"),
    [
        (EDGE, "Windows电脑，Edge浏览器"),
        ("Mozilla/5.0 (Linux; Android 13; V2) Chrome/110 Mobile MicroMessenger/8.0.40", "安卓手机，微信"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Version/16.0 Safari/604.1",
            "苹果手机，Safari浏览器",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Linux电脑，火狐浏览器"),
        ("curl/8", "其他设备"),
        ("", "其他设备"),
    ],
)
def test_a_device_in_words(told: str, device: str) -> None:
    assert device_of(told) == device


@pytest.mark.parametrize(
    ("address", "network"),
    [("10.0.3.27", "10.0.3.*"), ("2001:db8:1:2:3::1", "2001:db8:1:2::/64"), ("", ""), ("unix", "unix")],
)
def test_a_network_and_not_the_machine(address: str, network: str) -> None:
    assert network_prefix(address) == network


def test_all_sessions_are_listed_and_each_can_be_ended(world: World) -> None:
    browser = _in(REMOTE_ADDR="10.0.3.27")
    telephone = factories.a_session(world.account("secretary"), "t" * 32)
    factories.a_session(world.account("chief"), "c" * 32)
    factories.a_session(world.account("secretary"), "old" * 10, NOW - timedelta(minutes=31))
    page = browser.get("/account/sessions/").text
    devices = re.findall(r"<b>([^<]+(?:浏览器|微信))</b>", page)
    assert sorted(devices) == ["Windows电脑，Edge浏览器", "安卓手机，微信"]
    assert page.count("本机") == 1
    assert "10.0.3.*" in page
    assert "10.0.3.27" not in page
    assert browser.post(f"/account/sessions/{telephone.pk}/end/").status_code == 302
    assert not SignedIn.objects.filter(pk=telephone.pk).exists()
    entry = TrailEntry.objects.get(action="结束登录")
    assert (entry.account, entry.target) == ("secretary", "secretary")
    others = SignedIn.objects.get(account=world.account("chief"))
    assert browser.post(f"/account/sessions/{others.pk}/end/").status_code == 404


def test_who_was_ended_is_out_at_the_next_request(world: World) -> None:
    here, there, third = _in(), _in(), _in()
    row = SignedIn.objects.get(session_key=kept_key(there.cookies["session"].value))
    here.post(f"/account/sessions/{row.pk}/end/")
    assert [_is_in(browser) for browser in (here, there, third)] == [True, False, True]
    here.post("/account/sessions/end/")
    assert [_is_in(browser) for browser in (here, there, third)] == [True, False, False]
    assert SignedIn.objects.count() == 1


def test_another_password_ends_the_others_and_this_one_stays_in_the_list(world: World) -> None:
    here, there = _in(), _in()
    here.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert [_is_in(browser) for browser in (here, there)] == [True, False]
    assert SignedIn.objects.get().session_key == kept_key(here.cookies["session"].value)
    assert here.get("/account/sessions/").text.count("本机") == 1


def test_out_of_use_and_in_use_again_no_old_session_lives_on(world: World) -> None:
    """An account is closed because a laptop is lost, and opened again the day after."""
    browser = _in("colleague")
    account = world.account("colleague")
    by = Actor("staff", "10.0.0.7")
    deactivate_account(actor=by, at=NOW, account=account)
    assert not _is_in(browser)
    assert not SignedIn.objects.filter(account=account).exists()
    activate_account(actor=by, at=NOW, account=account)
    assert not _is_in(browser)
    assert _is_in(_in("colleague"))


def test_with_that_guard_taken_out_it_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "forget_sessions", lambda *, account: None)
    browser = _in("colleague")
    account = world.account("colleague")
    by = Actor("staff", "10.0.0.7")
    deactivate_account(actor=by, at=NOW, account=account)
    activate_account(actor=by, at=NOW, account=account)
    assert _is_in(browser)


def test_who_signs_out_is_off_the_list(world: World) -> None:
    _in().post("/sign-out/")
    assert not SignedIn.objects.exists()


def test_three_sessions_and_thirty_cost_the_same(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("member"))

    def cost(number: int) -> int:
        for _ in range(SignedIn.objects.count(), number):
            factories.a_session(world.account("member"), f"key-{SignedIn.objects.count()}", NOW)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/account/sessions/").text.count("结束在") == number
        return len(queries)

    assert cost(3) == cost(30)
