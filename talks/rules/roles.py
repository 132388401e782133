"""Who is in a talker role for a subject on the day of the talk (rules.md section 2)."""

from collections.abc import Callable
from datetime import date, timedelta

from talks.rules.facts import Event, Facts, Post
from talks.rules.index import Index, in_force, index_of
from talks.rules.words import TalkerRole

Lookup = Callable[[str, date], frozenset[str]]


def role_holders(
    facts: Facts, *, subject: str, organisation: str, role: TalkerRole, day: date, event: Event | None = None
) -> frozenset[str]:
    """The members in the role for the subject in the organisation on the day; empty where nobody is.

    `event` is that of an event duty: `authority` then also looks at the posts of the day before it happened.
    """
    return holders(index_of(facts), subject, organisation, role, day, event)


def holders(
    index: Index, subject: str, organisation: str, role: TalkerRole, day: date, event: Event | None = None
) -> frozenset[str]:
    """As `role_holders`, over an index."""
    match role:
        case TalkerRole.PRINCIPAL:
            leads = subject in index.principals(organisation, day)
            return _from_below(index, index.principals, subject, organisation, day, skip=leads)
        case TalkerRole.ORDINARY:
            return index.ordinary(organisation, day) - {subject}
        case TalkerRole.AUTHORITY:
            return _authority(index, subject, organisation, day, event)
        case TalkerRole.LIAISON:
            found = index.liaisons(subject, day)
        case TalkerRole.LEADER:
            found = _leaders(index, subject, organisation, day)
        case TalkerRole.TEAM:
            found = frozenset()
    if found:
        return found
    leads = subject in index.principals(organisation, day)
    return _from_below(index, index.team, subject, organisation, day, skip=leads)


def _from_below(
    index: Index, lookup: Lookup, subject: str, organisation: str, day: date, *, skip: bool
) -> frozenset[str]:
    """Those whom `lookup` finds, other than the subject, in the nearest organisation upwards that has one."""
    line = index.superiors(organisation)
    for step in line if skip else (organisation, *line):
        found = lookup(step, day) - {subject}
        if found:
            return found
    return frozenset()


def _leaders(index: Index, subject: str, organisation: str, day: date) -> frozenset[str]:
    departments = {post.department for post in index.posts_of(subject, day)}
    return frozenset(
        fact.member for fact in index.portfolios(organisation, day) if fact.department in departments
    ) - {subject}


def _authority(
    index: Index, subject: str, organisation: str, day: date, event: Event | None
) -> frozenset[str]:
    """按照干部管理权限: the principals over the highest committee in which the subject leads something."""
    taken: list[Post] = index.posts_of(subject, day)
    if event is not None:
        eve = event.happened_on - timedelta(days=1)
        taken += [post for post in index.posts_of(subject, eve) if not in_force(post, day)]
    leading = {
        post.organisation
        for post in taken
        if (post.team or post.head) and index.is_committee(post.organisation)
    }
    over = min(leading, key=lambda code: (len(index.superiors(code)), code), default=organisation)
    leads = any(post.principal and post.organisation == over for post in taken)
    return _from_below(index, index.principals, subject, over, day, skip=leads)
