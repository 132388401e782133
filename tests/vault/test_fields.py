"""Sealed fields on a model: written like text, never plain in the database, bound to their record."""

from collections.abc import Callable

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, transaction
from django.db.models import Count, F, QuerySet

from members.models import Member
from tests.factories import a_member
from vault.models import Sealed
from vault.rules.envelope import EnvelopeRefused

pytestmark = pytest.mark.django_db
SECRET = "13800138000"


def stored(member: Member, column: str = "phone") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, identity_number FROM members_member WHERE id = %s", [member.pk])
        phone, identity_number = cursor.fetchone()
    return bytes(phone if column == "phone" else identity_number)


def kept(member: Member) -> Sealed:
    value = member.__dict__["phone"]
    assert isinstance(value, Sealed)
    return value


@pytest.fixture
def member() -> Member:
    made = a_member()
    made.phone = SECRET
    made.save()
    return Member.objects.get(pk=made.pk)


def test_it_reads_as_it_was_written_and_lies_sealed(member: Member) -> None:
    assert member.phone == SECRET
    assert SECRET.encode() not in stored(member)


def test_empty_is_stored_as_empty(member: Member) -> None:
    assert stored(member, "identity_number") == b""
    assert member.identity_number == ""


def test_nothing_is_opened_before_somebody_reads(member: Member) -> None:
    assert kept(member).plain is None
    assert member.phone == SECRET
    assert kept(member).plain == SECRET.encode()


def test_what_was_not_touched_stays_the_same_bytes(member: Member) -> None:
    before = stored(member)
    member.name = "改名"
    member.save()
    assert stored(member) == before


def test_a_new_text_is_sealed_anew(member: Member) -> None:
    before = stored(member)
    member.phone = SECRET
    member.save(update_fields=["phone"])
    assert stored(member) != before
    assert Member.objects.get(pk=member.pk).phone == SECRET


def test_bulk_create_and_bulk_update(member: Member) -> None:
    other = Member.objects.bulk_create([Member(code="P2", name="乙", category="群众", phone="1")])[0]
    member.phone, other.phone = "22", "33"
    assert Member.objects.bulk_update([member, other], ["phone", "name"]) == 2
    assert dict(Member.objects.values_list("pk", "code")) == {member.pk: member.code, other.pk: "P2"}
    assert [Member.objects.get(pk=row.pk).phone for row in (member, other)] == ["22", "33"]
    assert member.phone == "22"


def test_a_value_moved_to_another_record_is_refused(member: Member) -> None:
    other = a_member()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET phone = %s WHERE id = %s", [stored(member), other.pk])
    with pytest.raises(EnvelopeRefused):
        _ = Member.objects.get(pk=other.pk).phone


def test_a_value_moved_to_another_column_is_refused(member: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET identity_number = phone WHERE id = %s", [member.pk])
    with pytest.raises(EnvelopeRefused):
        _ = Member.objects.get(pk=member.pk).identity_number


def test_two_records_swapped_are_refused(member: Member) -> None:
    other = a_member()
    other.phone = "2"
    other.save()
    first, second = stored(member), stored(other)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET phone = %s WHERE id = %s", [second, member.pk])
        cursor.execute("UPDATE members_member SET phone = %s WHERE id = %s", [first, other.pk])
    for row in (member, other):
        with pytest.raises(EnvelopeRefused):
            _ = Member.objects.get(pk=row.pk).phone


def test_a_changed_code_seals_anew(member: Member) -> None:
    member.code = "P-NEU"
    member.save()
    assert Member.objects.get(code="P-NEU").phone == SECRET


def test_deferred_values_are_fetched_when_read(member: Member) -> None:
    assert Member.objects.only("name").get(pk=member.pk).phone == SECRET
    assert Member.objects.defer("phone").get(pk=member.pk).phone == SECRET


def test_refreshing_gives_what_is_stored(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(phone=kept(member), name="新名")
    member.phone = "something else"
    member.refresh_from_db()
    assert (member.phone, member.name) == (SECRET, "新名")


def test_values_do_not_show_themselves(member: Member) -> None:
    rows = [*Member.objects.values(), *Member._base_manager.values_list("phone")]
    assert member.phone == SECRET
    assert SECRET not in f"{rows!r}{rows!s}{member.__dict__!r}{member!r}"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Member.objects.values("code", "phone"),
        lambda: Member.objects.values(number=F("phone")),
        lambda: Member.objects.values_list("phone", flat=True),
        lambda: Member.objects.order_by("phone").values_list("phone"),
        lambda: Member.objects.values("phone").annotate(number=Count("pk")),
    ],
)
def test_no_value_is_asked_for_that_nobody_could_open(ask: Callable[[], object], member: Member) -> None:
    """It would be an envelope, and stand on a page or in a count for the text."""
    with pytest.raises(FieldError, match="values"):
        ask()
    assert list(Member.objects.values_list("code", flat=True)) == [member.code]


def test_without_the_refusal_an_envelope_would_stand_for_it(member: Member) -> None:
    given = QuerySet(Member).values_list("phone", flat=True).get(pk=member.pk)
    assert isinstance(given, Sealed)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Member.objects.filter(phone=SECRET).exists(),
        lambda: Member.objects.filter(phone__contains="138").exists(),
        lambda: Member.objects.exclude(phone__startswith="1").exists(),
        lambda: Member.objects.filter(phone__in=[SECRET]).exists(),
        lambda: Member.objects.update(phone=SECRET),
        lambda: serializers.serialize("json", Member.objects.all()),
    ],
)
def test_it_cannot_be_searched_overwritten_or_dumped_plain(ask: Callable[[], object], member: Member) -> None:
    with pytest.raises(FieldError), transaction.atomic():
        ask()
    assert Member.objects.get(pk=member.pk).phone == SECRET


def test_a_copy_of_another_column_does_not_open(member: Member) -> None:
    Member.objects.update(identity_number=F("phone"))
    with pytest.raises(EnvelopeRefused):
        _ = Member.objects.get(pk=member.pk).identity_number
