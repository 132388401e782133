"""工作台: 约谈 and remedies that wait, and the figures that lead to the lists behind them."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from members.models import Account, Member
from talks.models import Remedy, Talk, TalkRequest
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World
from tests.talks.test_views_workbench import desk, todos

ClientOf = Callable[[Account], Client]


def a_request(requester: Member, asked: Member, asked_on: date, **more: Any) -> TalkRequest:
    return factories.a_request(
        requester,
        asked,
        code=f"Q{asked_on:%m%d}{requester.pk}",
        asked_on=asked_on,
        reason="家里有困难",
        wished_time="下周",
        **more,
    )


# --- 约谈 ------------------------------------------------------------------------------------------------


def test_a_request_waits_for_an_answer_within_three_working_days(world: World, client_of: ClientOf) -> None:
    # Asked on a Friday; Monday to Wednesday are the three working days.
    with travel("2026-03-09T10:00:00+08:00", tick=False):
        a_request(world.member, world.secretary, date(2026, 3, 6))
        html = desk(client_of(world.account("secretary")))
        assert ("near", "剩2天", "答复梁志强的约谈申请") in todos(html)
        assert "3月6日申请，希望下周，3月11日前答复。" in html
        assert "家里有困难" not in html
        # Who asked sees that he waits; nobody else learns of it.
        asking = desk(client_of(world.account("member")))
        assert "陆秉川答复您的约谈申请" in asking
        assert "3月6日提出，3月11日前答复" in asking
        for role in ("committee_member", "chief", "staff", "inspector", "head"):
            assert "约谈申请" not in desk(client_of(world.account(role)))
    with travel("2026-03-12T10:00:00+08:00", tick=False):
        html = desk(client_of(world.account("secretary")))
        assert ("overdue", "逾期1天", "答复梁志强的约谈申请") in todos(html)


def test_a_talk_of_the_two_for_another_reason_is_no_answer(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    found = a_request(world.member, world.secretary, today - timedelta(days=1))
    client = client_of(world.account("secretary"))
    factories.a_talk([world.secretary], [world.member], held_on=today, state=TalkState.PLANNED)
    assert reverse("request", args=[found.code]) in desk(client)
    TalkRequest.objects.update(state="已接受")
    assert "约谈申请</a>" not in desk(client)
    assert "答复您的约谈申请" not in desk(client_of(world.account("member")))


def test_times_to_pick_wait_for_the_member(world: World, client_of: ClientOf) -> None:
    found = a_request(world.member, world.secretary, timezone.localdate())
    TalkRequest.objects.update(state="另约")
    html = desk(client_of(world.account("member")))
    assert "陆秉川另约了时间，请您选定" in html
    assert reverse("request", args=[found.code]) in html


def test_more_than_eight_requests_become_one_row(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    for number in range(10):
        a_request(factories.a_member(f"周{number}", world.branch), world.secretary, today)
    html = desk(client_of(world.account("secretary")))
    assert html.count("的约谈申请</a>") == 8
    assert "另有2项约谈待办理" in html


def test_requests_are_lines_of_their_own_in_the_list_of_duties(world: World, client_of: ClientOf) -> None:
    """Whose they are, for who answers; numbers, for who answers for organisations; none for others."""
    with travel("2026-03-12T10:00:00+08:00", tick=False):
        a_request(world.member, world.secretary, date(2026, 3, 6))
        sums = "另有约谈申请1项，不计入应谈：已谈0项，待答复1项（其中逾期1项），超期未谈0项。"
        for role, named, summed in (
            ("secretary", True, True),
            ("chief", False, True),
            ("inspector", False, True),
            ("staff", False, True),
            ("colleague", False, False),
        ):
            html = client_of(world.account(role)).get(reverse("duties")).content.decode()
            assert ("梁志强申请约谈" in html, sums in html) == (named, summed), role
            assert "家里有困难" not in html


def test_with_a_stranger_nothing_is_filled_in(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    html = client.get(reverse("talk-book") + "?subject=P091").content.decode()
    assert "石磊" not in html


# --- remedies --------------------------------------------------------------------------------------------


def a_remedy(talk: Talk, days: int, owner: Member | None = None) -> None:
    Remedy.objects.create(
        talk=talk,
        number=talk.remedies.count() + 1,
        text="测站错峰值班表",
        owner=owner,
        due_on=timezone.localdate() + timedelta(days=days),
    )


def test_remedies_near_their_limit(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    held_on = today - timedelta(days=20)
    talk = factories.a_talk([world.secretary], [world.member], held_on=held_on)
    a_remedy(talk, 7, world.member)
    a_remedy(talk, 8)
    a_remedy(talk, -2, world.secretary)
    closed = factories.a_talk([world.secretary], [world.colleague], held_on=held_on, state=TalkState.CLOSED)
    a_remedy(closed, 0)
    html = desk(client_of(world.account("secretary")))
    assert [found for found in todos(html) if "整改措施" in found[2]] == [
        ("overdue", "逾期2天", "整改措施超过完成时限"),
        ("near", "剩7天", "整改措施临近完成时限"),
    ]
    assert f"责任人梁志强，{(today + timedelta(days=7)).month}月" in html
    assert f"来自{held_on.month}月{held_on.day}日与梁志强的谈话。" in html
    # The next thing is to see to it, where it stands.
    client = client_of(world.account("secretary"))
    addresses = re.findall(r'href="(/remedies/\d+/)" aria-label="办理整改', html)
    assert len(addresses) == 2
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    # What it says stays in the talk; whoever took no part learns nothing.
    assert "测站错峰值班表" not in html
    for role in ("chief", "head", "inspector", "staff", "committee_member"):
        assert "整改措施" not in desk(client_of(world.account(role)))


def test_a_settled_remedy_is_to_be_seen_to_no_more(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    talk = factories.a_talk([world.secretary], [world.member], held_on=today - timedelta(days=20))
    a_remedy(talk, -2, world.secretary)
    client = client_of(world.account("secretary"))
    assert "整改措施超过完成时限" in desk(client)
    Remedy.objects.update(settled_on=today)
    assert "整改措施超过完成时限" not in desk(client)


def test_more_remedies_than_a_screen_holds_are_counted(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=timezone.localdate())
    for _ in range(8):
        a_remedy(talk, 1)
    found = [title for _, _, title in todos(desk(client_of(world.account("secretary"))))]
    assert found.count("整改措施临近完成时限") == 5
    assert "另有3项整改措施临近或超过完成时限" in found


# --- figures ---------------------------------------------------------------------------------------------


def drawn(html: str) -> dict[str, Any]:
    """What the script draws."""
    found = re.search(r'<script id="drawn" type="application/json">(.*?)</script>', html)
    assert found
    figures: dict[str, Any] = json.loads(found[1])
    return figures


def numbers(chart: dict[str, Any]) -> dict[str, list[int]]:
    """By bar, the numbers of its parts."""
    return {
        name: [part["values"][place] for part in chart["parts"]] for place, name in enumerate(chart["names"])
    }


@pytest.mark.parametrize("day", ["2026-06-10T10:00:00+08:00"])
def test_how_far_a_branch_has_come(world: World, client_of: ClientOf, day: str) -> None:
    with travel(day, tick=False):
        today = timezone.localdate()
        factories.an_event(world.member, happened_on=today - timedelta(days=14))
        factories.a_talk([world.secretary], [world.colleague], held_on=today)
        factories.a_talk(
            [world.committee_member], [world.head], held_on=today + timedelta(days=2), state=TalkState.PLANNED
        )
        client = client_of(world.account("secretary"))
        figures = drawn(desk(client))
        # The year: one pair of 支委; each of three ordinary members with a 支委 (one done, one booked) and
        # with another member. 已谈, 已约, 未约, 逾期.
        assert numbers(figures["coverage"]) == {"每年至少一次": [1, 1, 5, 0], "四个必谈": [0, 0, 0, 1]}
        assert numbers(figures["due"]) == {
            "已过期限": [1, 0, 0],
            "7日内": [0, 0, 0],
            "8至30日": [0, 0, 0],
            "以后": [0, 5, 1],
        }
        # Every number leads to a list of so many.
        for chart in figures.values():
            for part in chart["parts"]:
                for value, url in zip(part["values"], part["urls"], strict=True):
                    html = client.get(url).content.decode()
                    assert len(re.findall(r'<tr class="duty">', html)) == value, url


def test_the_table_says_the_same(world: World, client_of: ClientOf) -> None:
    html = desk(client_of(world.account("secretary")))
    figures = drawn(html)
    tables = html.split('<table class="table chart-table">')[1:]
    assert len(tables) == 2
    for table, chart in zip(tables, figures.values(), strict=True):
        cells = re.findall(
            r'<td class="num">(?:<a [^>]*>|<span class="nil">)(\d+)<', table.partition("</table>")[0]
        )
        assert [int(cell) for cell in cells] == [number for row in numbers(chart).values() for number in row]


@pytest.mark.parametrize("role", ["staff", "inspector", "chief"])
def test_who_answers_for_others_sees_no_event_duty_in_a_figure(
    world: World, client_of: ClientOf, role: str
) -> None:
    for member in (world.member, world.colleague, world.head):
        factories.an_event(member, happened_on=timezone.localdate() - timedelta(days=14))
    html = desk(client_of(world.account(role)))
    figures = drawn(html)
    assert list(numbers(figures["coverage"])) == ["每年至少一次"]
    assert "four" not in json.dumps(figures)
    assert sum(map(sum, numbers(figures["due"]).values())) == sum(
        numbers(figures["coverage"])["每年至少一次"]
    )
    # Each figure stands once, though the chief is a leader too.
    assert html.count('data-chart="coverage"') == 1


def test_each_sees_his_own(world: World, client_of: ClientOf) -> None:
    secretary = drawn(desk(client_of(world.account("secretary"))))
    member = drawn(desk(client_of(world.account("committee_member"))))
    # The 支委 has the pair and the talks with the three members; 党员之间 is not his to see to.
    assert numbers(member["coverage"])["每年至少一次"] == [0, 0, 4, 0]
    assert numbers(secretary["coverage"])["每年至少一次"] == [0, 0, 7, 0]
    assert 'id="drawn"' not in desk(client_of(world.account("member")))
    assert "echarts" not in desk(client_of(world.account("member")))


@pytest.mark.parametrize("role", ["secretary", "committee_member", "inspector", "chief", "member"])
def test_three_and_three_hundred_cost_the_same(world: World, client_of: ClientOf, role: str) -> None:
    today = timezone.localdate()
    client = client_of(world.account(role))

    def some(number: int) -> int:
        for _ in range(number):
            member = factories.a_member("周", world.branch)
            talk = factories.a_talk([world.secretary], [member], held_on=today)
            a_remedy(talk, 1)
            a_request(member, world.secretary, today)
            factories.a_talk([world.committee_member], [member], held_on=today, state=TalkState.PLANNED)
        desk(client)
        with CaptureQueriesContext(connection) as captured:
            desk(client)
        return len(captured)

    assert some(3) == some(60)
