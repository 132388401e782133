"""The facts arranged for look-up, so that an evaluation costs in proportion to the facts and the duties."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from branches.rules import COMMITTEE_KINDS
from members.rules import PARTY_CATEGORIES
from talks.rules.facts import Event, Facts, Organisation, Portfolio, Post, Rule, Talk
from talks.rules.words import TalkState

COUNTING_STATES = frozenset({TalkState.RECORDED, TalkState.CONFIRMED, TalkState.CLOSED})

Fact = TypeVar("Fact")
Key = TypeVar("Key", bound=Hashable)


class Dated(Protocol):
    """A fact with the days on which it begins and ends."""

    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...


def in_force(fact: Dated, day: date) -> bool:
    """`since <= day` and (`until` is empty or `day < until`); an empty `since` is the beginning of time."""
    return (fact.since is None or fact.since <= day) and (fact.until is None or day < fact.until)


def known_on(event: Event) -> date:
    """The day on which the event became known; where that is empty, the day on which it happened."""
    return event.known_on or event.happened_on


def grouped(facts: Iterable[Fact], key: Callable[[Fact], Key]) -> Mapping[Key, Sequence[Fact]]:
    """The facts by what `key` says of them."""
    groups: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return groups


class Index:
    """Look-ups over one set of facts, in the words of rules.md section 1. Codes in, codes out."""

    def __init__(self, facts: Facts) -> None:
        self.calendar = facts.calendar
        self.organisations = {organisation.code: organisation for organisation in facts.organisations}
        self.members = {member.code: member for member in facts.members}
        self.events = {event.code: event for event in facts.events}
        self.meetings = grouped(facts.meetings, lambda meeting: meeting.organisation)
        self.rules: Mapping[str, Sequence[Rule]] = grouped(facts.rules, lambda rule: rule.code)
        self.waivers: dict[tuple[str, str, str, frozenset[str]], date] = {}
        for waiver in facts.waivers:
            persons = frozenset({waiver.subject, waiver.counterpart or waiver.subject})
            key = (waiver.rule, waiver.organisation, waiver.anchor, persons)
            self.waivers[key] = min(waiver.approved_on, self.waivers.get(key, waiver.approved_on))

        self._department_of = {department.code: department.organisation for department in facts.departments}
        self._affiliations_in = grouped(facts.affiliations, lambda fact: fact.organisation)
        self._affiliations_of = grouped(facts.affiliations, lambda fact: fact.member)
        self._posts_in = grouped(facts.posts, lambda post: post.organisation)
        self._posts_of = grouped(facts.posts, lambda post: post.member)
        self._posts_at = grouped(facts.posts, lambda post: post.department)
        self._team_posts = grouped(
            (post for post in facts.posts if post.team), lambda post: post.organisation
        )
        self._portfolios = grouped(
            (fact for fact in facts.portfolios if fact.department in self._department_of),
            lambda fact: self._department_of[fact.department],
        )
        self._liaisons_of = grouped(facts.liaisons, lambda fact: fact.member)
        # For which organisation one is reading, and of which others the teams were asked for then.
        self.reader = ""
        self.consulted: dict[str, set[str]] = defaultdict(set)
        self._lines: dict[str, tuple[str, ...]] = {}
        self._teams: dict[tuple[str, date], tuple[frozenset[str], frozenset[str]]] = {}
        self._party: dict[tuple[str, date], frozenset[str]] = {}
        self._ordinary: dict[tuple[str, date], frozenset[str]] = {}
        self._ranked: dict[tuple[frozenset[str], str, date], tuple[str, ...]] = {}

        talks = sorted(facts.talks, key=lambda talk: (talk.held_on, talk.code))
        self.talks_of = self._by_participant(talks)
        self.counting_of = self._by_participant(talk for talk in talks if talk.state in COUNTING_STATES)
        self.planned_of = self._by_participant(talk for talk in talks if talk.state == TalkState.PLANNED)
        self.recorded_of = grouped((talk for talk in talks if talk.recorder), lambda talk: talk.recorder)
        self._events_in: dict[str, list[Event]] = defaultdict(list)
        for event in facts.events:
            for affiliation in self._affiliations_of.get(event.member, ()):
                if in_force(affiliation, known_on(event)):
                    self._events_in[affiliation.organisation].append(event)

    @staticmethod
    def _by_participant(talks: Iterable[Talk]) -> Mapping[str, Sequence[Talk]]:
        """The talks of each talker and subject, in the order given; the recorder does not count."""
        groups: dict[str, list[Talk]] = defaultdict(list)
        for talk in talks:
            for person in {*talk.talkers, *talk.subjects}:
                groups[person].append(talk)
        return groups

    def reading(self, organisation: str) -> Organisation:
        """The organisation; its duties are reckoned from now on. KeyError where the facts do not hold it."""
        self.reader = organisation
        return self.organisations[organisation]

    def waived_on(self, rule: str, organisation: str, anchor: str, persons: tuple[str, ...]) -> date | None:
        """From which day on the talk named need not be held; None where nobody approved that."""
        return self.waivers.get((rule, organisation, anchor, frozenset(persons)))

    # The tree

    def organisation_of(self, department: str) -> str:
        """The organisation that the department belongs to. KeyError where the facts do not hold it."""
        return self._department_of[department]

    def superiors(self, organisation: str) -> tuple[str, ...]:
        """The organisations above, nearest first."""
        line = self._lines.get(organisation)
        if line is None:
            found: list[str] = []
            above = self._superior(organisation)
            while above is not None and above != organisation and above not in found:
                found.append(above)
                above = self._superior(above)
            line = self._lines[organisation] = tuple(found)
        return line

    def _superior(self, organisation: str) -> str | None:
        known = self.organisations.get(organisation)
        return known.superior if known else None

    def is_committee(self, organisation: str) -> bool:
        """Whether it is of a committee kind; an organisation that the facts do not hold is not."""
        known = self.organisations.get(organisation)
        return known is not None and known.kind in COMMITTEE_KINDS

    # Who is what on a day

    def team(self, organisation: str, day: date) -> frozenset[str]:
        """team(O, d)."""
        return self._team_and_principals(organisation, day)[0]

    def principals(self, organisation: str, day: date) -> frozenset[str]:
        """principals(O, d)."""
        return self._team_and_principals(organisation, day)[1]

    def _team_and_principals(self, organisation: str, day: date) -> tuple[frozenset[str], frozenset[str]]:
        if organisation != self.reader:
            self.consulted[self.reader].add(organisation)
        key = (organisation, day)
        found = self._teams.get(key)
        if found is None:
            posts = [post for post in self._team_posts.get(organisation, ()) if in_force(post, day)]
            found = self._teams[key] = (
                frozenset(post.member for post in posts),
                frozenset(post.member for post in posts if post.principal),
            )
        return found

    def is_party_member(self, member: str, day: date) -> bool:
        """正式党员 or 预备党员 whose 入党日期 is empty or not after the day."""
        known = self.members.get(member)
        return (
            known is not None
            and known.category in PARTY_CATEGORIES
            and (known.joined_on is None or known.joined_on <= day)
        )

    def is_ordinary(self, member: str, organisation: str, day: date) -> bool:
        """Whether the member is in ordinary(O, d)."""
        return (
            self.is_party_member(member, day)
            and any(
                fact.organisation == organisation and in_force(fact, day)
                for fact in self._affiliations_of.get(member, ())
            )
            and member not in self.team(organisation, day)
        )

    def party(self, organisation: str, day: date) -> frozenset[str]:
        """party(O, d)."""
        key = (organisation, day)
        found = self._party.get(key)
        if found is None:
            found = self._party[key] = frozenset(
                fact.member
                for fact in self._affiliations_in.get(organisation, ())
                if in_force(fact, day) and self.is_party_member(fact.member, day)
            )
        return found

    def ordinary(self, organisation: str, day: date) -> frozenset[str]:
        """ordinary(O, d) = party(O, d) minus team(O, d)."""
        key = (organisation, day)
        found = self._ordinary.get(key)
        if found is None:
            found = self._ordinary[key] = self.party(organisation, day) - self.team(organisation, day)
        return found

    def is_head(self, member: str, organisation: str, day: date) -> bool:
        """Whether the member is head of a department in the organisation on the day."""
        return any(post.head and post.organisation == organisation for post in self.posts_of(member, day))

    def ranked(self, members: frozenset[str], organisation: str, day: date) -> tuple[str, ...]:
        """The members, first the principals of the organisation, of the nearest above, …; then by code."""
        key = (members, organisation, day)
        found = self._ranked.get(key)
        if found is None:
            line = (organisation, *self.superiors(organisation))
            distance = {place: steps for steps, place in enumerate(line)}

            def rank(member: str) -> tuple[int, str]:
                led = (post.organisation for post in self.posts_of(member, day) if post.principal)
                return min((distance.get(place, len(line)) for place in led), default=len(line)), member

            found = self._ranked[key] = tuple(sorted(members, key=rank))
        return found

    def posts_of(self, member: str, day: date) -> list[Post]:
        """The posts of the member in force on the day, in whatever organisation."""
        return [post for post in self._posts_of.get(member, ()) if in_force(post, day)]

    def posts_in(self, organisation: str, day: date) -> list[Post]:
        """The posts in the organisation in force on the day."""
        return [post for post in self._posts_in.get(organisation, ()) if in_force(post, day)]

    def posts_at(self, department: str, day: date) -> list[Post]:
        """The posts in the department in force on the day."""
        return [post for post in self._posts_at.get(department, ()) if in_force(post, day)]

    def heads(self, department: str, day: date) -> frozenset[str]:
        """heads(D, d)."""
        return frozenset(post.member for post in self.posts_at(department, day) if post.head)

    def portfolios(self, organisation: str, day: date) -> list[Portfolio]:
        """The portfolios over departments of the organisation, in force on the day, of its team members."""
        team = self.team(organisation, day)
        return [
            fact
            for fact in self._portfolios.get(organisation, ())
            if fact.member in team and in_force(fact, day)
        ]

    def liaisons(self, member: str, day: date) -> frozenset[str]:
        """Those in liaison with the member on the day, whether or not they are still in the team."""
        facts = self._liaisons_of.get(member)
        if not facts:
            return frozenset()
        return frozenset(fact.committee_member for fact in facts if in_force(fact, day)) - {member}

    def places_of(self, member: str) -> frozenset[str]:
        """The organisations in which the member was, is or will be affiliated or holds a post."""
        affiliated = {fact.organisation for fact in self._affiliations_of.get(member, ())}
        return frozenset(affiliated | {post.organisation for post in self._posts_of.get(member, ())})

    def events_in(self, organisation: str) -> Sequence[Event]:
        """The events whose member was affiliated with the organisation on the day they became known."""
        return self._events_in.get(organisation, ())


_INDEXES: WeakKeyDictionary[Facts, Index] = WeakKeyDictionary()


def index_of(facts: Facts) -> Index:
    """The index over the facts: made once, kept for as long as the facts live."""
    index = _INDEXES.get(facts)
    if index is None:
        index = _INDEXES[facts] = Index(facts)
    return index
