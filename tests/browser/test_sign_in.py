"""A second factor in Chromium: the key, recovery codes, sessions; at both widths, with axe."""

import os
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_path import DESK, PHONE, fits, found_by_axe
from tests.conftest import World
from tests.factories import PASSWORD
from tests.members.test_second_factor import code_of

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
# Where pictures of the pages are laid, for whoever wants to look at them.
PICTURES = os.environ.get("PICTURES", "")


def _sound(page: Page, name: str, size: ViewportSize) -> None:
    assert fits(page), name
    assert found_by_axe(page) == [], name
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)


@SIZES
def test_a_secretary_begins_his_second_factor_and_sees_where_he_is_signed_in(
    browser: Browser,
    live_server: LiveServer,
    world: World,
    settings: pytest.FixtureRequest,
    size: ViewportSize,
) -> None:
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("账号").fill("secretary")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("启用动态口令")
    expect(page.get_by_label("动态口令")).to_be_focused()
    assert page.locator("img").evaluate("img => img.complete && img.naturalWidth > 0")
    _sound(page, "key", size)
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("动态口令不正确")).to_be_visible()
    page.get_by_label("动态口令").fill(_code_of(page))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("恢复码")
    _sound(page, "recovery", size)
    code = page.locator(".recovery-codes .code").first.inner_text()
    page.get_by_role("link", name="已经保管好，继续").click()
    page.goto(f"{live_server.url}/account/")
    _sound(page, "account", size)
    page.get_by_role("link", name="登录设备").click()
    expect(page.get_by_text("本机")).to_be_visible()
    _sound(page, "sessions", size)
    page.get_by_role("button", name="退出").click()
    page.get_by_label("账号").fill("secretary")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("动态口令")
    _sound(page, "second", size)
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_text("还剩9个")).to_be_visible()


def _code_of(page: Page) -> str:
    return code_of(page.content(), datetime.now(UTC))
