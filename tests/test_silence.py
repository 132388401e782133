"""What one may not know changes nothing that one is shown: no count, order, filter, total, header or file.

Of two worlds that differ in one thing alone, every page of whoever may not know it is the same to the letter,
but for the nonce and the token. The clock stands still meanwhile.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from talks.models import Opinion, Remedy, Talk
from talks.permissions import records
from talks.rules.words import TalkState
from talks.services.feeds import renew_feed
from talks.views import talks as talk_pages
from tests import factories
from tests.conftest import World
from tests.doors import Answer, Door, one_transaction, undone, wide_world
from vault.services import Actor

# Lists and figures, each under the filters by which it could be asked for what it does not show.
PAGES = {
    "workbench": ("",),
    "duties": ("", "?who=梁志强", "?who=lzq", "?state=逾期"),
    "calendar": ("",),
    "talks": ("", "?who=陆秉川", "?who=lbc", "?state=已记录", "?page=2", "?mine=on"),
    "talk-book": ("",),
    "meetings": ("",),
    "contacts": ("",),
    "remedies": ("",),
    "waivers": ("",),
    "disclosures": ("",),
    "requests": ("",),
    "request-figures": ("",),
    "own": ("",),
    "events": ("",),
    "event-add": ("",),
    "notices": ("",),
    "members": ("", "?who=梁志强"),
    "organisations": ("",),
    "reports": ("",),
    "report-ask": ("",),
    "findings": ("",),
    "inspection": ("",),
    "sample": ("",),
    "trail": ("",),
}

Asked = set[tuple[str, str]]  # by whom, at which address


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with one_transaction(django_db_blocker), time_machine.travel(timezone.now(), tick=False):
        yield


@dataclass(frozen=True, slots=True)
class Place:
    """The world with one talk of the 支委 with the member, and the browsers of all roles."""

    world: World
    door: Door
    talk: Talk
    feeds: dict[str, str]
    asked: dict[tuple[str, str], Answer]

    def addresses(self, role: str) -> list[str]:
        """All that the role asks for: its lists, the talk, its calendar by the secret address."""
        found = [reverse(name) + query for name, queries in PAGES.items() for query in queries]
        days = [(timezone.localdate() + timedelta(days=days)).isoformat() for days in (-7, 7)]
        found += [
            reverse("talk", args=[self.talk.code]),
            f"{reverse('calendar-talks')}?since={days[0]}&until={days[1]}",
        ]
        return [*found, *([self.feeds[role]] if role in self.feeds else [])]

    def before(self, role: str, address: str) -> Answer:
        """What the role was told in the first world; asked once."""
        return self.asked[role, address]

    def look(self, roles: tuple[str, ...]) -> None:
        for role in roles:
            for address in self.addresses(role):
                if (role, address) not in self.asked:
                    self.asked[role, address] = self.door.ask(role, "GET", address)

    def differing(
        self, roles: tuple[str, ...], *, addresses: list[str] | None = None
    ) -> set[tuple[str, str]]:
        """Where a role is told something else than in the first world."""
        return {
            (role, address)
            for role in roles
            for address in addresses or self.addresses(role)
            if self.door.ask(role, "GET", address).without(address)
            != self.before(role, address).without(address)
        }


@pytest.fixture(scope="module")
def place(db: None) -> Place:
    world = wide_world()
    yesterday = timezone.localdate() - timedelta(days=1)
    talk = factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=yesterday,
        topic="近况",
        content="谈到排班。",
        opinions=["晚饭太早"],
        remedies=["每月检查一次"],
    )
    factories.keep_duties(timezone.localdate())
    feeds = {
        role: reverse(
            "calendar-file",
            args=[renew_feed(actor=Actor("tests", ""), at=timezone.now(), account=world.account(role))],
        )
        for role in ("deputy", "colleague", "other_secretary")
    }
    return Place(world, Door(world), talk, feeds, {})


# --- the second worlds ------------------------------------------------------------------------------------


def _other_words(place: Place) -> None:
    """What was said is another, longer text."""
    place.talk.topic, place.talk.content = "家里的事", "谈到孩子上学，谈了很久。" * 20
    place.talk.save()
    for row in (Opinion.objects.get(talk=place.talk), Remedy.objects.get(talk=place.talk)):
        row.text = "完全另外的一句话，也长得多。"
        row.save()


def _another_talk(place: Place) -> None:
    """The 书记 above has talked with that of the branch, and will again: it is in nobody's ledger."""
    for days, state in ((-1, TalkState.RECORDED), (1, TalkState.PLANNED)):
        day = timezone.localdate() + timedelta(days=days)
        factories.a_talk([place.world.chief], [place.world.secretary], held_on=day, state=state)
    factories.keep_duties(timezone.localdate())


def _an_event(place: Place) -> None:
    """Something has happened in the family of the member; the 书记 of the branch entered it."""
    factories.an_event(
        place.world.member,
        happened_on=timezone.localdate() - timedelta(days=1),
        entered_by=place.world.account("secretary"),
    )
    factories.keep_duties(timezone.localdate())


# To whom each must not be known. Who answers for the branch is told of events by number alone, so that
# he is not among them.
WORLDS = {
    "other words": (
        _other_words,
        ("chief", "staff", "inspector", "colleague", "former", "other_secretary"),
    ),
    "another talk": (
        _another_talk,
        ("deputy", "staff", "inspector", "committee_member", "colleague", "other_secretary"),
    ),
    "an event": (
        _an_event,
        ("deputy", "member", "colleague", "former", "other_secretary", "other_inspector", "auditor"),
    ),
}


@pytest.mark.parametrize(("change", "roles"), WORLDS.values(), ids=WORLDS)
def test_nobody_is_told_of_it(place: Place, change: Callable[[Place], None], roles: tuple[str, ...]) -> None:
    place.look(roles)
    with undone():
        change(place)
        assert place.differing(roles) == set()


def _parts(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook; the hour at which each was packed is that of the disk."""
    with ZipFile(BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_a_workbook_without_content_does_not_depend_on_it(place: Place) -> None:
    """Nor do its properties."""
    sent = {"organisation": place.world.branch.pk}
    first = place.door.ask("staff", "POST", reverse("export"), sent)
    assert first.headers["Content-Disposition"].partition(";")[0] == "attachment"
    assert "docProps/core.xml" in _parts(first.content)
    with undone():
        _other_words(place)
        second = place.door.ask("staff", "POST", reverse("export"), sent)
        assert second.headers["Content-Disposition"] == first.headers["Content-Disposition"]
        assert _parts(second.content) == _parts(first.content)


# --- controls: with the filter taken out the difference is seen -------------------------------------------


def test_control_a_list_without_its_filter(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk_pages, "listed_talks", lambda account, today: Talk.objects.all())
    monkeypatch.setattr(talk_pages, "still_seen", lambda account, talks, today: list(talks))
    address = reverse("talks")
    place.asked["deputy", address] = place.door.ask("deputy", "GET", address)
    with undone():
        _another_talk(place)
        assert place.differing(("deputy",), addresses=[address]) == {("deputy", address)}
    del place.asked["deputy", address]


def test_control_a_record_that_all_may_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "may_read_content", lambda account, talk, today: True)
    address = reverse("talk", args=[place.talk.code])
    place.asked["chief", address] = place.door.ask("chief", "GET", address)
    with undone():
        _other_words(place)
        assert place.differing(("chief",), addresses=[address]) == {("chief", address)}
    del place.asked["chief", address]


def test_control_who_knows_of_the_event_is_shown_it(place: Place) -> None:
    address = reverse("duties")
    place.asked["secretary", address] = place.door.ask("secretary", "GET", address)
    with undone():
        _an_event(place)
        assert place.differing(("secretary",), addresses=[address]) == {("secretary", address)}
