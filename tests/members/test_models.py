"""QuerySets in the words of rules.md section 1, and the guards of the database without the services."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from members.models import Affiliation, Event, Liaison, Mandate, MandateKind, Member, Portfolio, Post
from members.rules import Category
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 5)
BEFORE, AFTER = date(2026, 3, 4), date(2026, 3, 6)


# --- in force ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "in_force"),
    [
        (None, None, True),
        (DAY, None, True),
        (BEFORE, None, True),
        (AFTER, None, False),
        (None, DAY, False),
        (None, AFTER, True),
        (BEFORE, DAY, False),
        (DAY, AFTER, True),
        (BEFORE, AFTER, True),
    ],
)
def test_in_force_from_the_first_day_on_and_not_on_the_last(
    since: date | None, until: date | None, in_force: bool
) -> None:
    branch = make.an_organisation()
    make.a_member(organisation=branch, since=since, until=until)
    assert Affiliation.objects.in_force(DAY).exists() is in_force
    assert Member.objects.affiliated(branch, DAY).exists() is in_force


# --- party members -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "joined_on", "is_party"),
    [
        (Category.FULL, None, True),
        (Category.FULL, DAY, True),
        (Category.FULL, AFTER, False),
        (Category.PROBATIONARY, BEFORE, True),
        (Category.PROSPECT, BEFORE, False),
        (Category.ACTIVIST, None, False),
        (Category.APPLICANT, None, False),
        (Category.MASSES, None, False),
    ],
)
def test_party_members_by_category_and_day_of_joining(
    category: Category, joined_on: date | None, is_party: bool
) -> None:
    branch = make.an_organisation()
    make.a_member(organisation=branch, category=category, joined_on=joined_on)
    assert Member.objects.party_on(DAY).exists() is is_party
    assert Member.objects.party_of(branch, DAY).exists() is is_party
    assert Member.objects.affiliated(branch, DAY).exists()


def test_party_of_asks_for_the_affiliation_of_the_day() -> None:
    here, there = make.an_organisation(), make.an_organisation()
    moved = make.a_member(organisation=here, until=DAY)
    make.an_affiliation(moved, there, since=DAY)
    assert list(Member.objects.party_of(here, BEFORE)) == [moved]
    assert list(Member.objects.party_of(here, DAY)) == []
    assert list(Member.objects.party_of(there, DAY)) == [moved]


def test_affiliated_leaves_out_those_of_lower_organisations() -> None:
    top = make.an_organisation(kind=make.OrganisationKind.COMMITTEE)
    branch = make.an_organisation(superior=top)
    member = make.a_member(organisation=branch)
    assert list(Member.objects.affiliated(branch, DAY)) == [member]
    assert list(Member.objects.affiliated(top, DAY)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("单丹阳", True),
        ("丹阳", True),
        ("shan", True),
        ("Shan Dan", True),
        ("sdy", True),
        ("HC-007", True),
        ("  sd ", True),
        ("", True),
        ("dan", False),
        ("dy", False),
        ("HC", False),
        ("丹杨", False),
    ],
)
def test_named_like_takes_name_pinyin_initials_and_code(text: str, found: bool) -> None:
    make.a_member("单丹阳", code="HC-007")
    assert Member.objects.named_like(text).exists() is found


@pytest.mark.parametrize(
    ("text", "by_pinyin"), [("单", False), ("单dan", False), ("a-b", False), ("shan", True), ("édou", True)]
)
def test_what_no_pinyin_holds_is_looked_for_in_none(text: str, by_pinyin: bool) -> None:
    """Signs that have a pinyin, and those that are left out of it; letters of any sort stay in it."""
    assert ("pinyin" in str(Member.objects.named_like(text).query.where)) is by_pinyin


def test_a_letter_that_is_no_plain_one_is_found_in_the_pinyin() -> None:
    make.a_member("Édouard")
    assert Member.objects.named_like("édou").exists()


# --- posts -------------------------------------------------------------------------------------------------


def test_team_principals_and_heads_read_the_flags_in_force() -> None:
    top = make.an_organisation(kind=make.OrganisationKind.COMMITTEE)
    office, other = make.a_department(top), make.a_department(top)
    secretary = make.a_post(make.a_member(), top, "书记", is_principal=True)
    deputy = make.a_post(make.a_member(), top, "委员", is_team=True)
    head = make.a_post(make.a_member(), top, "主任", department=office, is_head=True)
    make.a_post(make.a_member(), top, "干事", department=office)
    make.a_post(make.a_member(), top, "前书记", is_principal=True, until=DAY)
    make.a_post(make.a_member(), make.an_organisation(), "别处的书记", is_principal=True)
    assert set(Post.objects.team_of(top, DAY)) == {secretary, deputy}
    assert set(Post.objects.principals_of(top, DAY)) == {secretary}
    assert set(Post.objects.heads_of(office, DAY)) == {head}
    assert set(Post.objects.heads_of(other, DAY)) == set()
    assert len(Post.objects.principals_of(top, BEFORE)) == 2


# --- the database itself refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ((None, None), (date(2030, 1, 1), None), True),
        ((BEFORE, None), (None, BEFORE), False),
        ((BEFORE, None), (None, DAY), True),
        ((BEFORE, AFTER), (AFTER, None), False),
        ((BEFORE, AFTER), (DAY, DAY.replace(day=6)), True),
        ((BEFORE, DAY), (AFTER, None), False),
        ((DAY, AFTER), (DAY, AFTER), True),
    ],
)
def test_no_two_affiliations_on_one_day(
    first: tuple[date | None, date | None], second: tuple[date | None, date | None], clash: bool
) -> None:
    member, branch, other = make.a_member(), make.an_organisation(), make.an_organisation()
    rows = [
        Affiliation(member=member, organisation=branch, since=first[0], until=first[1]),
        Affiliation(member=member, organisation=other, since=second[0], until=second[1]),
    ]
    if clash:
        with pytest.raises(IntegrityError, match="affiliation_once_a_day"), transaction.atomic():
            Affiliation.objects.bulk_create(rows)
        assert not Affiliation.objects.exists()
    else:
        Affiliation.objects.bulk_create(rows)
        assert Affiliation.objects.count() == 2


def test_a_later_change_of_dates_is_guarded_too() -> None:
    member = make.a_member()
    make.an_affiliation(member, make.an_organisation(), since=BEFORE, until=DAY)
    make.an_affiliation(member, make.an_organisation(), since=DAY)
    with pytest.raises(IntegrityError, match="affiliation_once_a_day"), transaction.atomic():
        Affiliation.objects.filter(since=BEFORE).update(until=AFTER)
    # Two members do not clash.
    make.an_affiliation(make.a_member(), make.an_organisation(), since=DAY)


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        ({"is_principal": True}, "post_principal_is_team"),
        ({"is_head": True}, "post_head_needs_department"),
        ({"since": DAY, "until": DAY}, "post_covers_a_day"),
        ({"since": DAY, "until": BEFORE}, "post_covers_a_day"),
    ],
)
def test_a_post_is_guarded(values: dict[str, Any], sign: str) -> None:
    member, branch = make.a_member(), make.an_organisation()
    row = Post(**{"member": member, "organisation": branch, "title": "书记", "since": DAY, **values})
    with pytest.raises(IntegrityError, match=sign), transaction.atomic():
        Post.objects.bulk_create([row])


def test_a_department_of_another_organisation_is_refused() -> None:
    branch, top = make.an_organisation(), make.an_organisation(kind=make.OrganisationKind.COMMITTEE)
    office, member = make.a_department(top), make.a_member()
    with pytest.raises(IntegrityError, match="post_department_of_organisation"), transaction.atomic():
        Post.objects.bulk_create(
            [Post(member=member, organisation=branch, department=office, title="主任", since=DAY)]
        )
    make.a_post(member, top, department=office)
    with pytest.raises(IntegrityError, match="post_department_of_organisation"), transaction.atomic():
        Post.objects.update(organisation=branch)


def test_dated_rows_cover_a_day_and_a_liaison_is_with_another() -> None:
    one, other = make.a_member(), make.a_member()
    top = make.an_organisation(kind=make.OrganisationKind.COMMITTEE)
    office, account = make.a_department(top), make.an_account()
    empty = {"since": DAY, "until": DAY}
    rows: list[tuple[Any, str]] = [
        (Affiliation(member=one, organisation=top, **empty), "affiliation_covers_a_day"),
        (Portfolio(member=one, department=office, **empty), "portfolio_covers_a_day"),
        (Liaison(committee_member=one, member=other, **empty), "liaison_covers_a_day"),
        (Liaison(committee_member=one, member=one, since=DAY), "liaison_not_with_oneself"),
        (Mandate(account=account, kind=MandateKind.STAFF, organisation=top, **empty), "mandate_covers_a_day"),
        (Mandate(account=account, kind=MandateKind.STAFF, since=DAY), "mandate_scope_fits_kind"),
        (
            Mandate(account=account, kind=MandateKind.AUDITOR, organisation=top, since=DAY),
            "mandate_scope_fits_kind",
        ),
        (
            Event(code="E1", member=one, kind="其他", happened_on=DAY, known_on=BEFORE),
            "event_known_after_it_happened",
        ),
    ]
    for row, sign in rows:
        with pytest.raises(IntegrityError, match=sign), transaction.atomic():
            type(row).objects.bulk_create([row])


def test_an_unknown_category_is_refused() -> None:
    make.a_member(code="P1")
    with pytest.raises(IntegrityError, match="member_category_known"), transaction.atomic():
        Member.objects.update(category="团员")
