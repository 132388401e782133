"""Kinds of party organisations (rules.md section 1)."""

from collections.abc import Iterable
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


def following_code(codes: Iterable[str], prefix: str, digits: int) -> str:
    """The next free code of the form prefix and number, one above the highest that is taken.

    `following_code(["HC-001", "HC-007", "HC-A"], "HC-", 3)` is "HC-008". The number outgrows its digits where
    it must.
    """
    taken = [code.removeprefix(prefix) for code in codes if code.startswith(prefix)]
    numbers = [int(tail) for tail in taken if tail.isascii() and tail.isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:0{digits}}"
