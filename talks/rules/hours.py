"""Which part of a day a talk takes, and how a moment is written."""

from datetime import date, time

from talks.rules.calendar import Calendar

HOUR = 3600
MINUTE = 60


def span_of(starts_at: time | None, ends_at: time | None) -> tuple[int, int] | None:
    """The seconds of the day that a talk takes, the end not included; None where it has no hour.

    Of a talk without an end, or one that ends as it begins, only the first minute is known.
    """
    if starts_at is None:
        return None
    begins = _second(starts_at)
    if ends_at is None or ends_at <= starts_at:
        return begins, begins + MINUTE
    return begins, max(_second(ends_at), begins + 1)


def _second(hour: time) -> int:
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
    begins = first = _second(starts_at)
    found: list[tuple[date, time, time]] = []
    for place in range(number):
        if place and begins < AFTERNOON and begins + length > NOON and first < NOON:
            begins = AFTERNOON
        if place and begins + length > EVENING:
            day, begins = calendar.working_day_after(day, 1), first
        found.append((day, _hour(begins), _hour(min(begins + length, 24 * HOUR - MINUTE))))
        begins += length
    return found


def _hour(second: int) -> time:
    return time(second // HOUR, second % HOUR // MINUTE)


def moment_of(day: date, hour: time | None) -> str:
    """3月5日9:30."""
    return f"{day.month}月{day.day}日{f'{hour.hour}:{hour.minute:02}' if hour else ''}"
