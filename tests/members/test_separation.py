"""Three offices, three accounts, and no content for any of them (design.md sections 1 and 4a)."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from members.models import Account, Mandate, MandateKind
from members.permissions import led_organisations, readable_events, reported_organisations
from members.permissions.standing import ADMINISTRATORS
from members.services import mandates
from reports.models import FindingStep
from reports.permissions import visible_finding_steps, visible_reports
from talks.models import (
    Disclosure,
    GatheredOpinion,
    Handover,
    MergedOpinion,
    Progress,
    Remedy,
    Settlement,
    Talk,
)
from talks.permissions import (
    known_requests,
    ledger_remedies,
    may_read_content,
    readable_waivers,
    reading_of,
    visible_amendments,
    visible_attachments,
    visible_corrections,
    visible_disclosures,
    visible_drafts,
    visible_gathered_opinions,
    visible_handovers,
    visible_merged_opinions,
    visible_opinions,
    visible_preparations,
    visible_progress,
    visible_remedies,
    visible_requests,
    visible_settlements,
)
from tests import factories
from tests.conftest import World
from tests.reports import rows
from tests.talks.test_services import at_once
from vault.services import Actor

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 2, tzinfo=UTC)
ACTOR = Actor(account="tests", address="127.0.0.1")
OFFICES = list(ADMINISTRATORS)


def grant(account: Account, kind: MandateKind, since: date = TODAY, **more: Any) -> Mandate:
    return mandates.grant_mandate(actor=ACTOR, at=AT, account=account, kind=kind, since=since, **more)


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


# --- who may hold which ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_periods_that_meet_later_are_refused_and_those_that_do_not_are_not() -> None:
    account = factories.an_account()
    grant(account, MandateKind.SYSTEM, until=date(2026, 12, 1))
    late = {"since": date(2026, 11, 30), "until": date(2027, 1, 1)}
    assert refused(lambda: grant(account, MandateKind.AUDITOR, **late)) == mandates.THREE_PERSONS
    early = {"since": date(2026, 1, 1), "until": None}
    assert refused(lambda: grant(account, MandateKind.AUDITOR, **early)) == mandates.THREE_PERSONS
    assert grant(account, MandateKind.AUDITOR, since=date(2026, 12, 1)).pk


@pytest.mark.parametrize("office", OFFICES)
def test_no_office_for_the_account_of_a_member(world: World, office: MandateKind) -> None:
    assert refused(lambda: grant(world.account("member"), office)) == mandates.NOT_A_MEMBERS


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("other", [MandateKind.STAFF, MandateKind.INSPECTOR])
def test_an_office_stands_alone(world: World, office: MandateKind, other: MandateKind) -> None:
    one, two = factories.an_account(), factories.an_account()
    grant(one, office)
    assert refused(lambda: grant(one, other, organisation=world.branch)) == mandates.OFFICE_STANDS_ALONE
    grant(two, other, organisation=world.branch)
    assert refused(lambda: grant(two, office)) == mandates.OFFICE_STANDS_ALONE


@pytest.mark.django_db
def test_the_table_keeps_them_apart_too() -> None:
    account = factories.an_account()
    factories.a_mandate(account, MandateKind.SYSTEM, until=date(2026, 7, 1))
    with pytest.raises(IntegrityError, match="mandate_offices_apart"), transaction.atomic():
        factories.a_mandate(account, MandateKind.AUDITOR)
    later = factories.a_mandate(account, MandateKind.AUDITOR, since=date(2026, 7, 1))
    with pytest.raises(IntegrityError, match="mandate_offices_apart"), transaction.atomic():
        Mandate.objects.filter(pk=later.pk).update(since=date(2026, 6, 30))


@pytest.mark.django_db(transaction=True)
def test_of_two_offices_granted_at_once_one_is_refused() -> None:
    account = factories.an_account()
    outcomes = at_once(
        lambda: grant(account, MandateKind.SYSTEM), lambda: grant(account, MandateKind.AUDITOR)
    )
    assert sorted(outcomes) == ["", mandates.THREE_PERSONS]
    assert Mandate.objects.count() == 1


def _guard(is_taken_out: bool) -> None:
    """Takes the constraint of the table out, or puts it back; what SQLite needs is in the migration."""
    migration = import_module("members.migrations.0010_offices_apart")
    with connection.schema_editor() as editor:
        (migration.unguard if is_taken_out else migration.guard)(None, editor)


@pytest.mark.django_db(transaction=True)
def test_without_the_questions_asked_and_the_constraint_both_would_be_granted() -> None:
    """The negative control: whoever writes rows past the service is stopped by the table alone."""
    account = factories.an_account()
    _guard(is_taken_out=True)
    try:
        for kind in (MandateKind.SYSTEM, MandateKind.AUDITOR):
            factories.a_mandate(account, kind)
        assert Mandate.objects.count() == 2
    finally:
        Mandate.objects.all().delete()
        _guard(is_taken_out=False)


# --- none of them reads ------------------------------------------------------------------------------------


# What somebody asked for, answered, noted or had made himself, beside the talks.
OWN_TEXTS: list[Callable[..., Iterable[Any]]] = [
    *(visible_requests, known_requests, visible_handovers, readable_waivers, visible_settlements),
    *(visible_progress, ledger_remedies, visible_gathered_opinions, visible_merged_opinions),
    *(visible_disclosures, visible_finding_steps, visible_reports),
]

# Where it is asked whether an account holds one of the offices.
ASKING = [
    *("reports.permissions.documents", "reports.permissions.findings", "talks.permissions.disclosures"),
    *("talks.permissions.opinions", "talks.permissions.records", "talks.permissions.remedies"),
    *("talks.permissions.requests", "talks.permissions.waivers"),
]


def everything_of(account: Account) -> list[object]:
    """What the account may read of what was said, whatever its way there."""
    every = Talk.objects.values("pk")
    asked = (
        *(partial(visible_opinions, talks=every), partial(visible_amendments, talks=every)),
        *(visible_attachments, visible_corrections),
        *(visible_drafts, visible_preparations, visible_remedies, readable_events),
        *OWN_TEXTS,
    )
    return [row for visible in asked for row in visible(account, today=TODAY)]


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("role", ["committee_member", "member", "secretary"])
def test_exclusions_win_over_what_a_person_took_part_in(world: World, office: MandateKind, role: str) -> None:
    """Of an account that has both from before the rule: it reads nothing, not even of its own talks."""
    talk = factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=date(2026, 6, 1),
        content="谈到排班。",
        opinions=["调整值守"],
        remedies=["重排"],
    )
    factories.an_event(
        world.colleague, happened_on=date(2026, 6, 2), entered_by=world.account(role), note="住院"
    )
    account = world.account(role)
    assert reading_of(account, talk, today=TODAY)
    assert everything_of(account)
    factories.a_mandate(account, office)
    assert not reading_of(account, talk, today=TODAY)
    assert not may_read_content(account, talk, today=TODAY)
    assert everything_of(account) == []
    assert not led_organisations(account, today=TODAY).exists()
    assert not reported_organisations(account, today=TODAY).exists()


def _own_texts(world: World) -> Account:
    """The 支委, of whom there is a text of each sort that lies beside the records."""
    account, me, day = world.account("committee_member"), world.committee_member, date(2026, 6, 1)
    talk = factories.a_talk([me], [world.member], held_on=day, content="谈到排班。", remedies=["重排"])
    Remedy.objects.update(owner=me, organisation=world.branch, released_by=me, released_on=day)
    remedy = Remedy.objects.get()
    asked = factories.a_request(me, world.chief, asked_on=day, reason="想谈岗位")
    Handover.objects.create(request=asked, colleague=world.deputy, reason="出差", offered_at=AT)
    factories.a_waiver(world.branch, world.member, asked_by=me)
    Settlement.objects.create(
        remedy=remedy, number=1, organisation=world.branch, result="已重排。", asked_by=me, asked_on=day
    )
    Progress.objects.create(remedy=remedy, number=1, noted_on=day, noted_by=me, text="正在办理")
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 7, 1))
    GatheredOpinion.objects.create(
        meeting=meeting, number=1, text="食堂", channel="谈心谈话", released_by=me, released_at=AT, speaker=me
    )
    MergedOpinion.objects.create(meeting=meeting, number=1, text="食堂").persons.add(me)
    Disclosure.objects.create(
        talk=talk, organisation=world.branch, asked_by=account, number=1, reason="核对。", asked_at=AT
    )
    FindingStep.objects.create(
        finding=rows.a_finding(world, talks=[talk]),
        number=1,
        kind="explained",
        at=AT,
        by=account,
        text="补录",
    )
    report = rows.a_report(world.branch, account)
    report.kind = "personal"
    report.save(update_fields=["kind"])
    return account


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("visible", OWN_TEXTS)
def test_nor_what_a_person_wrote_beside_the_talks(
    world: World, office: MandateKind, visible: Callable[..., Iterable[Any]]
) -> None:
    """Without the office he reads each: what is taken away is not what was not there."""
    account = _own_texts(world)
    assert list(visible(account, today=TODAY))
    factories.a_mandate(account, office)
    assert list(visible(account, today=TODAY)) == []


def test_without_the_question_an_office_would_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    account = _own_texts(world)
    factories.a_mandate(account, MandateKind.AUDITOR)
    talk = Talk.objects.get()
    assert not reading_of(account, talk, today=TODAY)
    assert everything_of(account) == []
    for module in ASKING:
        monkeypatch.setattr(f"{module}.is_administrator", lambda *_: False)
    assert reading_of(account, talk, today=TODAY).whole
    assert all(list(visible(account, today=TODAY)) for visible in OWN_TEXTS)


@pytest.mark.parametrize("role", ["system", "security", "auditor"])
def test_the_page_of_a_talk_does_not_exist_for_them(
    world: World, client_of: Callable[[Account], Client], role: str
) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 6, 1), content="谈到排班。")
    client = client_of(world.account(role))
    assert client.get(reverse("talk", args=[talk.code])).status_code == 404
    assert client.get(reverse("talks")).status_code == 404


# --- Django's admin ----------------------------------------------------------------------------------------


def test_there_is_no_admin_of_django(settings: Any) -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert "admin" not in (get_resolver().namespace_dict or {})
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/members/account/"])
def test_nothing_answers_at_its_addresses(
    world: World, client_of: Callable[[Account], Client], address: str
) -> None:
    assert client_of(world.account("system")).get(address).status_code == 404
