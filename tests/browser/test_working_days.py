"""工作日 in Chromium, at the width of a desk and of a phone: a notice is pasted, checked, and stored."""

import pytest
from playwright.sync_api import Browser, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from branches.models import WorkingDay
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World

NOTICE = """国务院办公厅关于2099年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、清明节：4月5日（周一）放假。"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_a_notice_is_pasted_checked_and_stored(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "system")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="工作日").click()
    page.goto(f"{live_server.url}/working-days/?year=2099")
    expect(page.get_by_text("2099年的放假安排还没有录入")).to_be_visible()
    assert found_by_axe(page) == []
    assert fits(page)

    page.get_by_role("main").get_by_role("link", name="导入放假安排").first.click()
    page.get_by_label("年度").fill("2099")
    page.get_by_label("通知正文").fill(NOTICE)
    page.get_by_role("button", name="核对").click()
    # 5 April 2099 is a Sunday.
    expect(page.get_by_text("2099年4月5日是星期日")).to_be_visible()
    expect(page.get_by_role("heading", name="2099年的安排")).to_be_visible()
    expect(page.get_by_label("通知正文")).to_have_value(NOTICE)
    assert found_by_axe(page) == []
    assert fits(page)
    assert not WorkingDay.objects.of_year(2099).exists()

    page.get_by_role("button", name="保存2099年的安排").click()
    expect(page.get_by_text("已保存2099年的安排，写入4天。")).to_be_visible()
    assert WorkingDay.objects.of_year(2099).count() == 4
    assert found_by_axe(page) == []
    assert fits(page)

    page.get_by_role("link", name="修改1月4日的安排").click()
    page.get_by_label("安排").select_option("放假")
    assert found_by_axe(page) == []
    assert fits(page)
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("2099年1月4日的安排已修改。")).to_be_visible()
    page.context.close()
