"""The diary of talks: finds a time when nobody is in two talks, numbers the talks, writes the rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from talks.management.demonstration.organisations import Row
from talks.management.demonstration.people import Person

# Talks are recorded up to this day; later ones are planned.
RECORDED_UNTIL = date(2026, 11, 20)
PLANNED_FROM = date(2026, 11, 25)
# Working days of 2026 that are holidays, and the days on which nobody is asked to talk anyway.
_HOLIDAYS = (
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 14), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 8)),
)
_STARTS = (time(8, 50), time(9, 40), time(10, 30), time(14, 20), time(15, 10), time(16, 0), time(16, 50))


def is_workday(day: date) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < 5 and not any(first <= day <= last for first, last in _HOLIDAYS)


def workdays(first: date, last: date) -> list[date]:
    """The working days from the first to the last day, both included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if is_workday(day)]


@dataclass(frozen=True, slots=True)
class Said:
    """What a talk was about, and what came of it."""

    topic: str
    content: str = ""
    opinions: str = ""
    remedies: str = ""


@dataclass(slots=True)
class Talk:
    """A row of 谈话; its code comes at the end, in the order of the days."""

    held_on: date
    talkers: Sequence[Person]
    subjects: Sequence[Person]
    said: Said
    kind: str = "交流"
    occasion: str = ""
    form: str = "面对面"
    mode: str = "一对一"
    place: str = ""
    state: str = "已记录"
    recorder: Person | None = None
    external: str = ""
    starts: time | None = None
    ends: time | None = None
    entered: datetime | None = None
    code: str = ""


@dataclass(slots=True)
class Diary:
    """All talks. `put` gives a talk its time of day and its time of entry."""

    talks: list[Talk] = field(default_factory=list)
    _random: Random = field(default_factory=lambda: Random("日程"))
    _busy: defaultdict[tuple[str, date], set[time]] = field(default_factory=lambda: defaultdict(set))

    def put(self, talk: Talk, *, within: Sequence[date] = ()) -> Talk:
        """Enters the talk; where somebody has no free hour that day, on the nearest day of `within`.

        ValueError: nobody finds an hour.
        """
        persons = [person.code for person in (*talk.talkers, *talk.subjects)]
        days = sorted(within, key=lambda day: (abs((day - talk.held_on).days), day)) if within else []
        for day in (talk.held_on, *days):
            free = [start for start in _STARTS if not any(start in self._busy[code, day] for code in persons)]
            if free:
                talk.held_on = day
                talk.starts = talk.starts or self._random.choice(free)
                for code in persons:
                    self._busy[code, day].add(talk.starts)
                break
        else:
            raise ValueError(f"{talk.held_on}: {'、'.join(persons)}")
        if talk.state != "计划":
            minutes = self._random.choice((22, 25, 28, 30, 32, 35, 38, 40, 45))
            talk.ends = (
                talk.ends or (datetime.combine(talk.held_on, talk.starts) + timedelta(minutes=minutes)).time()
            )
        talk.entered = talk.entered or self._entry(talk)
        self.talks.append(talk)
        return talk

    def any_of(self, days: Sequence[date]) -> date:
        """One of the days."""
        return self._random.choice(days)

    def _entry(self, talk: Talk) -> datetime:
        """When it was written down: a day or two after the talk, or, where it is planned, before it."""
        clock = time(self._random.choice((11, 16, 17)), self._random.randrange(60))
        if talk.state == "计划":
            return datetime.combine(date(2026, 11, self._random.choice((16, 17, 18, 19, 20))), clock)
        if talk.starts and clock <= talk.starts:
            clock = time(18, self._random.randrange(30))
        return datetime.combine(talk.held_on + timedelta(days=self._random.choice((0, 0, 0, 1, 1, 2))), clock)

    def rows(self) -> list[Row]:
        """The sheet 谈话, in the order of the days; numbers the talks."""
        self.talks.sort(key=lambda talk: (talk.held_on, talk.starts or time(), talk.subjects[0].code))
        for number, talk in enumerate(self.talks, start=1):
            talk.code = f"T{number:04d}"
        return [_row(talk) for talk in self.talks]


def _codes(persons: Sequence[Person]) -> str:
    return "、".join(person.code for person in persons)


def _row(talk: Talk) -> Row:
    return Row(
        谈话编号=talk.code,
        谈话日期=talk.held_on.isoformat(),
        开始时间=f"{talk.starts:%H:%M}" if talk.starts else "",
        结束时间=f"{talk.ends:%H:%M}" if talk.ends else "",
        谈话人编号=_codes(talk.talkers),
        外部谈话人=talk.external,
        谈话对象编号=_codes(talk.subjects),
        记录人编号=talk.recorder.code if talk.recorder else "",
        谈话方式=talk.form,
        谈话形式=talk.mode,
        谈话类型=talk.kind,
        谈话契机=talk.occasion,
        地点=talk.place,
        状态=talk.state,
        主题=talk.said.topic,
        谈话内容=talk.said.content,
        意见建议=talk.said.opinions,
        整改措施=talk.said.remedies,
        录入时间=f"{talk.entered:%Y-%m-%d %H:%M}" if talk.entered else "",
    )
