"""Who reads the opinions that are gathered for a meeting, who releases them, and who works on them."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Member
from members.permissions import own_organisations, reported_organisations
from members.permissions.principals import vouching_places
from members.permissions.standing import is_administrator
from talks.models import (
    GatheredOpinion,
    Meeting,
    MeetingStep,
    MergedOpinion,
    Opinion,
    Participant,
    Side,
)
from talks.models.opinions import GatheredOpinionQuerySet
from talks.permissions.bookings import people_of
from talks.permissions.matters import visible_meetings
from talks.permissions.records import COUNTING


def gathering_organisations(account: Account, *, today: date) -> QuerySet[Organisation]:
    """Organisations for whose meetings the account gathers and merges opinions: it is a principal there.

    A confirmed one, as for all that is sealed (design.md section 4a); at the top of a tree, where nobody
    stands above, as for the reasons of waivers. Staff keep meetings without content.
    """
    led = [place.pk for place in vouching_places(account, today)]
    return Organisation.objects.filter(pk__in=led)


def gathered_meetings(account: Account, *, today: date) -> QuerySet[Meeting]:
    """Meetings of these organisations."""
    there = gathering_organisations(account, today=today).order_by().values("pk")
    return Meeting.objects.filter(organisation__in=there)


def counted_meetings(account: Account, *, today: date) -> QuerySet[Meeting]:
    """Meetings of which the account may know how far they are readied: counts and steps, no text."""
    reported = reported_organisations(account, today=today).order_by().values("pk")
    return Meeting.objects.filter(organisation__in=reported)


def releasing_meetings(account: Account, *, today: date) -> QuerySet[Meeting]:
    """Meetings to which the account's member may release what he heard: of organisations that are his own."""
    if not account.member_id:
        return Meeting.objects.none()
    own = own_organisations(account, today=today).order_by().values("pk")
    return visible_meetings(account, today=today).filter(organisation__in=own)


def visible_gathered_opinions(account: Account, *, today: date) -> GatheredOpinionQuerySet:
    """Those of the meetings that the account readies, those it released, those its member spoke."""
    condition = Q(meeting__in=gathered_meetings(account, today=today).order_by().values("pk"))
    if account.member_id and not is_administrator(account, today):
        condition |= Q(released_by=account.member_id) | Q(speaker=account.member_id)
    return GatheredOpinion.objects.filter(condition)


def visible_merged_opinions(account: Account, *, today: date) -> QuerySet[MergedOpinion]:
    """Those of the meetings that the account readies, and those that its member is to see to."""
    condition = Q(meeting__in=gathered_meetings(account, today=today).order_by().values("pk"))
    if account.member_id and not is_administrator(account, today):
        assigned = MergedOpinion.persons.through.objects.filter(
            mergedopinion=OuterRef("pk"), member=account.member_id
        )
        condition |= Q(Exists(assigned))
    return MergedOpinion.objects.filter(condition)


def visible_meeting_steps(account: Account, *, today: date) -> QuerySet[MeetingStep]:
    """Steps of the meetings of which the account may know how far they are."""
    return MeetingStep.objects.filter(meeting__in=counted_meetings(account, today=today))


def releasable_opinions(account: Account, meeting: Meeting, *, today: date) -> QuerySet[Opinion]:
    """What the account's member, as a talker, heard within the window of the meeting and has not released.

    Only of talks that are recorded. Nobody else may release it: it is the participants' own until then.
    """
    if not account.member_id or not releasing_meetings(account, today=today).filter(pk=meeting.pk).exists():
        return Opinion.objects.none()
    talking = Participant.objects.filter(talk=OuterRef("talk"), member=account.member_id, side=Side.TALKER)
    return Opinion.objects.filter(
        Exists(talking),
        talk__state__in=COUNTING,
        talk__held_on__gte=meeting.opens_on,
        talk__held_on__lte=meeting.meeting_on,
        released=None,
    )


def assignable_members(meeting: Meeting, *, today: date) -> QuerySet[Member]:
    """Who may be made responsible for a merged opinion: the people of the organisation."""
    return people_of([meeting.organisation_id], today=today)
