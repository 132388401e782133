"""约谈, the leader's side: accepting, proposing other times, asking whether it may be handed over.

There is no way to refuse.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Account, Member
from talks.figures.requests import request_limits
from talks.models import Handover, Proposal, RequestNotice, TalkRequest
from talks.permissions import colleagues_for, visible_requests
from talks.rules.office_hours import Slot
from talks.rules.requests import RequestState
from talks.services.request_notices import tell
from talks.services.requests import TOO_LATE, book, lock, note_answer
from talks.services.slots import refuse_slot
from vault.services import Actor, enter_trail

TIME_MISSING = "请填写谈话时间。"
TIMES_MISSING = "请至少填写一个可以谈的时间，供对方选择。"
MOST_PROPOSED = 3
REASON_MISSING = "请填写转交原因。"
NOT_A_COLLEAGUE = "这位同志不能接受转交，请另选一位。"
OFFERED_ALREADY = "已经提出转交，正等待申请人答复。"
TAKEN_TO_LEADER = "这个时间您已有其他谈话或约谈，请另选时间。"
TAKEN_TO_MEMBER = "这个时间申请人不方便，请另选时间。"


@transaction.atomic
def accept_request(
    *,
    actor: Actor,
    at: datetime,
    account: Account,
    request: TalkRequest,
    slot: Slot | None = None,
    place: str = "",
) -> None:
    """Accepts: at the slot asked for, or at `slot` where the member left the time to the leader.

    ValidationError where it is answered already, the time is missing, over, after the limit or taken.
    """
    locked = lock(request=request)
    if locked.state != RequestState.WAITING:
        raise ValidationError(TOO_LATE, code="stale")
    if locked.slot_on and locked.slot_starts_at and locked.slot_ends_at:
        slot = Slot(locked.slot_on, locked.slot_starts_at, locked.slot_ends_at)
        # What it keeps itself is not in its way.
        TalkRequest.objects.filter(pk=locked.pk).update(slot_on=None, slot_starts_at=None, slot_ends_at=None)
    if slot is None:
        raise ValidationError(TIME_MISSING, code="slot")
    _refuse(locked, slot, at)
    note_answer(request=locked, today=timezone.localtime(at).date())
    book(actor=actor, at=at, booked_by=account, request=locked, slot=slot, place=place)
    tell(request=locked, kind=RequestNotice.Kind.BOOKED, members=[locked.requester_id], at=at)


@transaction.atomic
def propose_times(*, actor: Actor, at: datetime, request: TalkRequest, slots: Collection[Slot]) -> None:
    """Proposes up to three other times, of which the member picks; what he asked for is free again.

    It may be done again while he has not picked. ValidationError as for `accept_request`.
    """
    locked = lock(request=request)
    if locked.state not in (RequestState.WAITING, RequestState.PROPOSED):
        raise ValidationError(TOO_LATE, code="stale")
    wanted = sorted(set(slots))[:MOST_PROPOSED]
    if not wanted:
        raise ValidationError(TIMES_MISSING, code="slot")
    TalkRequest.objects.filter(pk=locked.pk).update(
        state=RequestState.PROPOSED.value,
        slot_on=None,
        slot_starts_at=None,
        slot_ends_at=None,
    )
    for slot in wanted:
        _refuse(locked, slot, at)
    if locked.state == RequestState.WAITING:
        note_answer(request=locked, today=timezone.localtime(at).date())
    Proposal.objects.filter(request=locked).delete()
    Proposal.objects.bulk_create(
        Proposal(request=locked, held_on=slot.day, starts_at=slot.starts_at, ends_at=slot.ends_at)
        for slot in wanted
    )
    enter_trail(actor=actor, at=at, action="另约时间", target_kind="约谈申请", target=locked.code)
    tell(request=locked, kind=RequestNotice.Kind.PROPOSED, members=[locked.requester_id], at=at)


@transaction.atomic
def offer_handover(
    *, actor: Actor, at: datetime, request: TalkRequest, colleague: Member, reason: str, today: date
) -> Handover:
    """Asks the requester whether his request may go to the colleague; until he agrees the limit runs on.

    ValidationError without a reason, for who cannot take it, and while he is being asked.
    """
    locked = lock(request=request)
    if locked.state not in (RequestState.WAITING, RequestState.PROPOSED):
        raise ValidationError(TOO_LATE, code="stale")
    if not reason.strip():
        raise ValidationError(REASON_MISSING, code="reason")
    if Handover.objects.filter(request=locked, answered_at=None).exists():
        raise ValidationError(OFFERED_ALREADY, code="stale")
    if not colleagues_for(locked, today=today).filter(member=colleague).exists():
        raise ValidationError(NOT_A_COLLEAGUE, code="colleague")
    offer = Handover(request=locked, colleague=colleague, reason=reason.strip(), offered_at=at)
    try:
        with transaction.atomic():
            offer.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(OFFERED_ALREADY, code="stale") from error
    enter_trail(actor=actor, at=at, action="提出转交", target_kind="约谈申请", target=locked.code)
    tell(request=locked, kind=RequestNotice.Kind.HANDOVER, members=[locked.requester_id], at=at)
    return offer


@transaction.atomic
def read_reason(
    *, actor: Actor, at: datetime, account: Account, request: TalkRequest, today: date
) -> str | None:
    """What was written, for who wrote it and for the leader asked; None for whoever only answers for him.

    It is given only where the trail could be written.
    """
    if not visible_requests(account, today=today).filter(pk=request.pk).exists():
        return None
    if request.reason:
        enter_trail(actor=actor, at=at, action="查看约谈事由", target_kind="约谈申请", target=request.code)
    return request.reason


@transaction.atomic
def read_offer(*, actor: Actor, at: datetime, offer: Handover) -> str:
    """Why the leader would hand the request over; given only where the trail could be written."""
    target = offer.request.code
    enter_trail(actor=actor, at=at, action="查看转交原因", target_kind="约谈申请", target=target)
    return offer.reason


def _refuse(request: TalkRequest, slot: Slot, at: datetime) -> None:
    """As `refuse_slot`, in words for the leader."""
    until = request_limits().latest(request.asked_on, timezone.localtime(at).date())
    try:
        refuse_slot(slot=slot, asked=request.asked, requester=request.requester, until=until, at=at)
    except ValidationError as error:
        words = {"taken": TAKEN_TO_LEADER, "own": TAKEN_TO_MEMBER}
        raise ValidationError(words.get(error.code or "", error.message), code="slot") from error
