"""约谈, what the member decides: a time proposed, that none of them will do, a handing over."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members.models import Account
from talks.figures.requests import request_limits
from talks.models import Handover, Proposal, RequestNotice, TalkRequest
from talks.rules.office_hours import Slot
from talks.rules.requests import BY_LEADER, WISHES, RequestState
from talks.services.request_notices import answering, begin_anew, tell
from talks.services.requests import (
    TOO_LATE,
    book,
    end,
    lock,
    note_answer,
    post_of,
    refuse_left,
    refuse_open,
    save_request,
)
from talks.services.slots import refuse_slot
from vault.services import Actor, enter_trail

NOT_PICKED = "请选择一个时间。"
PICKED_TAKEN = "这个时间刚刚约给了别人，请另选时间。"


@transaction.atomic
def pick_time(*, actor: Actor, at: datetime, account: Account, request: TalkRequest, proposal: int) -> None:
    """The member picks one of the times proposed (its primary key): the talk is booked.

    ValidationError where it is no longer proposed, over, or one of the two is engaged by now, also where the
    leader's time is kept for another who has asked for it.
    """
    locked = lock(request=request)
    chosen = Proposal.objects.filter(request=locked, pk=proposal).first()
    if locked.state != RequestState.PROPOSED or chosen is None:
        raise ValidationError(TOO_LATE if locked.state != RequestState.PROPOSED else NOT_PICKED, code="stale")
    today = timezone.localtime(at).date()
    # With a leader who has left he would agree on what that one may no longer read.
    refuse_left(request=locked, today=today)
    slot = Slot(chosen.held_on, chosen.starts_at, chosen.ends_at)
    until = request_limits().latest(locked.asked_on, today)
    try:
        refuse_slot(slot=slot, asked=locked.asked, requester=locked.requester, until=until, at=at)
    except ValidationError as error:
        raise ValidationError(
            PICKED_TAKEN if error.code == "taken" else error.message, code=error.code
        ) from error
    book(actor=actor, at=at, booked_by=account, request=locked, slot=slot)
    tell(request=locked, kind=RequestNotice.Kind.BOOKED, members=[locked.asked_id], at=at)


@transaction.atomic
def ask_again(*, actor: Actor, at: datetime, request: TalkRequest, time: str) -> None:
    """None of the times proposed will do: the leader is asked again, with another wish (one of WISHES)."""
    locked = lock(request=request)
    if locked.state != RequestState.PROPOSED:
        raise ValidationError(TOO_LATE, code="stale")
    today = timezone.localtime(at).date()
    refuse_left(request=locked, today=today)
    Proposal.objects.filter(request=locked).delete()
    locked.state, locked.waiting_since = RequestState.WAITING.value, today
    locked.wished_time = time.strip() or BY_LEADER
    locked.save(update_fields=["state", "waiting_since", "wished_time"])
    begin_anew(request=locked)
    enter_trail(actor=actor, at=at, action="另选时间", target_kind="约谈申请", target=locked.code)
    told = answering(request=locked, today=today)
    tell(request=locked, kind=RequestNotice.Kind.REOPENED, members=told, at=at)


@transaction.atomic
def answer_handover(
    *,
    actor: Actor,
    at: datetime,
    account: Account,
    request: TalkRequest,
    offer: int,
    agrees: bool,
    with_reason: bool,
) -> TalkRequest | None:
    """The requester says whether his request goes to the colleague, and whether what he wrote goes along.

    `offer` is the primary key of the one he read: agreeing to one colleague is not agreeing to the next.
    Gives the request as the colleague has it; the talk is still due as from the first. ValidationError where
    that offer does not wait for his word, or the colleague leads nothing any more.
    """
    locked = lock(request=request)
    waiting = Handover.objects.filter(request=locked, answered_at=None, pk=offer)
    read = waiting.select_related("colleague").select_for_update(of=("self",)).first()
    if read is None or locked.state not in (RequestState.WAITING, RequestState.PROPOSED):
        raise ValidationError(TOO_LATE, code="stale")
    today = timezone.localtime(at).date()
    if not agrees:
        Handover.objects.filter(pk=read.pk).update(answered_at=at)
        enter_trail(actor=actor, at=at, action="不同意转交", target_kind="约谈申请", target=locked.code)
        told = answering(request=locked, today=today)
        tell(request=locked, kind=RequestNotice.Kind.REOPENED, members=told, at=at)
        return None
    post = post_of(account=account, asked=read.colleague, today=today)
    refuse_open(requester=locked.requester, asked=read.colleague)
    Handover.objects.filter(pk=read.pk).update(answered_at=at, agreed=True, with_reason=with_reason)
    moved = TalkRequest(
        requester=locked.requester,
        asked=read.colleague,
        organisation=post.organisation,
        asked_on=locked.asked_on,
        reason=locked.reason if with_reason else "",
        form=locked.form,
        wished_time=locked.wished_time if with_reason or locked.wished_time in WISHES else BY_LEADER,
        state=RequestState.WAITING.value,
        sent_at=at,
        waiting_since=today,
        came_from=locked,
    )
    note_answer(request=locked, today=today)
    end(request=locked, state=RequestState.HANDED_OVER)
    save_request(request=moved, year=today.year)
    detail = {"转为": moved.code, "事由一并转交": with_reason}
    enter_trail(
        actor=actor, at=at, action="同意转交", target_kind="约谈申请", target=locked.code, detail=detail
    )
    tell(request=moved, kind=RequestNotice.Kind.ASKED, members=answering(request=moved, today=today), at=at)
    return moved
