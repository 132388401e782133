"""Whether a talk is kept by one of its participants or came from a 约谈, no paper tells anybody else."""

from datetime import date

import pytest

from members.models import Account
from reports.figures import record
from talks.models import Talk
from talks.permissions import may_read_content
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db

HELD = date(2026, 6, 1)
TODAY = date(2026, 6, 15)


def _kept(world: World) -> Talk:
    return factories.a_talk(
        [world.committee_member], [world.member], held_on=HELD, participants_only=True, code="T1"
    )


def _asked_for(world: World) -> Talk:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=HELD, code="T2")
    factories.a_request(
        world.member, world.committee_member, asked_on=HELD, state=RequestState.HELD.value, talk=talk
    )
    return talk


def _told(talk: Talk, account: Account) -> str:
    """What stands above the form, but for its number."""
    sheet = record.record_figures(talk, account=account, said=None, as_of=TODAY, today=TODAY)
    return sheet.right


def test_to_who_may_read_neither_both_look_alike(world: World) -> None:
    account = world.account("secretary")
    talks = [_kept(world), _asked_for(world)]
    assert not any(may_read_content(account, talk, today=TODAY) for talk in talks)
    assert {_told(talk, account) for talk in talks} == {f"状态：{TalkState.RECORDED.value}"}


def test_without_the_question_they_do_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_has_part", lambda *_: True)
    account = world.account("secretary")
    assert _told(_kept(world), account) != _told(_asked_for(world), account)


@pytest.mark.parametrize("role", ["committee_member", "member"])
def test_those_who_took_part_are_told(world: World, role: str) -> None:
    assert _told(_kept(world), world.account(role)).endswith("知悉范围：限参与人")
    assert _told(_asked_for(world), world.account(role)).endswith("知悉范围：按规定")
