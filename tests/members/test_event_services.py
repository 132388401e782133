"""Events as the services keep them; the trail names their code and nobody."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from branches.rules.cells import DAY_OUT_OF_RANGE
from members.models import Event
from members.services import events
from tests import factories as make
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 5)
MONDAY = date(2026, 3, 2)
KINDS = ("家庭变故", "岗位变动")
WHO: dict[str, Any] = {
    "actor": Actor("lu", "10.0.0.1"),
    "at": AT,
    "today": TODAY,
    "known_kinds": KINDS,
}


def test_an_event_is_known_on_the_day_it_happened_unless_said_otherwise() -> None:
    member, account = make.a_member(code="P013"), make.an_account()
    made = events.enter_event(
        **WHO, member=member, kind="家庭变故", happened_on=MONDAY, note=" 父亲病重 ", entered_by=account
    )
    made = Event.objects.get(pk=made.pk)
    assert (made.happened_on, made.known_on, made.note, made.entered_by) == (
        MONDAY,
        MONDAY,
        "父亲病重",
        account,
    )
    assert made.code.startswith("E")
    assert len(made.code) == 9
    later = events.enter_event(
        **WHO, member=member, kind="岗位变动", happened_on=MONDAY, known_on=TODAY, code="E2026-1"
    )
    assert (later.known_on, later.code) == (TODAY, "E2026-1")


def test_the_trail_and_the_tables_tell_neither_the_note_nor_about_whom() -> None:
    member = make.a_member("梁志强", code="P013")
    made = events.enter_event(**WHO, member=member, kind="家庭变故", happened_on=MONDAY, note="父亲病重住院")
    entry = TrailEntry.objects.get()
    assert (entry.action, entry.target_kind, entry.target, entry.detail) == ("新增", "事件", made.code, "{}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM members_event")
        stored = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for row in cursor.fetchall()
            for value in row
        )
    assert made.code.encode() in stored
    assert "父亲病重住院".encode() not in stored


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"kind": "升职"}, {"kind": [events.KIND_UNKNOWN]}),
        ({"happened_on": date(2026, 3, 6)}, {"happened_on": [events.HAPPENS_LATER]}),
        # The engine asks for the day before, which is none.
        ({"happened_on": date(1, 1, 1), "known_on": MONDAY}, {"happened_on": [DAY_OUT_OF_RANGE]}),
        ({"known_on": date(2026, 3, 6)}, {"known_on": [events.KNOWN_LATER]}),
        ({"known_on": date(2026, 3, 1)}, {"known_on": [events.KNOWN_BEFORE]}),
        ({"code": "E1"}, {"code": [events.CODE_TAKEN]}),
    ],
)
def test_an_event_is_refused(wrong: dict[str, Any], refusal: dict[str, list[str]]) -> None:
    member = make.a_member()
    make.an_event(member, happened_on=MONDAY, code="E1")
    values: dict[str, Any] = {"kind": "家庭变故", "happened_on": MONDAY, **wrong}
    with pytest.raises(ValidationError) as error:
        events.enter_event(**WHO, member=member, **values)
    assert error.value.message_dict == refusal
    assert Event.objects.count() == 1
    assert not TrailEntry.objects.exists()


def test_a_correction_names_the_fields_and_without_a_note_the_note_stays() -> None:
    event = make.an_event(make.a_member(), "家庭变故", happened_on=MONDAY, note="父亲病重")
    events.change_event(**WHO, event=event, kind="岗位变动", happened_on=MONDAY, known_on=TODAY)
    event = Event.objects.get()
    assert (event.kind, event.known_on, event.note) == ("岗位变动", TODAY, "父亲病重")
    assert TrailEntry.objects.get().detail == '{"字段":["事件类型","知悉日期"]}'
    events.change_event(
        **WHO, event=event, kind="岗位变动", happened_on=MONDAY, known_on=TODAY, note="已好转"
    )
    assert Event.objects.get().note == "已好转"
    assert "已好转" not in "".join(TrailEntry.objects.values_list("detail", flat=True))


def test_a_correction_is_checked_like_an_entry() -> None:
    event = make.an_event(make.a_member(), "家庭变故", happened_on=MONDAY)
    with pytest.raises(ValidationError) as error:
        events.change_event(**WHO, event=event, kind="升职", happened_on=MONDAY)
    assert error.value.message_dict == {"kind": [events.KIND_UNKNOWN]}
    with pytest.raises(ValidationError) as error:
        events.change_event(
            **WHO, event=event, kind="家庭变故", happened_on=MONDAY, known_on=date(2026, 3, 6)
        )
    assert error.value.message_dict == {"known_on": [events.KNOWN_LATER]}
    assert not TrailEntry.objects.exists()


def test_a_code_taken_in_the_meantime_is_said_in_words() -> None:
    event = make.an_event(make.a_member(), happened_on=MONDAY, code="E1")
    with pytest.raises(ValidationError) as error:
        events._save(Event(code="E1", member=event.member, kind="其他", happened_on=MONDAY, known_on=MONDAY))
    assert error.value.message_dict == {"code": [events.CODE_TAKEN]}


def test_a_kind_that_is_no_longer_known_stays_with_its_event() -> None:
    event = make.an_event(make.a_member(), "本局自定", happened_on=MONDAY)
    events.change_event(**WHO, event=event, kind="本局自定", happened_on=date(2026, 3, 1))
    assert Event.objects.get().happened_on == date(2026, 3, 1)


def test_reading_the_note_and_deleting_leave_entries() -> None:
    event = make.an_event(make.a_member(), happened_on=MONDAY, note="父亲病重", code="E1")
    kept: dict[str, Any] = {"actor": WHO["actor"], "at": AT}
    assert events.read_event(**kept, event=event) == "父亲病重"
    events.remove_event(**kept, event=event)
    assert not Event.objects.exists()
    found = list(TrailEntry.objects.values_list("action", "target"))
    assert found == [("查看情况说明", "E1"), ("删除", "E1")]
