"""Nobody is booked for two talks at one time: services say so, the database refuses it."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from members.models import Member
from talks.models import Engagement, Participant, Side, Talk
from talks.rules.hours import span_of
from talks.rules.words import TalkState
from talks.services import moves, records, talks
from talks.services.records import RecordText
from talks.services.talks import Circumstances, Persons
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
TODAY = date(2026, 3, 10)
DAY = date(2026, 3, 12)
ACTOR = Actor(account="tests", address="127.0.0.1")
NINE, HALF_PAST, TEN, ELEVEN = time(9), time(9, 30), time(10), time(11)
ENGAGED = "{}在这段时间已有其他谈话安排，请改约其他时间。"


def plan(
    talker: Member,
    subject: Member,
    starts_at: time | None = NINE,
    ends_at: time | None = TEN,
    *,
    held_on: date = DAY,
    **more: Any,
) -> Talk:
    return talks.plan_talk(
        actor=ACTOR,
        at=AT,
        booked_by=None,
        persons=Persons(talkers=[talker], subjects=[subject], **more),
        circumstances=Circumstances(held_on=held_on, starts_at=starts_at, ends_at=ends_at),
    )


def move(talk: Talk, starts_at: time | None, ends_at: time | None, **more: Any) -> None:
    moves.move_talk(
        **{
            "actor": ACTOR,
            "at": AT,
            "today": TODAY,
            "talk": talk,
            "revision": talk.revision,
            "held_on": DAY,
            "starts_at": starts_at,
            "ends_at": ends_at,
            **more,
        }
    )


def engaged(talk: Talk) -> list[tuple[str, int, int]]:
    rows = talk.engagements.order_by("member__code")
    return list(rows.values_list("member__code", "begins", "ends"))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "span"),
    [
        (None, None, None),
        (None, TEN, None),
        (NINE, HALF_PAST, (32400, 34200)),
        (NINE, None, (32400, 32460)),
        (NINE, NINE, (32400, 32460)),
        (time(23, 59), None, (86340, 86400)),
    ],
)
def test_the_seconds_that_a_talk_takes(
    world: World, starts_at: time | None, ends_at: time | None, span: tuple[int, int] | None
) -> None:
    """What the database works out is what the rule says."""
    assert span_of(starts_at, ends_at) == span
    talk = plan(world.secretary, world.member, starts_at, ends_at, recorder=world.colleague)
    # P011, P013 and the recorder P014.
    expected = [(code, *span) for code in ("P011", "P013", "P014")] if span else []
    assert engaged(talk) == expected


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [(NINE, TEN), (HALF_PAST, ELEVEN), (time(8), time(9, 1)), (time(9, 15), None), (time(8), ELEVEN)],
)
def test_a_person_who_is_engaged_cannot_be_booked(
    world: World, starts_at: time, ends_at: time | None
) -> None:
    plan(world.secretary, world.member)
    with pytest.raises(ValidationError) as refused:
        plan(world.committee_member, world.member, starts_at, ends_at)
    assert refused.value.messages == [ENGAGED.format("梁志强")]
    assert refused.value.code == "starts_at"
    assert Talk.objects.count() == 1
    assert TrailEntry.objects.filter(action="预约").count() == 1


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "day"),
    [
        (TEN, ELEVEN, DAY),
        (time(8), NINE, DAY),
        (None, None, DAY),
        (time(8, 59), None, DAY),
        (NINE, TEN, date(2026, 3, 13)),
    ],
)
def test_one_after_the_other_is_no_clash(
    world: World, starts_at: time | None, ends_at: time | None, day: date
) -> None:
    plan(world.secretary, world.member)
    plan(world.committee_member, world.member, starts_at, ends_at, held_on=day)
    assert Talk.objects.count() == 2


def test_it_names_all_who_are_engaged_on_whatever_side(world: World) -> None:
    plan(world.secretary, world.member, recorder=world.colleague)
    with pytest.raises(ValidationError) as refused:
        plan(world.member, world.colleague)
    assert refused.value.messages == [ENGAGED.format("梁志强、吴桂兰")]
    with pytest.raises(ValidationError) as refused:
        plan(world.committee_member, world.applicant, recorder=world.secretary)
    assert refused.value.messages == [ENGAGED.format("陆秉川")]


def test_what_is_cancelled_or_recorded_engages_nobody(world: World) -> None:
    """Overlaps of what has been held are a finding, never refused."""
    first = plan(world.secretary, world.member)
    talks.cancel_talk(actor=ACTOR, at=AT, talk=first, revision=1, reason="出差")
    assert engaged(first) == []
    second = plan(world.secretary, world.member, held_on=TODAY)
    records.record_talk(
        actor=ACTOR,
        at=AT,
        talk=second,
        revision=1,
        today=TODAY,
        circumstances=Circumstances(held_on=TODAY, starts_at=NINE, ends_at=TEN),
        text=RecordText(content="谈到测站值班。"),
    )
    assert engaged(second) == []
    plan(world.committee_member, world.member, held_on=TODAY)
    factories.a_talk([world.secretary], [world.member], held_on=TODAY)


def test_a_move_takes_the_persons_with_it(world: World) -> None:
    talk = plan(world.secretary, world.member)
    move(talk, TEN, ELEVEN)
    assert engaged(talk) == [("P011", 36000, 39600), ("P013", 36000, 39600)]
    assert (talk.starts_at, talk.revision) == (TEN, 2)
    assert TrailEntry.objects.order_by("pk").last().action == "改期"  # type: ignore[union-attr]
    plan(world.committee_member, world.member)
    move(talk, None, None)
    assert engaged(talk) == []


def test_a_move_over_another_talk_is_refused_and_changes_nothing(world: World) -> None:
    plan(world.committee_member, world.member, TEN, ELEVEN)
    talk = plan(world.secretary, world.member)
    with pytest.raises(ValidationError, match=ENGAGED.format("梁志强")):
        move(talk, HALF_PAST, time(10, 30))
    kept = Talk.objects.get(pk=talk.pk)
    assert (kept.starts_at, kept.ends_at, kept.revision) == (NINE, TEN, 1)
    assert engaged(talk) == [("P011", 32400, 36000), ("P013", 32400, 36000)]


def test_a_move_within_its_own_time_is_none_over_itself(world: World) -> None:
    talk = plan(world.secretary, world.member)
    move(talk, HALF_PAST, time(10, 30))
    assert engaged(talk) == [("P011", 34200, 37800), ("P013", 34200, 37800)]


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        ({"held_on": date(2026, 3, 9)}, "held_on", moves.DAY_IS_OVER),
        ({"starts_at": TEN, "ends_at": NINE}, "ends_at", talks.ENDS_EARLY),
        ({"revision": 7}, "stale", "刚才已被他人改动"),
    ],
)
def test_a_move_that_cannot_be_is_refused(world: World, more: dict[str, Any], code: str, text: str) -> None:
    talk = plan(world.secretary, world.member)
    with pytest.raises(ValidationError, match=text) as refused:
        move(talk, **{"starts_at": TEN, "ends_at": ELEVEN, **more})
    assert refused.value.code == code
    assert Talk.objects.get(pk=talk.pk).held_on == DAY


def test_a_move_today_is_allowed(world: World) -> None:
    talk = plan(world.secretary, world.member)
    move(talk, NINE, TEN, held_on=TODAY)
    assert Talk.objects.get().held_on == TODAY


def change(talk: Talk, talker: Member, subject: Member, starts_at: time, ends_at: time) -> None:
    talks.change_plan(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=talk.revision,
        persons=Persons(talkers=[talker], subjects=[subject]),
        circumstances=Circumstances(held_on=DAY, starts_at=starts_at, ends_at=ends_at),
        topic=None,
    )


def test_a_change_of_persons_and_hours_at_once(world: World) -> None:
    """Who leaves need not be free at the new time; who comes in must be."""
    plan(world.committee_member, world.member, TEN, ELEVEN)
    talk = plan(world.secretary, world.member)
    with pytest.raises(ValidationError, match=ENGAGED.format("沈若楠")):
        change(talk, world.committee_member, world.colleague, TEN, ELEVEN)
    talk.refresh_from_db()
    assert set(talk.participants.values_list("member__code", "side")) == {
        ("P011", Side.TALKER),
        ("P013", Side.SUBJECT),
    }
    change(talk, world.secretary, world.colleague, TEN, ELEVEN)
    assert engaged(talk) == [("P011", 36000, 39600), ("P014", 36000, 39600)]
    # The two change sides, which engages them as before.
    change(talk, world.colleague, world.secretary, TEN, ELEVEN)
    assert engaged(talk) == [("P011", 36000, 39600), ("P014", 36000, 39600)]


def test_the_database_refuses_it_whoever_writes(world: World) -> None:
    plan(world.secretary, world.member)
    other = plan(world.committee_member, world.colleague, TEN, ELEVEN)
    writes = (
        lambda: (
            Participant.objects.create(talk=other, member=world.member, side=Side.SUBJECT)
            and Talk.objects.filter(pk=other.pk).update(starts_at=HALF_PAST)
        ),
        lambda: Talk.objects.filter(pk=other.pk).update(starts_at=NINE, recorder=world.secretary),
        lambda: Engagement.objects.create(
            talk=other, member=world.member, held_on=DAY, begins=34200, ends=36000
        ),
    )
    for write in writes:
        with pytest.raises(IntegrityError, match="engagement_in_one_place"), transaction.atomic():
            write()
    with pytest.raises(IntegrityError, match="participant_is_replaced"), transaction.atomic():
        Participant.objects.filter(talk=other).update(member=world.applicant)
    assert engaged(other) == [("P012", 36000, 39600), ("P014", 36000, 39600)]


def test_a_talk_that_is_planned_again_is_judged_again(world: World) -> None:
    first = plan(world.secretary, world.member)
    Talk.objects.filter(pk=first.pk).update(state=TalkState.CANCELLED)
    plan(world.committee_member, world.member)
    with pytest.raises(IntegrityError, match="engagement_in_one_place"), transaction.atomic():
        Talk.objects.filter(pk=first.pk).update(state=TalkState.PLANNED)


def test_a_deleted_talk_engages_nobody(world: World) -> None:
    talk = plan(world.secretary, world.member, recorder=world.colleague)
    talk.delete()
    assert not Engagement.objects.exists()
    plan(world.secretary, world.member)
