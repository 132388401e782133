"""How many duties are owed, met, booked and overdue: figures and the bar that shows them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from talks.rules.duties import Duty
from talks.rules.words import DutyState


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
        """Met of owed in per cent with one decimal, rounded down so that 100.0% means all; 「—」 of none."""
        return f"{self.met * 1000 // self.owed / 10:.1f}%" if self.owed else "—"

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
    states = Counter(duty.state for duty in duties)
    waived = states[DutyState.WAIVED]
    return Coverage(
        owed=states.total() - waived,
        met=states[DutyState.DONE] + states[DutyState.LATE],
        scheduled=states[DutyState.SCHEDULED],
        overdue=states[DutyState.OVERDUE],
        waived=waived,
    )
