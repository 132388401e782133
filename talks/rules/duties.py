"""The duties of organisations on a day (rules.md sections 3 to 6), and what else is said about a duty."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter

from talks.rules.anchors import Anchor, anchors
from talks.rules.duty import Duty
from talks.rules.explanations import Explanation, NearMiss, explain
from talks.rules.facts import Facts, Organisation, Rule, Talk
from talks.rules.index import Index, index_of
from talks.rules.pairings import pairs, role_of, subjects
from talks.rules.responsible import responsible
from talks.rules.roles import role_holders
from talks.rules.verdicts import Verdict, meets, obstacle
from talks.rules.versions import holding, versions_at
from talks.rules.words import PAIR_PAIRINGS, DutyState

HELD_ON = attrgetter("held_on")

__all__ = [
    "Duty",
    "Explanation",
    "NearMiss",
    "Verdict",
    "evaluate",
    "explain",
    "meets",
    "responsible",
    "role_holders",
]


def evaluate(
    facts: Facts,
    *,
    organisations: Collection[str],
    as_of: date,
    year: int | None = None,
    periods_from: int = 0,
) -> tuple[Duty, ...]:
    """The duties of the organisations (codes) as they stand on `as_of`, sorted as workbook.md says.

    `year` leaves only the anchors of that year: its periods, the meetings with that label, the events that
    became known in it. Without it: every anchor that exists, but no period of a year before `periods_from`.
    KeyError for an organisation not in the facts.
    """
    index = index_of(facts)
    found = (
        _judged(index, duty, as_of)
        for code in set(organisations)
        for duty in _owed(index, index.reading(code), as_of, year, periods_from)
    )
    return tuple(sorted(found, key=lambda duty: duty.order))


def _owed(
    index: Index, organisation: Organisation, as_of: date, year: int | None, periods_from: int
) -> Iterator[Duty]:
    """The duties of one organisation, not yet judged."""
    for versions in versions_at(index, organisation.code).values():
        for rule in versions:
            for anchor in anchors(
                index, rule, organisation.code, as_of=as_of, year=year, periods_from=periods_from
            ):
                if _stands(organisation, anchor) and holding(versions, organisation.kind, anchor.on) is rule:
                    yield from _of_anchor(index, rule, organisation.code, anchor, as_of)


def _stands(organisation: Organisation, anchor: Anchor) -> bool:
    """Whether the organisation is there to owe: not yet dissolved on the anchor date, established in time."""
    return (organisation.dissolved is None or anchor.on < organisation.dissolved) and (
        organisation.established is None or anchor.due_on >= organisation.established
    )


def _of_anchor(index: Index, rule: Rule, organisation: str, anchor: Anchor, as_of: date) -> Iterator[Duty]:
    ref = anchor.ref(as_of)
    persons: Iterator[tuple[str, str | None]]
    if rule.pairing in PAIR_PAIRINGS:
        persons = ((pair.higher, pair.lower) for pair in pairs(index, rule, organisation, ref))
    else:
        persons = ((code, None) for code in subjects(index, rule, organisation, ref, anchor.event))
    for subject, counterpart in persons:
        yield Duty(
            rule=rule,
            organisation=organisation,
            anchor=anchor.name,
            anchor_on=anchor.on,
            subject=subject,
            counterpart=counterpart,
            role=None if counterpart else role_of(rule),
            opens_on=anchor.opens_on,
            due_on=anchor.due_on,
            ref=ref,
        )


def _judged(index: Index, duty: Duty, as_of: date) -> Duty:
    """The duty in the first state of rules.md section 6 that applies."""
    waived_on = index.waived_on(duty.rule.code, duty.organisation, duty.anchor, duty.persons)
    if waived_on is not None and waived_on <= as_of:
        return duty._replace(state=DutyState.WAIVED)
    last = date.max if duty.is_event else duty.due_on
    talk = _first(index, duty, index.counting_of, duty.opens_on, min(as_of, last))
    if talk is not None:
        state = DutyState.DONE if talk.held_on <= duty.due_on else DutyState.LATE
        return duty._replace(state=state, talk=talk.code, held_on=talk.held_on)
    state = DutyState.OVERDUE if as_of > duty.due_on else DutyState.PENDING
    planned = _first(index, duty, index.planned_of, max(as_of, duty.opens_on), last)
    if planned is None:
        return duty._replace(state=state)
    if state is DutyState.PENDING:
        state = DutyState.SCHEDULED
    return duty._replace(state=state, planned=planned.code, planned_on=planned.held_on)


def _first(
    index: Index, duty: Duty, talks_of: Mapping[str, Sequence[Talk]], since: date, until: date
) -> Talk | None:
    """The earliest talk from `since` to `until`, both included, that meets the duty, then the lower code."""
    talks = talks_of.get(duty.subject, ())
    if duty.counterpart is not None:
        talks = min(talks, talks_of.get(duty.counterpart, ()), key=len)
    for place in range(bisect_left(talks, since, key=HELD_ON), len(talks)):
        talk = talks[place]
        if talk.held_on > until:
            return None
        if not obstacle(index, talk, duty):
            return talk
    return None
