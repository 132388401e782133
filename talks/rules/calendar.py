"""Working days (rules.md section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from branches.rules import is_weekday


@dataclass(frozen=True, slots=True)
class Calendar:
    """The State Council's calendar: the days named in it, and the years that it knows.

    A day of a known year that is not named, and every day of other years, counts Monday to Friday.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether one works on the day."""
        return self.days.get(day, is_weekday(day))

    def working_day_after(self, day: date, number: int) -> date:
        """The `number`-th working day after the day, which itself does not count; `number` is 1 or more."""
        while number > 0:
            day += timedelta(days=1)
            number -= self.is_working(day)
        return day

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a day from `first` to `last` lies in a year that the calendar does not know yet."""
        return not self.known_years.issuperset(range(first.year, last.year + 1))
