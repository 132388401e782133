"""工作台: one sentence of figures and what is next, by whoever is signed in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from talks.models import Rule
from talks.rules.words import MeetingKind, TalkState
from tests import factories
from tests.conftest import World

ClientOf = Callable[[Account], Client]


def desk(client: Client) -> str:
    """The first screen."""
    return client.get(reverse("workbench")).content.decode()


def todos(html: str) -> list[tuple[str, str, str]]:
    """State, chip and title of what is to be done."""
    found = re.findall(
        r'data-state="(\w+)">.*?</svg>([^<]*)</span>.*?class="todo-title" href="[^"]*">([^<]*)</a>',
        html.partition('<ol class="sheet todos"')[2].partition("</ol>")[0],
        flags=re.DOTALL,
    )
    return [(state, chip, title) for state, chip, title in found]


def test_the_most_urgent_comes_first(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    factories.an_event(world.member, happened_on=today - timedelta(days=14))
    factories.an_event(world.head, "苗头性问题", happened_on=today)
    for talker, subject, held_on, state in (
        (world.secretary, world.colleague, today, TalkState.PLANNED),
        (world.secretary, world.head, today - timedelta(days=2), TalkState.PLANNED),
        (world.committee_member, world.secretary, today - timedelta(days=1), TalkState.RECORDED),
    ):
        factories.a_talk([talker], [subject], held_on=held_on, state=state)

    html = desk(client_of(world.account("secretary")))

    found = todos(html)
    assert [state for state, _, _ in found] == ["overdue", "near", "scheduled", "pending", "pending"]
    assert found[0][2] == "与梁志强谈话"
    assert found[1][2] == "与谭晓峰谈话"
    assert found[2][1:] == ("今天", "与吴桂兰谈话")
    assert (found[3][1], found[4][1]) == ("待记录", "待确认")
    # One red button to a screen, and it is the next thing.
    assert html.count("btn-primary") == 1
    assert "逾期1项" in html
    assert "今天有1次谈话" in html


def test_what_is_overdue_is_recorded_before_it_is_talked_about_again(
    world: World, client_of: ClientOf
) -> None:
    today = timezone.localdate()
    factories.an_event(world.member, happened_on=today - timedelta(days=14))
    client = client_of(world.account("secretary"))
    assert 'btn-primary" href="/talks/book/?duty=' in desk(client)
    # Booked with another, nothing changes; booked with him, the record is what is wanting.
    other = factories.a_talk(
        [world.secretary], [world.colleague], held_on=today - timedelta(days=1), state=TalkState.PLANNED
    )
    assert f'btn-primary" href="/talks/{other.code}/record/"' not in desk(client)
    talk = factories.a_talk(
        [world.secretary], [world.member], held_on=today - timedelta(days=1), state=TalkState.PLANNED
    )
    html = desk(client)
    assert f'btn-primary" href="/talks/{talk.code}/record/"' in html
    assert "的谈话尚未记录。" in html


def test_a_talk_of_today_waits_for_its_record_once_its_hour_has_come(
    world: World, client_of: ClientOf
) -> None:
    talk = factories.a_talk(
        [world.secretary], [world.member], held_on=timezone.localdate(), state=TalkState.PLANNED
    )
    for hour, chip in (("00:00", "待记录"), ("23:59:59", "今天23:59")):
        type(talk).objects.filter(pk=talk.pk).update(starts_at=hour)
        assert [found[1] for found in todos(desk(client_of(world.account("secretary"))))] == [chip]


def test_a_member_is_asked_for_the_record_of_a_talk_that_he_led(world: World, client_of: ClientOf) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    talk = factories.a_talk([world.member], [world.colleague], held_on=yesterday, state=TalkState.PLANNED)
    address = reverse("talk-record", args=[talk.code])
    assert address in desk(client_of(world.account("member")))
    talk.state = TalkState.RECORDED
    talk.save()
    assert address not in desk(client_of(world.account("member")))


def test_many_of_one_meeting_stand_in_one_row(world: World, client_of: ClientOf) -> None:
    factories.a_meeting(world.branch, meeting_on=timezone.localdate() + timedelta(days=4))
    found = todos(desk(client_of(world.account("secretary"))))
    # Between the two of the 支委 one; with each of three ordinary members two.
    assert found == [("near", "剩3天", "组织生活会前还有7项未约")]
    assert "距组织生活会还有4天" in desk(client_of(world.account("committee_member")))


def test_the_soonest_stands_first_and_a_row_does_not_repeat_itself(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    factories.a_meeting(world.branch, meeting_on=today + timedelta(days=4))
    factories.an_event(world.member, "防汛值守", happened_on=today)
    for days in (1, 6):
        Rule.objects.create(
            code=f"hc.{days}",
            title=f"防汛值守{days}日内",
            organisation=world.branch,
            applies_to="全部",
            trigger="事件:防汛值守",
            days=days,
            unit="自然日",
            pairing="event",
            talker_role="principal",
            one_to_one=True,
            effective_from=today - timedelta(days=9),
        )
    html = desk(client_of(world.account("secretary")))
    # Both duties of the event have one anchor, and the talks of the meeting are due between them.
    assert [chip for _, chip, _ in todos(html)] == ["剩1天", "剩3天", "剩6天"]
    assert "<p>支委之间1项，支委和党员之间3项，党员和党员之间3项，" in html


def test_how_far_the_meeting_has_come(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    factories.a_meeting(world.branch, meeting_on=today + timedelta(days=4))
    factories.a_talk([world.committee_member], [world.member], held_on=today)
    html = desk(client_of(world.account("secretary")))
    assert "组织生活会前谈心谈话" in html
    assert 'aria-label="支委和党员之间：应谈3，已谈1，已约0，未约2，逾期0"' in html


def test_who_waits_for_others_is_told_for_how_long(world: World, client_of: ClientOf) -> None:
    held_on = timezone.localdate() - timedelta(days=3)
    factories.a_talk([world.secretary], [world.member], held_on=held_on)
    html = desk(client_of(world.account("secretary")))
    assert f"梁志强确认{held_on:%-m月%-d日}的谈话记录" in html
    assert "已等3天" in html


def test_a_member_confirms_first(world: World, client_of: ClientOf) -> None:
    today = timezone.localdate()
    factories.an_event(world.member, happened_on=today - timedelta(days=14))
    factories.a_talk([world.committee_member], [world.member], held_on=today)
    factories.a_talk(
        [world.secretary], [world.member], held_on=today + timedelta(days=2), state=TalkState.PLANNED
    )
    html = desk(client_of(world.account("member")))
    assert "请核对一份谈话记录" in html
    assert html.count("btn-primary") == 1
    assert "接下来的谈话" in html
    assert "每年至少一次　支委和党员之间" in html
    assert "家庭变故" not in html
    assert "逾期" not in html


@pytest.mark.parametrize("role", ["inspector", "staff", "chief"])
def test_the_organisations_one_answers_for(world: World, client_of: ClientOf, role: str) -> None:
    today = timezone.localdate()
    for member in (world.member, world.colleague, world.head):
        factories.an_event(member, happened_on=today - timedelta(days=14))
    html = desk(client_of(world.account(role)))
    table = html.partition('<table class="table tree"')[2]
    names = re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', table)
    assert names == ["上游局党委", "合川分局党支部", "沿江支队党支部"]
    # The events are in a sum of their own, and in no other figure.
    branch = table.partition("合川分局党支部")[2].partition("</tr>")[0]
    assert "3项" in branch
    assert 'class="nil">0<' in branch
    assert "家庭变故" not in html


def test_a_talk_by_somebody_from_outside_is_recorded_by_who_booked_it(
    world: World, client_of: ClientOf
) -> None:
    """He takes no part in it: without a line of his own nobody would be asked for the record."""
    talk = factories.a_talk(
        [],
        [world.member],
        external_talker="上级党委书记",
        held_on=timezone.localdate() - timedelta(days=1),
        state=TalkState.PLANNED,
        booked_by=world.account("secretary"),
    )
    client = client_of(world.account("secretary"))
    recorded = (
        "pending",
        "待记录",
        f"记录{talk.held_on.month}月{talk.held_on.day}日上级党委书记与梁志强的谈话",
    )
    assert recorded in todos(desk(client))
    assert client.get(reverse("talk-record", args=[talk.code])).status_code == 200
    assert "上级党委书记" not in str(todos(desk(client_of(world.account("committee_member")))))


def test_who_leads_one_branch_needs_no_table(world: World, client_of: ClientOf) -> None:
    assert "table tree" not in desk(client_of(world.account("secretary")))


@pytest.mark.parametrize(
    ("role", "way"), [("system", "账号</a>"), ("security", "授权</a>"), ("auditor", "审计</a>")]
)
def test_administrators_have_no_part_and_are_sent_to_their_own_page(
    world: World, client_of: ClientOf, role: str, way: str
) -> None:
    html = desk(client_of(world.account(role)))
    assert "您的账号不参加谈话，也不查看谈话" in html
    assert "应谈清单" not in html
    assert html.count("btn-primary") == 1
    assert [one for one in ("账号</a>", "授权</a>", "审计</a>") if one in html] == [way]


def test_a_committee_sees_its_own_meeting(world: World, client_of: ClientOf) -> None:
    factories.a_meeting(
        world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=timezone.localdate() + timedelta(days=6)
    )
    found = todos(desk(client_of(world.account("chief"))))
    # With the deputy as principal; of the deputy with the head of her office: the chief sees to both.
    assert [title for _, _, title in found] == ["郑远航、何静宜谈话", "何静宜、谭晓峰谈话"]


AT_WORK = ["工作台", "应谈清单", "日历", "谈话", "约谈", "会议"]
MEMBERS = [*AT_WORK[:5], "我的", "会议"]
NAVIGATION = {
    "member": [*MEMBERS, "整改台账", "党组织", "规则"],
    "secretary": [*MEMBERS, "整改台账", "联系党员", "党组织", "规则", "事件", "报告", "疑点", "授权"],
    "inspector": ["工作台", "督查总览", *AT_WORK[1:], "整改台账", "党组织", "规则", "报告", "疑点"],
    "staff": [*AT_WORK, "整改台账", "联系党员", "党组织", "规则", "报告", "导入导出", "账号"],
    "system": ["工作台", "账号", "工作日"],
    "security": ["工作台", "授权"],
    "auditor": ["工作台", "审计"],
}


@pytest.mark.parametrize("role", NAVIGATION)
def test_the_navigation_holds_what_one_may_open(world: World, client_of: ClientOf, role: str) -> None:
    client = client_of(world.account(role))
    nav = desk(client).partition('<ul class="topnav">')[2].partition("</ul>")[0]
    entries = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', nav)
    assert [name for _, name in entries] == NAVIGATION[role]
    assert [address for address, _ in entries if client.get(address).status_code != 200] == []
    assert nav.count('aria-current="page"') == 1


def test_the_banner_of_the_demonstration(world: World, client_of: ClientOf) -> None:
    assert "演示数据" not in desk(client_of(world.account("member")))
    Account.objects.filter(username="member").update(is_demonstration=True)
    assert "演示数据" in desk(client_of(world.account("secretary")))
    assert "演示数据" in Client().get(reverse("sign-in")).content.decode()
