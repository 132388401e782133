"""Talks in the stages of their life, and who acts."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from members.models import Account
from talks.models import Talk
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
TODAY = date(2026, 3, 10)
ACTOR = Actor(account="tests", address="127.0.0.1")
SAID = "谈到测站值班，希望排班能错开。"

ClientOf = Callable[[Account], Client]


def refused(action: Callable[[], object]) -> str:
    """What the action is refused with."""
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


def actions() -> list[str]:
    """What the trail tells, in order."""
    return list(TrailEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def booked(world: World) -> Talk:
    """The 支委 is to talk with the member on the day."""
    return factories.a_talk(
        [world.committee_member], [world.member], held_on=TODAY, state=TalkState.PLANNED, code="T1"
    )


@pytest.fixture
def recorded(world: World) -> Talk:
    """The 支委 has talked with the member and recorded it."""
    return factories.a_talk([world.committee_member], [world.member], held_on=TODAY, content=SAID, code="T2")


@pytest.fixture
def group(world: World) -> Talk:
    """The 支委 has talked with two members at once; what each said is kept apart."""
    talk = factories.a_talk(
        [world.committee_member], [world.member, world.colleague], held_on=TODAY, content=SAID, code="T3"
    )
    for row in talk.participants.filter(side="subject"):
        row.said = f"{row.member.name}所谈的话"
        row.save()
    return talk
