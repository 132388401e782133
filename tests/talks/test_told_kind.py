"""Of what kind a talk was, is for its people and for the principal of its organisation.

A talk of 关怀, 提醒 or 教育 tells that something happened to the one who was talked to (design.md section 4).
"""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account
from talks.models import Talk
from tests import factories
from tests.conftest import PERSONAS, World

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Account], Client]
KNOWING = {"committee_member", "member", "secretary"}
WORDS = ("关怀", "家访契机", "回访")


@pytest.fixture
def care(world: World) -> Talk:
    """The 支委 talked with the member after something had happened to him."""
    talk = factories.a_talk([world.committee_member], [world.member], held_on=date(2026, 3, 2))
    Talk.objects.filter(pk=talk.pk).update(kind="关怀", occasion="家访契机", follow_up_on=date(2026, 6, 1))
    return talk


@pytest.mark.parametrize("role", PERSONAS)
def test_the_page_of_a_talk(world: World, client_of: ClientOf, care: Talk, role: str) -> None:
    page = client_of(world.account(role)).get(reverse("talk", args=[care.code])).content.decode()
    assert [word in page for word in WORDS] == [role in KNOWING] * 3


def test_the_list_of_talks(world: World, client_of: ClientOf, care: Talk) -> None:
    told, named = set(), set()
    for role in PERSONAS:
        page = client_of(world.account(role)).get(reverse("talks")).content.decode()
        told |= {role} if "关怀" in page else set()
        named |= {role} if care.code in page else set()
    assert told == KNOWING
    assert named == {*KNOWING, "chief", "staff", "inspector"}
