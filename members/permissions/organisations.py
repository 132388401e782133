"""Rights over organisations and departments, and over the working days that all of them share."""

from datetime import date

from django.db.models import Q, QuerySet

from branches.models import Department, Organisation
from branches.models import OrganisationQuerySet as Organisations
from members.models import Account, Mandate, MandateKind
from members.permissions.standing import Place, Standing, among, below, kept_once, line_of, standing_of


def staff_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations under a 党务管理员 mandate of the account."""
    return Organisation.objects.filter(below(standing_of(account, today).staff))


def inspected_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations under a 督查 mandate, without those where the person holds a post or is affiliated."""
    return Organisation.objects.filter(inspected(standing_of(account, today)))


def led_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations of which the person is a principal in force."""
    return Organisation.objects.filter(among(standing_of(account, today).led))


def team_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations in whose team the person is; the led ones are among them."""
    return Organisation.objects.filter(among(standing_of(account, today).team))


def own_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations where the person holds a post of any sort, or is affiliated."""
    return Organisation.objects.filter(among(standing_of(account, today).own))


def reported_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations whose figures and reports the account may have: mandates, and below what it leads."""
    return Organisation.objects.filter(reported(standing_of(account, today)))


def visible_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations that the account may know: the reported ones, his own, and those above his own.

    Being visible shows the name and what else the account may see of it, never the roster by itself.
    """
    standing = standing_of(account, today)
    return Organisation.objects.filter(reported(standing) | Q(pk__in=line_of(standing.own)))


def editable_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations whose posts and roster the account keeps.

    Staff keep all below their mandate; a principal keeps his own organisation where no staff does.
    """
    return Organisation.objects.filter(editable(account, standing_of(account, today), today))


def visible_departments(account: Account, *, today: date) -> QuerySet[Department]:
    """Departments of the visible organisations."""
    return Department.objects.filter(organisation__in=visible_organisations(account, today=today))


def is_staff_of(account: Account, organisation: Organisation, *, today: date) -> bool:
    """Whether a 党务管理员 mandate of the account covers the organisation."""
    return staff_organisations(account, today=today).filter(pk=organisation.pk).exists()


def may_import(account: Account, *, today: date) -> bool:
    """Whether the account may import a workbook: any 党务管理员 mandate."""
    return bool(standing_of(account, today).staff)


def may_change_working_days(account: Account, *, today: date) -> bool:
    """Whether the account keeps the table of working days: 系统管理员. Everybody may look at it."""
    return MandateKind.SYSTEM in standing_of(account, today).kinds


def inspected(standing: Standing, prefix: str = "") -> Q:
    """The condition of inspected_organisations, for an organisation reached over `prefix`."""
    return below(standing.inspected, prefix) & ~among(standing.own, prefix)


def reported(standing: Standing, prefix: str = "") -> Q:
    """The condition of reported_organisations, for an organisation reached over `prefix`."""
    return below((*standing.staff, *standing.led), prefix) | inspected(standing, prefix)


def editable(account: Account, standing: Standing, today: date, prefix: str = "") -> Q:
    """The condition of editable_organisations; one query more where the account leads something."""
    led = kept_once(account, ("without staff", today), lambda: _without_staff(standing.led, today))
    return below(standing.staff, prefix) | among(led, prefix)


def _without_staff(places: tuple[Place, ...], today: date) -> tuple[Place, ...]:
    """Those of the places that no staff mandate of an account in use covers."""
    if not places:
        return ()
    covered = set(
        Mandate.objects.in_force(today)
        .filter(kind=MandateKind.STAFF, organisation__in=line_of(places), account__is_active=True)
        .values_list("organisation", flat=True)
        .order_by()
    )
    return tuple(place for place in places if not covered & line_of([place]))
