"""Who owes whom (rules.md section 4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from talks.rules.facts import Event, Rule
from talks.rules.index import Index
from talks.rules.words import FIXED_ROLES, Pairing, TalkerRole


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two persons who owe each other; `higher` and `lower` by code point of their codes."""

    higher: str
    lower: str


def pair(one: str, other: str) -> Pair:
    """The unordered pair of two different persons."""
    return Pair(max(one, other), min(one, other))


def role_of(rule: Rule) -> TalkerRole | None:
    """The talker role of the rule's duties: fixed by the pairing, or as the rule says; None for a pair."""
    return FIXED_ROLES.get(rule.pairing, rule.talker_role)


def pairs(index: Index, rule: Rule, organisation: str, ref: date) -> set[Pair]:
    """The pairs that owe each other in the organisation, memberships read on `ref`."""
    team = index.team(organisation, ref)
    principals = index.principals(organisation, ref)
    match rule.pairing:
        case Pairing.PRINCIPAL_TEAM:
            return {pair(one, other) for one in principals for other in team if one != other}
        case Pairing.TEAM_TEAM:
            return {pair(one, other) for one, other in combinations(team - principals, 2)}
        case Pairing.COMMITTEE_COMMITTEE:
            return {pair(one, other) for one, other in combinations(team, 2)}
        case Pairing.TEAM_HEADS:
            return {
                pair(fact.member, head)
                for fact in index.portfolios(organisation, ref)
                for head in index.heads(fact.department, ref)
                if head != fact.member
            }
        case _:
            return set()


def subjects(index: Index, rule: Rule, organisation: str, ref: date, event: Event | None) -> Iterable[str]:
    """The members with whom somebody in the rule's role owes a talk, memberships read on `ref`."""
    match rule.pairing:
        case Pairing.COMMITTEE_MEMBER:
            return index.ordinary(organisation, ref)
        case Pairing.MEMBER_MEMBER:
            ordinary = index.ordinary(organisation, ref)
            return ordinary if len(ordinary) > 1 else ()
        case Pairing.KEY_POST:
            return {
                post.member
                for post in index.posts_in(organisation, ref)
                if post.key and index.is_party_member(post.member, ref)
            }
        case Pairing.PORTFOLIO_STAFF:
            team = index.team(organisation, ref)
            return {
                post.member
                for fact in index.portfolios(organisation, ref)
                for post in index.posts_at(fact.department, ref)
                if not post.head and post.member not in team
            }
        case Pairing.EVENT | Pairing.CANDIDATE if event is not None:
            if rule.pairing == Pairing.CANDIDATE or index.is_party_member(event.member, ref):
                return (event.member,)
            return ()
        case _:
            return ()
