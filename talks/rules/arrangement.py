"""一键排谈: all pairs of a meeting laid into free slots, and what is wanting where they do not fit.

Plain values in, plain values out; the same in gives the same out. A greedy colouring of edges with repair
(board.py) needs no solver: `make bench` measures it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from talks.rules.board import FEW, LOOKS, Board, Room
from talks.rules.slots import Busy, Slot
from talks.rules.words import Pairing

# More individual talks a day than this are themselves a fault (domain.md).
MOST_A_DAY = 8
# 三必谈 in its order (domain.md): 主要负责同志和班子成员, 班子成员相互之间, then 分管部门; branches likewise.
PRECEDENCE = (
    Pairing.PRINCIPAL_TEAM,
    Pairing.TEAM_TEAM,
    Pairing.COMMITTEE_COMMITTEE,
    Pairing.TEAM_HEADS,
    Pairing.COMMITTEE_MEMBER,
    Pairing.MEMBER_MEMBER,
)


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two persons, by code, who are to talk once. The lower `rank` goes first; `key` names the pair."""

    rank: int
    key: str
    one: str = field(compare=False)
    other: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """Within which limits it is arranged.

    `slots` lie apart from each other by the gap (in seconds); `daily_limit` holds for each person.
    """

    slots: tuple[Slot, ...]
    busy: tuple[Busy, ...] = ()
    gap: int = 0
    daily_limit: int = 4


@dataclass(frozen=True, slots=True)
class Crowded:
    """A person who owes more talks than he has room for."""

    person: str
    wanted: int
    room: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """What would let everything be placed; an extra slot is one that everybody has beside the daily limit.

    With `enough` extra slots all is placed, with fewer than `least` it surely cannot be: where they are the
    same, that is the number. `daily_limit`: the lowest with which all is placed, None where none would do.
    """

    least: int
    enough: int
    daily_limit: int | None
    crowded: tuple[Crowded, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which pair is placed where, by key, and which are left."""

    placed: Mapping[str, Slot]
    left: tuple[Pair, ...]


def rank_of(pairing: str) -> int:
    """The place of the pairing among those that go first; what is not named there goes last."""
    names = [str(one) for one in PRECEDENCE]
    return names.index(pairing) if pairing in names else len(names)


def arrange(pairs: Sequence[Pair], terms: Terms) -> Arrangement:
    """Lays the pairs into the slots, the lower rank first and earlier in the window.

    A pair that is placed never gives way to one that comes after it.
    """
    table = _Table(pairs, terms)
    table.place()
    return table.arrangement()


def shortage_of(pairs: Sequence[Pair], terms: Terms, arrangement: Arrangement) -> Shortage | None:
    """What is wanting where the arrangement of the pairs leaves some; None where it leaves none."""
    if not arrangement.left:
        return None
    table = _Table(pairs, terms)
    left = [number for number, pair in enumerate(table.pairs) if pair.key not in arrangement.placed]
    table.lay(arrangement)
    least = table.least_more()
    growing = _growing(max(1, least), len(left))
    enough = next((one for one in growing if _Table(pairs, terms, one).fill(arrangement)), len(left))
    while least < enough and len(pairs) <= FEW:
        below = _Table(pairs, terms, enough - 1)
        if below.board.search(range(len(below.pairs))):
            enough -= 1
        elif below.board.gave_up:
            break
        else:
            least = enough
    higher = range(terms.daily_limit + 1, MOST_A_DAY + 1)
    limit = next((one for one in higher if _Table(pairs, replace(terms, daily_limit=one)).is_enough()), None)
    return Shortage(least, enough, limit, table.crowded())


def _growing(least: int, most: int) -> Iterator[int]:
    """Numbers from the least to below the most, one by one at first, then in longer strides."""
    number, stride = least, 0
    while number < most:
        yield number
        number += max(1, stride // 2)
        stride += 1


class _Table:
    """The pairs on a board: persons, slots and days by number. `extra` slots that everybody has are added."""

    def __init__(self, pairs: Sequence[Pair], terms: Terms, extra: int = 0) -> None:
        self.pairs = sorted(pairs)
        self.slots = sorted(terms.slots)
        self.codes = sorted({code for pair in self.pairs for code in (pair.one, pair.other)})
        number = {code: place for place, code in enumerate(self.codes)}
        self.edges = [(number[pair.one], number[pair.other]) for pair in self.pairs]
        by_day: dict[date, int] = {}
        for place, slot in enumerate(self.slots):
            if not slot.is_extra:
                by_day[slot.day] = by_day.get(slot.day, 0) | 1 << place
        self.days = list(by_day.values())
        rooms = _rooms(self.codes, self.slots, list(by_day), terms, extra)
        self.board = Board(self.edges, rooms, self.days)

    def place(self) -> None:
        """Inserts the pairs in their order; of few, all possibilities are gone through before one is left."""
        every = range(len(self.pairs))
        for number in every:
            self.board.insert(number)
        if len(self.board.at) == len(every) or len(every) > FEW:
            return
        before = dict(self.board.at)
        self.board.looks = LOOKS
        self.board.lay(self.board.search(every) or before)

    def lay(self, arrangement: Arrangement) -> None:
        """Puts the pairs where they are arranged."""
        place = {slot: number for number, slot in enumerate(self.slots)}
        placed = arrangement.placed
        self.board.lay(
            {number: place[placed[pair.key]] for number, pair in enumerate(self.pairs) if pair.key in placed}
        )

    def fill(self, arrangement: Arrangement) -> bool:
        """Whether the pairs that are left can be added to what is placed."""
        self.lay(arrangement)
        left = (number for number in range(len(self.pairs)) if number not in self.board.at)
        return all(self.board.insert(number) for number in list(left))

    def is_enough(self) -> bool:
        """Whether all can be placed."""
        return not self.least_more() and all(self.board.insert(number) for number in range(len(self.pairs)))

    def arrangement(self) -> Arrangement:
        """What stands on the board."""
        placed = {self.pairs[number].key: self.slots[slot] for number, slot in self.board.at.items()}
        return Arrangement(placed, tuple(pair for pair in self.pairs if pair.key not in placed))

    def crowded(self) -> tuple[Crowded, ...]:
        """Who owes more than he has room for, by code."""
        found = []
        for person, code in enumerate(self.codes):
            wanted, room = len(self._edges_of(person)), self.board.capacity(person)
            if wanted > room:
                found.append(Crowded(code, wanted, room))
        return tuple(found)

    def least_more(self) -> int:
        """A number of extra slots without which it surely cannot be done.

        Each extra slot holds one talk of a person, and of a set of persons half as many as they are.
        """
        bounds = [0]
        for person in range(len(self.codes)):
            mine = self._edges_of(person)
            # These two are never free together.
            apart = sum(not self.board.common(edge) for edge in mine)
            bounds.append(apart + max(0, len(mine) - apart - self.board.capacity(person)))
        by_degree = sorted(range(len(self.codes)), key=lambda person: -len(self._edges_of(person)))
        for size in range(3, len(by_degree) + 1):
            among = frozenset(by_degree[:size])
            inside = sum(one in among and other in among for one, other in self.edges)
            bounds.append(-(-(inside - self._capacity_of(among)) // (size // 2)))
        return max(bounds)

    def _edges_of(self, person: int) -> list[int]:
        return [number for number, edge in enumerate(self.edges) if person in edge]

    def _capacity_of(self, among: frozenset[int]) -> int:
        """How many talks these persons can have with each other at most."""
        rooms = self.board.rooms
        number = 0
        for day, mask in enumerate(self.days):
            slots = [place for place in range(mask.bit_length()) if mask >> place & 1]
            by_slot = sum(sum(rooms[person].free >> slot & 1 for person in among) // 2 for slot in slots)
            by_limit = sum(
                max(0, min(rooms[person].limits[day], (rooms[person].free & mask).bit_count()))
                for person in among
            )
            number += min(by_slot, by_limit // 2)
        extra = [slot for slot in range(len(self.slots)) if slot not in self.board.day_of]
        return number + sum(sum(rooms[person].free >> slot & 1 for person in among) // 2 for slot in extra)


def _rooms(
    codes: Sequence[str], slots: Sequence[Slot], days: Sequence[date], terms: Terms, extra: int
) -> list[Room]:
    busy: dict[str, list[Busy]] = {}
    for one in terms.busy:
        busy.setdefault(one.person, []).append(one)
    added = (1 << extra) - 1 << len(slots)
    rooms = []
    for code in codes:
        mine = busy.get(code, ())
        free = added
        for place, slot in enumerate(slots):
            if not any(one.meets(slot, terms.gap) for one in mine):
                free |= 1 << place
        limits = tuple(terms.daily_limit - sum(one.counts and one.day == day for one in mine) for day in days)
        rooms.append(Room(free, limits))
    return rooms
