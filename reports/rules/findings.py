"""疑点: what inspectors fault, looked for in the records of all years (domain.md). Pure sums on plain values.

A finding is a clue that asks for an explanation: no verdict, no sum, and never a score of a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from talks.rules.calendar import Calendar
from talks.rules.checks import is_late
from talks.rules.hours import span_of


class Check(StrEnum):
    """What is looked for."""

    COPIED = "copied"
    OVERLAP = "overlap"
    CROWDED = "crowded"
    CHAIN = "chain"
    LATE = "late"
    BATCH = "batch"
    GROUP = "group"
    SIGNED = "signed"
    STANDING = "standing"
    AHEAD = "ahead"
    REMEDY = "remedy"


TITLES = {
    Check.COPIED: "内容雷同",
    Check.OVERLAP: "时间重叠",
    Check.CROWDED: "单日谈话过多",
    Check.CHAIN: "连续谈话无间隔",
    Check.LATE: "录入不及时",
    Check.BATCH: "集中补录",
    Check.GROUP: "集体谈话登记为一对一",
    Check.SIGNED: "短时间内在同一地址确认",
    Check.STANDING: "组织关系或任职不符",
    Check.AHEAD: "谈话日期晚于录入日期",
    Check.REMEDY: "整改超期",
}
# Beside these signs it is told that a record is thin; by itself that is never a finding.
BESIDE_THIN = frozenset({Check.COPIED, Check.OVERLAP, Check.CROWDED, Check.CHAIN, Check.LATE, Check.BATCH})
ONE_TO_ONE = "一对一"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the checks, which are settings."""

    late_days: int = 3
    daily: int = 8
    chain: int = 4
    batch: int = 5
    spread_days: int = 30
    before_days: int = 10
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class Held:
    """A record as the checks need it.

    `entered` is when it was entered, in local time; None where nobody knows, as of a ledger that was imported
    without it. `recorded_on` is the day on which the system took it in.
    """

    pk: int
    code: str
    held_on: date
    starts_at: time | None = None
    ends_at: time | None = None
    entered: datetime | None = None
    recorded_on: date | None = None
    talkers: frozenset[int] = frozenset()
    subjects: frozenset[int] = frozenset()
    recorder: int | None = None
    is_external: bool = False
    mode: str = ""

    @property
    def is_individual(self) -> bool:
        """One talker, an external one counts, and one subject: the persons decide, not the words."""
        return len(self.talkers) + self.is_external == 1 and len(self.subjects) == 1

    @property
    def writers(self) -> frozenset[int]:
        """Who is taken to have written it: the recorder, or else the talkers."""
        return frozenset({self.recorder}) if self.recorder else self.talkers


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: `check` and `key` make it the same one each time. `day` is the day it is about.

    `figure` is what the check counts (per cent, talks, seconds, remedies), `other_day` a second day (of the
    meeting, the limit). `member` is whose day it is, where it is about a day of one person.
    """

    check: Check
    key: str
    talks: tuple[int, ...]
    day: date
    figure: int = 0
    is_high: bool = False
    other_day: date | None = None
    member: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What the trail says of a record: who wrote or confirmed it, when, from where."""

    account: str
    address: str
    at: datetime
    confirms: bool


def overlapping(talks: Iterable[Held]) -> Iterator[Found]:
    """Two talks of one person with a moment in common; each pair once, with the number of such persons."""
    days: dict[tuple[int, date], list[tuple[int, int, Held]]] = defaultdict(list)
    for talk in talks:
        span = span_of(talk.starts_at, talk.ends_at)
        if span:
            for member in talk.talkers | talk.subjects:
                days[member, talk.held_on].append((*span, talk))
    pairs: dict[tuple[str, str], list[Held]] = {}
    persons: dict[tuple[str, str], int] = defaultdict(int)
    for rows in days.values():
        rows.sort(key=lambda row: (row[0], row[2].code))
        for place, (_, ends, one) in enumerate(rows):
            for begins, _, other in rows[place + 1 :]:
                if begins >= ends:
                    break
                first, second = sorted((one, other), key=lambda talk: talk.code)
                pairs[first.code, second.code] = [first, second]
                persons[first.code, second.code] += 1
    for codes, (first, second) in pairs.items():
        key = "|".join(codes)
        yield Found(Check.OVERLAP, key, (first.pk, second.pk), first.held_on, persons[codes])


def crowded(talks: Iterable[Held], limits: Limits) -> Iterator[Found]:
    """More individual talks of one talker on a day than can be; and many in a row without a gap."""
    days: dict[tuple[int, date], list[Held]] = defaultdict(list)
    for talk in talks:
        if talk.is_individual:
            for member in talk.talkers:
                days[member, talk.held_on].append(talk)
    for (member, day), rows in days.items():
        if len(rows) > limits.daily:
            pks = tuple(talk.pk for talk in rows)
            yield Found(Check.CROWDED, f"{member}|{day}", pks, day, len(rows), member=member)
        for row in _chains(rows, limits.chain):
            key = f"{member}|{day}|{row[0].code}"
            pks = tuple(talk.pk for talk in row)
            yield Found(Check.CHAIN, key, pks, day, len(row), member=member)


def _chains(talks: Sequence[Held], least: int) -> Iterator[list[Held]]:
    """Talks each of which begins in the minute in which the one before ended."""
    rows = sorted(
        (talk for talk in talks if talk.starts_at and talk.ends_at),
        key=lambda talk: (talk.starts_at, talk.code),
    )
    chain = rows[:1]
    for before, talk in pairwise(rows):
        if before.ends_at == talk.starts_at:
            chain.append(talk)
            continue
        if len(chain) >= least:
            yield chain
        chain = [talk]
    if len(chain) >= least:
        yield chain


def late(
    talks: Iterable[Held], limits: Limits, calendar: Calendar, awaited: Mapping[int, Sequence[date]]
) -> Iterator[Found]:
    """Entered more working days after the talk than the limit.

    High where that was in the days before a meeting or an inspection: `awaited` has their days for each talk.
    """
    for talk in talks:
        if talk.entered is None:
            continue
        entered = talk.entered.date()
        if not is_late(talk.held_on, entered, limits.late_days, calendar):
            continue
        soon = [day for day in awaited.get(talk.pk, ()) if 0 <= (day - entered).days <= limits.before_days]
        yield Found(
            Check.LATE,
            talk.code,
            (talk.pk,),
            talk.held_on,
            (entered - talk.held_on).days,
            is_high=bool(soon),
            other_day=min(soon, default=None),
        )


def batches(talks: Iterable[Held], limits: Limits) -> Iterator[Found]:
    """Many records entered by one person within 24 hours, whose talks lie far from one another."""
    written: dict[int, list[tuple[datetime, Held]]] = defaultdict(list)
    for talk in talks:
        if talk.entered:
            for member in talk.writers:
                written[member].append((talk.entered, talk))
    for member, rows in written.items():
        rows.sort(key=lambda row: (row[0], row[1].code))
        place = 0
        while place < len(rows):
            group = [talk for at, talk in rows[place:] if at - rows[place][0] <= DAY]
            days = [talk.held_on for talk in group]
            if len(group) >= limits.batch and (max(days) - min(days)).days >= limits.spread_days:
                yield Found(
                    Check.BATCH,
                    f"{member}|{group[0].code}",
                    tuple(talk.pk for talk in group),
                    rows[place][0].date(),
                    len(group),
                    is_high=True,
                    member=member,
                )
                place += len(group)
            else:
                place += 1


def misnamed(talks: Iterable[Held]) -> Iterator[Found]:
    """Called 一对一, while more persons took part: it meets no one-to-one rule, whatever it is called."""
    for talk in talks:
        if talk.mode == ONE_TO_ONE and not talk.is_individual:
            count = len(talk.talkers) + talk.is_external + len(talk.subjects)
            yield Found(Check.GROUP, talk.code, (talk.pk,), talk.held_on, count)


def ahead(talks: Iterable[Held]) -> Iterator[Found]:
    """Recorded on a day before the one on which it is said to have been held."""
    for talk in talks:
        days = [day for day in (talk.recorded_on, talk.entered and talk.entered.date()) if day]
        if days and min(days) < talk.held_on:
            yield Found(Check.AHEAD, talk.code, (talk.pk,), talk.held_on, other_day=min(days))


def signed(talks: Iterable[Held], steps: Mapping[str, Sequence[Step]], limits: Limits) -> Iterator[Found]:
    """Written or confirmed by one, and confirmed by another from the same address within a minute."""
    for talk in talks:
        rows = sorted(steps.get(talk.code, ()), key=lambda step: step.at)
        gaps = [
            round((step.at - before.at).total_seconds())
            for place, step in enumerate(rows)
            for before in rows[:place]
            if step.confirms
            and step.account != before.account
            and step.address
            and step.address == before.address
            and (step.at - before.at).total_seconds() <= limits.seconds
        ]
        if gaps:
            yield Found(Check.SIGNED, talk.code, (talk.pk,), talk.held_on, min(gaps))
