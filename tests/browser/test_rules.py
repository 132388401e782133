"""规则 in Chromium, on a desk and on a phone: a rule is added, previewed, kept, changed, ended."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import Rule
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World


def is_sound(page: Page) -> None:
    assert found_by_axe(page) == []
    assert fits(page)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_a_rule_is_added_changed_and_ended(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "staff")
    page.get_by_role("link", name="规则", exact=True).click()
    expect(page.get_by_role("heading", name="六必谈")).to_be_visible()
    is_sound(page)

    page.get_by_role("link", name="新增规则").click()
    page.get_by_label("规则名称").fill("每季度谈一次")
    # What does not go with the choice is not there.
    expect(page.get_by_label("天数", exact=True)).to_be_hidden()
    expect(page.get_by_role("radio", name="支委与党员")).to_be_hidden()
    page.get_by_role("radio", name="事件", exact=True).check()
    expect(page.get_by_label("天数", exact=True)).to_be_visible()
    expect(page.get_by_role("radio", name="支委与党员")).to_be_hidden()
    page.get_by_role("radio", name="周期", exact=True).check()
    page.get_by_role("combobox", name="周期").select_option("每季度一次")
    page.get_by_role("radio", name="支委与党员").check()
    expect(page.get_by_role("group", name="谈话人")).to_be_hidden()
    is_sound(page)
    page.get_by_role("button", name="预览影响").click()
    # The three ordinary members of each branch.
    expect(page.get_by_text("将新增6项应谈。")).to_be_visible()
    is_sound(page)
    assert not Rule.objects.exists()

    page.get_by_role("button", name="返回修改").click()
    expect(page.get_by_label("规则名称")).to_have_value("每季度谈一次")
    page.get_by_role("button", name="预览影响").click()
    page.get_by_role("button", name="新增规则").click()
    expect(page.get_by_text("规则已新增。")).to_be_visible()
    rule = Rule.objects.get()
    assert (rule.trigger, rule.pairing) == ("周期:3", "committee-member")
    is_sound(page)

    page.goto(f"{live_server.url}/rules/four.family/?organisation=HC")
    page.get_by_role("link", name="修改规则").click()
    page.get_by_label("天数").fill("4")
    page.get_by_role("button", name="预览影响").click()
    expect(page.get_by_text("应不多于3个工作日")).to_be_visible()
    expect(page.get_by_label("天数")).to_have_value("4")
    is_sound(page)

    page.goto(f"{live_server.url}/rules/year.member-member/end/?organisation=SYJ")
    page.get_by_label("失效日期").fill(f"{rule.effective_from.year + 1}-01-01")
    page.get_by_role("button", name="预览影响").click()
    expect(page.get_by_text("将减少6项应谈。")).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="结束规则").click()
    expect(page.get_by_text("的失效日期已保存。")).to_be_visible()
    page.context.close()
