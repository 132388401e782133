"""Which part of a day a talk takes, and how a moment is written."""

from datetime import date, time

from branches.rules.dates import day_of
from talks.rules.calendar import Calendar

HOUR = 3600
MINUTE = 60


def span_of(starts_at: time | None, ends_at: time | None) -> tuple[int, int] | None:
    """The seconds of the day that a talk takes, the end not included; None where it has no hour.

    Of a talk without an end, or one that ends as it begins, only the first minute is known.
    """
    if starts_at is None:
        return None
    begins = second_of(starts_at)
    if ends_at is None or ends_at <= starts_at:
        return begins, begins + MINUTE
    return begins, max(second_of(ends_at), begins + 1)


def second_of(hour: time) -> int:
    """The second of the day."""
    return hour.hour * HOUR + hour.minute * MINUTE + hour.second


NOON, AFTERNOON, EVENING = 12 * HOUR, 14 * HOUR, 18 * HOUR


def in_a_row(
    day: date, starts_at: time, minutes: int, number: int, calendar: Calendar
) -> list[tuple[date, time, time]]:
    """So many talks one after the other: day, begin and end of each; the first begins when it is said to.

    The next ones leave out noon and the evening; what does not fit goes to the next working day, from the
    same hour on.
    """
    length = minutes * MINUTE
    begins = first = second_of(starts_at)
    found: list[tuple[date, time, time]] = []
    for place in range(number):
        if place and begins < AFTERNOON and begins + length > NOON and first < NOON:
            begins = AFTERNOON
        if place and begins + length > EVENING:
            day, begins = calendar.working_day_after(day, 1), first
        found.append((day, hour_of_second(begins), hour_of_second(begins + length)))
        begins += length
    return found


def hour_of_second(second: int) -> time:
    """The time of the day; the end of the day is its last minute."""
    minute = min(second // MINUTE, 24 * 60 - 1)
    return time(minute // 60, minute % 60)


def hour_of(hour: time | None) -> str:
    """9:30; empty where none is given."""
    return f"{hour.hour}:{hour.minute:02d}" if hour else ""


def moment_of(day: date, hour: time | None) -> str:
    """3月5日9:30."""
    return f"{day_of(day)}{hour_of(hour)}"
