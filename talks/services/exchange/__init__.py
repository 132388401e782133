"""The exchange workbook on its way into the database and out of it (workbook.md)."""

from talks.services.exchange.exports import enter_export
from talks.services.exchange.imports import import_workbook
from talks.services.exchange.numbering import number_roster
from talks.services.exchange.outcome import Outcome, SheetOutcome
from talks.services.exchange.reach import Reach, reach_of
from talks.services.exchange.uploads import (
    add_upload,
    check_upload,
    claim_next_upload,
    confirm_upload,
    discard_abandoned_uploads,
    discard_upload,
    fail_upload,
    hand_back_upload,
    import_upload,
    note_progress,
    refuse_upload,
    renew_claim,
)

__all__ = [
    "Outcome",
    "Reach",
    "SheetOutcome",
    "add_upload",
    "check_upload",
    "claim_next_upload",
    "confirm_upload",
    "discard_abandoned_uploads",
    "discard_upload",
    "enter_export",
    "fail_upload",
    "hand_back_upload",
    "import_upload",
    "import_workbook",
    "note_progress",
    "number_roster",
    "reach_of",
    "refuse_upload",
    "renew_claim",
]
