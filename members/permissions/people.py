"""Rights over members: whose page one may open, and which leaders one may ask for a talk."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Affiliation, Liaison, Member, Post
from members.models.people import MemberQuerySet as Members
from members.models.posts import PostQuerySet
from members.permissions.organisations import editable
from members.permissions.standing import (
    Place,
    Standing,
    among,
    below,
    kept_once,
    line_of,
    rostered,
    standing_of,
)

# The people of more organisations than these are not counted for a list of them.
MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Leader:
    """What everybody may know of a leader of his own organisations and those above."""

    code: str
    name: str
    title: str
    organisation: str


def visible_members(account: Account, *, today: date) -> Members:
    """Members whose page the account may open.

    Himself; those affiliated with, or holding a post in, an organisation whose team he is in or that he is
    staff of; those he is in liaison with; and the editable ones. An inspector's mandate shows no roster.
    """
    if not account.is_active:
        return Member.objects.none()
    standing = standing_of(account, today)
    there = rostered(standing, "organisation__")
    condition = (
        Q(pk=account.member_id)
        | Exists(Affiliation.objects.in_force(today).filter(there, member=OuterRef("pk")))
        | Exists(Post.objects.in_force(today).filter(there, member=OuterRef("pk")))
        | _kept(editable(account, standing, today, "organisation__"), today)
    )
    if account.member_id is not None:
        condition |= Exists(_in_liaison(account, today).filter(member=OuterRef("pk")))
    return Member.objects.filter(condition)


def roster_affiliations(account: Account, *, today: date) -> QuerySet[Affiliation]:
    """The affiliations of today for which somebody is among `visible_members`: of rosters seen or kept."""
    if not account.is_active:
        return Affiliation.objects.none()
    standing = standing_of(account, today)
    seen = rostered(standing, "organisation__") | editable(account, standing, today, "organisation__")
    return Affiliation.objects.in_force(today).filter(seen)


def listed_otherwise(account: Account, *, today: date) -> Members:
    """The others of `visible_members`: by a post, in contact, once affiliated there and now nowhere, himself.

    Few beside those of the rosters. The database begins with the rows in question; for one who is asked for
    by his code `visible_members` is the shorter way.
    """
    if not account.is_active:
        return Member.objects.none()
    standing = standing_of(account, today)
    there = rostered(standing, "organisation__")
    elsewhere = Affiliation.objects.in_force(today).filter(member=OuterRef("member"))
    kept = Affiliation.objects.filter(editable(account, standing, today, "organisation__"))
    not_today = kept.filter(Q(until__lte=today) | Q(since__gt=today))
    found: list[QuerySet[Any]] = [
        Post.objects.in_force(today).filter(there),
        not_today.filter(~Exists(elsewhere)),
    ]
    if account.member_id is not None:
        found.append(_in_liaison(account, today))
    himself = Member.objects.order_by().filter(pk=account.member_id or 0).values("pk")
    others = himself.union(*(rows.order_by().values("member") for rows in found))
    in_rosters = roster_affiliations(account, today=today).order_by()
    return Member.objects.filter(pk__in=others).exclude(pk__in=in_rosters.values("member"))


def lists_many(account: Account, *, today: date) -> bool:
    """Whether these are the people of so many organisations that nobody counts them."""
    return len(_rosters(account, today)) > MOST_COUNTED


def _rosters(account: Account, today: date) -> list[int]:
    """The organisations whose people it lists, by primary key: all of few, or one more."""
    standing = standing_of(account, today)
    rosters = Organisation.objects.filter(rostered(standing) | among(standing.led)).order_by()
    keys = rosters.values_list("pk", flat=True)[: MOST_COUNTED + 1]
    return kept_once(account, ("rosters", today), lambda: list(keys))


def _in_liaison(account: Account, today: date) -> QuerySet[Liaison]:
    return Liaison.objects.in_force(today).filter(committee_member=account.member_id)


def editable_members(account: Account, *, today: date) -> Members:
    """Members whose rows the account keeps: affiliated with an editable organisation.

    One who is affiliated nowhere today is kept by those who keep an organisation that he was, or will be,
    affiliated with: somebody must be able to enter where he went.
    """
    standing = standing_of(account, today)
    return Member.objects.filter(_kept(editable(account, standing, today, "organisation__"), today))


def kept_by_staff(standing: Standing, today: date) -> Members:
    """The editable members by a 党务管理员 mandate alone: those whose accounts staff look after."""
    return Member.objects.filter(_kept(below(standing.staff, "organisation__"), today))


def visible_leaders(account: Account, *, today: date) -> tuple[Leader, ...]:
    """Team members and department heads of the account's own organisations and those above, nearest first.

    Whom a member may ask for a talk (rules.md section 9): code, name and post, nothing else of them.
    """
    rows = leading_posts(account, today=today).values_list(
        "member__code", "member__name", "title", "organisation__name"
    )
    return tuple(Leader(*row) for row in rows)


def leading_posts(account: Account, *, today: date) -> PostQuerySet:
    """The posts in force of these leaders, nearest first."""
    if not account.is_active or account.member_id is None:
        return Post.objects.none()
    return posts_over(account.member_id, today=today)


def posts_over(member: int, *, today: date) -> PostQuerySet:
    """The posts in force of those whom the member (primary key) may ask, nearest first."""
    return (
        _posts_over(member, today)
        .in_force(today)
        .order_by("-organisation__path", "-is_principal", "-is_team", "member__code", "title")
    )


def has_led(account: Account, member: Member, *, today: date) -> bool:
    """Whether the member was at some time a leader of these organisations; who asks may know him as such."""
    if not account.is_active or account.member_id is None:
        return False
    return _posts_over(account.member_id, today).filter(member=member, since__lte=today).exists()


def _posts_over(member: int, today: date) -> PostQuerySet:
    posts = Post.objects.in_force(today).filter(member=member)
    affiliations = Affiliation.objects.in_force(today).filter(member=member)
    own = [
        Place(pk, path)
        for rows in (posts, affiliations)
        for pk, path in rows.values_list("organisation", "organisation__path").order_by()
    ]
    leading = Post.objects.filter(Q(is_team=True) | Q(is_head=True), organisation__in=line_of(own))
    return leading.exclude(member=member)


def _kept(organisations: Q, today: date) -> Exists | Q:
    """Affiliated today with one of the organisations; or today nowhere, and some day with one of them."""
    of_member = Affiliation.objects.filter(member=OuterRef("pk"))
    return Exists(of_member.in_force(today).filter(organisations)) | (
        Exists(of_member.filter(organisations)) & ~Exists(of_member.in_force(today))
    )
