"""The exchange workbook on its way into the database and out of it (workbook.md)."""

from talks.services.exchange.exports import enter_export
from talks.services.exchange.imports import import_workbook
from talks.services.exchange.outcome import Outcome, SheetOutcome
from talks.services.exchange.reach import Reach, reach_of

__all__ = ["Outcome", "Reach", "SheetOutcome", "enter_export", "import_workbook", "reach_of"]
