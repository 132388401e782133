"""A meeting readied in Chromium, on a desk and on a phone: the matrix, a talk booked from it, opinions."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import GatheredOpinion, MergedOpinion
from talks.rules.words import MeetingKind
from tests import factories
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])


def page_of(browser: Browser, size: ViewportSize) -> Page:
    """A window. Our own policy would keep axe out of the page."""
    return browser.new_context(bypass_csp=True, viewport=size).new_page()


def is_sound(page: Page) -> None:
    assert found_by_axe(page) == []
    assert fits(page)


@SIZES
def test_the_matrix_is_read_walked_and_filled(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    today = timezone.localdate()
    third = factories.a_member("高建业", world.other_branch, code="P004")
    factories.a_post(third, world.committee, "副局长", is_team=True)
    meeting = factories.a_meeting(
        world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=today + timedelta(days=20)
    )
    page = page_of(browser, size)
    sign_in(page, live_server, "chief")
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    expect(page.get_by_text("应谈4项，已谈0项，还有4项未约。")).to_be_visible()
    is_sound(page)
    if size == PHONE:
        # A list for each person, in words.
        expect(page.get_by_role("region", name="会前谈心谈话矩阵")).to_be_hidden()
        expect(page.get_by_role("heading", name="高建业")).to_be_visible()
        expect(page.get_by_role("link", name="预约高建业与郑远航的谈话")).to_be_visible()
        page.get_by_role("link", name="预约何静宜与郑远航的谈话").click()
    else:
        cell = page.get_by_role("link", name="何静宜与郑远航，三必谈①")
        expect(cell).to_have_attribute("tabindex", "0")
        cell.focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("link", name="高建业与郑远航，三必谈①")).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator("#panel")).to_contain_text("三必谈①")
        expect(cell).to_have_attribute("aria-current", "true")
        is_sound(page)
        page.locator("#panel").get_by_role("link", name="预约谈话").click()
    expect(page.get_by_label("谈话对象第1人")).to_be_visible()
    page.context.close()


def test_the_matrix_fills_itself_and_keeps_the_place(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    today = timezone.localdate()
    meeting = factories.a_meeting(
        world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=today + timedelta(days=20)
    )
    page = page_of(browser, DESK)
    sign_in(page, live_server, "chief")
    page.clock.install()
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    cell = page.get_by_role("link", name="何静宜与郑远航")
    cell.focus()
    page.keyboard.press("Enter")
    expect(cell).to_have_attribute("aria-current", "true")
    cell.focus()
    factories.a_talk([world.chief], [world.deputy], held_on=today)
    page.clock.fast_forward(21_000)
    expect(cell).to_have_attribute("data-state", "done")
    expect(cell).to_have_attribute("aria-current", "true")
    expect(cell).to_be_focused()
    page.context.close()


@SIZES
def test_an_opinion_goes_from_the_talk_into_the_summary(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    today = timezone.localdate()
    meeting = factories.a_meeting(world.branch, meeting_on=today + timedelta(days=10))
    factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=today - timedelta(days=1),
        opinions=["梁志强说食堂晚饭开得太早"],
    )
    page = page_of(browser, size)
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    page.get_by_role("button", name="登记完成：会前学习").click()
    expect(page.get_by_text("陆秉川登记")).to_be_visible()
    is_sound(page)
    page.get_by_role("link", name="与我有关的意见").click()
    is_sound(page)
    page.get_by_role("link", name="改写并转交").click()
    page.get_by_role("textbox", name="意见建议").fill("梁志强说食堂晚饭开得太早")
    page.get_by_role("button", name="转交党组织").click()
    expect(page.get_by_text("请改写后再转交")).to_be_visible()
    is_sound(page)
    page.get_by_role("textbox", name="意见建议").fill("食堂供餐时间宜适当延后")
    page.get_by_role("button", name="转交党组织").click()
    expect(page.get_by_text("已转交党组织，未署名")).to_be_visible()
    is_sound(page)

    page.goto(f"{live_server.url}/meetings/{meeting.pk}/opinions/")
    page.get_by_role("link", name="录入意见").click()
    is_sound(page)
    page.get_by_role("textbox", name="意见建议").fill("1. 晚班没有热饭\n2. 希望增加培训")
    page.get_by_role("button", name="保存意见").click()
    expect(page.get_by_text("已录入2条意见建议。")).to_be_visible()
    is_sound(page)
    page.get_by_label("选择第1条").check()
    page.get_by_label("选择第2条").check()
    page.get_by_role("button", name="梳理所选意见").click()
    page.get_by_role("textbox", name="意见建议").fill("食堂供应时间与倒班不衔接")
    page.get_by_label("责任人第1人").fill("沈若楠")
    is_sound(page)
    page.get_by_role("button", name="梳理为一条").click()
    expect(page.get_by_role("status")).to_contain_text("共征求意见建议3条，梳理为1条")
    page.get_by_role("link", name="已梳理").click()
    expect(page.get_by_text("由2条梳理")).to_be_visible()
    is_sound(page)
    page.get_by_role("link", name="汇总表").click()
    expect(page.get_by_role("heading", name="征求意见汇总表")).to_be_visible()
    is_sound(page)
    assert (GatheredOpinion.objects.count(), MergedOpinion.objects.count()) == (3, 1)
    page.context.close()
