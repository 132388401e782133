"""Who may know of a waiver, ask for one, approve, take back and revoke it (design.md sections 4 and 4a)."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Substr

from members.models import Account, Event
from members.models.people import MemberQuerySet
from members.permissions import (
    approvable_organisations,
    approvers_over,
    led_organisations,
    reported_organisations,
)
from members.permissions.principals import vouching_places
from members.permissions.standing import is_administrator, standing_of
from talks.models import Duty, Waiver
from talks.models.duties import DutyQuerySet
from talks.models.waivers import WaiverQuerySet
from talks.permissions.duties import visible_duties


def visible_waivers(account: Account, *, today: date) -> WaiverQuerySet:
    """Waivers that the account may know of by name: who asked, the principals of O, who answers for O.

    A waiver of an event duty tells of the event: it is for who asked, the principals of O and whoever entered
    the event, and not for the person whom the event concerns. Who only approved it knows that much of it as
    `known_waivers` says.
    """
    return Waiver.objects.filter(_by_name(account, today))


def known_waivers(account: Account, *, today: date) -> WaiverQuerySet:
    """Waivers that the account may know of at all: by name, or as 「事件类必谈」 of an organisation.

    The latter are those that wait for its decision, and those that it decided.
    """
    if not account.member_id:
        return visible_waivers(account, today=today)
    decided = Q(approved_by=account.member_id) | Q(ended_by=account.member_id)
    waiting = Q(approved_on=None, ending="") & _may_decide(account, today)
    return Waiver.objects.filter(_by_name(account, today) | decided | waiting)


def decidable_waivers(account: Account, *, today: date) -> WaiverQuerySet:
    """Waivers that wait for a decision which the account may take.

    A principal of O or above takes it, who neither asked nor is one of the persons (design.md section 4a).
    """
    if not vouching_places(account, today):
        return Waiver.objects.none()
    return Waiver.objects.waiting().filter(_may_decide(account, today))


def overseen_waivers(account: Account, *, today: date) -> WaiverQuerySet:
    """Waivers that the account has the right to decide, decided or not: who comes second is told so."""
    return Waiver.objects.filter(_may_decide(account, today))


def revocable_waivers(account: Account, *, today: date) -> WaiverQuerySet:
    """Approved waivers that the account may revoke: it could approve them, and knows them by name or did."""
    known = known_waivers(account, today=today).approved()
    return known.filter(_may_decide(account, today))


def retractable_waivers(account: Account) -> WaiverQuerySet:
    """Waivers that the account asked for and may still take back: they are not decided."""
    return Waiver.objects.waiting().filter(asked_by=account.member_id, asked_by__isnull=False)


def readable_waivers(account: Account, *, today: date) -> WaiverQuerySet:
    """Waivers whose sealed reasons the account may read: who asked, who may decide or revoke, who did."""
    if not account.member_id or is_administrator(account, today):
        return Waiver.objects.none()
    own = Q(asked_by=account.member_id) | Q(approved_by=account.member_id) | Q(ended_by=account.member_id)
    right = _may_decide(account, today)
    waiting = Q(approved_on=None, ending="") & right
    approved = Q(approved_on__isnull=False, ending="") & right & _by_name(account, today)
    return Waiver.objects.filter(own | waiting | approved)


def waivable_duties(account: Account, *, today: date) -> DutyQuerySet:
    """Duties of which the account may ask a waiver: still to be met, of an organisation that it leads.

    Not of an event duty about oneself, of which one knows only as who entered it.
    """
    led = Q(organisation__in=led_organisations(account, today=today).order_by().values("pk"))
    about_me = Q(is_event=True, about_me=True)
    return visible_duties(account, today=today).waivable(today).filter(led & ~about_me)


def may_ask_waiver(account: Account, duty: Any, *, today: date) -> bool:
    """Whether a duty, as `visible_duties` gave it to this account, is one of `waivable_duties`."""
    leads = duty.organisation_id in {place.pk for place in standing_of(account, today).led}
    if not leads or (duty.is_event and duty.about_me):
        return False
    return Duty.objects.waivable(today).filter(pk=duty.pk).exists()


def waiver_approvers(about: Duty | Waiver, *, asked_by: int, today: date) -> MemberQuerySet:
    """Who may approve a waiver of the duty: neither who asks for it (primary key) nor one whom it names."""
    involved = [pk for pk in (asked_by, about.subject_id, about.counterpart_id) if pk]
    return approvers_over(about.organisation, today=today).exclude(pk__in=involved)


def _by_name(account: Account, today: date) -> Q:
    reported = Q(organisation__in=reported_organisations(account, today=today).order_by().values("pk"))
    entered = Event.objects.filter(entered_by=account, code=Substr(OuterRef("anchor"), len("event:") + 1))
    is_event = Q(anchor__startswith="event:")
    condition = (reported & ~is_event) | (is_event & Q(Exists(entered)))
    if not account.member_id:
        return condition
    led = Q(organisation__in=led_organisations(account, today=today).order_by().values("pk"))
    return condition | Q(asked_by=account.member_id) | (led & ~Q(subject=account.member_id))


def _may_decide(account: Account, today: date) -> Q:
    """The condition that the account is one who may decide: over O, did not ask, is not named."""
    if not account.member_id:
        return Q(pk__in=[])
    theirs = approvable_organisations(account, today=today).order_by().values("pk")
    took_part = (
        Q(asked_by=account.member_id) | Q(subject=account.member_id) | Q(counterpart=account.member_id)
    )
    return Q(organisation__in=theirs) & ~took_part
