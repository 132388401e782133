"""What the writer of a record is told, in Chromium: while he writes, nothing of it in his way."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import Talk
from talks.rules.words import TalkState
from tests import factories
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World

SAID = "谈到测站值班，希望排班能错开；家里老人住院，想在周末换一次夜班。"
ALIKE = "这次的内容与另一次谈话的记录完全相同。"
OVERLAP = "陆秉川在这段时间另有一次谈话。"
LATE = "这次谈话距今已超过3个工作日。"


@pytest.fixture
def booked(world: World) -> Talk:
    """The 书记 talked with the member a month ago; of another talk on that day he has written the same."""
    a_month_ago = timezone.localdate() - timedelta(days=30)
    other = factories.a_talk([world.secretary], [world.colleague], held_on=a_month_ago, content=SAID)
    Talk.objects.filter(pk=other.pk).update(starts_at="09:00", ends_at="09:30")
    # One that he may not read.
    factories.a_talk(
        [world.committee_member], [world.member], held_on=a_month_ago, content=SAID, participants_only=True
    )
    return factories.a_talk([world.secretary], [world.member], held_on=a_month_ago, state=TalkState.PLANNED)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_the_writer_is_told_at_once_and_files_all_the_same(
    browser: Browser, live_server: LiveServer, booked: Talk, size: ViewportSize
) -> None:
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/talks/{booked.code}/record/")
    region, content = page.locator("[data-checks]"), page.get_by_role("textbox", name="谈话内容")
    # Before anything is written: that the talk was a month ago.
    expect(region.locator(".hint")).to_have_count(1)
    expect(region).to_contain_text(LATE)
    content.fill("谈到家里的事。")
    page.get_by_label("方式", exact=True).select_option("电话")
    page.get_by_label("开始", exact=True).fill("09:10")
    page.get_by_label("结束", exact=True).fill("09:40")
    expect(region).to_contain_text(OVERLAP)
    expect(region).not_to_contain_text(ALIKE)

    content.fill(SAID[:-1])
    content.press("End")
    content.press_sequentially("。")
    expect(region).to_contain_text(ALIKE)
    # The other one is not counted.
    expect(region.locator(".hint")).to_have_count(3)
    # Who goes on writing loses neither his place nor a letter.
    expect(content).to_be_focused()
    content.press_sequentially("又记。")
    expect(content).to_have_value(f"{SAID}又记。")
    assert fits(page)
    assert found_by_axe(page) == []
    link = region.get_by_role("link", name="与吴桂兰的谈话").first
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("main")).to_contain_text(SAID)
    opened.value.close()
    expect(content).to_have_value(f"{SAID}又记。")

    page.get_by_role("button", name="提交记录").click()
    expect(page.get_by_role("main")).to_contain_text("又记。")
    expect(page.locator(".notice").first).to_contain_text("已记录")
    # Two of 28 runs of characters are new: 0.93.
    for text in (OVERLAP, LATE, "比较相似"):
        expect(page.get_by_role("main")).to_contain_text(text)
    assert fits(page)
    assert found_by_axe(page) == []
    booked.refresh_from_db()
    assert booked.state == TalkState.RECORDED
    page.context.close()


def test_the_same_hint_is_read_aloud_once(
    page: Page, live_server: LiveServer, booked: Talk, complaints: list[str]
) -> None:
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/talks/{booked.code}/record/")
    region, content = page.locator("[data-checks]"), page.get_by_role("textbox", name="谈话内容")
    page.get_by_label("方式", exact=True).select_option("电话")
    page.get_by_label("结束", exact=True).fill("09:40")
    # Whatever is put into the region anew is counted.
    region.evaluate(
        "region => { window.changes = 0; new MutationObserver(() => { window.changes += 1 })"
        ".observe(region, { childList: true, subtree: true }) }"
    )
    for times, (text, changes) in enumerate((("谈到家事。", 0), ("谈到家里老人的事。", 0), (SAID, 1)), 1):
        with page.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.ok):
            content.fill(text)
        expect(page.locator("[name=draft_revision]")).to_have_value(str(times))
        assert page.evaluate("window.changes") == changes
    expect(region).to_contain_text(ALIKE)
    # Nothing is told any more: nothing stands there, and takes no room.
    content.fill("谈到家里的事，孩子今年高考，要请几天假。")
    page.locator("[name=held_on]").fill(timezone.localdate().isoformat())
    expect(region).to_be_empty()
