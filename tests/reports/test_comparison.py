"""Two records side by side: like passages marked, and only under a disclosure of both."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from reports.models import Finding
from reports.rules.comparison import MOST_CHARACTERS, Passage, side_by_side
from talks.models import Disclosure, Talk
from talks.services.disclosures import approve_disclosure, ask_disclosure
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

LEFT = "该同志谈到值守安排。表示服从组织安排，克服困难做好本职工作。"
RIGHT = "她提出轮岗。表示服从组织安排，克服困难做好本职工作。愿意学习。"
BOTH = "表示服从组织安排，克服困难做好本职工作。"


def words(passages: tuple[Passage, ...], is_like: bool) -> list[str]:
    return [one.text for one in passages if one.is_like is is_like]


def test_what_stands_in_both_is_marked_and_no_letter_is_lost() -> None:
    shown = side_by_side(LEFT, RIGHT)
    assert [BOTH in text for text in words(shown.left, True)] == [True]
    assert "".join(one.text for one in shown.left) == LEFT
    assert "".join(one.text for one in shown.right) == RIGHT
    assert words(shown.right, False)[-1] == "愿意学习。"


def test_words_that_any_two_records_share_are_not_marked() -> None:
    shown = side_by_side("谈到工作安排。", "工作安排已经明确。")
    assert words(shown.left, True) == []
    assert side_by_side("", "") == side_by_side("", "")


def test_long_texts_are_compared_by_sentences() -> None:
    text = "".join(f"第{number}条意见已经记录在案。" for number in range(600))
    assert len(text) > MOST_CHARACTERS
    shown = side_by_side(text, "另写一句没有出现过的话。" + text)
    assert words(shown.left, True) == [text]
    assert words(shown.right, False) == ["另写一句没有出现过的话。"]


# --- on the page -------------------------------------------------------------------------------------------


def a_copied_finding(world: World) -> tuple[Finding, list[Talk]]:
    """Two records of the branch that are alike."""
    talks = [
        factories.a_talk([world.committee_member], [who], held_on=date(2026, 3, day), content=content)
        for day, who, content in ((2, world.member, LEFT), (5, world.colleague, RIGHT))
    ]
    finding = Finding.objects.create(
        check_name="copied",
        key="K2",
        organisation=world.branch,
        day=date(2026, 3, 5),
        figure=97,
        found_on=date(2026, 4, 1),
    )
    finding.talks.set(talks)
    return finding, talks


def disclose(world: World, talk: Talk) -> None:
    now = timezone.now() - timedelta(minutes=1)
    today = timezone.localdate(now)
    actor = Actor("tests", "")
    made = ask_disclosure(
        actor=actor, at=now, account=world.account("inspector"), talk=talk, reason="核对。", today=today
    )
    approve_disclosure(
        actor=actor, at=now, disclosure=made, account=world.account("chief"), minutes=30, today=today
    )


@pytest.fixture
def inspector(world: World, client_of: Callable[[Account], Client]) -> Client:
    return client_of(world.account("inspector"))


def page(client: Client, finding: Finding) -> str:
    return client.get(reverse("finding", args=[finding.pk]) + "?texts=on").content.decode()


def test_without_a_disclosure_it_is_asked_for(world: World, inspector: Client) -> None:
    finding, talks = a_copied_finding(world)
    text = page(inspector, finding)
    assert [text.count(reverse("talk-disclose", args=[talk.code])) for talk in talks] == [1, 1]
    assert "服从组织安排" not in text


def test_one_of_the_two_is_not_enough(world: World, inspector: Client) -> None:
    finding, talks = a_copied_finding(world)
    disclose(world, talks[0])
    text = page(inspector, finding)
    assert "服从组织安排" not in text
    assert [text.count(reverse("talk-disclose", args=[talk.code])) for talk in talks] == [0, 1]
    assert not TrailEntry.objects.filter(action="调阅谈话内容").exists()


def test_under_both_the_texts_stand_side_by_side_and_each_look_is_in_the_trail(
    world: World, inspector: Client
) -> None:
    finding, talks = a_copied_finding(world)
    for talk in talks:
        disclose(world, talk)
    assert "服从组织安排" not in inspector.get(reverse("finding", args=[finding.pk])).content.decode()
    assert not TrailEntry.objects.filter(action="调阅谈话内容").exists()
    text = page(inspector, finding)
    assert text.count("<mark>") == 2
    assert "调阅人督查员" in text
    looks = TrailEntry.objects.filter(action="调阅谈话内容").values_list("target", flat=True)
    assert sorted(looks) == sorted(talk.code for talk in talks)
    Disclosure.objects.filter(talk=talks[1]).update(
        asked_at=timezone.now() - timedelta(hours=1), approved_at=timezone.now() - timedelta(minutes=30)
    )
    assert "服从组织安排" not in page(inspector, finding)


@pytest.mark.parametrize("role", ["chief", "secretary", "committee_member"])
def test_nobody_else_sees_them_there(world: World, client_of: Callable[[Account], Client], role: str) -> None:
    finding, talks = a_copied_finding(world)
    for talk in talks:
        disclose(world, talk)
    text = page(client_of(world.account(role)), finding)
    assert "服从组织安排" not in text
    assert "申请调阅" not in text
