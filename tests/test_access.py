"""One table names every address, every role and the answer; an address missing from it fails.

The rows stand beside the tests of each app, in tests/<app>/access.py. Strangers get 404, never 403.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from members.models import Account
from tests.access import HIDDEN, ROLES, Row
from tests.branches import access as branches
from tests.conftest import PERSONAS, World
from tests.guards import APPS
from tests.members import access as members
from tests.pages import faults_of
from tests.reports import access as reports
from tests.talks import access as talks
from tests.vault import access as vault

TABLE: list[Row] = [*talks.ROWS, *members.ROWS, *branches.ROWS, *reports.ROWS, *vault.ROWS]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def test_every_address_stands_in_the_table() -> None:
    names = [pattern.name for pattern in _patterns(get_resolver())]
    assert [pattern for pattern in _patterns(get_resolver()) if not pattern.name] == []
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert sorted(set(map(str, names)) - {row.name for row in TABLE}) == []


def test_the_table_names_no_address_that_is_not_there() -> None:
    names = {pattern.name for pattern in _patterns(get_resolver())}
    assert {row.name for row in TABLE} - names == set()
    assert set(ROLES) <= set(PERSONAS)


def _answer(client: Client, row: Row, world: World, address: str) -> tuple[int, str]:
    """Status and where it sends to; what the request wrote is undone, for the next role."""
    before = transaction.savepoint()
    response = client.get(address) if row.post is None else client.post(address, row.post(world))
    transaction.savepoint_rollback(before)
    assert faults_of(response) == [], address
    return response.status_code, response.headers.get("Location", "")


def _address(row: Row, world: World) -> str:
    query = row.asked(world) if row.asked else row.query
    return reverse(row.name, kwargs=dict(row.arguments(world)) if row.arguments else None) + query


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name + row.query)
def test_every_role_is_answered_as_the_table_says(
    world: World, client_of: Callable[[Account], Client], row: Row
) -> None:
    address = _address(row, world)
    answers = {role: _answer(client_of(world.account(role)), row, world, address)[0] for role in ROLES}
    assert answers == {role: row.statuses.get(role, HIDDEN) for role in ROLES}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name + row.query)
def test_who_has_not_signed_in_is_sent_to_the_door(world: World, row: Row) -> None:
    status, location = _answer(Client(), row, world, _address(row, world))
    if row.is_open:
        assert status in (200, 302)
    else:
        assert (status, location.partition("?")[0]) == (302, reverse("sign-in"))


# --- every model can be asked for by who may see it ---------------------------------------------------------

# branches lies below accounts, so its rights are written where accounts are known.
PERMISSIONS = {
    "vault": "reports",
    "branches": "members",
    "members": "members",
    "talks": "talks",
    "reports": "reports",
}
PLURALS = {
    "arrangedtalk": "arranged_talks",
    "talkrequest": "requests",
    "remedy": "remedies",
    "duty": "duties",
    "delivery": "deliveries",
    "gatheredopinion": "gathered_opinions",
    "mergedopinion": "merged_opinions",
    "meetingstep": "meeting_steps",
    "deputy": "deputies",
    "requestnotice": "request_notices",
    "disclosurenotice": "disclosure_notices",
    "progress": "progress",
    "findingstep": "finding_steps",
    "trailentry": "trail_entries",
}
NOBODY_SEES_ALONE = {
    "talks.fingerprint": "for the sweep, which tells in how much two records agree",
    "branches.stale": "a mark for the reconciliation",
    "talks.reconciliation": "how far the reconciliation has come",
    "talks.dutysum": "sums of duties, in the figures of the organisations that one may count",
    "talks.ledgertalk": "for lists of many organisations, whose rows are judged again by the facts",
    "members.secondfactor": "one's own, on the page of the account, which does not show the key again",
    "members.recoverycode": "one's own, how many are left",
    "members.oldpassword": "for the policy: hashes that are compared when a password is chosen",
    "members.signedin": "one's own, on the page of one's sessions",
    "members.keptform": "for who typed it, when he is signed in again in the same browser",
    "members.trycount": "for the door: how often signing in failed, of whom it does not tell",
    "talks.reliance": "for the reconciliation, whose posts decided",
    "talks.chase": "for the sweep, through which day it has come",
    "talks.engagement": "for the database, that nobody is in two places; whoever is told is told a name",
    "talks.calendarfeed": "one's own, on the page that makes it",
    "talks.officehours": "published: whoever may ask the leader is offered what they come to",
    "talks.officeexception": "as the hours of the week",
    "talks.noticepreference": "one's own, on the page that sets it",
    "branches.workingday": "the State Council's calendar is public",
    "reports.sweep": "for the sweep, of which day it is; the list says so",
    "vault.trailhead": "one row that holds the secret of the trail's chain",
}


def _visible(label: str) -> str:
    app, model = label.split(".")
    return f"{PERMISSIONS[app]}.permissions:visible_{PLURALS.get(model, model + 's')}"


LABELS = sorted(model._meta.label_lower for app in APPS for model in apps.get_app_config(app).get_models())


def test_the_models_are_found() -> None:
    assert {"members.member", "branches.organisation", "talks.talk", "reports.report"} <= set(LABELS)
    assert set(NOBODY_SEES_ALONE) <= set(LABELS)


@pytest.mark.parametrize("label", [label for label in LABELS if label not in NOBODY_SEES_ALONE])
def test_every_model_says_who_sees_its_rows(label: str) -> None:
    module, _, function = _visible(label).partition(":")
    assert callable(getattr(import_module(module), function, None)), f"{module}.{function} is missing"
