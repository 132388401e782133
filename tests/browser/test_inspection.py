"""An inspector in Chromium: down the tree, a sample drawn and drawn again, a 疑点 explained and dismissed."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World
from tests.reports.rows import a_finding, an_issued_report

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])


def three_talks(world: World) -> None:
    today = timezone.localdate()
    for number in range(3):
        factories.a_talk(
            [world.committee_member],
            [world.member],
            held_on=today - timedelta(days=number),
            content="谈到排班。",
        )


@SIZES
def test_a_sample_is_drawn_and_drawn_again(
    page: Page, live_server: LiveServer, world: World, complaints: list[str], size: ViewportSize
) -> None:
    three_talks(world)
    page.set_viewport_size(size)
    sign_in(page, live_server, "inspector")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="督查总览").click()
    page.get_by_role("link", name="随机抽查").click()
    page.get_by_label("抽取次数").fill("2")
    page.get_by_role("button", name="抽取").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("抽查编号")
    drawn = page.locator("table a").evaluate_all("links => links.map((link) => link.href)")
    assert len(drawn) == 2
    seed = re.search(r"seed=(\w+)", page.url)
    assert seed
    # Another inspector types the number that was printed.
    page.goto(f"{live_server.url}/samples/")
    page.get_by_label("抽取次数").fill("2")
    page.get_by_label("抽查编号").fill(seed[1])
    page.get_by_role("button", name="抽取").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text(seed[1])
    assert page.locator("table a").evaluate_all("links => links.map((link) => link.href)") == drawn


def test_a_finding_is_explained_and_dismissed(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    found = a_finding(world)
    secretary = browser.new_context().new_page()
    sign_in(secretary, live_server, "secretary")
    secretary.goto(f"{live_server.url}/findings/{found.pk}/")
    secretary.get_by_role("link", name="说明情况").click()
    secretary.get_by_label("说明").fill("当日先后与两位同志分别谈，地点相同。")
    secretary.get_by_role("button", name="提交说明").click()
    expect(secretary.get_by_text("当日先后与两位同志分别谈")).to_be_visible()
    inspector = browser.new_context().new_page()
    sign_in(inspector, live_server, "inspector")
    inspector.goto(f"{live_server.url}/findings/{found.pk}/")
    expect(inspector.get_by_text("当日先后与两位同志分别谈")).to_be_visible()
    inspector.get_by_role("link", name="排除疑点").click()
    inspector.get_by_role("button", name="排除疑点").click()
    # Without a reason it stays.
    expect(inspector.get_by_text("请填写理由")).to_be_visible()
    inspector.get_by_label("理由").fill("情况属实，已当面核实。")
    inspector.get_by_role("button", name="排除疑点").click()
    expect(inspector.get_by_text("情况属实，已当面核实。")).to_be_visible()
    inspector.goto(f"{live_server.url}/findings/?state=dismissed")
    expect(inspector.locator("ul.finds > li")).to_have_count(1)
    for page in (secretary, inspector):
        page.context.close()


@SIZES
def test_axe_finds_nothing(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    three_talks(world)
    found, report = a_finding(world), an_issued_report(world)
    factories.an_organisation("机关党支部", superior=world.committee, code="JG")
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "inspector")
    sample = f"organisation={world.committee.pk}&since=2020-01-01&until={timezone.localdate()}&size=2&seed=1"
    for address in (
        "/inspection/",
        "/inspection/?organisation=HC",
        "/samples/",
        f"/samples/?{sample}",
        "/findings/",
        "/findings/organisations/",
        f"/findings/{found.pk}/",
        f"/findings/{found.pk}/dismiss/",
        "/reports/",
        "/verify/",
        f"/verify/{report.token}/{report.figures_mac[:32]}/",
    ):
        response = page.goto(live_server.url + address)
        assert response
        assert response.status == 200, address
        assert found_by_axe(page) == [], address
        assert fits(page), address
    page.context.close()
