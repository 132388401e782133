"""约谈, the member's side: asking, writing more, taking back, picking a time, agreeing to a handing over.

What was written is sealed; the trail names codes and fields, never words.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone

from branches.rules.dates import chinese_date
from members.models import Account, Member, Post
from members.permissions import leading_posts
from talks.figures.requests import request_limits
from talks.figures.slots import free_times, taken_times
from talks.models import Handover, Proposal, RequestNotice, TalkRequest
from talks.permissions import deputies_today, leads_today
from talks.rules.office_hours import Slot
from talks.rules.requests import BY_LEADER, RequestState, may_be_taken_back
from talks.services.request_notices import tell
from talks.services.talks import Circumstances, Persons, plan_talk
from vault.services import Actor, enter_trail

ASKS_ONESELF = "不能向自己申请约谈，请另选一位同志。"
NOT_ASKABLE = "{name}同志目前不在您可以约谈的领导之列（可能刚刚离任），申请没有送出，请改约其他同志。"
OPEN_ALREADY = "您约{name}同志的申请还没有办完，不必再送一次；有补充的，请在原申请中补充。"
SLOT_OVER = "这个时间已经过去，请另选时间。"
SLOT_TAKEN = "这个时间刚刚约给了别人，申请没有送出。"
SLOT_LATE = "约谈应在{day}前进行，请另选较早的时间。"
SLOT_YOURS = "您在这个时间已有其他谈话或约谈，请另选时间。"
TOO_LATE = "这项约谈刚才已有变化，本次操作没有生效，请核对最新情况。"
TEN_MINUTES = "送出已超过10分钟，不能再撤回。对方会在期限内答复，答复前可以补充说明。"
NOT_PICKED = "请选择一个时间。"
WORDS_MISSING = "请填写要补充的内容。"
WORDS_MOST = 2000
TOO_MANY_WORDS = "最多可以写2000字，原有{there}字，本次{more}字，请精简。"
TRIES = 20
SETTLED_KIND = "交流"


@dataclass(frozen=True, slots=True)
class Wish:
    """How and when the member would talk: a slot of his choice, or words (由对方定时间)."""

    form: str = ""
    slot: Slot | None = None
    time: str = BY_LEADER


@transaction.atomic
def ask_request(
    *, actor: Actor, at: datetime, account: Account, asked: Member, wish: Wish, reason: str = ""
) -> TalkRequest:
    """Asks the leader for a talk; a slot chosen is kept for it from now on.

    ValidationError, by code: `asked` for oneself, for who leads nothing of the member's (any more) and for a
    second open request to the same leader; `slot` for a time that is over or after the limit, `taken` and
    `own` where the leader or the member is engaged then. Of two who ask for one slot at the same moment the
    second is refused.
    """
    requester = account.member
    assert requester is not None
    today = timezone.localtime(at).date()
    if asked == requester:
        raise ValidationError(ASKS_ONESELF, code="asked")
    post = leading_posts(account, today=today).filter(member=asked).select_related("organisation").first()
    if post is None:
        raise ValidationError(NOT_ASKABLE.format(name=asked.name), code="asked")
    _refuse_open(requester, asked)
    if wish.slot:
        refuse_slot(
            slot=wish.slot, asked=asked, requester=requester, due_on=request_limits().hold_due(today), at=at
        )
    request = TalkRequest(
        requester=requester,
        asked=asked,
        organisation=post.organisation,
        asked_on=today,
        reason=reason,
        form=wish.form,
        wished_time=wish.slot.words if wish.slot else wish.time,
        state=RequestState.WAITING.value,
        sent_at=at,
    )
    _keep_slot(request, wish.slot)
    _save(request, today.year)
    enter_trail(actor=actor, at=at, action="申请约谈", target_kind="约谈申请", target=request.code)
    tell(request=request, kind=RequestNotice.Kind.ASKED, members=_answering(request, today), at=at)
    return request


@transaction.atomic
def add_words(*, actor: Actor, at: datetime, request: TalkRequest, words: str) -> None:
    """Puts more below what was written; ValidationError for nothing, for too much, or once it has ended."""
    locked = lock(request=request)
    if not words.strip():
        raise ValidationError(WORDS_MISSING, code="words")
    if len(locked.reason) + len(words.strip()) > WORDS_MOST:
        text = TOO_MANY_WORDS.format(there=len(locked.reason), more=len(words.strip()))
        raise ValidationError(text, code="words")
    if not TalkRequest.objects.open().filter(pk=locked.pk).exists():
        raise ValidationError(TOO_LATE, code="stale")
    locked.reason = "\n".join(filter(None, (locked.reason, words.strip())))
    locked.save(update_fields=["reason"])
    enter_trail(actor=actor, at=at, action="补充事由", target_kind="约谈申请", target=locked.code)


@transaction.atomic
def withdraw_request(*, actor: Actor, at: datetime, request: TalkRequest) -> None:
    """Takes back what was sent, within ten minutes and unanswered; later only where the leader has left.

    So nobody can be pressed to take his request back.
    """
    locked = lock(request=request)
    left = not leads_today(locked.asked_id, today=timezone.localtime(at).date())
    states = {RequestState.WAITING, RequestState.PROPOSED} if left else {RequestState.WAITING}
    if locked.state not in states:
        raise ValidationError(TOO_LATE, code="stale")
    if not left and not may_be_taken_back(locked.sent_at, at):
        raise ValidationError(TEN_MINUTES, code="late")
    end(request=locked, state=RequestState.TAKEN_BACK)
    enter_trail(actor=actor, at=at, action="撤回约谈", target_kind="约谈申请", target=locked.code)


@transaction.atomic
def pick_time(*, actor: Actor, at: datetime, account: Account, request: TalkRequest, proposal: int) -> None:
    """The member picks one of the times proposed (its primary key): the talk is booked.

    ValidationError where it is no longer proposed, over, or one of the two is engaged by now.
    """
    locked = lock(request=request)
    chosen = Proposal.objects.filter(request=locked, pk=proposal).first()
    if locked.state != RequestState.PROPOSED or chosen is None:
        raise ValidationError(TOO_LATE if locked.state != RequestState.PROPOSED else NOT_PICKED, code="stale")
    slot = Slot(chosen.held_on, chosen.starts_at, chosen.ends_at)
    _refuse_over(slot, at)
    book(actor=actor, at=at, booked_by=account, request=locked, slot=slot)
    tell(request=locked, kind=RequestNotice.Kind.BOOKED, members=[locked.asked_id], at=at)


@transaction.atomic
def ask_again(*, actor: Actor, at: datetime, request: TalkRequest, time: str) -> None:
    """None of the times proposed will do: the leader is asked again, with another wish in words."""
    locked = lock(request=request)
    if locked.state != RequestState.PROPOSED:
        raise ValidationError(TOO_LATE, code="stale")
    Proposal.objects.filter(request=locked).delete()
    today = timezone.localtime(at).date()
    TalkRequest.objects.filter(pk=locked.pk).update(
        state=RequestState.WAITING.value, waiting_since=today, wished_time=time.strip() or BY_LEADER
    )
    enter_trail(actor=actor, at=at, action="另选时间", target_kind="约谈申请", target=locked.code)
    tell(request=locked, kind=RequestNotice.Kind.REOPENED, members=_answering(locked, today), at=at)


@transaction.atomic
def answer_handover(
    *, actor: Actor, at: datetime, account: Account, request: TalkRequest, agrees: bool, with_reason: bool
) -> TalkRequest | None:
    """The requester says whether his request goes to the colleague, and whether what he wrote goes along.

    Gives the request as the colleague has it; the talk is still due as from the first. ValidationError where
    nothing waits for his word, or the colleague leads nothing any more.
    """
    locked = lock(request=request)
    waiting = Handover.objects.filter(request=locked, answered_at=None).select_related("colleague")
    offer = waiting.select_for_update(of=("self",)).first()
    if offer is None or locked.state not in (RequestState.WAITING, RequestState.PROPOSED):
        raise ValidationError(TOO_LATE, code="stale")
    today = timezone.localtime(at).date()
    if not agrees:
        Handover.objects.filter(pk=offer.pk).update(answered_at=at)
        enter_trail(actor=actor, at=at, action="不同意转交", target_kind="约谈申请", target=locked.code)
        tell(request=locked, kind=RequestNotice.Kind.REOPENED, members=_answering(locked, today), at=at)
        return None
    post = _post_of(account, offer.colleague, today)
    _refuse_open(locked.requester, offer.colleague)
    Handover.objects.filter(pk=offer.pk).update(answered_at=at, agreed=True, with_reason=with_reason)
    moved = TalkRequest(
        requester=locked.requester,
        asked=offer.colleague,
        organisation=post.organisation,
        asked_on=locked.asked_on,
        reason=locked.reason if with_reason else "",
        form=locked.form,
        wished_time=locked.wished_time,
        state=RequestState.WAITING.value,
        sent_at=at,
        waiting_since=today,
        came_from=locked,
    )
    end(request=locked, state=RequestState.HANDED_OVER, answered_on=locked.answered_on or today)
    _save(moved, today.year)
    detail = {"转为": moved.code, "事由一并转交": with_reason}
    enter_trail(
        actor=actor, at=at, action="同意转交", target_kind="约谈申请", target=locked.code, detail=detail
    )
    tell(request=moved, kind=RequestNotice.Kind.ASKED, members=_answering(moved, today), at=at)
    return moved


def lock(*, request: TalkRequest) -> TalkRequest:
    """The request as it stands, held until the transaction ends."""
    return TalkRequest.objects.select_for_update().get(pk=request.pk)


def end(*, request: TalkRequest, state: RequestState, answered_on: date | None = None) -> None:
    """The locked request comes to an end; its slot is free again, what was proposed or offered is gone."""
    Proposal.objects.filter(request=request).delete()
    columns: dict[str, object] = {"answered_on": answered_on} if answered_on else {}
    TalkRequest.objects.filter(pk=request.pk).update(
        state=state.value, slot_on=None, slot_starts_at=None, slot_ends_at=None, **columns
    )


def book(
    *,
    actor: Actor,
    at: datetime,
    booked_by: Account,
    request: TalkRequest,
    slot: Slot,
    place: str = "",
) -> None:
    """Books the talk of the locked request; ValidationError where one of the two is engaged then."""
    talk = plan_talk(
        actor=actor,
        at=at,
        booked_by=booked_by,
        persons=Persons(talkers=[request.asked], subjects=[request.requester]),
        circumstances=Circumstances(
            held_on=slot.day,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            form=request.form,
            kind=SETTLED_KIND,
            place=place,
        ),
    )
    Proposal.objects.filter(request=request).delete()
    Handover.objects.filter(request=request, answered_at=None).update(answered_at=at)
    TalkRequest.objects.filter(pk=request.pk).update(
        state=RequestState.ACCEPTED.value,
        talk=talk,
        answered_on=request.answered_on or timezone.localtime(at).date(),
        slot_on=None,
        slot_starts_at=None,
        slot_ends_at=None,
    )
    request.talk = talk
    enter_trail(actor=actor, at=at, action="约定谈话", target_kind="约谈申请", target=request.code)


def refuse_slot(*, slot: Slot, asked: Member, requester: Member, due_on: date, at: datetime) -> None:
    """ValidationError where the time is over, after the limit, or one of the two is engaged then."""
    _refuse_over(slot, at)
    if slot.day > due_on >= timezone.localtime(at).date():
        raise ValidationError(SLOT_LATE.format(day=chinese_date(due_on)), code="slot")
    taken = taken_times({asked.pk, requester.pk}, since=slot.day, until=slot.day)
    begins, ends = slot.span
    for member, message, code in ((asked, SLOT_TAKEN, "taken"), (requester, SLOT_YOURS, "own")):
        spans = taken.get(member.pk, {}).get(slot.day, ())
        if any(b < ends and begins < e for b, e in spans):
            raise ValidationError(message, code=code)


def next_slots(*, asked: Member, requester: Member, at: datetime, most: int) -> list[Slot]:
    """The next free times of the leader, within the limit of a request made now."""
    here = timezone.localtime(at).replace(tzinfo=None)
    until = request_limits().hold_due(here.date())
    return free_times([asked.pk], requester=requester.pk, now=here, until=until)[asked.pk][:most]


def _answering(request: TalkRequest, today: date) -> list[int]:
    """Who is to answer: the leader, and who stands in for him today."""
    standing_in = deputies_today(today=today).filter(leader=request.asked_id)
    deputies = standing_in.exclude(deputy=request.requester_id).values_list("deputy", flat=True)
    return [request.asked_id, *deputies]


def _refuse_over(slot: Slot, at: datetime) -> None:
    if datetime.combine(slot.day, slot.starts_at) <= timezone.localtime(at).replace(tzinfo=None):
        raise ValidationError(SLOT_OVER, code="slot")


def _refuse_open(requester: Member, asked: Member) -> None:
    if TalkRequest.objects.open().between(requester, asked).exists():
        raise ValidationError(OPEN_ALREADY.format(name=asked.name), code="asked")
    # Of one whose talk was recorded the state may lag behind: it must not stand in the way of a new one.
    TalkRequest.objects.between(requester, asked).filter(talk__state__in=["已记录", "已确认", "办结"]).update(
        state=RequestState.HELD.value
    )


def _post_of(account: Account, member: Member, today: date) -> Post:
    post = leading_posts(account, today=today).filter(member=member).select_related("organisation").first()
    if post is None:
        raise ValidationError(NOT_ASKABLE.format(name=member.name), code="asked")
    return post


def _keep_slot(request: TalkRequest, slot: Slot | None) -> None:
    if slot:
        request.slot_on, request.slot_starts_at, request.slot_ends_at = slot.day, slot.starts_at, slot.ends_at


def _save(request: TalkRequest, year: int) -> None:
    """Saves under the next free number; ValidationError where somebody was faster with slot or leader."""
    for _ in range(TRIES):
        request.code = _next_code(year)
        try:
            with transaction.atomic():
                request.save(force_insert=True)
        except IntegrityError:
            request.pk = None
            if TalkRequest.objects.filter(code=request.code).exists():
                continue
            _refuse_open(request.requester, request.asked)
            if request.slot_on and TalkRequest.objects.filter(
                asked=request.asked, slot_on=request.slot_on, slot_starts_at=request.slot_starts_at
            ):
                raise ValidationError(SLOT_TAKEN, code="taken") from None
            raise
        return
    raise ValidationError(TOO_LATE, code="stale")


def _next_code(year: int) -> str:
    prefix = f"Y{year}-"
    ours = TalkRequest.objects.filter(code__regex=rf"^{re.escape(prefix)}[0-9]{{6,12}}$")
    last = ours.order_by(Length("code").desc(), "-code").values_list("code", flat=True).first()
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:06d}"
