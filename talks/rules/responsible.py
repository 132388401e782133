"""Whom reminders of a duty reach first (rules.md section 4)."""

from datetime import date

from talks.rules.anchors import event_of
from talks.rules.duty import Duty
from talks.rules.facts import Facts
from talks.rules.index import Index, index_of
from talks.rules.roles import holders
from talks.rules.words import Pairing


def responsible(facts: Facts, duty: Duty, *, today: date) -> frozenset[str]:
    """The codes of those responsible for the duty today; empty: the 党务管理员."""
    index = index_of(facts)
    if duty.is_pair:
        return frozenset({_of_pair(index, duty)})
    assert duty.role is not None
    event = event_of(index, duty.anchor)
    found = holders(index, duty.subject, duty.organisation, duty.role, today, event)
    superiors = index.superiors(duty.organisation)
    if found:
        return frozenset({_first_in_role(index, duty, found, today)})
    for above in superiors:
        principals = index.principals(above, today) - {duty.subject}
        if principals:
            return principals
    return index.principals(duty.organisation, today) - {duty.subject}


def _of_pair(index: Index, duty: Duty) -> str:
    """The leader of the other's department, else by rank: principal, team member, head, others; lower code.

    Ranks are those of the day on which the pair was read.
    """
    organisation, ref = duty.organisation, duty.ref
    team, principals = index.team(organisation, ref), index.principals(organisation, ref)
    heads = {post.member for post in index.posts_in(organisation, ref) if post.head}
    candidates = set(duty.persons)
    if duty.rule.pairing == Pairing.TEAM_HEADS:
        candidates &= {
            fact.member
            for fact in index.portfolios(organisation, ref)
            if (index.heads(fact.department, ref) - {fact.member}) & candidates
        }

    def rank(person: str) -> tuple[int, str]:
        place = next((n for n, group in enumerate((principals, team, heads)) if person in group), 3)
        return place, person

    return min(candidates or duty.persons, key=rank)


def _first_in_role(index: Index, duty: Duty, found: frozenset[str], today: date) -> str:
    """Among those in the role: the liaison, a principal of O, of the nearest above, else the lowest code."""
    groups = [index.liaisons(duty.subject, today)]
    groups += [
        index.principals(step, today) for step in (duty.organisation, *index.superiors(duty.organisation))
    ]
    return min(next((group & found for group in groups if group & found), found))
