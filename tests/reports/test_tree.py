"""督查总览: figures of the branches of an organisation, by hand."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from io import BytesIO

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Organisation
from branches.rules import OrganisationKind
from members.models import Account
from reports.figures.tree import TreeRow, tree_of
from reports.models import Finding
from talks.figures.coverage import Coverage
from talks.models import BelowSum, DutySum
from tests import factories
from tests.conftest import World
from tests.reports.rows import a_finding
from vault.models import TrailEntry

ClientOf = Callable[[Account], Client]
TODAY = date(2026, 3, 5)
DUE, PAST = date(2026, 12, 31), date(2026, 3, 4)


def a_sum(place: Organisation, year: int = 2026, due_on: date = DUE, **numbers: int) -> None:
    columns = dict.fromkeys(("owed", "done", "late", "planned", "waived"), 0) | numbers
    row = {"rule": "SBT.3", "year": year, "is_meeting": False, "due_on": due_on, **columns}
    DutySum.objects.create(organisation=place, **row)
    for superior in place.ancestor_ids():
        BelowSum.objects.create(organisation_id=superior, **row)


@pytest.fixture
def sums(world: World) -> Organisation:
    """Under the committee two branches and a committee with a branch of its own."""
    office = factories.an_organisation(
        "机关党委", OrganisationKind.COMMITTEE, superior=world.committee, code="JG"
    )
    first = factories.an_organisation("机关第一党支部", superior=office, code="JG1")
    a_sum(world.committee, owed=2, done=1)
    a_sum(office, owed=10, done=4, late=1, planned=2, waived=3)
    a_sum(office, due_on=PAST, owed=5, done=2, planned=1)
    a_sum(first, owed=1, done=1)
    a_sum(world.other_branch, owed=4)
    a_sum(office, year=2025, due_on=date(2025, 12, 31), owed=8, done=6)
    a_sum(world.foreign_branch, owed=100, done=100)
    return office


def by_code(top: Organisation, year: int = 2026) -> dict[str, TreeRow]:
    everywhere = Organisation.objects.all()
    rows = tree_of(top, everywhere, Finding.objects.all(), year=year, today=TODAY)
    assert rows[0].organisation == top
    return {row.organisation.code: row for row in rows}


def test_each_branch_is_summed_with_what_lies_below_it(world: World, sums: Organisation) -> None:
    a_finding(world)
    rows = by_code(world.committee)
    assert set(rows) == {"SYJ", "HC", "YJ", "JG"}
    total, office, other = rows["SYJ"], rows["JG"], rows["YJ"]
    # 10 + 5 + 1 owed; 4 + 1 + 2 + 1 met; of the ones past their day 3 of 5 are unmet, booked or not.
    assert office.coverage == Coverage(owed=16, met=8, scheduled=2, overdue=3, waived=3)
    assert office.before == Coverage(owed=8, met=6, overdue=2)
    assert (office.below, office.findings, office.change) == (1, 0, "－25.0")
    assert other.coverage == Coverage(owed=4)
    assert (other.below, other.findings, other.change) == (0, 0, "—")
    assert (rows["HC"].coverage, rows["HC"].findings) == (Coverage(), 1)
    assert total.coverage == Coverage(owed=22, met=9, scheduled=2, overdue=3, waived=3)
    assert (total.below, total.findings) == (4, 1)


def test_of_a_committee_below_its_own_and_its_branches(world: World, sums: Organisation) -> None:
    rows = by_code(sums)
    assert set(rows) == {"JG", "JG1"}
    assert (rows["JG"].coverage.owed, rows["JG1"].coverage) == (16, Coverage(owed=1, met=1))


def test_a_year_that_is_closed(world: World, sums: Organisation) -> None:
    office = by_code(world.committee, year=2025)["JG"]
    assert (office.coverage.owed, office.coverage.met, office.before, office.change) == (
        8,
        6,
        Coverage(),
        "—",
    )


def test_what_an_inspector_does_not_inspect_is_in_no_row(
    world: World, sums: Organisation, client_of: ClientOf
) -> None:
    """Where he is affiliated himself: neither a row nor in the sum of those above."""
    account = world.account("inspector")
    account.member = factories.a_member("顾行之", world.other_branch, code="P050")
    account.save()
    html = client_of(account).get(reverse("inspection")).content.decode()
    assert "沿江支队党支部" not in html
    assert "应谈18项，已谈9项" in html


def test_down_and_to_the_year_before(world: World, sums: Organisation, client_of: ClientOf) -> None:
    client = client_of(world.account("inspector"))
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        client = client_of(world.account("inspector"))
        page = client.get(reverse("inspection")).content.decode()
        assert "应谈22项，已谈9项，覆盖率40.9%，上年75.0%" in page
        assert "?organisation=JG&amp;year=2026" in page
        below = client.get(reverse("inspection"), {"organisation": "JG", "year": "2025"}).content.decode()
    assert "应谈8项，已谈6项，覆盖率75.0%，上年—" in below
    assert "机关第一党支部" in below


@pytest.mark.parametrize(("role", "code"), [("secretary", "YJ"), ("secretary", "SYJ"), ("inspector", "WB")])
def test_of_others_nothing_is_known(world: World, client_of: ClientOf, role: str, code: str) -> None:
    client = client_of(world.account(role))
    assert client.get(reverse("inspection"), {"organisation": code}).status_code == 404


def test_the_level_on_screen_is_taken_along(world: World, sums: Organisation, client_of: ClientOf) -> None:
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        answer = client_of(world.account("inspector")).get(
            reverse("inspection"), {"organisation": "SYJ", "year": "2026", "file": "xlsx"}
        )
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.iter_rows(min_row=4, values_only=True))
    assert rows[0][1:10] == (world.committee.name, 4, 22, 9, 2, "40.9%", "75.0%", "－34.1", 3)
    assert [row[1] for row in rows[1:4]] == ["合川分局党支部", "沿江支队党支部", "机关党委"]
    entry = TrailEntry.objects.get(action="下载")
    assert (entry.account, entry.target) == ("inspector", "SYJ")
    assert sha256(answer.content).hexdigest() in entry.detail
    stranger = client_of(world.account("secretary"))
    assert stranger.get(reverse("inspection"), {"organisation": "SYJ", "file": "xlsx"}).status_code == 404


def test_it_costs_the_same_with_many(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("inspector"))

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("inspection")).status_code == 200
        return len(queries)

    a_sum(world.branch, owed=1)
    cost()
    few = cost()
    for number in range(30):
        place = factories.an_organisation(f"第{number}党支部", superior=world.committee, code=f"N{number}")
        a_sum(place, owed=1)
    assert cost() == few
