"""QuerySets of the tree, and the guards of the database with the services out of the way."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from branches.models import Department, Organisation
from branches.rules import OrganisationKind as Kind
from tests.factories import a_department, a_member, a_post, an_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, Organisation]:
    """A committee A with B (committee, with branches C and D) and branch E; another committee F."""
    rows: dict[str, Organisation] = {}
    for code, kind, superior in (
        ("A", Kind.COMMITTEE, None),
        ("B", Kind.AGENCY_COMMITTEE, "A"),
        ("C", Kind.BRANCH, "B"),
        ("D", Kind.TEMPORARY_BRANCH, "B"),
        ("E", Kind.JOINT_BRANCH, "A"),
        ("F", Kind.COMMITTEE, None),
    ):
        rows[code] = an_organisation(code, kind, rows[superior] if superior else None, code=code)
    return rows


def codes(rows: Iterable[Organisation]) -> str:
    return "".join(row.code for row in rows)


def test_below_holds_itself_and_everything_under_it(tree: dict[str, Organisation]) -> None:
    assert codes(Organisation.objects.below(tree["A"]).order_by("code")) == "ABCDE"
    assert codes(Organisation.objects.below(tree["B"]).order_by("code")) == "BCD"
    assert codes(Organisation.objects.below(tree["C"])) == "C"


def test_below_any_of_none_is_none(tree: dict[str, Organisation]) -> None:
    assert codes(Organisation.objects.below_any([tree["B"], tree["F"]]).order_by("code")) == "BCDF"
    assert not Organisation.objects.below_any([]).exists()


def test_a_path_is_not_mistaken_for_one_that_begins_alike(tree: dict[str, Organisation]) -> None:
    # /1/ and /12/ share a beginning as text, but not as a path.
    made = [an_organisation(code=f"X{number:03}") for number in range(30)]
    for row in made:
        assert codes(Organisation.objects.below(row)) == row.code


def test_above_names_the_nearest_first(tree: dict[str, Organisation]) -> None:
    assert codes(Organisation.objects.above(tree["C"])) == "BA"
    assert codes(Organisation.objects.above(tree["A"])) == ""


def test_depth_counts_from_the_top(tree: dict[str, Organisation]) -> None:
    assert {code: row.depth for code, row in tree.items()} == {"A": 0, "B": 1, "C": 2, "D": 2, "E": 1, "F": 0}


def test_branches_are_the_three_branch_kinds(tree: dict[str, Organisation]) -> None:
    assert codes(Organisation.objects.branches().order_by("code")) == "CDE"


@pytest.mark.parametrize(
    ("day", "stands"),
    [
        (date(2020, 1, 1), False),
        (date(2020, 1, 2), True),
        (date(2020, 1, 8), True),
        (date(2020, 1, 9), False),
    ],
)
def test_standing_from_established_until_dissolved(day: date, stands: bool) -> None:
    an_organisation(established=date(2020, 1, 2), dissolved=date(2020, 1, 9))
    assert Organisation.objects.standing(day).exists() is stands


def test_one_without_dates_always_stands() -> None:
    an_organisation()
    assert Organisation.objects.standing(date(1921, 7, 1)).exists()


# --- the database itself refuses ----------------------------------------------------------------------------


def refused(sign: str) -> Any:
    return pytest.raises(IntegrityError, match=sign)


def test_a_circle_is_refused_however_it_is_written(tree: dict[str, Organisation]) -> None:
    for code, superior in (("A", "A"), ("A", "B"), ("B", "B")):
        with refused("organisation_circle"), transaction.atomic():
            Organisation.objects.filter(code=code).update(superior=tree[superior])
    tree["A"].superior = tree["B"]
    with refused("organisation_circle"), transaction.atomic():
        Organisation.objects.bulk_update([tree["A"]], ["superior"])


def test_a_branch_as_superior_is_refused_on_the_way_in_and_later(tree: dict[str, Organisation]) -> None:
    with refused("organisation_branch_superior"), transaction.atomic():
        Organisation.objects.bulk_create(
            [Organisation(code="G", name="G", kind=Kind.BRANCH, superior=tree["C"])]
        )
    with refused("organisation_branch_superior"), transaction.atomic():
        Organisation.objects.filter(code="F").update(superior=tree["E"])
    with refused("organisation_branch_superior"), transaction.atomic():
        Organisation.objects.filter(code="B").update(kind=Kind.BRANCH)


def test_what_is_right_passes_the_guards(tree: dict[str, Organisation]) -> None:
    assert Organisation.objects.filter(code="F").update(superior=tree["B"]) == 1
    assert Organisation.objects.filter(code="C").update(kind=Kind.COMMITTEE) == 1
    assert Organisation.objects.filter(code="B").update(superior=None) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "党小组"},
        {"established": date(2020, 1, 1), "dissolved": date(2020, 1, 1)},
        {"established": date(2020, 1, 2), "dissolved": date(2020, 1, 1)},
    ],
)
def test_an_unknown_kind_and_an_empty_life_are_refused(values: dict[str, object]) -> None:
    an_organisation(code="A")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(code="A").update(**values)


def test_a_department_moves_only_without_posts(tree: dict[str, Organisation]) -> None:
    office, empty = a_department(tree["A"]), a_department(tree["A"])
    a_post(a_member(), tree["A"], department=office)
    with refused("post_department_of_organisation"), transaction.atomic():
        Department.objects.filter(pk=office.pk).update(organisation=tree["F"])
    assert Department.objects.filter(pk=empty.pk).update(organisation=tree["F"]) == 1
