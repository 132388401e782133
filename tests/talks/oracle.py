"""Who may read and know what, written a second time from design.md sections 4 and 4a: sets, no database.

Nothing here comes from the permissions that it is held against. Persons and organisations are their names.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

# Each organisation and those above it; BRANCHES are those whose 书记 may read what was said.
LINE = {"committee": ("committee",), "a": ("a", "committee"), "b": ("b", "committee"), "far": ("far",)}
BRANCHES = ("a", "b", "far")


@dataclass
class Held:
    """A post or an affiliation: `until` is the first day without it. `leads`: as 书记; `sure`: confirmed."""

    person: str
    place: str
    since: date
    until: date | None = None
    leads: bool = False
    sure: bool = True

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class Said:
    """A talk."""

    day: date
    talkers: frozenset[str]
    subjects: frozenset[str]
    recorder: str = ""
    booker: str = ""
    recorded: bool = True
    kept: bool = False  # 限参与人
    asked: bool = False  # from a 约谈
    outside: bool = False  # with a talker from outside
    shown: dict[str, datetime] = field(default_factory=dict)  # 调阅: to whom, since when


@dataclass
class Oracle:
    """`posts`, `homes`: all that were ever held; `staff`, `inspect`: by account the place of the mandate."""

    posts: list[Held]
    homes: list[Held]
    staff: dict[str, str]
    inspect: dict[str, str]

    def belongs(self, person: str, place: str, day: date) -> bool:
        """In the team, or affiliated, on the day."""
        return any(held.person == person and held.place == place and held.on(day) for held in self._all())

    def lives(self, person: str, place: str, day: date) -> bool:
        """Affiliated on the day; a seat in the team, which is entered afterwards too, opens no record."""
        return any(home.person == person and home.place == place and home.on(day) for home in self.homes)

    def ledgers(self, talk: Said) -> set[str]:
        """The organisations of which a talker and a subject were on the day."""
        return {
            place
            for place in LINE
            if any(self.belongs(person, place, talk.day) for person in talk.talkers)
            and any(self.belongs(person, place, talk.day) for person in talk.subjects)
        }

    def knows(self, who: str, talk: Said, today: date) -> bool:
        """That the talk took place: whose own it is, who booked it, who answers for a ledger of it."""
        if who in talk.talkers | talk.subjects | {talk.recorder, talk.booker}:
            return True
        return any(self._answers(who, place, today) for place in self.ledgers(talk))

    def reads(self, who: str, talk: Said, today: date) -> bool:
        """The whole record."""
        if who in talk.talkers or who == talk.recorder:
            return True
        if talk.recorded and talk.subjects == {who}:
            return True
        closed = talk.kept or talk.asked or talk.outside or not talk.recorded
        return not closed and any(
            self._leads(who, place, today, sure=True)
            and self._leads(who, place, talk.day, sure=True)
            and all(self.lives(person, place, talk.day) for person in talk.talkers | talk.subjects)
            and not any(self._sit_together(talk, team) for team in LINE if team != place)
            for place in BRANCHES
        )

    def is_shown(self, who: str, talk: Said, at: datetime, today: date) -> bool:
        """Under a 调阅: for half an hour, of what it inspects, never 限参与人 nor from a 约谈."""
        since = talk.shown.get(who)
        if (
            since is None
            or talk.kept
            or talk.asked
            or not talk.recorded
            or at >= since + timedelta(minutes=30)
        ):
            return False
        return any(self._inspects(who, place, today) for place in self.ledgers(talk))

    def _sit_together(self, talk: Said, team: str) -> bool:
        """A talker and a subject, that day: the talk is that team's."""
        sitting = {post.person for post in self.posts if post.place == team and post.on(talk.day)}
        return bool(sitting & talk.talkers) and bool(sitting & talk.subjects)

    def _all(self) -> list[Held]:
        return [*self.posts, *self.homes]

    def _leads(self, who: str, place: str, day: date, *, sure: bool = False) -> bool:
        return any(
            post.leads
            and post.person == who
            and post.place == place
            and post.on(day)
            and (post.sure or not sure)
            for post in self.posts
        )

    def _inspects(self, who: str, place: str, today: date) -> bool:
        return self.inspect.get(who) in LINE[place] and not self.belongs(who, place, today)

    def _answers(self, who: str, place: str, today: date) -> bool:
        leads = any(self._leads(who, above, today) for above in LINE[place])
        return leads or self.staff.get(who) in LINE[place] or self._inspects(who, place, today)
