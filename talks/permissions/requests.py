"""Who asks whom for a talk, who answers, and who knows what of a request (rules.md section 9).

What was written is read by who wrote it and by the leader asked, nobody else (`visible_requests`).
"""

from datetime import date

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from members.models import Account, Member, Post
from members.permissions import leading_posts, posts_over, reported_organisations
from members.permissions.standing import is_administrator, kept_once
from talks.models import Deputy, Handover, Proposal, RequestNotice, TalkRequest
from talks.models.requests import ANSWERABLE, OPEN, RequestNoticeQuerySet, TalkRequestQuerySet
from talks.rules.requests import RequestState

LEADING = Q(is_team=True) | Q(is_head=True)
LEADS = Q(leads=True)  # of led_requests
ANSWERED_BY = ("pk", "deputy")  # of deputised_requests


def is_askable(account: Account, member: Member, *, today: date) -> bool:
    """Whether the account may ask the member for a talk: he leads one of its organisations or one above."""
    return leading_posts(account, today=today).filter(member=member).exists()


def may_publish(account: Account, *, today: date) -> bool:
    """Whether the account publishes hours and names deputies: a leader's."""
    if account.member_id is None:
        return False
    return Post.objects.in_force(today).filter(LEADING, member=account.member_id).exists()


def led_requests(*, today: date) -> TalkRequestQuerySet:
    """All requests, with `leads`: whether who was asked leads today where he was asked, or above.

    What a workbook brought in is taken as it is.
    """
    return TalkRequest.objects.annotate(leads=Q(sent_at=None) | Q(_leads("asked", today)))


def asked_still_leads(request: TalkRequest, *, today: date) -> bool:
    """Whether who was asked leads there still, so that he is to answer."""
    return led_requests(today=today).filter(LEADS, pk=request.pk).exists()


def deputised_requests(*, today: date) -> TalkRequestQuerySet:
    """Requests that are to be answered, once for each `deputy` (a member) who may do so for a leader away.

    He leads today where the requester could have asked him. Nobody answers his own.
    """
    return (
        led_requests(today=today)
        .filter(
            LEADS,
            state__in=ANSWERABLE,
            asked__deputies__since__lte=today,
            asked__deputies__until__gt=today,
        )
        .annotate(deputy=F("asked__deputies__deputy"))
        .filter(Q(_leads("deputy", today)))
        .exclude(deputy=F("requester"))
        .order_by()
    )


def visible_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """约谈 requests: nobody but who asked and who was asked; what was taken back, only who asked.

    Who was asked and has left before he answered reads it no longer.
    """
    if not account.member_id or is_administrator(account, today):
        return TalkRequest.objects.none()
    return led_requests(today=today).filter(Q(requester=account.member_id) | _to_him(account))


def answerable_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Requests that the account answers: those to itself, and those to whom it stands in for today.

    Nobody answers his own. Who stands in learns nothing of what is answered.
    """
    if not account.member_id or is_administrator(account, today):
        return TalkRequest.objects.none()
    mine = _to_him(account)
    if _stands_in(account, today):
        standing_in = deputised_requests(today=today).filter(Q(deputy=account.member_id)).values("pk")
        mine |= Q(pk__in=standing_in)
    return led_requests(today=today).filter(mine).exclude(requester=account.member_id)


def known_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Requests whose page the account may open: its own, and those that it answers."""
    known = Q(pk__in=visible_requests(account, today=today).values("pk"))
    # Who stands in for nobody answers what was sent to himself, which he sees.
    if _stands_in(account, today):
        known |= Q(pk__in=answerable_requests(account, today=today).values("pk"))
    return TalkRequest.objects.filter(known)


def is_in_open_requests(account: Account, *, today: date) -> bool:
    """Whether there may be open requests that the account knows; two plain queries, and most have none."""
    if not account.member_id or is_administrator(account, today):
        return False
    own = Q(requester=account.member_id) | Q(asked=account.member_id)
    return _stands_in(account, today) or TalkRequest.objects.filter(own, state__in=OPEN).exists()


def counted_requests(account: Account, *, today: date) -> TalkRequestQuerySet:
    """Requests that the account may count: of the organisations it leads, keeps or inspects, and below."""
    return TalkRequest.objects.placed_in(reported_organisations(account, today=today))


def colleagues_for(request: TalkRequest, *, today: date) -> QuerySet[Post]:
    """The posts of those to whom the request may be handed over: whom its requester could have asked.

    Not who was asked, nor whom he has asked already, nor whom he would not be handed over to.
    """
    asked_already = TalkRequest.objects.in_the_way().filter(requester=request.requester_id).values("asked")
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


def _stands_in(account: Account, today: date) -> bool:
    """Whether somebody who is away has named the account's member; one query."""
    named = Deputy.objects.filter(deputy=account.member_id, since__lte=today, until__gt=today)
    return kept_once(account, ("stands in", today), lambda: bool(account.member_id) and named.exists())


def _leads(member: str, today: date) -> Exists:
    """Whether the member in that column leads today in the organisation of the request, or in one above."""
    posts = Post.objects.in_force(today).filter(LEADING, member=OuterRef(member))
    line = ExpressionWrapper(OuterRef("organisation__path"), output_field=CharField())
    return Exists(posts.annotate(line=line).filter(line__startswith=F("organisation__path")))


def _to_him(account: Account) -> Q:
    """Sent to the account, and not taken back; of who has left, only what he had answered."""
    to_him = Q(asked=account.member_id) & ~Q(state=RequestState.TAKEN_BACK.value)
    return to_him & (LEADS | ~Q(state__in=ANSWERABLE))
