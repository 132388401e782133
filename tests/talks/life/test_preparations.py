"""谈话准备: the talker's own sheet, and what he may know of the person."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talks.models import Preparation, Side, Talk
from talks.permissions import may_prepare, visible_preparations
from talks.rules.topics import QUESTIONS, TOPICS, with_questions
from talks.rules.words import TalkState
from talks.services import life, preparations
from talks.services.preparations import Matters, Outline
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.life.conftest import ACTOR, AT, TODAY, actions, refused

OUTLINE = Outline("了解值班情况", "去年调入测站", "值班有什么困难？")


def save(talk: Talk, revision: int = 0, outline: Outline = OUTLINE) -> Preparation:
    """The talker of the talk writes his sheet."""
    return preparations.save_preparation(
        actor=ACTOR,
        at=AT,
        participant=talk.participants.get(side=Side.TALKER),
        revision=revision,
        outline=outline,
    )


def matters(world: World, talk: Talk, role: str = "committee_member") -> tuple[Matters, ...]:
    """What is open with the persons of the talk, as the role may know it."""
    return preparations.open_matters(actor=ACTOR, at=AT, account=world.account(role), talk=talk, today=TODAY)


# --- the questions ---------------------------------------------------------------------------------------


def test_there_are_five_topics_with_questions_of_their_own() -> None:
    assert len(TOPICS) == 5
    assert len(set(QUESTIONS)) == len(QUESTIONS)
    assert all(topic.questions for topic in TOPICS)


def test_chosen_questions_come_after_those_written_and_each_once() -> None:
    assert with_questions(" 甲？ \n\n乙？\n", ["乙？", "丙？"]) == "甲？\n乙？\n丙？"
    assert with_questions("", []) == ""


# --- the sheet -------------------------------------------------------------------------------------------


def test_a_sheet_is_written_and_written_again(world: World, booked: Talk) -> None:
    assert save(booked).revision == 1
    save(booked, 1, Outline("目的", "背景", "问题？"))
    sheet = Preparation.objects.get()
    assert (sheet.purpose, sheet.background, sheet.questions) == ("目的", "背景", "问题？")
    assert sheet.revision == 2
    assert actions() == ["准备", "准备"]


def test_the_second_window_is_told(world: World, booked: Talk) -> None:
    save(booked)
    save(booked, 1, Outline("第一个窗口"))
    for known in (0, 1):
        assert refused(partial(save, booked, known, Outline("第二个窗口"))) == preparations.STALE
    assert Preparation.objects.get().purpose == "第一个窗口"


def test_a_recorded_talk_is_not_prepared(world: World, recorded: Talk) -> None:
    assert refused(lambda: save(recorded)) == life.ALREADY_RECORDED


@pytest.mark.parametrize("role", PERSONAS)
def test_nobody_but_the_talker_reads_it(world: World, booked: Talk, role: str) -> None:
    save(booked)
    is_talker = role == "committee_member"
    account = world.account(role)
    assert visible_preparations(account, today=TODAY).exists() is is_talker
    assert may_prepare(account, booked, today=TODAY) is is_talker
    found = preparations.open_preparation(actor=ACTOR, at=AT, account=account, talk=booked, today=TODAY)
    assert (found is not None) is is_talker
    assert actions() == ["准备", *(["查看谈话准备"] if is_talker else [])]


def test_the_second_talker_has_a_sheet_of_his_own(world: World) -> None:
    talk = factories.a_talk(
        [world.committee_member, world.secretary], [world.member], held_on=TODAY, state=TalkState.PLANNED
    )
    preparations.save_preparation(
        actor=ACTOR,
        at=AT,
        participant=talk.participants.get(member=world.secretary),
        revision=0,
        outline=OUTLINE,
    )
    assert not visible_preparations(world.account("committee_member"), today=TODAY).exists()


# --- what is open with the person ------------------------------------------------------------------------


@pytest.fixture
def history(world: World) -> None:
    """Three talks with the member: the 支委's own, the 书记's, and one of the committee above."""
    factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=TODAY - timedelta(days=30),
        code="OWN",
        content="谈过",
        opinions=["主题党日放到测站开"],
        remedies=["每季度一次"],
    )
    factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=TODAY - timedelta(days=20),
        code="SEC",
        opinions=["书记听到的"],
    )
    factories.a_talk(
        [world.chief], [world.member], held_on=TODAY - timedelta(days=10), code="CHF", opinions=["党委听到的"]
    )
    factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=TODAY - timedelta(days=5),
        code="CXL",
        state=TalkState.CANCELLED,
    )


@pytest.mark.usefixtures("history")
def test_a_talker_is_told_what_he_heard_himself(world: World, booked: Talk) -> None:
    (about,) = matters(world, booked)
    assert about.member == world.member
    assert [one.talk.code for one in about.earlier] == ["OWN"]
    (own,) = about.earlier
    assert own.talkers == "沈若楠"
    assert [row.text for row in own.opinions] == ["主题党日放到测站开"]
    assert [row.text for row in own.remedies] == ["每季度一次"]
    # What was said is read here: it stands in the trail like any reading.
    assert actions() == ["查看谈话内容"]


@pytest.mark.usefixtures("history")
def test_a_principal_is_told_what_he_may_read_and_that_other_talks_were_held(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=TODAY, state=TalkState.PLANNED)
    (about,) = matters(world, talk, "secretary")
    # The talk with the 党委书记 is not of his branch: its ledger is not his, nor is what was said.
    assert [(one.talk.code, len(one.opinions)) for one in about.earlier] == [("SEC", 1), ("OWN", 0)]
    assert [len(one.remedies) for one in about.earlier] == [0, 1]


def test_the_sheet_shows_the_last_three_talks(world: World, booked: Talk) -> None:
    for number in range(5):
        factories.a_talk(
            [world.committee_member],
            [world.member],
            held_on=TODAY - timedelta(days=10 + number),
            code=f"N{number}",
        )
    (about,) = matters(world, booked)
    assert [one.talk.code for one in about.earlier] == ["N0", "N1", "N2"]


def test_events_are_told_to_who_may_know_of_them(world: World) -> None:
    factories.an_event(world.member, happened_on=TODAY - timedelta(days=2), code="FAM", note="密语")
    factories.an_event(world.member, "岗位变动", happened_on=TODAY - timedelta(days=400), code="OLD")
    factories.keep_duties(TODAY)

    def told(talker: str) -> list[str]:
        talk = factories.a_talk(
            [getattr(world, talker)], [world.member], held_on=TODAY, state=TalkState.PLANNED
        )
        return [event.code for about in matters(world, talk, talker) for event in about.events]

    # 家庭变故: anybody of the team of the branch is in the role; the colleague and the committee are not.
    assert told("secretary") == ["FAM"]
    assert told("committee_member") == ["FAM"]
    assert told("colleague") == []
    assert told("deputy") == []


def test_signs_of_trouble_are_told_to_the_principal_alone(world: World) -> None:
    factories.an_event(world.member, "苗头性问题", happened_on=TODAY - timedelta(days=2), code="SGN")
    factories.keep_duties(TODAY)
    for talker, told in (("secretary", ["SGN"]), ("committee_member", [])):
        talk = factories.a_talk(
            [getattr(world, talker)], [world.member], held_on=TODAY, state=TalkState.PLANNED
        )
        (about,) = matters(world, talk, talker)
        assert [event.code for event in about.events] == told


def test_one_person_and_ten_cost_the_same(world: World) -> None:
    def queries(subjects: int) -> int:
        people = [factories.a_member(f"同志{number}", world.branch) for number in range(subjects)]
        for person in people:
            factories.a_talk(
                [world.secretary], [person], held_on=TODAY - timedelta(days=3), opinions=["一条"]
            )
        talk = factories.a_talk([world.secretary], people, held_on=TODAY, state=TalkState.PLANNED)
        # Each record that is read is an entry of its own in the trail; the rest is constant.
        with CaptureQueriesContext(connection) as captured:
            assert len(matters(world, talk, "secretary")) == subjects
        return len([one for one in captured if "talks_" in one["sql"] and "INSERT" not in one["sql"]])

    assert queries(1) == queries(10)
