"""日历订阅: 「谈心谈话」 and the time, from an address only its owner knows, gone with the account."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar
from time_machine import travel

from members.models import Account, Member
from members.services.accounts import activate_account, deactivate_account
from talks.models import CalendarFeed, Talk
from talks.rules.words import TalkState
from talks.services import feeds
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
TODAY = date(2026, 3, 10)
DAY = date(2026, 3, 12)
ACTOR = Actor(account="member", address="127.0.0.1")
SYSTEM = Actor(account="system", address="127.0.0.1")


def renew(world: World, role: str = "member") -> str:
    return feeds.renew_feed(actor=ACTOR, at=AT, account=world.account(role))


def fetch(secret: str, at: datetime = AT) -> str | None:
    written = feeds.fetch_feed(secret=secret, at=at, today=at.date(), address="10.0.0.9")
    return None if written is None else written.decode()


def booked(
    talker: Member, subject: Member, starts_at: time | None, ends_at: time | None, **more: object
) -> Talk:
    talk = factories.a_talk(
        [talker],
        [subject],
        **{"held_on": DAY, "state": TalkState.PLANNED, "topic": "家庭变故", **more},  # type: ignore[arg-type]
    )
    Talk.objects.filter(pk=talk.pk).update(starts_at=starts_at, ends_at=ends_at, place="测站", kind="关怀")
    return talk


def test_it_says_the_time_and_nothing_else(world: World) -> None:
    booked(world.committee_member, world.member, time(9), time(9, 30), code="T77")
    text = fetch(renew(world))
    assert text is not None
    lines = text.split("\r\n")
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(uids) == 1
    assert len(uids[0]) == len("UID:") + 64
    # 9:00 in Shanghai is 1:00 in Greenwich; AT is 2:00 there.
    assert [line for line in lines if line not in uids] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tanxin//CN",
        "X-WR-CALNAME:谈心谈话",
        "BEGIN:VEVENT",
        "SUMMARY:谈心谈话",
        "DTSTART:20260312T010000Z",
        "DTEND:20260312T013000Z",
        "DTSTAMP:20260310T020000Z",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_hours_that_are_not_known_are_not_made_up(world: World) -> None:
    booked(world.committee_member, world.member, None, None)
    booked(world.secretary, world.member, time(14), None)
    text = fetch(renew(world)) or ""
    assert "DTSTART;VALUE=DATE:20260312" in text
    assert "DTSTART:20260312T060000Z" in text
    assert "DTEND" not in text


def test_it_holds_ones_own_talks_only(world: World) -> None:
    """Not those that one may know of as a leader, none cancelled, none long past."""
    for talker, subject, hour, more in (
        (world.secretary, world.member, 8, {}),
        (world.committee_member, world.secretary, 9, {}),
        (world.committee_member, world.member, 10, {"recorder": world.secretary}),
        (world.committee_member, world.member, 11, {}),
        (world.secretary, world.member, 12, {"state": TalkState.CANCELLED}),
        (world.secretary, world.member, 13, {"state": TalkState.RECORDED, "held_on": date(2025, 12, 8)}),
        (world.secretary, world.member, 14, {"state": TalkState.RECORDED, "held_on": date(2025, 12, 7)}),
    ):
        booked(talker, subject, time(hour), None, **more)  # type: ignore[arg-type]
    calendar = Calendar.from_ical(fetch(renew(world, "secretary")) or "")
    starts = [event["dtstart"].dt.astimezone(UTC).hour + 8 for event in calendar.walk("VEVENT")]
    assert starts == [13, 8, 9, 10]


def test_an_entry_is_known_again_and_by_nobody_else(world: World) -> None:
    talk = booked(world.committee_member, world.member, time(9), None)

    def uid(secret: str) -> str:
        return str(Calendar.from_ical(fetch(secret) or "").walk("VEVENT")[0]["uid"])

    first = uid(renew(world))
    Talk.objects.filter(pk=talk.pk).update(starts_at=time(10))
    assert uid(renew(world)) == first
    assert uid(renew(world, "committee_member")) != first


def test_the_secret_is_kept_as_a_hash_and_renewed(world: World) -> None:
    first = renew(world)
    assert len(first) == 43
    kept = CalendarFeed.objects.get()
    assert first not in (kept.secret_hash, str(vars(kept)))
    second = renew(world)
    assert fetch(first) is None
    assert fetch(second) is not None
    assert CalendarFeed.objects.count() == 1
    assert not TrailEntry.objects.filter(target__contains=second).exists()
    assert TrailEntry.objects.filter(action="生成日历订阅", target="member").count() == 2


def test_no_line_of_the_log_holds_the_secret(world: World, client: Client) -> None:
    """Calendar programs begin with PROPFIND and OPTIONS, and what is refused is logged with its address."""
    [console] = logging.getLogger().handlers[:1]
    assert isinstance(console, logging.StreamHandler)
    secret = renew(world)
    lines = StringIO()
    before = console.setStream(lines)
    try:
        for method in ("PROPFIND", "OPTIONS", "POST"):
            address = reverse("calendar-file", args=[secret])
            assert client.generic(method, address).status_code == 405
            assert Client(enforce_csrf_checks=True).generic(method, address).status_code in (403, 405)
        logging.getLogger("django.request").error("Internal Server Error: %s", address)
    finally:
        console.setStream(before)
    assert "/calendar/" in lines.getvalue()
    assert secret not in lines.getvalue()


def test_it_is_revoked_by_its_owner(world: World) -> None:
    secret, others = renew(world), renew(world, "secretary")
    for _ in range(2):
        feeds.revoke_feed(actor=ACTOR, at=AT, account=world.account("member"))
    assert fetch(secret) is None
    assert fetch(others) is not None
    assert TrailEntry.objects.filter(action="停用日历订阅").count() == 1


def test_it_ends_with_the_account_and_does_not_come_back_with_it(world: World) -> None:
    account = world.account("member")
    secret = renew(world)
    deactivate_account(actor=SYSTEM, at=AT, account=account)
    assert not CalendarFeed.objects.exists()
    assert fetch(secret) is None
    with pytest.raises(ValidationError, match=feeds.ACCOUNT_ENDED):
        renew(world)
    activate_account(actor=SYSTEM, at=AT, account=account)
    assert fetch(secret) is None
    assert Client().get(reverse("calendar-file", args=[secret])).status_code == 404


def test_an_account_that_is_not_in_use_has_none_even_where_a_row_is_left(world: World) -> None:
    secret = renew(world)
    Account.objects.filter(username="member").update(is_active=False)
    CalendarFeed.objects.create(account=world.account("member"), secret_hash=feeds._hash(secret), made_at=AT)
    assert fetch(secret) is None


def test_the_first_reading_of_a_day_is_in_the_trail(world: World) -> None:
    secret = renew(world)
    for hours in (0, 1, 24):
        fetch(secret, AT + timedelta(hours=hours))
    entries = TrailEntry.objects.filter(action="读取日历订阅")
    assert list(entries.values_list("account", "address", "target")) == [("member", "10.0.0.9", "member")] * 2
    assert CalendarFeed.objects.get().fetched_on == date(2026, 3, 11)


def test_it_costs_the_same_for_three_talks_and_thirty(world: World) -> None:
    secret = renew(world)
    fetch(secret)
    counts = []
    for number in (3, 30):
        while Talk.objects.count() < number:
            booked(
                world.secretary, world.member, time(8), None, held_on=DAY + timedelta(Talk.objects.count())
            )
        with CaptureQueriesContext(connection) as queries:
            text = fetch(secret) or ""
        assert text.count("BEGIN:VEVENT") == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_shows_the_address_once(world: World, client_of: Callable[[Account], Client]) -> None:
    client = client_of(world.account("member"))
    page = client.get(reverse("calendar-feed")).content.decode()
    assert "还没有订阅地址" in page
    with travel(AT, tick=False):
        page = client.post(reverse("calendar-feed-renew")).content.decode()
    start = page.index("http://127.0.0.1:8000/calendar/")
    address = page[start : page.index('"', start)]
    answer = Client().get(address.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert "BEGIN:VCALENDAR" in answer.content.decode()
    secret = address.rpartition("/")[2].removesuffix(".ics")
    page = client.get(reverse("calendar-feed")).content.decode()
    assert secret not in page
    assert "2026年3月10日10:00" in page
    page = client.post(reverse("calendar-feed-revoke"), follow=True).content.decode()
    assert "已停用日历订阅" in page
    assert Client().get(address.removeprefix("http://127.0.0.1:8000")).status_code == 404
