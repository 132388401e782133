"""Who may read and know what, written a second time from design.md sections 4 and 4a: sets, no database.

Nothing here comes from the permissions that it is held against. Persons and organisations are their
names. First what there is, then, in fifty lines, who may.
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


def held_in(rows: list[Held], place: str, day: date) -> dict[str, Held]:
    """The row of each person who holds something there on the day."""
    return {row.person: row for row in rows if row.place == place and row.on(day)}


@dataclass
class Oracle:
    """`posts`, `homes`: all that were ever held; `staff`, `inspect`: by account the place of the mandate."""

    posts: list[Held]
    homes: list[Held]
    staff: dict[str, str]
    inspect: dict[str, str]

    def reads(self, who: str, talk: Said, today: date) -> bool:
        """The whole record: talkers, recorder, the only subject, and the 书记 of those who live together."""
        people, kept = talk.talkers | talk.subjects, talk.kept or talk.asked or talk.outside
        if who in talk.talkers or who == talk.recorder or not talk.recorded:
            return who in talk.talkers or who == talk.recorder
        return talk.subjects == {who} or any(
            not kept
            and self.leads(who, place, today)
            and self.leads(who, place, talk.day)
            and people <= held_in(self.homes, place, talk.day).keys()
            and not any(self.is_of(talk, team, self.posts) for team in LINE if team != place)
            for place in BRANCHES
        )

    def knows(self, who: str, talk: Said, today: date) -> bool:
        """That the talk took place: whose own it is, who booked it, who answers for a ledger of it."""
        own = talk.talkers | talk.subjects | {talk.recorder, talk.booker}
        return who in own or any(
            self.inspects(who, place, today)
            or self.staff.get(who) in LINE[place]
            or any(self.leads(who, above, today, sure=False) for above in LINE[place])
            for place in self.ledgers(talk)
        )

    def is_shown(self, who: str, talk: Said, at: datetime, today: date) -> bool:
        """Under a 调阅: for half an hour, of what it inspects, never 限参与人 nor from a 约谈."""
        lasts = who in talk.shown and at < talk.shown[who] + timedelta(minutes=30)
        open_to = lasts and talk.recorded and not talk.kept and not talk.asked
        return open_to and any(self.inspects(who, place, today) for place in self.ledgers(talk))

    def ledgers(self, talk: Said) -> list[str]:
        """The organisations of which a talker and a subject were on the day, by post or affiliation."""
        return [place for place in LINE if self.is_of(talk, place, [*self.posts, *self.homes])]

    def is_of(self, talk: Said, place: str, rows: list[Held]) -> bool:
        there = held_in(rows, place, talk.day).keys()
        return bool(there & talk.talkers) and bool(there & talk.subjects)

    def leads(self, who: str, place: str, day: date, *, sure: bool = True) -> bool:
        rows = [row for row in self.posts if row.leads and (row.sure or not sure)]
        return who in held_in(rows, place, day)

    def inspects(self, who: str, place: str, today: date) -> bool:
        belongs = who in held_in([*self.posts, *self.homes], place, today)
        return self.inspect.get(who) in LINE[place] and not belongs
