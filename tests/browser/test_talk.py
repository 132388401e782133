"""A talk from its preparation to its amendment, in Chromium; and drafts when things go wrong."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import Draft, Talk
from talks.rules.words import TalkState
from tests import factories
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])


@pytest.fixture
def booked(world: World) -> Talk:
    """The 书记 is to talk with the member today; they talked a month ago."""
    today = timezone.localdate()
    factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=today - timedelta(days=30),
        content="谈过一次。",
        opinions=["主题党日放到测站开"],
        remedies=["每季度一次"],
    )
    factories.an_event(world.member, happened_on=today - timedelta(days=2))
    return factories.a_talk([world.secretary], [world.member], held_on=today, state=TalkState.PLANNED)


def kept(talk: Talk) -> str:
    """What the server has of the draft."""
    draft = Draft.objects.filter(talk=talk).first()
    return unquote_plus(draft.text) if draft else ""


@SIZES
def test_from_preparation_to_amendment(
    browser: Browser, live_server: LiveServer, booked: Talk, size: ViewportSize, tmp_path: Path
) -> None:
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "secretary")
    there = f"{live_server.url}/talks/{booked.code}/"
    page.goto(there)
    page.get_by_role("link", name="准备谈话").click()
    for text in ("主题党日放到测站开", "每季度一次", "家庭变故"):
        expect(page.get_by_role("complementary")).to_contain_text(text)
    page.get_by_role("textbox", name="目的").fill("了解家里情况")
    page.get_by_role("textbox", name="拟谈问题").fill("家里有什么困难？")
    page.get_by_text("对热点难点问题的看法").click()
    page.get_by_label("近来大家议论较多的热点、难点问题，您怎么看？").check()
    assert fits(page)
    assert found_by_axe(page) == []
    page.get_by_role("button", name="保存谈话准备").click()
    expect(page.get_by_role("status")).to_have_text("谈话准备已保存，仅您可见。")

    page.get_by_role("link", name="记录谈话").click()
    page.get_by_label("家里有什么困难？").check()
    page.get_by_role("textbox", name="谈话内容").fill("家中老人住院。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
    assert fits(page)
    assert found_by_axe(page) == []
    page.reload()
    expect(page.get_by_role("textbox", name="谈话内容")).to_have_value("家中老人住院。")
    expect(page.get_by_label("家里有什么困难？")).to_be_checked()
    assert found_by_axe(page) == []
    page.get_by_role("button", name="提交记录").click()
    expect(page.locator(".notice").first).to_contain_text("已记录")
    assert not Draft.objects.exists()

    paper = tmp_path / "签字件.pdf"
    paper.write_bytes(b"%PDF-1.7\n%%EOF\n")
    for link, verb in (("上传附件", "上传"), ("上传签字件", "上传签字件")):
        page.get_by_role("link", name=link, exact=True).click()
        page.get_by_label("文件").set_input_files(paper)
        assert fits(page)
        assert found_by_axe(page) == []
        page.get_by_role("button", name=verb, exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("已上传")
    page.get_by_role("link", name="补正记录").click()
    page.get_by_role("textbox", name="补正内容").fill("补：老人已经出院。")
    assert found_by_axe(page) == []
    page.get_by_role("button", name="保存补正").click()
    for text in ("家中老人住院。", "补：老人已经出院。", "签字确认", "了解家里情况"):
        expect(page.get_by_role("main")).to_contain_text(text)
    assert fits(page)
    assert found_by_axe(page) == []
    page.context.close()


@SIZES
def test_a_subject_asks_for_a_correction(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    talk = factories.a_talk(
        [world.secretary], [world.member], held_on=timezone.localdate(), content="谈到排班。"
    )
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "member")
    page.goto(f"{live_server.url}/talks/{talk.code}/")
    page.get_by_role("link", name="请求更正").click()
    page.get_by_role("textbox", name="需要更正之处").fill("谈的是值班。")
    assert fits(page)
    assert found_by_axe(page) == []
    page.get_by_role("button", name="提出更正请求").click()
    expect(page.get_by_role("main")).to_contain_text("尚未答复")
    assert found_by_axe(page) == []
    page.get_by_role("button", name="退出").click()

    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/talks/{talk.code}/")
    page.get_by_role("main").get_by_role("link", name="更正记录").first.click()
    page.get_by_role("textbox", name="谈话内容").fill("谈到值班。")
    assert found_by_axe(page) == []
    page.get_by_role("button", name="保存更正").click()
    page.get_by_role("link", name="答复").click()
    page.get_by_role("textbox", name="答复").fill("已更正。")
    assert fits(page)
    assert found_by_axe(page) == []
    page.get_by_role("button", name="答复").click()
    expect(page.get_by_role("main")).to_contain_text("谈到值班。")
    expect(page.get_by_role("main")).to_contain_text("已更正。")
    page.context.close()


def writes(page: Page, live_server: LiveServer, talk: Talk, text: str) -> None:
    """Opens the record in the window and types."""
    page.goto(f"{live_server.url}/talks/{talk.code}/record/")
    page.get_by_role("textbox", name="谈话内容").fill(text)


def test_nothing_is_lost_when_the_line_drops(
    context: BrowserContext, page: Page, live_server: LiveServer, booked: Talk
) -> None:
    sign_in(page, live_server, "secretary")
    writes(page, live_server, booked, "断线以前。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
    context.set_offline(True)
    page.get_by_role("textbox", name="谈话内容").fill("断线以后。")
    expect(page.locator("[data-told]")).to_have_text("网络已断开，内容还在本页，恢复后自动保存")
    # Handing it over now would lose it: the page stays.
    page.get_by_role("button", name="提交记录").click()
    expect(page.get_by_role("textbox", name="谈话内容")).to_have_value("断线以后。")
    context.set_offline(False)
    expect(page.locator("[data-saved]")).to_be_visible()
    expect(page.locator("[data-told]")).to_be_hidden()
    page.get_by_role("button", name="提交记录").click()
    expect(page.get_by_role("main")).to_contain_text("断线以后。")
    # Nothing of it is left behind in the browser's storage.
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "断线" not in stored
    assert stored.startswith("[{},")


def test_nothing_is_lost_when_the_session_ends(
    context: BrowserContext, page: Page, live_server: LiveServer, booked: Talk
) -> None:
    sign_in(page, live_server, "secretary")
    writes(page, live_server, booked, "先写一句。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
    Session.objects.all().delete()
    page.get_by_role("textbox", name="谈话内容").fill("登录失效以后写的。")
    expect(page.locator("[data-told]")).to_contain_text("登录已失效")
    page.get_by_role("button", name="提交记录").click()
    expect(page.get_by_role("textbox", name="谈话内容")).to_have_value("登录失效以后写的。")
    # He signs in again in another window; the first goes on by itself.
    other = context.new_page()
    sign_in(other, live_server, "secretary")
    other.close()
    page.bring_to_front()
    page.get_by_role("textbox", name="谈话内容").press("End")
    page.get_by_role("textbox", name="谈话内容").type("又写一句。")
    expect(page.locator("[data-told]")).to_be_hidden(timeout=15_000)
    page.get_by_role("button", name="提交记录").click()
    expect(page.get_by_role("main")).to_contain_text("登录失效以后写的。又写一句。")


def test_nothing_becomes_somebody_elses(
    world: World, context: BrowserContext, page: Page, live_server: LiveServer, booked: Talk
) -> None:
    """At a machine of the office the recorder signs in while the talker's window is still open."""
    Talk.objects.filter(pk=booked.pk).update(recorder=world.colleague)
    sign_in(page, live_server, "secretary")
    writes(page, live_server, booked, "先写一句。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
    context.clear_cookies()
    other = context.new_page()
    sign_in(other, live_server, "colleague")
    page.get_by_role("textbox", name="谈话内容").fill("只有谈话人知道。")
    expect(page.locator("[data-told]")).to_contain_text("登录已失效")
    assert list(Draft.objects.values_list("account__username", flat=True)) == ["secretary"]


def test_the_second_window_is_told(
    context: BrowserContext, page: Page, live_server: LiveServer, booked: Talk
) -> None:
    sign_in(page, live_server, "secretary")
    second = context.new_page()
    writes(page, live_server, booked, "")
    second.goto(page.url)
    page.get_by_role("textbox", name="谈话内容").fill("第一个窗口。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
    second.get_by_role("textbox", name="谈话内容").fill("第二个窗口。")
    expect(second.locator("[data-told]")).to_contain_text("草稿已在另一个窗口改动")
    assert "第一个窗口" in kept(booked)
    # Only his own word lets the second window go on.
    second.get_by_role("button", name="以本窗口为准").click()
    expect(second.locator("[data-saved]")).to_contain_text("已自动保存")
    page.get_by_role("textbox", name="谈话内容").fill("第一个窗口又写。")
    expect(page.locator("[data-told]")).to_contain_text("草稿已在另一个窗口改动")
    second.get_by_role("button", name="提交记录").click()
    expect(second.get_by_role("main")).to_contain_text("第二个窗口。")
