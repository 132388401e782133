"""联系党员: who is whose contact, who has waited for longest, what nobody learns from it."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account, Member
from talks.permissions import contact_organisations, contacted_members, last_talked
from talks.rules.contacts import is_long_ago, months_between, since_words, suggested_way
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import PERSONAS, World

Browser = Callable[[Account], Client]
TODAY = date(2026, 6, 15)
CONTACTS = "/contacts/"


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 15), date(2026, 2, 14), 0),
        (date(2026, 1, 15), date(2026, 2, 15), 1),
        (date(2025, 6, 15), date(2026, 6, 15), 12),
        (date(2025, 6, 16), date(2026, 6, 15), 11),
    ],
)
def test_months(earlier: date, later: date, months: int) -> None:
    assert months_between(earlier, later) == months


def test_words() -> None:
    assert since_words(None, TODAY) == "没有记录"
    assert since_words(date(2026, 6, 1), TODAY) == "一个月内"
    assert since_words(date(2026, 3, 15), TODAY) == "3个月前"
    assert [is_long_ago(day, TODAY) for day in (None, date(2025, 6, 15), date(2025, 6, 16))] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("floating", "difficulty", "frail", "way"),
    [
        (False, False, False, "面对面"),
        (True, False, False, "电话"),
        (False, True, False, "上门走访"),
        (False, False, True, "上门走访"),
        (True, False, True, "电话"),
    ],
)
def test_the_way_suggested(floating: bool, difficulty: bool, frail: bool, way: str) -> None:
    assert suggested_way(is_floating=floating, is_in_difficulty=difficulty, is_frail=frail) == way


def test_whose_contacts_one_sees(world: World) -> None:
    def codes(role: str) -> set[str]:
        return {place.code for place in contact_organisations(world.account(role), today=TODAY)}

    seen = {role: codes(role) for role in PERSONAS if codes(role)}
    assert seen == {
        "chief": {"SYJ"},
        "deputy": {"SYJ"},
        "secretary": {"HC"},
        "committee_member": {"HC"},
        "other_secretary": {"YJ"},
        "stranger": {"WB1"},
        "staff": {"SYJ", "HC", "YJ"},
    }
    # Who has left the team is still the contact of those assigned to him, and of nobody else.
    world.committee_member.posts.update(until=date(2026, 6, 1))
    assert codes("committee_member") == {"HC"}
    account = world.account("committee_member")
    members = contacted_members(account, world.branch, today=TODAY)
    assert set(members) == {world.member, world.committee_member}


def last(world: World, role: str, member: Member) -> date | None:
    return last_talked(world.account(role), [member], today=TODAY).get(member.pk)


def test_the_last_talk_that_one_may_know_of(world: World) -> None:
    day = date(2026, 3, 2)
    factories.a_talk([world.secretary], [world.member], held_on=day)
    assert last(world, "secretary", world.member) == day
    # The 支委 took no part, but sees that the year's talk of a 支委 with the member is done.
    assert last(world, "committee_member", world.colleague) is None
    assert last(world, "committee_member", world.member) is None
    factories.keep_duties(TODAY)
    assert last(world, "committee_member", world.member) == day
    # An inspector and staff see the ledger; there is no list for the former.
    assert last(world, "staff", world.member) == day


def test_what_does_not_count(world: World) -> None:
    for held_on, state in (
        (date(2026, 3, 2), TalkState.PLANNED),
        (date(2026, 3, 3), TalkState.HELD),
        (date(2026, 3, 4), TalkState.CANCELLED),
    ):
        factories.a_talk([world.secretary], [world.member], held_on=held_on, state=state)
    assert last(world, "secretary", world.member) is None


def test_a_talk_with_a_superior_is_told_to_nobody_below(world: World) -> None:
    # That the 党委书记 talked with him belongs to no ledger of the branch.
    factories.an_event(world.member, "组织处理", happened_on=date(2026, 3, 2))
    factories.a_talk([world.chief], [world.member], held_on=date(2026, 3, 4))
    factories.keep_duties(TODAY)
    assert last(world, "chief", world.member) == date(2026, 3, 4)
    for role in ("secretary", "committee_member", "staff"):
        assert last(world, role, world.member) is None, role


@time_machine.travel("2026-06-15T09:00:00+08:00")
def test_the_page_puts_who_has_waited_longest_first(world: World, client_of: Browser) -> None:
    Member.objects.filter(pk=world.member.pk).update(is_floating=True)
    Member.objects.filter(pk=world.colleague.pk).update(is_frail=True)
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2))
    type(talk).objects.filter(pk=talk.pk).update(kind="关怀")
    client = client_of(world.account("secretary"))
    text = client.get(CONTACTS).content.decode()
    assert text.index("吴桂兰</a>") < text.index("梁志强</a>")
    assert "3个月前" in text
    assert "关怀" not in text
    assert "2026年3月2日" not in text
    assert "建议电话" in text
    assert "建议上门走访" in text
    assert "subject=P014&amp;form=%E4%B8%8A%E9%97%A8%E8%B5%B0%E8%AE%BF" in text
    # Oneself is not booked.
    assert "subject=P011" not in text
    only = client.get(f"{CONTACTS}?group=frail").content.decode()
    assert "吴桂兰</a>" in only
    assert "梁志强</a>" not in only
    mine = client_of(world.account("committee_member")).get(f"{CONTACTS}?group=mine").content.decode()
    assert "梁志强</a>" in mine
    assert "吴桂兰</a>" not in mine


@time_machine.travel("2026-06-15T09:00:00+08:00")
def test_a_talk_is_booked_with_whom_and_which_way_the_address_names(world: World, client_of: Browser) -> None:
    client = client_of(world.account("secretary"))
    text = client.get(f"{reverse('talk-book')}?subject=P013&form=电话").content.decode()
    assert 'value="梁志强"' in text
    assert '<option value="电话" selected>' in text
    # Who is out of reach, and a word that is none, are left out.
    text = client.get(f"{reverse('talk-book')}?subject=P021&form=信鸽").content.decode()
    assert "邹凯" not in text
    assert "信鸽" not in text


def test_the_page_costs_the_same_with_many(world: World, client_of: Browser) -> None:
    client = client_of(world.account("secretary"))

    def cost() -> int:
        client.get(CONTACTS)
        with CaptureQueriesContext(connection) as found:
            assert client.get(CONTACTS).status_code == 200
        return len(found)

    few = cost()
    for number in range(27):
        member = factories.a_member(f"江{number}", world.branch)
        factories.a_liaison(world.committee_member, member)
        factories.a_post(member, world.branch, is_key=True)
        factories.a_talk([world.secretary], [member], held_on=date(2026, 3, 2))
    assert cost() == few
