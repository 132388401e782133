"""Which duties an account may know of; that an event duty about a named person exists is confidential."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Affiliation, Event, Liaison, Member, Portfolio, Post
from members.permissions import reported_organisations
from members.permissions.organisations import reported
from members.permissions.standing import Standing, among, kept_once, standing_of
from talks.models import Duty, Notice
from talks.models.duties import DutyQuerySet as Duties
from talks.models.notices import NoticeQuerySet as Notices
from talks.rules.words import LEAST_TO_SPLIT, TalkerRole

# So many organisations the database is told to begin with; whoever sees more sees a good part of all.
MOST_WITHIN = 500
# So many organisations' duties are counted one by one; of more the sums are told that are kept.
MOST_COUNTED = 12


@dataclass(frozen=True, slots=True)
class EventSum:
    """「事件类必谈」 of an organisation: those duties that the account may not know by name.

    Fewer than three owed are not split: `met` and `overdue` are None then, and what is waived is not told.
    """

    organisation: str
    owed: int
    met: int | None
    overdue: int | None
    waived: int = 0

    @property
    def text(self) -> str:
        """In words: 5项（已谈3项，逾期1项，另有免予谈话2项）, 不足3项."""
        if self.owed < LEAST_TO_SPLIT:
            return f"不足{LEAST_TO_SPLIT}项"
        if self.met is None:
            return f"{self.owed}项"
        waived = f"，另有免予谈话{self.waived}项" if self.waived else ""
        return f"{self.owed}项（已谈{self.met}项，逾期{self.overdue}项{waived}）"


def duty_organisations(account: Account, *, today: date) -> QuerySet[Organisation]:
    """Organisations among whose duties there may be some that the account may know of.

    Those he answers for; where he holds a post, and below where he is of the team or a head (a role without
    a holder is looked for upwards); his own; those of the people with whom he keeps in contact.
    """
    condition = Q(pk__in=reported_organisations(account, today=today).values("pk"))
    if account.member_id:
        posts = Post.objects.in_force(today).filter(member=account.member_id)
        leading = posts.filter(Q(is_team=True) | Q(is_head=True)).values("organisation")
        below = Organisation.objects.below_any(list(Organisation.objects.filter(pk__in=leading)))
        kept = Liaison.objects.in_force(today).filter(committee_member=account.member_id)
        affiliations = Affiliation.objects.in_force(today)
        condition |= (
            Q(pk__in=posts.values("organisation"))
            | Q(pk__in=below.values("pk"))
            | Q(pk__in=affiliations.filter(member=account.member_id).values("organisation"))
            | Q(pk__in=affiliations.filter(member__in=kept.values("member")).values("organisation"))
        )
    return Organisation.objects.filter(condition)


def visible_duties(account: Account, *, today: date) -> Duties:
    """The duties that the account may know of by name, withdrawn ones too, each with `mine` and `about_me`.

    `mine`: the account's member is of the pair, or in the role today; `about_me`: he is the one to be talked
    to. An event duty is shown to those in the role today, to the principals of the organisation and to
    whoever entered the event, but never to the person concerned, unless he entered it himself. Other duties
    are shown to the persons named, to those in the role, and to those who answer for the organisation.
    """
    standing = standing_of(account, today)
    circle = _circle_of(account, standing, today)
    mine, about_me = _of_pair(account) | _in_role(account, standing, today, circle), _about(account)
    events = _events_entered_by(account)
    places = _first_answered_for(account, standing, today)
    within = _within(account, standing, {*events.values(), *circle.kept}, places)
    of_events = Q(is_event=True) & _of_events(account, standing, events)
    others = Q(is_event=False) & (Q(about_me=True) | reported(standing, "organisation__"))
    return _annotated(Duty.objects.all(), mine, about_me).filter(within, Q(mine=True) | of_events | others)


def own_duties(account: Account, *, today: date) -> Duties:
    """Those of `visible_duties` that are the account's to see to: `mine`, and what it leads but about itself.

    Found by themselves, without all that it only answers for.
    """
    standing = standing_of(account, today)
    circle = _circle_of(account, standing, today)
    mine, about_me = _of_pair(account) | _in_role(account, standing, today, circle), _about(account)
    within = _within(account, standing, circle.kept, {place.pk for place in standing.led})
    led = among(standing.led, "organisation__") & Q(about_me=False)
    return _annotated(Duty.objects.all(), mine, about_me).filter(within, Q(mine=True) | led)


def named_events(account: Account, *, today: date) -> Duties:
    """The event duties among `visible_duties`, found by themselves; without `mine` and `about_me`."""
    standing = standing_of(account, today)
    circle = _circle_of(account, standing, today)
    mine = _of_pair(account) | _in_role(account, standing, today, circle)
    events = _events_entered_by(account)
    people = {*events.values(), *circle.kept}
    within = _within(account, standing, people, {place.pk for place in standing.led})
    return Duty.objects.filter(within, mine | _of_events(account, standing, events), is_event=True)


def _of_events(account: Account, standing: Standing, entered: Iterable[str]) -> Q:
    """The condition that the account knows an event duty by name which is not `mine`.

    `entered`: the codes of its events.
    """
    led = Q(organisation__in=[place.pk for place in standing.led]) & ~_about(account)
    return led | Q(anchor__in=[f"event:{code}" for code in entered])


def _annotated(duties: Duties, mine: Q, about_me: Q) -> Duties:
    annotated: Duties = duties.annotate(
        mine=ExpressionWrapper(mine, output_field=BooleanField()),
        about_me=ExpressionWrapper(about_me, output_field=BooleanField()),
    )
    return annotated


@dataclass(frozen=True, slots=True)
class _Circle:
    """Whom the account's member may have to talk with for another reason than his posts, by primary key.

    `kept`: those with whom he keeps in contact; `ordinary`: the organisations whose ordinary member he is;
    `departments`: those in his charge, by the organisation, in whose team he is.
    """

    kept: tuple[int, ...] = ()
    ordinary: tuple[int, ...] = ()
    departments: tuple[tuple[int, tuple[int, ...]], ...] = ()


def _events_entered_by(account: Account) -> dict[str, int]:
    """By code the member whom the event concerns."""
    rows = Event.objects.filter(entered_by=account).order_by().values_list("code", "member")
    return kept_once(account, "events entered", lambda: dict(rows))


def _circle_of(account: Account, standing: Standing, today: date) -> _Circle:
    return kept_once(account, ("circle", today), lambda: _found_circle(account, standing, today))


def _found_circle(account: Account, standing: Standing, today: date) -> _Circle:
    me = account.member_id
    if me is None or not account.is_active:
        return _Circle()
    team = [place.pk for place in standing.team]
    ordinary = [place.pk for place in standing.affiliated if place.pk not in team]
    if ordinary and not Member.objects.party_on(today).filter(pk=me).exists():
        ordinary = []
    kept = Liaison.objects.in_force(today).filter(committee_member=me).order_by()
    departments: dict[int, list[int]] = {}
    if team:
        charge = Portfolio.objects.in_force(today).filter(member=me, department__organisation__in=team)
        for place, department in charge.order_by().values_list("department__organisation", "department"):
            departments.setdefault(place, []).append(department)
    return _Circle(
        tuple(kept.values_list("member", flat=True)),
        tuple(ordinary),
        tuple((place, tuple(found)) for place, found in departments.items()),
    )


def _within(account: Account, standing: Standing, people: Collection[int], places: Collection[int]) -> Q:
    """The organisations outside which the account knows of no duty, as a condition; none where they are many.

    `people`: those whose events the account entered, and with whom it keeps in contact; `places`: those
    known for another reason. It takes nothing away; it lets the database begin with the duties of these
    organisations, where it would else try the conditions of rights, which no index holds together, on every
    duty of the country.
    """
    found = set(places)
    me = account.member_id
    if len(found) <= MOST_WITHIN and (me or people):
        named = {*people, *([me] if me else [])}
        groups = {place.pk for place in (*standing.own, *standing.team, *standing.led)}
        concerning = Q(subject__in=named) | Q(group_at__in=groups) | (Q(counterpart=me) if me else Q())
        rows = Duty.objects.order_by().filter(concerning).values_list("organisation", flat=True).distinct()
        key = ("concerning", frozenset(named), frozenset(groups))
        found |= kept_once(account, key, lambda: set(rows[: MOST_WITHIN + 1]))
    return Q(organisation__in=found) if len(found) <= MOST_WITHIN else Q()


def answers_for_many(account: Account, *, today: date, most: int | None = None) -> bool:
    """Whether the account answers for so many organisations that their duties are not counted one by one.

    `most`: for more than so many, where not MOST_COUNTED is meant.
    """
    most = MOST_COUNTED if most is None else most
    standing = standing_of(account, today)
    if most <= MOST_WITHIN:
        return len(_first_answered_for(account, standing, today)) > most
    answered_for = Organisation.objects.filter(reported(standing)).order_by()
    return len(answered_for.values_list("pk", flat=True)[: most + 1]) > most


def _first_answered_for(account: Account, standing: Standing, today: date) -> frozenset[int]:
    """The primary keys of the organisations that the account answers for; of many the first found alone."""
    if not (standing.staff or standing.inspected or standing.led):
        return frozenset()
    keys = Organisation.objects.filter(reported(standing)).order_by().values_list("pk", flat=True)
    return kept_once(account, ("answered for", today), lambda: frozenset(keys[: MOST_WITHIN + 1]))


def masked_duties(account: Account, *, today: date, known: Collection[int] | None = None) -> Duties:
    """The event duties of those organisations the account answers for that it may not know by name.

    Without those about the person himself: a sum of one would tell the principal of a branch about himself.
    `known`: the primary keys of those that it knows by name, where they have been found already.
    """
    standing = standing_of(account, today)
    if not (standing.staff or standing.inspected or standing.led):
        return Duty.objects.none()
    if known is None:
        by_name = Q(pk__in=visible_duties(account, today=today).filter(is_event=True).values("pk"))
    else:
        by_name = Q(pk__in=known)
    answered_for = Duty.objects.standing().filter(reported(standing, "organisation__"))
    return answered_for.filter(is_event=True).exclude(_about(account)).exclude(by_name)


def visible_notices(account: Account, *, today: date) -> Notices:
    """Those addressed to the account, of duties that it may know of today, by name or as 「事件类必谈」.

    And those of remedies and 回访: whom they reach, and how much of them is told, `notice_lines` say. Who has
    left a post no longer learns of what he was reminded of in it.
    """
    told = Notice.objects.of(account).order_by().values("duty")
    named = visible_duties(account, today=today).filter(pk__in=told).values("pk")
    masked = masked_duties(account, today=today).filter(pk__in=told).values("pk")
    agreed = Q(remedy__isnull=False) | Q(follow_up__isnull=False)
    return Notice.objects.of(account).filter(Q(duty__in=named) | Q(duty__in=masked) | agreed)


def _of_pair(account: Account) -> Q:
    """The duties that name the account's member as one of a pair."""
    me = account.member_id
    if me is None:
        return Q(pk__in=[])
    return Q(role="") & (Q(subject=me) | Q(counterpart=me))


def _about(account: Account) -> Q:
    """The duties of a role in which the account's member is the one to be talked to."""
    me = account.member_id
    return ~Q(role="") & Q(subject=me) if me is not None else Q(pk__in=[])


def _in_role(account: Account, standing: Standing, today: date, circle: _Circle) -> Q:
    """The duties of a role that the account's member is in today, by the group in which its holders are."""
    me = account.member_id
    if me is None or not account.is_active:
        return Q(pk__in=[])
    # What holds for nobody is not written out: Django takes long over the conditions of rights as it is.
    named = (
        (TalkerRole.PRINCIPAL, "group_at__in", [place.pk for place in standing.led]),
        (TalkerRole.TEAM, "group_at__in", [place.pk for place in standing.team]),
        (TalkerRole.ORDINARY, "group_at__in", circle.ordinary),
        (TalkerRole.LIAISON, "subject__in", circle.kept),
    )
    found = [Q(("group", role.value), (column, keys)) for role, column, keys in named if keys]
    posts = Post.objects.in_force(today).filter(member=OuterRef("subject"))
    for place, departments in circle.departments:
        in_charge = Q(Exists(posts.filter(department__in=departments)))
        found.append(Q(group=TalkerRole.LEADER.value, group_at=place) & in_charge)
    return reduce(or_, found) & ~Q(subject=me) if found else Q(pk__in=[])
