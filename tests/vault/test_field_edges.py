"""Sealed fields: reading and refreshing leave the bytes alone, and none is left behind by its record."""

from unittest.mock import patch

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member
from tests.factories import a_member
from vault.models import values

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    made = a_member()
    made.phone, made.identity_number = "13800138000", "110101199003070000"
    made.save()
    return Member.objects.get(pk=made.pk)


def stored(member: Member) -> tuple[bytes, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, identity_number FROM members_member WHERE id = %s", [member.pk])
        phone, number = cursor.fetchone()
    return bytes(phone), bytes(number)


@pytest.mark.parametrize("fields", [None, ["phone"], ["phone", "name"]])
def test_refreshing_opens_nothing_and_seals_nothing_anew(member: Member, fields: list[str] | None) -> None:
    before = stored(member)
    with patch.object(values, "unseal", side_effect=AssertionError("opened")):
        member.refresh_from_db(fields=fields)
        member.save()
    assert stored(member) == before
    assert (member.phone, member.identity_number) == ("13800138000", "110101199003070000")


def test_refreshing_keeps_the_queryset_it_was_given(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(job="科长", name="新名")
    member.refresh_from_db(from_queryset=Member.objects.defer("job"))
    assert (member.name, member.job) == ("新名", "")
    with pytest.raises(Member.DoesNotExist):
        member.refresh_from_db(from_queryset=Member.objects.none())


def test_a_deferred_value_that_was_read_is_not_sealed_anew(member: Member) -> None:
    before = stored(member)
    again = Member.objects.defer("phone").get(pk=member.pk)
    assert again.phone == "13800138000"
    again.save()
    assert stored(member) == before


def test_a_list_opens_nothing(member: Member) -> None:
    with patch.object(values, "unseal", side_effect=AssertionError("opened")):
        assert [found.name for found in Member.objects.all()] == [member.name]


def test_no_value_is_left_behind_by_a_new_code(member: Member) -> None:
    member.code = "P-NEW"
    with pytest.raises(FieldError, match="identity"):
        member.save(update_fields=["code"])
    with pytest.raises(FieldError, match="identity_number"):
        member.save(update_fields=["code", "phone"])
    member.save(update_fields=["code", "phone", "identity_number"])
    again = Member.objects.get(code="P-NEW")
    assert (again.phone, again.identity_number) == ("13800138000", "110101199003070000")
    again.code = "P-NEWER"
    again.save()
    assert Member.objects.get(code="P-NEWER").phone == "13800138000"


def test_empty_values_do_not_hold_a_new_code_back() -> None:
    member = a_member()
    member.code = "P-NEW"
    member.save(update_fields=["code"])
    assert Member.objects.get(code="P-NEW").phone == ""


def test_the_same_row_twice_in_a_bulk_update(member: Member) -> None:
    member.phone = "2"
    Member.objects.bulk_update([member, member], ["phone"])
    assert member.phone == "2"
    assert Member.objects.get(pk=member.pk).phone == "2"


def test_a_bulk_update_that_fails_leaves_the_attributes_readable(member: Member) -> None:
    other = a_member()
    other.phone = 5  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        Member.objects.bulk_update([member, other], ["phone"])
    assert member.phone == "13800138000"


def test_updating_in_bulk_costs_one_statement(member: Member) -> None:
    members = [member, a_member(), a_member()]
    for number, row in enumerate(members):
        row.phone = str(number)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        Member.objects.bulk_update(members, ["phone", "identity_number"])
    assert sum("UPDATE" in query["sql"] for query in queries.captured_queries) == 1
    assert [Member.objects.get(pk=row.pk).phone for row in members] == ["0", "1", "2"]


def test_nothing_may_be_stored_without_an_instance_and_something_may_not(member: Member) -> None:
    """As a migration does that adds the column; that nothing was written is no secret."""
    Member.objects.filter(pk=member.pk).update(phone="")
    assert stored(member)[0] == b""
    assert Member.objects.get(pk=member.pk).phone == ""
    with pytest.raises(FieldError):
        Member.objects.filter(pk=member.pk).update(phone="13800138000")
