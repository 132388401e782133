"""The tree with its party members."""

from datetime import date

import pytest

from branches.models import Organisation
from members.figures.tree import Line, principals_of, tree_of
from members.rules import Category
from tests import factories as make
from tests.conftest import World

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 5)


def told(lines: list[Line]) -> list[tuple[str, int, bool, int | None]]:
    return [(line.organisation.code, line.indent, line.is_group, line.party) for line in lines]


def test_the_tree_goes_down_by_code_and_sums_party_members(world: World) -> None:
    # HC: 5 正式党员 (head, secretary, committee_member, member, colleague) and an applicant, who is none.
    # YJ: 4 (chief, deputy, other_secretary, other_member). WB1: 1.
    everything = Organisation.objects.all()
    assert told(tree_of(everything, counted=everything, today=TODAY)) == [
        ("SYJ", 0, True, 9),
        ("HC", 1, False, 5),
        ("YJ", 1, False, 4),
        ("WB", 0, True, 1),
        ("WB1", 1, False, 1),
    ]


def test_a_figure_is_told_only_where_it_is_counted(world: World) -> None:
    rows = Organisation.objects.filter(code__in=["SYJ", "HC"])
    counted = Organisation.objects.filter(code="HC")
    assert told(tree_of(rows, counted=counted, today=TODAY)) == [
        ("SYJ", 0, True, None),
        ("HC", 1, False, 5),
    ]


def test_one_whose_superior_is_not_shown_is_not_indented(world: World) -> None:
    rows = Organisation.objects.filter(code="HC")
    assert told(tree_of(rows, counted=rows, today=TODAY)) == [("HC", 0, False, 5)]


def test_party_members_are_counted_on_the_day(world: World) -> None:
    make.a_member(organisation=world.branch, until=TODAY)
    make.a_member(organisation=world.branch, category=Category.PROBATIONARY, joined_on=date(2026, 3, 6))
    make.a_member(organisation=world.branch, category=Category.PROBATIONARY, joined_on=TODAY)
    rows = Organisation.objects.filter(code="HC")
    assert told(tree_of(rows, counted=rows, today=TODAY)) == [("HC", 0, False, 6)]


def test_siblings_stand_by_code_whenever_they_were_entered() -> None:
    top = make.an_organisation(kind=make.OrganisationKind.COMMITTEE, code="T")
    codes = [f"T-{number:02}" for number in (12, 3, 11, 1, 2, 10)]
    for code in codes:
        make.an_organisation(superior=top, code=code)
    everything = Organisation.objects.all()
    lines = tree_of(everything, counted=everything, today=TODAY)
    assert [line.organisation.code for line in lines] == ["T", *sorted(codes)]


def test_the_principals_in_force_are_named_once(world: World) -> None:
    make.a_post(world.member, world.branch, "副书记（主持工作）", is_principal=True)
    make.a_post(world.secretary, world.branch, "书记（兼）", is_principal=True)
    make.a_post(world.colleague, world.branch, "前书记", is_principal=True, until=TODAY)
    names = principals_of([world.branch, world.other_branch, world.foreign_committee], TODAY)
    assert names == {world.branch.pk: "陆秉川、梁志强", world.other_branch.pk: "邹凯"}
