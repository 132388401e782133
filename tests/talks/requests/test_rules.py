"""Limits of a 约谈 and free times, worked out by hand. 2026-03-05 is a Thursday."""

from datetime import date, datetime, time, timedelta

import pytest

from talks.rules.calendar import Calendar
from talks.rules.office_hours import Hours, Slot, Week, free_slots
from talks.rules.requests import Limits, may_be_taken_back, reason_of

PLAIN = Calendar(known_years=frozenset({2026}))
# 清明: Monday 2026-04-06 is a holiday; Saturday 2026-02-28 is worked.
NAMED = Calendar(days={date(2026, 4, 6): False, date(2026, 2, 28): True}, known_years=frozenset({2026}))
LIMITS = Limits()
THURSDAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        (date(2026, 3, 5), date(2026, 3, 10)),  # Thursday: Friday, Monday, Tuesday
        (date(2026, 3, 7), date(2026, 3, 11)),  # Saturday: Monday, Tuesday, Wednesday
        (date(2026, 2, 26), date(2026, 3, 2)),  # Friday, worked Saturday, Monday
        (date(2026, 4, 2), date(2026, 4, 8)),  # Friday, Tuesday, Wednesday: Monday is a holiday
    ],
)
def test_the_answer_is_due_on_the_third_working_day(since: date, due: date) -> None:
    assert LIMITS.answer_due(since, NAMED) == due


def test_the_talk_is_due_fifteen_natural_days_after_the_request() -> None:
    assert LIMITS.hold_due(THURSDAY) == date(2026, 3, 20)
    assert Limits(hold=10).hold_due(THURSDAY) == date(2026, 3, 15)


def test_who_has_waited_too_long_today() -> None:
    # Asked on Thursday 5, due on Tuesday 10: late from Wednesday 11 on. Asked on Friday 6: due on the 11th.
    assert LIMITS.answer_overdue_since(date(2026, 3, 10), PLAIN) == date(2026, 3, 4)
    assert LIMITS.answer_overdue_since(date(2026, 3, 11), PLAIN) == THURSDAY
    assert Limits(answer=1).answer_overdue_since(date(2026, 3, 11), PLAIN) == date(2026, 3, 9)


def test_whose_talk_is_overdue_today() -> None:
    assert LIMITS.hold_overdue_since(date(2026, 3, 20)) == date(2026, 3, 4)
    assert LIMITS.hold_overdue_since(date(2026, 3, 21)) == THURSDAY


def test_ten_minutes_to_take_it_back() -> None:
    sent = datetime(2026, 3, 5, 9, 0)  # noqa: DTZ001
    assert may_be_taken_back(sent, sent + timedelta(minutes=10))
    assert not may_be_taken_back(sent, sent + timedelta(minutes=10, seconds=1))
    assert not may_be_taken_back(None, sent)


def test_the_reason_holds_what_was_tapped_and_what_was_written() -> None:
    assert reason_of("意见建议", " 食堂 ") == "意见建议\n食堂"
    assert reason_of("见面再说", "") == "见面再说"
    assert reason_of("", "") == ""


MORNING = Hours(time(9), time(10, 15), 30)
NOW = datetime(2026, 3, 5, 9, 10)  # noqa: DTZ001


def free(week: Week, taken: dict[date, list[tuple[int, int]]] | None = None) -> list[Slot]:
    return free_slots(week, calendar=NAMED, taken=taken or {}, now=NOW, until=date(2026, 3, 13))


def test_hours_are_cut_into_slots_and_the_rest_is_none() -> None:
    friday = date(2026, 3, 6)
    assert free(Week({5: [MORNING]}, {})) == [
        Slot(friday, time(9), time(9, 30)),
        Slot(friday, time(9, 30), time(10)),
        Slot(date(2026, 3, 13), time(9), time(9, 30)),
        Slot(date(2026, 3, 13), time(9, 30), time(10)),
    ]


def test_what_lies_behind_is_not_free() -> None:
    assert free(Week({4: [MORNING]}, {}))[0] == Slot(THURSDAY, time(9, 30), time(10))


def test_what_is_taken_is_not_free_and_what_touches_it_is() -> None:
    friday = date(2026, 3, 6)
    taken = {friday: [(9 * 3600, 9 * 3600 + 1800)]}
    assert free(Week({5: [MORNING]}, {}), taken)[0] == Slot(friday, time(9, 30), time(10))
    partly = {friday: [(9 * 3600 + 1740, 9 * 3600 + 1860)]}
    assert free(Week({5: [MORNING]}, {}), partly)[0].day == date(2026, 3, 13)


def test_a_day_may_be_otherwise_or_not_at_all() -> None:
    friday = date(2026, 3, 6)
    other = Week({5: [MORNING]}, {friday: Hours(time(15), time(15, 30), 30)})
    assert free(other)[0] == Slot(friday, time(15), time(15, 30))
    assert free(Week({5: [MORNING]}, {friday: None}))[0].day == date(2026, 3, 13)


def test_nobody_is_free_while_he_is_away() -> None:
    week = Week({5: [MORNING]}, {date(2026, 3, 6): MORNING}, away=[(date(2026, 3, 6), date(2026, 3, 13))])
    assert {slot.day for slot in free(week)} == {date(2026, 3, 13)}


def test_holidays_have_no_hours_unless_somebody_said_so() -> None:
    monday = date(2026, 4, 6)

    def on(week: Week) -> list[date]:
        slots = free_slots(
            week,
            calendar=NAMED,
            taken={},
            now=datetime(2026, 4, 5, 8),  # noqa: DTZ001
            until=monday,
        )
        return [slot.day for slot in slots]

    assert on(Week({1: [MORNING]}, {})) == []
    assert on(Week({1: [MORNING]}, {monday: MORNING})) == [monday, monday]
