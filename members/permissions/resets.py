"""Who may ask that a password be reset, and who may approve it (design.md section 4a: two persons)."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from members.models import Account, Affiliation, Mandate, MandateKind, Reset
from members.models.dated import in_force
from members.models.resets import ResetQuerySet
from members.permissions.accounts import holds_mandate, manageable_accounts
from members.permissions.principals import vouching_places
from members.permissions.standing import ADMINISTRATORS, below


def resettable_accounts(account: Account, *, today: date) -> QuerySet[Account]:
    """Accounts whose password he may ask to have reset: those he manages, where a password was chosen.

    安全管理员 those of the other administrators, so that the only 系统管理员 is not shut out for ever.
    """
    if holds_mandate(account, MandateKind.SECURITY, today=today):
        offices = Mandate.objects.in_force(today).filter(kind__in=ADMINISTRATORS, account=OuterRef("pk"))
        found = Account.objects.filter(Exists(offices)).exclude(pk=account.pk)
    else:
        found = manageable_accounts(account, today=today)
    # Whose reset was approved and not used in time may be asked for again: no single person gives him a code.
    reset = Reset.objects.filter(account=OuterRef("pk"), outcome=Reset.Outcome.APPROVED)
    return found.filter(Q(code_hash="") | Exists(reset), is_active=True)


def decidable_resets(account: Account, *, today: date) -> ResetQuerySet:
    """Requests that he may decide, neither his own nor about himself.

    安全管理员 all; a confirmed principal those of members of his organisation and below, of staff and
    inspectors whose mandate lies there, and at the top of a tree those of accounts that belong to no member
    and to no organisation.
    """
    others = Reset.objects.undecided().exclude(asked_by=account).exclude(account=account)
    others = others.filter(account__is_active=True)
    if holds_mandate(account, MandateKind.SECURITY, today=today):
        return others
    places = vouching_places(account, today)
    if not places:
        return Reset.objects.none()
    theirs = Affiliation.objects.filter(
        in_force(today), below(places, "organisation__"), member=OuterRef("account__member")
    )
    held = Mandate.objects.in_force(today).filter(account=OuterRef("account"), organisation__isnull=False)
    mandated = Q(Exists(held.filter(below(places, "organisation__"))))
    is_top = any(place.path.strip("/") == str(place.pk) for place in places)
    nobodys = ~Exists(held) if is_top else Q(pk__in=[])
    return others.filter(Q(Exists(theirs)) | Q(account__member=None) & (mandated | nobodys))


def own_resets(account: Account) -> ResetQuerySet:
    """Those of his own account, whoever asked: he is told of each (design.md section 4a)."""
    return Reset.objects.filter(account=account)


def visible_resets(account: Account, *, today: date) -> ResetQuerySet:
    """Those of his own account, those he asked for or decided, and those he may decide."""
    own = Q(account=account) | Q(asked_by=account) | Q(decided_by=account)
    waiting = decidable_resets(account, today=today).order_by().values("pk")
    return Reset.objects.filter(own | Q(pk__in=waiting))
