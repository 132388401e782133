"""The first whole path, in Chromium: sign in, see what is overdue and why, book, record, and it is met.

Walked at the width of a desk and of a phone; nothing else than our own host is asked, and the browser has
nothing to complain of.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from reports.tasks import render_pending
from talks.models import Talk
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World
from tests.factories import PASSWORD

DESK: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


def sign_in(page: Page, live_server: LiveServer, username: str) -> None:
    """Over the door."""
    page.goto(live_server.url)
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_from_an_overdue_duty_to_a_record_that_meets_it(
    page: Page,
    live_server: LiveServer,
    world: World,
    complaints: list[str],
    size: ViewportSize,
) -> None:
    today = timezone.localdate()
    factories.an_event(world.member, happened_on=today - timedelta(days=14))
    page.set_viewport_size(size)

    sign_in(page, live_server, "secretary")
    assert fits(page)
    page.get_by_role("link", name="逾期1项").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("应谈清单")
    # Before htmx is there the link leads to a page of its own.
    page.wait_for_load_state()
    row = page.get_by_role("row").filter(has_text="梁志强")
    page.get_by_role("link", name="为什么与梁志强谈").click()
    expect(page.locator(".why")).to_contain_text("四个必谈③")
    expect(page.locator(".why")).to_contain_text("现在谈，记为“逾期完成”。")
    assert fits(page)
    page.get_by_role("link", name="为什么与梁志强谈").click()
    expect(page.locator(".why")).to_have_count(0)

    expect(row).to_contain_text("逾期")
    page.get_by_role("link", name="预约与梁志强的谈话").click()
    expect(page.get_by_label("谈话人第1人")).to_have_value("陆秉川")
    expect(page.get_by_label("谈话对象第1人")).to_have_value("梁志强")
    assert fits(page)
    page.get_by_label("地点").fill("测站值班室")
    page.get_by_role("button", name="预约谈话").click()

    expect(page.get_by_role("status")).to_contain_text("与梁志强谈话")
    expect(page.get_by_role("main")).to_contain_text("谈后计入应谈")
    page.get_by_role("link", name="记录谈话").click()

    expect(page.get_by_role("textbox", name="谈话内容")).to_be_visible()
    assert fits(page)
    page.get_by_role("textbox", name="谈话内容").fill("家中老人住院，近期请假较多，支部帮助调班。")
    page.get_by_label("第1条意见内容").fill("排班提前一周公布")
    page.get_by_label("第1条意见针对").fill("支委会")
    page.get_by_role("button", name="添加意见").click()
    page.get_by_label("第3条意见内容").fill("测站添置折叠床")
    page.get_by_label("第1条措施内容").fill("本周内调整排班")
    page.get_by_label("第1条措施责任人").fill("沈若楠")
    page.get_by_label("第1条措施完成时限").fill((today + timedelta(days=7)).isoformat())
    page.get_by_label("私人笔记").fill("下周再去看望")
    page.get_by_role("button", name="提交记录").click()

    # The draft is kept first, then the record.
    expect(page.locator(".notice").first).to_contain_text("已记录，计入已谈", timeout=15_000)
    main = page.get_by_role("main")
    for text in ("家中老人住院", "排班提前一周公布", "测站添置折叠床", "责任人：沈若楠", "下周再去看望"):
        expect(main).to_contain_text(text)
    assert fits(page)
    talk = Talk.objects.get()
    assert (talk.state, talk.opinions.count()) == (TalkState.RECORDED, 2)

    page.goto(f"{live_server.url}/duties/?state=late")
    expect(page.get_by_role("row").filter(has_text="梁志强")).to_contain_text("逾期完成")
    page.goto(f"{live_server.url}/duties/?state=overdue")
    expect(main).to_contain_text("没有符合筛选条件的应谈事项")


def test_the_subject_confirms_on_his_phone(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    factories.a_talk([world.secretary], [world.member], held_on=timezone.localdate(), content="谈到排班。")
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "member")
    page.get_by_role("link", name="核对并确认").click()
    expect(page.get_by_role("main")).to_contain_text("谈到排班。")
    page.get_by_role("button", name="内容属实，确认").click()
    expect(page.get_by_role("status")).to_have_text("已确认谈话记录。")
    assert fits(page)
    assert Talk.objects.get().state == TalkState.CONFIRMED


def test_the_main_path_needs_no_javascript(browser: Browser, live_server: LiveServer, world: World) -> None:
    plain = browser.new_context(java_script_enabled=False).new_page()
    factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14))
    sign_in(plain, live_server, "secretary")
    plain.get_by_role("link", name="逾期1项").click()
    plain.get_by_role("link", name="为什么与梁志强谈").click()
    expect(plain.locator(".why")).to_contain_text("四个必谈③")
    plain.get_by_role("link", name="补记已谈").click()
    plain.get_by_role("button", name="去填写记录").click()
    plain.get_by_role("textbox", name="谈话内容").fill("谈到排班。")
    plain.get_by_role("button", name="添加意见").click()
    plain.get_by_label("第3条意见内容").fill("排班提前一周公布")
    plain.get_by_role("button", name="提交记录").click()
    expect(plain.get_by_role("main")).to_contain_text("排班提前一周公布")
    assert Talk.objects.get().state == TalkState.RECORDED
    plain.context.close()


def test_an_inspector_downloads_the_report_as_pdf(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14))
    sign_in(page, live_server, "inspector")
    page.get_by_role("link", name="报告", exact=True).click()
    page.get_by_role("main").get_by_role("button", name="生成合规报告").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    # What the worker does; the page asks by itself until it is done.
    render_pending()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载PDF").click(timeout=60_000)
    assert download.value.suggested_filename.endswith(".pdf")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    assert "梁志强" not in page.content()


PAGES = [
    *("/", "/duties/", "/talks/", "/talks/book/", "/meetings/", "/meetings/add/"),
    *("/notices/", "/notices/preference/"),
]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
@pytest.mark.parametrize("role", ["secretary", "member", "inspector"])
def test_no_page_sticks_out(
    page: Page,
    live_server: LiveServer,
    world: World,
    complaints: list[str],
    role: str,
    size: ViewportSize,
) -> None:
    today = timezone.localdate()
    factories.a_meeting(world.branch, meeting_on=today + timedelta(days=4))
    for number in range(3):
        factories.a_talk(
            [world.secretary], [world.member], held_on=today - timedelta(days=number), content="谈到排班。"
        )
    page.set_viewport_size(size)
    sign_in(page, live_server, role)
    for address in PAGES:
        response = page.goto(live_server.url + address)
        assert response
        if response.status == 404:
            # What the role may not open; the browser's line about it is no complaint.
            complaints[:] = [line for line in complaints if "404" not in line]
        assert fits(page), address


def test_a_filter_answers_at_once_and_stays_in_the_address(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14))
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/duties/")
    rows = page.locator("tr.duty")
    everything = rows.count()
    page.locator("label[for=st-overdue]").click()
    expect(rows).to_have_count(1)
    assert "state=overdue" in page.url
    # The keyboard stays where it was.
    expect(page.locator("#st-overdue")).to_be_focused()
    page.get_by_role("link", name="为什么与梁志强谈").click()
    expect(page.locator(".why")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(everything)
    page.get_by_label("人员").fill("lzq")
    page.get_by_role("button", name="筛选").click()
    # The event, and what the year owes him from the 支委 and from the members.
    expect(rows).to_have_count(3)
    # No page is left behind in the browser's storage.
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"
    assert "梁志强" not in page.evaluate("JSON.stringify(sessionStorage)")


AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def found_by_axe(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(
        """async (rules) => (await axe.run(document, {runOnly: rules})).violations.map(
            (one) => `${one.id}: ${one.nodes[0].html}`)""",
        RULES,
    )
    return found


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_axe_finds_nothing(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    today = timezone.localdate()
    factories.an_event(world.member, happened_on=today - timedelta(days=14))
    factories.a_meeting(world.branch, meeting_on=today + timedelta(days=4))
    booked = factories.a_talk([world.secretary], [world.colleague], held_on=today, state=TalkState.PLANNED)
    recorded = factories.a_talk([world.secretary], [world.colleague], held_on=today, content="谈到排班。")
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "secretary")

    page.goto(f"{live_server.url}/duties/?state=overdue")
    page.get_by_role("link", name="为什么与梁志强谈").click()
    expect(page.locator(".why")).to_be_visible()
    assert found_by_axe(page) == []
    talks = [f"/talks/{booked.code}/{step}" for step in ("", "change/", "cancel/", "record/")]
    for address in (*PAGES, f"/talks/{recorded.code}/", *talks):
        page.goto(live_server.url + address)
        assert found_by_axe(page) == [], address
    # What it is worth: a picture without words is found.
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [one.partition(":")[0] for one in found_by_axe(page)] == ["image-alt"]
    page.context.close()
