"""Who sees meetings, rules, uploads and messages."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from branches.models import Organisation, OrganisationQuerySet
from members.models import Account, Liaison, Post
from members.permissions import (
    editable_organisations,
    visible_organisations,
)
from talks.models import Delivery, Meeting, Rule, Upload
from talks.permissions.talks import takes_part
from talks.rules.words import TalkerRole

# Where there is nobody in contact or in charge, the team is in these roles (rules.md section 2).
OF_THE_TEAM = frozenset({TalkerRole.TEAM, TalkerRole.LIAISON, TalkerRole.LEADER})


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


@dataclass(frozen=True, slots=True)
class OwnRoles:
    """Where an account would itself hear of events, by the role that a rule names.

    `is_member`: it belongs to a member; `seats`: the paths of the organisations in whose team he sits or will
    sit otherwise than as a principal, who knows of the events there as it is (design.md section 4);
    `has_contacts`: he keeps in contact with somebody.
    """

    is_member: bool = False
    seats: tuple[str, ...] = ()
    has_contacts: bool = False

    def at(self, path: str) -> frozenset[TalkerRole]:
        """The roles by which he would hear by a rule of the organisation with the path; "" stands for any.

        Those of a team below or above count: where there is no holder, one is looked for upwards.
        """
        if not self.is_member:
            return frozenset()
        roles = {TalkerRole.ORDINARY}
        if any(seat.startswith(path) or path.startswith(seat) for seat in self.seats):
            roles |= OF_THE_TEAM
        if self.has_contacts:
            roles.add(TalkerRole.LIAISON)
        return frozenset(roles)


def own_roles(account: Account, *, today: date) -> OwnRoles:
    """The roles of the account's own person: who keeps rules must not let himself hear of events.

    Two queries; none where the account belongs to nobody.
    """
    if account.member_id is None:
        return OwnRoles()
    lasting = Q(until=None) | Q(until__gt=today)
    seats = Post.objects.filter(lasting, member=account.member_id, is_team=True, is_principal=False)
    contacts = Liaison.objects.filter(lasting, committee_member=account.member_id)
    return OwnRoles(True, tuple(seats.values_list("organisation__path", flat=True)), contacts.exists())


def visible_uploads(account: Account, *, today: date) -> QuerySet[Upload]:
    """Uploads: one's own."""
    return Upload.objects.filter(account=account)


def visible_deliveries(account: Account, *, today: date) -> QuerySet[Delivery]:
    """Messages by mail and webhook: those to oneself."""
    return Delivery.objects.filter(account=account)
