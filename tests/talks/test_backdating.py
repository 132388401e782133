"""Nobody gives himself a record to read by what he enters about days that are over.

A principal reads the talks among the people of his branch. Who keeps the roster could make one of them of
somebody who was none: by a seat in the team, or an affiliation, entered for the day of the talk.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Exists, OuterRef, Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Affiliation, Mandate, MandateKind, Post
from members.services import people
from talks.models import Participant, Talk
from talks.permissions import may_read_content, principal_may_read, records
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
SAID = "对支部书记有意见"
TODAY = timezone.localdate()
WEEKS_AGO = TODAY - timedelta(weeks=3)
LONG_BEFORE = TODAY - timedelta(weeks=30)


def _above(world: World) -> Talk:
    """A talk of the principal above with a member of the branch."""
    return factories.a_talk([world.chief], [world.member], held_on=WEEKS_AGO, content=SAID)


def _page(browser: Client, talk: Talk) -> str:
    return browser.get(reverse("talk", args=[talk.code])).content.decode()


def _seated_in_the_branch(browser: Client, world: World) -> None:
    """A seat in the team of the branch, entered for a day that is long over."""
    address = reverse("post-add", args=[world.branch.code])
    typed = {"member": world.chief.code, "title": "支委", "is_team": "on", "since": LONG_BEFORE.isoformat()}
    assert browser.post(address, typed).status_code == 302
    assert Post.objects.filter(member=world.chief, organisation=world.branch, is_team=True).exists()


def _without_staff(world: World) -> None:
    """The branch keeps its own roster, and its principal sits in the committee."""
    Mandate.objects.filter(kind=MandateKind.STAFF).delete()
    factories.a_post(world.secretary, world.committee, "党委委员", is_team=True)


@pytest.mark.parametrize("who", ["secretary", "staff"])
def test_a_seat_entered_afterwards_opens_no_record(world: World, client_of: Browser, who: str) -> None:
    talk = _above(world)
    if who == "secretary":
        _without_staff(world)
    _seated_in_the_branch(client_of(world.account(who)), world)
    # By the seat the talk stands in the ledger of the branch: he may know of it, and reads nothing.
    answer = client_of(world.account("secretary")).get(reverse("talk", args=[talk.code]))
    assert answer.status_code == 200
    assert SAID not in answer.content.decode()
    assert not may_read_content(world.account("secretary"), talk, today=TODAY)
    assert not principal_may_read(talk)
    # To who held it nothing is closed.
    assert SAID in _page(client_of(world.account("chief")), talk)


def _by_seats_too(organisation: int) -> Q:
    """The rule as it was: who sat in the team belonged to the branch as well."""
    everybody = Participant.objects.filter(talk=OuterRef("pk"))
    there = Participant.objects.belonging_to(organisation).values("pk")
    return Q(Exists(everybody)) & ~Q(Exists(everybody.exclude(pk__in=there)))


def test_without_the_guard_it_would(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_is_of", _by_seats_too)
    talk = _above(world)
    _without_staff(world)
    browser = client_of(world.account("secretary"))
    assert SAID not in _page(browser, talk)
    _seated_in_the_branch(browser, world)
    assert SAID in _page(browser, talk)


def test_among_those_affiliated_the_principal_reads(world: World, client_of: Browser) -> None:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=WEEKS_AGO, content=SAID)
    assert SAID in _page(client_of(world.account("secretary")), talk)
    assert principal_may_read(talk)


def _came_last_week(world: World) -> Affiliation:
    """Who was of another branch when he talked has been of this one for a week."""
    Affiliation.objects.filter(member=world.other_member).update(until=TODAY - timedelta(weeks=1))
    return factories.an_affiliation(world.other_member, world.branch, since=TODAY - timedelta(weeks=1))


def _moved_back(browser: Client, world: World, came: Affiliation) -> Client:
    """Puts the affiliation aside, then transfers the member for a day before the talk."""
    aside = {
        "organisation": world.branch.pk,
        "since": "1990-01-01",
        "until": "1990-01-02",
    }
    browser.post(reverse("affiliation-change", args=[came.pk]), aside)
    on = {"organisation": world.branch.pk, "on": (WEEKS_AGO - timedelta(days=1)).isoformat()}
    return browser.post(reverse("member-transfer", args=[world.other_member.code]), on)  # type: ignore[return-value]


def _of_who_came(world: World) -> Talk:
    return factories.a_talk([world.other_member], [world.member], held_on=WEEKS_AGO, content=SAID)


def test_nobody_ends_an_affiliation_that_is_not_his_to_keep(world: World, client_of: Browser) -> None:
    _without_staff(world)
    talk, came = _of_who_came(world), _came_last_week(world)
    browser = client_of(world.account("secretary"))
    answer: Any = _moved_back(browser, world, came)
    assert people.KEPT_ELSEWHERE in answer.content.decode()
    before = Affiliation.objects.get(member=world.other_member, organisation=world.other_branch)
    assert before.until == TODAY - timedelta(weeks=1)
    assert not may_read_content(world.account("secretary"), talk, today=TODAY)


def test_without_the_question_it_would_be_ended_and_read(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_staff(world)
    talk, came = _of_who_came(world), _came_last_week(world)
    monkeypatch.setattr(people, "_refuse_kept_elsewhere", lambda *_: None)
    _moved_back(client_of(world.account("secretary")), world, came)
    assert may_read_content(world.account("secretary"), talk, today=TODAY)
