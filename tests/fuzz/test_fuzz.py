"""A few hundred requests that no browser sends; `make fuzz` sends twenty thousand, with seeds of its own."""

import os
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from branches.models import Organisation
from branches.rules import OrganisationKind
from tests import factories
from tests.access import Row, everybody
from tests.conftest import World
from tests.fuzz.requests import Outcome, fuzz
from tests.test_access import TABLE

pytestmark = pytest.mark.django_db

SEEDS = os.environ.get("FUZZ_SEEDS", "1").split()
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "300"))


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_sent_is_answered_and_nothing_is_kept_by_halves(
    world: World, seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = fuzz(world, TABLE, seed=int(seed), requests=REQUESTS)
    with capsys.disabled():
        print("", outcome, *outcome.faults, sep="\n")
    assert outcome.faults == []
    assert outcome.sent == REQUESTS


# --- what would be seen -------------------------------------------------------------------------------------

ROW = Row("own", everybody())


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def _with(
    view: Callable[[HttpRequest], HttpResponse], world: World, monkeypatch: pytest.MonkeyPatch
) -> Outcome:
    """Twenty requests where a page is answered by the view."""
    pattern = next(one for one in _patterns(get_resolver()) if one.name == ROW.name)
    monkeypatch.setattr(pattern, "callback", view)
    return fuzz(world, [ROW], seed=1, requests=20)


def _reached(outcome: Outcome) -> int:
    """How many of the twenty reached the view: methods that no address answers do not."""
    assert outcome.sent == 20
    reached = 20 - outcome.statuses.get(405, 0)
    assert reached > 15
    return reached


def test_a_page_that_raises_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError(request.method)

    faults = _with(view, world, monkeypatch).faults
    assert [fault for fault in faults if fault.startswith("500 ZeroDivisionError")] != []


def _an_organisation(request: HttpRequest) -> Organisation:
    return factories.an_organisation("新党委", OrganisationKind.COMMITTEE)


def test_what_is_kept_although_it_was_refused_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        _an_organisation(request)
        return HttpResponse('<p class="error">', status=200)

    outcome = _with(view, world, monkeypatch)
    told = "refused with 200, but kept {'branches_organisation': 1"
    assert len([fault for fault in outcome.faults if told in fault]) == _reached(outcome)


def test_what_is_kept_and_does_not_stand_in_the_trail_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        _an_organisation(request)
        return HttpResponse(status=302, headers={"Location": "/"})

    outcome = _with(view, world, monkeypatch)
    told = "without an entry in the trail"
    assert len([fault for fault in outcome.faults if told in fault]) == _reached(outcome)


def test_a_talk_without_a_subject_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        factories.a_talk([world.secretary], [], held_on=date(2026, 3, 3))
        return HttpResponse("")

    outcome = _with(view, world, monkeypatch)
    told = "a talk without a subject"
    assert len([fault for fault in outcome.faults if fault.startswith(told)]) == _reached(outcome)
