"""Puts the sentences of texts/ together, so that no two talks say the same by chance."""

from collections.abc import Sequence
from datetime import date
from random import Random

from talks.management.demonstration.diary import Said
from talks.management.demonstration.people import RETIRED, Person
from talks.management.demonstration.texts import leaders, thoughts, work

# Before this day nobody tells of the floods of the year.
_FLOODS = date(2026, 7, 15)


class Speech:
    """Says something new each time."""

    def __init__(self) -> None:
        self._random = Random("谈话内容")
        self._said: set[tuple[str, ...]] = set()

    def in_branch(self, purpose: str, subject: Person, day: date) -> Said:
        """A talk in a branch about that day; `purpose` is committee, member, pair or group."""
        if subject.branch == RETIRED:
            pools: tuple[Sequence[str], ...] = (
                work.RETIRED,
                thoughts.RETIRED_SHORTCOMINGS,
                thoughts.RETIRED_NEEDS,
                thoughts.RETIRED_ANSWERS,
            )
        else:
            about = (
                work.SPRING if date(2026, 1, 1) <= day < _FLOODS else work.BY_DEPARTMENT[subject.department]
            )
            pools = (about, thoughts.SHORTCOMINGS, thoughts.NEEDS, thoughts.ANSWERS)
        content = self._new(*pools)
        topic = self._random.choice(thoughts.TOPICS[purpose])
        return self._said_with(topic, content, thoughts.OPINIONS, thoughts.REMEDIES)

    def of_leaders(self) -> Said:
        """A talk between members of the 党委 team, or of one with the head of a department."""
        content = self._new(leaders.OPENINGS, leaders.CRITICISMS, leaders.REPLIES)
        return self._said_with(
            self._random.choice(leaders.TOPICS), content, leaders.OPINIONS, leaders.REMEDIES
        )

    def on_key_post(self) -> Said:
        """A talk with the holder of a key post."""
        content = self._new(leaders.KEY_OPENINGS, leaders.KEY_REPLIES, thoughts.NEEDS)
        return self._said_with(self._random.choice(leaders.KEY_TOPICS), content, thoughts.OPINIONS, ())

    def _new(self, *pools: Sequence[str]) -> str:
        """One sentence of each pool; no earlier talk has more than one of them, where that can be."""
        for allowed in range(1, len(pools) + 1):
            for _ in range(60):
                chosen = tuple(self._random.choice(pool) for pool in pools)
                if all(len(set(chosen) & set(said)) <= allowed for said in self._said):
                    self._said.add(chosen)
                    return "".join(chosen)
        raise ValueError("没有新的话可说")

    def _said_with(self, topic: str, content: str, opinions: Sequence[str], remedies: Sequence[str]) -> Said:
        chance = self._random.random()
        count = 0 if chance < 0.4 else 1 if chance < 0.88 else 2
        suggested = "\n".join(self._random.sample(opinions, count))
        promised = self._random.choice(remedies) if remedies and count and self._random.random() < 0.6 else ""
        return Said(topic, content, suggested, promised)
