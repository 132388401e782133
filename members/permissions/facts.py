"""Rights over dated facts about members: affiliations, posts, portfolios, liaisons, events."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Affiliation, Event, Liaison, Portfolio, Post
from members.models.dated import DatedQuerySet, in_force
from members.models.posts import PostQuerySet
from members.permissions.organisations import led_organisations
from members.permissions.people import visible_members
from members.permissions.standing import among, line_of, rostered, standing_of


def visible_affiliations(account: Account, *, today: date) -> DatedQuerySet[Affiliation]:
    """His own, and those with organisations whose roster he sees, past ones too."""
    standing = standing_of(account, today)
    return Affiliation.objects.filter(rostered(standing, "organisation__") | _own(account))


def visible_posts(account: Account, *, today: date) -> PostQuerySet:
    """His own, those where he sees the roster, and the leaders' of his organisations and those above."""
    standing = standing_of(account, today)
    leaders = (
        (Q(is_team=True) | Q(is_head=True)) & Q(organisation__in=line_of(standing.own)) & in_force(today)
    )
    return Post.objects.filter(rostered(standing, "organisation__") | leaders | _own(account))


def visible_portfolios(account: Account, *, today: date) -> DatedQuerySet[Portfolio]:
    """His own, and those over departments of organisations whose roster he sees."""
    standing = standing_of(account, today)
    return Portfolio.objects.filter(rostered(standing, "department__organisation__") | _own(account))


def visible_liaisons(account: Account, *, today: date) -> DatedQuerySet[Liaison]:
    """His own on either side, and those of members whose page he may open."""
    own = _own(account) | _own(account, "committee_member")
    # Asked for each of the few rows that a page shows: all whom he may open are a good part of the country.
    opened = visible_members(account, today=today).filter(pk=OuterRef("member"))
    return Liaison.objects.filter(own | Q(Exists(opened)))


def visible_events(account: Account, *, today: date) -> QuerySet[Event]:
    """Events that he entered, and those of his organisation where he is a principal today.

    The organisation of an event is the one with which the member was affiliated on the day it became known
    (the O of its duty); a principal does not read on this ground what is entered about himself. Staff,
    inspectors and administrators see none: that an event exists is confidential (design.md section 4).
    """
    if not account.is_active:
        return Event.objects.none()
    led = among(standing_of(account, today).led, "organisation__")
    then = in_force(OuterRef("known_on"))
    people = Affiliation.objects.order_by().filter(led).values("member")
    in_his_organisation = Exists(Affiliation.objects.filter(led, then, member=OuterRef("member")))
    others = ~Q(member=account.member_id) if account.member_id is not None else Q()
    # Each by itself, so that the database begins with the people of the organisation, not with every event.
    entered = Event.objects.order_by().filter(entered_by=account).values("pk")
    theirs = Event.objects.order_by().filter(in_his_organisation, others, member__in=people).values("pk")
    return Event.objects.filter(pk__in=entered.union(theirs))


def changeable_events(account: Account, *, today: date) -> QuerySet[Event]:
    """Visible events that the account may correct or delete: of members of an organisation that it leads.

    Who entered one and leads nothing of the member's any more sees it still, and changes it no more.
    """
    led = among(standing_of(account, today).led, "organisation__")
    his_own = Exists(Affiliation.objects.filter(led, member=OuterRef("member")))
    return visible_events(account, today=today).filter(his_own)


def may_enter_events(account: Account, organisation: Organisation, *, today: date) -> bool:
    """Whether the account may enter events about members of the organisation: its principals."""
    return led_organisations(account, today=today).filter(pk=organisation.pk).exists()


def _own(account: Account, field: str = "member") -> Q:
    """The condition that the row is about the person himself; never for an account out of use."""
    if not account.is_active or account.member_id is None:
        return Q(pk__in=[])
    return Q(**{field: account.member_id})
