"""The page of 一键排谈, without a browser."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from talks.forms.arrangements import BOTH_OR_NONE, ENDS_BEFORE, NO_HOURS, OVERLAPS
from talks.models import ArrangedTalk, Arrangement, Meeting, Talk
from talks.rules.words import MeetingKind
from tests import factories
from tests.conftest import World

ClientOf = Callable[[Account], Client]


@pytest.fixture
def meeting(world: World) -> Meeting:
    """民主生活会 of the committee in twenty days: 郑远航, 何静宜 over 谭晓峰's office."""
    meeting_on = timezone.localdate() + timedelta(days=20)
    return factories.a_meeting(world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=meeting_on)


def typed(meeting: Meeting, **more: str) -> dict[str, str]:
    """What the form sends."""
    first = timezone.localdate() + timedelta(days=1)
    return {
        "since": first.isoformat(),
        "until": (meeting.meeting_on - timedelta(days=1)).isoformat(),
        "morning_from": "09:00",
        "morning_to": "12:00",
        "length": "30",
        "gap": "10",
        "daily_limit": "4",
        "extra-TOTAL_FORMS": "1",
        "extra-INITIAL_FORMS": "0",
        "away-TOTAL_FORMS": "1",
        "away-INITIAL_FORMS": "0",
        **more,
    }


def drawn_up(client: Client, meeting: Meeting, **more: str) -> str:
    """The page after the form was sent."""
    response = client.post(reverse("meeting-arrange", args=[meeting.pk]), typed(meeting, **more), follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_from_the_conditions_to_booked_talks(world: World, client_of: ClientOf, meeting: Meeting) -> None:
    client = client_of(world.account("chief"))
    assert "一键排谈" in client.get(reverse("meeting", args=[meeting.pk])).content.decode()
    page = drawn_up(client, meeting)
    for shown in ("已排2次。", "郑远航与何静宜", "何静宜与谭晓峰", "预约这2次谈话"):
        assert shown in page
    response = client.post(reverse("arrangement-book", args=[meeting.pk]), {"revision": "1"}, follow=True)
    assert "已预约2次谈话。" in response.content.decode()
    assert Talk.objects.planned().count() == 2
    assert "没有需要排的谈话" in client.get(reverse("meeting-arrange", args=[meeting.pk])).content.decode()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"since": ""}, "请填写从哪一天开始排。"),
        ({"since": "2001-01-01"}, "请填写"),
        ({"morning_from": "", "morning_to": ""}, NO_HOURS),
        ({"morning_from": "12:00", "morning_to": "09:00"}, ENDS_BEFORE),
        ({"afternoon_from": "11:00", "afternoon_to": "15:00"}, OVERLAPS),
        ({"extra-0-hour": "19:00"}, BOTH_OR_NONE),
        ({"away-0-person": "P002"}, "请填写从哪一天起不在。"),
        ({"morning_to": "09:10"}, "这段时间里没有可以排谈的时段"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(
    world: World, client_of: ClientOf, meeting: Meeting, more: dict[str, str], told: str
) -> None:
    page = drawn_up(client_of(world.account("chief")), meeting, gap="17", **more)
    assert told in page
    assert "没有排谈，您填写的内容都还在" in page
    assert 'value="17"' in page
    assert not Arrangement.objects.exists()


def test_conditions_are_asked_again_as_they_were(world: World, client_of: ClientOf, meeting: Meeting) -> None:
    client = client_of(world.account("chief"))
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    extra = {"extra-0-day": day, "extra-0-hour": "19:00"}
    page = drawn_up(client, meeting, length="25", **extra, **{"away-0-person": "P002", "away-0-since": day})
    for kept in ('value="25"', 'value="19:00"', '<option value="P002" selected>'):
        assert kept in page


def test_a_talk_is_moved_by_its_row_and_by_dragging(
    world: World, client_of: ClientOf, meeting: Meeting
) -> None:
    client = client_of(world.account("chief"))
    drawn_up(client, meeting)
    first, second = ArrangedTalk.objects.order_by("rank")
    day = meeting.meeting_on - timedelta(days=1)
    address = reverse("arranged-shift", args=[meeting.pk, first.pk])
    moved = {"held_on": day.isoformat(), "starts_at": "09:00"}
    assert "的谈话已改到" in client.post(address, moved, follow=True).content.decode()
    first.refresh_from_db()
    assert (first.held_on, first.starts_at) == (day, time(9))
    # 何静宜 is in both.
    other = reverse("arranged-shift", args=[meeting.pk, second.pk])
    answer = client.post(other, {**moved, "starts_at": "09:15"}, headers={"accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json() == {"told": f"何静宜在{day.month}月{day.day}日9:15已有其他安排。", "revision": 2}
    half = client.post(other, {"held_on": day.isoformat()}, headers={"accept": "application/json"})
    assert (half.status_code, half.json()["told"]) == (409, BOTH_OR_NONE)
    answer = client.post(other, {**moved, "starts_at": "10:00"}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["revision"]) == (200, 3)
    assert "已移出排定的时间" in client.post(other, {"leave": "1"}, follow=True).content.decode()
    second.refresh_from_db()
    assert second.held_on is None


def test_a_draft_is_its_makers_own(world: World, client_of: ClientOf, meeting: Meeting) -> None:
    """A second principal of the committee draws up a draft of his own and reaches nobody else's."""
    drawn_up(client_of(world.account("chief")), meeting)
    second = factories.a_member("方立群", world.other_branch, code="P005")
    factories.a_post(second, world.committee, "副书记", is_principal=True)
    client = client_of(factories.an_account(second, username="second"))
    assert "开始排谈" in client.get(reverse("meeting-arrange", args=[meeting.pk])).content.decode()
    talk = ArrangedTalk.objects.all()[0]
    assert client.post(reverse("arranged-shift", args=[meeting.pk, talk.pk])).status_code == 404
    assert client.post(reverse("arrangement-book", args=[meeting.pk])).status_code == 404
    assert client.post(reverse("arrangement-discard", args=[meeting.pk])).status_code == 404
    assert Arrangement.objects.count() == 1


def test_the_day_of_the_meeting_is_too_late(world: World, client_of: ClientOf) -> None:
    meeting = factories.a_meeting(
        world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=timezone.localdate(), year=2020
    )
    assert (
        client_of(world.account("chief")).get(reverse("meeting-arrange", args=[meeting.pk])).status_code
        == 404
    )


def test_it_costs_the_same_for_three_talks_and_thirty(
    world: World, client_of: ClientOf, meeting: Meeting
) -> None:
    client = client_of(world.account("chief"))
    counts = []
    for more in (1, 6):
        for number in range(more):
            person = factories.a_member(f"委员{more}{number}", world.other_branch, code=f"Q{more}{number}")
            factories.a_post(person, world.committee, "委员", is_team=True)
        drawn_up(client, meeting)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("meeting-arrange", args=[meeting.pk]))
        counts.append((ArrangedTalk.objects.count(), len(queries)))
    # A team of three and a head: 3 + 1; of nine: 36 + 1.
    assert [talks for talks, _ in counts] == [4, 37]
    assert counts[0][1] == counts[1][1]


def test_the_window_is_the_meetings(world: World, client_of: ClientOf, meeting: Meeting) -> None:
    late: date = meeting.meeting_on
    page = drawn_up(client_of(world.account("chief")), meeting, until=late.isoformat())
    last = late - timedelta(days=1)
    assert f"至{last.month}月{last.day}日之间的日期。" in page
