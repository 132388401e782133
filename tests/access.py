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
    "colleague",  # of the branch too: a stranger to what is between the others
    "former",  # 书记 of the branch until yesterday, since then its ordinary member
    "other_secretary",  # 书记 of another branch under the same committee
    "other_committee_member",  # in the team of that other branch
    "other_member",  # of that other branch
    "stranger",  # 书记 of a branch in another tree
    "staff",  # 党务管理员 of the committee and all below
    "inspector",  # 督查 of the committee and all below
    "other_staff",  # 党务管理员 of a third tree
    "other_inspector",  # 督查 of a third tree
    "system",
    "security",
    "auditor",
)
HIDDEN = 404

# Whose work they do elsewhere, or did: on a page that is about nothing in particular they are answered
# alike; what is about somebody or something of the branch they do not find.
ELSEWHERE = {
    "colleague": "member",
    "former": "member",
    "other_member": "member",
    "other_committee_member": "committee_member",
    "other_staff": "staff",
    "other_inspector": "inspector",
}

# Read and sent: GET, HEAD and POST. Every other address is read alone (GET, HEAD), or is sent alone (POST)
# where its row says what is sent.
FORMS = frozenset(
    {
        *("duties-book", "duties-group", "duty-waive", "waiver-decline", "waiver-take-back", "waiver-revoke"),
        *("disclosure-approve", "disclosure-decline", "disclosure-take-back", "disclosure-revoke"),
        *("disclosure-read", "notice-preference", "talk-book", "talk-disclose", "talk-change", "talk-cancel"),
        *("talk-record", "talk-prepare", "talk-draft", "talk-correct", "talk-correction-ask"),
        *("talk-correction-answer", "talk-amend", "talk-attach", "talk-sign", "talk-attachment-remove"),
        *("request-when", "request-about", "request-hours", "request-add", "request-accept"),
        *("request-propose", "request-hand-over", "request-withdraw", "meeting-add", "meeting-arrange"),
        *("meeting-enter", "meeting-merge", "meeting-merged", "meeting-split", "meeting-release"),
        *("meeting-change", "meeting-remove", "remedy", "remedy-assign", "remedy-release", "remedy-retract"),
        *("remedy-settle", "settlement-return", "settlement-take-back", "rule-add", "rule-switch"),
        *("rule-change", "rule-end", "rule-remove", "uploads", "event-add", "event-change", "event-remove"),
        *("prove-second-factor", "begin-second-factor", "confirm-identity", "own-second-factor"),
        *(
            "own-second-factor-stop",
            "account-reset",
            "sign-in",
            "choose-password",
            "change-password",
            "account-open",
            "account-open-branch",
        ),
        *("account-deactivate", "mandate-grant", "mandate-end", "organisation-add", "organisation-change"),
        *("organisation-dissolve", "organisation-remove", "department-add", "department-change"),
        *("department-remove", "member-add", "member-change", "member-remove", "member-transfer"),
        *("affiliation-change", "affiliation-remove", "post-add", "post-change", "post-end", "post-remove"),
        *("post-confirm", "portfolio-add", "portfolio-change", "portfolio-remove", "liaison-add"),
        *("liaison-change", "liaison-remove", "working-day-add", "working-day-change", "working-day-remove"),
        *("working-days-import", "report-ask", "finding-explain", "finding-dismiss", "finding-reopen"),
        *("sample", "verify-ask"),
    }
)
# Neither read nor sent at any address.
NEVER = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

Arguments = Callable[[World], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Row:
    """One address and what each role is answered; whoever is not named gets 404, as if it did not exist.

    Who does the work of another elsewhere (`ELSEWHERE`) is answered like him where the page is about nothing
    in particular. `arguments` makes what the address is about, in the world, and gives the arguments of the
    address; `is_general` where that belongs to all organisations alike. `asked` makes the query, where it
    holds what is in the world. `post` is what is sent where the address takes no GET. `is_open`: also for
    those who have not signed in.
    """

    name: str
    statuses: Mapping[str, int]
    arguments: Arguments | None = None
    post: Callable[[World], Mapping[str, object]] | None = None
    query: str = ""
    asked: Callable[[World], str] | None = None
    is_open: bool = False
    is_general: bool = False

    def status_for(self, role: str) -> int:
        """What the role is answered, by GET or, where the row says what is sent, by POST."""
        if role in self.statuses:
            return self.statuses[role]
        if (self.arguments is None and self.asked is None) or self.is_general:
            return self.statuses.get(ELSEWHERE.get(role, role), HIDDEN)
        return HIDDEN


def only(*roles: str, status: int = 200) -> dict[str, int]:
    """The roles named are answered with the status."""
    assert set(roles) <= set(ROLES), set(roles) - set(ROLES)
    return dict.fromkeys(roles, status)


def everybody(status: int = 200) -> dict[str, int]:
    """All who have signed in are answered with the status."""
    return dict.fromkeys(ROLES, status)
