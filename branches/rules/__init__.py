"""Pure decisions of branches: kinds of organisations, cells of a workbook, working days."""

from branches.rules.organisations import BRANCH_KINDS, COMMITTEE_KINDS, OrganisationKind, following_code
from branches.rules.working_days import is_weekday

__all__ = ["BRANCH_KINDS", "COMMITTEE_KINDS", "OrganisationKind", "following_code", "is_weekday"]
