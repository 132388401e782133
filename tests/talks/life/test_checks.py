"""What the writer of a record is told, and that nothing which he may not read ever changes it."""

from datetime import date, time, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from members.models import Account, Post
from talks.models import Opinion, Remedy, Side, Talk
from talks.models.talks import TalkQuerySet
from talks.rules import checks
from talks.rules.checks import Written
from talks.rules.likeness import Degree
from talks.rules.words import TalkState
from talks.services.checks import Check, check_record
from talks.services.drafts import Window, keep_draft
from tests import factories
from tests.conftest import ADMINISTRATORS, PERSONAS, World
from tests.talks.life.conftest import ACTOR, AT, SAID, ClientOf, actions
from tests.talks.test_permissions import HELD, ONE, READERS, TODAY, Make, between
from tests.talks.test_views_talks import record_data

ENDED = {"starts_at": time(14), "ends_at": time(15), "form": "电话"}
WRITERS = set(PERSONAS) - {"staff", "inspector", *ADMINISTRATORS}
IDENTICAL = checks.LIKE[Degree.IDENTICAL]


def everything(account: Account, *, today: date) -> TalkQuerySet:
    """The restriction taken out."""
    return Talk.objects.all()


def in_hand(world: World, role: str, held_on: date = HELD) -> Talk:
    """A talk that the person of the role has with the member, and is going to write down."""
    me = getattr(world, role)
    other = world.committee_member if me == world.member else world.member
    return factories.a_talk([me], [other], held_on=held_on, state=TalkState.PLANNED)


def told(world: World, role: str, talk: Talk, written: Written, today: date = TODAY) -> tuple[Check, ...]:
    """What the one of the role is told of the record."""
    account = world.account(role)
    return check_record(actor=ACTOR, at=AT, account=account, talk=talk, today=today, written=written)


def texts(found: tuple[Check, ...]) -> list[str]:
    """The sentences alone."""
    return [one.text for one in found]


# --- what may not be read ---------------------------------------------------------------------------------


def of_an_event(world: World) -> Talk:
    """The 书记 talked with the member because of what had happened to him."""
    factories.an_event(world.member, happened_on=HELD - timedelta(days=1))
    talk = between(("secretary",), ("member",))(world)
    Talk.objects.filter(pk=talk.pk).update(kind="关怀")
    return talk


def from_a_request(world: World) -> Talk:
    """The member had asked the 支委 for the talk."""
    talk = ONE(world)
    factories.a_request(world.member, world.committee_member, asked_on=HELD, state="已谈", talk=talk)
    return talk


def where_the_post(**lacks: object) -> Make:
    """A talk of the branch whose 书记 lacks what lets him read it."""

    def make(world: World) -> Talk:
        Post.objects.filter(member=world.secretary).update(**lacks)
        return ONE(world)

    return make


TWO = {"committee_member", "member"}
CASES: dict[str, tuple[Make, set[str]]] = {
    **READERS,
    "of an event": (of_an_event, {"secretary", "member"}),
    "from a request": (from_a_request, TWO),
    "of another branch": (
        between(("other_secretary",), ("other_member",)),
        {"other_secretary", "other_member"},
    ),
    "of the committee": (between(("deputy",), ("head",)), {"deputy", "head"}),
    "a group kept to the participants": (
        between(("committee_member",), ("member", "colleague"), participants_only=True),
        {"committee_member"},
    ),
    "after his post had ended": (where_the_post(until=HELD), TWO),
    "his post has ended since": (where_the_post(until=TODAY), TWO),
    "his post is not confirmed": (where_the_post(confirmed_at=None), TWO),
}


@pytest.mark.parametrize("case", CASES)
def test_only_those_who_may_read_a_record_are_told_of_it(world: World, case: str) -> None:
    """Everybody writes the very words of the record, of a talk at its hour, with a person in common."""
    make, readers = CASES[case]
    talk = make(world)
    talk.content, talk.starts_at, talk.ends_at = SAID, time(9), time(10)
    talk.save()
    own = {role: in_hand(world, role, talk.held_on) for role in WRITERS}
    written = Written(SAID, talk.held_on, time(9, 30), time(9, 45), "电话")

    def are_told() -> set[str]:
        return {role for role in WRITERS if any(one.talk for one in told(world, role, own[role], written))}

    assert are_told() == readers
    # Without the restriction all are.
    with patch("talks.services.checks.comparable_talks", everything):
        assert are_told() == WRITERS


def test_a_subject_of_a_group_is_not_told_by_what_another_said(world: World) -> None:
    """The member was there himself, and may read of it only what he said."""
    group = between(("committee_member",), ("member", "colleague"))(world)
    Talk.objects.filter(pk=group.pk).update(starts_at=time(9), ends_at=time(10))
    row = group.participants.get(member=world.colleague)
    row.said = SAID
    row.save()
    own = in_hand(world, "member")
    assert told(world, "member", own, Written(SAID, HELD, time(9), time(10), "电话"), HELD) == ()


def test_nothing_else_of_a_record_is_compared(world: World) -> None:
    """Of a record that he reads: opinions (one is about himself), what was said, notes, remedies, drafts."""
    talk = between(("committee_member",), ("member",), topic=SAID)(world)
    Opinion.objects.create(talk=talk, number=1, text=SAID, about="陆秉川")
    Remedy.objects.create(talk=talk, number=1, text=SAID)
    for row in talk.participants.all():
        row.said = SAID
        row.private_notes = SAID if row.side == Side.TALKER else ""
        row.save()
    keep_draft(
        actor=ACTOR,
        at=AT,
        talk=talk,
        window=Window(world.account("committee_member")),
        talk_revision=1,
        text=SAID,
    )
    own, written = in_hand(world, "secretary"), Written(SAID, HELD, form="电话")
    assert told(world, "secretary", own, written, HELD) == ()
    talk.content = SAID
    talk.save()
    assert IDENTICAL in texts(told(world, "secretary", own, written, HELD))


def test_no_record_that_may_not_be_read_pushes_out_one_that_may(world: World, settings: Settings) -> None:
    """The newest are compared: were they cut off before it is known which may be read, it would show."""
    settings.CHECK_RECORDS = 1
    mine = factories.a_talk(
        [world.committee_member], [world.member], held_on=HELD - timedelta(days=9), content=SAID
    )
    own, written = in_hand(world, "committee_member"), Written(SAID, HELD, **ENDED)
    for talkers, subjects in (([world.secretary], [world.member]), ([world.chief], [world.deputy])):
        factories.a_talk(talkers, subjects, held_on=HELD, content="谈到别的事。")
    assert [one.talk for one in told(world, "committee_member", own, written, HELD)] == [mine]
    with patch("talks.services.checks.comparable_talks", everything):
        assert told(world, "committee_member", own, written, HELD) == ()


def test_without_a_person_nothing_is_compared(world: World) -> None:
    talk = in_hand(world, "secretary")
    factories.a_talk([world.secretary], [world.member], held_on=HELD, content=SAID)
    for role in ("staff", "inspector", "system"):
        assert told(world, role, talk, Written(SAID, HELD, form="电话"), HELD) == ()


# --- what is told -----------------------------------------------------------------------------------------


@pytest.fixture
def earlier(world: World) -> Talk:
    """What the 支委 wrote down a year before, from nine to half past nine."""
    talk = factories.a_talk(
        [world.committee_member], [world.colleague], held_on=date(2025, 3, 10), content=SAID
    )
    Talk.objects.filter(pk=talk.pk).update(starts_at=time(9), ends_at=time(9, 30))
    talk.refresh_from_db()
    return talk


def test_the_same_words_across_years_and_persons(world: World, earlier: Talk) -> None:
    own = in_hand(world, "committee_member")
    content = "2026年3月10日，梁志强同志：谈到测站值班,希望排班能错开"
    # 同志 is left of it: 13 characters of the old text, 15 of the new: 11 runs of 13.
    found = told(world, "committee_member", own, Written(content, HELD, **ENDED), HELD)
    assert [(one.text, one.talk) for one in found] == [(checks.LIKE[Degree.NEAR], earlier)]
    same = told(world, "committee_member", own, Written(content.replace("同志", ""), HELD, **ENDED), HELD)
    assert [(one.text, one.talk) for one in same] == [(IDENTICAL, earlier)]


def test_a_record_is_not_compared_with_itself(world: World, recorded: Talk) -> None:
    written = Written(SAID, recorded.held_on, form="电话")
    assert told(world, "committee_member", recorded, written, recorded.held_on) == ()


def test_the_nearest_three_are_named_and_the_others_counted(world: World) -> None:
    own = in_hand(world, "committee_member")
    made = [
        factories.a_talk(
            [world.committee_member], [world.colleague], held_on=HELD - timedelta(days=days), content=text
        )
        # 13 characters have 11 runs; one or two cut off leave 10 or 9: 0.91 and 0.82.
        for days, text in ((1, SAID[:-2]), (2, SAID), (3, SAID), (4, SAID[:-3]), (5, SAID))
    ]
    found = told(world, "committee_member", own, Written(SAID, HELD, **ENDED), HELD)
    assert [one.talk for one in found] == [made[1], made[2], made[4], None]
    assert found[-1].text == checks.MORE_LIKE.format(number=2)


def test_whoever_is_in_two_talks_at_once_is_named(world: World, earlier: Talk) -> None:
    own = in_hand(world, "committee_member", earlier.held_on)
    other_day = Written("谈到别的事，家里老人要人照看。", HELD, time(9), time(10), "电话")
    assert told(world, "committee_member", own, other_day, HELD) == ()
    day = earlier.held_on
    for starts, ends, expected in (
        (time(9, 29), time(10), ["沈若楠在这段时间另有一次谈话。"]),
        (time(9, 30), time(10), []),
        (None, None, []),
    ):
        found = told(world, "committee_member", own, Written("谈到别的事。", day, starts, ends, "电话"), day)
        assert texts(found) == expected
    Talk.objects.filter(pk=earlier.pk).update(state=TalkState.CANCELLED)
    cancelled = Written("谈到别的事。", day, time(9), time(10), "电话")
    assert told(world, "committee_member", own, cancelled, day) == ()


def test_a_record_entered_late(world: World, settings: Settings) -> None:
    # HELD is a Tuesday: three working days later it is Friday.
    own, written = in_hand(world, "committee_member"), Written("谈到别的事，想换班。", HELD, form="电话")
    assert told(world, "committee_member", own, written, HELD + timedelta(days=3)) == ()
    monday = HELD + timedelta(days=6)
    assert texts(told(world, "committee_member", own, written, monday)) == [
        "这次谈话距今已超过3个工作日。",
        # Very short, and when it ended is not known.
        checks.WITHOUT_END,
    ]
    settings.CHECK_LATE_DAYS = 4
    assert told(world, "committee_member", own, written, monday) == ()


def test_of_a_record_that_is_there_nobody_is_told_that_it_is_late(world: World, recorded: Talk) -> None:
    written = Written(SAID, recorded.held_on, form="电话")
    assert told(world, "committee_member", recorded, written, recorded.held_on + timedelta(days=90)) == ()


@pytest.mark.parametrize("content", ["好。", "家里老人住院。", "一切正常。", "该同志思想稳定，工作认真。"])
def test_nothing_is_said_of_a_short_or_empty_text_alone(world: World, content: str) -> None:
    own = in_hand(world, "committee_member")
    assert told(world, "committee_member", own, Written(content, HELD, form="电话"), HELD) == ()


def test_set_phrases_are_spoken_of_beside_another_sign(world: World) -> None:
    own = in_hand(world, "committee_member")
    late = HELD + timedelta(days=30)
    for content, expected in (
        ("该同志思想稳定，工作认真。", True),
        # Short and honest: late, and nothing else.
        ("家里老人住院。", False),
    ):
        written = Written(content, HELD, time(9), time(10), "电话")
        assert (checks.THIN in texts(told(world, "committee_member", own, written, late))) is expected


def test_a_record_still_needs_its_way(world: World) -> None:
    own = in_hand(world, "committee_member")
    assert texts(told(world, "committee_member", own, Written("谈家事。", HELD), HELD)) == [
        checks.WITHOUT_WAY
    ]
    assert told(world, "committee_member", own, Written("", HELD), HELD) == ()


# --- the trail --------------------------------------------------------------------------------------------


def test_the_trail_tells_of_the_comparison_before_a_record_is_opened(world: World, earlier: Talk) -> None:
    own, written = in_hand(world, "committee_member"), Written(SAID, HELD, form="电话")
    told(world, "committee_member", own, Written("", HELD), HELD)
    assert actions() == []
    told(world, "committee_member", own, written, HELD)
    assert actions() == ["比对谈话内容"]
    with (
        patch("talks.services.checks.enter_trail", side_effect=OSError),
        patch("talks.services.checks.words_of") as words,
        pytest.raises(OSError),  # noqa: PT011
    ):
        told(world, "committee_member", own, written, HELD)
    words.assert_not_called()


# --- on screen --------------------------------------------------------------------------------------------


@pytest.fixture
def today() -> date:
    """The day on which the pages are asked."""
    return timezone.localdate()


@pytest.fixture
def copied(world: World, today: date) -> Talk:
    """The 支委 wrote the same words of another talk three weeks ago."""
    return factories.a_talk(
        [world.committee_member], [world.colleague], held_on=today - timedelta(days=21), content=SAID
    )


def typed(talk: Talk, **more: object) -> dict[str, object]:
    """What the window holds."""
    return record_data(talk, **{"form": "电话", "draft_revision": 0, **more})


def test_the_writer_is_told_while_he_writes(
    world: World, client_of: ClientOf, today: date, copied: Talk
) -> None:
    own = in_hand(world, "committee_member", today)
    client = client_of(world.account("committee_member"))
    address = reverse("talk-draft", args=[own.code])
    answer = client.post(address, typed(own)).json()
    assert IDENTICAL in answer["checks"]
    assert f'href="{reverse("talk", args=[copied.code])}"' in answer["checks"]
    assert "与吴桂兰的谈话" in answer["checks"]
    assert SAID[:6] not in answer["checks"]
    # The page shows it with the draft, without JavaScript too.
    assert IDENTICAL in client.get(reverse("talk-record", args=[own.code])).content.decode()
    better = client.post(address, typed(own, content="谈到家里老人住院。", draft_revision=1)).json()
    assert better == {"revision": 2, "saved": better["saved"], "checks": ""}
    assert actions().count("比对谈话内容") == 1


def test_it_is_filed_all_the_same_and_said_once_more(
    world: World, client_of: ClientOf, today: date, copied: Talk
) -> None:
    own = in_hand(world, "committee_member", today)
    client = client_of(world.account("committee_member"))
    page = client.post(reverse("talk-record", args=[own.code]), typed(own), follow=True).content.decode()
    own.refresh_from_db()
    assert (own.state, own.content) == (TalkState.RECORDED, SAID)
    assert page.count(IDENTICAL) == 1
    assert IDENTICAL not in client.get(reverse("talk", args=[own.code])).content.decode()


def test_who_writes_on_later_is_told_beside_the_form(
    world: World, client_of: ClientOf, today: date, copied: Talk
) -> None:
    own = in_hand(world, "committee_member", today)
    client = client_of(world.account("committee_member"))
    address = reverse("talk-record", args=[own.code])
    assert IDENTICAL not in client.post(address, typed(own, later="1"), follow=True).content.decode()
    assert IDENTICAL in client.get(address).content.decode()


def test_where_the_form_refuses_the_hint_stays_beside_it(
    world: World, client_of: ClientOf, today: date, copied: Talk
) -> None:
    own = in_hand(world, "committee_member", today)
    client = client_of(world.account("committee_member"))
    address = reverse("talk-record", args=[own.code])
    page = client.post(address, typed(own, starts_at="10:00", ends_at="9:00")).content.decode()
    assert IDENTICAL in page
    assert SAID in page


def test_the_answer_is_the_same_whatever_others_have_written(
    world: World, client_of: ClientOf, today: date
) -> None:
    own = in_hand(world, "committee_member", today)
    factories.a_talk([world.secretary], [world.member], held_on=today, content=SAID, participants_only=True)
    client = client_of(world.account("committee_member"))
    address = reverse("talk-draft", args=[own.code])
    assert client.post(address, typed(own)).json()["checks"] == ""
    with patch("talks.services.checks.comparable_talks", everything):
        assert IDENTICAL in client.post(address, typed(own, draft_revision=1)).json()["checks"]


@pytest.mark.parametrize(
    "content", [SAID, "谈到家里老人住院，孩子高考，想换夜班。"], ids=["alike", "another"]
)
def test_three_records_and_thirty_cost_the_same(
    world: World, client_of: ClientOf, today: date, content: str
) -> None:
    own = in_hand(world, "committee_member", today)
    client = client_of(world.account("committee_member"))
    revision = 0

    def queries(address: str, data: dict[str, object] | None) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(address, data) if data else client.get(address)
        assert answer.status_code == 200
        return len(captured)

    def counts(records: int) -> tuple[int, int]:
        nonlocal revision
        while Talk.objects.counting().count() < records:
            factories.a_talk([world.committee_member], [world.colleague], held_on=today, content=content)
        own_page, draft = reverse("talk-record", args=[own.code]), reverse("talk-draft", args=[own.code])
        client.get(own_page)
        kept = queries(draft, typed(own, draft_revision=revision))
        revision += 1
        return kept, queries(own_page, None)

    counts(1)
    assert counts(3) == counts(30)
