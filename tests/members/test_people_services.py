"""Members and affiliations as the services keep them: refusals in their words, nothing half stored."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from branches.models import RANGE_EMPTY
from members.models import Affiliation, Member
from members.services import people
from tests import factories as make
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
DAY = date(2026, 3, 5)
WHO: dict[str, Any] = {"actor": Actor("staff", "10.0.0.1"), "at": AT}


def entries() -> list[tuple[str, str, str]]:
    return list(TrailEntry.objects.values_list("action", "target_kind", "target"))


def rows(member: Member) -> list[tuple[str, date | None, date | None]]:
    found = member.affiliations.order_by("pk").values_list("organisation__code", "since", "until")
    return list(found)


# --- adding ------------------------------------------------------------------------------------------------


def test_a_member_is_added_with_the_first_affiliation() -> None:
    branch = make.an_organisation(code="HC")
    made = people.add_member(
        **WHO,
        organisation=branch,
        name="单 丹阳",
        category="预备党员",
        since=DAY,
        facts={"phone": "13800001234", "joined_on": date(2026, 1, 1), "is_floating": True},
    )
    made = Member.objects.get(pk=made.pk)
    assert (made.code, made.name, made.pinyin, made.initials) == ("HC-001", "单丹阳", "shandanyang", "sdy")
    assert (made.category, made.phone, made.is_floating) == ("预备党员", "13800001234", True)
    assert rows(made) == [("HC", DAY, None)]
    assert entries() == [("新增", "党员", "HC-001")]


def test_numbers_go_on_in_the_organisation_and_a_typed_one_is_kept() -> None:
    branch = make.an_organisation(code="HC")
    make.a_member(code="HC-041")
    make.a_member(code="KC-900")
    kept: dict[str, Any] = {**WHO, "organisation": branch, "category": "正式党员"}
    assert people.add_member(**kept, name="甲").code == "HC-042"
    assert people.add_member(**kept, name="乙", code=" 党员7 ").code == "党员7"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"code": "P1"}, {"code": [people.CODE_TAKEN]}),
        ({"name": " 　"}, {"name": [people.NAME_MISSING]}),
        (
            {"facts": {"joined_on": DAY, "full_on": date(2026, 3, 4)}},
            {"full_on": [people.FULL_BEFORE_JOINED]},
        ),
        ({"since": date(2026, 2, 1)}, {"organisation": [people.ORGANISATION_DISSOLVED]}),
    ],
)
def test_a_member_is_refused_and_nothing_is_stored(wrong: dict[str, Any], refusal: dict[str, Any]) -> None:
    make.a_member(code="P1")
    branch = make.an_organisation(dissolved=date(2026, 2, 1))
    values: dict[str, Any] = {"name": "李明", "category": "正式党员", "since": date(2026, 1, 1), **wrong}
    with pytest.raises(ValidationError) as error:
        people.add_member(**WHO, organisation=branch, **values)
    assert error.value.message_dict == refusal
    assert Member.objects.count() == 1
    assert not Affiliation.objects.exists()
    assert entries() == []


def test_an_unknown_fact_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="nickname"):
        people.add_member(
            **WHO,
            organisation=make.an_organisation(),
            name="李明",
            category="群众",
            facts={"nickname": "小李"},
        )


# --- changing ----------------------------------------------------------------------------------------------


def test_a_change_names_the_fields_in_the_trail_and_no_value() -> None:
    member = make.a_member("李明", code="P1")
    people.change_member(
        **WHO,
        member=member,
        name="单明",
        category="正式党员",
        facts={"phone": "13911112222", "job": "水情科"},
    )
    member.refresh_from_db()
    assert (member.name, member.pinyin, member.phone, member.job) == (
        "单明",
        "shanming",
        "13911112222",
        "水情科",
    )
    entry = TrailEntry.objects.get()
    assert json.loads(entry.detail) == {"字段": ["姓名", "手机号码", "工作岗位"]}
    assert "13911112222" not in entry.detail


def test_facts_not_given_stay_and_nothing_changed_is_no_entry() -> None:
    member = make.a_member("李明", code="P1")
    people.change_member(**WHO, member=member, name="李明", category="正式党员", facts={"phone": "139"})
    people.change_member(**WHO, member=member, name="李明", category="正式党员")
    member.refresh_from_db()
    assert member.phone == "139"
    assert len(entries()) == 1


def test_the_numbers_do_not_stand_in_the_database_as_they_are() -> None:
    member = make.a_member()
    people.change_member(
        **WHO,
        member=member,
        name="李明",
        category="正式党员",
        facts={"identity_number": "500102198001010012"},
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM members_member")
        stored = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for row in cursor.fetchall()
            for value in row
        )
    assert "李明".encode() in stored
    assert b"500102198001010012" not in stored


def test_the_numbers_are_given_with_an_entry_in_the_trail() -> None:
    branch = make.an_organisation()
    member = people.add_member(
        **WHO, organisation=branch, name="李明", category="群众", code="P1", facts={"phone": "138"}
    )
    contact = people.read_contact(**WHO, member=member)
    assert (contact.phone, contact.identity_number) == ("138", "")
    assert entries()[-1] == ("查看联系方式", "党员", "P1")


# --- moving ------------------------------------------------------------------------------------------------


def test_a_transfer_ends_one_affiliation_and_begins_the_next() -> None:
    here, there = make.an_organisation(code="A"), make.an_organisation(code="B")
    member = make.a_member(organisation=here, since=None)
    people.transfer_member(**WHO, member=member, organisation=there, on=DAY)
    assert rows(member) == [("A", None, DAY), ("B", DAY, None)]
    assert entries() == [("转接", "组织关系", member.code)]


def test_one_who_is_nowhere_only_begins() -> None:
    there = make.an_organisation(code="B")
    member = make.a_member(organisation=make.an_organisation(code="A"), since=None, until=date(2026, 1, 1))
    people.transfer_member(**WHO, member=member, organisation=there, on=DAY)
    assert rows(member) == [("A", None, date(2026, 1, 1)), ("B", DAY, None)]


def test_a_transfer_is_refused_and_nothing_moves() -> None:
    here = make.an_organisation(code="A")
    gone = make.an_organisation(code="G", dissolved=DAY)
    there = make.an_organisation(code="B")
    member = make.a_member(organisation=here, since=DAY)
    later = make.a_member(organisation=here, since=None, until=date(2026, 4, 1))
    make.an_affiliation(later, there, since=date(2026, 4, 1))
    cases: list[tuple[Member, Any, date, list[str]]] = [
        (member, here, date(2026, 3, 9), [people.ALREADY_THERE]),
        (member, gone, date(2026, 3, 9), [people.ORGANISATION_DISSOLVED]),
        (member, there, DAY, [RANGE_EMPTY]),
        (later, there, DAY, [people.OVERLAP]),
    ]
    for who, where, on, refusal in cases:
        before = rows(who)
        with pytest.raises(ValidationError) as error:
            people.transfer_member(**WHO, member=who, organisation=where, on=on)
        assert error.value.messages == refusal
        assert rows(who) == before
    assert entries() == []


def test_an_affiliation_is_corrected_and_ended() -> None:
    here, there = make.an_organisation(code="A"), make.an_organisation(code="B")
    member = make.a_member(organisation=here, since=None)
    people.change_affiliation(
        **WHO, affiliation=member.affiliations.get(), organisation=there, since=date(2020, 1, 1), until=DAY
    )
    assert rows(member) == [("B", date(2020, 1, 1), DAY)]
    assert entries() == [("修改", "组织关系", member.code)]


@pytest.mark.parametrize(
    ("since", "until", "refusal"),
    [
        (date(2026, 1, 1), None, people.OVERLAP),
        (None, date(2026, 3, 2), people.OVERLAP),
        (date(2026, 1, 1), date(2026, 1, 1), RANGE_EMPTY),
    ],
)
def test_a_correction_is_refused(since: date | None, until: date | None, refusal: str) -> None:
    here, there = make.an_organisation(code="A"), make.an_organisation(code="B")
    member = make.a_member(organisation=here, since=None, until=date(2026, 3, 1))
    make.an_affiliation(member, there, since=date(2026, 3, 1))
    first = member.affiliations.get(organisation=here)
    with pytest.raises(ValidationError) as error:
        people.change_affiliation(**WHO, affiliation=first, organisation=here, since=since, until=until)
    assert error.value.messages == [refusal]
    assert rows(member) == [("A", None, date(2026, 3, 1)), ("B", date(2026, 3, 1), None)]


def test_the_last_affiliation_is_not_deleted() -> None:
    here, there = make.an_organisation(code="A"), make.an_organisation(code="B")
    member = make.a_member(organisation=here, since=None, until=DAY)
    wrong = make.an_affiliation(member, there, since=DAY)
    people.remove_affiliation(**WHO, affiliation=wrong)
    assert rows(member) == [("A", None, DAY)]
    with pytest.raises(ValidationError) as error:
        people.remove_affiliation(**WHO, affiliation=member.affiliations.get())
    assert error.value.messages == [people.LAST_AFFILIATION]
    assert rows(member) == [("A", None, DAY)]
    assert entries() == [("删除", "组织关系", member.code)]


def test_a_member_entered_by_mistake_is_deleted_and_one_in_use_is_not() -> None:
    branch = make.an_organisation()
    wrong, holder = make.a_member(organisation=branch, code="P1"), make.a_member(organisation=branch)
    make.a_post(holder, branch)
    people.remove_member(**WHO, member=wrong)
    assert entries() == [("删除", "党员", "P1")]
    with pytest.raises(ValidationError) as error:
        people.remove_member(**WHO, member=holder)
    assert error.value.messages == [people.MEMBER_IN_USE]
    assert list(Member.objects.all()) == [holder]
    assert Affiliation.objects.get().member == holder


# --- the last line -----------------------------------------------------------------------------------------


def test_what_the_database_refuses_in_the_end_is_said_in_words() -> None:
    # As if somebody else had entered the same between the check and the write.
    here, there = make.an_organisation(code="A"), make.an_organisation(code="B")
    member = make.a_member(organisation=here, since=None)
    with pytest.raises(ValidationError) as error:
        people._save_affiliation(Affiliation(member=member, organisation=there, since=DAY))
    assert error.value.messages == [people.OVERLAP]
    with pytest.raises(ValidationError) as error:
        people._save_member(Member(code=member.code, name="李明", category="群众"))
    assert error.value.message_dict == {"code": [people.CODE_TAKEN]}
