"""约谈 on a phone, in Chromium: three taps with one thumb, the answer, a line that drops, large text."""

from datetime import time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import OfficeHours, TalkRequest
from talks.rules.words import TalkState
from tests import factories
from tests.browser.test_path import PHONE, fits, found_by_axe, sign_in
from tests.conftest import World

WORDS = "食堂晚饭太早 😀 䶮"


@pytest.fixture
def hours(world: World) -> None:
    """The 书记 is free every day at three, for an hour."""
    for weekday in range(1, 8):
        OfficeHours.objects.create(
            member=world.secretary, weekday=weekday, starts_at=time(15), ends_at=time(16)
        )


@pytest.fixture
def phone(browser: Browser) -> Page:
    """A phone; our own policy would keep axe out of the page."""
    context = browser.new_context(bypass_csp=True, viewport=PHONE, has_touch=True, is_mobile=True)
    return context.new_page()


def sound(page: Page, heading: str) -> None:
    """The page with the heading is there and fits, and axe finds nothing."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert fits(page)
    assert found_by_axe(page) == []


def to_the_words(page: Page, live_server: LiveServer) -> None:
    """Two taps: the leader, and that he says when."""
    page.goto(f"{live_server.url}/requests/ask/")
    page.get_by_role("link", name="陆秉川").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("什么时候方便？")
    page.get_by_role("link", name="由对方定时间").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("主要想谈什么？")


def test_three_taps_and_the_answer(
    phone: Page, browser: Browser, live_server: LiveServer, world: World, hours: None
) -> None:
    sign_in(phone, live_server, "member")
    phone.goto(f"{live_server.url}/requests/ask/")
    sound(phone, "您想和谁谈？")
    phone.get_by_role("link", name="陆秉川").tap()
    sound(phone, "什么时候方便？")
    phone.get_by_role("main").get_by_role("link", name="15:00").first.tap()
    sound(phone, "主要想谈什么？")
    phone.get_by_role("button", name="意见建议").tap()
    sound(phone, "约陆秉川")
    request = TalkRequest.objects.get()
    assert (request.reason, request.slot_starts_at) == ("意见建议", time(15))

    leader = browser.new_context(bypass_csp=True, viewport=PHONE).new_page()
    sign_in(leader, live_server, "secretary")
    leader.goto(f"{live_server.url}/")
    sound(leader, "工作台")
    expect(leader.get_by_role("main")).to_contain_text("答复梁志强的约谈申请")
    leader.goto(f"{live_server.url}/duties/")
    sound(leader, "应谈清单")
    expect(leader.get_by_role("region", name="约谈")).to_contain_text("梁志强申请约谈")
    leader.goto(f"{live_server.url}/requests/")
    sound(leader, "约谈")
    leader.get_by_role("link", name="梁志强申请约谈").click()
    sound(leader, "梁志强申请约谈")
    leader.get_by_role("link", name="接受约谈").click()
    leader.get_by_label("地点").fill("支部会议室")
    sound(leader, "接受梁志强同志的约谈")
    leader.get_by_role("button", name="接受约谈").click()
    expect(leader.get_by_role("status")).to_contain_text("已接受约谈")
    for address, heading in (("requests/hours/", "公布约谈时间"), ("requests/figures/", "约谈统计")):
        leader.goto(f"{live_server.url}/{address}")
        sound(leader, heading)

    phone.goto(f"{live_server.url}/own/")
    sound(phone, "我的")
    phone.get_by_role("link", name="约陆秉川").tap()
    expect(phone.get_by_role("main")).to_contain_text("支部会议室")


def test_a_time_is_picked_from_the_first_screen(
    phone: Page, browser: Browser, live_server: LiveServer, world: World, hours: None
) -> None:
    sign_in(phone, live_server, "member")
    to_the_words(phone, live_server)
    phone.get_by_role("button", name="见面再说").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("约陆秉川")
    code = TalkRequest.objects.get().code
    leader = browser.new_context(bypass_csp=True, viewport=PHONE).new_page()
    sign_in(leader, live_server, "secretary")
    leader.goto(f"{live_server.url}/requests/{code}/propose/")
    sound(leader, "给梁志强同志另约时间")
    leader.get_by_role("button", name="送出这些时间").click()
    expect(leader.get_by_role("status")).to_contain_text("已另约时间")
    phone.goto(f"{live_server.url}/")
    expect(phone.get_by_role("heading", name="陆秉川另约了时间，请您选定")).to_be_visible()
    sound(phone, "工作台")
    phone.get_by_role("link", name="选定时间").tap()
    sound(phone, "约陆秉川")
    phone.get_by_role("button", name="选定").first.tap()
    expect(phone.get_by_role("status")).to_contain_text("时间已定")
    sound(phone, "约陆秉川")
    assert TalkRequest.objects.get().state == "已接受"


def test_when_the_line_drops_the_words_stay(phone: Page, live_server: LiveServer, world: World) -> None:
    sign_in(phone, live_server, "member")
    to_the_words(phone, live_server)
    phone.get_by_text("写几句").tap()
    phone.get_by_label("想说的话").fill(WORDS)
    phone.context.set_offline(True)
    phone.get_by_role("button", name="意见建议").tap()
    expect(phone.get_by_role("alert")).to_contain_text("网络不通，没有送出。您填写的内容都还在本页")
    expect(phone.get_by_label("想说的话")).to_have_value(WORDS)
    assert not TalkRequest.objects.exists()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="意见建议").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("约陆秉川")
    assert TalkRequest.objects.get().reason == f"意见建议\n{WORDS}"


def test_when_the_session_has_ended_the_words_stay(
    phone: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(phone, live_server, "member")
    to_the_words(phone, live_server)
    phone.get_by_text("写几句").tap()
    phone.get_by_label("想说的话").fill(WORDS)
    phone.context.clear_cookies()
    phone.get_by_role("button", name="意见建议").tap()
    expect(phone.get_by_role("alert")).to_contain_text("登录已失效")
    expect(phone.get_by_label("想说的话")).to_have_value(WORDS)
    other = phone.context.new_page()
    sign_in(other, live_server, "member")
    phone.get_by_role("button", name="意见建议").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("约陆秉川")


def test_what_the_server_refuses_keeps_the_words(phone: Page, live_server: LiveServer, world: World) -> None:
    sign_in(phone, live_server, "member")
    to_the_words(phone, live_server)
    world.secretary.posts.update(until=timezone.localdate() - timedelta(days=1))
    phone.get_by_text("写几句").tap()
    phone.get_by_label("想说的话").fill(WORDS)
    phone.get_by_role("button", name="意见建议").tap()
    expect(phone.get_by_role("alert").first).to_contain_text("陆秉川同志目前不在您可以约谈的领导之列")
    expect(phone.get_by_label("想说的话")).to_have_value(WORDS)
    sound(phone, "主要想谈什么？")


def test_text_of_twice_the_size_fits(phone: Page, live_server: LiveServer, world: World, hours: None) -> None:
    day = timezone.localdate() - timedelta(days=1)
    factories.a_talk(
        [world.secretary], [world.member], held_on=day, state=TalkState.RECORDED, opinions=["食堂太早"]
    )
    sign_in(phone, live_server, "member")
    to_the_words(phone, live_server)
    phone.get_by_role("button", name="见面再说").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("约陆秉川")
    code = TalkRequest.objects.get().code
    for address in (
        *("requests/ask/", "requests/ask/P011/", "requests/ask/P011/about/", f"requests/{code}/"),
        *("", "duties/", "requests/", "own/", "own/opinions/", "own/readings/", "notices/", "reports/"),
    ):
        phone.goto(f"{live_server.url}/{address}")
        phone.evaluate("document.documentElement.style.fontSize = '200%'")
        assert fits(phone), address


def test_it_goes_onto_the_home_screen(phone: Page, live_server: LiveServer, world: World) -> None:
    sign_in(phone, live_server, "member")
    address = phone.locator("link[rel=manifest]").get_attribute("href")
    manifest = phone.request.get(f"{live_server.url}{address}").json()
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    for icon in manifest["icons"]:
        found = phone.request.get(f"{live_server.url}/static/{icon['src']}")
        assert found.headers["content-type"] == "image/png"
