"""Who may ask for a record, who may approve it, who may read it (design.md sections 4 and 4a)."""

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Member
from members.models.people import MemberQuerySet
from members.permissions import approvable_organisations, approvers_over, inspected_organisations
from members.permissions.principals import vouching_places
from members.permissions.standing import is_administrator
from talks.models import Disclosure, DisclosureNotice, Participant, Talk, TalkRequest, in_ledgers_of
from talks.models.disclosures import DisclosureNoticeQuerySet, DisclosureQuerySet
from talks.models.talks import TalkQuerySet


def disclosable_talks(account: Account, *, today: date) -> TalkQuerySet:
    """Recorded talks of what the account inspects: for one of these it may ask to read the record.

    Never one in which its member had a part. An administrator of the installation inspects nothing here.
    """
    if is_administrator(account, today):
        return Talk.objects.none()
    inspected = inspected_organisations(account, today=today)
    mine = Talk.objects.filter(_had_part(account), pk=OuterRef("pk"))
    return Talk.objects.counting().filter(in_ledgers_of(inspected), ~Exists(mine))


def visible_disclosures(account: Account, *, today: date) -> DisclosureQuerySet:
    """Disclosures that the account may know of: those it asked for, may decide, or decided."""
    if is_administrator(account, today):
        return Disclosure.objects.none()
    own = Q(asked_by=account) | Q(approved_by=account) | Q(ended_by=account)
    return Disclosure.objects.filter(own | (Q(ending="", approved_at=None) & _may_decide(account, today)))


def decidable_disclosures(account: Account, *, at: datetime, today: date) -> DisclosureQuerySet:
    """Requests that wait for a decision which the account may take.

    A principal of O or above, himself confirmed, who neither asked nor had a part in the talk.
    """
    if not vouching_places(account, today):
        return Disclosure.objects.none()
    return Disclosure.objects.waiting(at).filter(_may_decide(account, today))


def overseen_disclosures(account: Account, *, today: date) -> DisclosureQuerySet:
    """Those that the account had or has the right to decide: who comes second is told so."""
    return Disclosure.objects.filter(_may_decide(account, today))


def asked_disclosures(account: Account) -> DisclosureQuerySet:
    """Those that the account asked for."""
    return Disclosure.objects.filter(asked_by=account)


def approved_disclosures(account: Account) -> DisclosureQuerySet:
    """Those that the account approved: it may take the approval back."""
    return Disclosure.objects.filter(approved_by=account)


def readable_disclosures(account: Account, *, today: date) -> DisclosureQuerySet:
    """Approved ones of the account whose talk it still inspects and may still have disclosed.

    Whether the time is over is for `Disclosure.state_at`.
    """
    kept = Talk.objects.filter(_kept(), pk=OuterRef("pk"))
    talks = disclosable_talks(account, today=today).filter(~Exists(kept), pk=OuterRef("talk"))
    return Disclosure.objects.filter(Exists(talks), asked_by=account, approved_at__isnull=False, ending="")


def open_disclosures(
    account: Account, talks: Collection[int], *, at: datetime, today: date
) -> dict[int, Disclosure]:
    """By talk (primary key) what lets the account read its record at the moment."""
    found = readable_disclosures(account, today=today).approved_of_late(at).filter(talk__in=talks)
    rows = found.defer("reason", "ending_reason").order_by("approved_at")
    return {row.talk_id: row for row in rows if row.ends_at and row.ends_at > at}


def disclosure_approvers(disclosure: Disclosure, *, today: date) -> MemberQuerySet:
    """Who may approve it, whatever is known of the talk's own limits."""
    took_part = Participant.objects.filter(talk=disclosure.talk_id).order_by().values("member")
    own = [disclosure.asked_by.member_id, disclosure.talk.recorder_id]
    found = approvers_over(disclosure.organisation, today=today)
    return found.exclude(pk__in=[pk for pk in own if pk]).exclude(pk__in=took_part)


def told_members(talk: Talk) -> QuerySet[Member]:
    """Who is told that the record is disclosed: talkers, subjects and who wrote it down."""
    return Member.objects.filter(Q(participations__talk=talk) | Q(pk=talk.recorder_id)).distinct()


def deciding_organisation(talk: Talk, account: Account, *, today: date) -> Organisation | None:
    """O: of the organisations in whose ledgers the talk is and that the account inspects the highest.

    Where there are several the highest leaves the fewest who may approve.
    """
    mine = inspected_organisations(account, today=today).order_by("path")
    return next((one for one in mine.filter(pk__in=_homes(talk)) if _is_home(talk, one)), None)


def visible_disclosure_notices(account: Account, *, today: date) -> DisclosureNoticeQuerySet:
    """Notices that a record was disclosed: those to oneself."""
    return DisclosureNotice.objects.of(account)


def _homes(talk: Talk) -> set[int]:
    people = [row.member_id for row in talk.participants.all()]
    affiliated = Organisation.objects.filter(affiliations__member__in=people)
    posted = Organisation.objects.filter(posts__member__in=people)
    return {*affiliated.values_list("pk", flat=True), *posted.values_list("pk", flat=True)}


def _is_home(talk: Talk, organisation: Organisation) -> bool:
    return Talk.objects.filter(in_ledgers_of([organisation]), pk=talk.pk).exists()


def _kept() -> Q:
    """The talks whose records are never disclosed: 限参与人, and whatever came from a 约谈.

    Nobody is told which these are: such a request waits, like one that nobody decides, until it lapses.
    """
    return Q(participants_only=True) | Q(Exists(TalkRequest.objects.filter(talk=OuterRef("pk"))))


def _had_part(account: Account) -> Q:
    """The talks that the account booked, or in which its member took part or kept the record."""
    # Both may be empty, and NULL denied is no answer.
    own = Q(booked_by=account, booked_by__isnull=False)
    if account.member_id:
        taking_part = Participant.objects.filter(talk=OuterRef("pk"), member=account.member_id)
        own |= Q(recorder=account.member_id, recorder__isnull=False) | Q(Exists(taking_part))
    return own


def _may_decide(account: Account, today: date) -> Q:
    """That the account may decide: a confirmed principal of O or above, without any part in the talk."""
    if not account.member_id or is_administrator(account, today):
        return Q(pk__in=[])
    theirs = approvable_organisations(account, today=today).order_by().values("pk")
    talk = Talk.objects.filter(pk=OuterRef("talk"))
    barred = Exists(talk.filter(_kept() | _had_part(account)))
    return Q(organisation__in=theirs) & ~Q(asked_by=account) & ~Q(barred)
