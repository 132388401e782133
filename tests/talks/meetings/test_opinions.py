"""Opinions before a meeting: released reworded, signed only by consent, merged and counted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from members.models import Post
from talks.figures.opinions import opinion_count
from talks.models import GatheredOpinion, Meeting, Opinion, Participant
from talks.permissions import (
    releasable_opinions,
    visible_gathered_opinions,
    visible_merged_opinions,
)
from talks.rules.meetings import Channel, counted, is_reworded, one_per_line
from talks.rules.words import MeetingKind, TalkState
from talks.services import opinions as services
from talks.services import records
from talks.services.meetings import HAS_OPINIONS, remove_meeting
from talks.services.opinions import Wording
from talks.services.records import OpinionLine, RecordText
from talks.services.talks import Circumstances
from tests import factories
from tests.conftest import PERSONAS, World
from vault.models import TrailEntry
from vault.services import Actor

MEETING_ON = date(2026, 12, 20)
TODAY = date(2026, 12, 1)
AT = datetime(2026, 12, 1, 2, tzinfo=UTC)
RAW = "梁志强认为排班应提前一周公布"
REWORDED = "排班表宜提前公布，便于大家安排生活"
ACTOR = Actor("committee_member", "")


@dataclass(frozen=True)
class Scene:
    """A talk of the 支委 with the member within the window of the branch's meeting, with one opinion."""

    world: World
    meeting: Meeting
    opinion: Opinion

    def release(
        self, text: str = REWORDED, asks: bool = False, wording: Wording | None = None
    ) -> GatheredOpinion:
        """The 支委 hands it over."""
        return services.release_opinion(
            actor=ACTOR,
            at=AT,
            talker=self.world.committee_member,
            meeting=self.meeting,
            opinion=self.opinion,
            wording=wording or Wording(text, "支委会", "组织生活"),
            asks=self.world.member if asks else None,
        )


@pytest.fixture
def scene(world: World) -> Scene:
    """The talk was held on 2026-11-25."""
    meeting = factories.a_meeting(world.branch, meeting_on=MEETING_ON)
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=date(2026, 11, 25), opinions=[RAW]
    )
    return Scene(world, meeting, talk.opinions.get())


def entered(meeting: Meeting, *texts: str) -> list[GatheredOpinion]:
    """Opinions from a forum."""
    services.enter_opinions(actor=ACTOR, at=AT, meeting=meeting, channel=Channel.FORUM, texts=texts)
    return list(GatheredOpinion.objects.filter(meeting=meeting).order_by("number"))


# --- releasing ----------------------------------------------------------------------------------------------


def test_what_is_released_is_the_reworded_text_and_the_raw_one_stays(scene: Scene) -> None:
    made = scene.release()
    assert (made.text, made.number, made.channel, made.signed) == (REWORDED, 1, "谈心谈话", "")
    assert Opinion.objects.get().text == RAW


@pytest.mark.parametrize(
    "text",
    [RAW, " 梁志强认为：排班应提前一周公布。", "有同志提出，梁志强认为排班应提前一周公布，请支委会研究"],
)
def test_the_raw_text_is_not_released(scene: Scene, text: str) -> None:
    with pytest.raises(ValidationError, match="请改写后再转交"):
        scene.release(text)
    assert not GatheredOpinion.objects.exists()


def test_a_text_with_the_name_of_who_spoke_is_not_released(scene: Scene) -> None:
    with pytest.raises(ValidationError, match="梁志强"):
        scene.release("梁志强同志希望早些公布排班表")
    assert not GatheredOpinion.objects.exists()


@pytest.mark.parametrize("wording", [Wording(REWORDED, "梁志强"), Wording(REWORDED, "", "梁志强的事")])
def test_nor_does_another_field_name_who_spoke(scene: Scene, wording: Wording) -> None:
    with pytest.raises(ValidationError, match="梁志强"):
        scene.release(wording=wording)
    assert not GatheredOpinion.objects.exists()


def test_a_corrected_record_does_not_release_its_opinions_again(scene: Scene) -> None:
    """Otherwise one opinion would be counted twice, and what was taken back by nobody would stand."""
    scene.release()
    talk = scene.opinion.talk
    for revision, lines in enumerate(
        (["食堂的菜可以再清淡些", RAW], ["食堂的菜可以再清淡些", f"{RAW}。"]), 1
    ):
        records.correct_record(
            actor=ACTOR,
            at=AT,
            talk=talk,
            revision=revision,
            today=TODAY,
            circumstances=Circumstances(held_on=talk.held_on),
            text=RecordText(content="谈排班", opinions=[OpinionLine(line) for line in lines]),
        )
        assert [one.text for one in talk.opinions.order_by("number")] == lines
        offered = releasable_opinions(scene.world.account("committee_member"), scene.meeting, today=TODAY)
        assert [one.text for one in offered] == ["食堂的菜可以再清淡些"]
        released = GatheredOpinion.objects.get().opinion
        assert released is not None
        assert released.text == lines[1]


def test_it_is_released_once(scene: Scene) -> None:
    scene.release()
    with pytest.raises(ValidationError, match=services.ALREADY_RELEASED):
        scene.release("排班表早些公布为好")
    with pytest.raises(IntegrityError), transaction.atomic():
        GatheredOpinion.objects.create(
            meeting=scene.meeting, number=9, channel="谈心谈话", opinion=scene.opinion, released_at=AT
        )


def test_only_the_talker_may_release_it_within_the_window(scene: Scene) -> None:
    def offered(role: str) -> int:
        return releasable_opinions(scene.world.account(role), scene.meeting, today=TODAY).count()

    # Not the subject, not the principal of the branch, though he may read the talk.
    assert {role for role in PERSONAS if offered(role)} == {"committee_member"}
    scene.release()
    assert not offered("committee_member")


@pytest.mark.parametrize(
    ("held_on", "state", "offered"),
    [
        (date(2026, 11, 20), TalkState.RECORDED, 1),
        (date(2026, 11, 19), TalkState.RECORDED, 0),
        (date(2026, 12, 20), TalkState.CONFIRMED, 1),
        (date(2026, 12, 21), TalkState.RECORDED, 0),
        (date(2026, 11, 25), TalkState.HELD, 0),
    ],
)
def test_the_window_of_the_meeting_and_a_record_are_wanted(
    world: World, held_on: date, state: TalkState, offered: int
) -> None:
    meeting = factories.a_meeting(world.branch, meeting_on=MEETING_ON)
    factories.a_talk([world.committee_member], [world.member], held_on=held_on, state=state, opinions=[RAW])
    account = world.account("committee_member")
    assert releasable_opinions(account, meeting, today=TODAY).count() == offered


def test_nobody_is_asked_who_was_not_in_the_talk(scene: Scene) -> None:
    with pytest.raises(ValidationError, match=services.NOT_SPEAKER):
        services.release_opinion(
            actor=ACTOR,
            at=AT,
            talker=scene.world.committee_member,
            meeting=scene.meeting,
            opinion=scene.opinion,
            wording=Wording(REWORDED),
            asks=scene.world.colleague,
        )


def test_the_name_stands_there_only_after_the_speaker_agreed(scene: Scene) -> None:
    made = scene.release(asks=True)
    assert made.signed == ""
    assert list(GatheredOpinion.objects.asking(scene.world.member.pk)) == [made]
    services.answer_attribution(actor=ACTOR, at=AT, gathered=made, agrees=True)
    assert GatheredOpinion.objects.get().signed == "梁志强"
    # He may change his mind.
    services.answer_attribution(actor=ACTOR, at=AT, gathered=made, agrees=False)
    assert GatheredOpinion.objects.get().signed == ""
    assert not GatheredOpinion.objects.asking(scene.world.member.pk).exists()


def test_nobody_signs_for_nobody(scene: Scene) -> None:
    made = scene.release()
    with pytest.raises(IntegrityError), transaction.atomic():
        services.answer_attribution(actor=ACTOR, at=AT, gathered=made, agrees=True)


def test_who_sees_what_was_released(scene: Scene) -> None:
    def seeing() -> set[str]:
        accounts = {role: scene.world.account(role) for role in PERSONAS}
        return {
            role
            for role, account in accounts.items()
            if visible_gathered_opinions(account, today=TODAY).exists()
        }

    made = scene.release()
    # The talker, and the principal of the branch. Staff, inspector and those above see counts, no text.
    assert seeing() == {"committee_member", "secretary"}
    GatheredOpinion.objects.filter(pk=made.pk).update(speaker=scene.world.member)
    assert seeing() == {"committee_member", "secretary", "member"}
    # A principal whom nobody has confirmed reads nothing that is sealed, where somebody could confirm him.
    Post.objects.filter(member=scene.world.secretary).update(confirmed_at=None)
    assert seeing() == {"committee_member", "member"}


def test_a_principal_at_the_top_whom_nobody_could_confirm_gathers_opinions(world: World) -> None:
    meeting = factories.a_meeting(world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=MEETING_ON)
    entered(meeting, "甲")
    Post.objects.filter(member=world.chief).update(confirmed_at=None)
    assert visible_gathered_opinions(world.account("chief"), today=TODAY).exists()
    # As soon as one of two principals is confirmed, the other has to be.
    factories.a_post(world.deputy, world.committee, "局长", is_principal=True)
    assert not visible_gathered_opinions(world.account("chief"), today=TODAY).exists()
    assert visible_gathered_opinions(world.account("deputy"), today=TODAY).exists()


def test_an_amended_record_does_not_take_what_was_released_with_it(scene: Scene) -> None:
    scene.release()
    Opinion.objects.all().delete()
    assert GatheredOpinion.objects.get().text == REWORDED


# --- merging ------------------------------------------------------------------------------------------------


def test_raw_and_merged_counts_are_both_kept(scene: Scene) -> None:
    scene.release()
    rows = entered(scene.meeting, "食堂晚饭时间偏早", "晚班吃不上热饭", "希望增加培训")
    merged = services.merge_opinions(
        actor=ACTOR,
        at=AT,
        meeting=scene.meeting,
        sources=rows[1:3],
        wording=Wording("食堂供应时间与排班不衔接", "党支部"),
        persons=[scene.world.secretary],
    )
    count = opinion_count(scene.meeting)
    assert (count.raw, count.merged, count.unmerged, count.is_done) == (4, 1, 2, False)
    assert count.sentence == "共征求意见建议4条，梳理为1条"
    services.add_to_merged(actor=ACTOR, at=AT, merged=merged, sources=[rows[3]])
    services.merge_opinions(
        actor=ACTOR, at=AT, meeting=scene.meeting, sources=[rows[0]], wording=Wording("排班")
    )
    count = opinion_count(scene.meeting)
    assert (count.raw, count.merged, count.unmerged, count.is_done) == (4, 2, 0, True)
    services.split_merged(actor=ACTOR, at=AT, merged=merged)
    count = opinion_count(scene.meeting)
    assert (count.raw, count.merged, count.unmerged) == (4, 1, 3)


def test_what_somebody_else_merged_meanwhile_is_not_merged_twice(scene: Scene) -> None:
    rows = entered(scene.meeting, "甲", "乙")
    services.merge_opinions(
        actor=ACTOR, at=AT, meeting=scene.meeting, sources=rows[:1], wording=Wording("甲")
    )
    with pytest.raises(ValidationError, match=services.TAKEN_MEANWHILE), transaction.atomic():
        services.merge_opinions(
            actor=ACTOR, at=AT, meeting=scene.meeting, sources=rows, wording=Wording("甲乙")
        )
    assert opinion_count(scene.meeting).merged == 1


def test_of_two_who_change_one_the_second_is_told(scene: Scene) -> None:
    rows = entered(scene.meeting, "甲")
    merged = services.merge_opinions(
        actor=ACTOR, at=AT, meeting=scene.meeting, sources=rows, wording=Wording("甲")
    )

    def change(words: str) -> None:
        services.change_merged(
            actor=ACTOR,
            at=AT,
            merged=merged,
            revision=merged.revision,
            wording=Wording(words),
            persons=[],
            in_report=True,
        )

    change("先改的")
    with pytest.raises(ValidationError, match=services.CHANGED_MEANWHILE), transaction.atomic():
        change("后改的")
    merged.refresh_from_db()
    assert (merged.text, merged.revision) == ("先改的", 1)


def test_an_opinion_of_another_meeting_is_not_merged_here(scene: Scene) -> None:
    other = factories.a_meeting(scene.world.other_branch, meeting_on=MEETING_ON)
    rows = entered(other, "甲")
    with pytest.raises(ValidationError, match=services.TAKEN_MEANWHILE), transaction.atomic():
        services.merge_opinions(
            actor=ACTOR, at=AT, meeting=scene.meeting, sources=rows, wording=Wording("甲")
        )


def test_what_is_merged_is_not_taken_back(scene: Scene) -> None:
    made = scene.release()
    services.merge_opinions(
        actor=ACTOR, at=AT, meeting=scene.meeting, sources=[made], wording=Wording("排班")
    )
    with pytest.raises(ValidationError, match="不能收回"), transaction.atomic():
        services.take_back_opinion(actor=ACTOR, at=AT, gathered=made)
    assert GatheredOpinion.objects.exists()


def test_what_is_not_merged_is_taken_back_and_may_be_released_again(scene: Scene) -> None:
    services.take_back_opinion(actor=ACTOR, at=AT, gathered=scene.release())
    assert not GatheredOpinion.objects.exists()
    assert scene.release().number == 1


def test_who_is_to_see_to_it_reads_it_and_nobody_else(scene: Scene) -> None:
    rows = entered(scene.meeting, "甲")
    services.merge_opinions(
        actor=ACTOR,
        at=AT,
        meeting=scene.meeting,
        sources=rows,
        wording=Wording("甲"),
        persons=[scene.world.colleague],
    )
    accounts = {role: scene.world.account(role) for role in PERSONAS}
    seeing = {
        role for role, account in accounts.items() if visible_merged_opinions(account, today=TODAY).exists()
    }
    assert seeing == {"secretary", "colleague"}


def test_a_meeting_with_opinions_is_not_deleted(scene: Scene) -> None:
    scene.release()
    with pytest.raises(ValidationError, match=HAS_OPINIONS), transaction.atomic():
        remove_meeting(actor=ACTOR, at=AT, meeting=scene.meeting)
    assert Meeting.objects.filter(pk=scene.meeting.pk).exists()


# --- what is stored -----------------------------------------------------------------------------------------


def test_neither_the_raw_nor_the_released_nor_the_merged_text_lies_in_the_database(scene: Scene) -> None:
    made = scene.release()
    services.merge_opinions(
        actor=ACTOR, at=AT, meeting=scene.meeting, sources=[made], wording=Wording("排班公布偏晚")
    )
    with connection.cursor() as cursor:
        for table in ("talks_opinion", "talks_gatheredopinion", "talks_mergedopinion"):
            cursor.execute(f"SELECT text FROM {table}")  # noqa: S608  our own tables
            (stored,) = cursor.fetchone()
            assert "排班".encode() not in bytes(stored)


def test_the_trail_tells_of_the_meeting_and_never_of_the_talk_or_a_text(scene: Scene) -> None:
    made = scene.release(asks=True)
    services.answer_attribution(actor=ACTOR, at=AT, gathered=made, agrees=True)
    entries = list(TrailEntry.objects.filter(target_kind="会议意见").order_by("number"))
    assert [entry.action for entry in entries] == ["转交意见", "同意署名"]
    written = "".join(f"{entry.target}{entry.detail}" for entry in entries)
    assert entries[0].target == "HC:组织生活会:2026:1"
    code = Participant.objects.filter(member=scene.world.member).get().talk.code
    assert code not in written
    assert "排班" not in written


# --- the words ----------------------------------------------------------------------------------------------


def test_the_sentence_is_that_of_the_reports() -> None:
    assert counted(252, 155) == "共征求意见建议252条，梳理为155条"
    assert counted(0, 0) == "尚未征集到意见建议"
    assert counted(3, 0) == "共征求意见建议3条"


def test_a_pasted_list_is_taken_line_by_line() -> None:
    assert one_per_line("1. 甲\n\n（2）乙\n3、丙 \r\n4号楼没有电梯") == ["甲", "乙", "丙", "4号楼没有电梯"]
    # A decimal point numbers nothing.
    assert one_per_line("3.5公里的路没有灯\n12．8万元") == ["3.5公里的路没有灯", "12．8万元"]


@pytest.mark.parametrize(("text", "expected"), [("甲 乙。", False), ("甲乙", False), ("甲和乙", True)])
def test_other_spaces_are_no_other_words(text: str, *, expected: bool) -> None:
    assert is_reworded("甲乙", text) is expected
