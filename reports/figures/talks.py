"""Talks as papers list and count them: between whom, in which post, of which organisation."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from members.models import Affiliation, Post
from talks.models import Participant, Side, Talk, in_ledgers_of
from talks.models.talks import TalkQuerySet


@dataclass(frozen=True, slots=True)
class TalkTally:
    """How many talks an organisation held: within its team, between team and others, among the others."""

    team: int = 0
    mixed: int = 0
    others: int = 0

    @property
    def all(self) -> int:
        """Each talk once."""
        return self.team + self.mixed + self.others


def ledger_of(organisations: Collection[Organisation], *, since: date, until: date) -> TalkQuerySet:
    """The talks of the ledgers of the organisations within the days (both count), as they were recorded."""
    return Talk.objects.counting().filter(
        in_ledgers_of(organisations), held_on__gte=since, held_on__lte=until
    )


def talk_tallies(
    organisations: Collection[Organisation], *, since: date, until: date
) -> dict[int, TalkTally]:
    """The counts by organisation (primary key); a talk counts in each to which it belongs. Four queries.

    A talk belongs to an organisation where somebody of each side did on the day (design.md section 4).
    """
    talks = ledger_of(organisations, since=since, until=until).order_by()
    rows = Participant.objects.filter(talk__in=talks.values("pk")).order_by()
    people: dict[int, list[tuple[int, str]]] = defaultdict(list)
    days: dict[int, date] = {}
    for talk, day, member, side in rows.values_list("talk", "talk__held_on", "member", "side"):
        people[talk].append((member, side))
        days[talk] = day
    keys = {place.pk for place in organisations}
    members = {member for found in people.values() for member, _ in found}
    homes = _Facts(keys, members)
    tallies: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for talk, found in people.items():
        for place, kind in homes.kinds(found, days[talk]):
            tallies[place][kind] += 1
    return {place: TalkTally(*counts) for place, counts in tallies.items()}


class _Facts:
    """Who belonged where, and who was of the team, on which days."""

    def __init__(self, organisations: set[int], members: set[int]) -> None:
        self.spells: dict[int, list[tuple[int, date | None, date | None, bool]]] = defaultdict(list)
        there = {"organisation__in": organisations}
        affiliations = Affiliation.objects.filter(**there).order_by()
        teams = Post.objects.filter(is_team=True, **there).order_by()
        for is_team, facts in ((False, affiliations), (True, teams)):
            for member, place, since, until in facts.values_list("member", "organisation", "since", "until"):
                if member in members:
                    self.spells[member].append((place, since, until, is_team))

    def kinds(self, people: Iterable[tuple[int, str]], day: date) -> Iterable[tuple[int, int]]:
        """The organisations to which a talk of these people belongs: 0 team, 1 mixed, 2 others."""
        sides: dict[int, dict[str, set[bool]]] = defaultdict(lambda: defaultdict(set))
        for member, side in people:
            mine: dict[int, bool] = {}
            for place, since, until, is_team in self.spells.get(member, ()):
                if (since is None or since <= day) and (until is None or day < until):
                    mine[place] = mine.get(place, False) or is_team
            for place, is_team in mine.items():
                sides[place][side].add(is_team)
        for place, found in sides.items():
            if len(found) == len(Side):
                team = {any(flags) for flags in found.values()}
                yield place, 0 if team == {True} else 1 if True in team else 2


class Titles:
    """In which post people were on a day, those in the organisations of the paper first; one query."""

    def __init__(self, members: Collection[int], organisations: Collection[int]) -> None:
        self.posts: dict[int, list[Post]] = defaultdict(list)
        order = ("-is_principal", "-is_team", "-is_head", "title")
        for post in Post.objects.filter(member__in=members).order_by(*order):
            self.posts[post.member_id].append(post)
        for posts in self.posts.values():
            posts.sort(key=lambda post: post.organisation_id not in organisations)

    def on(self, member: int, day: date) -> str:
        """The title, or nothing."""
        for post in self.posts.get(member, ()):
            if post.since <= day and (post.until is None or day < post.until):
                return post.title
        return ""

    def named(self, member: int, name: str, day: date) -> str:
        """梁志强（组织委员）."""
        title = self.on(member, day)
        return f"{name}（{title}）" if title else name
