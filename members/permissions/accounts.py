"""Rights over accounts and mandates."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from branches.models import OrganisationQuerySet as Organisations
from members.models import Account, Affiliation, Mandate, MandateKind, Member
from members.models.dated import DatedQuerySet
from members.models.people import MemberQuerySet as Members
from members.permissions.people import gone_from, kept_by_staff
from members.permissions.principals import vouching_places
from members.permissions.standing import ADMINISTRATORS, Standing, among, below, standing_of

SCOPED_KINDS = (MandateKind.STAFF, MandateKind.INSPECTOR)


def holds_mandate(account: Account, kind: MandateKind, *, today: date) -> bool:
    """Whether the account holds a mandate of the kind, over whatever organisation."""
    return kind in standing_of(account, today).kinds


def has_outlived_its_mandates(account: Account, *, today: date) -> bool:
    """Whether the account belongs to no member, had mandates, and none of them is in force or to come."""
    if account.member_id is not None:
        return False
    ends = list(Mandate.objects.filter(account=account).order_by().values_list("until", flat=True))
    return bool(ends) and all(until is not None and until <= today for until in ends)


def may_manage_accounts(account: Account, *, today: date) -> bool:
    """Whether the account may open and close accounts: 系统管理员, and 党务管理员 below their mandate."""
    kinds = standing_of(account, today).kinds
    return MandateKind.SYSTEM in kinds or MandateKind.STAFF in kinds


def looks_after_all(account: Account, *, today: date) -> bool:
    """Whether the account sees the accounts of all: 系统管理员."""
    return MandateKind.SYSTEM in standing_of(account, today).kinds


def visible_accounts(account: Account, *, today: date) -> QuerySet[Account]:
    """系统管理员: all. 党务管理员: those of members below the mandate. Everybody: his own."""
    return _visible_accounts(account, standing_of(account, today), today)


def kept_affiliations(account: Account, *, today: date) -> QuerySet[Affiliation]:
    """The affiliations of today of the members whose accounts the account's staff mandate looks after."""
    standing = standing_of(account, today)
    return Affiliation.objects.in_force(today).filter(below(standing.staff, "organisation__"))


def accounts_otherwise(account: Account, *, today: date) -> QuerySet[Account]:
    """The others of `visible_accounts`, for a list: his own, and those of members who are nowhere now.

    Few beside the accounts of the rosters. The database begins with the rows in question.
    """
    standing = standing_of(account, today)
    here = kept_affiliations(account, today=today).order_by().values("member")
    gone = gone_from(below(standing.staff, "organisation__"), today).order_by().values("member")
    own = Account.objects.filter(pk=account.pk, is_active=True).order_by().values("pk")
    found = own.union(Account.objects.filter(member__in=gone).order_by().values("pk"))
    return Account.objects.filter(pk__in=found).exclude(member__in=here)


def manageable_accounts(account: Account, *, today: date) -> QuerySet[Account]:
    """The visible accounts that he may close or give a new code: others' only.

    Staff do not touch the account of an administrator of the installation.
    """
    standing = standing_of(account, today)
    accounts = _visible_accounts(account, standing, today).exclude(pk=account.pk)
    if MandateKind.SYSTEM in standing.kinds:
        return accounts
    administrators = Mandate.objects.in_force(today).filter(kind__in=ADMINISTRATORS, account=OuterRef("pk"))
    return accounts.exclude(Exists(administrators))


def account_candidates(account: Account, *, today: date) -> Members:
    """Members without an account for whom he may open one."""
    standing = standing_of(account, today)
    if MandateKind.SYSTEM in standing.kinds:
        return Member.objects.filter(account=None)
    return kept_by_staff(standing, today).filter(account=None)


def may_manage_mandates(account: Account, *, today: date) -> bool:
    """Whether the account may grant mandates at all: 安全管理员 and principals.

    Here as below only principals who are confirmed: who keeps the roster could else enter one and have
    himself a mandate granted, or the inspector's ended.
    """
    standing = standing_of(account, today)
    return MandateKind.SECURITY in standing.kinds or bool(vouching_places(account, today))


def visible_mandates(account: Account, *, today: date) -> DatedQuerySet[Mandate]:
    """安全管理员: all. Principals: those over their organisation and below it. Everybody: his own."""
    standing = standing_of(account, today)
    if MandateKind.SECURITY in standing.kinds:
        return Mandate.objects.all()
    own = Q(account=account) if account.is_active else Q(pk__in=[])
    return Mandate.objects.filter(own | below(vouching_places(account, today), "organisation__"))


def revocable_mandates(account: Account, *, today: date) -> DatedQuerySet[Mandate]:
    """Mandates that he may end: 安全管理员 all but his own; a principal those over his organisation."""
    standing = standing_of(account, today)
    if MandateKind.SECURITY in standing.kinds:
        return Mandate.objects.exclude(account=account)
    return Mandate.objects.filter(among(vouching_places(account, today), "organisation__"))


def grantable_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations over which he may grant a mandate: 安全管理员 all, a principal his own."""
    standing = standing_of(account, today)
    if MandateKind.SECURITY in standing.kinds:
        return Organisation.objects.all()
    return Organisation.objects.filter(among(vouching_places(account, today)))


def grantable_kinds(account: Account, *, today: date) -> tuple[MandateKind, ...]:
    """Kinds of mandates that he may grant; the administrators of the installation only by 安全管理员."""
    standing = standing_of(account, today)
    if MandateKind.SECURITY in standing.kinds:
        return (*SCOPED_KINDS, *ADMINISTRATORS)
    return SCOPED_KINDS if vouching_places(account, today) else ()


def _visible_accounts(account: Account, standing: Standing, today: date) -> QuerySet[Account]:
    if MandateKind.SYSTEM in standing.kinds:
        return Account.objects.all()
    own = Q(pk=account.pk) if account.is_active else Q(pk__in=[])
    # Asked for each account: all whose accounts staff keep may be a good part of the country.
    kept = kept_by_staff(standing, today).order_by().filter(pk=OuterRef("member"))
    return Account.objects.filter(own | Q(Exists(kept)))
