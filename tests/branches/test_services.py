"""The tree as the services keep it: each refusal in its words, and nothing half stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from branches.models import Department, Organisation
from branches.rules import OrganisationKind as Kind
from branches.services import organisations as services
from tests.factories import a_department, a_member, a_portfolio, a_post, an_organisation
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

ACTOR = Actor("staff", "10.0.0.1")
AT = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"actor": ACTOR, "at": AT}


def words(error: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return error.value.messages


def entries() -> list[tuple[str, str, str, str]]:
    return list(TrailEntry.objects.values_list("account", "action", "target_kind", "target"))


@pytest.fixture
def top() -> Organisation:
    return an_organisation("上游局党委", Kind.COMMITTEE, code="SYJ")


# --- adding ------------------------------------------------------------------------------------------------


def test_an_organisation_is_added_below_its_superior(top: Organisation) -> None:
    made = services.add_organisation(
        **WHO, name=" 合川分局党支部 ", kind="党支部", superior=top, established=date(2020, 1, 1)
    )
    made.refresh_from_db()
    assert (made.code, made.name, made.kind) == ("SYJ-01", "合川分局党支部", "党支部")
    assert made.path == f"/{top.pk}/{made.pk}/"
    assert entries() == [("staff", "新增", "党组织", "SYJ-01")]


def test_codes_go_on_where_they_stand_and_a_typed_one_is_kept(top: Organisation) -> None:
    an_organisation(superior=top, code="SYJ-04")
    assert services.add_organisation(**WHO, name="甲", kind="党支部", superior=top).code == "SYJ-05"
    assert services.add_organisation(**WHO, name="乙", kind="党支部", superior=top, code="HC").code == "HC"
    assert services.add_organisation(**WHO, name="丙", kind="党委", superior=None).code == "DZZ-01"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"code": "SYJ"}, {"code": [services.CODE_TAKEN]}),
        ({"name": "　 "}, {"name": [services.NAME_MISSING]}),
        ({"superior": "branch"}, {"superior": [services.BRANCH_SUPERIOR]}),
        ({"superior": "dissolved"}, {"superior": [services.SUPERIOR_DISSOLVED]}),
        (
            {"established": date(2020, 1, 2), "dissolved": date(2020, 1, 2)},
            {"established": ["结束日期应晚于开始日期。"]},
        ),
    ],
)
def test_an_organisation_is_refused(
    top: Organisation, wrong: dict[str, Any], refusal: dict[str, list[str]]
) -> None:
    places = {
        "branch": an_organisation("支部", superior=top),
        "dissolved": an_organisation("旧党委", Kind.COMMITTEE, dissolved=date(2021, 1, 1)),
    }
    values: dict[str, Any] = {"name": "合川", "kind": "党支部", "superior": top, **wrong}
    if isinstance(values["superior"], str):
        values["superior"] = places[values["superior"]]
    with pytest.raises(ValidationError) as error:
        services.add_organisation(**WHO, **values)
    assert error.value.message_dict == refusal
    assert Organisation.objects.count() == 3
    assert entries() == []


# --- changing and moving ------------------------------------------------------------------------------------


def change(organisation: Organisation, **values: Any) -> Organisation:
    kept: dict[str, Any] = {
        "name": organisation.name,
        "kind": organisation.kind,
        "superior": organisation.superior,
        "established": organisation.established,
    }
    return services.change_organisation(**WHO, organisation=organisation, **{**kept, **values})


def test_the_paths_of_a_subtree_follow_a_move(top: Organisation) -> None:
    old = an_organisation("旧总支", Kind.GENERAL_BRANCH, top)
    new = an_organisation("新总支", Kind.GENERAL_BRANCH, top)
    middle = an_organisation("中总支", Kind.GENERAL_BRANCH, old)
    leaf = an_organisation("支部", superior=middle)
    moved = change(middle, superior=new)
    leaf.refresh_from_db()
    assert moved.path == f"/{top.pk}/{new.pk}/{middle.pk}/"
    assert leaf.path == f"/{top.pk}/{new.pk}/{middle.pk}/{leaf.pk}/"
    assert set(Organisation.objects.below(old)) == {old}
    assert [entry[1:3] for entry in entries()] == [("修改", "党组织")]
    assert "上级组织" in TrailEntry.objects.get().detail


def test_nothing_changed_is_no_entry(top: Organisation) -> None:
    change(top)
    assert entries() == []


def test_a_circle_is_refused_before_the_trigger_does(top: Organisation) -> None:
    middle = an_organisation("总支", Kind.GENERAL_BRANCH, top)
    below = an_organisation("下级总支", Kind.GENERAL_BRANCH, middle)
    for superior in (top, middle, below):
        with pytest.raises(ValidationError) as error:
            change(top, superior=superior)
        assert error.value.message_dict == {"superior": [services.CIRCLE]}
    top.refresh_from_db()
    assert top.superior is None


def test_a_branch_is_nobodys_superior(top: Organisation) -> None:
    branch = an_organisation("支部", superior=top)
    other = an_organisation("另一支部", superior=top)
    with pytest.raises(ValidationError) as error:
        change(other, superior=branch)
    assert error.value.message_dict == {"superior": [services.BRANCH_SUPERIOR]}


def test_one_with_subordinates_becomes_no_branch_but_another_committee(top: Organisation) -> None:
    an_organisation("支部", superior=top)
    with pytest.raises(ValidationError) as error:
        change(top, kind="党支部")
    assert error.value.message_dict == {"kind": [services.HAS_SUBORDINATES]}
    assert change(top, kind="党总支").kind == "党总支"


# --- dissolving --------------------------------------------------------------------------------------------


def test_an_organisation_is_dissolved_and_the_dissolution_taken_back() -> None:
    branch = an_organisation("支部", established=date(2020, 1, 1))
    services.dissolve_organisation(**WHO, organisation=branch, on=date(2026, 3, 1))
    branch.refresh_from_db()
    assert branch.dissolved == date(2026, 3, 1)
    services.dissolve_organisation(**WHO, organisation=branch, on=None)
    branch.refresh_from_db()
    assert branch.dissolved is None
    assert [entry[1] for entry in entries()] == ["撤销", "取消撤销"]


def test_one_whose_subordinates_stand_is_not_dissolved(top: Organisation) -> None:
    branch = an_organisation("支部", superior=top, dissolved=date(2026, 3, 2))
    with pytest.raises(ValidationError) as error:
        services.dissolve_organisation(**WHO, organisation=top, on=date(2026, 3, 1))
    assert words(error) == [services.SUBORDINATES_STAND]
    services.dissolve_organisation(**WHO, organisation=top, on=date(2026, 3, 2))
    branch.refresh_from_db()
    assert branch.dissolved == date(2026, 3, 2)


def test_the_dissolution_comes_after_the_establishment() -> None:
    branch = an_organisation("支部", established=date(2020, 1, 1))
    with pytest.raises(ValidationError) as error:
        services.dissolve_organisation(**WHO, organisation=branch, on=date(2020, 1, 1))
    assert words(error) == ["结束日期应晚于开始日期。"]


# --- removing ----------------------------------------------------------------------------------------------


def test_only_what_nobody_refers_to_is_removed(top: Organisation) -> None:
    branch = an_organisation("支部", superior=top, code="HC")
    with pytest.raises(ValidationError) as error:
        services.remove_organisation(**WHO, organisation=top)
    assert words(error) == [services.ORGANISATION_IN_USE]
    services.remove_organisation(**WHO, organisation=branch)
    assert list(Organisation.objects.all()) == [top]
    assert entries() == [("staff", "删除", "党组织", "HC")]


# --- departments -------------------------------------------------------------------------------------------


def test_a_department_is_added_and_renamed(top: Organisation) -> None:
    made = services.add_department(**WHO, organisation=top, name="办公室")
    assert made.code == "SYJ-D01"
    changed = services.change_department(**WHO, department=made, name="综合处", organisation=top)
    assert Department.objects.get() == changed
    assert Department.objects.get().name == "综合处"
    assert [entry[1:] for entry in entries()] == [
        ("新增", "部门单位", "SYJ-D01"),
        ("修改", "部门单位", "SYJ-D01"),
    ]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": " ", "code": ""}, {"name": [services.NAME_MISSING]}),
        ({"name": "甲", "code": "BGS"}, {"code": [services.CODE_TAKEN]}),
    ],
)
def test_a_department_is_refused(
    top: Organisation, wrong: dict[str, str], refusal: dict[str, list[str]]
) -> None:
    office = a_department(top, code="BGS")
    with pytest.raises(ValidationError) as error:
        services.add_department(**WHO, organisation=top, **wrong)
    assert error.value.message_dict == refusal
    with pytest.raises(ValidationError) as error:
        services.change_department(**WHO, department=office, name=" ", organisation=top)
    assert error.value.message_dict == {"name": [services.NAME_MISSING]}
    assert Department.objects.count() == 1


def test_a_department_with_posts_stays_where_it_is(top: Organisation) -> None:
    other = an_organisation("机关党委", Kind.AGENCY_COMMITTEE, top)
    office = a_department(top)
    moved = services.change_department(**WHO, department=office, name="办公室", organisation=other)
    assert moved.organisation == other
    a_post(a_member(), other, department=office)
    with pytest.raises(ValidationError) as error:
        services.change_department(**WHO, department=office, name="办公室", organisation=top)
    assert words(error) == [services.DEPARTMENT_HAS_POSTS]
    office.refresh_from_db()
    assert office.organisation == other


def test_a_department_in_use_is_not_removed(top: Organisation) -> None:
    office = a_department(top)
    portfolio = a_portfolio(a_member(), office)
    with pytest.raises(ValidationError) as error:
        services.remove_department(**WHO, department=office)
    assert words(error) == [services.DEPARTMENT_IN_USE]
    portfolio.delete()
    services.remove_department(**WHO, department=office)
    assert not Department.objects.exists()


# --- the last line -----------------------------------------------------------------------------------------


def test_what_the_database_refuses_in_the_end_is_said_in_words(top: Organisation) -> None:
    # As if somebody else had moved or entered something between the check and the write.
    middle = an_organisation("总支", Kind.GENERAL_BRANCH, top)
    branch = an_organisation("支部", superior=middle)
    top.superior = middle
    cases: list[tuple[Organisation | Department, str]] = [
        (top, services.CIRCLE),
        (Organisation(code="N", name="新", kind=Kind.BRANCH, superior=branch), services.BRANCH_SUPERIOR),
        (Organisation(code="SYJ", name="新", kind=Kind.BRANCH), services.CODE_TAKEN),
        (Department(code=a_department(middle).code, name="新", organisation=middle), services.CODE_TAKEN),
    ]
    for row, refusal in cases:
        with pytest.raises(ValidationError) as error:
            services._save(row)
        assert words(error) == [refusal]


# --- paths -------------------------------------------------------------------------------------------------


def test_paths_are_rebuilt_where_they_are_wrong(top: Organisation, django_assert_num_queries: Any) -> None:
    middle = an_organisation("总支", Kind.GENERAL_BRANCH, top)
    leaf = an_organisation("支部", superior=middle)
    alone = an_organisation("另一党委", Kind.COMMITTEE)
    right = {row.pk: row.path for row in (top, middle, leaf, alone)}
    Organisation.objects.filter(pk__in=[middle.pk, leaf.pk]).update(path="")
    leaf.path = ""
    with django_assert_num_queries(4):  # the statement, the instances, and the savepoint about them
        assert services.rebuild_paths(organisations=[leaf]) == 2
    assert leaf.path == right[leaf.pk]
    assert dict(Organisation.objects.values_list("pk", "path")) == right
    assert services.rebuild_paths() == 0
