"""Who can sign in to the demonstration: one person for each role, with one printed password."""

from dataclasses import dataclass
from datetime import date, datetime

from branches.models import Organisation
from members.models import Account, MandateKind, Member, Post
from members.services.accounts import open_account
from members.services.mandates import grant_mandate
from members.services.posts import confirm_post
from talks.management.demonstration.organisations import COMMITTEE
from talks.management.demonstration.people import Person, Roster
from vault.services import Actor

# No secret: it opens accounts of the demonstration only, which hold nothing but invented people.
PASSWORD = "shangyou-2026-demo"
_SINCE = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the table: the role, the account, whose it is, and the mandate that makes the role."""

    role: str
    username: str
    name: str
    person: Person | None = None
    mandate: MandateKind | None = None


def sign_ins(roster: Roster) -> list[SignIn]:
    """One for each role; those without a person are no members of the organisation."""

    def of(role: str, username: str, person: Person, mandate: MandateKind | None = None) -> SignIn:
        return SignIn(role, username, person.name, person, mandate)

    return [
        of("党委书记", "dangwei", roster.leaders["secretary"]),
        of("支部书记", "shuji", roster.at("SYJ-HC", 0)),
        of("支部委员", "zhiwei", roster.at("SYJ-HC", 1)),
        of("部门主要负责人", "bumen", roster.at("SYJ-JG1", 1)),
        of("党员", "dangyuan", roster.at("SYJ-HC", 7)),
        of("党务管理员", "dangwu", roster.at("SYJ-JG1", 2), MandateKind.STAFF),
        SignIn("督查", "ducha", "许知衡", mandate=MandateKind.INSPECTOR),
        SignIn("系统管理员", "xitong", "方启文", mandate=MandateKind.SYSTEM),
        SignIn("安全管理员", "anquan", "尤静宁", mandate=MandateKind.SECURITY),
        SignIn("安全审计员", "shenji", "詹守正", mandate=MandateKind.AUDITOR),
    ]


def open_sign_ins(*, roster: Roster, actor: Actor, at: datetime) -> None:
    """Opens the accounts, grants the mandates in the name of the 党委书记, confirms the secretaries."""
    top = Organisation.objects.get(code=COMMITTEE)
    members = Member.objects.in_bulk(field_name="code")
    granter: Account | None = None
    for line in sign_ins(roster):
        account, _ = open_account(
            actor=actor,
            at=at,
            username=line.username,
            name=line.name,
            member=members[line.person.code] if line.person else None,
            is_demonstration=True,
            password=PASSWORD,
        )
        granter = granter or account
        if line.mandate:
            over = top if line.mandate in (MandateKind.STAFF, MandateKind.INSPECTOR) else None
            grant_mandate(
                actor=actor,
                at=at,
                account=account,
                kind=line.mandate,
                organisation=over,
                since=_SINCE,
                granted_by=granter,
            )
    above = members[roster.leaders["secretary"].code]
    for post in Post.objects.filter(is_principal=True).exclude(member=above).order_by("pk"):
        confirm_post(actor=actor, at=at, post=post, by=above)
