"""Attacks on documents: another's file, one that has expired, one beyond one's mandate, a guessed number."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from members.models import Account
from reports import services, views
from reports.models import Report
from reports.rules import MAC_PRINTED
from reports.rules.documents import DOCUMENTS, Format, Kind, Scope
from reports.views import verification
from talks.models import Meeting, Talk
from talks.rules.words import MeetingKind
from tests import factories
from tests.access import ROLES
from tests.conftest import World
from tests.doors import populate
from tests.reports.papers import AT, TODAY, made, order_of
from tests.reports.rows import MAC, an_issued_report
from vault.services import Actor

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Account], Client]
NUMBER = "BG-2027-0001"


@pytest.fixture(autouse=True)
def _that_day() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=False):
        yield


def told(answer: HttpResponse) -> str:
    """The page without what differs each time: what was asked for, and the secrets of the form."""
    return re.sub(r'BG-2027-\d{4}|value="[^"]{20,}"|nonce="[^"]*"', "", answer.content.decode())


# --- another's file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in ROLES if role != "chief"])
def test_nobody_else_learns_that_a_report_is_there(world: World, client_of: ClientOf, role: str) -> None:
    """Every address, however it is asked for: the answer is that of a number that was never given."""
    populate(world)
    an_issued_report(world)
    client = client_of(world.account(role))
    for name in ("report", "report-file", "report-retry"):
        for headers in ({}, {"HX-Request": "true"}):
            for send in (client.get, client.post, client.head):
                there = send(reverse(name, args=[NUMBER]), headers=headers)
                nowhere = send(reverse(name, args=["BG-2027-0002"]), headers=headers)
                assert there.status_code == nowhere.status_code in (404, 405)
                assert told(there) == told(nowhere)
    assert Report.objects.get().fetched_at is None


def test_without_the_guard_another_would_be_given_the_file(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_issued_report(world)
    monkeypatch.setattr(views, "visible_reports", lambda account, today: Report.objects.all())
    answer = client_of(world.account("stranger")).get(reverse("report-file", args=[NUMBER]))
    assert answer.content == b"%PDF-1.7 sealed"


def test_who_has_not_signed_in_is_sent_to_the_door(world: World) -> None:
    an_issued_report(world)
    for name in ("report", "report-file"):
        answer = Client().get(reverse(name, args=[NUMBER]))
        assert (answer.status_code, answer.content) == (302, b"")


# --- a file whose time is over ------------------------------------------------------------------------------


def test_a_file_is_not_given_out_after_its_time_even_before_it_is_swept(
    world: World, client_of: ClientOf
) -> None:
    account = world.account("secretary")
    report = made(account, Kind.LEDGER, organisation=world.branch, file_format=Format.EXCEL)
    address = reverse("report-file", args=[report.number])
    file = bytes(report.file or b"")
    for after, is_given in ((timedelta(hours=24, seconds=-1), True), (timedelta(hours=24), False)):
        with time_machine.travel(AT + after, tick=False):
            answer = client_of(account).get(address)
            assert (answer.content == file, answer.status_code == 200) == (is_given, is_given)
    services.erase_expired(now=AT + timedelta(hours=24))
    with connection.cursor() as cursor:
        cursor.execute("SELECT file FROM reports_report")
        assert cursor.fetchall() == [(None,)]


# --- beyond one's mandate -----------------------------------------------------------------------------------


def of_others(world: World, kind: Kind) -> dict[str, object]:
    """What a kind may be asked of, in the other tree; and for the form of a talk: with its content."""
    if DOCUMENTS[kind].scope is Scope.MEETING:
        meeting = factories.a_meeting(
            world.foreign_branch, MeetingKind.ORGANISATION_LIFE, meeting_on=date(2026, 3, 20)
        )
        return {"meeting": meeting}
    if kind is Kind.RECORD:
        talk = factories.a_talk([world.stranger], [], held_on=date(2026, 3, 3), content="原话")
        return {"talk": talk, "with_content": True}
    return {"organisation": world.foreign_branch, "with_content": kind is Kind.RECTIFICATION}


def sent(kind: Kind, wanted: dict[str, object]) -> dict[str, object]:
    """The same as a browser would send it, made by hand."""
    typed: dict[str, object] = {"kind": kind, "year": "2026", "as_of": "2026-04-10", "since": "2026-01-01"}
    typed |= {"until": "2026-04-10", "with_below": "on", "with_content": "on", "file_format": "pdf"}
    for name, value in wanted.items():
        if isinstance(value, Talk):
            typed[name] = value.code
        elif not isinstance(value, bool):
            typed[name] = value.pk  # type: ignore[attr-defined]
    return typed


KINDS = [kind for kind in DOCUMENTS if kind is not Kind.PERSONAL]


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_given_a_document_of_another_tree(world: World, client_of: ClientOf, kind: Kind) -> None:
    populate(world)
    wanted = of_others(world, kind)
    for role in ROLES:
        if role == "stranger":
            continue
        account = world.account(role)
        assert client_of(account).post(reverse("report-ask"), sent(kind, wanted)).status_code in (200, 404)
        with pytest.raises(ValidationError):
            services.ask_for_report(
                actor=Actor(role, ""), at=AT, today=TODAY, account=account, order=order_of(kind, **wanted)
            )
    assert not Report.objects.exists()


@pytest.mark.parametrize("role", ["chief", "staff", "inspector"])
@pytest.mark.parametrize("kind", [Kind.RECORD, Kind.MEETING, Kind.OPINIONS])
def test_who_oversees_is_given_no_content(world: World, client_of: ClientOf, role: str, kind: Kind) -> None:
    """Of a talk the facts, however the form is sent; of the opinions of a meeting nothing."""
    meeting = factories.a_meeting(world.branch, MeetingKind.ORGANISATION_LIFE, meeting_on=date(2026, 3, 20))
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 3), content="原话")
    where: dict[str, Meeting | Talk] = {"talk": talk} if kind is Kind.RECORD else {"meeting": meeting}
    client_of(world.account(role)).post(reverse("report-ask"), sent(kind, {**where}))
    assert not Report.objects.filter(with_content=True).exists()
    assert not Report.objects.filter(kind__in=[Kind.MEETING, Kind.OPINIONS]).exists()
    with pytest.raises(ValidationError):
        services.ask_for_report(
            actor=Actor(role, ""),
            at=AT,
            today=TODAY,
            account=world.account(role),
            order=order_of(kind, with_content=True, **where),
        )


# --- /verify/: a guessed number -----------------------------------------------------------------------------


def test_what_is_printed_is_too_long_to_be_guessed() -> None:
    """One address is answered 20 times a minute; who has a million of them guesses 64 bits for 800 years."""
    bits = 4 * verification.CODE_PRINTED
    a_year = 60 * 24 * 365 * verification.MOST_ASKED * 1_000_000
    assert (bits, 4 * MAC_PRINTED) == (64, 128)
    assert 2 ** (bits - 1) / a_year > 800


def test_a_wrong_guess_tells_nothing_of_how_near_it_was(world: World) -> None:
    """A number that was given and one that was not, the code nearly right and not at all: one answer."""
    report = an_issued_report(world)
    answers = set()
    for number, code in ((NUMBER, "0" * 16), (NUMBER, MAC[:15] + "0"), ("BG-2027-0002", MAC[:16])):
        answer = Client().post(reverse("verify-ask"), {"number": number, "code": code})
        answers.add(told(answer).replace(code, ""))
    assert len(answers) == 1
    pages = {
        told(Client().get(reverse("verify", args=[token, mac])))
        for token, mac in (
            (report.token, MAC[: MAC_PRINTED - 1] + "0"),
            (report.token, "0"),
            (report.token, MAC[:MAC_PRINTED].upper()),
            ("00000000-0000-4000-8000-000000000000", MAC[:MAC_PRINTED]),
        )
    }
    assert len(pages) == 1


def test_nothing_is_told_of_persons_whatever_the_document_is_about(world: World) -> None:
    meeting = factories.a_meeting(world.branch, MeetingKind.ORGANISATION_LIFE, meeting_on=date(2026, 3, 20))
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 3), code="T-7788")
    names = set(Account.objects.values_list("name", flat=True)) | {
        member.name for member in (world.chief, world.secretary, world.member)
    }
    names = {name for name in names if name} | {"T-7788"}
    for number, kind in enumerate(DOCUMENTS, 1):
        report = an_issued_report(world, account=world.account("member"), number=f"BG-2027-{number:04d}")
        scope = DOCUMENTS[kind].scope
        report.kind, report.figures = kind, ""
        report.talk = talk if scope is Scope.TALK else None
        report.meeting = meeting if scope is Scope.MEETING else None
        report.organisation = None if scope in (Scope.TALK, Scope.MEETING, Scope.OWN) else world.branch
        report.save()
        answer = Client().get(reverse("verify", args=[report.token, MAC[:MAC_PRINTED]]))
        page = answer.content.decode() + str(answer.headers)
        assert (report.number in page, DOCUMENTS[kind].title in page) == (True, True)
        assert [name for name in names if name in page] == []
