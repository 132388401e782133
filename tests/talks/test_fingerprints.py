"""Fingerprints made with each record, and of those that were there before."""

from datetime import UTC, date, datetime
from io import StringIO

from django.core.management import call_command
from django.db import connection

from talks.models import Fingerprint, Talk
from talks.rules.fingerprints import near_ones
from talks.rules.words import TalkState
from talks.services.fingerprints import fingerprint_next_records
from talks.services.records import RecordText, correct_record, hold_talk, record_talk
from talks.services.talks import Circumstances
from tests import factories
from tests.conftest import World
from tests.talks.exchange.books import WHOLE, imported
from vault.models import TrailEntry
from vault.services import Actor, rotate_keys

AT = datetime(2026, 3, 6, 2, tzinfo=UTC)
DAY = date(2026, 3, 5)
ACTOR = Actor("secretary", "")
TEXT = "谈到测站夜间值班人手不足，希望汛期以前排班能够错开，愿意带新同志熟悉仪器。"


def near() -> list[tuple[int, int]]:
    values = list(Fingerprint.objects.order_by("pk"))
    found = near_ones([one.value for one in values], near=80, very_near=95)
    return [(values[one.older].pk, values[one.younger].pk) for one in found]


def write(talk: Talk, text: str, how: object = record_talk) -> None:
    talk.refresh_from_db()
    how(  # type: ignore[operator]
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=talk.revision,
        today=date(2026, 3, 6),
        circumstances=Circumstances(held_on=DAY),
        text=RecordText(content=text),
    )


def a_booked_talk(world: World) -> Talk:
    return factories.a_talk([world.secretary], [world.member], held_on=DAY, state=TalkState.PLANNED)


def test_a_record_has_a_fingerprint_from_the_moment_it_is_written(world: World) -> None:
    one, other = a_booked_talk(world), a_booked_talk(world)
    write(one, f"与梁志强同志谈话。{TEXT}")
    write(other, f"2026年3月5日谈话：{TEXT}陆秉川")
    # Names and dates of those who took part are no words of the record.
    assert near() == [(one.pk, other.pk)]


def test_a_draft_has_none(world: World) -> None:
    write(a_booked_talk(world), TEXT, hold_talk)
    assert not Fingerprint.objects.exists()


def test_a_correction_changes_it(world: World) -> None:
    one, other = a_booked_talk(world), a_booked_talk(world)
    write(one, TEXT)
    write(other, TEXT)
    write(other, "祝贺政治生日，回顾入党以来的经历，谈到家里老人住院。", correct_record)
    assert near() == []


def test_what_stands_in_the_database_is_sealed(world: World) -> None:
    talks = [a_booked_talk(world), a_booked_talk(world)]
    for talk in talks:
        write(talk, TEXT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM talks_fingerprint ORDER BY talk_id")
        one, other = (bytes(value) for (value,) in cursor.fetchall())
    plain = bytes(Fingerprint.objects.earliest("pk").value)
    # Two records with the same words have the same fingerprint, and the database does not show it.
    assert bytes(Fingerprint.objects.latest("pk").value) == plain
    assert plain not in one
    assert not {one[start : start + 8] for start in range(20, len(one) - 8)} & {
        other[start : start + 8] for start in range(20, len(other) - 8)
    }


def test_the_command_makes_what_is_wanting_and_goes_on_where_it_stopped(world: World) -> None:
    talks = [factories.a_talk([world.secretary], [world.member], held_on=DAY, content=TEXT) for _ in range(5)]
    factories.a_talk([world.secretary], [world.member], held_on=DAY, state=TalkState.PLANNED)
    assert fingerprint_next_records(actor=ACTOR, at=AT, most=2) == 2
    assert list(Fingerprint.objects.order_by("pk").values_list("pk", flat=True)) == [
        talks[0].pk,
        talks[1].pk,
    ]
    Fingerprint.objects.filter(pk=talks[0].pk).update(version=0)
    out = StringIO()
    call_command("fingerprint_records", batch=3, stdout=out)
    assert out.getvalue().splitlines()[-1].startswith("共生成4份内容指纹")
    assert Fingerprint.objects.current().count() == 5
    call_command("fingerprint_records", stdout=out)
    assert out.getvalue().splitlines()[-1].startswith("共生成0份内容指纹")
    # Each batch stands in the trail before a record is opened.
    details = TrailEntry.objects.filter(action="生成内容指纹").values_list("detail", flat=True)
    assert list(details) == ['{"数量":2}', '{"数量":3}', '{"数量":1}']


def test_those_that_were_made_stay_comparable_after_the_keys_were_rotated(world: World) -> None:
    one, other = a_booked_talk(world), a_booked_talk(world)
    write(one, TEXT)
    dict(rotate_keys())
    write(other, TEXT)
    assert near() == [(one.pk, other.pk)]


def test_an_imported_record_has_one(db: None) -> None:
    imported(WHOLE)
    assert list(Fingerprint.objects.values_list("talk__code", flat=True)) == ["T1"]
