"""Posts and their confirmation, 分管 and 联系党员: refusals in their words, nothing half stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from branches.models import RANGE_EMPTY, Organisation
from branches.rules import OrganisationKind
from members.models import Liaison, Portfolio, Post
from members.models.posts import HEAD_NEEDS_DEPARTMENT, PRINCIPAL_IS_TEAM
from members.services import contacts, posts
from members.services.posts import Terms
from tests import factories as make
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
DAY = date(2026, 3, 5)
WHO: dict[str, Any] = {"actor": Actor("staff", "10.0.0.1"), "at": AT}
SECRETARY = Terms("支部书记", DAY, is_team=True, is_principal=True)


def entries() -> list[tuple[str, str, str]]:
    return list(TrailEntry.objects.values_list("action", "target_kind", "target"))


@pytest.fixture
def top() -> Organisation:
    return make.an_organisation("上游局党委", OrganisationKind.COMMITTEE, code="SYJ")


def appointed(top: Organisation, terms: Terms = SECRETARY, *, is_confirmed: bool = False) -> Post:
    return posts.appoint(
        **WHO, member=make.a_member(), organisation=top, terms=terms, is_confirmed=is_confirmed
    )


# --- posts -------------------------------------------------------------------------------------------------


def test_a_post_is_entered_as_it_is_said(top: Organisation) -> None:
    office = make.a_department(top)
    member = make.a_member(code="P1")
    terms = Terms(" 办公室主任 ", DAY, department=office, is_head=True, is_key=True)
    post = posts.appoint(**WHO, member=member, organisation=top, terms=terms, is_confirmed=True)
    post.refresh_from_db()
    assert (post.title, post.department, post.since, post.until) == ("办公室主任", office, DAY, None)
    assert (post.is_team, post.is_principal, post.is_head, post.is_key) == (False, False, True, True)
    assert post.confirmed_at is None  # no principal: nothing to confirm
    assert entries() == [("任职", "任职", "P1")]


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (Terms("  ", DAY), {"title": [posts.TITLE_MISSING]}),
        (Terms("书记", DAY, DAY), {"until": [RANGE_EMPTY]}),
        (Terms("书记", DAY, is_principal=True), {"is_team": [PRINCIPAL_IS_TEAM]}),
        (Terms("主任", DAY, is_head=True), {"department": [HEAD_NEEDS_DEPARTMENT]}),
        (Terms("委员", DAY), {"title": [posts.POST_TWICE]}),
    ],
)
def test_a_post_is_refused(top: Organisation, terms: Terms, refusal: dict[str, list[str]]) -> None:
    member = make.a_member()
    make.a_post(member, top, "委员", since=DAY)
    with pytest.raises(ValidationError) as error:
        posts.appoint(**WHO, member=member, organisation=top, terms=terms, is_confirmed=False)
    assert error.value.message_dict == refusal
    assert Post.objects.count() == 1
    assert entries() == []


def test_a_department_of_another_organisation_is_refused(top: Organisation) -> None:
    office = make.a_department(make.an_organisation())
    with pytest.raises(ValidationError) as error:
        appointed(top, Terms("主任", DAY, department=office))
    assert error.value.message_dict == {"department": [posts.DEPARTMENT_OF_ANOTHER]}


def test_a_change_is_checked_and_named_in_the_trail(top: Organisation) -> None:
    post = appointed(top, Terms("委员", DAY, is_team=True))
    with pytest.raises(ValidationError) as error:
        posts.change_post(**WHO, post=post, terms=Terms("书记", DAY, is_principal=True), is_confirmed=False)
    assert error.value.message_dict == {"is_team": [PRINCIPAL_IS_TEAM]}
    posts.change_post(**WHO, post=post, terms=Terms("组织委员", DAY, is_team=True), is_confirmed=False)
    post.refresh_from_db()
    assert (post.title, post.is_principal) == ("组织委员", False)
    posts.change_post(**WHO, post=post, terms=Terms("组织委员", DAY, is_team=True), is_confirmed=False)
    assert [entry[0] for entry in entries()] == ["任职", "修改"]
    assert '"字段":["职务"]' in TrailEntry.objects.get(action="修改").detail


def test_a_post_ends_on_the_day_and_not_before_it_began(top: Organisation) -> None:
    post = appointed(top)
    with pytest.raises(ValidationError) as error:
        posts.end_post(**WHO, post=post, on=DAY)
    assert error.value.message_dict == {"until": [RANGE_EMPTY]}
    assert posts.end_post(**WHO, post=post, on=date(2026, 3, 6)).until == date(2026, 3, 6)
    with pytest.raises(ValidationError) as error:
        posts.end_post(**WHO, post=post, on=date(2026, 3, 7))
    assert error.value.message_dict == {"until": [posts.LONGER]}
    assert [entry[0] for entry in entries()] == ["任职", "免职"]


def test_a_post_entered_by_mistake_is_deleted(top: Organisation) -> None:
    post = appointed(top)
    posts.remove_post(**WHO, post=post)
    assert not Post.objects.exists()
    assert [entry[0] for entry in entries()] == ["任职", "删除"]


def test_what_the_database_refuses_in_the_end_is_said_in_words(top: Organisation) -> None:
    # As if somebody else had entered the same, or moved the department, between the check and the write.
    post = appointed(top)
    again = {"member": post.member, "title": post.title, "since": post.since}
    with pytest.raises(ValidationError) as error:
        posts._save(Post(organisation=top, **again))
    assert error.value.messages == [posts.POST_TWICE]
    office = make.a_department(make.an_organisation())
    with pytest.raises(ValidationError) as error:
        posts._save(Post(organisation=top, department=office, **{**again, "title": "主任"}))
    assert error.value.messages == [posts.DEPARTMENT_OF_ANOTHER]


# --- confirmation ------------------------------------------------------------------------------------------


def test_a_principal_entered_by_staff_waits_and_one_entered_by_who_may_does_not(top: Organisation) -> None:
    assert appointed(top).confirmed_at is None
    assert appointed(top, is_confirmed=True).confirmed_at == AT


def test_a_principal_is_confirmed_by_another_and_once(top: Organisation) -> None:
    post, other = appointed(top), make.a_member()
    assert posts.confirm_post(**WHO, post=post, by=other).confirmed_at == AT
    later = {**WHO, "at": datetime(2026, 3, 6, tzinfo=UTC)}
    assert posts.confirm_post(**later, post=post, by=other).confirmed_at == AT
    assert [entry[0] for entry in entries()] == ["任职", "确认任职"]


def test_nobody_confirms_himself_nor_one_who_is_no_principal(top: Organisation) -> None:
    post, plain = appointed(top), appointed(top, Terms("委员", DAY, is_team=True))
    with pytest.raises(ValidationError) as error:
        posts.confirm_post(**WHO, post=post, by=post.member)
    assert error.value.messages == [posts.NOT_ONESELF]
    with pytest.raises(ValidationError) as error:
        posts.confirm_post(**WHO, post=plain, by=make.a_member())
    assert error.value.messages == [posts.NOT_A_PRINCIPAL]
    post.refresh_from_db()
    assert post.confirmed_at is None


JANUARY, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("terms", "stays"),
    [
        (Terms("书记", JANUARY, JULY, is_team=True, is_principal=True), True),
        (Terms("副书记（主持工作）", JANUARY, JULY, is_team=True, is_principal=True, is_key=True), True),
        (Terms("书记", JANUARY, JUNE, is_team=True, is_principal=True), True),
        (Terms("书记", JUNE, JULY, is_team=True, is_principal=True), True),
        # Longer than what was confirmed: more would be read than was agreed to.
        (Terms("书记", JANUARY, None, is_team=True, is_principal=True), False),
        (Terms("书记", date(2025, 12, 31), JULY, is_team=True, is_principal=True), False),
        (Terms("书记", JANUARY, date(2026, 7, 2), is_team=True, is_principal=True), False),
        (Terms("书记", JANUARY, JULY, is_team=True), False),
    ],
)
def test_a_confirmation_holds_for_the_days_that_were_confirmed(
    top: Organisation, terms: Terms, stays: bool
) -> None:
    confirmed = Terms("书记", JANUARY, JULY, is_team=True, is_principal=True)
    post = appointed(top, confirmed, is_confirmed=True)
    changed = posts.change_post(**WHO, post=post, terms=terms, is_confirmed=False)
    changed.refresh_from_db()
    assert (changed.confirmed_at is not None) is stays


def test_a_team_member_who_becomes_principal_waits(top: Organisation) -> None:
    post = appointed(top, Terms("委员", DAY, is_team=True), is_confirmed=True)
    assert posts.change_post(**WHO, post=post, terms=SECRETARY, is_confirmed=False).confirmed_at is None
    assert posts.change_post(**WHO, post=post, terms=SECRETARY, is_confirmed=True).confirmed_at is None
    longer = Terms("支部书记", JANUARY, is_team=True, is_principal=True)
    assert posts.change_post(**WHO, post=post, terms=longer, is_confirmed=True).confirmed_at == AT


# --- portfolios --------------------------------------------------------------------------------------------


def test_a_team_member_is_put_in_charge(top: Organisation) -> None:
    office = make.a_department(top)
    leader = make.a_post(make.a_member(code="P1"), top, is_team=True, since=JANUARY, until=JUNE).member
    made = contacts.assign_portfolio(**WHO, member=leader, department=office, since=DAY)
    with pytest.raises(ValidationError) as error:
        contacts.change_portfolio(**WHO, portfolio=made, since=JUNE, until=None)
    assert error.value.messages == [contacts.NOT_OF_THE_TEAM]
    contacts.change_portfolio(**WHO, portfolio=made, since=DAY, until=JULY)
    made.refresh_from_db()
    assert made.until == JULY
    contacts.remove_portfolio(**WHO, portfolio=made)
    assert not Portfolio.objects.exists()
    assert entries() == [("新增", "分管", "P1"), ("修改", "分管", "P1"), ("删除", "分管", "P1")]


def test_a_portfolio_is_refused(top: Organisation) -> None:
    office, other = make.a_department(top), make.a_department(make.an_organisation())
    leader = make.a_post(make.a_member(), top, is_team=True, since=JANUARY, until=JUNE).member
    make.a_portfolio(leader, office, since=JANUARY, until=DAY)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"department": office, "since": JUNE}, [contacts.NOT_OF_THE_TEAM]),
        ({"department": other, "since": DAY}, [contacts.NOT_OF_THE_TEAM]),
        ({"department": office, "since": date(2026, 3, 4)}, [contacts.PORTFOLIO_TWICE]),
        ({"department": office, "since": DAY, "until": DAY}, [RANGE_EMPTY]),
    ]
    for values, refusal in cases:
        with pytest.raises(ValidationError) as error:
            contacts.assign_portfolio(**WHO, member=leader, **values)
        assert error.value.messages == refusal
    assert Portfolio.objects.count() == 1
    assert entries() == []
    contacts.assign_portfolio(**WHO, member=leader, department=office, since=DAY)


# --- liaisons ----------------------------------------------------------------------------------------------


def test_a_committee_member_keeps_in_contact() -> None:
    branch = make.an_organisation()
    keeper, member = make.a_member(code="P1"), make.a_member(code="P2", organisation=branch)
    post = make.a_post(keeper, branch, is_team=True)
    made = contacts.assign_liaison(**WHO, committee_member=keeper, member=member, since=DAY)
    for since, until, refusal in (
        (DAY, DAY, RANGE_EMPTY),
        (date(2019, 1, 1), None, contacts.NOT_A_COMMITTEE_MEMBER),
    ):
        with pytest.raises(ValidationError) as error:
            contacts.change_liaison(**WHO, liaison=made, since=since, until=until)
        assert error.value.messages == [refusal]
    # Leaving the team does not end it, and its end can still be entered.
    Post.objects.filter(pk=post.pk).update(until=DAY)
    contacts.change_liaison(**WHO, liaison=made, since=DAY, until=JULY)
    made.refresh_from_db()
    assert made.until == JULY
    contacts.remove_liaison(**WHO, liaison=made)
    assert not Liaison.objects.exists()
    assert entries() == [(action, "联系党员", "P2") for action in ("新增", "修改", "删除")]


def test_a_liaison_is_refused() -> None:
    branch, elsewhere = make.an_organisation(), make.an_organisation()
    keeper, member = make.a_member(organisation=branch), make.a_member(organisation=branch)
    stranger = make.a_member(organisation=elsewhere)
    plain = make.a_member(organisation=branch)
    make.a_post(keeper, branch, is_team=True, since=JANUARY)
    make.a_liaison(keeper, member, since=DAY, until=JUNE)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"committee_member": keeper, "member": keeper, "since": DAY}, [contacts.WITH_ONESELF]),
        ({"committee_member": plain, "member": member, "since": DAY}, [contacts.NOT_A_COMMITTEE_MEMBER]),
        ({"committee_member": keeper, "member": stranger, "since": DAY}, [contacts.NOT_A_COMMITTEE_MEMBER]),
        (
            {"committee_member": keeper, "member": member, "since": date(2025, 12, 31)},
            [contacts.NOT_A_COMMITTEE_MEMBER],
        ),
        ({"committee_member": keeper, "member": member, "since": JANUARY}, [contacts.LIAISON_TWICE]),
        ({"committee_member": keeper, "member": member, "since": JUNE, "until": JUNE}, [RANGE_EMPTY]),
    ]
    for values, refusal in cases:
        with pytest.raises(ValidationError) as error:
            contacts.assign_liaison(**WHO, **values)
        assert error.value.messages == refusal
    assert Liaison.objects.count() == 1
    assert entries() == []
