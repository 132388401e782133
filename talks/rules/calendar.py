"""Working days (rules.md section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Calendar:
    """The State Council's calendar: the days named in it, and the years that it knows.

    A day of a known year that is not named, and every day of other years, counts Monday to Friday.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()
