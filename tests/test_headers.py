"""What goes with every answer to the browser, errors and downloads too."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Account], Client]


def addresses(world: World) -> dict[str, str]:
    """One of each sort: a list, a record, its form, a page that is not there, a download, a redirect."""
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2), content="原话")
    draft = factories.a_talk(
        [world.secretary], [world.member], held_on=date(2026, 3, 3), state=TalkState.HELD
    )
    return {
        reverse("workbench"): "secretary",
        reverse("duties"): "secretary",
        reverse("talks"): "secretary",
        reverse("talk", args=[talk.code]): "member",
        reverse("talk-record", args=[draft.code]): "secretary",
        reverse("talk", args=["nothing"]): "secretary",
        reverse("members"): "staff",
        reverse("upload-template"): "staff",
        reverse("sign-in"): "staff",
    }


def test_no_answer_is_kept_by_a_browser_and_every_one_has_its_policy(
    world: World, client_of: ClientOf
) -> None:
    """Whoever sits down at the machine afterwards must not find a record by pressing “back”."""
    wrong = {}
    for address, role in addresses(world).items():
        headers = client_of(world.account(role)).get(address).headers
        kept = headers.get("Cache-Control", "")
        policy = headers.get("Content-Security-Policy", "")
        if "no-store" not in kept or "private" not in kept or "default-src 'none'" not in policy:
            wrong[address] = (kept, policy)
    assert wrong == {}


def test_a_wrong_host_and_a_door_that_is_shut_are_not_kept_either(client: Client) -> None:
    for response in (client.get("/", headers={"host": "elsewhere.example"}), client.get("/")):
        assert response.status_code in (302, 400)
        assert "no-store" in response.headers["Cache-Control"]
