"""一键排谈: pairs are put into slots, nobody twice into one, nobody above his daily limit.

A colouring of the edges of a graph: the pairs are its edges, the slots the colours, and each person has some
of them only. A person's slots are the bits of one number, so that what two have in common is one operation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# Where a pair finds no place: so many steps of putting others elsewhere; of few pairs, all possibilities.
STEPS_A_PAIR = 300
STEPS = 6_000
LOOKS_A_PAIR = 20_000
LOOKS = 100_000
FEW = 30
REST = 7


@dataclass(frozen=True, slots=True)
class Room:
    """What a person has: the slots in which he is free, and how many talks a day may hold."""

    free: int
    limits: tuple[int, ...]


class Board:
    """Pairs (of persons by number) in slots (by number). `ideal` is the day on which a pair would best be.

    `days` holds the slots of each day, as bits; slots of no day, the extra ones, know no limit.
    """

    def __init__(self, pairs: Sequence[tuple[int, int]], rooms: Sequence[Room], days: Sequence[int]) -> None:
        self.pairs = pairs
        self.rooms = rooms
        self.days = days
        self.day_of = {slot: number for number, day in enumerate(days) for slot in bits(day)}
        self.at: dict[int, int] = {}
        self.taken: list[dict[int, int]] = [{} for _ in rooms]
        self.taken_bits = [0] * len(rooms)
        self.loads = [[0] * len(days) for _ in rooms]
        # Free in no slot of a day that is full.
        self.closed = [0] * len(rooms)
        self.totals = [0] * len(days)
        self.at_once: dict[int, int] = {}
        self.ideal = [number * len(days) // max(1, len(pairs)) for number in range(len(pairs))]
        self.steps, self.looks = STEPS, LOOKS
        self.gave_up = False
        for person, room in enumerate(rooms):
            for day, limit in enumerate(room.limits):
                if limit <= 0:
                    self.closed[person] |= days[day]

    def common(self, pair: int) -> int:
        """The slots in which both could be, were nothing laid yet."""
        one, other = self.pairs[pair]
        return self.rooms[one].free & self.rooms[other].free

    def open(self, pair: int) -> int:
        """The slots in which the pair can be put as things stand."""
        one, other = self.pairs[pair]
        shut = self.taken_bits[one] | self.taken_bits[other] | self.closed[one] | self.closed[other]
        return self.common(pair) & ~shut

    def capacity(self, person: int) -> int:
        """How many talks the person can have at most."""
        room = self.rooms[person]
        regular = 0
        number = 0
        for day, limit in zip(self.days, room.limits, strict=True):
            number += max(0, min(limit, (room.free & day).bit_count()))
            regular |= day
        return number + (room.free & ~regular).bit_count()

    def put(self, pair: int, slot: int) -> None:
        """Puts the pair into the slot, which is open to it."""
        self.at[pair] = slot
        day = self.day_of.get(slot)
        for person in self.pairs[pair]:
            self.taken[person][slot] = pair
            self.taken_bits[person] |= 1 << slot
            if day is not None:
                self.loads[person][day] += 1
                if self.loads[person][day] >= self.rooms[person].limits[day]:
                    self.closed[person] |= self.days[day]
        self.at_once[slot] = self.at_once.get(slot, 0) + 1
        if day is not None:
            self.totals[day] += 1

    def take(self, pair: int) -> int:
        """Takes the pair out of its slot, and says which it was."""
        slot = self.at.pop(pair)
        day = self.day_of.get(slot)
        for person in self.pairs[pair]:
            del self.taken[person][slot]
            self.taken_bits[person] &= ~(1 << slot)
            if day is not None:
                self.loads[person][day] -= 1
                if self.loads[person][day] < self.rooms[person].limits[day]:
                    self.closed[person] &= ~self.days[day]
        self.at_once[slot] -= 1
        if day is not None:
            self.totals[day] -= 1
        return slot

    def lay(self, placed: Mapping[int, int]) -> None:
        """Clears the board and lays these pairs into these slots."""
        for pair in list(self.at):
            self.take(pair)
        for pair, slot in placed.items():
            self.put(pair, slot)

    def best(self, pair: int, slots: int) -> int:
        """Of the slots the one that spreads best: few talks of the two that day, near its ideal day.

        And few talks of anybody that day. Extra slots come last; of equal ones the one with the fewest talks
        at once, then the earlier.
        """
        one, other = self.pairs[pair]

        def cost(slot: int) -> tuple[int, int, int]:
            day = self.day_of.get(slot)
            at_once = self.at_once.get(slot, 0)
            if day is None:
                return (len(self.days) * 100, at_once, slot)
            crowd = self.loads[one][day] + self.loads[other][day]
            return (4 * crowd + abs(day - self.ideal[pair]) + 3 * self.totals[day], at_once, slot)

        return min(bits(slots), key=cost)

    def insert(self, pair: int) -> bool:
        """Puts the pair somewhere, if need be after others have made room; none of these is lost.

        False where it was not found possible: the board is as before then.
        """
        if slots := self.open(pair):
            self.put(pair, self.best(pair, slots))
            return True
        if not self.common(pair) or any(
            len(self.taken[person]) >= self.capacity(person) for person in self.pairs[pair]
        ):
            return False
        before = dict(self.at)
        if self._shift(pair):
            return True
        found = self.search([*before, pair]) if len(before) < FEW else None
        self.lay(found or before)
        return found is not None

    def _shift(self, pair: int) -> bool:
        """Puts the pair where it drives out the fewest, these where they drive out the fewest, and so on.

        Who has been driven out least often goes first, and does not come back at once: no chance is involved.
        """
        waiting = [pair]
        driven: dict[int, int] = {}
        barred: dict[tuple[int, int], int] = {}
        for step in range(min(STEPS_A_PAIR, self.steps)):
            if not waiting:
                return True
            self.steps -= 1
            mover = waiting.pop(0)
            if slots := self.open(mover):
                self.put(mover, self.best(mover, slots))
                continue
            choices = self._choices(mover, [key for key, until in barred.items() if until > step])
            if not choices:
                waiting.append(mover)
                continue
            slot, out = min(choices, key=lambda choice: (*self._weight(choice[1], driven), choice[0]))
            for other in out:
                barred[other, self.take(other)] = step + REST + len(waiting)
                driven[other] = driven.get(other, 0) + 1
            waiting += out
            if self.open(mover) >> slot & 1:
                self.put(mover, slot)
            else:
                waiting.append(mover)
        return not waiting

    def _choices(self, pair: int, barred: Sequence[tuple[int, int]]) -> list[tuple[int, list[int]]]:
        """Slots that the pair could have if others made room, with these; only one, where one is enough."""
        slots = self.common(pair)
        for other, slot in barred:
            if other == pair:
                slots &= ~(1 << slot)
        one, other = self.pairs[pair]
        alone = ~(self.taken_bits[one] | self.closed[one]) ^ ~(self.taken_bits[other] | self.closed[other])
        found = [
            (slot, out) for slot in bits(slots & alone or slots) if (out := self._in_the_way(pair, slot))
        ]
        fewest = min((len(out) for _, out in found), default=0)
        return [(slot, out) for slot, out in found if len(out) == fewest]

    def _weight(self, pairs: Sequence[int], driven: Mapping[int, int]) -> tuple[int, int]:
        return len(pairs), sum(driven.get(pair, 0) for pair in pairs)

    def _in_the_way(self, pair: int, slot: int) -> list[int]:
        """Which pairs must go so that this one can have the slot; none where they cannot help."""
        out: list[int] = []
        day = self.day_of.get(slot)
        for person in self.pairs[pair]:
            there = self.taken[person]
            if slot in there:
                out.append(there[slot])
            elif day is not None and self.closed[person] & self.days[day]:
                that_day = [there[one] for one in bits(self.days[day] & self.taken_bits[person])]
                if not that_day:
                    return []
                # Another one for each slot of the day, so that all have their turn.
                out.append(that_day[slot % len(that_day)])
        return list(dict.fromkeys(out))

    def search(self, pairs: Sequence[int]) -> dict[int, int] | None:
        """All these pairs in slots, found by going through every possibility; None where there is none.

        None also where there were too many, which `gave_up` tells then. What was on the board is gone.
        """
        self.lay({})
        left = allowed = min(LOOKS_A_PAIR, self.looks)
        # Extra slots that everybody has are alike: of those still empty one will do.
        alike = [
            slot
            for slot in bits(self.rooms[0].free)
            if slot not in self.day_of and all(room.free >> slot & 1 for room in self.rooms)
        ]

        def descend(waiting: frozenset[int]) -> bool:
            nonlocal left
            if not waiting:
                return True
            left -= len(waiting)
            if left < 0:
                return False
            pair = min(waiting, key=lambda one: (self.open(one).bit_count(), one))
            unused = [slot for slot in alike if not any(slot in there for there in self.taken)]
            for slot in bits(self.open(pair)):
                if slot not in unused[1:]:
                    self.put(pair, slot)
                    if descend(waiting - {pair}):
                        return True
                    self.take(pair)
            return False

        found = descend(frozenset(pairs))
        self.looks -= allowed - max(left, 0)
        self.gave_up = not found and left < 0
        return dict(self.at) if found else None


def bits(number: int) -> Iterator[int]:
    """The places of the ones, the lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
