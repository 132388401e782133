"""Who sees what of organisations and people: sets worked out by hand from design.md sections 1, 4 and 4a."""

from collections.abc import Callable, Collection
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.rules import OrganisationKind
from members import permissions
from members.models import Account, Affiliation, Mandate, MandateKind, Post
from members.permissions.standing import keep_standings, standing_of
from tests import factories
from tests.conftest import World

TODAY = date(2026, 3, 5)
NOBODY: dict[str, set[str]] = {}

ORGANISATIONS = {"SYJ", "HC", "YJ", "WB", "WB1"}
COMMITTEE_TREE = {"SYJ", "HC", "YJ"}
# Codes of the members of the branch (HC) and of the other branch (YJ); P003 also holds a post in SYJ.
HC = {"P003", "P011", "P012", "P013", "P014", "P015"}
YJ = {"P001", "P002", "P021", "P022"}
SYJ_POSTS = {"P001", "P002", "P003"}

Seen = Callable[..., Collection[object]]

MEMBERS = {
    "chief": SYJ_POSTS,
    "deputy": SYJ_POSTS,
    "head": {"P003"},
    "secretary": HC,
    "committee_member": HC,
    "member": {"P013"},
    "colleague": {"P014"},
    "applicant": {"P015"},
    "other_secretary": YJ,
    "other_member": {"P022"},
    "stranger": {"P091"},
    "staff": HC | YJ,
}

# role -> codes of organisations; a role that is not named sees none.
BY_ROLE: list[tuple[str, dict[str, set[str]]]] = [
    ("staff_organisations", {"staff": COMMITTEE_TREE}),
    ("inspected_organisations", {"inspector": COMMITTEE_TREE}),
    (
        "led_organisations",
        {"chief": {"SYJ"}, "secretary": {"HC"}, "other_secretary": {"YJ"}, "stranger": {"WB1"}},
    ),
    (
        "team_organisations",
        {
            "chief": {"SYJ"},
            "deputy": {"SYJ"},
            "secretary": {"HC"},
            "committee_member": {"HC"},
            "other_secretary": {"YJ"},
            "stranger": {"WB1"},
        },
    ),
    (
        "own_organisations",
        {
            "chief": {"SYJ", "YJ"},
            "deputy": {"SYJ", "YJ"},
            "head": {"SYJ", "HC"},
            "secretary": {"HC"},
            "committee_member": {"HC"},
            "member": {"HC"},
            "colleague": {"HC"},
            "applicant": {"HC"},
            "other_secretary": {"YJ"},
            "other_member": {"YJ"},
            "stranger": {"WB1"},
        },
    ),
    (
        "reported_organisations",
        {
            "chief": COMMITTEE_TREE,
            "secretary": {"HC"},
            "other_secretary": {"YJ"},
            "stranger": {"WB1"},
            "staff": COMMITTEE_TREE,
            "inspector": COMMITTEE_TREE,
        },
    ),
    (
        "visible_organisations",
        {
            "chief": COMMITTEE_TREE,
            "deputy": {"SYJ", "YJ"},
            "head": {"SYJ", "HC"},
            "secretary": {"HC", "SYJ"},
            "committee_member": {"HC", "SYJ"},
            "member": {"HC", "SYJ"},
            "colleague": {"HC", "SYJ"},
            "applicant": {"HC", "SYJ"},
            "other_secretary": {"YJ", "SYJ"},
            "other_member": {"YJ", "SYJ"},
            "stranger": {"WB1", "WB"},
            "staff": COMMITTEE_TREE,
            "inspector": COMMITTEE_TREE,
        },
    ),
    # Staff keep the whole tree of 上游局, so its principals keep nothing; nobody does in the other tree.
    ("editable_organisations", {"staff": COMMITTEE_TREE, "stranger": {"WB1"}}),
    (
        "grantable_organisations",
        {
            "chief": {"SYJ"},
            "secretary": {"HC"},
            "other_secretary": {"YJ"},
            "stranger": {"WB1"},
            "security": ORGANISATIONS,
        },
    ),
    (
        "visible_departments",
        {
            role: {"SYJ-BGS", "SYJ-YWK"}
            for role in (
                *("chief", "deputy", "head", "secretary", "committee_member", "member", "colleague"),
                *("applicant", "other_secretary", "other_member", "staff", "inspector"),
            )
        },
    ),
    ("visible_members", MEMBERS),
    ("editable_members", {"staff": HC | YJ, "stranger": {"P091"}}),
]


@pytest.mark.parametrize(("name", "expected"), BY_ROLE, ids=[name for name, _ in BY_ROLE])
def test_each_role_sees_what_design_says(world: World, name: str, expected: dict[str, set[str]]) -> None:
    function: Seen = getattr(permissions, name)
    seen = {
        role: {row.code for row in function(account, today=TODAY)}  # type: ignore[attr-defined]
        for role, account in world.accounts.items()
    }
    assert {role: codes for role, codes in seen.items() if codes} == expected


def test_who_is_listed_is_who_is_visible_and_each_once(world: World) -> None:
    factories.a_member("来过", world.branch, until=date(2026, 1, 1))
    factories.a_member("将来", world.branch, since=date(2027, 1, 1))
    factories.a_post(world.stranger, world.branch, "委员", is_team=True)
    for account in world.accounts.values():
        in_rosters = permissions.roster_affiliations(account, today=TODAY)
        listed = [*in_rosters.values_list("member__code", flat=True)]
        listed += permissions.listed_otherwise(account, today=TODAY).values_list("code", flat=True)
        visible = permissions.visible_members(account, today=TODAY)
        assert sorted(listed) == sorted(visible.values_list("code", flat=True))
    account = world.account("staff")
    Account.objects.filter(pk=account.pk).update(is_active=False)
    account.refresh_from_db()
    assert not permissions.roster_affiliations(account, today=TODAY).exists()
    assert not permissions.listed_otherwise(account, today=TODAY).exists()


def test_a_standing_is_found_once_only_where_that_was_asked_for(world: World) -> None:
    account = world.account("secretary")
    assert standing_of(account, TODAY).led
    keep_standings(account)
    assert standing_of(account, TODAY).led
    Post.objects.filter(member=account.member).delete()
    assert standing_of(account, TODAY).led
    assert not standing_of(account, TODAY + timedelta(days=1)).led
    assert not standing_of(Account.objects.get(pk=account.pk), TODAY).led


def _codes(rows: Collection[object]) -> set[str]:
    return {row.code for row in rows}  # type: ignore[attr-defined]


# --- leaders ----------------------------------------------------------------------------------------------


def test_a_member_may_know_the_leaders_of_his_organisations_and_those_above(world: World) -> None:
    leaders = permissions.visible_leaders(world.account("member"), today=TODAY)
    assert [(leader.code, leader.name, leader.title, leader.organisation) for leader in leaders] == [
        ("P011", "陆秉川", "支部书记", "合川分局党支部"),
        ("P012", "沈若楠", "组织委员", "合川分局党支部"),
        ("P001", "郑远航", "党委书记", "上游局党委"),
        ("P002", "何静宜", "党委委员", "上游局党委"),
        ("P003", "谭晓峰", "办公室主任", "上游局党委"),
    ]


def test_nobody_is_his_own_leader_and_a_stranger_has_only_his_own(world: World) -> None:
    of_secretary = permissions.visible_leaders(world.account("secretary"), today=TODAY)
    assert {leader.code for leader in of_secretary} == {"P012", "P001", "P002", "P003"}
    assert permissions.visible_leaders(world.account("stranger"), today=TODAY) == ()
    assert permissions.visible_leaders(world.account("staff"), today=TODAY) == ()


# --- posts, affiliations, portfolios, liaisons ------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("member", {"P001", "P002", "P003", "P011", "P012"}),
        ("secretary", {"P001", "P002", "P003", "P011", "P012"}),
        ("chief", {"P001", "P002", "P003", "P021"}),
        ("staff", {"P001", "P002", "P003", "P011", "P012", "P021"}),
        ("stranger", {"P091"}),
        ("inspector", set()),
        ("system", set()),
    ],
)
def test_posts(world: World, role: str, expected: set[str]) -> None:
    rows = permissions.visible_posts(world.account(role), today=TODAY).select_related("member")
    assert {row.member.code for row in rows} == expected


def test_a_former_leaders_post_is_seen_by_the_team_alone(world: World) -> None:
    former = factories.a_post(world.colleague, world.branch, "前任书记", is_principal=True, until=TODAY)
    for role, seen in (("member", False), ("colleague", True), ("committee_member", True)):
        rows = permissions.visible_posts(world.account(role), today=TODAY)
        assert rows.filter(pk=former.pk).exists() is seen


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("member", {"P013"}),
        ("secretary", HC),
        ("chief", {"P001"}),
        ("staff", HC | YJ),
        ("inspector", set()),
        ("auditor", set()),
    ],
)
def test_affiliations(world: World, role: str, expected: set[str]) -> None:
    rows = permissions.visible_affiliations(world.account(role), today=TODAY).select_related("member")
    assert {row.member.code for row in rows} == expected


@pytest.mark.parametrize(
    ("role", "portfolios", "liaisons"),
    [
        ("chief", 1, 0),
        ("deputy", 1, 0),
        ("head", 0, 0),
        ("secretary", 0, 1),
        ("committee_member", 0, 1),
        ("member", 0, 1),
        ("colleague", 0, 0),
        ("staff", 1, 1),
        ("inspector", 0, 0),
        ("stranger", 0, 0),
    ],
)
def test_portfolios_and_liaisons(world: World, role: str, portfolios: int, liaisons: int) -> None:
    account = world.account(role)
    assert permissions.visible_portfolios(account, today=TODAY).count() == portfolios
    assert permissions.visible_liaisons(account, today=TODAY).count() == liaisons


def test_a_liaison_outlives_the_team_post(world: World) -> None:
    Post.objects.filter(member=world.committee_member).update(until=TODAY)
    assert _codes(permissions.visible_members(world.account("committee_member"), today=TODAY)) == {
        "P012",
        "P013",
    }


# --- events -----------------------------------------------------------------------------------------------


def _seers_of_event(world: World) -> set[str]:
    return {
        role
        for role, account in world.accounts.items()
        if permissions.visible_events(account, today=TODAY).exists()
    }


def test_an_event_is_seen_by_the_principal_and_whoever_entered_it(world: World) -> None:
    factories.an_event(world.member, happened_on=TODAY, entered_by=world.account("colleague"))
    assert _seers_of_event(world) == {"secretary", "colleague"}


def test_an_event_entered_by_staff_is_seen_by_him_alone_of_the_staff(world: World) -> None:
    other = factories.an_account(username="staff2")
    factories.a_mandate(other, MandateKind.STAFF, world.committee)
    world.accounts["staff2"] = other
    factories.an_event(world.member, happened_on=TODAY, entered_by=world.account("staff"))
    assert _seers_of_event(world) == {"secretary", "staff"}


def test_a_principal_does_not_read_what_is_entered_about_himself(world: World) -> None:
    factories.an_event(world.secretary, "组织处理", happened_on=TODAY, entered_by=world.account("chief"))
    assert _seers_of_event(world) == {"chief"}


def test_the_event_stays_with_the_organisation_of_its_day(world: World) -> None:
    factories.an_event(world.member, happened_on=TODAY - timedelta(days=10))
    Affiliation.objects.filter(member=world.member).update(until=TODAY - timedelta(days=5))
    factories.an_affiliation(world.member, world.other_branch, since=TODAY - timedelta(days=5))
    assert _seers_of_event(world) == {"secretary"}


@pytest.mark.parametrize(
    "role", ["chief", "deputy", "committee_member", "member", "staff", "inspector", "system"]
)
def test_only_principals_of_the_organisation_enter_events(world: World, role: str) -> None:
    assert not permissions.may_enter_events(world.account(role), world.branch, today=TODAY)
    assert permissions.may_enter_events(world.account("secretary"), world.branch, today=TODAY)


# --- rights end by themselves -----------------------------------------------------------------------------


def test_rights_begin_and_end_with_the_post(world: World) -> None:
    Post.objects.filter(member=world.secretary).update(since=TODAY, until=TODAY + timedelta(days=1))
    account = world.account("secretary")

    def led(day: date) -> set[str]:
        return _codes(permissions.led_organisations(account, today=day))

    assert led(TODAY - timedelta(days=1)) == set()
    assert led(TODAY) == {"HC"}
    # `until` is the first day without.
    assert led(TODAY + timedelta(days=1)) == set()
    assert _codes(permissions.visible_members(account, today=TODAY + timedelta(days=1))) == {"P011"}
    assert not permissions.reported_organisations(account, today=TODAY + timedelta(days=1)).exists()
    assert not permissions.may_enter_events(account, world.branch, today=TODAY + timedelta(days=1))


def test_rights_end_with_the_mandate(world: World) -> None:
    Mandate.objects.filter(kind=MandateKind.STAFF).update(until=TODAY)
    account = world.account("staff")
    assert permissions.may_import(account, today=TODAY - timedelta(days=1))
    assert not permissions.may_import(account, today=TODAY)
    assert not permissions.visible_members(account, today=TODAY).exists()
    # Where no staff keeps the roster any more, the principal does.
    assert _codes(permissions.editable_organisations(world.account("secretary"), today=TODAY)) == {"HC"}
    assert _codes(permissions.editable_members(world.account("secretary"), today=TODAY)) == HC


def test_staff_out_of_use_keep_no_roster(world: World) -> None:
    Account.objects.filter(username="staff").update(is_active=False)
    assert _codes(permissions.editable_organisations(world.account("secretary"), today=TODAY)) == {"HC"}


@pytest.mark.parametrize("role", ["secretary", "staff", "system", "security", "inspector"])
def test_an_account_out_of_use_has_no_right_at_all(world: World, role: str) -> None:
    account = world.account(role)
    account.is_active = False
    factories.an_event(world.member, happened_on=TODAY, entered_by=account)
    names = [
        name for name in permissions.__all__ if name.startswith(("visible_", "editable_", "manageable_"))
    ]
    assert len(names) >= 14
    assert {name: list(getattr(permissions, name)(account, today=TODAY)) for name in names} == {
        name: [] for name in names
    }


def test_a_member_who_went_away_is_kept_by_those_who_had_him(world: World) -> None:
    Affiliation.objects.filter(member=world.member).update(until=TODAY)
    assert "P013" in _codes(permissions.editable_members(world.account("staff"), today=TODAY))
    factories.an_affiliation(world.member, world.foreign_branch, since=TODAY)
    assert "P013" not in _codes(permissions.editable_members(world.account("staff"), today=TODAY))
    assert "P013" in _codes(permissions.visible_members(world.account("stranger"), today=TODAY))


# --- exclusions -------------------------------------------------------------------------------------------


def _inspect(world: World, role: str) -> set[str]:
    account = world.account(role)
    factories.a_mandate(account, MandateKind.INSPECTOR, world.committee)
    return _codes(permissions.inspected_organisations(account, today=TODAY))


def test_nobody_inspects_where_he_is_affiliated(world: World) -> None:
    assert _inspect(world, "colleague") == {"SYJ", "YJ"}


def test_nobody_inspects_where_he_holds_a_post(world: World) -> None:
    # 办公室主任 of the committee, affiliated with the branch.
    assert _inspect(world, "head") == {"YJ"}
    assert _codes(permissions.reported_organisations(world.account("head"), today=TODAY)) == {"YJ"}


def test_what_a_post_gives_an_inspectors_exclusion_does_not_take(world: World) -> None:
    assert _inspect(world, "secretary") == {"SYJ", "YJ"}
    assert (
        _codes(permissions.reported_organisations(world.account("secretary"), today=TODAY)) == COMMITTEE_TREE
    )


def test_the_exclusion_ends_with_the_affiliation(world: World) -> None:
    Affiliation.objects.filter(member=world.colleague).update(until=TODAY)
    assert _inspect(world, "colleague") == COMMITTEE_TREE


# --- subtrees ---------------------------------------------------------------------------------------------


def test_a_mandate_over_a_branch_covers_that_branch_alone(world: World) -> None:
    account = factories.an_account()
    factories.a_mandate(account, MandateKind.STAFF, world.branch)
    assert _codes(permissions.staff_organisations(account, today=TODAY)) == {"HC"}
    assert permissions.is_staff_of(account, world.branch, today=TODAY)
    assert not permissions.is_staff_of(account, world.committee, today=TODAY)
    assert not permissions.is_staff_of(account, world.other_branch, today=TODAY)


def test_a_path_that_begins_alike_is_another_organisation(world: World) -> None:
    # Ids such as 7 and 71: "/7/" does not begin "/71/".
    tops = [factories.an_organisation(f"机关{number}", OrganisationKind.COMMITTEE) for number in range(12)]
    account = factories.an_account()
    factories.a_mandate(account, MandateKind.STAFF, tops[0])
    assert _codes(permissions.staff_organisations(account, today=TODAY)) == {tops[0].code}


def test_an_organisation_without_a_path_gives_no_right(world: World) -> None:
    account = factories.an_account()
    lost = factories.an_organisation("未入树")
    type(lost).objects.filter(pk=lost.pk).update(path="")
    factories.a_mandate(account, MandateKind.STAFF, lost)
    assert not permissions.staff_organisations(account, today=TODAY).exists()
    assert not permissions.visible_members(account, today=TODAY).exists()


# --- accounts and mandates --------------------------------------------------------------------------------


def _usernames(accounts: Collection[Account]) -> set[str]:
    return {account.username for account in accounts}


HC_ACCOUNTS = {"head", "secretary", "committee_member", "member", "colleague", "applicant"}
YJ_ACCOUNTS = {"chief", "deputy", "other_secretary", "other_member"}


def test_accounts(world: World) -> None:
    seen = {
        role: _usernames(permissions.visible_accounts(account, today=TODAY))
        for role, account in world.accounts.items()
    }
    everybody = set(world.accounts)
    assert seen.pop("system") == everybody
    assert seen.pop("staff") == HC_ACCOUNTS | YJ_ACCOUNTS | {"staff"}
    assert seen == {role: {role} for role in everybody - {"system", "staff"}}


def test_staff_do_not_manage_administrators_nor_anybody_himself(world: World) -> None:
    factories.a_mandate(world.account("colleague"), MandateKind.SYSTEM)
    managed = _usernames(permissions.manageable_accounts(world.account("staff"), today=TODAY))
    assert managed == (HC_ACCOUNTS | YJ_ACCOUNTS) - {"colleague"}
    assert "system" not in _usernames(permissions.manageable_accounts(world.account("system"), today=TODAY))


def test_candidates_for_an_account_are_those_without_one(world: World) -> None:
    here = factories.a_member("丁一", world.branch)
    there = factories.a_member("丁二", world.foreign_branch)
    assert _codes(permissions.account_candidates(world.account("staff"), today=TODAY)) == {here.code}
    assert _codes(permissions.account_candidates(world.account("system"), today=TODAY)) == {
        here.code,
        there.code,
    }
    assert not permissions.account_candidates(world.account("secretary"), today=TODAY).exists()


@pytest.mark.parametrize(
    ("role", "visible", "revocable"),
    [
        (
            "security",
            {"staff", "inspector", "system", "security", "auditor"},
            {"staff", "inspector", "system", "auditor"},
        ),
        ("chief", {"staff", "inspector"}, {"staff", "inspector"}),
        ("secretary", set(), set()),
        ("staff", {"staff"}, set()),
        ("system", {"system"}, set()),
        ("stranger", set(), set()),
    ],
)
def test_mandates(world: World, role: str, visible: set[str], revocable: set[str]) -> None:
    account = world.account(role)
    seen = permissions.visible_mandates(account, today=TODAY).select_related("account")
    ends = permissions.revocable_mandates(account, today=TODAY).select_related("account")
    assert {row.account.username for row in seen} == visible
    assert {row.account.username for row in ends} == revocable


def test_kinds_that_may_be_granted(world: World) -> None:
    assert set(permissions.grantable_kinds(world.account("security"), today=TODAY)) == set(MandateKind)
    assert set(permissions.grantable_kinds(world.account("secretary"), today=TODAY)) == {
        MandateKind.STAFF,
        MandateKind.INSPECTOR,
    }
    assert permissions.grantable_kinds(world.account("committee_member"), today=TODAY) == ()


# --- cost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [name for name in permissions.__all__ if name.startswith(("visible_", "editable_", "reported_"))],
)
def test_the_number_of_queries_is_small_and_does_not_grow(world: World, name: str) -> None:
    function: Seen = getattr(permissions, name)
    account = world.account("chief")
    factories.a_mandate(account, MandateKind.INSPECTOR, world.foreign_committee)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(function(account, today=TODAY))
        return len(queries)

    def grow(times: int) -> None:
        for number in range(times):
            branch = factories.an_organisation(f"第{number}党支部", superior=world.committee)
            factories.a_post(world.chief, branch, "书记", is_principal=True)
            factories.a_mandate(account, MandateKind.STAFF, branch)
            for _ in range(3):
                factories.a_member("丁一", branch)

    grow(1)
    before = cost()
    grow(5)
    assert cost() == before
    assert before <= 6
