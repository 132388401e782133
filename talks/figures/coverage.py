"""How many duties are owed, met, booked and overdue: figures and the bar that shows them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from talks.rules.duties import Duty
from talks.rules.words import DutyState


def percent(met: int, owed: int) -> str:
    """Met of owed in per cent with one decimal, 「—」 where nothing is owed; screens and papers say the same.

    Halves are rounded up, but what is not whole never reads 100.0%, and what is not nothing never 0.0%.
    """
    if not owed:
        return "—"
    tenths = (2000 * met + owed) // (2 * owed)
    if 0 < met < owed:
        tenths = min(max(tenths, 1), 999)
    return f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of duties as `summary` of workbook.md counts them: owed is all but 免予谈话."""

    owed: int = 0
    met: int = 0
    scheduled: int = 0
    overdue: int = 0
    waived: int = 0

    @property
    def unbooked(self) -> int:
        """待谈: neither met nor booked nor overdue."""
        return self.owed - self.met - self.scheduled - self.overdue

    @property
    def rate(self) -> str:
        """覆盖率, as `percent` says."""
        return percent(self.met, self.owed)

    @property
    def met_width(self) -> str:
        """Width of the thick bar, in hundredths."""
        return self._share(self.met)

    @property
    def scheduled_width(self) -> str:
        """Width of the half-thick bar."""
        return self._share(self.scheduled)

    @property
    def overdue_width(self) -> str:
        """Width of the red bar at the right end."""
        return self._share(self.overdue)

    @property
    def overdue_from(self) -> str:
        """Where the red bar begins."""
        return f"{100 - 100 * self.overdue / self.owed:.1f}" if self.owed else "100"

    def _share(self, part: int) -> str:
        return f"{100 * part / self.owed:.1f}" if self.owed else "0"


def coverage(duties: Iterable[Duty]) -> Coverage:
    """The figures of the duties."""
    return coverage_of(Counter(duty.state for duty in duties))


def coverage_of(states: Mapping[DutyState, int]) -> Coverage:
    """The figures of so many duties in each state."""
    waived = states.get(DutyState.WAIVED, 0)
    return Coverage(
        owed=sum(states.values()) - waived,
        met=states.get(DutyState.DONE, 0) + states.get(DutyState.LATE, 0),
        scheduled=states.get(DutyState.SCHEDULED, 0),
        overdue=states.get(DutyState.OVERDUE, 0),
        waived=waived,
    )
