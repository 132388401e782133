"""更正, 补正 and confirmation: before anybody confirmed a text is corrected, afterwards it is amended."""

from functools import partial

import pytest

from talks.models import Amendment, Correction, Opinion, Side, Talk
from talks.permissions import (
    may_amend,
    may_ask_correction,
    may_correct,
    visible_amendments,
    visible_corrections,
)
from talks.rules.words import TalkState
from talks.services import amendments, life, records, talks
from talks.services.records import RecordText, open_record
from talks.services.talks import Circumstances
from tests.conftest import PERSONAS, World
from tests.talks.life.conftest import ACTOR, AT, SAID, TODAY, actions, refused

NEW = "谈到测站值班，排班已经错开。"


def correct(talk: Talk, revision: int | None = None, content: str = NEW) -> None:
    """Corrects the text of the record."""
    records.correct_record(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=revision or talk.revision,
        today=TODAY,
        circumstances=Circumstances(held_on=TODAY),
        text=RecordText(content=content),
    )


def confirm(talk: Talk, world: World, role: str) -> None:
    """The subject confirms what stands there now."""
    talk.refresh_from_db()
    talks.confirm_record(actor=ACTOR, at=AT, talk=talk, revision=talk.revision, member=getattr(world, role))
    talk.refresh_from_db()


def ask(talk: Talk, world: World, role: str = "member", text: str = "排班一事已经解决") -> Correction:
    """The subject asks for a correction."""
    return amendments.ask_correction(actor=ACTOR, at=AT, talk=talk, member=getattr(world, role), text=text)


def amend(talk: Talk, world: World, text: str = "补：排班自四月起。", **more: object) -> Amendment:
    """The talker puts an amendment beside the record."""
    return amendments.amend_record(
        actor=ACTOR,
        at=AT,
        talk=talk,
        member=world.committee_member,
        text=text,
        **more,  # type: ignore[arg-type]
    )


# --- correcting ------------------------------------------------------------------------------------------


def test_until_somebody_confirms_a_record_is_corrected(world: World, recorded: Talk) -> None:
    correct(recorded)
    recorded.refresh_from_db()
    assert (recorded.content, recorded.state, recorded.revision) == (NEW, TalkState.RECORDED, 2)
    assert actions() == ["更正记录"]


def test_who_reads_the_older_text_cannot_confirm_it(world: World, recorded: Talk) -> None:
    correct(recorded)
    assert (
        refused(
            lambda: talks.confirm_record(actor=ACTOR, at=AT, talk=recorded, revision=1, member=world.member)
        )
        == life.STALE
    )


def test_a_correction_of_an_older_text_is_refused(world: World, recorded: Talk) -> None:
    assert refused(lambda: correct(recorded, revision=7)) == life.STALE


def test_a_confirmed_record_is_not_corrected(world: World, recorded: Talk) -> None:
    confirm(recorded, world, "member")
    assert refused(lambda: correct(recorded)) == life.CONFIRMED_ALREADY
    recorded.refresh_from_db()
    assert recorded.content == SAID


def test_one_confirmation_of_several_binds_the_text(world: World, group: Talk) -> None:
    confirm(group, world, "member")
    assert group.state == TalkState.RECORDED
    assert refused(lambda: correct(group)) == life.CONFIRMED_ALREADY
    group.refresh_from_db()
    assert (group.content, group.revision) == (SAID, 1)


def test_what_is_not_recorded_is_not_corrected(world: World, booked: Talk) -> None:
    assert refused(lambda: correct(booked)) == life.NOT_RECORDED
    assert refused(lambda: correct(booked, content=" ")) == records.CONTENT_MISSING


# --- asking for a correction -----------------------------------------------------------------------------


def test_a_subject_asks_and_is_answered(world: World, recorded: Talk) -> None:
    asked = ask(recorded, world)
    assert refused(lambda: ask(recorded, world)) == amendments.ASKED_ALREADY
    amendments.answer_correction(
        actor=ACTOR, at=AT, correction=asked, member=world.committee_member, answer="已按您说的更正。"
    )
    stands = Correction.objects.get()
    assert (stands.text, stands.answer) == ("排班一事已经解决", "已按您说的更正。")
    assert (stands.answered_at, stands.answered_by) == (AT, world.committee_member)
    assert ask(recorded, world, text="地点也不对").number == 2
    assert actions() == ["请求更正", "答复更正请求", "请求更正"]


def test_an_answer_is_given_once_and_says_something(world: World, recorded: Talk) -> None:
    asked = ask(recorded, world)

    def answer(text: str) -> None:
        amendments.answer_correction(
            actor=ACTOR, at=AT, correction=asked, member=world.committee_member, answer=text
        )

    assert refused(lambda: answer(" ")) == amendments.ANSWER_MISSING
    answer("已更正")
    assert refused(lambda: answer("又更正")) == amendments.ANSWERED_ALREADY
    assert Correction.objects.get().answer == "已更正"


def test_who_cannot_ask_is_told_why(world: World, recorded: Talk, booked: Talk) -> None:
    assert refused(lambda: ask(recorded, world, "committee_member")) == talks.NOT_A_SUBJECT
    assert refused(lambda: ask(booked, world)) == life.NOT_RECORDED
    assert refused(lambda: ask(recorded, world, text=" ")) == amendments.TEXT_MISSING
    confirm(recorded, world, "member")
    assert refused(lambda: ask(recorded, world)) == amendments.CONFIRMED_BY_YOU


def test_who_confirms_all_the_same_has_settled_what_he_asked(world: World, recorded: Talk) -> None:
    ask(recorded, world)
    confirm(recorded, world, "member")
    settled = Correction.objects.get()
    assert (settled.answered_at, settled.answered_by) == (AT, world.member)


# --- amending --------------------------------------------------------------------------------------------


def test_after_confirmation_both_texts_stay(world: World, recorded: Talk) -> None:
    assert refused(lambda: amend(recorded, world)) == amendments.NOT_CONFIRMED_YET
    confirm(recorded, world, "member")
    amend(recorded, world)
    amend(recorded, world, "再补：含节假日。")
    recorded.refresh_from_db()
    assert recorded.content == SAID
    assert [(row.number, row.text) for row in recorded.amendments.all()] == [
        (1, "补：排班自四月起。"),
        (2, "再补：含节假日。"),
    ]
    opened = open_record(actor=ACTOR, at=AT, account=world.account("member"), talk=recorded, today=TODAY)
    assert opened
    assert opened.content == SAID
    assert [row.text for row in opened.amendments] == ["补：排班自四月起。", "再补：含节假日。"]
    assert actions() == ["确认", "补正", "补正", "查看谈话内容"]


def test_an_empty_amendment_is_refused(world: World, recorded: Talk, booked: Talk) -> None:
    assert refused(lambda: amend(recorded, world, " ")) == amendments.AMENDMENT_MISSING
    assert refused(lambda: amend(booked, world)) == life.NOT_RECORDED


def test_in_a_group_each_reads_amendments_of_his_own_words_only(world: World, group: Talk) -> None:
    confirm(group, world, "member")
    mine = group.participants.get(side=Side.SUBJECT, member=world.member)
    amend(group, world, "关于会议的补正")
    amend(group, world, "关于梁志强所谈的补正", participant=mine)

    def read_by(role: str) -> list[str]:
        rows = visible_amendments(world.account(role), today=TODAY, talks=[group.pk])
        return [row.text for row in rows]

    both = ["关于会议的补正", "关于梁志强所谈的补正"]
    assert read_by("committee_member") == both
    assert read_by("member") == ["关于梁志强所谈的补正"]
    assert read_by("colleague") == []
    # The principal of the branch reads the records of his branch, but not what each said apart.
    assert read_by("secretary") == ["关于会议的补正"]
    for role in set(PERSONAS) - {"committee_member", "member", "secretary"}:
        assert read_by(role) == [], role


def test_a_principal_reads_no_amendment_where_an_opinion_is_kept_from_him(
    world: World, recorded: Talk
) -> None:
    """What is amended may be the opinion about himself."""
    confirm(recorded, world, "member")
    amend(recorded, world)
    visible = partial(visible_amendments, world.account("secretary"), today=TODAY, talks=[recorded.pk])
    Opinion.objects.create(talk=recorded, number=1, text="食堂太远", about="机关食堂")
    assert visible().exists()
    Opinion.objects.create(talk=recorded, number=2, text="书记来得太少", about="支部书记")
    assert not visible().exists()
    assert visible_amendments(world.account("member"), today=TODAY, talks=[recorded.pk]).exists()


# --- who may ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", PERSONAS)
def test_who_may_correct_amend_and_ask(world: World, recorded: Talk, role: str) -> None:
    account = world.account(role)
    writes, is_subject = role == "committee_member", role == "member"
    assert may_correct(account, recorded, today=TODAY) is writes
    assert may_amend(account, recorded, today=TODAY) is False
    assert may_ask_correction(account, recorded, today=TODAY) is is_subject
    ask(recorded, world)
    assert may_ask_correction(account, recorded, today=TODAY) is False
    # What a subject asks is between him and those who write the record: no principal reads it.
    assert visible_corrections(account, today=TODAY).exists() is (writes or is_subject)
    confirm(recorded, world, "member")
    assert may_correct(account, recorded, today=TODAY) is False
    assert may_amend(account, recorded, today=TODAY) is writes
