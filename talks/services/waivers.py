"""免予谈话: asked for with a reason, decided by somebody else, taken back, revoked.

The trail names no reason, and of the waiver of an event duty neither rule nor person.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from branches.services import mark_stale
from members.models import Member
from talks.models import Duty, Waiver
from talks.rules.words import WaiverState
from talks.services.reconciliation import reconcile
from vault.services import Actor, enter_trail

REASON_MISSING = "请填写理由。"
ALREADY_ASKED = "这项应谈已有人申请免予谈话，正等待批准，不必再申请。"
ALREADY_WAIVED = "这项应谈已经批准免予谈话，不必再申请。"
OWN_WAIVER = "免予谈话不能由申请人自己批准。"
TOOK_PART = "免予谈话不能由应谈双方中的同志批准。"
NOT_THE_ASKER = "只有申请人可以撤回申请。"
SETTLED = "这项应谈已经谈过，或者不再应谈，不需要免予谈话。"
TOO_LATE = "这项免予谈话刚才已由他人办理，本次操作没有生效，请核对最新情况。"


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was written about a waiver: why it was asked for, and why it was declined or revoked."""

    asked: str
    ended: str


@transaction.atomic
def ask_waiver(*, actor: Actor, at: datetime, asked_by: Member, duty: Duty, reason: str) -> Waiver:
    """Asks that the duty need not be met.

    Refuses with ValidationError: no reason, a waiver of it that waits or is in force, a duty that is met or
    not owed. One that was declined, taken back or revoked may be asked for again.
    """
    waiver = Waiver(
        rule=duty.rule,
        organisation=duty.organisation,
        anchor=duty.anchor,
        subject=duty.subject,
        counterpart=duty.counterpart,
        persons=duty.persons,
        reason=_given(reason),
        asked_by=asked_by,
        asked_on=_day(at),
    )
    there = Waiver.objects.of_duty(duty)
    live = there.filter(ending="").first()
    if live is not None:
        raise ValidationError(ALREADY_WAIVED if live.approved_on else ALREADY_ASKED)
    _bring_up_to_date(waiver, at)
    _refuse_settled(waiver, at)
    waiver.number = (there.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            waiver.save(force_insert=True)
    except IntegrityError as error:
        # Somebody else asked in the meantime.
        raise ValidationError(ALREADY_ASKED) from error
    _enter(actor, at, "申请", waiver)
    return waiver


@transaction.atomic
def approve_waiver(*, actor: Actor, at: datetime, waiver: Waiver, approved_by: Member) -> None:
    """Approves it: from this day on the duty need not be met (rules.md section 6).

    Refuses with ValidationError who asked or is named by the duty, where it no longer waits, and where the
    duty is met or not owed by now: a waiver would hide the talk.
    """
    _refuse_part(waiver, approved_by)
    # Before the step: with the waiver in force the rows would no longer tell of a talk.
    _bring_up_to_date(waiver, at)
    _step(waiver, WaiverState.WAITING, approved_by=approved_by, approved_on=_day(at))
    _refuse_settled(waiver, at)
    mark_stale(organisations=[waiver.organisation_id], at=at)
    _enter(actor, at, "批准", waiver)


@transaction.atomic
def decline_waiver(*, actor: Actor, at: datetime, waiver: Waiver, declined_by: Member, reason: str) -> None:
    """Declines it, with a reason that who asked reads; refuses as `approve_waiver`, and without a reason."""
    _end(waiver, WaiverState.DECLINED, by=declined_by, on=_day(at), reason=reason)
    _enter(actor, at, "不予批准", waiver)


@transaction.atomic
def take_back_waiver(*, actor: Actor, at: datetime, waiver: Waiver, taken_back_by: Member) -> None:
    """Who asked takes it back; refuses with ValidationError anybody else, and where it no longer waits."""
    if taken_back_by.pk != waiver.asked_by_id:
        raise ValidationError(NOT_THE_ASKER)
    ended = {"ending": WaiverState.TAKEN_BACK.value, "ended_by": taken_back_by, "ended_on": _day(at)}
    _step(waiver, WaiverState.WAITING, **ended)
    _enter(actor, at, "撤回申请", waiver)


@transaction.atomic
def revoke_waiver(*, actor: Actor, at: datetime, waiver: Waiver, revoked_by: Member, reason: str) -> None:
    """Takes the approval back, with a reason: the duty is owed again.

    Refuses with ValidationError who asked or is named by the duty, no reason, one not approved or revoked.
    """
    _end(waiver, WaiverState.REVOKED, by=revoked_by, on=_day(at), reason=reason)
    mark_stale(organisations=[waiver.organisation_id], at=at)
    _enter(actor, at, "撤回批准", waiver)


@transaction.atomic
def read_waiver(*, actor: Actor, at: datetime, waiver: Waiver) -> Reasons:
    """The sealed reasons; they are given only where the trail could be written."""
    _enter(actor, at, "查看理由", waiver)
    return Reasons(asked=waiver.reason, ended=waiver.ending_reason or "")


def _end(waiver: Waiver, ending: WaiverState, *, by: Member, on: date, reason: str) -> None:
    reason = _given(reason)
    _refuse_part(waiver, by)
    before = WaiverState.APPROVED if ending is WaiverState.REVOKED else WaiverState.WAITING
    _step(waiver, before, ending=ending.value, ended_by=by, ended_on=on)
    # Sealed text is written by the record itself; the row is locked since the step.
    waiver.ending_reason = reason
    waiver.save(update_fields=["ending_reason"])


def _refuse_part(waiver: Waiver, decider: Member) -> None:
    if decider.pk == waiver.asked_by_id:
        raise ValidationError(OWN_WAIVER)
    if decider.pk in (waiver.subject_id, waiver.counterpart_id):
        raise ValidationError(TOOK_PART)


def _bring_up_to_date(waiver: Waiver, at: datetime) -> None:
    reconcile(organisations=[waiver.organisation_id], today=_day(at), at=at)


def _refuse_settled(waiver: Waiver, at: datetime) -> None:
    duties = Duty.objects.waivable(_day(at)).filter(
        organisation=waiver.organisation_id, rule=waiver.rule, anchor=waiver.anchor, persons=waiver.persons
    )
    if not duties.exists():
        raise ValidationError(SETTLED)


def _given(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": REASON_MISSING})
    return reason.strip()


def _step(waiver: Waiver, before: WaiverState, **columns: object) -> None:
    """Writes the columns if the waiver is still in that state; one conditional UPDATE decides for whom.

    `waiver` is read again. ValidationError where somebody was faster.
    """
    moved = Waiver.objects.filter(pk=waiver.pk).in_states([before]).update(**columns)
    waiver.refresh_from_db()
    if not moved:
        raise ValidationError(TOO_LATE, code="stale")


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _enter(actor: Actor, at: datetime, action: str, waiver: Waiver) -> None:
    detail: dict[str, object] = {"党组织": waiver.organisation.code}
    if not waiver.is_event:
        detail |= {"规则代码": waiver.rule, "事由标识": waiver.anchor, "人员": waiver.persons}
    enter_trail(
        actor=actor, at=at, action=action, target_kind="免予谈话", target=str(waiver.pk), detail=detail
    )
