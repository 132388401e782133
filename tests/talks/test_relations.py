"""One talk, seen from everywhere: who finds its page, who reads what was said, who may do what with it.

The policy is written here in the terms of design.md sections 4 and 4a, for talks that stand to the roles of
the table in different ways.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from talks.models import Participant, Talk
from talks.permissions import records
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from tests import factories
from tests.access import HIDDEN, ROLES
from tests.conftest import World
from tests.doors import Door, one_transaction, undone, wide_world

CONTENT, NOTES = "谈到夜班排得太密", "私下记着的一句"
ABOVE = ("chief", "staff", "inspector")  # who answers for the ledger from above


@dataclass(frozen=True, slots=True)
class Relation:
    """Who is what to a talk. `principal`: the 书记 of the branch of all its persons; `answering`: from above.

    `is_closed`: a participant keeps it to the participants, or it came from a 约谈. `is_shared`: it is
    another team's, not the branch's.
    """

    talker: str
    subjects: tuple[str, ...]
    principal: str = ""
    answering: tuple[str, ...] = ABOVE
    is_closed: bool = False
    is_shared: bool = False
    kept: bool = False
    asked: bool = False

    @property
    def known_to(self) -> set[str]:
        """That it took place."""
        return {self.talker, *self.subjects, self.principal, *self.answering} - {""}

    @property
    def read_by(self) -> set[str]:
        """What was said; in a talk with several each subject reads what he himself said, which is not it."""
        subjects = set(self.subjects) if len(self.subjects) == 1 else set()
        principals = set() if self.is_closed or self.is_shared else {self.principal} - {""}
        return {self.talker} | subjects | principals

    @property
    def arranged_by(self) -> set[str]:
        """Who may move it while it is booked: the talker, and the 书记 of its people."""
        return {self.talker} | (set() if self.is_closed else {self.principal} - {""})


RELATIONS = {
    "of the branch": Relation("committee_member", ("member",), "secretary"),
    "kept to the participants": Relation(
        "committee_member", ("member",), "secretary", is_closed=True, kept=True
    ),
    "asked for": Relation("committee_member", ("member",), "secretary", is_closed=True, asked=True),
    "with two": Relation("committee_member", ("member", "colleague"), "secretary"),
    "of the sister": Relation("other_committee_member", ("other_member",), "other_secretary"),
    # Both are in the team of the committee, and live in the other branch, whose 书记 does not read it.
    "of the team above": Relation(
        "chief", ("deputy",), "other_secretary", ("staff", "inspector"), is_shared=True
    ),
    # No organisation has both: it is in nobody's ledger.
    "between above and below": Relation("chief", ("secretary",), answering=()),
    "of who has left his post": Relation("former", ("member",), "secretary"),
}


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with one_transaction(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def world(db: None) -> World:
    return wide_world()


@pytest.fixture(scope="module")
def door(world: World) -> Door:
    return Door(world)


@pytest.fixture
def kept(world: World) -> Iterator[World]:
    with undone():
        yield world


def _member(world: World, role: str) -> object:
    return world.account(role).member


def _talk(world: World, relation: Relation, state: TalkState) -> Talk:
    """Three days ago, when the former 书记 was one still; a booked one is for the day after tomorrow."""
    days = 2 if state is TalkState.PLANNED else -3
    day = timezone.localdate() + timedelta(days=days)
    is_written = state is not TalkState.PLANNED
    talk = factories.a_talk(
        [_member(world, relation.talker)],
        [_member(world, role) for role in relation.subjects],
        held_on=day,
        state=state,
        content=CONTENT if is_written else "",
        participants_only=relation.kept,
    )
    row = Participant.objects.get(talk=talk, member=_member(world, relation.talker))
    row.private_notes = NOTES if is_written else ""
    row.save()
    if relation.asked:
        factories.a_request(
            _member(world, relation.subjects[0]),
            _member(world, relation.talker),
            code="Q-1",
            asked_on=day,
            sent_at=timezone.now(),
            state=RequestState.ACCEPTED.value,
            talk=talk,
        )
    return talk


ALL = pytest.mark.parametrize("relation", RELATIONS.values(), ids=RELATIONS)


@ALL
def test_who_finds_it_and_who_reads_what_was_said(kept: World, door: Door, relation: Relation) -> None:
    address = reverse("talk", args=[_talk(kept, relation, TalkState.RECORDED).code])
    given = {role: door.ask(role, "GET", address) for role in ROLES}
    assert {role for role, answer in given.items() if answer.status != HIDDEN} == relation.known_to
    assert {role for role, answer in given.items() if CONTENT in answer.body} == relation.read_by
    assert {role for role, answer in given.items() if NOTES in answer.body} == {relation.talker}


# By state and address who gets there, and what is sent; where nothing is sent the page is opened.
NEWEST: Mapping[str, object] = {"revision": "1"}
PLANNED = {
    "talk-change": "arranged_by",
    "talk-cancel": "arranged_by",
    "talk-record": "talker",
    "talk-prepare": "talker",
    "talk-draft": "talker",
}
RECORDED = {
    "talk-correct": "talker",
    "talk-attach": "talker",
    "talk-correction-ask": "subjects",
}
SENT = {"talk-confirm": "subjects", "talk-keep": "participants"}
STEPS = [
    *((TalkState.PLANNED, name, who, None) for name, who in PLANNED.items()),
    *((TalkState.RECORDED, name, who, None) for name, who in RECORDED.items()),
    *((TalkState.RECORDED, name, who, NEWEST) for name, who in SENT.items()),
]


def _may(relation: Relation, who: str) -> set[str]:
    return {
        "arranged_by": relation.arranged_by,
        "talker": {relation.talker},
        "subjects": set(relation.subjects),
        "participants": {relation.talker, *relation.subjects},
    }[who]


@ALL
def test_who_may_do_what_with_it(kept: World, door: Door, relation: Relation) -> None:
    codes = {
        state: _talk(kept, relation, state).code
        for state in (TalkState.RECORDED, TalkState.PLANNED)
        if not (relation.asked and state is TalkState.PLANNED)
    }
    for state, name, who, sent in STEPS:
        if state not in codes:
            continue
        address, method = reverse(name, args=[codes[state]]), "GET" if sent is None else "POST"
        found = {role for role in ROLES if door.ask(role, method, address, sent).status != HIDDEN}
        assert found == _may(relation, who), name


def test_control_a_right_too_many_is_seen(kept: World, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """With everybody taken for an only subject, whoever finds the page would read what was said."""
    relation = RELATIONS["of the branch"]
    address = reverse("talk", args=[_talk(kept, relation, TalkState.RECORDED).code])
    assert CONTENT not in door.ask("chief", "GET", address).body
    monkeypatch.setattr(records, "may_read_content", lambda account, talk, today: True)
    assert CONTENT in door.ask("chief", "GET", address).body
