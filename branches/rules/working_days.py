"""Working days (rules.md section 3): which days differ from Monday to Friday, and what a new list changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

WEEKDAYS = "一二三四五六日"
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that the State Council's calendar names: whether one works, and which holiday it belongs to."""

    day: date
    is_working: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one day: `old` is None where it is new, `new` is None where it is no longer named."""

    day: date
    old: NamedDay | None
    new: NamedDay | None

    @property
    def is_change(self) -> bool:
        """Whether anything is written for it."""
        return self.old != self.new

    @property
    def moves_limits(self) -> bool:
        """Whether one now works on a day on which one did not, or the other way about."""
        return _works(self.old, self.day) != _works(self.new, self.day)

    @property
    def word(self) -> str:
        """新增, 更改, 删除, 不变."""
        if self.old is None:
            return "新增"
        if self.new is None:
            return "删除"
        return "更改" if self.is_change else "不变"


def is_weekday(day: date) -> bool:
    """Whether the day is one of Monday to Friday."""
    return day.weekday() < SATURDAY


def belongs_to(day: date, year: int) -> bool:
    """Whether the calendar of the year may name the day: also of a holiday that begins before New Year."""
    return day.year == year or (day.year == year - 1 and day.month == 12)


def compare(stored: Iterable[NamedDay], wanted: Iterable[NamedDay], year: int) -> tuple[Change, ...]:
    """What the wanted days of a year make of the stored ones, by day.

    Days of December before stay where they are not named: they belong to the list of their own year.
    """
    old = {day.day: day for day in stored}
    new = {day.day: day for day in wanted}
    days = sorted({day for day in old if day.year == year} | new.keys())
    return tuple(Change(day, old.get(day), new.get(day)) for day in days)


def _works(named: NamedDay | None, day: date) -> bool:
    return named.is_working if named else is_weekday(day)
