"""Working days of the country's year, from which the days of what happened are drawn."""

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from random import Random

from talks.management.country.organisations import YEAR
from talks.management.demonstration.diary import workdays

_WORKDAYS = workdays(date(YEAR, 1, 4), date(YEAR + 1, 1, 31))


def workday(first: date, last: date, chance: Random) -> date:
    """A working day from the first to the last; the first where there is none."""
    start, end = bisect_left(_WORKDAYS, first), bisect_right(_WORKDAYS, last)
    return _WORKDAYS[start + int(chance.random() * (end - start))] if start < end else first


def any_day(first: date, last: date, chance: Random) -> date:
    """Any day from the first to the last."""
    return first + timedelta(days=int(chance.random() * ((last - first).days + 1)))
