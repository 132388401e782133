"""Ledgers that are kept say what the facts say, whatever changes; and no list shows more than these."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from branches.models import Organisation, Stale
from members.models import Affiliation, Post
from members.services.people import change_affiliation, remove_affiliation, transfer_member
from members.services.posts import Terms, appoint, end_post
from talks.models import LedgerTalk, Talk, in_ledgers_of, ledgers_by_facts
from talks.permissions import listed_talks, still_seen, visible_talks
from talks.permissions import talks as rights
from talks.permissions.talks import PEOPLE
from talks.rules.words import TalkState
from talks.services.moves import move_talk
from talks.services.talks import Circumstances, Persons, cancel_talk, change_plan, plan_talk
from tests import factories
from tests.conftest import PERSONAS, World
from vault.services import Actor

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 1, tzinfo=UTC)
ACTOR = Actor("tests", "")
AHEAD = TODAY + timedelta(days=3)


def kept() -> set[tuple[int, int]]:
    return set(LedgerTalk.objects.values_list("organisation", "talk"))


def judged() -> set[tuple[int, int]]:
    """Talk by talk and organisation by organisation, as every list did before."""
    return {
        (place.pk, talk)
        for place in Organisation.objects.all()
        for talk in Talk.objects.filter(in_ledgers_of([place])).values_list("pk", flat=True)
    }


def lists_are_right(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every persona, whether it answers for few, for some hundred or for a country."""
    for role in PERSONAS:
        account = world.account(role)
        seen = set(visible_talks(account, today=TODAY))
        for judged_of, most in ((12, 200), (0, 1000), (0, 0)):
            monkeypatch.setattr(rights, "MOST_JUDGED", judged_of)
            monkeypatch.setattr(rights, "MOST_BEGUN_WITH", most)
            listed = list(listed_talks(account, today=TODAY).prefetch_related(PEOPLE))
            assert len(listed) == len(seen), (role, most)
            assert set(still_seen(account, listed, today=TODAY)) == seen, (role, most)


def _booked() -> Talk:
    return Talk.objects.get(state=TalkState.PLANNED)


def _transfer(world: World) -> None:
    transfer_member(
        actor=ACTOR, at=AT, member=world.member, organisation=world.other_branch, on=date(2026, 2, 1)
    )


def _correct(world: World) -> None:
    found = Affiliation.objects.get(member=world.other_member)
    change_affiliation(
        actor=ACTOR, at=AT, affiliation=found, organisation=world.branch, since=found.since, until=None
    )


def _remove(world: World) -> None:
    found = Affiliation.objects.get(member=world.colleague, organisation=world.branch)
    remove_affiliation(actor=ACTOR, at=AT, affiliation=found)


def _end(world: World) -> None:
    post = Post.objects.get(member=world.deputy, organisation=world.committee)
    end_post(actor=ACTOR, at=AT, post=post, on=date(2026, 1, 5))


def _appoint(world: World) -> None:
    terms = Terms("党委委员", date(2025, 1, 1), is_team=True)
    appoint(
        actor=ACTOR, at=AT, member=world.head, organisation=world.committee, terms=terms, is_confirmed=True
    )


def _plan(world: World) -> None:
    plan_talk(
        actor=ACTOR,
        at=AT,
        booked_by=None,
        persons=Persons([world.other_secretary], [world.other_member]),
        circumstances=Circumstances(AHEAD),
    )


def _other_persons(world: World) -> None:
    talk = _booked()
    change_plan(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=talk.revision,
        persons=Persons([world.other_secretary], [world.other_member]),
        circumstances=Circumstances(AHEAD),
        topic=None,
    )


def _move(world: World) -> None:
    # The member is of the other branch from then on.
    transfer_member(actor=ACTOR, at=AT, member=world.member, organisation=world.other_branch, on=AHEAD)
    talk = _booked()
    move_talk(
        actor=ACTOR,
        at=AT,
        today=TODAY,
        talk=talk,
        revision=talk.revision,
        held_on=TODAY,
        starts_at=None,
        ends_at=None,
    )


def _cancel(world: World) -> None:
    talk = _booked()
    cancel_talk(actor=ACTOR, at=AT, talk=talk, revision=talk.revision, reason="改期")


CHANGES: dict[str, Callable[[World], None]] = {
    "transferred": _transfer,
    "affiliation corrected": _correct,
    "affiliation removed": _remove,
    "post ended": _end,
    "appointed": _appoint,
    "booked": _plan,
    "other persons": _other_persons,
    "moved": _move,
    "cancelled": _cancel,
}


@pytest.fixture
def talked(world: World) -> World:
    """Talks inside a branch, of leaders of the committee, across branches, past and ahead; all kept."""
    factories.an_affiliation(
        world.colleague, world.other_branch, since=date(2010, 1, 1), until=date(2019, 1, 1)
    )
    held = date(2026, 3, 10)
    factories.a_talk([world.secretary], [world.member], held_on=held)
    factories.a_talk([world.secretary], [world.colleague], held_on=held)
    factories.a_talk([world.chief], [world.deputy], held_on=held)
    factories.a_talk([world.chief], [world.other_member], held_on=held)
    factories.a_talk([world.other_secretary], [world.member], held_on=held)
    factories.a_talk([world.stranger], [world.other_member], held_on=held)
    factories.a_talk([], [world.member], held_on=held, external_talker="省局领导")
    factories.a_talk([world.secretary], [world.member], held_on=AHEAD, state=TalkState.PLANNED)
    factories.keep_duties(TODAY)
    return world


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_no_list_differs(
    talked: World, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Before the background has had its turn, and after it."""
    assert kept() == judged() != set()
    CHANGES[change](talked)
    assert Stale.objects.exists()
    lists_are_right(talked, monkeypatch)
    factories.keep_duties(TODAY)
    assert kept() == judged()
    lists_are_right(talked, monkeypatch)


def test_what_the_kept_ledgers_say_too_much_is_not_shown(
    talked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that the facts no longer bear out, as it may stand for a moment while others write."""
    foreign = Talk.objects.create(code="T-FREMD", held_on=TODAY, state=TalkState.RECORDED, entered_at=AT)
    LedgerTalk.objects.create(organisation=talked.branch, talk=foreign)
    monkeypatch.setattr(rights, "MOST_JUDGED", 0)
    account = talked.account("chief")
    listed = list(listed_talks(account, today=TODAY).prefetch_related(PEOPLE))
    assert foreign in listed
    assert foreign not in still_seen(account, listed, today=TODAY)


def test_random_facts_are_judged_alike(world: World) -> None:
    """Sixty talks of people who come and go: the kept ledgers, those judged at once, and one by one."""
    chance = Random(20260615)
    places = list(Organisation.objects.all())
    people = [factories.a_member(f"同志{number}", None) for number in range(12)]
    for number, member in enumerate(people * 2):
        since = date(2024, 1, 1) + timedelta(chance.randrange(700))
        until = since + timedelta(1 + chance.randrange(500)) if chance.random() < 0.7 else None
        place = chance.choice(places)
        # One affiliation at most on a day, posts without limit.
        if number < len(people):
            factories.an_affiliation(member, place, since=since, until=until)
        else:
            factories.a_post(member, place, "委员", is_team=chance.random() < 0.7, since=since, until=until)
    for _ in range(60):
        some = chance.sample(people, chance.choice((2, 2, 3, 4)))
        factories.a_talk(some[:1], some[1:], held_on=date(2024, 6, 1) + timedelta(chance.randrange(700)))
    factories.keep_duties(TODAY)
    assert kept() == judged() != set()
    assert ledgers_by_facts(talks=list(Talk.objects.values_list("pk", flat=True))) == judged()
    assert ledgers_by_facts(organisations=[place.pk for place in places]) == judged()
