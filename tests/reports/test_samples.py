"""抽查: what is drawn, from what, and that the seed draws it again."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account
from reports.figures.samples import sample_of
from reports.permissions import sampled_talks
from reports.rules.samples import drawn
from talks.models import Talk
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry

ClientOf = Callable[[Account], Client]
CODES = [f"T{number:03d}" for number in range(100)]
DAY = date(2026, 3, 2)
YEAR = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}


def test_a_seed_draws_the_same_again_in_whatever_order_they_come() -> None:
    first = drawn(CODES, size=10, seed="20260305")
    assert len(set(first)) == 10
    assert drawn(reversed(CODES), size=10, seed="20260305") == first
    assert drawn(CODES, size=10, seed="20260306") != first
    assert drawn(CODES[:3], size=10, seed="1") == drawn(CODES[:3], size=3, seed="1")


def test_what_was_not_drawn_moves_nothing() -> None:
    first = drawn(CODES, size=10, seed="7")
    left_out = next(code for code in CODES if code not in first)
    assert drawn([code for code in CODES if code != left_out], size=10, seed="7") == first


def test_each_is_drawn_as_often_as_the_others() -> None:
    """3 of 10 under 2,000 seeds: each 600 times, with a standard deviation of about 20."""
    counts = Counter(code for seed in range(2000) for code in drawn(CODES[:10], size=3, seed=str(seed)))
    assert set(counts) == set(CODES[:10])
    assert all(500 < number < 700 for number in counts.values())


def talks_of(world: World, role: str, **days: Any) -> set[str]:
    talks = sampled_talks(world.account(role), world.committee, today=date(2026, 3, 5))
    sample = sample_of(talks, size=50, seed="1", **YEAR | days)
    assert sample.number == len(sample.talks)
    return {talk.code for talk in sample.talks}


@pytest.fixture
def talks(world: World) -> None:
    """Of the branch two, one planned and one of last year; of another branch one; of another tree one."""
    pair = ([world.committee_member], [world.member])
    factories.a_talk(*pair, code="T1", held_on=DAY)
    factories.a_talk([world.secretary], [world.member], code="T2", held_on=DAY)
    factories.a_talk(*pair, code="T3", held_on=DAY, state="计划")
    factories.a_talk(*pair, code="T4", held_on=date(2025, 12, 31))
    factories.a_talk([world.other_secretary], [world.other_member], code="T5", held_on=DAY)
    outsider = factories.a_member("石小川", world.foreign_branch, code="P092")
    factories.a_talk([world.stranger], [outsider], code="T6", held_on=DAY)


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        ("inspector", {"T1", "T2", "T5"}),
        ("chief", {"T1", "T2", "T5"}),
        ("secretary", {"T1"}),  # his own is not drawn for him
        ("stranger", set()),
        ("staff", set()),
        ("member", set()),
    ],
)
def test_of_what_one_oversees_what_was_recorded(
    world: World, talks: None, role: str, codes: set[str]
) -> None:
    assert talks_of(world, role) == codes


def test_days_are_both_included(world: World, talks: None) -> None:
    assert talks_of(world, "inspector", since=DAY, until=DAY) == {"T1", "T2", "T5"}
    assert talks_of(world, "inspector", since=date(2025, 12, 31), until=date(2025, 12, 31)) == {"T4"}


def test_it_is_drawn_and_drawn_again_by_the_address(world: World, talks: None, client_of: ClientOf) -> None:
    client = client_of(world.account("inspector"))
    values = {
        "organisation": world.committee.pk,
        "since": "2026-01-01",
        "until": "2026-03-05",
        "size": "2",
        "seed": "",
    }
    address = client.post(reverse("sample"), values).headers["Location"]
    html = client.get(address).content.decode()
    seed = re.search(r"抽查编号(\d{8})<", html)
    assert seed
    assert f"seed={seed[1]}" in address
    assert "已记录谈话3次，抽取2次" in html
    rows = re.findall(r'href="/talks/(T\d)/"', html)
    assert len(rows) == 2
    assert re.findall(r'href="/talks/(T\d)/"', client.get(address).content.decode()) == rows
    entry = TrailEntry.objects.get(action="随机抽查")
    assert (entry.account, entry.target, seed[1] in entry.detail) == ("inspector", "SYJ", True)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"size": "0"}, "请填写1至50的整数。"),
        ({"size": "51"}, "请填写1至50的整数。"),
        ({"since": "2026-03-06"}, "结束日期不能早于开始日期。"),
        ({"since": "2026-02-30"}, "请填写有的日期"),
        ({"seed": "12;34"}, "抽查编号由20个以内的数字和字母组成"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_stays(
    world: World, client_of: ClientOf, values: dict[str, str], says: str
) -> None:
    start = {"organisation": str(world.committee.pk), "since": "2026-01-01", "until": "2026-03-05"}
    client = client_of(world.account("inspector"))
    html = client.post(reverse("sample"), start | {"size": "2", "seed": ""} | values).content.decode()
    assert says in html
    assert all(f'value="{value}"' in html for value in values.values())
    assert not TrailEntry.objects.filter(action="随机抽查").exists()


def test_nobody_draws_of_an_organisation_that_he_does_not_oversee(world: World, client_of: ClientOf) -> None:
    values = {
        "organisation": world.committee.pk,
        "since": "2026-01-01",
        "until": "2026-03-05",
        "size": "2",
        "seed": "1",
    }
    client = client_of(world.account("secretary"))
    assert client.post(reverse("sample"), values).status_code == 200
    assert "已记录谈话" not in client.get(reverse("sample"), values).content.decode()


def test_a_sample_is_taken_along_with_its_seed(world: World, talks: None, client_of: ClientOf) -> None:
    values = {"organisation": world.committee.pk, "since": "2026-01-01", "until": "2026-03-05", "size": "2"}
    client = client_of(world.account("inspector"))
    answer = client.get(reverse("sample"), values | {"seed": "4711", "file": "xlsx"})
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert str(rows[1][0]).startswith("抽查编号4711　2026年1月1日至2026年3月5日")
    shown = re.findall(
        r'href="/talks/(T\d)/"', client.get(reverse("sample"), values | {"seed": "4711"}).content.decode()
    )
    assert [row[1] for row in rows[3:5]] == shown
    entry = TrailEntry.objects.get(action="下载")
    assert sha256(answer.content).hexdigest() in entry.detail
    assert "4711" in entry.detail
    secretary = client_of(world.account("secretary"))
    other = secretary.get(reverse("sample"), values | {"seed": "1", "file": "xlsx"})
    assert "spreadsheetml" not in other.headers["Content-Type"]


def test_it_costs_the_same_with_many(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("inspector"))
    values = {
        "organisation": world.committee.pk,
        "since": "2026-01-01",
        "until": "2026-12-31",
        "size": "50",
        "seed": "1",
    }

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("sample"), values).status_code == 200
        return len(queries)

    for number in range(3):
        factories.a_talk([world.committee_member], [world.member], code=f"A{number}", held_on=DAY)
    cost()
    few = cost()
    for number in range(27):
        factories.a_talk([world.committee_member], [world.member], code=f"B{number}", held_on=DAY)
    assert Talk.objects.count() == 30
    assert cost() == few
