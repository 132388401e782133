"""Booking, recording, confirming, closing and cancelling a talk; entering a meeting."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils import timezone

from branches.rules.cells import DAY_OUT_OF_RANGE
from talks.models import Meeting, Side, Talk
from talks.models.meetings import TALKS_BEFORE_MEETING
from talks.rules.words import MeetingKind, TalkState
from talks.services import life, meetings, records, talks
from talks.services.records import OpinionLine, RecordText, RemedyLine
from talks.services.talks import Circumstances, Persons
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
TODAY = date(2026, 3, 10)
ACTOR = Actor(account="tests", address="127.0.0.1")
TEXT = RecordText(
    content="谈到测站值班。",
    opinions=(OpinionLine("主题党日放到测站开", "支委会", "组织生活"),),
    remedies=(RemedyLine("每季度一次"),),
)


def plan(world: World, held_on: date = TODAY, **more: object) -> Talk:
    """A booked talk of the 支委 with the member."""
    persons = {"talkers": [world.committee_member], "subjects": [world.member], **more}
    return talks.plan_talk(
        actor=ACTOR,
        at=AT,
        booked_by=None,
        persons=Persons(**persons),  # type: ignore[arg-type]
        circumstances=Circumstances(held_on=held_on),
    )


def record(talk: Talk, revision: int | None = None, text: RecordText = TEXT, **more: object) -> None:
    """Records the talk on the day it was held."""
    circumstances = Circumstances(**{"held_on": talk.held_on, **more})  # type: ignore[arg-type]
    records.record_talk(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=revision or talk.revision,
        today=TODAY,
        circumstances=circumstances,
        text=text,
    )


def refused(action: Callable[[], object]) -> str:
    """What the action is refused with."""
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


def trail() -> list[tuple[str, str]]:
    """Actions and targets of the trail."""
    return list(TrailEntry.objects.order_by("pk").values_list("action", "target"))


# --- booking ---------------------------------------------------------------------------------------------


def test_a_booked_talk_has_a_code_of_its_own_and_stands_in_the_trail(world: World) -> None:
    first, second = plan(world), plan(world)
    assert (first.code, second.code) == ("T2026-000001", "T2026-000002")
    assert first.state == TalkState.PLANNED
    assert first.mode == "一对一"
    assert {(row.member, row.side) for row in first.participants.all()} == {
        (world.committee_member, Side.TALKER),
        (world.member, Side.SUBJECT),
    }
    assert trail() == [("预约", "T2026-000001"), ("预约", "T2026-000002")]


def test_codes_follow_the_highest_of_our_own_kind(world: World) -> None:
    for code in ("T2026-999999", "T2026-附件", "T2026-1000000", "T2027-000001", "T2026-12"):
        factories.a_talk([world.secretary], [world.member], held_on=TODAY, code=code)
    assert plan(world).code == "T2026-1000001"


@pytest.mark.parametrize(
    ("talkers", "subjects", "external", "mode"),
    [
        (("secretary",), ("member",), "", "一对一"),
        ((), ("member",), "省局领导", "一对一"),
        (("secretary",), ("member", "colleague"), "", "一对多"),
        (("secretary", "committee_member"), ("member",), "", "多对多"),
        (("secretary",), ("member",), "省局领导", "多对多"),
    ],
)
def test_the_numbers_decide_the_mode(
    world: World, talkers: tuple[str, ...], subjects: tuple[str, ...], external: str, mode: str
) -> None:
    sides = [[getattr(world, name) for name in side] for side in (talkers, subjects)]
    assert Persons(sides[0], sides[1], external_talker=external).mode == mode


def test_persons_that_cannot_talk_are_refused(world: World) -> None:
    both = [world.member]
    assert refused(lambda: plan(world, talkers=[])) == talks.NO_TALKER
    assert refused(lambda: plan(world, subjects=[])) == talks.NO_SUBJECT
    assert refused(lambda: plan(world, talkers=both)) == talks.SAME_PERSON
    assert refused(lambda: plan(world, recorder=world.member)) == talks.RECORDER_TAKES_PART
    assert refused(lambda: plan(world, recorder=world.committee_member)) == talks.RECORDER_TAKES_PART
    assert plan(world, talkers=[], external_talker="省局领导").external_talker == "省局领导"
    assert Talk.objects.count() == 1


def test_an_end_before_the_start_is_refused(world: World) -> None:
    hours = {"starts_at": time(10), "ends_at": time(9, 59)}
    assert refused(lambda: record(plan(world), **hours)) == talks.ENDS_EARLY
    record(plan(world), starts_at=time(10), ends_at=time(10))


@pytest.mark.parametrize("held_on", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_at_the_end_of_the_calendar_is_refused(world: World, held_on: date) -> None:
    """The engine asks for the day after: one such talk broke every page, and the reckoning of everybody."""
    assert refused(lambda: plan(world, held_on)) == DAY_OUT_OF_RANGE
    talk = plan(world)
    assert refused(lambda: record(talk, held_on=held_on)) == (
        DAY_OUT_OF_RANGE if held_on < TODAY else records.RECORDED_AHEAD
    )


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ({"meeting_on": date(1, 1, 1)}, DAY_OUT_OF_RANGE),
        ({"meeting_on": date(9999, 12, 31)}, DAY_OUT_OF_RANGE),
        ({"talks_from": date(1, 1, 1)}, DAY_OUT_OF_RANGE),
        ({"year": 0}, meetings.YEAR_OUT_OF_RANGE),
        ({"year": 32767}, meetings.YEAR_OUT_OF_RANGE),
    ],
)
def test_a_meeting_at_the_end_of_the_calendar_is_refused(
    world: World, days: dict[str, Any], refusal: str
) -> None:
    values: dict[str, Any] = {"year": 2026, "meeting_on": date(2026, 12, 20), **days}
    assert refusal == refused(
        lambda: meetings.add_meeting(
            actor=Actor("secretary", ""),
            at=AT,
            organisation=world.branch,
            kind=MeetingKind.ORGANISATION_LIFE,
            **values,
        )
    )


def change(talk: Talk, revision: int, world: World, topic: str | None = None) -> None:
    """Moves the talk to the colleague and to the day after."""
    talks.change_plan(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=revision,
        persons=Persons([world.committee_member], [world.colleague]),
        circumstances=Circumstances(held_on=date(2026, 3, 11), place="测站"),
        topic=topic,
    )


def test_a_booked_talk_is_changed(world: World) -> None:
    talk = plan(world)
    stays = talk.participants.get(member=world.committee_member)
    change(talk, 1, world, topic="近况")
    talk.refresh_from_db()
    assert (talk.held_on, talk.place, talk.topic, talk.revision) == (date(2026, 3, 11), "测站", "近况", 2)
    assert {row.member for row in talk.participants.all()} == {world.committee_member, world.colleague}
    assert talk.participants.get(member=world.committee_member) == stays


@pytest.mark.parametrize(
    ("talkers", "recorder", "kept"),
    [
        (["committee_member"], None, True),
        (["secretary"], None, False),
        (["committee_member", "secretary"], None, False),
        (["committee_member"], "secretary", False),
    ],
)
def test_a_topic_does_not_travel_to_a_talker_or_recorder_who_puts_himself_in(
    world: World, talkers: list[str], recorder: str | None, kept: bool
) -> None:
    """Who may not read it may rearrange the talk, but not thereby hand himself what was prepared."""
    talk = plan(world)
    talk.topic = "家中变故"
    talk.save(update_fields=["topic"])
    talks.change_plan(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=1,
        persons=Persons(
            [getattr(world, name) for name in talkers],
            [world.member],
            recorder=getattr(world, recorder) if recorder else None,
        ),
        circumstances=Circumstances(held_on=TODAY),
        topic=None,
    )
    assert Talk.objects.get(pk=talk.pk).topic == ("家中变故" if kept else "")


def test_an_older_revision_changes_nothing(world: World) -> None:
    talk = plan(world)
    change(talk, 1, world)
    assert refused(lambda: change(talk, 1, world)) == life.STALE
    assert refused(lambda: record(talk, revision=1, held_on=TODAY)) == life.STALE
    record(talk, revision=2, held_on=TODAY)
    assert refused(lambda: change(talk, 3, world)) == life.ALREADY_RECORDED


# --- recording -------------------------------------------------------------------------------------------


def test_a_record_counts_and_keeps_what_was_said(world: World) -> None:
    talk = plan(world)
    record(talk)
    talk = Talk.objects.get()
    assert (talk.state, talk.content, talk.recorded_at) == (TalkState.RECORDED, "谈到测站值班。", AT)
    opinion = talk.opinions.get()
    assert (opinion.number, opinion.text, opinion.about, opinion.category) == (
        *(1, "主题党日放到测站开", "支委会"),
        "组织生活",
    )
    assert talk.remedies.get().text == "每季度一次"
    assert trail()[-1] == ("记录", talk.code)


def test_a_talk_ahead_cannot_be_recorded(world: World) -> None:
    talk = plan(world, held_on=date(2026, 3, 11))
    assert refused(lambda: record(talk)) == records.RECORDED_AHEAD
    assert refused(lambda: hold(talk)) == records.RECORDED_AHEAD
    record(talk, held_on=TODAY)


def test_a_record_without_content_is_refused(world: World) -> None:
    talk = plan(world)
    assert refused(lambda: record(talk, text=RecordText(content=" 　\n"))) == records.CONTENT_MISSING
    assert Talk.objects.get().state == TalkState.PLANNED


def hold(talk: Talk, text: RecordText = TEXT) -> None:
    """Keeps a draft."""
    records.hold_talk(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=talk.revision,
        today=TODAY,
        circumstances=Circumstances(held_on=talk.held_on),
        text=text,
    )


def test_a_draft_is_kept_and_does_not_count(world: World) -> None:
    talk = plan(world)
    hold(talk, RecordText(content="未完", opinions=[OpinionLine("甲"), OpinionLine("乙")]))
    assert (talk.state, talk.content, talk.counts) == (TalkState.HELD, "未完", False)
    hold(talk)
    record(talk)
    assert [opinion.text for opinion in talk.opinions.all()] == ["主题党日放到测站开"]
    assert talk.counts


def test_who_writes_for_a_talker_from_outside_becomes_the_recorder(world: World) -> None:
    talk = plan(world, talkers=[], external_talker="省局领导")
    records.record_talk(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=1,
        today=TODAY,
        circumstances=Circumstances(held_on=TODAY),
        text=TEXT,
        recorder=world.secretary,
    )
    assert Talk.objects.get().recorder == world.secretary


def test_kept_to_the_participants_is_never_lifted_by_a_record(world: World) -> None:
    talk = plan(world)
    talks.keep_to_participants(actor=ACTOR, at=AT, talk=talk)
    talks.keep_to_participants(actor=ACTOR, at=AT, talk=talk)
    talk.refresh_from_db()
    record(talk)
    assert Talk.objects.get().participants_only
    assert [action for action, _ in trail()].count("限参与人") == 1


def test_opening_a_record_stands_in_the_trail_before_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = plan(world)
    record(talk)

    def open_as(role: str) -> records.Opened | None:
        return records.open_record(actor=ACTOR, at=AT, account=world.account(role), talk=talk, today=TODAY)

    opened = open_as("member")
    assert opened is not None
    assert opened.content == "谈到测站值班。"
    assert trail()[-1] == ("查看谈话内容", talk.code)
    before = len(trail())
    assert open_as("colleague") is None
    assert len(trail()) == before

    def cannot(**entry: object) -> None:
        raise OSError("the trail cannot be written")

    monkeypatch.setattr(records, "enter_trail", cannot)
    with pytest.raises(OSError, match="trail"):
        open_as("member")


def test_no_entry_of_the_trail_holds_what_was_said(world: World) -> None:
    talk = plan(world)
    record(talk)
    talks.confirm_record(actor=ACTOR, at=AT, talk=talk, revision=2, member=world.member)
    entries = " ".join(str(entry.detail) for entry in TrailEntry.objects.all())
    assert "测站" not in entries
    assert world.member.name not in entries


# --- to the end ------------------------------------------------------------------------------------------


def confirm(talk: Talk, member: object, revision: int = 2) -> None:
    """The member confirms."""
    talks.confirm_record(actor=ACTOR, at=AT, talk=talk, revision=revision, member=member)  # type: ignore[arg-type]


def test_all_subjects_must_confirm(world: World) -> None:
    talk = plan(world, subjects=[world.member, world.colleague])
    assert refused(lambda: confirm(talk, world.member, 1)) == life.NOT_RECORDED
    record(talk)
    confirm(talk, world.member)
    assert Talk.objects.get().state == TalkState.RECORDED
    confirm(talk, world.member)
    confirm(talk, world.colleague)
    assert Talk.objects.get().state == TalkState.CONFIRMED
    assert set(talk.participants.filter(side=Side.SUBJECT).values_list("confirmed_at", flat=True)) == {AT}


def test_only_a_subject_confirms_what_he_has_read(world: World) -> None:
    talk = plan(world)
    record(talk)
    assert refused(lambda: confirm(talk, world.committee_member)) == talks.NOT_A_SUBJECT
    assert refused(lambda: confirm(talk, world.member, revision=1)) == life.STALE


def test_a_talk_is_closed_after_its_confirmation(world: World) -> None:
    talk = plan(world)
    record(talk)

    def close() -> None:
        talk.refresh_from_db()
        talks.close_talk(actor=ACTOR, at=AT, talk=talk, revision=talk.revision)

    assert refused(close) == life.NOT_CONFIRMED
    confirm(talk, world.member)
    close()
    assert Talk.objects.get().state == TalkState.CLOSED
    assert refused(close) == life.ALREADY_RECORDED


def test_a_talk_is_cancelled_with_a_reason(world: World) -> None:
    talk = plan(world)

    def cancel(reason: str) -> None:
        talks.cancel_talk(actor=ACTOR, at=AT, talk=talk, revision=talk.revision, reason=reason)

    assert refused(lambda: cancel(" ")) == talks.REASON_MISSING
    cancel("对方出差")
    talk = Talk.objects.get()
    assert (talk.state, talk.cancel_reason) == (TalkState.CANCELLED, "对方出差")
    assert refused(lambda: cancel("再取消")) == life.ALREADY_CANCELLED
    assert refused(lambda: record(talk)) == life.ALREADY_CANCELLED


def test_a_recorded_talk_cannot_be_cancelled(world: World) -> None:
    talk = plan(world)
    record(talk)
    assert (
        refused(lambda: talks.cancel_talk(actor=ACTOR, at=AT, talk=talk, revision=2, reason="晚了"))
        == life.ALREADY_RECORDED
    )


# --- two at once -----------------------------------------------------------------------------------------


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Runs the actions in threads that start together; what each was refused with, empty where it was not."""
    start = threading.Barrier(len(actions))
    outcomes = [""] * len(actions)

    def run(place: int) -> None:
        start.wait()
        try:
            actions[place]()
        except ValidationError as refusal:
            outcomes[place] = refusal.messages[0]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def record_as(code: str, words: str) -> Callable[[], None]:
    """Records the talk as somebody who has seen its first revision."""

    def action() -> None:
        talk = Talk.objects.get(code=code)
        record(talk, revision=1, text=RecordText(content=words, opinions=[OpinionLine(words)]))

    return action


@pytest.mark.django_db(transaction=True)
def test_of_two_who_record_at_once_one_wins(world: World) -> None:
    talk = plan(world)
    outcomes = at_once(record_as(talk.code, "甲说"), record_as(talk.code, "乙说"))
    assert sorted(outcomes)[0] == ""
    assert sorted(outcomes)[1] in (life.STALE, life.ALREADY_RECORDED)
    talk = Talk.objects.get()
    winner = ("甲说", "乙说")[outcomes.index("")]
    assert (talk.content, talk.opinions.get().text, talk.revision) == (winner, winner, 2)


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_both_would_win(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above: a step that does not ask for the revision lets both through."""
    talk = plan(world)

    def careless(*, talk: Talk, revision: int, to: TalkState | None, **columns: object) -> None:
        Talk.objects.filter(pk=talk.pk).update(**({"state": to.value} if to else {}), **columns)
        talk.refresh_from_db()

    monkeypatch.setattr(records, "take_step", careless)
    assert at_once(record_as(talk.code, "甲说"), record_as(talk.code, "乙说")) == ["", ""]


@pytest.mark.django_db(transaction=True)
def test_two_subjects_who_confirm_at_once_confirm_the_talk(world: World) -> None:
    talk = plan(world, subjects=[world.member, world.colleague])
    record(talk)
    outcomes = at_once(
        lambda: confirm(Talk.objects.get(), world.member),
        lambda: confirm(Talk.objects.get(), world.colleague),
    )
    assert outcomes == ["", ""]
    assert Talk.objects.get().state == TalkState.CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_talks_booked_at_once_get_codes_of_their_own(world: World) -> None:
    assert at_once(*[lambda: plan(world)] * 6) == [""] * 6
    codes = sorted(Talk.objects.values_list("code", flat=True))
    assert codes == [f"T2026-00000{number}" for number in range(1, 7)]


# --- meetings --------------------------------------------------------------------------------------------


def test_a_meeting_is_entered_once(world: World) -> None:
    def add(talks_from: date | None = None) -> Meeting:
        return meetings.add_meeting(
            actor=ACTOR,
            at=AT,
            organisation=world.branch,
            kind=MeetingKind.ORGANISATION_LIFE,
            year=2025,
            meeting_on=date(2026, 3, 13),
            talks_from=talks_from,
        )

    assert refused(lambda: add(date(2026, 3, 13))) == TALKS_BEFORE_MEETING
    meeting = add(date(2026, 2, 1))
    assert refused(add) == meetings.ALREADY_ENTERED
    meetings.change_meeting(
        actor=ACTOR, at=AT, meeting=meeting, meeting_on=date(2026, 3, 20), talks_from=None, theme="主题"
    )
    meeting.refresh_from_db()
    assert (meeting.meeting_on, meeting.opens_on) == (date(2026, 3, 20), date(2026, 2, 18))
    # Again, and nothing has changed: the trail says nothing either.
    meetings.change_meeting(
        actor=ACTOR, at=AT, meeting=meeting, meeting_on=date(2026, 3, 20), talks_from=None, theme="主题"
    )
    assert trail() == [("新增", "HC:组织生活会:2025"), ("修改", "HC:组织生活会:2025")]
    changed = TrailEntry.objects.get(action="修改").detail
    assert json.loads(changed) == {"字段": ["会议日期", "谈话开始日期", "主题"]}
    meetings.remove_meeting(actor=ACTOR, at=AT, meeting=meeting)
    assert not Meeting.objects.exists()
    assert trail()[2:] == [("删除", "HC:组织生活会:2025")]


@pytest.mark.django_db(transaction=True)
def test_a_meeting_entered_twice_at_once_stands_once(world: World) -> None:
    def add() -> None:
        meetings.add_meeting(
            actor=ACTOR,
            at=AT,
            organisation=world.branch,
            kind=MeetingKind.ORGANISATION_LIFE,
            year=2025,
            meeting_on=date(2026, 3, 13),
        )

    assert sorted(at_once(*[add] * 4)) == ["", *[meetings.ALREADY_ENTERED] * 3]
    assert Meeting.objects.count() == 1


def test_the_clock_of_the_code_is_the_wall_clock_here(world: World) -> None:
    """On New Year's Eve in Greenwich it is the new year in Shanghai."""
    talk = talks.plan_talk(
        actor=ACTOR,
        at=datetime(2026, 12, 31, 17, tzinfo=UTC),
        booked_by=None,
        persons=Persons([world.secretary], [world.member]),
        circumstances=Circumstances(held_on=TODAY),
    )
    assert timezone.localtime(talk.entered_at).year == 2027
    assert talk.code == "T2027-000001"
