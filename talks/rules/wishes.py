"""一键排谈: within which days and hours, how long, how many a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from talks.rules.calendar import Calendar
from talks.rules.hours import HOUR, MINUTE, second_of
from talks.rules.slots import Busy, Slot, are_apart, minutes, slots_of

WHOLE_DAY = 24 * HOUR
Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Absence:
    """That a person (by code) is away, both days included."""

    person: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of an arrangement. `length` and `gap` are minutes, `extras` hours beside these."""

    since: date
    until: date
    hours: tuple[Hours, ...] = ((time(9), time(12)), (time(14), time(17, 30)))
    length: int = 30
    gap: int = 10
    daily_limit: int = 4
    extras: tuple[tuple[date, time], ...] = ()
    absences: tuple[Absence, ...] = ()

    def days(self, calendar: Calendar) -> list[date]:
        """The working days from the first to the last."""
        span = range((self.until - self.since).days + 1)
        days = (self.since + timedelta(number) for number in span)
        return [day for day in days if calendar.is_working(day)]

    def regular_slots(self, calendar: Calendar) -> tuple[Slot, ...]:
        """The slots of the working hours of these days."""
        hours = [(second_of(opens), second_of(closes)) for opens, closes in self.hours]
        return slots_of(self.days(calendar), hours, length=minutes(self.length), gap=minutes(self.gap))

    def extra_slots(self) -> tuple[Slot, ...]:
        """The slots asked for beside these, each once."""
        length = minutes(self.length)
        found = (
            Slot(day, second_of(hour), second_of(hour) + length, is_extra=True) for day, hour in self.extras
        )
        return tuple(dict.fromkeys(found))

    def slots(self, calendar: Calendar, *, after: datetime) -> tuple[Slot, ...]:
        """All slots that begin after the moment (of our time zone)."""
        now = after.hour * HOUR + after.minute * MINUTE
        every = (*self.regular_slots(calendar), *self.extra_slots())
        return tuple(slot for slot in every if (slot.day, slot.begins) > (after.date(), now))

    def touching(self, calendar: Calendar) -> list[Slot]:
        """The extra slots that overlap another one, or lie nearer to it than the gap."""
        found: list[Slot] = list(self.regular_slots(calendar))
        touching = []
        for slot in self.extra_slots():
            if all(are_apart(slot, other, minutes(self.gap)) for other in found):
                found.append(slot)
            else:
                touching.append(slot)
        return touching

    def away(self) -> tuple[Busy, ...]:
        """The absences, day by day."""
        return tuple(
            Busy(one.person, one.since + timedelta(number), 0, WHOLE_DAY)
            for one in self.absences
            for number in range((one.until - one.since).days + 1)
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "hours": [[opens.isoformat(), closes.isoformat()] for opens, closes in self.hours],
            "length": self.length,
            "gap": self.gap,
            "daily_limit": self.daily_limit,
            "extras": [[day.isoformat(), hour.isoformat()] for day, hour in self.extras],
            "absences": [[one.person, one.since.isoformat(), one.until.isoformat()] for one in self.absences],
        }


def wishes_of(kept: Mapping[str, Any]) -> Wishes:
    """The reverse of `as_json`."""
    return Wishes(
        since=date.fromisoformat(kept["since"]),
        until=date.fromisoformat(kept["until"]),
        hours=tuple(
            (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in kept["hours"]
        ),
        length=kept["length"],
        gap=kept["gap"],
        daily_limit=kept["daily_limit"],
        extras=tuple((date.fromisoformat(day), time.fromisoformat(hour)) for day, hour in kept["extras"]),
        absences=tuple(
            Absence(person, date.fromisoformat(since), date.fromisoformat(until))
            for person, since, until in kept["absences"]
        ),
    )
