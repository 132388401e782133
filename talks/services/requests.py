"""约谈, the member's side: asking, writing more, taking back.

What was written is sealed; the trail names codes and fields, never words.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone

from members.models import Account, Member, Post
from members.permissions import leading_posts
from talks.figures.facts import load_calendar
from talks.figures.requests import request_limits
from talks.models import Handover, Proposal, RequestNotice, TalkRequest
from talks.permissions import asked_still_leads
from talks.rules.office_hours import Slot
from talks.rules.requests import BY_LEADER, LEFT, RequestState, may_be_taken_back
from talks.services.request_notices import answering, tell
from talks.services.slots import SLOT_TAKEN, refuse_slot
from talks.services.talks import Circumstances, Persons, plan_talk
from vault.services import Actor, enter_trail

ASKS_ONESELF = "不能向自己申请约谈，请另选一位同志。"
NOT_ASKABLE = "{name}同志目前不在您可以约谈的领导之列（可能刚刚离任），申请没有送出，请改约其他同志。"
OPEN_ALREADY = "您约{name}同志的申请还没有办完，不必再送一次；有补充的，请在原申请中补充。"
TOO_LATE = "这项约谈刚才已有变化，本次操作没有生效，请核对最新情况。"
TEN_MINUTES = "送出已超过10分钟，不能再撤回。对方会在期限内答复，答复前可以补充说明。"
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
    post = post_of(account=account, asked=asked, today=today)
    refuse_open(requester=requester, asked=asked)
    if wish.slot:
        refuse_slot(
            slot=wish.slot, asked=asked, requester=requester, until=request_limits().hold_due(today), at=at
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
    save_request(request=request, year=today.year)
    enter_trail(actor=actor, at=at, action="申请约谈", target_kind="约谈申请", target=request.code)
    told = answering(request=request, today=today)
    tell(request=request, kind=RequestNotice.Kind.ASKED, members=told, at=at)
    return request


@transaction.atomic
def add_words(*, actor: Actor, at: datetime, request: TalkRequest, words: str) -> None:
    """Puts more below what was written; ValidationError for nothing, for too much, or once it has ended.

    Nor is anything more written to a leader who has left.
    """
    locked = lock(request=request)
    if not words.strip():
        raise ValidationError(WORDS_MISSING, code="words")
    if len(locked.reason) + len(words.strip()) > WORDS_MOST:
        text = TOO_MANY_WORDS.format(there=len(locked.reason), more=len(words.strip()))
        raise ValidationError(text, code="words")
    if not TalkRequest.objects.open().filter(pk=locked.pk).exists():
        raise ValidationError(TOO_LATE, code="stale")
    refuse_left(request=locked, today=timezone.localtime(at).date())
    locked.reason = "\n".join(filter(None, (locked.reason, words.strip())))
    locked.save(update_fields=["reason"])
    enter_trail(actor=actor, at=at, action="补充事由", target_kind="约谈申请", target=locked.code)


@transaction.atomic
def withdraw_request(*, actor: Actor, at: datetime, request: TalkRequest) -> None:
    """Takes back what was sent, within ten minutes and unanswered; later only where the leader has left.

    So nobody can be pressed to take his request back.
    """
    locked = lock(request=request)
    left = not asked_still_leads(locked, today=timezone.localtime(at).date())
    states = {RequestState.WAITING, RequestState.PROPOSED} if left else {RequestState.WAITING}
    if locked.state not in states:
        raise ValidationError(TOO_LATE, code="stale")
    if not left and not may_be_taken_back(locked.sent_at, at):
        raise ValidationError(TEN_MINUTES, code="late")
    end(request=locked, state=RequestState.TAKEN_BACK)
    enter_trail(actor=actor, at=at, action="撤回约谈", target_kind="约谈申请", target=locked.code)


def lock(*, request: TalkRequest) -> TalkRequest:
    """The request as it stands, held until the transaction ends."""
    return TalkRequest.objects.select_for_update().get(pk=request.pk)


def end(*, request: TalkRequest, state: RequestState) -> None:
    """The locked request comes to an end; its slot is free again, what was proposed or offered is gone."""
    Proposal.objects.filter(request=request).delete()
    TalkRequest.objects.filter(pk=request.pk).update(
        state=state.value, slot_on=None, slot_starts_at=None, slot_ends_at=None
    )


def note_answer(*, request: TalkRequest, today: date) -> None:
    """That the locked request was answered today; the first answer stands unless a later one came late.

    So who asks again after an answer in time, or whose talk was cancelled, is not answered late unseen.
    """
    limits, calendar = request_limits(), load_calendar()

    def is_late(day: date, since: date) -> bool:
        return day > limits.answer_due(since, calendar)

    first, since = request.answered_on, request.answered_since or request.asked_on
    if first and (is_late(first, since) or not is_late(today, request.since)):
        return
    TalkRequest.objects.filter(pk=request.pk).update(answered_on=today, answered_since=request.since)


def book(
    *,
    actor: Actor,
    at: datetime,
    booked_by: Account,
    request: TalkRequest,
    slot: Slot,
    place: str = "",
) -> None:
    """Books the talk of the locked request; ValidationError where one of the two is engaged then.

    Who stood in for the leader is in the trail only: who booked a talk goes on seeing what becomes of it.
    """
    is_his = booked_by.member_id in (request.asked_id, request.requester_id)
    talk = plan_talk(
        actor=actor,
        at=at,
        booked_by=booked_by if is_his else None,
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
        slot_on=None,
        slot_starts_at=None,
        slot_ends_at=None,
    )
    request.talk = talk
    enter_trail(actor=actor, at=at, action="约定谈话", target_kind="约谈申请", target=request.code)


def refuse_left(*, request: TalkRequest, today: date) -> None:
    """ValidationError where who was asked leads nothing of the requester's any more."""
    if not asked_still_leads(request, today=today):
        raise ValidationError(f"{LEFT.format(name=request.asked.name)}。", code="left")


def refuse_open(*, requester: Member, asked: Member) -> None:
    """ValidationError where a request of the one to the other goes on."""
    if TalkRequest.objects.in_the_way().between(requester, asked).exists():
        raise ValidationError(OPEN_ALREADY.format(name=asked.name), code="asked")
    # Of one whose talk was recorded the state may lag behind: it must not stand in the way of a new one.
    TalkRequest.objects.between(requester, asked).filter(talk__state__in=["已记录", "已确认", "办结"]).update(
        state=RequestState.HELD.value
    )


def post_of(*, account: Account, asked: Member, today: date) -> Post:
    """The post by which the leader may be asked, the nearest; ValidationError where there is none."""
    post = leading_posts(account, today=today).filter(member=asked).select_related("organisation").first()
    if post is None:
        raise ValidationError(NOT_ASKABLE.format(name=asked.name), code="asked")
    return post


def _keep_slot(request: TalkRequest, slot: Slot | None) -> None:
    if slot:
        request.slot_on, request.slot_starts_at, request.slot_ends_at = slot.day, slot.starts_at, slot.ends_at


def save_request(*, request: TalkRequest, year: int) -> None:
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
            refuse_open(requester=request.requester, asked=request.asked)
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
