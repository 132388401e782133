"""Who took no part changes nothing of a talk of two that answers a 约谈, and is not told that it does.

It is Thursday, 2026-03-05, 10:00. 陆秉川, principal of the branch, leads both.
"""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from talks.models import Talk
from talks.permissions import changeable_plans, may_cancel, may_change_plan
from talks.rules.office_hours import Slot
from talks.rules.words import TalkState
from talks.services import answers, requests
from talks.services.requests import Wish
from tests import factories
from tests.conftest import PERSONAS, World
from vault.services import Actor

ClientOf = Callable[[Account], Client]
ACTOR = Actor("tests", "")
TODAY = date(2026, 3, 5)
MONDAY = date(2026, 3, 9)


@pytest.fixture(autouse=True)
def thursday() -> Iterator[None]:
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        yield


def of_request(world: World, by: str = "member") -> Talk:
    request = requests.ask_request(
        actor=ACTOR,
        at=timezone.now(),
        account=world.account(by),
        asked=world.committee_member,
        wish=Wish(slot=Slot(MONDAY, time(15), time(15, 30))),
    )
    answers.accept_request(
        actor=ACTOR, at=timezone.now(), account=world.account("committee_member"), request=request
    )
    request.refresh_from_db()
    assert request.talk is not None
    return request.talk


def ordinary(world: World) -> Talk:
    return factories.a_talk([world.committee_member], [world.member], held_on=MONDAY, state=TalkState.PLANNED)


def kept(world: World) -> Talk:
    """限参与人."""
    talk = ordinary(world)
    Talk.objects.filter(pk=talk.pk).update(participants_only=True)
    return talk


def changers(world: World, talk: Talk) -> set[str]:
    found = set()
    for role in PERSONAS:
        account = world.account(role)
        answers = {
            may_change_plan(account, talk, today=TODAY),
            may_cancel(account, talk, today=TODAY),
            changeable_plans(account, today=TODAY).filter(pk=talk.pk).exists(),
        }
        assert len(answers) == 1
        found |= {role} if True in answers else set()
    return found


def test_only_its_talker_changes_it_as_one_that_is_kept_to_the_participants(world: World) -> None:
    """The control is an ordinary one, which the principal changes too."""
    assert changers(world, ordinary(world)) == {"committee_member", "secretary"}
    Talk.objects.update(state=TalkState.CANCELLED)
    assert changers(world, of_request(world)) == {"committee_member"}
    assert changers(world, kept(world)) == {"committee_member"}


def test_a_principal_who_takes_part_goes_on_changing_it(world: World) -> None:
    talk = of_request(world, by="secretary")
    assert changers(world, talk) == {"committee_member", "secretary"}


@pytest.mark.parametrize("name", ["talk-change", "talk-cancel", "talk-move", "talk-prepare", "talk-draft"])
def test_by_no_address(world: World, client_of: ClientOf, name: str) -> None:
    talk = of_request(world)
    client = client_of(world.account("secretary"))
    sent = {
        "revision": "1",
        "reason": "换人",
        "held_on": "2026-03-10",
        "talkers": ["陆秉川"],
        "subjects": ["梁志强"],
        "recorder": "陆秉川",
    }
    address = reverse(name, args=[talk.code])
    assert client.post(address, sent).status_code == 404
    if name != "talk-move":
        assert client.get(address).status_code == 404
    talk.refresh_from_db()
    assert (talk.state, talk.held_on, talk.revision) == ("计划", MONDAY, 1)


def test_his_pages_look_as_for_one_that_is_kept(world: World, client_of: ClientOf) -> None:
    """No button, nothing to drag; else the two pages would tell which is which."""
    client = client_of(world.account("secretary"))
    pages = []
    for make in (of_request, kept):
        talk = make(world)
        Talk.objects.filter(pk=talk.pk).update(
            starts_at=time(15), ends_at=time(15, 30), kind="", form="", mode=""
        )
        html = client.get(reverse("talk", args=[talk.code])).content.decode()
        days = {"since": MONDAY.isoformat(), "until": (MONDAY + timedelta(7)).isoformat()}
        [entry] = client.get(reverse("calendar-talks"), days).json()["talks"]
        assert "修改安排" not in html
        assert "取消谈话" not in html
        assert (entry["startEditable"], entry["move"]) == (False, "")
        main = html[html.index("<main") : html.index("</main")]
        pages.append(main.replace(talk.code, "T"))
        Talk.objects.filter(pk=talk.pk).update(state=TalkState.CANCELLED)
    assert pages[0] == pages[1]


def test_after_it_was_cancelled_the_talk_tells_no_more(world: World, client_of: ClientOf) -> None:
    talk = of_request(world)
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.CANCELLED)
    client = client_of(world.account("secretary"))
    assert client.get(reverse("talk-change", args=[talk.code])).status_code == 404
