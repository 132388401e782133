"""Who sees that a talk was held, who reads what was said, and which duties one may know of.

Worked out by hand from design.md sections 4 and 4a, in the world of conftest.py.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from members.models import Account, Member, Post
from talks.figures import worklist
from talks.figures.worklist import Worklist
from talks.models import Duty, Opinion, Participant, Rule, Side, Talk, Upload
from talks.permissions import (
    bookable_members,
    duties,
    listed_talks,
    may_book,
    may_read_content,
    nearest_members,
    principal_may_read,
    reaches_many,
    reading_of,
    visible_duties,
    visible_opinions,
    visible_participants,
    visible_remedies,
    visible_requests,
    visible_rules,
    visible_talks,
    visible_uploads,
)
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import PERSONAS, World

TODAY = date(2026, 6, 15)
HELD = date(2026, 3, 10)

Make = Callable[[World], Talk]


def between(*sides: tuple[str, ...], **more: object) -> Make:
    """A recorded talk between the persons named: talkers, then subjects."""

    def make(world: World) -> Talk:
        talkers, subjects = ([getattr(world, name) for name in side] for side in sides)
        named = {key: getattr(world, value) if key == "recorder" else value for key, value in more.items()}
        return factories.a_talk(talkers, subjects, **{"held_on": HELD, "content": "内容", **named})

    return make


ONE = between(("committee_member",), ("member",))

# What the principal of a branch may read, and each of the four conditions broken once.
READERS: dict[str, tuple[Make, set[str]]] = {
    "in the branch": (ONE, {"committee_member", "member", "secretary"}),
    "with a recorder": (
        between(("committee_member",), ("member",), recorder="colleague"),
        {"committee_member", "member", "colleague", "secretary"},
    ),
    "a participant from elsewhere": (
        between(("committee_member",), ("other_member",)),
        {"committee_member", "other_member"},
    ),
    "a talker from outside": (
        between((), ("member",), external_talker="省局领导"),
        {"member"},
    ),
    "before he was principal": (
        between(("committee_member",), ("member",), held_on=date(2019, 12, 31)),
        {"committee_member", "member"},
    ),
    "kept to the participants": (
        between(("committee_member",), ("member",), participants_only=True),
        {"committee_member", "member"},
    ),
    "only booked": (
        between(("committee_member",), ("member",), state=TalkState.PLANNED),
        {"committee_member"},
    ),
    "a draft": (
        between(("committee_member",), ("member",), state=TalkState.HELD),
        {"committee_member"},
    ),
    "a group": (
        between(("committee_member",), ("member", "colleague")),
        {"committee_member", "secretary"},
    ),
    "several talkers": (
        between(("committee_member", "secretary"), ("member",)),
        {"committee_member", "secretary", "member"},
    ),
}


@pytest.mark.parametrize("case", READERS)
def test_the_whole_record_is_read_by_nobody_else(world: World, case: str) -> None:
    make, readers = READERS[case]
    talk = make(world)
    found = {role for role in PERSONAS if may_read_content(world.account(role), talk, today=TODAY)}
    assert found == readers


def test_a_talk_from_a_request_is_not_read_by_the_principal(world: World) -> None:
    talk = ONE(world)
    factories.a_request(world.member, world.committee_member, asked_on=HELD, state="已谈", talk=talk)
    assert not may_read_content(world.account("secretary"), talk, today=TODAY)
    assert may_read_content(world.account("member"), talk, today=TODAY)


@pytest.mark.parametrize(
    "change",
    [
        {"confirmed_at": None},
        {"until": date(2026, 6, 15)},
        {"since": date(2026, 3, 11)},
        {"is_principal": False},
    ],
    ids=["not confirmed", "no longer principal", "principal since the day after", "only in the team"],
)
def test_the_post_of_the_principal_must_carry_it(world: World, change: dict[str, object]) -> None:
    talk = ONE(world)
    posts = Post.objects.filter(member=world.secretary)
    assert may_read_content(world.account("secretary"), talk, today=TODAY)
    posts.update(**change)
    assert not may_read_content(world.account("secretary"), talk, today=TODAY)


def test_the_principal_of_a_committee_reads_no_talk_of_its_people(world: World) -> None:
    talk = factories.a_talk([world.deputy], [world.head], held_on=HELD, content="内容")
    assert not may_read_content(world.account("chief"), talk, today=TODAY)


def test_a_talk_of_another_team_is_not_read_by_the_principal_of_the_branch(
    world: World,
) -> None:
    """Two of the committee's team live in his branch: what they say to each other is the committee's."""
    talk = ONE(world)
    committee = world.committee
    factories.a_post(world.committee_member, committee, "党委委员", is_team=True)
    assert may_read_content(world.account("secretary"), talk, today=TODAY)
    assert principal_may_read(talk)
    factories.a_post(world.member, committee, "党委委员", is_team=True)
    assert not may_read_content(world.account("secretary"), talk, today=TODAY)
    assert not principal_may_read(talk)
    # On the day of the talk it was not: it is the branch's alone.
    Post.objects.filter(member=world.member, organisation=committee).update(since=HELD + timedelta(days=1))
    assert may_read_content(world.account("secretary"), talk, today=TODAY)
    assert principal_may_read(talk)


def test_in_a_group_each_subject_reads_only_what_he_said(world: World) -> None:
    talk = between(("committee_member",), ("member", "colleague"), recorder="head")(world)
    said = {row.member_id: row.pk for row in talk.participants.all()}
    mine = said[world.member.pk]

    reading = reading_of(world.account("member"), talk, today=TODAY)
    assert (reading.whole, reading.said, reading.notes) == (False, {mine}, None)
    talker = reading_of(world.account("committee_member"), talk, today=TODAY)
    assert (talker.whole, talker.said) == (True, {mine, said[world.colleague.pk]})
    assert reading_of(world.account("head"), talk, today=TODAY).said == {mine, said[world.colleague.pk]}
    principal = reading_of(world.account("secretary"), talk, today=TODAY)
    assert (principal.whole, principal.said, principal.notes) == (True, frozenset(), None)


def test_private_notes_are_for_their_writer_alone(world: World) -> None:
    talk = between(("committee_member", "secretary"), ("member",), recorder="colleague")(world)
    rows = {row.member_id: row.pk for row in talk.participants.all()}
    notes = {
        role: reading_of(world.account(role), talk, today=TODAY).notes
        for role in ("committee_member", "secretary", "member", "colleague")
    }
    assert notes == {
        "committee_member": rows[world.committee_member.pk],
        "secretary": rows[world.secretary.pk],
        "member": None,
        "colleague": None,
    }


@pytest.mark.parametrize(
    ("about", "is_read"),
    [("支委会", True), ("陆秉川", False), ("支部书记陆秉川同志", False), ("书记", False), ("", False)],
)
def test_a_principal_never_reads_an_opinion_about_himself(world: World, about: str, is_read: bool) -> None:
    talk = ONE(world)
    opinion = Opinion.objects.create(talk=talk, number=1, text="意见", about=about)
    for role, expected in (("secretary", is_read), ("committee_member", True), ("member", True)):
        account = world.account(role)
        assert (
            visible_opinions(account, today=TODAY, talks=[talk.pk]).filter(pk=opinion.pk).exists() is expected
        )
        assert (opinion.pk in reading_of(account, talk, today=TODAY).opinions) is expected


def test_who_took_part_reads_an_opinion_about_himself(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=HELD, content="内容")
    opinion = Opinion.objects.create(talk=talk, number=1, text="布置多、回头看少", about="陆秉川")
    assert visible_opinions(world.account("secretary"), today=TODAY, talks=[talk.pk]).get() == opinion


def test_remedies_go_with_the_record(world: World) -> None:
    factories.a_talk([world.committee_member], [world.member], held_on=HELD, remedies=["每季度一次"])
    found = {role for role in PERSONAS if visible_remedies(world.account(role), today=TODAY).exists()}
    assert found == {"committee_member", "member", "secretary"}


# --- metadata ------------------------------------------------------------------------------------------


SEEN: dict[str, tuple[Make, set[str]]] = {
    "in the branch": (
        ONE,
        {"committee_member", "member", "secretary", "chief", "staff", "inspector"},
    ),
    "over two branches": (
        between(("committee_member",), ("other_member",)),
        {"committee_member", "other_member"},
    ),
    "in the committee": (
        # The deputy is of its team, the head is not of it at all: the talk belongs to no organisation.
        between(("deputy",), ("head",)),
        {"deputy", "head"},
    ),
    "in the team of the committee": (
        between(("chief",), ("deputy",)),
        {"chief", "deputy", "other_secretary", "staff", "inspector"},
    ),
}


@pytest.mark.parametrize("case", SEEN)
def test_a_talk_is_known_to_its_people_and_to_those_who_answer_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    make, knowing = SEEN[case]
    talk = make(world)
    found = {
        role
        for role in PERSONAS
        if visible_talks(world.account(role), today=TODAY).filter(pk=talk.pk).exists()
    }
    assert found == knowing
    for judged, most in ((12, 200), (0, 0), (0, 1000)):
        monkeypatch.setattr("talks.permissions.talks.MOST_JUDGED", judged)
        monkeypatch.setattr("talks.permissions.talks.MOST_BEGUN_WITH", most)
        listed = {role for role in PERSONAS if talk in listed_talks(world.account(role), today=TODAY)}
        assert listed == knowing
    rows = {
        role
        for role in PERSONAS
        if visible_participants(world.account(role), today=TODAY).filter(talk=talk).exists()
    }
    assert rows == knowing


def test_who_booked_a_talk_for_others_sees_it(world: World) -> None:
    talk = factories.a_talk(
        [world.committee_member], [world.other_member], held_on=HELD, booked_by=world.account("secretary")
    )
    assert visible_talks(world.account("secretary"), today=TODAY).get() == talk


@pytest.mark.parametrize(("held_on", "is_ours"), [(date(2026, 3, 9), True), (date(2026, 3, 10), False)])
def test_a_ledger_reads_memberships_on_the_day_of_the_talk(
    world: World, held_on: date, is_ours: bool
) -> None:
    guest = factories.a_member("周密", world.branch, until=date(2026, 3, 10))
    talk = factories.a_talk([world.committee_member], [guest], held_on=held_on)
    assert visible_talks(world.account("secretary"), today=TODAY).filter(pk=talk.pk).exists() is is_ours


# --- booking -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "talker", "subject", "allowed"),
    [
        ("committee_member", "committee_member", "member", True),
        ("secretary", "committee_member", "member", True),  # a principal books for others
        ("committee_member", "secretary", "member", False),  # a 支委 does not
        ("member", "member", "colleague", True),  # members talk among themselves
        ("member", "colleague", "head", False),
        ("member", "member", "other_member", False),
        ("chief", "chief", "member", True),  # below his organisation
        ("chief", "committee_member", "member", False),  # neither is of his own organisation
        ("deputy", "deputy", "head", True),
        ("head", "head", "deputy", True),  # the head may book with the leader of his department
        ("secretary", "secretary", "other_member", False),
        ("staff", "committee_member", "member", False),
        ("inspector", "committee_member", "member", False),
        ("stranger", "stranger", "member", False),
    ],
)
def test_who_may_book(world: World, role: str, talker: str, subject: str, allowed: bool) -> None:
    sides: list[list[Member]] = [[getattr(world, talker)], [getattr(world, subject)]]
    account = world.account(role)
    assert may_book(account, talkers=sides[0], subjects=sides[1], today=TODAY) is allowed


def test_a_principal_books_a_talk_with_somebody_from_outside(world: World) -> None:
    account = world.account("secretary")
    assert may_book(account, talkers=[], subjects=[world.member], today=TODAY)
    assert not may_book(world.account("committee_member"), talkers=[], subjects=[world.member], today=TODAY)


@pytest.mark.parametrize("most", [0, 1000])
def test_names_are_offered_within_reach_only(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("talks.permissions.bookings.MOST_BEGUN_WITH", most)
    offered = bookable_members(world.account("member"), today=TODAY)
    of_branch = {world.head, world.secretary, world.committee_member, world.member, world.colleague}
    assert set(offered) == of_branch | {world.applicant}
    assert set(bookable_members(world.account("staff"), today=TODAY)) == set()


# --- duties --------------------------------------------------------------------------------------------


def knows(world: World, rule: str) -> set[str]:
    """The roles that may know of a duty of the rule by name."""
    factories.keep_duties(TODAY)
    found = set()
    for role in PERSONAS:
        worklist = Worklist(world.account(role), today=TODAY, year=2026)
        if worklist.rows.filter(rule=rule).exists():
            found.add(role)
    return found


@pytest.mark.parametrize(
    ("kind", "rule", "knowing"),
    [
        # team: the 支委; the principal is of them
        ("家庭变故", "four.family", {"secretary", "committee_member"}),
        # principal of the branch alone
        ("苗头性问题", "four.signs", {"secretary"}),
    ],
)
def test_an_event_duty_is_known_to_the_role_and_the_principal(
    world: World, kind: str, rule: str, knowing: set[str]
) -> None:
    factories.an_event(world.member, kind, happened_on=date(2026, 6, 10))
    assert knows(world, rule) == knowing


def test_who_entered_the_event_knows_of_its_duty(world: World) -> None:
    factories.an_event(
        world.member, "家庭变故", happened_on=date(2026, 6, 10), entered_by=world.account("staff")
    )
    assert knows(world, "four.family") == {"secretary", "committee_member", "staff"}


def test_the_duty_about_a_principal_is_kept_from_him(world: World) -> None:
    # The role falls upwards: the principal of the committee is to talk.
    factories.an_event(world.secretary, "苗头性问题", happened_on=date(2026, 6, 10))
    assert knows(world, "four.signs") == {"chief"}


def test_a_duty_of_the_year_is_known_to_those_who_answer_for_the_branch(world: World) -> None:
    # Each ordinary member of the branch is to be talked to: the head of the office is one of them.
    # The foreign branch has a secretary and nobody else, and the applicant is no party member.
    assert knows(world, "year.committee-member") == {
        *("head", "secretary", "committee_member", "member", "colleague"),  # the branch
        *("chief", "deputy", "other_secretary", "other_member"),  # the other branch
        *("staff", "inspector"),
    }


def masks(world: World, role: str) -> dict[str, str]:
    """What the role is told of event duties that it may not know by name."""
    factories.keep_duties(TODAY)
    worklist = Worklist(world.account(role), today=TODAY, year=2026)
    return {one.organisation: one.text for one in worklist.sums}


def test_event_duties_are_summed_for_those_who_may_not_know_them(world: World) -> None:
    for member in (world.member, world.colleague):
        factories.an_event(member, "家庭变故", happened_on=date(2026, 6, 1))
    assert masks(world, "inspector") == {"HC": "不足3项"}
    worklist = Worklist(world.account("inspector"), today=TODAY, year=2026)
    assert [(one.met, one.overdue) for one in worklist.sums] == [(None, None)]
    factories.an_event(world.head, "家庭变故", happened_on=date(2026, 6, 12))
    # Two are overdue since 4 June, the third is due on 17 June; nothing is met.
    assert masks(world, "inspector") == {"HC": "3项（已谈0项，逾期2项）"}
    assert masks(world, "chief") == masks(world, "staff") == {"HC": "3项（已谈0项，逾期2项）"}
    assert masks(world, "secretary") == masks(world, "member") == masks(world, "system") == {}


def test_a_sum_tells_a_principal_nothing_about_himself(world: World) -> None:
    factories.an_event(world.secretary, "苗头性问题", happened_on=date(2026, 6, 1))
    assert masks(world, "secretary") == {}
    assert masks(world, "staff") == {"HC": "不足3项"}


def test_a_member_is_not_told_of_his_own_event(world: World) -> None:
    factories.an_event(world.member, "家庭变故", happened_on=date(2026, 6, 10))
    account = world.account("member")
    worklist = Worklist(account, today=TODAY, year=2026)
    factories.keep_duties(TODAY)
    assert not worklist.rows.filter(is_event=True).exists()
    assert not visible_duties(account, today=TODAY).filter(is_event=True).exists()
    assert [duty.subject for duty in Duty.objects.filter(is_event=True)] == [world.member]


# --- the rest ------------------------------------------------------------------------------------------


def test_a_request_is_between_two(world: World) -> None:
    request = factories.a_request(world.member, world.secretary, asked_on=HELD)
    found = {role for role in PERSONAS if request in visible_requests(world.account(role), today=TODAY)}
    assert found == {"member", "secretary"}


def test_rules_are_known_where_they_hold(world: World) -> None:
    rule = Rule.objects.create(
        code="own",
        title="本级规则",
        organisation=world.committee,
        applies_to="全部",
        trigger="周期:12",
        pairing="key-post",
        talker_role="principal",
        one_to_one=False,
        effective_from=HELD,
    )
    outside = {role for role in PERSONAS if rule not in visible_rules(world.account(role), today=TODAY)}
    assert outside == {"stranger", "system", "security", "auditor"}


def test_an_upload_is_its_owners(world: World) -> None:
    upload = Upload.objects.create(
        token=uuid4(),
        account=world.account("staff"),
        file_name="名册.xlsx",
        uploaded_at=datetime(2026, 6, 1, tzinfo=UTC),
    )
    found = {role for role in PERSONAS if upload in visible_uploads(world.account(role), today=TODAY)}
    assert found == {"staff"}


def test_an_account_without_a_member_reads_nothing(world: World) -> None:
    talk = ONE(world)
    account: Account = world.account("staff")
    assert not reading_of(account, talk, today=TODAY)
    assert Participant.objects.filter(talk=talk, side=Side.SUBJECT).exists()


@pytest.mark.parametrize("role", PERSONAS)
def test_where_the_database_begins_takes_no_duty_away(
    world: World, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of who entered an event elsewhere, keeps contact elsewhere, or has left a post."""
    today = TODAY
    account = world.account(role)
    factories.an_event(world.other_member, happened_on=today - timedelta(days=9), entered_by=account)
    factories.an_event(world.member, "苗头性问题", happened_on=today - timedelta(days=9))
    factories.a_liaison(world.other_secretary, world.colleague)
    factories.a_meeting(world.branch, meeting_on=today + timedelta(days=4))
    factories.keep_duties(today)
    Post.objects.filter(member=world.committee_member).update(until=today - timedelta(days=1))
    known = set(visible_duties(account, today=today))
    assert known
    monkeypatch.setattr(duties, "MOST_WITHIN", -1)
    assert set(visible_duties(account, today=today)) == known
    # Nor does it change anything that the rows of a page are asked for by their keys.
    rows = [
        (duty.pk, duty.mine, duty.about_me, duty.tone)
        for duty in Worklist(account, today=today, year=2026).rows
    ]
    monkeypatch.setattr(worklist, "MOST_PINNED", 0)
    asked = Worklist(account, today=today, year=2026).rows
    assert [(duty.pk, duty.mine, duty.about_me, duty.tone) for duty in asked] == rows


# --- who is offered while somebody types -----------------------------------------------------------------


def test_of_few_organisations_all_are_offered_of_many_the_nearest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chief reaches three organisations: his own two, and of the branch below its principal."""
    account = world.account("chief")
    everybody = set(bookable_members(account, today=TODAY))
    assert not reaches_many(account, today=TODAY)
    assert set(nearest_members(account, today=TODAY)) == everybody
    monkeypatch.setattr("talks.permissions.bookings.MOST_JUDGED", 2)
    assert reaches_many(account, today=TODAY)
    nearest = {world.chief, world.deputy, world.head, world.other_secretary, world.other_member}
    assert set(nearest_members(account, today=TODAY)) == nearest | {world.secretary} < everybody
