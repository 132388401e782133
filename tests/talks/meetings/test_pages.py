"""Pages of a meeting's opinions and of its preparation."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from talks.models import GatheredOpinion, Meeting, MeetingStep, MergedOpinion, Opinion
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry

ClientOf = Callable[[Account], Client]
RAW = "梁志强说食堂晚饭开得太早"


@pytest.fixture
def meeting(world: World) -> Meeting:
    """组织生活会 of the branch in ten days."""
    return factories.a_meeting(world.branch, meeting_on=timezone.localdate() + timedelta(days=10))


@pytest.fixture
def opinion(world: World, meeting: Meeting) -> Opinion:
    """What the member said to the 支委 yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    talk = factories.a_talk([world.committee_member], [world.member], held_on=yesterday, opinions=[RAW])
    return talk.opinions.get()


def text_of(client: Client, name: str, *args: int, query: str = "") -> str:
    """The page, for who may see it."""
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_from_the_talk_to_the_summary(
    world: World, client_of: ClientOf, meeting: Meeting, opinion: Opinion
) -> None:
    talker, speaker, principal = (
        client_of(world.account(role)) for role in ("committee_member", "member", "secretary")
    )
    # The talker sees that he heard something, reads it where he rewords it, and releases it.
    assert "与梁志强的谈话，第1条" in text_of(talker, "meeting-mine", meeting.pk)
    assert RAW in text_of(talker, "meeting-release", meeting.pk, opinion.pk)
    typed = {"text": "食堂供餐时间宜适当延后", "about": "党支部", "speaker": world.member.pk}
    response = talker.post(reverse("meeting-release", args=[meeting.pk, opinion.pk]), typed, follow=True)
    assert "对方同意署名以前，不显示姓名" in response.content.decode()
    # The principal reads the released text, unattributed, and neither talk nor talker.
    page = text_of(principal, "meeting-opinions", meeting.pk)
    assert "食堂供餐时间宜适当延后" in page
    for hidden in (RAW, "梁志强", "沈若楠", opinion.talk.code):
        assert hidden not in page
    # The speaker agrees.
    assert "请您答复是否署名" in text_of(speaker, "meeting", meeting.pk)
    gathered = GatheredOpinion.objects.get()
    speaker.post(reverse("meeting-answer", args=[meeting.pk, gathered.pk]), {"agree": "1"})
    page = text_of(principal, "meeting-opinions", meeting.pk)
    assert "提出人：梁志强" in page
    assert "沈若楠" not in page
    # A forum brings two more; all three are merged into one, which somebody is to see to.
    principal.post(
        reverse("meeting-enter", args=[meeting.pk]),
        {"channel": "座谈会", "texts": "1. 晚饭太早\n2. 晚班没有热饭"},
    )
    sources = "&".join(f"source={pk}" for pk in GatheredOpinion.objects.values_list("pk", flat=True))
    merging = f"{reverse('meeting-merge', args=[meeting.pk])}?{sources}"
    assert "晚班没有热饭" in principal.get(merging).content.decode()
    merged = {"text": "食堂供应时间与倒班不衔接", "persons": ["沈若楠"], "category": "服务保障"}
    response = principal.post(merging, merged, follow=True)
    assert "共征求意见建议3条，梳理为1条" in response.content.decode()
    # In the papers of the meeting stand the merged words, and the name of who agreed.
    summary = text_of(principal, "meeting-summary", meeting.pk)
    for shown in ("食堂供应时间与倒班不衔接", "由3条梳理", "谈心谈话、座谈会", "梁志强", "沈若楠"):
        assert shown in summary
    # Who is to see to it reads it.
    assert "由我负责的意见" in text_of(talker, "meeting-mine", meeting.pk)
    assert Opinion.objects.get().text == RAW


def test_what_was_typed_stays_where_the_raw_words_are_refused(
    world: World, client_of: ClientOf, meeting: Meeting, opinion: Opinion
) -> None:
    client = client_of(world.account("committee_member"))
    response = client.post(
        reverse("meeting-release", args=[meeting.pk, opinion.pk]), {"text": RAW, "about": "食堂"}
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert "请改写后再转交" in page
    assert 'value="食堂"' in page
    assert not GatheredOpinion.objects.exists()


def test_counts_are_for_those_who_answer_for_the_branch_and_text_for_none_of_them(
    world: World, client_of: ClientOf, meeting: Meeting
) -> None:
    client_of(world.account("secretary")).post(
        reverse("meeting-enter", args=[meeting.pk]), {"channel": "意见箱", "texts": "甲甲甲\n乙乙乙"}
    )
    for role in ("chief", "staff", "inspector"):
        page = text_of(client_of(world.account(role)), "meeting", meeting.pk)
        assert "共征求意见建议2条" in page
        assert "甲甲甲" not in page
    assert "共征求意见建议" not in text_of(client_of(world.account("member")), "meeting", meeting.pk)


def test_nobody_takes_back_what_somebody_else_released(
    world: World, client_of: ClientOf, meeting: Meeting, opinion: Opinion
) -> None:
    typed = {"text": "供餐时间宜延后", "speaker": world.member.pk}
    talker = client_of(world.account("committee_member"))
    talker.post(reverse("meeting-release", args=[meeting.pk, opinion.pk]), typed)
    address = reverse("meeting-take-back", args=[meeting.pk, GatheredOpinion.objects.get().pk])
    for role in ("secretary", "member", "chief", "staff"):
        assert client_of(world.account(role)).post(address).status_code == 404
    assert talker.post(address).status_code == 302
    assert not GatheredOpinion.objects.exists()


def test_only_the_speaker_answers(
    world: World, client_of: ClientOf, meeting: Meeting, opinion: Opinion
) -> None:
    typed = {"text": "供餐时间宜延后", "speaker": world.member.pk}
    client_of(world.account("committee_member")).post(
        reverse("meeting-release", args=[meeting.pk, opinion.pk]), typed
    )
    address = reverse("meeting-answer", args=[meeting.pk, GatheredOpinion.objects.get().pk])
    for role in ("secretary", "committee_member", "chief", "head"):
        assert client_of(world.account(role)).post(address, {"agree": "1"}).status_code == 404
    assert GatheredOpinion.objects.get().signed == ""


def test_opinions_are_added_to_one_that_stands(world: World, client_of: ClientOf, meeting: Meeting) -> None:
    client = client_of(world.account("secretary"))
    client.post(reverse("meeting-enter", args=[meeting.pk]), {"channel": "座谈会", "texts": "甲\n乙\n丙"})
    first, second, third = GatheredOpinion.objects.order_by("number")
    merging = reverse("meeting-merge", args=[meeting.pk])
    client.post(f"{merging}?source={first.pk}", {"text": "甲乙"})
    merged = MergedOpinion.objects.get()
    client.post(f"{merging}?source={second.pk}", {"into": merged.pk, "text": ""})
    assert merged.sources.count() == 2
    # Merged already, or of no meeting of ours: nothing is left to merge.
    response = client.post(f"{merging}?source={second.pk}", {"text": "又一条"}, follow=True)
    assert "请先选择要梳理的意见" in response.content.decode()
    # Changed, then taken apart.
    address = reverse("meeting-merged", args=[meeting.pk, merged.pk])
    assert "不列入会议材料" not in text_of(client, "meeting-opinions", meeting.pk, query="?done=1")
    client.post(address, {"text": "甲和乙", "persons": ["吴桂兰"]})
    page = text_of(client, "meeting-opinions", meeting.pk, query="?done=1")
    for shown in ("甲和乙", "由2条梳理", "责任人：吴桂兰", "不列入会议材料"):
        assert shown in page
    assert "甲和乙" not in text_of(client, "meeting-summary", meeting.pk)
    client.post(reverse("meeting-split", args=[meeting.pk, merged.pk]))
    assert GatheredOpinion.objects.unmerged().count() == 3
    assert third.number == 3


def test_reading_is_entered_in_the_trail(
    world: World, client_of: ClientOf, meeting: Meeting, opinion: Opinion
) -> None:
    text_of(client_of(world.account("secretary")), "meeting-opinions", meeting.pk)
    text_of(client_of(world.account("committee_member")), "meeting-release", meeting.pk, opinion.pk)
    entries = set(TrailEntry.objects.values_list("account", "action", "target"))
    assert ("secretary", "查看意见", f"HC:组织生活会:{meeting.year}") in entries
    assert ("committee_member", "查看谈话内容", opinion.talk.code) in entries


def test_steps_are_ticked_and_the_talks_tell_themselves(
    world: World, client_of: ClientOf, meeting: Meeting
) -> None:
    client = client_of(world.account("secretary"))
    page = text_of(client, "meeting", meeting.pk)
    # One pair of the committee, three ordinary members under two rules each.
    assert "应谈7项，已谈0项" in page
    assert page.count(">登记完成<") == 3
    client.post(reverse("meeting-step", args=[meeting.pk, "study"]), {"done": "1"})
    client.post(reverse("meeting-step", args=[meeting.pk, "study"]), {"done": "1"})
    row = MeetingStep.objects.get()
    assert (row.step, row.done_by.username) == ("会前学习", "secretary")
    page = text_of(client, "meeting", meeting.pk)
    assert re.search(r"陆秉川登记", page)
    assert page.count(">登记完成<") == 2
    client.post(reverse("meeting-step", args=[meeting.pk, "study"]))
    assert not MeetingStep.objects.exists()
    # Nobody says by hand that the talks have been held.
    assert client.post(reverse("meeting-step", args=[meeting.pk, "talks"]), {"done": "1"}).status_code == 404


@pytest.mark.parametrize("query", ["", "?done=1"])
def test_the_list_costs_as_much_with_thirty_as_with_three(
    world: World, client_of: ClientOf, meeting: Meeting, query: str
) -> None:
    client = client_of(world.account("secretary"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(client, "meeting-opinions", meeting.pk, query=query)
        return len(captured)

    def enter(numbers: range) -> None:
        texts = "\n".join(f"意见{number}号" for number in numbers)
        client.post(reverse("meeting-enter", args=[meeting.pk]), {"channel": "座谈会", "texts": texts})
        for gathered in GatheredOpinion.objects.filter(merged=None).order_by("-number")[: len(numbers) // 2]:
            merged = reverse("meeting-merge", args=[meeting.pk])
            typed = {"text": gathered.text, "persons": ["吴桂兰", "沈若楠"]}
            client.post(f"{merged}?source={gathered.pk}", typed)

    enter(range(4))
    queries()
    few = queries()
    enter(range(4, 24))
    assert queries() == few


def test_the_summary_and_ones_own_page_cost_as_much_with_many(
    world: World, client_of: ClientOf, meeting: Meeting
) -> None:
    principal, talker = client_of(world.account("secretary")), client_of(world.account("committee_member"))
    day: date = timezone.localdate() - timedelta(days=1)

    def enter(number: int) -> None:
        factories.a_talk([world.committee_member], [world.member], held_on=day, opinions=[f"原话{number}"])
        principal.post(
            reverse("meeting-enter", args=[meeting.pk]), {"channel": "座谈会", "texts": f"意见{number}号"}
        )
        gathered = GatheredOpinion.objects.unmerged().get()
        principal.post(
            f"{reverse('meeting-merge', args=[meeting.pk])}?source={gathered.pk}",
            {"text": f"意见{number}", "persons": ["沈若楠"]},
        )

    def queries(client: Client, name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(client, name, meeting.pk)
        return len(captured)

    enter(1)
    queries(principal, "meeting-summary")
    few = queries(principal, "meeting-summary")
    before = queries(talker, "meeting-mine")
    for number in range(2, 6):
        enter(number)
    assert queries(principal, "meeting-summary") == few
    assert queries(talker, "meeting-mine") == before
