"""What a draft of a rule would owe: the duties with it and without it, compared by organisation."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from talks.rules.anchors import EVENT_PREFIX, first_period, meeting_anchor
from talks.rules.drafts import Draft
from talks.rules.duties import evaluate
from talks.rules.duty import Duty
from talks.rules.facts import Facts, MeetingTrigger, PeriodTrigger, Rule

# A meeting whose talks open later is not waited for: all that is owed until then would be reckoned.
FARTHEST = timedelta(days=366)
Identity = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Effect:
    """How many duties of an organisation come, go, and stay under another version."""

    organisation: str
    added: int
    removed: int
    carried: int


def looked_at_on(draft: Draft, facts: Facts) -> date:
    """The day as of which the effect is reckoned: the first on which the facts known today show it.

    For a period rule that is the first day of the first period that it applies to, for one before meetings
    the day on which the last of those entered for the year after the change has opened, for one set off by
    events the day of the change.
    """
    match draft.version.trigger:
        case PeriodTrigger(months):
            return first_period(months, draft.since).on
        case MeetingTrigger(kinds):
            meetings = (meeting_anchor(meeting) for meeting in facts.meetings if meeting.kind in kinds)
            opening = (each.opens_on for each in meetings if each.on >= draft.since)
            return max([draft.since, *(day for day in opening if day <= draft.since + FARTHEST)])
        case _:
            return draft.since


def effects_of(
    draft: Draft, facts: Facts, *, organisations: Sequence[str], as_of: date, known_events: Collection[str]
) -> tuple[Effect, ...]:
    """The effects on the organisations, in their order, without those on which there is none.

    Event duties count only where their event is among `known_events`: how many there are of a kind that
    somebody chooses would tell him of events that he may not know (design.md section 4).
    """
    standing = [rule for rule in facts.rules if rule.code == draft.version.code]
    without = _owed(facts, standing, organisations, draft.since, as_of)
    standing = [rule for rule in standing if rule.version != draft.version.version]
    with_it = _owed(facts, [*standing, draft.version], organisations, draft.since, as_of)
    before = {_identity(duty): duty.rule.version for duty in _told(without, draft.since, known_events)}
    after = {_identity(duty): duty.rule.version for duty in _told(with_it, draft.since, known_events)}
    added = Counter(key[0] for key in after.keys() - before.keys())
    removed = Counter(key[0] for key in before.keys() - after.keys())
    carried = Counter(key[0] for key in after.keys() & before.keys() if after[key] != before[key])
    return tuple(
        Effect(code, added[code], removed[code], carried[code])
        for code in organisations
        if added[code] or removed[code] or carried[code]
    )


def _owed(
    facts: Facts, rules: Sequence[Rule], organisations: Collection[str], since: date, as_of: date
) -> tuple[Duty, ...]:
    """The duties by these versions alone; of periods only those that can differ."""
    alone = replace(facts, rules=tuple(rules))
    return evaluate(alone, organisations=organisations, as_of=as_of, periods_from=since.year)


def _told(duties: Iterable[Duty], since: date, known_events: Collection[str]) -> Iterable[Duty]:
    for duty in duties:
        if duty.anchor_on < since:
            continue
        if not duty.is_event or duty.anchor.removeprefix(EVENT_PREFIX) in known_events:
            yield duty


def _identity(duty: Duty) -> Identity:
    return duty.organisation, duty.anchor, duty.persons
