"""Whom reminders of a duty reach first (rules.md section 4)."""

from dataclasses import dataclass
from datetime import date

from talks.rules.anchors import event_of
from talks.rules.duty import Duty
from talks.rules.facts import Facts
from talks.rules.index import Index, index_of
from talks.rules.roles import NOBODY, Holders, found_holders
from talks.rules.words import Pairing


@dataclass(frozen=True, slots=True)
class Responsible:
    """One member, or the principals (other than the subject) of the organisation `at`; with neither, the
    党务管理员."""

    member: str | None = None
    at: str | None = None


def responsible(facts: Facts, duty: Duty, *, today: date) -> frozenset[str]:
    """The codes of those responsible for the duty today; empty: the 党务管理员."""
    index = index_of(facts)
    found = found_responsible(index, duty, _holders(index, duty, today), today)
    if found.member is not None:
        return frozenset({found.member})
    return index.principals(found.at, today) - {duty.subject} if found.at else frozenset()


def found_responsible(index: Index, duty: Duty, holders: Holders, today: date) -> Responsible:
    """As `responsible`, given those in the role of the duty today (nobody for a pair)."""
    if duty.is_pair:
        return Responsible(_of_pair(index, duty))
    if holders.everybody:
        return Responsible(_first_in_role(index, duty, holders, today))
    for place in (*index.superiors(duty.organisation), duty.organisation):
        if index.principals(place, today) - {duty.subject}:
            return Responsible(at=place)
    return Responsible()


def _holders(index: Index, duty: Duty, today: date) -> Holders:
    if duty.role is None:
        return NOBODY
    event = event_of(index, duty.anchor)
    return found_holders(index, duty.subject, duty.organisation, duty.role, today, event)


def _of_pair(index: Index, duty: Duty) -> str:
    """The leader of the other's department, else by rank: principal, team member, head, others; lower code.

    Ranks are those of the day on which the pair was read.
    """
    organisation, ref = duty.organisation, duty.ref
    team, principals = index.team(organisation, ref), index.principals(organisation, ref)
    candidates = set(duty.persons)
    if duty.rule.pairing == Pairing.TEAM_HEADS:
        candidates &= {
            fact.member
            for fact in index.portfolios(organisation, ref)
            if (index.heads(fact.department, ref) - {fact.member}) & candidates
        }

    def rank(person: str) -> tuple[int, str]:
        if person in principals:
            return 0, person
        if person in team:
            return 1, person
        return (2 if index.is_head(person, organisation, ref) else 3), person

    return min(candidates or duty.persons, key=rank)


def _first_in_role(index: Index, duty: Duty, holders: Holders, today: date) -> str:
    """Among those in the role: the liaison, a principal of O, of the nearest above, else the lowest code."""
    kept = index.liaisons(duty.subject, today) & holders.everybody
    if kept:
        return min(kept)
    ranked = index.ranked(holders.everybody, duty.organisation, today)
    return next(person for person in ranked if person != duty.subject)
