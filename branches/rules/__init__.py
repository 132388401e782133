"""Pure decisions of branches: kinds of organisations, cells of a workbook, days of the calendar."""

from branches.rules.organisations import BRANCH_KINDS, COMMITTEE_KINDS, OrganisationKind, following_code

__all__ = ["BRANCH_KINDS", "COMMITTEE_KINDS", "OrganisationKind", "following_code"]
