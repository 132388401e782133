"""Who asks whom for a talk, who answers, and who knows what of a request (rules.md section 9).

What was written is read by who wrote it and by the leader asked, nobody else (`visible_requests`).
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from members.models import Account, Member, Post
from members.permissions import leading_posts, posts_over, reported_organisations
from talks.models import Deputy, Handover, Proposal, RequestNotice, TalkRequest
from talks.models.requests import RequestNoticeQuerySet, TalkRequestQuerySet
from talks.permissions.matters import visible_requests
from talks.rules.requests import RequestState

LEADING = Q(is_team=True) | Q(is_head=True)


def is_askable(account: Account, member: Member, *, today: date) -> bool:
    """Whether the account may ask the member for a talk: he leads one of its organisations or one above."""
    return leading_posts(account, today=today).filter(member=member).exists()


def leads_today(member: Member | int, *, today: date) -> bool:
    """Whether the member is in a team or heads a department, so that he can be asked for a talk."""
    return Post.objects.in_force(today).filter(LEADING, member=member).exists()


def may_publish(account: Account, *, today: date) -> bool:
    """Whether the account publishes hours and names deputies: a leader's."""
    return account.member_id is not None and leads_today(account.member_id, today=today)


def deputies_today(*, today: date) -> QuerySet[Deputy]:
    """Who stands in for whom today: as long as he leads something himself."""
    leads = Post.objects.in_force(today).filter(LEADING, member=OuterRef("deputy"))
    return Deputy.objects.filter(Exists(leads), since__lte=today, until__gt=today)


def answerable_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Requests that the account answers: those to itself, and open ones to whom it stands in for today.

    Nobody answers his own. Who stands in learns nothing of what was asked and settled before.
    """
    if not account.member_id:
        return TalkRequest.objects.none()
    standing_in = deputies_today(today=today).filter(leader=OuterRef("asked"), deputy=account.member_id)
    open_ones = TalkRequest.objects.open().order_by().values("pk")
    return (
        TalkRequest.objects.filter(Q(asked=account.member_id) | Q(Exists(standing_in)) & Q(pk__in=open_ones))
        .exclude(requester=account.member_id)
        .exclude(state=RequestState.TAKEN_BACK.value)
    )


def known_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Requests whose page the account may open: its own, and those that it answers."""
    own = visible_requests(account, today=today).values("pk")
    answered = answerable_requests(account, today=today).values("pk")
    return TalkRequest.objects.filter(Q(pk__in=own) | Q(pk__in=answered))


def counted_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Requests that the account may count: of the organisations it leads, keeps or inspects, and below."""
    return TalkRequest.objects.placed_in(reported_organisations(account, today=today))


def colleagues_for(request: TalkRequest, *, today: date) -> QuerySet[Post]:
    """The posts of those to whom the request may be handed over: whom its requester could have asked.

    Not who was asked, nor whom he has asked already, nor whom he would not be handed over to.
    """
    asked_already = TalkRequest.objects.open().filter(requester=request.requester_id).values("asked")
    refused = Handover.objects.filter(request=request).values("colleague")
    return (
        posts_over(request.requester_id, today=today)
        .exclude(member__in=asked_already)
        .exclude(member__in=refused)
        .exclude(member=request.asked_id)
    )


def visible_proposals(account: Account, *, today: date) -> QuerySet[Proposal]:
    """Times proposed in the requests that the account knows."""
    return Proposal.objects.filter(request__in=known_requests(account, today=today).order_by().values("pk"))


def visible_handovers(account: Account, *, today: date) -> QuerySet[Handover]:
    """Handings over of the account's own requests, and of those that it answers."""
    return Handover.objects.filter(request__in=known_requests(account, today=today).order_by().values("pk"))


def visible_deputies(account: Account, *, today: date) -> QuerySet[Deputy]:
    """Those that the account's member has named, and where he is one."""
    if not account.member_id:
        return Deputy.objects.none()
    return Deputy.objects.filter(Q(leader=account.member_id) | Q(deputy=account.member_id))


def visible_request_notices(account: Account, *, today: date) -> RequestNoticeQuerySet:
    """Those to oneself."""
    if not account.member_id:
        return RequestNotice.objects.none()
    return RequestNotice.objects.filter(member=account.member_id)
