"""Pure decisions of branches."""

import pytest

from branches.rules import BRANCH_KINDS, COMMITTEE_KINDS, OrganisationKind, following_code


def test_every_kind_is_a_branch_kind_or_a_committee_kind() -> None:
    assert {str(kind) for kind in BRANCH_KINDS} == {"党支部", "联合党支部", "临时党支部"}
    assert {str(kind) for kind in COMMITTEE_KINDS} == {"党委", "党组", "机关党委", "党总支"}
    assert set(OrganisationKind) == BRANCH_KINDS | COMMITTEE_KINDS


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], "HC-001"),
        (["HC-001"], "HC-002"),
        (["HC-001", "HC-007"], "HC-008"),
        (["HC-A", "HC-", "HC-00２", "HCX-009"], "HC-001"),
        (["HC-999"], "HC-1000"),
        (["HC-01", "HC-0002"], "HC-003"),
        (["HC-001-5"], "HC-001"),
    ],
)
def test_the_following_code_is_one_above_the_highest(codes: list[str], expected: str) -> None:
    assert following_code(codes, "HC-", 3) == expected
