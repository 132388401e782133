"""What is kept of each duty between two evaluations (design.md section 6).

The state itself is not kept: it follows on any day from the window, the talk that met the duty, the talk that
is booked and the waiver. Nor are periods of more than a year ago: those years are closed.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from talks.rules.anchors import event_of, meeting_anchor, period_anchors
from talks.rules.duties import evaluate
from talks.rules.duty import Duty
from talks.rules.facts import Facts, PeriodTrigger
from talks.rules.index import Dated, Index, index_of, known_on
from talks.rules.responsible import Responsible, found_responsible
from talks.rules.roles import NOBODY, Holders, found_holders
from talks.rules.words import TalkState

# How many years before the present one have their periods kept.
CLOSED_YEARS = 1


class Kept(NamedTuple):
    """A duty with what else stands in its row: in what group its role is found, and who is responsible."""

    duty: Duty
    holders: Holders
    responsible: Responsible
    waived_on: date | None


def keep(facts: Facts, *, organisations: Collection[str], as_of: date) -> tuple[Kept, ...]:
    """Everything that the organisations (codes) owe as of the day, in the order of workbook.md."""
    index = index_of(facts)
    duties = evaluate(facts, organisations=organisations, as_of=as_of, periods_from=as_of.year - CLOSED_YEARS)
    known: dict[Hashable, tuple[Holders, Responsible]] = {}
    return tuple(_kept(index, duty, as_of, known) for duty in duties)


def _kept(index: Index, duty: Duty, as_of: date, known: dict[Hashable, tuple[Holders, Responsible]]) -> Kept:
    """The duty with what else is kept; `known` holds what was found for the same person in the same role."""
    if duty.role is None:
        index.reading(duty.organisation)
        holders, whom = NOBODY, found_responsible(index, duty, NOBODY, as_of)
    else:
        event = event_of(index, duty.anchor)
        key = (duty.organisation, duty.subject, duty.role, event)
        found = known.get(key)
        if found is None:
            index.reading(duty.organisation)
            holders = found_holders(index, duty.subject, duty.organisation, duty.role, as_of, event)
            found = known[key] = (holders, found_responsible(index, duty, holders, as_of))
        holders, whom = found
    waived_on = None
    if index.waivers:
        waived_on = index.waived_on(duty.rule.code, duty.organisation, duty.anchor, duty.persons)
    return Kept(duty, holders, whom, waived_on)


def consulted(facts: Facts) -> Mapping[str, Collection[str]]:
    """By organisation, those others whose posts decided something in its duties so far."""
    return index_of(facts).consulted


def next_changes(facts: Facts, *, organisations: Collection[str], as_of: date) -> dict[str, date]:
    """For each of the organisations the next day after `as_of` on which time alone may change its duties.

    That is the earliest day on which a fact that it depends on begins or ends to be in force, a window opens,
    a booked talk is over, or a period begins; at the latest the first of the next year. To be asked after
    `keep`, which finds out whose posts it depends on.
    """
    index = index_of(facts)
    last = _next_period(facts, as_of)
    found = dict.fromkeys(organisations, last)
    for organisation, day in _days_ahead(index, facts, as_of):
        if organisation in found:
            found[organisation] = min(found[organisation], day)
    return found


def _next_period(facts: Facts, as_of: date) -> date:
    months = {rule.trigger.months for rule in facts.rules if isinstance(rule.trigger, PeriodTrigger)}
    starts = (
        anchor.opens_on
        for each in {12, *months}
        for year in (as_of.year, as_of.year + 1)
        for anchor in period_anchors(year, each)
    )
    return min(day for day in starts if day > as_of)


def _days_ahead(index: Index, facts: Facts, as_of: date) -> Iterator[tuple[str, date]]:
    """Organisations, and days after `as_of` that concern them. Most facts have none."""
    dependents: dict[str, set[str]] = defaultdict(set)
    for organisation, others in index.consulted.items():
        for other in others:
            dependents[other].add(organisation)
    for fact in facts.affiliations:
        for day in _ahead(fact, as_of):
            yield fact.organisation, day
    for post in facts.posts:
        for day in _ahead(post, as_of):
            for place in {post.organisation, *dependents[post.organisation], *index.places_of(post.member)}:
                yield place, day
    for portfolio in facts.portfolios:
        for day in _ahead(portfolio, as_of):
            yield index.organisation_of(portfolio.department), day
    for liaison in facts.liaisons:
        for day in _ahead(liaison, as_of):
            yield from ((place, day) for place in index.places_of(liaison.member))
    for member in facts.members:
        if member.joined_on and member.joined_on > as_of:
            yield from ((place, member.joined_on) for place in index.places_of(member.code))
    for event in facts.events:
        if known_on(event) > as_of:
            yield from ((place, known_on(event)) for place in index.places_of(event.member))
    for meeting in facts.meetings:
        opens_on = meeting_anchor(meeting).opens_on
        if opens_on > as_of:
            yield meeting.organisation, opens_on
    for talk in facts.talks:
        if talk.held_on >= as_of and talk.state != TalkState.CANCELLED:
            day = talk.held_on + timedelta(days=1) if talk.state == TalkState.PLANNED else talk.held_on
            for person in (*talk.talkers, *talk.subjects):
                yield from ((place, day) for place in index.places_of(person) if day > as_of)


def _ahead(fact: Dated, as_of: date) -> Iterator[date]:
    if fact.since and fact.since > as_of:
        yield fact.since
    if fact.until and fact.until > as_of:
        yield fact.until
