"""Who sees meetings, rules, uploads and messages."""

from datetime import date

from django.db.models import Q, QuerySet

from branches.models import Organisation, OrganisationQuerySet
from members.models import Account
from members.permissions import (
    editable_organisations,
    visible_organisations,
)
from talks.models import Delivery, Meeting, Rule, Upload
from talks.permissions.talks import takes_part


def visible_meetings(account: Account, *, today: date) -> QuerySet[Meeting]:
    """Meetings of the organisations that the account may see."""
    return Meeting.objects.filter(organisation__in=visible_organisations(account, today=today))


def visible_rules(account: Account, *, today: date) -> QuerySet[Rule]:
    """Versions made by the organisations that the account may see and by those above: they hold there."""
    seen = visible_organisations(account, today=today)
    line = {
        pk for path in seen.values_list("path", flat=True) for pk in map(int, filter(None, path.split("/")))
    }
    return Rule.objects.filter(organisation__in=Organisation.objects.filter(Q(pk__in=line) | Q(pk__in=seen)))


def rule_organisations(account: Account, *, today: date) -> OrganisationQuerySet:
    """Organisations whose rules the account may look at: the visible ones, for who takes part in talks."""
    if not takes_part(account, today=today):
        return Organisation.objects.none()
    return visible_organisations(account, today=today)


def rule_makers(account: Account, *, today: date) -> OrganisationQuerySet:
    """Organisations for which the account makes rules: under its mandate, or led where no staff keeps it."""
    return editable_organisations(account, today=today).standing(today)


def visible_uploads(account: Account, *, today: date) -> QuerySet[Upload]:
    """Uploads: one's own."""
    return Upload.objects.filter(account=account)


def visible_deliveries(account: Account, *, today: date) -> QuerySet[Delivery]:
    """Messages by mail and webhook: those to oneself."""
    return Delivery.objects.filter(account=account)
