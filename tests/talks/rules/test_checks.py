"""The checks of a record by hand: late, at the same time, thin, wanting."""

from datetime import date, time

import pytest

from talks.rules.calendar import Calendar
from talks.rules.checks import (
    WITHOUT_DAY,
    WITHOUT_WAY,
    Written,
    is_late,
    is_thin,
    lacks_end,
    meet,
    wanting,
)

DAY = date(2026, 3, 5)  # a Thursday


@pytest.mark.parametrize(
    ("today", "late"),
    [
        # Friday, Monday, Tuesday are the three working days.
        (date(2026, 3, 5), False),
        (date(2026, 3, 10), False),
        (date(2026, 3, 11), True),
        # A talk to come.
        (date(2026, 3, 1), False),
    ],
)
def test_late_is_after_three_working_days(today: date, late: bool) -> None:
    assert is_late(DAY, today, 3, Calendar()) is late


def test_holidays_do_not_make_late() -> None:
    calendar = Calendar(days={date(2026, 3, 9): False, date(2026, 3, 10): False})
    # Friday, Wednesday, Thursday.
    assert not is_late(DAY, date(2026, 3, 12), 3, calendar)
    assert is_late(DAY, date(2026, 3, 13), 3, calendar)


def test_the_last_day_there_is_is_not_late() -> None:
    assert not is_late(date.max, DAY, 3, Calendar())


@pytest.mark.parametrize(
    ("starts", "ends", "together"),
    [
        (time(9, 0), time(9, 30), True),
        (time(9, 29), time(10, 0), True),
        (time(9, 30), time(10, 0), False),
        (time(8, 30), time(9, 0), False),
        # Of one without an end only the first minute is known.
        (time(9, 10), None, True),
        (time(8, 59), None, False),
        (None, None, False),
    ],
)
def test_at_the_same_time(starts: time | None, ends: time | None, together: bool) -> None:
    assert meet(Written(starts_at=time(9, 0), ends_at=time(9, 30)), starts, ends) is together


def test_without_an_hour_nothing_overlaps() -> None:
    assert not meet(Written(), time(9, 0), time(9, 30))


@pytest.mark.parametrize(
    ("content", "thin"),
    [
        ("该同志思想稳定，工作认真负责，态度端正，没有意见建议。", True),
        ("一切正常。", True),
        # Two characters may be left between the phrases, three are a word of one's own.
        ("该同志思想很稳定，工作也正常。", True),
        ("该同志想换班，工作正常。", False),
        ("家里老人住院。", False),
        ("", False),
        ("……", False),
    ],
)
def test_thin_is_what_holds_set_phrases_alone(content: str, thin: bool) -> None:
    assert is_thin(Written(content)) is thin


@pytest.mark.parametrize(
    ("content", "ends", "lacks"),
    [
        ("家里老人住院。", None, True),
        # Short, but when it ended is known.
        ("家里老人住院。", time(10), False),
        # 19 characters, and 20.
        ("谈到家里老人住院要人照看想把夜班换到周", None, True),
        ("谈到家里老人住院要人照看想把夜班换到周末", None, False),
        ("", None, False),
        ("……", None, False),
    ],
)
def test_a_very_short_text_wants_its_end(content: str, ends: time | None, lacks: bool) -> None:
    assert lacks_end(Written(content, ends_at=ends)) is lacks


@pytest.mark.parametrize("content", ["好", "谈家事。", "家里老人住院。", "想换夜班"])
def test_an_honest_sentence_however_short_is_never_reproached(content: str) -> None:
    """A quota of words makes people pad."""
    whole = Written(content, held_on=DAY, starts_at=time(9), ends_at=time(9, 5), form="电话")
    assert not is_thin(whole)
    assert not lacks_end(whole)
    assert wanting(whole) == ()


def test_a_record_needs_its_day_its_way_and_one_sentence() -> None:
    assert wanting(Written("老人住院。", held_on=DAY, form="电话")) == ()
    assert wanting(Written("老人住院。", held_on=DAY)) == (WITHOUT_WAY,)
    assert wanting(Written("老人住院。")) == (WITHOUT_DAY, WITHOUT_WAY)
    # Nothing is asked of a sheet that is still empty.
    assert wanting(Written(" ")) == ()
