"""Who may open which address: what a row of the table says. The rows stand in tests/<app>/access.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.conftest import World

ROLES = (
    "chief",  # 书记 of the committee above
    "deputy",  # in the team of the committee above
    "head",  # head of a department of the committee, affiliated with the branch
    "secretary",  # 书记 of the branch
    "committee_member",  # in the team of the branch
    "member",  # of the branch
    "other_secretary",  # 书记 of another branch under the same committee
    "stranger",  # 书记 of a branch in another tree
    "staff",  # 党务管理员 of the committee and all below
    "inspector",  # 督查 of the committee and all below
    "system",
    "security",
    "auditor",
)
HIDDEN = 404

Arguments = Callable[[World], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Row:
    """One address and what each role is answered; whoever is not named gets 404, as if it did not exist.

    `arguments` makes what the address is about, in the world, and gives the arguments of the address.
    `asked` makes the query, where it holds what is in the world. `post` is what is sent where the address
    takes no GET. `is_open`: also for those who have not signed in.
    """

    name: str
    statuses: Mapping[str, int]
    arguments: Arguments | None = None
    post: Callable[[World], Mapping[str, object]] | None = None
    query: str = ""
    asked: Callable[[World], str] | None = None
    is_open: bool = False


def only(*roles: str, status: int = 200) -> dict[str, int]:
    """The roles named are answered with the status."""
    assert set(roles) <= set(ROLES), set(roles) - set(ROLES)
    return dict.fromkeys(roles, status)


def everybody(status: int = 200) -> dict[str, int]:
    """All who have signed in are answered with the status."""
    return dict.fromkeys(ROLES, status)
