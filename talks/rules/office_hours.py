"""Free times of a leader: hours of the week, days on which it is otherwise, and what is taken already."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from branches.rules.dates import chinese_date
from talks.rules.calendar import Calendar
from talks.rules.hours import span_of

MINUTES = 30
LEAST_MINUTES = 10
MOST_MINUTES = 240


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One time at which a leader may be asked for a talk."""

    day: date
    starts_at: time
    ends_at: time

    @property
    def words(self) -> str:
        """2026年3月9日（星期一）15:00."""
        weekday = "一二三四五六日"[self.day.weekday()]
        hour = f"{self.starts_at.hour}:{self.starts_at.minute:02d}"
        return f"{chinese_date(self.day)}（星期{weekday}）{hour}"

    @property
    def span(self) -> tuple[int, int]:
        """Its seconds of the day, the end not included."""
        span = span_of(self.starts_at, self.ends_at)
        assert span is not None
        return span


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of one day, cut into slots of so many minutes."""

    starts_at: time
    ends_at: time
    minutes: int = MINUTES

    def slots(self, day: date) -> Iterator[Slot]:
        """The slots of the day; what is left over at the end is no slot."""
        begins, length = datetime.combine(day, self.starts_at), timedelta(minutes=self.minutes)
        while begins + length <= datetime.combine(day, self.ends_at):
            yield Slot(day, begins.time(), (begins + length).time())
            begins += length


@dataclass(frozen=True, slots=True)
class Week:
    """What one leader has published: by weekday (1 to 7), and by day where it is otherwise.

    None there: not on that day. `away`: from the first day to before the second he is away.
    """

    hours: Mapping[int, Sequence[Hours]]
    otherwise: Mapping[date, Hours | None]
    away: Sequence[tuple[date, date]] = ()

    def on(self, day: date, calendar: Calendar) -> Sequence[Hours]:
        """The hours of the day. On a holiday of the State Council there are none unless he said so."""
        if any(since <= day < until for since, until in self.away):
            return ()
        if day in self.otherwise:
            hours = self.otherwise[day]
            return (hours,) if hours else ()
        if calendar.days.get(day) is False:
            return ()
        return self.hours.get(day.isoweekday(), ())


def free_slots(
    week: Week,
    *,
    calendar: Calendar,
    taken: Mapping[date, Collection[tuple[int, int]]],
    now: datetime,
    until: date,
) -> list[Slot]:
    """The slots after `now` through the day `until` of which no second is taken, the earliest first."""
    found: set[Slot] = set()
    day = now.date()
    while day <= until:
        for hours in week.on(day, calendar):
            for slot in hours.slots(day):
                begins, ends = slot.span
                is_ahead = datetime.combine(day, slot.starts_at) > now
                if is_ahead and not any(b < ends and begins < e for b, e in taken.get(day, ())):
                    found.add(slot)
        day += timedelta(days=1)
    return sorted(found)
