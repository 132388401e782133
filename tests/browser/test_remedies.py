"""整改 from the ledger to 销号, 联系党员 to a booked talk, an event of many, in Chromium at both widths."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from members.models import Event, Member
from talks.models import Remedy, Talk
from tests import factories
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World

TEXT = "每月到测站检查一次安全用电"


@pytest.fixture(params=[DESK, PHONE], ids=["1200", "390"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A window of either width; our own policy would keep axe out of the page."""
    size: ViewportSize = request.param
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    yield page
    page.context.close()


def is_sound(page: Page) -> bool:
    """Nothing sticks out, and axe finds nothing."""
    assert found_by_axe(page) == []
    return fits(page)


def test_from_the_ledger_to_its_settlement(screen: Page, live_server: LiveServer, world: World) -> None:
    today = timezone.localdate()
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=today - timedelta(days=20), remedies=[TEXT]
    )
    Remedy.objects.update(owner=world.member, due_on=today - timedelta(days=2))

    sign_in(screen, live_server, "committee_member")
    screen.goto(f"{live_server.url}/remedies/")
    expect(screen.get_by_role("main")).to_contain_text("1项尚未销号，其中1项逾期")
    assert is_sound(screen)
    screen.get_by_role("link", name=TEXT).click()
    expect(screen.get_by_role("main")).to_contain_text("没有列入台账")
    assert is_sound(screen)
    screen.get_by_role("link", name="列入台账").click()
    screen.get_by_label("台账的表述").fill(TEXT)
    screen.get_by_role("button", name="列入台账").click()
    expect(screen.get_by_role("main")).to_contain_text("请改写后再列入台账")
    expect(screen.get_by_label("台账的表述")).to_have_value(TEXT)
    assert is_sound(screen)
    screen.get_by_label("台账的表述").fill("定期检查基层用电安全")
    screen.get_by_role("button", name="列入台账").click()
    expect(screen.get_by_role("status")).to_have_text("已列入整改台账。")
    screen.get_by_role("button", name="退出").click()

    sign_in(screen, live_server, "member")
    screen.goto(f"{live_server.url}/talks/{talk.code}/")
    screen.get_by_role("link", name="第1条措施的进展和销号").click()
    screen.get_by_label("进展情况").fill("检查了一次。")
    screen.get_by_role("button", name="保存进展").click()
    expect(screen.get_by_role("status")).to_have_text("进展已保存。")
    screen.get_by_role("link", name="申请销号").click()
    screen.get_by_label("完成情况").fill("已检查三次，线路已更换。")
    assert is_sound(screen)
    screen.get_by_role("button", name="申请销号").click()
    expect(screen.get_by_role("main")).to_contain_text("待批准")
    assert is_sound(screen)
    screen.get_by_role("button", name="退出").click()

    sign_in(screen, live_server, "secretary")
    screen.goto(f"{live_server.url}/remedies/?scope=decide")
    screen.get_by_role("link", name=TEXT).click()
    expect(screen.get_by_role("main")).to_contain_text("已检查三次，线路已更换。")
    screen.get_by_role("link", name="退回").click()
    screen.get_by_label("退回理由").fill("请补充照片以外的记录。")
    assert is_sound(screen)
    screen.get_by_role("button", name="退回").click()
    expect(screen.get_by_role("main")).to_contain_text("退回理由：请补充照片以外的记录。")
    screen.get_by_role("button", name="退出").click()

    sign_in(screen, live_server, "member")
    screen.goto(f"{live_server.url}/remedies/?scope=mine")
    screen.get_by_role("link", name=TEXT).click()
    screen.get_by_role("link", name="申请销号").click()
    screen.get_by_label("完成情况").fill("记录已补齐。")
    screen.get_by_role("button", name="申请销号").click()
    screen.get_by_role("button", name="退出").click()

    sign_in(screen, live_server, "chief")
    screen.goto(f"{live_server.url}/remedies/?scope=decide")
    screen.get_by_role("link", name="定期检查基层用电安全").click()
    # Who stands above reads what was released, never the words of the talk.
    expect(screen.get_by_role("main")).not_to_contain_text(TEXT)
    screen.get_by_role("button", name="批准销号").click()
    expect(screen.get_by_role("status")).to_have_text("已批准销号。")
    assert is_sound(screen)
    assert Remedy.objects.get().settled_on == today


def test_from_a_contact_to_a_booked_talk(screen: Page, live_server: LiveServer, world: World) -> None:
    Member.objects.filter(pk=world.member.pk).update(is_floating=True)
    sign_in(screen, live_server, "committee_member")
    screen.goto(f"{live_server.url}/contacts/")
    screen.wait_for_load_state()
    screen.locator("label").filter(has_text="我联系的").click()
    expect(screen.get_by_role("row").filter(has_text="吴桂兰")).to_have_count(0)
    row = screen.get_by_role("row").filter(has_text="梁志强")
    expect(row).to_contain_text("没有记录")
    expect(row).to_contain_text("建议电话")
    assert is_sound(screen)
    screen.get_by_role("link", name="预约与梁志强的谈话").click()
    expect(screen.get_by_label("方式", exact=True)).to_have_value("电话")
    screen.get_by_role("button", name="预约谈话").click()
    expect(screen.get_by_role("main")).to_contain_text("梁志强")
    talk = Talk.objects.get()
    assert (talk.form, [one.code for one in talk.members.order_by("code")]) == ("电话", ["P012", "P013"])


def test_an_event_of_many(screen: Page, live_server: LiveServer, world: World) -> None:
    sign_in(screen, live_server, "secretary")
    screen.goto(f"{live_server.url}/events/add/")
    assert is_sound(screen)
    screen.get_by_label("党员", exact=True).fill("lzq")
    screen.get_by_role("button", name="查找").click()
    expect(screen.get_by_role("main")).to_contain_text("“lzq”的查找结果：1人")
    screen.get_by_role("checkbox", name="梁志强").check()
    screen.get_by_label("党员", exact=True).fill("孙雨晴")
    screen.get_by_role("button", name="查找").click()
    expect(screen.get_by_role("checkbox", name="梁志强")).to_be_checked()
    screen.get_by_role("checkbox", name="孙雨晴").check()
    screen.get_by_label("事件类型").select_option("岗位变动")
    screen.get_by_label("情况说明").fill("机构改革")
    screen.get_by_role("button", name="录入事件").click()
    told = screen.get_by_role("alert")
    expect(told).to_contain_text("1人不产生应谈事项，还没有录入。")
    expect(told).to_contain_text("孙雨晴")
    expect(told).to_contain_text("岗位变动必谈")
    assert is_sound(screen)
    assert not Event.objects.exists()
    screen.get_by_role("button", name="仍然录入").click()
    expect(screen.get_by_role("status")).to_contain_text("已录入2项事件，其中1项不产生应谈事项")
    assert is_sound(screen)
    screen.get_by_role("link", name="孙雨晴").click()
    expect(screen.get_by_role("main")).to_contain_text("不是正式党员或预备党员")
    assert is_sound(screen)
