"""日历 in Chromium, on a desk and on a phone: talks are seen, dragged, put back where need be, opened."""

import re
from datetime import date, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import Talk
from talks.rules.words import TalkState
from tests import factories
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World


def wednesday() -> date:
    """Of next week, so that nothing there is over."""
    today = timezone.localdate()
    return today + timedelta(days=9 - today.weekday())


def two_talks(world: World) -> None:
    """Both with the member: of the 书记 on Wednesday at nine, of the 支委 on Thursday at ten."""
    for code, talker, days, hour in (
        ("T1", world.secretary, 0, 9),
        ("T2", world.committee_member, 1, 10),
    ):
        factories.a_talk(
            [talker],
            [world.member],
            code=code,
            held_on=wednesday() + timedelta(days=days),
            state=TalkState.PLANNED,
        )
        Talk.objects.filter(code=code).update(starts_at=time(hour), ends_at=time(hour, 30))


def entry(page: Page, name: str) -> Locator:
    return page.locator("a.fc-event, .fc-list-event").filter(has_text=name)


FOUND = """hour => {
  const entries = [...document.querySelectorAll("a.fc-event")];
  const found = entries.find(({ textContent }) => textContent.includes(hour));
  return found && found.getBoundingClientRect().toJSON();
}"""


def drag(page: Page, hour: str, day: date, to: str) -> None:
    """Takes the entry of the hour to another hour on the day."""

    def line(hour: str) -> float:
        box = page.locator(f".fc-timegrid-slot-lane[data-time='{hour:0>5}:00']").bounding_box()
        assert box
        return box["y"]

    expect(entry(page, hour)).to_have_count(1)
    # Found and measured in one look, as the entries are drawn anew whenever the days are read again.
    grip = page.wait_for_function(FOUND, arg=hour).json_value()
    column = page.locator(f".fc-timegrid-col[data-date='{day}']").bounding_box()
    assert column
    left, top = grip["x"] + 20, grip["y"] + 8
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left, top + 20, steps=4)
    page.mouse.move(column["x"] + left - grip["x"], top + line(to) - line(hour), steps=8)
    page.mouse.up()


def test_a_talk_is_dragged_and_put_back_where_it_cannot_be(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    two_talks(world)
    page.set_viewport_size(DESK)
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/calendar/?day={wednesday()}")
    expect(entry(page, "与梁志强计划")).to_have_count(2)

    with page.expect_response("**/calendar/talks/**"):
        drag(page, "9:00", wednesday(), "14:00")
    told = page.get_by_role("status")
    expect(told).to_contain_text("14:00。")
    assert Talk.objects.get(code="T1").starts_at == time(14)
    expect(entry(page, "14:00")).to_contain_text("与梁志强")

    # The member is engaged there; the entry goes back to where it was.
    drag(page, "10:00", wednesday(), "14:00")
    expect(told).to_contain_text("没有改期：梁志强在这段时间已有其他谈话安排，请改约其他时间。")
    expect(entry(page, "10:00")).to_contain_text("沈若楠与梁志强")
    kept = Talk.objects.get(code="T2")
    assert (kept.held_on, kept.starts_at, kept.revision) == (wednesday() + timedelta(days=1), time(10), 1)
    # Chromium writes a line of its own about the refusal.
    complaints[:] = [line for line in complaints if "409" not in line]

    entry(page, "14:00").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("与梁志强的谈话")
    page.go_back()
    expect(entry(page, "14:00")).to_be_visible()


def test_a_talk_put_back_while_the_days_are_read_again_stands_there_once(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    two_talks(world)
    page.set_viewport_size(DESK)
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/calendar/?day={wednesday()}")
    expect(entry(page, "与梁志强计划")).to_have_count(2)
    # A slow line: the refusal comes after the days have been read again, as after any move.
    refused: list[Route] = []
    page.route("**/talks/T2/move/", lambda route: refused.append(route))
    drag(page, "10:00", wednesday(), "9:00")
    with page.expect_response("**/calendar/talks/**"):
        page.evaluate("calendar.refetchEvents()")
    expect(entry(page, "9:00")).to_have_count(1)
    refused[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("没有改期")
    expect(entry(page, "10:00")).to_have_count(1)
    # Chromium writes a line of its own about the refusal.
    complaints[:] = [line for line in complaints if "409" not in line]


def test_what_is_not_ones_own_to_move_stays(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    two_talks(world)
    page.set_viewport_size(DESK)
    sign_in(page, live_server, "member")
    page.goto(f"{live_server.url}/calendar/?day={wednesday()}")
    drag(page, "9:00", wednesday(), "14:00")
    expect(entry(page, "9:00")).to_contain_text("与陆秉川")
    assert Talk.objects.get(code="T1").starts_at == time(9)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_every_view_is_sound(
    browser: Browser, live_server: LiveServer, world: World, size: ViewportSize
) -> None:
    two_talks(world)
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "secretary")
    for view in ("", "list", "day", "week", "month"):
        page.goto(f"{live_server.url}/calendar/?day={wednesday()}&view={view}")
        expect(entry(page, "与梁志强").first).to_be_visible()
        assert found_by_axe(page) == [], view
        assert fits(page), view
    page.goto(f"{live_server.url}/calendar/feed/")
    assert found_by_axe(page) == []
    page.get_by_role("button", name="生成订阅地址").click()
    expect(page.get_by_label("订阅地址")).to_have_value(re.compile(r"/calendar/[\w-]{43}\.ics$"))
    assert found_by_axe(page) == []
    assert fits(page)
    page.context.close()


def test_a_phone_begins_with_a_list_and_shows_a_day(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    two_talks(world)
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "secretary")
    page.goto(f"{live_server.url}/calendar/?day={wednesday()}")
    expect(page.locator(".fc-listWeek-view")).to_be_visible()
    expect(entry(page, "9:00至9:30")).to_contain_text("与梁志强")
    page.get_by_role("button", name="日", exact=True).click()
    expect(page.locator(".fc-timeGridDay-view")).to_be_visible()
    expect(entry(page, "与梁志强")).to_have_count(1)
    assert fits(page)
    entry(page, "与梁志强").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("与梁志强的谈话")
