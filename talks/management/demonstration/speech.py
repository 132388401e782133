"""Puts the sentences of texts/ together, so that no two talks say the same by chance."""

from collections.abc import Sequence
from datetime import date
from random import Random

from talks.management.demonstration.diary import Said
from talks.management.demonstration.people import RETIRED, Person
from talks.management.demonstration.texts import leaders, thoughts, work

# Before this day nobody tells of the floods of the year.
_FLOODS = date(2026, 7, 15)


Pair = tuple[str, str]


class Speech:
    """Says something new each time."""

    def __init__(self) -> None:
        self._random = Random("谈话内容")
        self._said: set[tuple[str, ...]] = set()

    def in_branch(self, purpose: str, subject: Person, day: date) -> Said:
        """A talk in a branch about that day; `purpose` is committee, member, pair or group."""
        about, shortcomings, exchanges, suggestions = _pools(subject, day)
        content = self._new(about, shortcomings, ["".join(exchange) for exchange in exchanges])
        return self._said_with(self._random.choice(thoughts.TOPICS[purpose]), content, suggestions)

    def of_leaders(self) -> Said:
        """A talk between members of the 党委 team, or of one with the head of a department."""
        content = self._new(leaders.OPENINGS, leaders.CRITICISMS, leaders.REPLIES)
        return self._said_with(self._random.choice(leaders.TOPICS), content, leaders.SUGGESTIONS)

    def on_key_post(self) -> Said:
        """A talk with the holder of a key post."""
        content = self._new(leaders.KEY_OPENINGS, leaders.KEY_REPLIES, leaders.KEY_CLOSINGS)
        return Said(self._random.choice(leaders.KEY_TOPICS), content)

    def _new(self, *pools: Sequence[str]) -> str:
        """One sentence of each pool; no earlier talk has more than one of them, where that can be."""
        for allowed in range(1, len(pools) + 1):
            for _ in range(60):
                chosen = tuple(self._random.choice(pool) for pool in pools)
                if all(len(set(chosen) & set(said)) <= allowed for said in self._said):
                    self._said.add(chosen)
                    return "".join(chosen)
        raise ValueError("没有新的话可说")

    def _said_with(self, topic: str, content: str, suggestions: Sequence[Pair]) -> Said:
        """With no, one or two suggestions, some of which are taken up."""
        chance = self._random.random()
        chosen = self._random.sample(suggestions, 0 if chance < 0.4 else 1 if chance < 0.88 else 2)
        taken_up = [remedy for _, remedy in chosen if self._random.random() < 0.6]
        return Said(topic, content, "\n".join(opinion for opinion, _ in chosen), "\n".join(taken_up))


def _pools(subject: Person, day: date) -> tuple[Sequence[str], Sequence[str], Sequence[Pair], Sequence[Pair]]:
    """What a person of that kind tells on such a day: work, shortcomings, wishes and answers, suggestions."""
    if subject.branch == RETIRED:
        return (
            work.RETIRED,
            thoughts.RETIRED_SHORTCOMINGS,
            thoughts.RETIRED_EXCHANGES,
            thoughts.RETIRED_SUGGESTIONS,
        )
    at_work = work.BY_DEPARTMENT[subject.department]
    about = work.SPRING if date(2026, 1, 1) <= day < _FLOODS else at_work
    if at_work is work.STATIONS:
        exchanges = thoughts.EXCHANGES + thoughts.STATION_EXCHANGES
        return about, thoughts.SHORTCOMINGS, exchanges, thoughts.SUGGESTIONS + thoughts.STATION_SUGGESTIONS
    return about, thoughts.SHORTCOMINGS, thoughts.EXCHANGES, thoughts.SUGGESTIONS
