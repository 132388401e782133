"""疑点: each check against cases worked out by hand."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from reports.rules import findings as rules
from reports.rules.findings import Check, Found, Held, Limits, Step
from talks.rules.calendar import Calendar

LIMITS = Limits()
THURSDAY = date(2026, 3, 5)


def held(pk: int, **more: object) -> Held:
    given = {"held_on": THURSDAY, "talkers": frozenset({1}), "subjects": frozenset({2})} | more
    return Held(pk=pk, code=f"T{pk}", **given)  # type: ignore[arg-type]


def at(hour: int, minute: int = 0) -> time:
    return time(hour, minute)


# --- two talks at one time ----------------------------------------------------------------------------------


def test_one_person_in_two_talks_at_one_time() -> None:
    one = held(1, starts_at=at(10), ends_at=at(10, 30))
    other = held(2, starts_at=at(10, 29), ends_at=at(11), talkers=frozenset({3}))
    assert list(rules.overlapping([other, one])) == [Found(Check.OVERLAP, "T1|T2", (1, 2), THURSDAY, 1)]


def test_both_persons_are_counted_and_the_pair_told_once() -> None:
    talks = [held(1, starts_at=at(10), ends_at=at(11)), held(2, starts_at=at(10), ends_at=at(11))]
    assert [one.figure for one in rules.overlapping(talks)] == [2]


@pytest.mark.parametrize(
    "more",
    [
        {"starts_at": at(10, 30)},  # begins when the other ends
        {"starts_at": at(10), "held_on": THURSDAY + timedelta(days=1)},
        {"starts_at": at(10), "talkers": frozenset({3}), "subjects": frozenset({4})},
        {},  # without an hour
    ],
)
def test_what_does_not_meet(more: dict[str, object]) -> None:
    one = held(1, starts_at=at(10), ends_at=at(10, 30))
    assert list(rules.overlapping([one, held(2, **more)])) == []


def test_a_long_talk_meets_all_that_lie_in_it() -> None:
    long = held(1, starts_at=at(9), ends_at=at(12))
    short = [held(2, starts_at=at(9, 30), ends_at=at(10)), held(3, starts_at=at(11), ends_at=at(11, 30))]
    assert [one.key for one in rules.overlapping([long, *short])] == ["T1|T2", "T1|T3"]


# --- many on one day, without a gap -------------------------------------------------------------------------


def test_eight_a_day_may_be_nine_are_told() -> None:
    eight = [held(number, subjects=frozenset({100 + number})) for number in range(8)]
    assert list(rules.crowded(eight, LIMITS)) == []
    (found,) = rules.crowded([*eight, held(8, subjects=frozenset({108}))], LIMITS)
    assert (found.check, found.key, found.figure, found.member) == (Check.CROWDED, "1|2026-03-05", 9, 1)
    assert found.talks == tuple(range(9))


def test_group_talks_are_not_counted() -> None:
    talks = [held(number, subjects=frozenset({5, 6})) for number in range(9)]
    assert list(rules.crowded(talks, LIMITS)) == []


def test_four_in_a_row_without_a_gap() -> None:
    row = [held(number, starts_at=at(9 + number), ends_at=at(10 + number)) for number in range(3)]
    assert list(rules.crowded(row, LIMITS)) == []
    (found,) = rules.crowded([*row, held(3, starts_at=at(12), ends_at=at(13))], LIMITS)
    assert (found.check, found.key, found.figure, found.talks) == (
        Check.CHAIN,
        "1|2026-03-05|T0",
        4,
        (0, 1, 2, 3),
    )
    apart = held(3, starts_at=at(12, 1), ends_at=at(13))
    assert list(rules.crowded([*row, apart], LIMITS)) == []


# --- entered late, many at once -----------------------------------------------------------------------------


def entered(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2026, 3, 10), None),  # Friday, Monday, Tuesday: the third working day
        (date(2026, 3, 11), 6),
    ],
)
def test_late_is_more_than_three_working_days(day: date, days: int | None) -> None:
    found = list(rules.late([held(1, entered=entered(day))], LIMITS, Calendar(), {}))
    assert [(one.key, one.figure, one.is_high) for one in found] == ([("T1", days, False)] if days else [])


def test_nobody_knows_when_it_was_entered() -> None:
    assert list(rules.late([held(1)], LIMITS, Calendar(), {})) == []


@pytest.mark.parametrize(("ahead", "is_high"), [(0, True), (10, True), (11, False), (-1, False)])
def test_late_before_a_meeting_weighs_more(ahead: int, is_high: bool) -> None:
    day = date(2026, 4, 1)
    awaited = {1: [day + timedelta(days=ahead)]}
    (found,) = rules.late([held(1, entered=entered(day))], LIMITS, Calendar(), awaited)
    assert (found.is_high, found.other_day) == (is_high, awaited[1][0] if is_high else None)


def a_batch(count: int, spread: int) -> list[Held]:
    day = date(2026, 4, 1)
    step = spread / (count - 1)
    return [
        held(number, held_on=day - timedelta(days=round(number * step)), entered=entered(day, number + 1))
        for number in range(count)
    ]


def test_five_entered_within_a_day_whose_talks_are_thirty_days_apart() -> None:
    (found,) = rules.batches(a_batch(5, 30), LIMITS)
    assert (found.key, found.figure, found.day, found.is_high) == ("1|T0", 5, date(2026, 4, 1), True)
    assert list(rules.batches(a_batch(4, 30), LIMITS)) == []
    assert list(rules.batches(a_batch(5, 29), LIMITS)) == []


def test_what_others_entered_and_what_came_later_is_not_of_the_batch() -> None:
    talks = a_batch(5, 30)
    recorded = [*talks[:4], held(4, held_on=talks[4].held_on, entered=talks[4].entered, recorder=9)]
    assert list(rules.batches(recorded, LIMITS)) == []
    later = [*talks[:4], held(4, held_on=talks[4].held_on, entered=entered(date(2026, 4, 2), 2))]
    assert list(rules.batches(later, LIMITS)) == []


# --- the others ---------------------------------------------------------------------------------------------


def test_a_group_talk_that_is_called_one_to_one() -> None:
    both = held(1, mode="一对一", subjects=frozenset({2, 3}))
    external = held(2, mode="一对一", talkers=frozenset({1}), is_external=True)
    sound = held(3, mode="一对一", talkers=frozenset(), is_external=True)
    named = held(4, mode="一对多", subjects=frozenset({2, 3}))
    found = [(one.key, one.figure) for one in rules.misnamed([both, external, sound, named])]
    assert found == [("T1", 3), ("T2", 3)]


def test_a_day_in_the_future() -> None:
    sound, early = held(1, recorded_on=THURSDAY), held(2, recorded_on=THURSDAY - timedelta(days=1))
    assert [(one.key, one.other_day) for one in rules.ahead([sound, early])] == [("T2", date(2026, 3, 4))]


@pytest.mark.parametrize(
    ("account", "address", "seconds", "told"),
    [
        ("b", "10.0.0.1", 60, True),
        ("b", "10.0.0.1", 61, False),
        ("a", "10.0.0.1", 10, False),
        ("b", "10.0.0.2", 10, False),
        ("b", "", 10, False),
    ],
)
def test_confirmed_from_the_address_of_the_other(
    account: str, address: str, seconds: int, told: bool
) -> None:
    begin = entered(THURSDAY)
    steps = [
        Step("a", address if not address else "10.0.0.1", begin, confirms=False),
        Step(account, address, begin + timedelta(seconds=seconds), confirms=True),
    ]
    assert bool(list(rules.signed([held(1)], {"T1": steps}, LIMITS))) is told
