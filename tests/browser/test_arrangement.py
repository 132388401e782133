"""一键排谈 in Chromium, on a desk and on a phone: drawn up, dragged, moved by the form, booked at once."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from talks.models import ArrangedTalk, Arrangement, Meeting, Talk
from talks.rules.words import MeetingKind, TalkState
from tests import factories
from tests.browser.test_meetings import is_sound, page_of
from tests.browser.test_path import DESK, PHONE, sign_in
from tests.conftest import World


@pytest.fixture
def meeting(world: World) -> Meeting:
    """民主生活会 of the committee in twenty days: four talks are wanting."""
    third = factories.a_member("高建业", world.other_branch, code="P004")
    factories.a_post(third, world.committee, "副局长", is_team=True)
    meeting_on = timezone.localdate() + timedelta(days=20)
    return factories.a_meeting(world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=meeting_on)


def draw_up(page: Page, live_server: LiveServer, meeting: Meeting) -> None:
    """From the page of the meeting to the draft."""
    sign_in(page, live_server, "chief")
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    page.get_by_role("link", name="一键排谈").click()
    expect(page.get_by_text("还有4次谈话未约")).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="开始排谈").click()
    expect(page.get_by_text("已排4次。")).to_be_visible()


def drop(page: Page, names: str, day: date, hour: str) -> None:
    """Drags the talk in the calendar to the hour on the day."""
    grip = page.locator(".fc-timegrid-event").filter(has_text=names)
    grip.scroll_into_view_if_needed()
    here = grip.bounding_box()
    column = page.locator(f".fc-timegrid-col[data-date='{day}']").bounding_box()
    lane = page.locator(f".fc-timegrid-slot-lane[data-time='{hour}:00']").bounding_box()
    assert here
    assert column
    assert lane
    # By its middle: FullCalendar goes by the middle, wherever it was taken.
    middle = here["height"] / 2
    page.mouse.move(here["x"] + 10, here["y"] + middle)
    page.mouse.down()
    page.mouse.move(here["x"] + 10, here["y"] + middle + 14, steps=4)
    page.mouse.move(column["x"] + 20, lane["y"] + middle, steps=8)
    page.mouse.up()


def test_a_draft_is_dragged_and_booked_at_once(
    browser: Browser, live_server: LiveServer, world: World, meeting: Meeting
) -> None:
    # High enough that nothing scrolls while something is dragged.
    page = page_of(browser, {**DESK, "height": 1800})
    draw_up(page, live_server, meeting)
    is_sound(page)
    first = ArrangedTalk.objects.exclude(held_on=None).order_by("held_on", "starts_at")[0]
    assert first.held_on
    names = f"{first.talker.name}与{first.subject.name}"
    drop(page, names, first.held_on, "15:00")
    expect(page.locator("#calendar-told")).to_contain_text("15:00。")
    first.refresh_from_db()
    assert first.starts_at == time(15)
    # The rows below have followed.
    expect(page.get_by_label(f"{names}的时间", exact=True)).to_have_value("15:00")

    # Somebody books one of the two for another talk in the meantime: put back, and named.
    between = factories.a_talk(
        [world.secretary], [first.subject], held_on=first.held_on, state=TalkState.PLANNED
    )
    Talk.objects.filter(pk=between.pk).update(starts_at=time(10), ends_at=time(11))
    drop(page, names, first.held_on, "10:00")
    expect(page.locator("#calendar-told")).to_contain_text(f"没有改动：{first.subject.name}在")
    first.refresh_from_db()
    assert first.starts_at == time(15)

    Talk.objects.filter(pk=between.pk).update(starts_at=time(15), ends_at=time(16))
    page.get_by_role("button", name="预约这4次谈话").click()
    expect(page.get_by_role("alert")).to_contain_text("没有预约谈话，草稿还在")
    expect(page.get_by_role("alert")).to_contain_text(f"{names}的谈话请改到其他时间。")
    is_sound(page)
    assert Talk.objects.count() == 1

    page.get_by_label(f"{names}的时间", exact=True).fill("16:30")
    page.get_by_role("button", name=f"改时间：{names}").click()
    expect(page.get_by_role("status").first).to_contain_text("16:30")
    page.get_by_role("button", name="预约这4次谈话").click()
    expect(page.get_by_text("已预约4次谈话。")).to_be_visible()
    expect(page.get_by_text("应谈4项，已谈0项。")).to_be_visible()
    assert Talk.objects.planned().count() == 5
    assert not Arrangement.objects.exists()
    page.context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_without_dragging_it_goes_by_rows(
    browser: Browser, live_server: LiveServer, world: World, meeting: Meeting, size: ViewportSize
) -> None:
    page = page_of(browser, size)
    draw_up(page, live_server, meeting)
    is_sound(page)
    talk = ArrangedTalk.objects.get(subject=world.head)
    names = f"{talk.talker.name}与{talk.subject.name}"
    page.get_by_role("button", name=f"不排：{names}").click()
    expect(page.get_by_text("已排3次，还有1次没有排定时间。")).to_be_visible()
    day = meeting.meeting_on - timedelta(days=1)
    page.get_by_label(f"{names}的日期").fill(day.isoformat())
    page.get_by_label(f"{names}的时间", exact=True).fill("08:15")
    page.get_by_role("button", name=f"排定：{names}").click()
    expect(page.get_by_text("已排4次。")).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="预约这4次谈话").click()
    expect(page.get_by_text("已预约4次谈话。")).to_be_visible()
    assert Talk.objects.filter(held_on=day, starts_at=time(8, 15)).exists()
    page.context.close()


def test_it_says_what_would_make_it_possible(
    browser: Browser, live_server: LiveServer, world: World, meeting: Meeting
) -> None:
    page = page_of(browser, PHONE)
    sign_in(page, live_server, "chief")
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/arrange/")
    # One working day, one talk each.
    day = timezone.localdate() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    page.get_by_label("日期自").fill(day.isoformat())
    page.get_by_label("日期至").fill(day.isoformat())
    page.get_by_label("每人每天至多（次）").fill("1")
    page.get_by_role("button", name="开始排谈").click()
    expect(page.get_by_text("4次谈话中有3次排不下。需增加2个时段")).to_be_visible()
    expect(page.get_by_text("上限由1次提高到3次")).to_be_visible()
    is_sound(page)
    page.get_by_text("排谈条件").click()
    is_sound(page)
    page.get_by_role("button", name="放弃草稿").click()
    expect(page.get_by_text("已放弃排谈草稿")).to_be_visible()
    assert not Arrangement.objects.exists()
    page.context.close()
