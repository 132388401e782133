"""Who is in a talker role for a subject on the day of the talk (rules.md section 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from talks.rules.facts import Event, Facts, Post
from talks.rules.index import Index, in_force, index_of
from talks.rules.words import TalkerRole

Lookup = Callable[[str, date], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Holders:
    """Those in a role on a day, and how they were found.

    `group` names what they are in the organisation `at`: its principals, its team, its ordinary members; of
    `liaison` and `leader` they are those of the subject himself, and `at` is the organisation that owes.
    Without anybody `group` and `at` are None. `everybody` in the group may be the subject too, who is in no
    role for himself: so all subjects of an organisation share one set.
    """

    everybody: frozenset[str] = frozenset()
    subject: str = ""
    group: TalkerRole | None = None
    at: str | None = None

    @property
    def members(self) -> frozenset[str]:
        """Those in the role."""
        return self.everybody - {self.subject} if self.subject in self.everybody else self.everybody


NOBODY = Holders()


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
    return found_holders(index, subject, organisation, role, day, event).members


def found_holders(
    index: Index, subject: str, organisation: str, role: TalkerRole, day: date, event: Event | None = None
) -> Holders:
    """As `holders`, with the group in which they were found."""
    match role:
        case TalkerRole.PRINCIPAL:
            leads = subject in index.principals(organisation, day)
            return _from_below(index, TalkerRole.PRINCIPAL, subject, organisation, day, skip=leads)
        case TalkerRole.ORDINARY:
            ordinary = index.ordinary(organisation, day)
            return _group(ordinary, subject, role, organisation) or NOBODY
        case TalkerRole.AUTHORITY:
            return _authority(index, subject, organisation, day, event)
        case TalkerRole.LIAISON:
            found = index.liaisons(subject, day)
        case TalkerRole.LEADER:
            found = _leaders(index, subject, organisation, day)
        case TalkerRole.TEAM:
            found = frozenset()
    if found:
        return Holders(found, subject, role, organisation)
    leads = subject in index.principals(organisation, day)
    return _from_below(index, TalkerRole.TEAM, subject, organisation, day, skip=leads)


def _group(everybody: frozenset[str], subject: str, group: TalkerRole, at: str) -> Holders | None:
    """Those of the group but the subject; None where that is nobody."""
    others = len(everybody) - (subject in everybody)
    return Holders(everybody, subject, group, at) if others else None


def _from_below(
    index: Index, group: TalkerRole, subject: str, organisation: str, day: date, *, skip: bool
) -> Holders:
    """The principals or the team, without the subject, of the nearest organisation upwards that has one."""
    lookup: Lookup = index.principals if group is TalkerRole.PRINCIPAL else index.team
    line = index.superiors(organisation)
    for step in line if skip else (organisation, *line):
        found = _group(lookup(step, day), subject, group, step)
        if found is not None:
            return found
    return NOBODY


def _leaders(index: Index, subject: str, organisation: str, day: date) -> frozenset[str]:
    departments = {post.department for post in index.posts_of(subject, day)}
    return frozenset(
        fact.member for fact in index.portfolios(organisation, day) if fact.department in departments
    ) - {subject}


def _authority(index: Index, subject: str, organisation: str, day: date, event: Event | None) -> Holders:
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
    return _from_below(index, TalkerRole.PRINCIPAL, subject, over, day, skip=leads)
