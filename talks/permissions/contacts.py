"""Whose contacts an account sees, and what it may know of when they were last talked with."""

from collections.abc import Collection
from datetime import date

from django.db.models import Max, Q

from branches.models import Organisation, OrganisationQuerySet
from members.models import Account, Affiliation, Liaison, Member
from members.models.people import MemberQuerySet
from members.permissions import visible_members
from members.permissions.standing import rostered, standing_of
from talks.models import Participant
from talks.permissions.bookings import people_of
from talks.permissions.duties import visible_duties
from talks.permissions.talks import visible_talks


def contact_organisations(account: Account, *, today: date) -> OrganisationQuerySet:
    """Organisations whose people the account looks after: it sees the roster, or is somebody's contact."""
    condition = rostered(standing_of(account, today))
    found = Organisation.objects.filter(condition)
    if account.member_id and account.is_active:
        kept = Liaison.objects.in_force(today).filter(committee_member=account.member_id)
        places = Affiliation.objects.in_force(today).filter(member__in=kept.values("member"))
        found = found | Organisation.objects.filter(pk__in=places.values("organisation"))
    return found


def contacted_members(account: Account, organisation: Organisation, *, today: date) -> MemberQuerySet:
    """The people of the organisation whose page the account may open."""
    people = people_of([organisation.pk], today=today)
    return visible_members(account, today=today).filter(pk__in=people.order_by().values("pk"))


def last_talked(account: Account, members: Collection[Member], *, today: date) -> dict[int, date]:
    """On which day each (primary key) was last in a talk that counts, as far as the account may know.

    It knows the talks that it sees and the duties that it sees as met, and nothing of any other: who may not
    know that somebody was talked with for a reason of his own does not learn it from this either.
    """
    keys = [member.pk for member in members]
    talks = visible_talks(account, today=today).counting().filter(held_on__lte=today)
    rows = Participant.objects.filter(member__in=keys, talk__in=talks.order_by().values("pk"))
    found = dict(rows.order_by().values_list("member").annotate(last=Max("talk__held_on")))
    met = visible_duties(account, today=today).standing().filter(is_event=False, met_on__lte=today)
    about = met.filter(Q(subject__in=keys) | Q(counterpart__in=keys)).order_by()
    for *persons, last in about.values_list("subject", "counterpart").annotate(last=Max("met_on")):
        for member in set(persons) & set(keys):
            found[member] = max(last, found.get(member, last))
    return found
