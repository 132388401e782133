"""一键排谈: into which stretches of which days talks can be laid, and when somebody is not free."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from talks.rules.hours import MINUTE


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of a day for one talk of each person; `begins` and `ends` are seconds of the day.

    `is_extra`: asked for beyond the working hours or days; it does not count towards the daily limit.
    """

    day: date
    begins: int
    ends: int
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """That a person (by code) is not free. `counts`: it is a talk, which fills a part of the daily limit."""

    person: str
    day: date
    begins: int
    ends: int
    counts: bool = False

    def meets(self, slot: Slot, gap: int) -> bool:
        """Whether the slot lies in it, or nearer to it than the gap (in seconds)."""
        return self.day == slot.day and self.begins < slot.ends + gap and slot.begins < self.ends + gap


def slots_of(
    days: Iterable[date], hours: Iterable[tuple[int, int]], *, length: int, gap: int
) -> tuple[Slot, ...]:
    """The slots of the days, one after the other in each stretch of working hours, with the gap between them.

    `hours` are stretches in seconds of the day, in their order; `length` and `gap` are seconds.
    """
    found: list[Slot] = []
    stretches = tuple(hours)
    for day in sorted(set(days)):
        free_from = 0
        for opens, closes in stretches:
            begins = max(opens, free_from)
            while begins + length <= closes:
                found.append(Slot(day, begins, begins + length))
                begins = free_from = begins + length + gap
    return tuple(found)


def are_apart(one: Slot, other: Slot, gap: int) -> bool:
    """Whether one person can talk in both, with the gap between."""
    return one.day != other.day or one.ends + gap <= other.begins or other.ends + gap <= one.begins


def minutes(number: int) -> int:
    """So many minutes, in seconds."""
    return number * MINUTE
