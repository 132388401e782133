"""Who may be booked by whom: whom one reaches, and which of them are offered first."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Affiliation, Member, Post
from members.models.people import MemberQuerySet
from members.permissions.standing import Place, among, below, kept_once, standing_of

# With the people of so many organisations the database may begin; of more a good part of all talks is shown.
MOST_BEGUN_WITH = 200
# The ledgers of so many are judged by the facts themselves; of more those are read that are kept.
MOST_JUDGED = 12


def reachable_organisations(account: Account, *, today: date) -> QuerySet[Organisation]:
    """Organisations whose people the account may book a talk with.

    A team member or a head of a department: the organisation of the post and all below it; everybody: the
    organisation with which he is affiliated.
    """
    if not account.member_id:
        return Organisation.objects.none()
    posts = Post.objects.in_force(today).filter(Q(is_team=True) | Q(is_head=True), member=account.member_id)
    led = posts.order_by().values_list("organisation", "organisation__path")
    tops = kept_once(account, ("reached", today), lambda: {Place(pk, path) for pk, path in led if path})
    return Organisation.objects.filter(below(tops) | among(standing_of(account, today).affiliated))


def people_of(organisations: Collection[int], *, today: date) -> MemberQuerySet:
    """Members affiliated with, or holding a post in, one of the organisations (primary keys) today."""
    return Member.objects.filter(pk__in=_keys_of_people(organisations, today))


def bookable_members(account: Account, *, today: date) -> MemberQuerySet:
    """Whom the account may name in a talk that it books: himself and the people within his reach."""
    within = reachable_organisations(account, today=today).order_by()
    places = list(within.values_list("pk", flat=True)[: MOST_BEGUN_WITH + 1])
    himself = Member.objects.order_by().filter(pk=account.member_id or 0).values("pk")
    if len(places) <= MOST_BEGUN_WITH:
        return Member.objects.filter(pk__in=himself.union(_keys_of_people(places, today)))
    # Of so many people some are looked for by their keys: each is tried, not all put together first.
    affiliations = Affiliation.objects.in_force(today).filter(organisation__in=within.values("pk"))
    posts = Post.objects.in_force(today).filter(organisation__in=within.values("pk"))
    return Member.objects.filter(
        Exists(affiliations.filter(member=OuterRef("pk")))
        | Exists(posts.filter(member=OuterRef("pk")))
        | Q(pk=account.member_id)
    )


def reaches_many(account: Account, *, today: date, most: int | None = None) -> bool:
    """Whether the people within the account's reach are too many to be offered by name: those of more
    organisations than `most`, or MOST_JUDGED.
    """
    most = MOST_JUDGED if most is None else most
    reached = reachable_organisations(account, today=today).order_by()
    return len(reached.values_list("pk", flat=True)[: most + 1]) > most


def namesakes_of(account: Account, people: MemberQuerySet, *, today: date) -> MemberQuerySet | None:
    """Among whom a name must be the only one to be written without the number of its member.

    None: among so many that nobody's is, and nobody has to be asked.
    """
    return None if reaches_many(account, today=today, most=MOST_BEGUN_WITH) else people


def nearest_members(account: Account, *, today: date) -> MemberQuerySet:
    """Of `bookable_members` those whom a form offers while somebody types.

    All of few organisations; of more than MOST_JUDGED those of his own, and the principals directly below.
    """
    if not reaches_many(account, today=today):
        return bookable_members(account, today=today)
    reached = reachable_organisations(account, today=today).order_by()
    own = [place.pk for place in standing_of(account, today).own]
    places = list(reached.filter(pk__in=own).values_list("pk", flat=True))
    below = list(reached.filter(superior__in=own).values_list("pk", flat=True))
    principals = Post.objects.in_force(today).filter(is_principal=True, organisation__in=below)
    himself = Member.objects.order_by().filter(pk=account.member_id or 0).values("pk")
    people = himself.union(_keys_of_people(places, today), principals.order_by().values("member"))
    return Member.objects.filter(pk__in=people)


def _keys_of_people(organisations: Collection[int], today: date) -> QuerySet[Any]:
    affiliations = Affiliation.objects.in_force(today).filter(organisation__in=organisations)
    posts = Post.objects.in_force(today).filter(organisation__in=organisations)
    return affiliations.order_by().values("member").union(posts.order_by().values("member"))


def people_led(account: Account, today: date) -> MemberQuerySet:
    """The people of the organisations of which the account is a principal; they are few."""
    return people_of([place.pk for place in standing_of(account, today).led], today=today)


def may_book(
    account: Account, *, talkers: Collection[Member], subjects: Collection[Member], today: date
) -> bool:
    """Whether the account may book a talk between these persons.

    The talkers themselves may, where every other person is within their reach; for others a principal may,
    where a talker (or nobody, the talker coming from outside) and a subject belong to his organisation.
    Staff and inspectors may not: they have no part in talks.
    """
    if not account.member_id:
        return False
    persons = {member.pk for member in (*talkers, *subjects)}
    if persons != set(
        bookable_members(account, today=today).filter(pk__in=persons).values_list("pk", flat=True)
    ):
        return False
    if account.member_id in {member.pk for member in talkers}:
        return True
    return between_his_people(account, talkers, subjects, today=today)


def bookable_pairs(
    account: Account, pairs: Collection[tuple[int, int]], *, today: date
) -> set[tuple[int, int]]:
    """Those of the pairs (talker and subject, by primary key) that the account may book, as by `may_book`.

    The number of queries does not grow with the pairs.
    """
    if not account.member_id:
        return set()
    persons = {pk for pair in pairs for pk in pair}
    reached = bookable_members(account, today=today).filter(pk__in=persons)
    led = people_led(account, today).filter(pk__in=persons)
    within = set(reached.values_list("pk", flat=True))
    ours = set(led.values_list("pk", flat=True))
    return {
        pair
        for pair in pairs
        if within.issuperset(pair) and (pair[0] == account.member_id or ours.issuperset(pair))
    }


def between_his_people(
    account: Account, talkers: Collection[Member], subjects: Collection[Member], *, today: date
) -> bool:
    """Whether, of each side, somebody belongs to an organisation that the account leads."""
    people = people_led(account, today)
    return all(
        people.filter(pk__in=[member.pk for member in side]).exists() for side in (talkers, subjects) if side
    )
