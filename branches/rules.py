"""Kinds of party organisations (rules.md section 1)."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    """组织类型."""

    COMMITTEE = "党委"
    GROUP = "党组"
    AGENCY_COMMITTEE = "机关党委"
    GENERAL_BRANCH = "党总支"
    BRANCH = "党支部"
    JOINT_BRANCH = "联合党支部"
    TEMPORARY_BRANCH = "临时党支部"


BRANCH_KINDS = frozenset(
    {OrganisationKind.BRANCH, OrganisationKind.JOINT_BRANCH, OrganisationKind.TEMPORARY_BRANCH}
)
COMMITTEE_KINDS = frozenset(OrganisationKind) - BRANCH_KINDS
