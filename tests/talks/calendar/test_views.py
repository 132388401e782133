"""日历: what stands in it and for whom, and what becomes of a talk that is dragged."""

import json
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from members.models import Account, Member
from talks.figures import calendar as figures
from talks.models import Engagement, Talk
from talks.rules.words import TalkState
from talks.services.life import ALREADY_RECORDED, STALE
from talks.services.moves import DAY_IS_OVER
from talks.views.calendar import NO_SUCH_TIME
from tests import factories
from tests.conftest import World

MONDAY = date(2026, 3, 9)
DAY = date(2026, 3, 12)
TODAY = date(2026, 3, 10)
WEEK = {"since": "2026-03-09", "until": "2026-03-16"}

SignedIn = Callable[[Account], Client]


@pytest.fixture(autouse=True)
def _tenth_of_march() -> Any:
    with travel("2026-03-10T10:00:00+08:00", tick=False):
        yield


def a_talk(
    talker: Member,
    subject: Member,
    starts_at: time | None = time(9),
    ends_at: time | None = None,
    **more: Any,
) -> Talk:
    talk = factories.a_talk(
        [talker], [subject], **{"held_on": DAY, "state": TalkState.PLANNED, "topic": "家庭变故", **more}
    )
    Talk.objects.filter(pk=talk.pk).update(
        starts_at=starts_at, ends_at=ends_at, place="测站", kind="关怀", occasion="组织处理"
    )
    return talk


def week_of(client: Client, **more: str) -> list[dict[str, Any]]:
    answer = client.get(reverse("calendar-talks"), {**WEEK, **more})
    assert answer.status_code == 200
    talks: list[dict[str, Any]] = answer.json()["talks"]
    return talks


def move(client: Client, talk: Talk, **more: str) -> tuple[int, dict[str, Any]]:
    data = {"revision": "1", "held_on": "2026-03-13", "starts_at": "10:00", "ends_at": "10:30", **more}
    answer = client.post(reverse("talk-move", args=[talk.code]), data)
    is_told = answer.headers["Content-Type"] == "application/json"
    return answer.status_code, answer.json() if is_told else {}


def test_an_entry_tells_persons_hours_and_state(world: World, client_of: SignedIn) -> None:
    a_talk(world.committee_member, world.member, time(9), time(9, 30), code="T/1")
    assert week_of(client_of(world.account("committee_member"))) == [
        {
            "id": "T/1",
            "title": "与梁志强",
            "start": "2026-03-12T09:00:00",
            "end": "2026-03-12T09:30:00",
            "allDay": False,
            "url": "/talks/T/1/",
            "startEditable": True,
            "durationEditable": True,
            "move": "/talks/T/1/move/",
            "revision": 1,
            "state": "计划",
            "tone": "scheduled",
            "clashes": False,
        }
    ]
    # How often a talk was changed is told to those who move it alone.
    [seen] = week_of(client_of(world.account("member")))
    wanted = ("与沈若楠", False, "", 0)
    assert (seen["title"], seen["startEditable"], seen["move"], seen["revision"]) == wanted
    [seen] = week_of(client_of(world.account("secretary")))
    assert (seen["title"], seen["startEditable"]) == ("沈若楠与梁志强", True)


def test_it_tells_nothing_of_topic_kind_place_or_duty(world: World, client_of: SignedIn) -> None:
    """An event duty that the talk would meet is not named, whoever looks."""
    event = factories.an_event(world.member, happened_on=MONDAY, kind="家庭变故")
    factories.keep_duties(TODAY)
    a_talk(world.secretary, world.member)
    for role in ("secretary", "member", "chief", "staff", "inspector"):
        client = client_of(world.account(role))
        told = json.dumps(week_of(client), ensure_ascii=False)
        page = client.get(reverse("calendar")).content.decode()
        for word in ("家庭变故", "组织处理", "关怀", "测站", "四个必谈", event.code):
            assert word not in told
            assert word not in page
        assert "梁志强" in told or "与陆秉川" in told


@pytest.mark.parametrize(
    ("role", "count"),
    [
        # The talk of the branch 合川 is known to who answers for it; to others it does not exist.
        *((role, 1) for role in ("chief", "secretary", "committee_member", "member", "staff", "inspector")),
        *((role, 0) for role in ("deputy", "head", "colleague", "other_secretary", "stranger")),
    ],
)
def test_it_holds_what_one_may_know_of(world: World, client_of: SignedIn, role: str, count: int) -> None:
    a_talk(world.committee_member, world.member)
    assert len(week_of(client_of(world.account(role)))) == count


def test_only_the_days_asked_for_and_nothing_cancelled(world: World, client_of: SignedIn) -> None:
    for day in (MONDAY - timedelta(1), MONDAY, MONDAY + timedelta(6), MONDAY + timedelta(7)):
        a_talk(world.secretary, world.member, held_on=day)
    a_talk(world.secretary, world.member, time(15), state=TalkState.CANCELLED)
    a_talk(world.committee_member, world.colleague, None, state=TalkState.RECORDED)
    client = client_of(world.account("secretary"))
    assert [(talk["start"], talk["state"]) for talk in week_of(client)] == [
        ("2026-03-09T09:00:00", "计划"),
        ("2026-03-12", "已记录"),
        ("2026-03-15T09:00:00", "计划"),
    ]
    assert len(week_of(client, mine="on")) == 2


@pytest.mark.parametrize(
    "days",
    [
        {},
        {"since": "2026-03-09"},
        {"since": "x", "until": "2026-03-16"},
        {"since": "2026-03-16", "until": "2026-03-16"},
        {"since": "2026-01-01", "until": "2026-03-05"},
    ],
)
def test_days_that_cannot_be_shown_are_refused(
    world: World, client_of: SignedIn, days: dict[str, str]
) -> None:
    client = client_of(world.account("secretary"))
    assert client.get(reverse("calendar-talks"), days).status_code == 400


def test_there_is_an_end_to_what_is_shown(
    world: World, client_of: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST", 2)
    client = client_of(world.account("secretary"))
    for hour in (8, 9, 10):
        assert client.get(reverse("calendar-talks"), WEEK).json()["told"] == ""
        a_talk(world.secretary, world.member, time(hour))
    answer = client.get(reverse("calendar-talks"), WEEK).json()
    assert "只显示前" in answer["told"]
    assert [talk["start"][11:16] for talk in answer["talks"]] == ["08:00", "09:00"]


def test_it_costs_the_same_for_three_talks_and_thirty(world: World, client_of: SignedIn) -> None:
    client = client_of(world.account("secretary"))
    counts = []
    for number in (3, 30):
        while Talk.objects.count() < number:
            count = Talk.objects.count()
            a_talk(
                world.secretary, world.member, time(8 + count % 10), held_on=MONDAY + timedelta(count // 10)
            )
        week_of(client)
        with CaptureQueriesContext(connection) as queries:
            assert len(week_of(client)) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_clash_is_shown_to_who_may_move_the_talk(world: World, client_of: SignedIn) -> None:
    """As the migration leaves it: who is engaged by another talk is not engaged by this one."""
    a_talk(world.secretary, world.member, code="T1")
    a_talk(world.committee_member, world.member, time(10), code="T2")
    Engagement.objects.filter(talk__code="T2", member=world.member).delete()
    shown = {
        role: {talk["id"]: talk["clashes"] for talk in week_of(client_of(world.account(role)))}
        for role in ("committee_member", "secretary", "member", "inspector")
    }
    assert shown == {
        "committee_member": {"T2": True},
        "secretary": {"T1": False, "T2": True},
        "member": {"T1": False, "T2": False},
        "inspector": {"T1": False, "T2": False},
    }


def test_a_talk_is_moved(world: World, client_of: SignedIn) -> None:
    talk = a_talk(world.committee_member, world.member)
    status, answer = move(client_of(world.account("secretary")), talk)
    assert (status, answer) == (200, {"revision": 2, "told": "已改到3月13日10:00。"})
    moved = Talk.objects.get()
    assert (moved.held_on, moved.starts_at, moved.ends_at) == (date(2026, 3, 13), time(10), time(10, 30))
    # What else was agreed stays.
    assert (moved.place, moved.kind, moved.topic) == ("测站", "关怀", "家庭变故")
    status, answer = move(
        client_of(world.account("committee_member")), talk, revision="2", starts_at="", ends_at=""
    )
    assert (status, answer) == (200, {"revision": 3, "told": "已改到3月13日。"})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"held_on": "2026-03-09"}, DAY_IS_OVER),
        ({"starts_at": "11:00"}, "结束时间不能早于开始时间。"),
        ({"revision": "7"}, STALE),
        ({"revision": "x"}, NO_SUCH_TIME),
        ({"held_on": "2026-02-30"}, NO_SUCH_TIME),
        ({"starts_at": "14:10"}, "梁志强在这段时间已有其他谈话安排，请改约其他时间。"),
    ],
)
def test_a_move_that_cannot_be_says_why(
    world: World, client_of: SignedIn, more: dict[str, str], told: str
) -> None:
    a_talk(world.secretary, world.member, time(14), time(15), held_on=date(2026, 3, 13))
    talk = a_talk(world.committee_member, world.member)
    more = {"ends_at": "14:30", **more} if more.get("starts_at") == "14:10" else more
    assert move(client_of(world.account("committee_member")), talk, **more) == (409, {"told": told})
    kept = Talk.objects.get(pk=talk.pk)
    assert (kept.held_on, kept.starts_at, kept.revision) == (DAY, time(9), 1)


def test_who_may_not_change_the_talk_moves_nothing(world: World, client_of: SignedIn) -> None:
    talk = a_talk(world.committee_member, world.member)
    for role in ("member", "colleague", "inspector", "staff", "other_secretary", "chief"):
        assert move(client_of(world.account(role)), talk)[0] == 404, role
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.RECORDED)
    assert move(client_of(world.account("committee_member")), talk) == (409, {"told": ALREADY_RECORDED})
    assert move(client_of(world.account("member")), talk)[0] == 404
    assert Talk.objects.get().held_on == DAY


def test_a_booking_over_another_talk_is_refused_at_the_hour(world: World, client_of: SignedIn) -> None:
    """What was typed is still there, and nothing is told of the other talk."""
    a_talk(world.secretary, world.member, time(14), time(15))
    client = client_of(world.account("committee_member"))
    data = {
        "talkers": "沈若楠",
        "subjects": "梁志强",
        "held_on": "2026-03-12",
        "starts_at": "14:30",
        "ends_at": "15:30",
        "place": "二楼会议室",
    }
    page = client.post(reverse("talk-book"), data).content.decode()
    assert "梁志强在这段时间已有其他谈话安排，请改约其他时间。" in page
    assert "二楼会议室" in page
    assert "陆秉川" not in page.partition("<main")[2].partition("<datalist")[0]
    assert Talk.objects.count() == 1


def test_the_page_allows_fullcalendar_its_rules_and_nothing_inline(world: World, client_of: SignedIn) -> None:
    client = client_of(world.account("member"))
    page = client.get(reverse("calendar"))
    policy = page.headers["Content-Security-Policy"]
    [styles] = [part for part in policy.split("; ") if part.startswith("style-src")]
    nonce = page.content.decode().partition('nonce="')[2].partition('"')[0]
    assert nonce
    assert styles == f"style-src 'self' 'nonce-{nonce}'"
    other = client.get(reverse("talks")).headers["Content-Security-Policy"]
    assert "style-src 'self'" in other.split("; ")
