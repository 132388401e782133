"""What a compliance report counts, and how much it may tell: pure sums on plain values.

owed, met, overdue and waived are those of workbook.md; what may be told of event duties, design.md section 4.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from talks.figures.coverage import percent
from talks.rules.presets import PRESETS
from talks.rules.words import LEAST_TO_SPLIT, DutyState

# How many hexadecimal digits of the figures' HMAC stand in a QR code: 128 bits, and it stays small.
MAC_PRINTED = 32

# The sets of rules in the order in which they are told, by the beginning of their codes.
SETS = {
    "three.": "三必谈",
    "life.": "组织生活会",
    "year.": "每年一次",
    "four.": "四个必谈",
    "six.": "六必谈",
    "six-b.": "六必谈（按性质）",
    "join.": "吸收新党员",
}
OTHER_RULES = "其他规则"
PLACES = {code: place for place, code in enumerate(PRESETS)}


def set_name(code: str) -> str:
    """The set that a rule belongs to, by its code."""
    return next((name for prefix, name in SETS.items() if code.startswith(prefix)), OTHER_RULES)


def set_rank(code: str) -> tuple[int, int, str]:
    """Sorts rules by set, within it as rules.md lists them, others after those by code."""
    sets = [*SETS.values(), OTHER_RULES]
    return sets.index(set_name(code)), PLACES.get(code, len(PLACES)), code


@dataclass(frozen=True, slots=True)
class Tally:
    """Duties counted by state. `met` holds the late ones; `owed` is all but the waived ones."""

    owed: int = 0
    met: int = 0
    late: int = 0
    overdue: int = 0
    waived: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.owed + other.owed,
            self.met + other.met,
            self.late + other.late,
            self.overdue + other.overdue,
            self.waived + other.waived,
        )

    @property
    def pending(self) -> int:
        """待谈, booked or not: neither met nor overdue."""
        return self.owed - self.met - self.overdue

    @property
    def all(self) -> int:
        """Every duty, the waived ones too."""
        return self.owed + self.waived

    @property
    def coverage(self) -> str:
        """覆盖率: met / owed in per cent, 「—」 where nothing is owed."""
        return percent(self.met, self.owed)

    @property
    def met_width(self) -> str:
        """How far the bar of what is met reaches, in hundredths of its length."""
        return self._share(self.met)

    @property
    def overdue_width(self) -> str:
        """How long the bar of what is overdue is, at the right end."""
        return self._share(self.overdue)

    @property
    def overdue_from(self) -> str:
        """Where it begins."""
        return f"{100 - float(self.overdue_width):.1f}"

    def _share(self, part: int) -> str:
        return f"{100 * part / self.owed:.1f}" if self.owed else "0.0"


def tally_of(states: Iterable[DutyState]) -> Tally:
    """Counts the states of duties."""
    owed = met = late = overdue = waived = 0
    for state in states:
        if state == DutyState.WAIVED:
            waived += 1
            continue
        owed += 1
        met += state in (DutyState.DONE, DutyState.LATE)
        late += state == DutyState.LATE
        overdue += state == DutyState.OVERDUE
    return Tally(owed, met, late, overdue, waived)


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum."""
    return sum(tallies, Tally())


@dataclass(frozen=True, slots=True)
class EventCells:
    """Event duties as they may be told: `own` of an organisation alone, `pooled` with others below it.

    `withheld` is the number of those that are left over at the top, fewer than three: it is only told that
    there are some.
    """

    own: Mapping[str, Tally]
    pooled: Mapping[str, Tally]
    withheld: int

    @property
    def total(self) -> Tally:
        """All that is told by state."""
        return total((*self.own.values(), *self.pooled.values()))


def event_cells(superiors: Sequence[tuple[str, str | None]], tallies: Mapping[str, Tally]) -> EventCells:
    """Pools event duties until no figure that is split by state stands for fewer than three of them.

    `superiors`: (organisation, its superior or None at the top of the report), superiors before those below
    them. What an organisation has is told alone from three on; smaller figures go up until, together, they
    are three. So the figures told are sums of parts that never overlap, and the parts do not depend on where
    the report begins: neither a total less its lines, nor one report less another, leaves fewer than three.
    """
    left = {code: Tally() for code, _ in superiors}
    own: dict[str, Tally] = {}
    pooled: dict[str, Tally] = {}
    withheld = 0
    for code, superior in reversed(superiors):
        mine = tallies.get(code, Tally())
        if mine.owed >= LEAST_TO_SPLIT:
            own[code] = mine
        else:
            left[code] += mine
        rest = left[code]
        if rest.owed >= LEAST_TO_SPLIT:
            pooled[code] = rest
        elif superior is None:
            withheld += rest.owed
        else:
            left[superior] += rest
    return EventCells(own, pooled, withheld)
