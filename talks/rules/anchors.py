"""Anchors and windows (rules.md section 3): what brings a rule to life, and from when until when."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from talks.rules.facts import Event, EventTrigger, Meeting, MeetingTrigger, PeriodTrigger, Rule
from talks.rules.index import Index, known_on
from talks.rules.words import DayUnit

DAYS_OF_TALKS = 30
EVENT_PREFIX = "event:"


@dataclass(frozen=True, slots=True)
class Anchor:
    """`name` is the `anchor` of the JSON, `on` the anchor date; the window holds both its ends."""

    name: str
    on: date
    opens_on: date
    due_on: date
    event: Event | None = None

    def ref(self, as_of: date) -> date:
        """The day on which memberships are read."""
        return self.opens_on if self.event else min(as_of, self.due_on)


def anchors(
    index: Index, rule: Rule, organisation: str, *, as_of: date, year: int | None, periods_from: int = 0
) -> Iterator[Anchor]:
    """The anchors of the rule in the organisation that exist at `as_of`; with a year, only that year's.

    The year is that of a period, the label of a meeting, and for an event the year of `known_on`. Without a
    year, periods of the years before `periods_from` are left out.
    """
    match rule.trigger:
        case MeetingTrigger(kinds):
            for meeting in index.meetings.get(organisation, ()):
                if meeting.kind in kinds and year in (None, meeting.year):
                    anchor = meeting_anchor(meeting)
                    if anchor.opens_on <= as_of:
                        yield anchor
        case PeriodTrigger(months):
            first = max(rule.effective_from.year, periods_from)
            for each in range(first, as_of.year + 1) if year is None else (year,):
                yield from (anchor for anchor in period_anchors(each, months) if anchor.opens_on <= as_of)
        case EventTrigger(kinds):
            for event in index.events_in(organisation):
                day = known_on(event)
                if event.kind in kinds and day <= as_of and year in (None, day.year):
                    yield event_anchor(index, rule, event)


def meeting_anchor(meeting: Meeting) -> Anchor:
    """From the first day of talks to the day before the meeting."""
    opens_on = meeting.talks_from or meeting.meeting_on - timedelta(days=DAYS_OF_TALKS)
    name = f"meeting:{meeting.kind}:{meeting.year}"
    return Anchor(name, meeting.meeting_on, opens_on, meeting.meeting_on - timedelta(days=1))


def period_anchors(year: int, months: int) -> Iterator[Anchor]:
    """The periods of 1, 3, 6 or 12 months of the calendar year: period:2026-07, -Q3, -H2 or period:2026."""
    for number, first in enumerate(range(1, 13, months), start=1):
        suffix = {1: f"-{number:02}", 3: f"-Q{number}", 6: f"-H{number}", 12: ""}[months]
        last = first + months - 1
        opens_on = date(year, first, 1)
        due_on = date(year, last, calendar.monthrange(year, last)[1])
        yield Anchor(f"period:{year:04}{suffix}", opens_on, opens_on, due_on)


def first_period(months: int, since: date) -> Anchor:
    """The first period that begins on the day or later: the first that a rule begun on it applies to."""
    years = (since.year, since.year + 1)
    periods = (anchor for year in years for anchor in period_anchors(year, months))
    return next(anchor for anchor in periods if anchor.on >= since)


def event_anchor(index: Index, rule: Rule, event: Event) -> Anchor:
    """From the day the event became known, for the days of the rule."""
    day = known_on(event)
    number = rule.days or 0
    if rule.unit == DayUnit.WORKING:
        due_on = index.calendar.working_day_after(day, number)
    else:
        due_on = day + timedelta(days=number)
    return Anchor(f"{EVENT_PREFIX}{event.code}", day, day, due_on, event)


def event_of(index: Index, anchor: str) -> Event | None:
    """The event behind the name of an anchor; None for a meeting or a period."""
    return index.events.get(anchor.removeprefix(EVENT_PREFIX)) if anchor.startswith(EVENT_PREFIX) else None


def year_of(anchor: str, opens_on: date) -> int:
    """The year of a period, the label of a meeting, or the year in which an event became known."""
    kind, _, rest = anchor.partition(":")
    match kind:
        case "meeting":
            return int(rest.rpartition(":")[2])
        case "period":
            return int(rest[:4])
        case _:
            return opens_on.year


def chinese_anchor(name: str) -> str:
    """The name of an anchor for people: 2026年度民主生活会, 2026年第3季度, 事件E17."""
    kind, _, rest = name.partition(":")
    if kind == "meeting":
        meeting, _, year = rest.partition(":")
        return f"{year}年度{meeting}"
    if kind == "event":
        return f"事件{rest}"
    year, _, part = rest.partition("-")
    if not part:
        return f"{int(year)}年"
    if part.startswith("Q"):
        return f"{int(year)}年第{part[1:]}季度"
    if part.startswith("H"):
        return f"{int(year)}年{'上半年' if part == 'H1' else '下半年'}"
    return f"{int(year)}年{int(part)}月"
