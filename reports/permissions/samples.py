"""Of which talks one may draw a sample."""

from datetime import date

from django.db.models import Q

from branches.models import Organisation, OrganisationQuerySet
from members.models import Account
from members.permissions.organisations import inspected
from members.permissions.standing import below, standing_of
from talks.models import Talk, in_ledgers_of
from talks.models.talks import TalkQuerySet


def sampled_organisations(account: Account, *, today: date) -> OrganisationQuerySet:
    """Those that the account inspects, or leads, and all below these."""
    standing = standing_of(account, today)
    return Organisation.objects.filter(below(standing.led) | inspected(standing))


def sampled_talks(account: Account, organisation: Organisation, *, today: date) -> TalkQuerySet:
    """The talks in the ledgers of the organisation and of what lies below it, as far as the account oversees.

    Without those of its own: nobody looks into his own work by lot.
    """
    places = sampled_organisations(account, today=today).filter(path__startswith=organisation.path)
    talks = Talk.objects.filter(in_ledgers_of(places))
    if not account.member_id:
        return talks
    own = Q(recorder=account.member_id) | Q(
        pk__in=Talk.objects.filter(participants__member=account.member_id).order_by().values("pk")
    )
    return talks.exclude(own)
