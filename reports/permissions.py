"""Whose reports one may see."""

from datetime import date

from django.db.models import QuerySet

from members.models import Account
from members.permissions import reported_organisations
from reports.models import Report


def visible_reports(account: Account, *, today: date) -> QuerySet[Report]:
    """One's own reports, as long as one may have the figures of their organisation.

    A report bears the name of the one who asked for it: another asks for his own.
    """
    organisations = reported_organisations(account, today=today)
    return Report.objects.filter(requested_by=account, organisation__in=organisations)
