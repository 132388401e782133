"""审计: the auditor alone reads the trail; that he did is in it; filters, check, export."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account, MandateKind
from reports.services import trail as services
from tests import factories
from tests.conftest import PERSONAS, World
from vault.models import TrailEntry
from vault.services import Actor, enter_trail

AT = datetime(2026, 6, 15, 2, tzinfo=UTC)


def an_entry(number: int = 1, account: str = "secretary", action: str = "修改", **more: Any) -> TrailEntry:
    more = {"target_kind": "党员", "target": f"P{number}", "at": AT, **more}
    return enter_trail(actor=Actor(account, "10.0.0.7"), action=action, **more)


@pytest.fixture
def auditor(world: World, client_of: Callable[[Account], Client]) -> Client:
    return client_of(world.account("auditor"))


def shown(client: Client, query: str = "") -> str:
    response = client.get(reverse("trail") + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", sorted(set(PERSONAS) - {"auditor"}))
def test_nobody_else_has_it(world: World, client_of: Callable[[Account], Client], role: str) -> None:
    client = client_of(world.account(role))
    assert client.get(reverse("trail")).status_code == 404
    assert client.post(reverse("trail-check")).status_code == 404
    assert client.post(reverse("trail-export")).status_code == 404
    assert not TrailEntry.objects.exists()


def test_an_auditor_whose_office_has_ended_has_it_no_more(world: World, auditor: Client) -> None:
    shown(auditor)
    world.account("auditor").mandates.filter(kind=MandateKind.AUDITOR).update(until=date(2020, 1, 2))
    assert auditor.get(reverse("trail")).status_code == 404


def test_a_visit_is_one_entry_whatever_it_shows(auditor: Client) -> None:
    for number in range(30):
        an_entry(number)
    shown(auditor, "?account=secretary")
    visits = TrailEntry.objects.filter(action="查看审计记录")
    assert [(entry.account, entry.detail) for entry in visits] == [
        ("auditor", '{"条件":["account=secretary"]}')
    ]


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?account=chief", {"P2"}),
        ("?action=删除", {"P3"}),
        ("?kind=谈话", {"T4"}),
        ("?target=P1", {"P1"}),
        ("?outcome=failed", {"P5"}),
        ("?since=2026-06-16", {"P6"}),
        ("?until=2026-06-14", {"P7"}),
        ("?account=nobody", set()),
    ],
)
def test_the_filters_stand_in_the_address(auditor: Client, query: str, there: set[str]) -> None:
    an_entry(1)
    an_entry(2, account="chief")
    an_entry(3, action="删除")
    an_entry(target_kind="谈话", target="T4")
    an_entry(5, succeeded=False)
    an_entry(6, at=datetime(2026, 6, 16, 2, tzinfo=UTC))
    an_entry(7, at=datetime(2026, 6, 14, 2, tzinfo=UTC))
    text = shown(auditor, query)
    found = {code for code in ("P1", "P2", "P3", "T4", "P5", "P6", "P7") if f"　{code}" in text}
    assert found == there


def test_pages_of_25(auditor: Client) -> None:
    for number in range(26):
        an_entry(number)
    assert shown(auditor).count("<time") == 25
    assert shown(auditor, "?account=secretary&page=2").count("<time") == 1


def test_three_rows_and_thirty_cost_the_same_queries(auditor: Client) -> None:
    counts = []
    for number in (3, 27):
        for one in range(number):
            an_entry(one)
        with CaptureQueriesContext(connection) as captured:
            shown(auditor, "?account=secretary")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_chain_is_checked_and_the_outcome_kept(auditor: Client) -> None:
    an_entry()
    page = auditor.post(reverse("trail-check"), follow=True).content.decode()
    assert "审计记录完整" in page
    assert "校验至第1条，完整" in page
    # Touched behind the back of the system, as one who has the database could.
    with connection.cursor() as cursor:
        sign = "DISABLE TRIGGER USER" if connection.vendor == "postgresql" else ""
        if sign:
            cursor.execute(f"ALTER TABLE vault_trailentry {sign}")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS vault_trail_no_update")
        cursor.execute("UPDATE vault_trailentry SET account = 'chief' WHERE number = 1")
    page = auditor.post(reverse("trail-check"), follow=True).content.decode()
    assert "审计记录不完整：第 1 条" in page
    assert TrailEntry.objects.filter(action="校验审计链", succeeded=False).count() == 1


@pytest.mark.django_db
def test_a_trail_too_long_to_wait_for_is_left_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    an_entry()
    an_entry()
    monkeypatch.setattr(services, "MOST_CHECKED", 1)
    with pytest.raises(ValidationError, match="verify_trail"):
        services.check_trail(actor=Actor("auditor", ""), at=AT)


def test_the_export_is_entered_and_text_stays_text(auditor: Client) -> None:
    an_entry(target="=1+1")
    answer = auditor.post(reverse("trail-export") + "?account=secretary")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = list(book["审计记录"].iter_rows(values_only=True))
    assert rows[0][:3] == ("序号", "时间", "账号")
    assert [(row[2], row[6], row[8]) for row in rows[1:]] == [("secretary", "=1+1", "成功")]
    assert book["审计记录"]["G2"].data_type == "s"
    kept = TrailEntry.objects.get(action="导出审计记录")
    assert kept.detail == '{"条件":["account=secretary"],"行数":1}'


ODD = (
    *("?since=x&until=9999-99-99&page=x", "?until=9999-12-31", "?since=0001-01-01"),
    *("?page=999999", "?action=%E6%97%A0"),
)


@pytest.mark.parametrize("query", ODD)
def test_an_odd_address_is_answered(auditor: Client, query: str) -> None:
    shown(auditor, query)


def test_events_are_named_by_their_code_alone(
    world: World, auditor: Client, client_of: Callable[[Account], Client]
) -> None:
    event = factories.an_event(
        world.member, happened_on=date(2026, 6, 1), note="住院", entered_by=world.account("secretary")
    )
    client_of(world.account("secretary")).post(reverse("event-note", args=[event.code]))
    text = shown(auditor, "?kind=事件")
    assert "梁志强" not in text
    assert "家庭变故" not in text
    assert "住院" not in text
