"""排谈草稿: which pairs are laid where, how a draft is adjusted, and that it is booked whole or not."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import WorkingDay
from talks.figures.arrangements import arranged_talks, busy_times, sentences_of, unmet_pairs
from talks.models import ArrangedTalk, Arrangement, Duty, Meeting, Talk
from talks.rules.arrangement import Arrangement as Laid
from talks.rules.arrangement import Shortage
from talks.rules.slots import Busy
from talks.rules.wishes import WHOLE_DAY, Absence, Wishes, wishes_of
from talks.rules.words import MeetingKind, TalkState
from talks.services import arrangements
from talks.services.arrangements import (
    CHANGED_ELSEWHERE,
    IN_THE_PAST,
    NOTHING_PLACED,
    NOTHING_TO_ARRANGE,
    book_arrangement,
    discard_arrangement,
    draw_up_arrangement,
    shift_arranged_talk,
)
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

# A Tuesday; the meeting is on Sunday 2026-12-20, so the last day is Saturday 2026-12-19.
TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)  # 10:00 in Shanghai
MEETING_ON = date(2026, 12, 20)
WISHES = Wishes(since=date(2026, 12, 2), until=date(2026, 12, 18))
ACTOR = Actor("chief", "127.0.0.1")


@pytest.fixture
def meeting(world: World) -> Meeting:
    """民主生活会 of the committee: team 郑远航 (principal), 何静宜 (over 谭晓峰's office), 高建业."""
    third = factories.a_member("高建业", world.other_branch, code="P004")
    factories.a_post(third, world.committee, "副局长", is_team=True)
    found = factories.a_meeting(world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=MEETING_ON)
    factories.keep_duties(TODAY)
    return found


def drawn_up(world: World, meeting: Meeting, wishes: Wishes = WISHES, role: str = "chief") -> Arrangement:
    return draw_up_arrangement(
        actor=ACTOR, at=NOW, today=TODAY, meeting=meeting, account=world.account(role), wishes=wishes
    )


def book(world: World, draft: Arrangement, revision: int | None = None, role: str = "chief") -> int:
    draft.refresh_from_db()
    return book_arrangement(
        actor=ACTOR,
        at=NOW,
        today=TODAY,
        arrangement=draft,
        revision=draft.revision if revision is None else revision,
        account=world.account(role),
    )


def shift(draft: Arrangement, talk: ArrangedTalk, held_on: date | None, starts_at: time | None) -> None:
    shift_arranged_talk(
        actor=ACTOR, at=NOW, arrangement=draft, talk=talk, held_on=held_on, starts_at=starts_at
    )


def named(draft: Arrangement) -> list[tuple[str, str]]:
    return [(talk.talker.name, talk.subject.name) for talk in arranged_talks(draft)]


def test_the_pairs_of_a_meeting_are_laid_out_key_pairs_first(world: World, meeting: Meeting) -> None:
    draft = drawn_up(world, meeting)
    talks = arranged_talks(draft)
    assert {(talk.talker.name, talk.subject.name, talk.rank) for talk in talks} == {
        ("郑远航", "何静宜", 0),
        ("郑远航", "高建业", 0),
        ("何静宜", "高建业", 1),
        ("何静宜", "谭晓峰", 3),
    }
    assert draft.told == []
    # Four talks over thirteen working days, none on a weekend, the key pairs no later than the others.
    days = [talk.held_on for talk in talks]
    assert all(day and day.weekday() < 5 and WISHES.since <= day <= WISHES.until for day in days)
    assert len(set(days)) == 4
    assert [talk.rank for talk in talks] == sorted(talk.rank for talk in talks)
    assert all(talk.starts_at and talk.ends_at for talk in talks)
    assert TrailEntry.objects.filter(action="排谈", target="SYJ:民主生活会:2026").count() == 1


def test_who_has_no_place_is_named_with_what_would_help(world: World, meeting: Meeting) -> None:
    # One day, one talk each: 郑远航 and 何静宜 go first, and every other pair needs one of the two. With two
    # slots more 何静宜 has her three: 郑远航–高建业 and 何静宜–谭晓峰 on the day, the others one by one.
    draft = drawn_up(world, meeting, Wishes(WISHES.since, WISHES.since, daily_limit=1))
    left = [talk for talk in arranged_talks(draft) if talk.held_on is None]
    assert len(left) == 3
    assert draft.told[0].startswith("4次谈话中有3次排不下。需增加2个时段")
    assert "上限由1次提高到3次" in draft.told[1]
    assert "何静宜还要谈3次，这段时间最多能排1次。" in draft.told


def test_a_number_that_is_not_proved_is_not_called_the_least(world: World, meeting: Meeting) -> None:
    unmet = unmet_pairs(world.account("chief"), meeting, today=TODAY)
    laid = Laid({}, tuple(one.pair for one in unmet))

    def told(least: int, enough: int) -> str:
        return sentences_of(unmet, laid, Shortage(least, enough, None, ()), WISHES)[0]

    assert "排不下。需增加3个时段：" in told(3, 3)
    assert "排不下。增加3个时段可以全部排下，至少需增加2个：" in told(2, 3)
    assert "排不下。增加3个时段可以全部排下：" in told(0, 3)


def test_extra_slots_lie_beside_the_working_days_and_the_limit(world: World, meeting: Meeting) -> None:
    saturday = date(2026, 12, 5)
    extras = ((saturday, time(9)), (saturday, time(10)))
    draft = drawn_up(world, meeting, Wishes(WISHES.since, WISHES.since, daily_limit=1, extras=extras))
    assert draft.told == []
    assert {talk.starts_at for talk in arranged_talks(draft) if talk.held_on == saturday} == {
        time(9),
        time(10),
    }
    touching = Wishes(WISHES.since, WISHES.since, extras=((WISHES.since, time(9, 15)),))
    with pytest.raises(ValidationError, match="另加的时段12月2日9:15与其他时段重叠"):
        drawn_up(world, meeting, touching)
    assert Arrangement.objects.get().pk == draft.pk


def test_holidays_absences_and_what_is_booked_are_kept_free(world: World, meeting: Meeting) -> None:
    # Wednesday is a holiday; the principal is away on Thursday, and talks from nine to noon on Friday.
    WorkingDay.objects.create(day=date(2026, 12, 2), is_working=False)
    booked = factories.a_talk(
        [world.chief], [world.secretary], held_on=date(2026, 12, 4), state=TalkState.PLANNED
    )
    Talk.objects.filter(pk=booked.pk).update(starts_at=time(9), ends_at=time(12))
    away = Absence("P001", date(2026, 12, 3), date(2026, 12, 3))
    draft = drawn_up(
        world,
        meeting,
        Wishes(date(2026, 12, 2), date(2026, 12, 4), hours=((time(9), time(15)),), absences=(away,)),
    )
    his = [talk for talk in arranged_talks(draft) if talk.talker == world.chief]
    # 12:20 is the first slot (9:00, 9:40, … every 40 minutes) that begins ten minutes after noon or later.
    assert [(talk.held_on, talk.starts_at) for talk in his] == [
        (date(2026, 12, 4), time(12, 20)),
        (date(2026, 12, 4), time(13)),
    ]
    assert date(2026, 12, 2) not in {talk.held_on for talk in arranged_talks(draft)}


def test_the_day_of_a_meeting_is_kept_free_for_who_takes_part(world: World) -> None:
    factories.a_meeting(world.branch, meeting_on=date(2026, 12, 8))
    factories.a_meeting(world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=date(2026, 12, 9))
    people = [world.member, world.secretary, world.chief, world.deputy, world.other_member]
    found = busy_times(people, since=date(2026, 12, 1), until=date(2026, 12, 31))
    assert set(found) == {
        Busy("P013", date(2026, 12, 8), 0, WHOLE_DAY),
        Busy("P011", date(2026, 12, 8), 0, WHOLE_DAY),
        Busy("P001", date(2026, 12, 9), 0, WHOLE_DAY),
        Busy("P002", date(2026, 12, 9), 0, WHOLE_DAY),
    }


def test_a_talk_without_an_hour_counts_for_its_day(world: World) -> None:
    factories.a_talk([world.chief], [world.deputy], held_on=date(2026, 12, 8), state=TalkState.PLANNED)
    found = busy_times([world.chief], since=date(2026, 12, 1), until=date(2026, 12, 31))
    assert found == (Busy("P001", date(2026, 12, 8), 0, 0, counts=True),)


def test_it_costs_the_same_for_few_and_for_many(world: World, meeting: Meeting) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            pairs = unmet_pairs(world.account("chief"), meeting, today=TODAY)
            people = list({one.pk: one for pair in pairs for one in (pair.talker, pair.subject)}.values())
            busy_times(people, since=TODAY, until=MEETING_ON)
        return len(queries)

    before = cost()
    for number in range(8):
        person = factories.a_member(f"委员{number}", world.other_branch, code=f"Q{number}")
        factories.a_post(person, world.committee, "委员", is_team=True)
    factories.keep_duties(TODAY + timedelta(days=1))
    assert Duty.objects.filter(rule="three.team-team", withdrawn_on=None).count() == 45
    assert cost() == before


def test_a_branch_has_somebody_for_every_member(world: World) -> None:
    """支委之间, 支委和党员 (who keeps in contact first), 党员和党员 two by two, the third with another."""
    meeting = factories.a_meeting(world.branch, meeting_on=MEETING_ON)
    factories.keep_duties(TODAY)
    draft = drawn_up(world, meeting, role="secretary")
    pairs = named(draft)
    assert ("陆秉川", "沈若楠") in pairs
    # 梁志强 goes to 沈若楠, who keeps in contact with him.
    assert ("沈若楠", "梁志强") in pairs
    with_committee = [subject for talker, subject in pairs if talker in ("陆秉川", "沈若楠")]
    assert sorted(with_committee) == ["吴桂兰", "梁志强", "沈若楠", "谭晓峰"]
    among = [pair for pair in pairs if pair[0] not in ("陆秉川", "沈若楠")]
    assert len(among) == 2
    assert {name for pair in among for name in pair} == {"谭晓峰", "梁志强", "吴桂兰"}
    assert book(world, draft, role="secretary") == len(pairs)
    factories._mark()
    factories.keep_duties(TODAY)
    of_meeting = Duty.objects.filter(anchor="meeting:组织生活会:2026", withdrawn_on=None)
    assert of_meeting.filter(planned=None).count() == 0


def test_a_draft_is_booked_whole(world: World, meeting: Meeting) -> None:
    draft = drawn_up(world, meeting)
    expected = {
        (talk.talker_id, talk.subject_id, talk.held_on, talk.starts_at, talk.ends_at)
        for talk in arranged_talks(draft)
    }
    assert book(world, draft) == 4
    booked = Talk.objects.planned().prefetch_related("participants")
    assert {
        (
            *(row.member_id for row in talk.participants.order_by("-side", "pk")),
            talk.held_on,
            talk.starts_at,
            talk.ends_at,
        )
        for talk in booked
    } in (expected, {(b, a, *rest) for a, b, *rest in expected})
    assert {(talk.kind, talk.occasion, talk.mode) for talk in booked} == {("会前", "民主生活会", "一对一")}
    assert not Arrangement.objects.exists()
    factories.keep_duties(TODAY + timedelta(days=1))
    assert unmet_pairs(world.account("chief"), meeting, today=TODAY) == ()
    with pytest.raises(ValidationError) as error:
        drawn_up(world, meeting)
    assert error.value.messages == [NOTHING_TO_ARRANGE]


def test_a_clash_that_has_arisen_meanwhile_is_named_and_nothing_is_booked(
    world: World, meeting: Meeting
) -> None:
    draft = drawn_up(world, meeting)
    talk = next(one for one in arranged_talks(draft) if one.subject == world.head)
    assert talk.held_on
    between = factories.a_talk([world.secretary], [world.head], held_on=talk.held_on, state=TalkState.PLANNED)
    Talk.objects.filter(pk=between.pk).update(starts_at=talk.starts_at, ends_at=talk.ends_at)
    with pytest.raises(ValidationError) as error:
        book(world, draft)
    [told] = error.value.messages
    assert told.startswith("谭晓峰在12月")
    assert told.endswith("何静宜与谭晓峰的谈话请改到其他时间。")
    assert "陆秉川" not in told
    assert Talk.objects.count() == 1
    assert draft.talks.count() == 4
    # Moved an hour on, all is booked.
    starts_at = (datetime.combine(talk.held_on, talk.starts_at or time()) + timedelta(hours=1)).time()
    shift(draft, talk, talk.held_on, starts_at)
    assert book(world, draft) == 4


def test_the_database_has_the_last_word(
    world: World, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is looked up before could be overtaken; with that taken out nothing is booked either."""
    draft = drawn_up(world, meeting)
    last = arranged_talks(draft)[-1]
    assert last.held_on
    between = factories.a_talk(
        [world.secretary], [last.subject], held_on=last.held_on, state=TalkState.PLANNED
    )
    Talk.objects.filter(pk=between.pk).update(starts_at=last.starts_at, ends_at=last.ends_at)
    monkeypatch.setattr(arrangements, "_faults", lambda *_: [])
    with pytest.raises(ValidationError, match="谭晓峰在这段时间已有其他谈话安排"):
        book(world, draft)
    assert Talk.objects.count() == 1
    assert draft.talks.count() == 4


def test_a_pair_that_was_booked_meanwhile_is_not_booked_twice(world: World, meeting: Meeting) -> None:
    draft = drawn_up(world, meeting)
    factories.a_talk([world.chief], [world.deputy], held_on=date(2026, 12, 18), state=TalkState.PLANNED)
    factories.keep_duties(TODAY + timedelta(days=1))
    with pytest.raises(ValidationError) as error:
        book(world, draft)
    assert error.value.messages == ["郑远航与何静宜已经约好或谈过，不需要再约；请将这次谈话移出草稿。"]
    shift(draft, draft.talks.get(talker=world.chief, subject=world.deputy), None, None)
    assert book(world, draft) == 3


def test_a_draft_that_another_window_changed_is_not_booked_unseen(world: World, meeting: Meeting) -> None:
    draft = drawn_up(world, meeting)
    shift(draft, arranged_talks(draft)[0], None, None)
    with pytest.raises(ValidationError) as error:
        book(world, draft, revision=1)
    assert error.value.messages == [CHANGED_ELSEWHERE]
    assert not Talk.objects.exists()


def test_a_talk_of_the_draft_goes_where_both_are_free(world: World, meeting: Meeting) -> None:
    draft = drawn_up(world, meeting)
    first, second, *_ = arranged_talks(draft)
    assert (first.talker, second.talker) == (world.chief, world.chief)
    saturday = date(2026, 12, 12)
    shift(draft, first, saturday, time(15, 10))
    first.refresh_from_db()
    assert (first.held_on, first.starts_at, first.ends_at) == (saturday, time(15, 10), time(15, 40))
    for held_on, starts_at, told in (
        (saturday, time(15, 30), "郑远航在12月12日15:30已有其他安排。"),
        (date(2026, 12, 20), time(9), "谈话应在11月20日至12月19日之间，请改到这段时间内。"),
        (TODAY, time(9, 30), IN_THE_PAST),
        (saturday, time(23, 45), arrangements.ENDS_TOMORROW),
    ):
        with pytest.raises(ValidationError) as error:
            shift(draft, second, held_on, starts_at)
        assert error.value.messages == [told]
    # Right after the other is as good: by hand the gap is one's own affair.
    shift(draft, second, saturday, time(15, 40))
    draft.refresh_from_db()
    assert draft.revision == 3


def test_an_empty_draft_is_not_booked_and_one_is_thrown_away(world: World, meeting: Meeting) -> None:
    draft = drawn_up(world, meeting)
    for talk in draft.talks.all():
        shift(draft, talk, None, None)
    with pytest.raises(ValidationError) as error:
        book(world, draft)
    assert error.value.messages == [NOTHING_PLACED]
    discard_arrangement(actor=ACTOR, at=NOW, arrangement=draft)
    assert not Arrangement.objects.exists()
    assert not ArrangedTalk.objects.exists()
    assert not Talk.objects.exists()


def test_what_is_asked_for_is_kept_as_it_was() -> None:
    wishes = Wishes(
        since=TODAY,
        until=MEETING_ON,
        hours=((time(8, 30), time(11)),),
        length=45,
        gap=15,
        daily_limit=2,
        extras=((TODAY, time(19)),),
        absences=(Absence("P001", TODAY, MEETING_ON),),
    )
    assert wishes_of(wishes.as_json()) == wishes
