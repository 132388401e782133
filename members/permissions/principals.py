"""What hangs on a principal who is confirmed: confirming others, reading what is sealed (design.md 4a)."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from branches.models import OrganisationQuerySet as Organisations
from members.models import Account, Affiliation, Event, Mandate, Member, Post
from members.models.dated import in_force
from members.models.people import MemberQuerySet as Members
from members.models.posts import PostQuerySet as Posts
from members.permissions.facts import visible_events
from members.permissions.organisations import is_staff_of
from members.permissions.people import kept_by_staff
from members.permissions.standing import (
    ADMINISTRATORS,
    Place,
    among,
    below,
    is_administrator,
    kept_once,
    standing_of,
)


def confirmable_posts(account: Account, *, today: date) -> Posts:
    """Posts of principals that wait for a confirmation which the account may give.

    A principal of the organisation or of one above gives it, never for himself.
    """
    places = vouching_places(account, today)
    posts = Post.objects.filter(
        Q(until=None) | Q(until__gt=today),
        below(places, "organisation__"),
        is_principal=True,
        confirmed_at=None,
    )
    return posts.exclude(member=account.member_id) if account.member_id else posts.none()


def vouches_for(account: Account, organisation: Organisation, member: Member, *, today: date) -> bool:
    """Whether the account could confirm the member as a principal of the organisation."""
    places = vouching_places(account, today)
    return account.member_id != member.pk and any(
        organisation.path.startswith(place.path) for place in places
    )


def approvable_organisations(account: Account, *, today: date) -> Organisations:
    """Organisations of which the person is a principal, and all below them: there he may approve waivers.

    Only as one who may vouch for others: who is entered by staff and not yet confirmed approves nothing.
    """
    return Organisation.objects.filter(below(vouching_places(account, today)))


def approvers_over(organisation: Organisation, *, today: date) -> Members:
    """Those with an account in use who may approve waivers there: principals there and above."""
    line = [*organisation.ancestor_ids(), organisation.pk]
    posts = _vouching_posts(today).filter(organisation__in=line, member=OuterRef("pk"))
    return Member.objects.filter(Exists(posts), account__is_active=True)


def appoints_himself(account: Account, organisation: Organisation, member: Member, *, today: date) -> bool:
    """Whether the account would enter a post of its own person by a 党务管理员 mandate, which it may not.

    A seat in the team shows the events of its members: who keeps the roster must not give it to himself.
    """
    return account.member_id == member.pk and is_staff_of(account, organisation, today=today)


def takes_into_contact(account: Account, committee_member: Member, member: Member, *, today: date) -> bool:
    """Whether the account would keep in contact itself with a member of whom it keeps the roster as staff.

    Who is in contact hears of the member's events: as with a seat, who keeps the roster gives it to others.
    """
    kept = kept_by_staff(standing_of(account, today), today)
    return account.member_id == committee_member.pk and kept.filter(pk=member.pk).exists()


def contact_members(account: Account, *, today: date) -> Members:
    """Members whose telephone and identity number the account may have shown.

    Those kept by its staff mandate, those affiliated with an organisation of which he is a confirmed
    principal, as of what else is sealed, and himself.
    """
    standing = standing_of(account, today)
    if not account.is_active or not standing.kinds.isdisjoint(ADMINISTRATORS):
        return Member.objects.none()
    # Asked for one member: all whom staff keep are a good part of the country.
    staff = kept_by_staff(standing, today).order_by().filter(pk=OuterRef("pk"))
    confirmed = vouching_places(account, today)
    led = Affiliation.objects.in_force(today).filter(among(confirmed, "organisation__"))
    his_own = led.filter(member=OuterRef("pk"))
    return Member.objects.filter(Q(Exists(staff)) | Q(Exists(his_own)) | Q(pk=account.member_id))


def vouching_places(account: Account, today: date) -> list[Place]:
    """The organisations that the person leads, as one who may vouch for others.

    His own post has to be confirmed: two who are entered together must not confirm each other. Only at the
    top of a tree, where nobody stands above, he may vouch as long as no principal there has been confirmed.
    """
    if not account.is_active or account.member_id is None:
        return []
    return kept_once(account, ("vouching", today), lambda: _vouching_places(account.member_id, today))


def _vouching_places(member: int | None, today: date) -> list[Place]:
    posts = _vouching_posts(today).filter(member=member)
    rows = posts.order_by().values_list("organisation", "organisation__path")
    return [Place(pk, path) for pk, path in rows if path]


def _vouching_posts(today: date) -> Posts:
    """Posts of principals who may vouch for others: confirmed ones, and at the top while none is."""
    confirmed = Post.objects.in_force(today).filter(
        organisation=OuterRef("organisation"), is_principal=True, confirmed_at__isnull=False
    )
    offices = Mandate.objects.in_force(today).filter(kind__in=ADMINISTRATORS)
    # Who holds an office of the installation vouches for nobody and approves nothing: exclusions win.
    led = Post.objects.in_force(today).filter(~Exists(offices.filter(account__member=OuterRef("member"))))
    return led.filter(
        Q(confirmed_at__isnull=False) | (Q(organisation__superior=None) & ~Exists(confirmed)),
        is_principal=True,
    )


def readable_events(account: Account, *, today: date) -> QuerySet[Event]:
    """Events whose sealed note the account may read: entered by it, or of an organisation that it leads.

    A principal entered by staff reads none before the confirmation, nor ever what is entered about himself.
    """
    if is_administrator(account, today):
        return Event.objects.none()
    events = visible_events(account, today=today)
    led = Post.objects.in_force(today).filter(
        member=account.member_id, is_principal=True, confirmed_at__isnull=False
    )
    there = Affiliation.objects.filter(
        in_force(OuterRef("known_on")),
        member=OuterRef("member"),
        organisation__in=led.order_by().values("organisation"),
    )
    return events.filter(Q(entered_by=account) | Exists(there))
