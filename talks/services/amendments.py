"""更正 and 补正: a subject asks for a correction; what was confirmed is amended, and both texts stay."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from members.models import Member
from talks.models import Amendment, Correction, Participant, Side, Talk
from talks.rules.words import TalkState
from talks.services.appointments import contest
from talks.services.life import ALREADY_RECORDED, NOT_RECORDED
from talks.services.talks import NOT_A_SUBJECT
from vault.services import Actor, enter_trail

TEXT_MISSING = "请写明需要更正之处。"
ANSWER_MISSING = "请填写答复。"
AMENDMENT_MISSING = "请填写补正内容。"
ASKED_ALREADY = "您已提出更正请求，记录人还没有答复。需要补充的，请待答复后再提出。"
CONFIRMED_BY_YOU = "您已确认这份记录。需要补充的，请与谈话人联系，由谈话人作补正。"
ANSWERED_ALREADY = "这项更正请求已经答复。"
NOT_CONFIRMED_YET = "还没有谈话对象确认这份记录，可以直接更正原文，不必补正。"


@transaction.atomic
def ask_correction(*, actor: Actor, at: datetime, talk: Talk, member: Member, text: str) -> Correction:
    """A subject says what in the record is not as it was, instead of confirming it.

    The 约谈 that he asked for is not settled until he confirms.

    ValidationError where there is no record to be confirmed, the member is not a subject or has confirmed,
    an earlier request waits, or nothing is written.
    """
    if not text.strip():
        raise ValidationError(TEXT_MISSING, code="text")
    locked = Talk.objects.select_for_update().get(pk=talk.pk)
    mine = locked.participants.filter(side=Side.SUBJECT, member=member).first()
    if mine is None:
        raise ValidationError(NOT_A_SUBJECT, code="member")
    if mine.confirmed_at:
        raise ValidationError(CONFIRMED_BY_YOU, code="stale")
    if locked.state != TalkState.RECORDED:
        raise ValidationError(NOT_RECORDED if locked.is_open else ALREADY_RECORDED, code="stale")
    if mine.corrections.filter(answered_at=None).exists():
        raise ValidationError(ASKED_ALREADY, code="stale")
    last = mine.corrections.aggregate(last=Max("number"))["last"] or 0
    made = Correction.objects.create(participant=mine, number=last + 1, text=text.strip(), asked_at=at)
    contest(talk=locked, member=member)
    enter_trail(actor=actor, at=at, action="请求更正", target_kind="谈话", target=talk.code)
    return made


@transaction.atomic
def answer_correction(
    *, actor: Actor, at: datetime, correction: Correction, member: Member, answer: str
) -> None:
    """Who keeps the record answers: what he has corrected, or why it stays as it is."""
    if not answer.strip():
        raise ValidationError(ANSWER_MISSING, code="answer")
    waiting = Correction.objects.filter(pk=correction.pk, answered_at=None)
    if not waiting.update(answered_at=at, answered_by=member):
        raise ValidationError(ANSWERED_ALREADY, code="stale")
    correction.refresh_from_db()
    correction.answer = answer.strip()
    correction.save(update_fields=["answer"])
    enter_trail(
        actor=actor,
        at=at,
        action="答复更正请求",
        target_kind="谈话",
        target=correction.participant.talk.code,
    )


@transaction.atomic
def amend_record(
    *,
    actor: Actor,
    at: datetime,
    talk: Talk,
    member: Member,
    text: str,
    participant: Participant | None = None,
) -> Amendment:
    """Puts an amendment beside a record that somebody has confirmed; the confirmed text stays as it is.

    `participant`: it is about what this subject said in a group talk, and he reads it. ValidationError where
    nothing is written, or nobody has confirmed: then the text itself is corrected.
    """
    if not text.strip():
        raise ValidationError(AMENDMENT_MISSING, code="text")
    locked = Talk.objects.select_for_update().get(pk=talk.pk)
    if not locked.counts:
        raise ValidationError(NOT_RECORDED, code="stale")
    is_untouched = not locked.participants.filter(confirmed_at__isnull=False).exists()
    if locked.state == TalkState.RECORDED and is_untouched:
        raise ValidationError(NOT_CONFIRMED_YET, code="stale")
    last = locked.amendments.aggregate(last=Max("number"))["last"] or 0
    made = Amendment.objects.create(
        talk=locked, number=last + 1, participant=participant, text=text.strip(), by=member, at=at
    )
    enter_trail(
        actor=actor,
        at=at,
        action="补正",
        target_kind="谈话",
        target=talk.code,
        detail={"number": made.number},
    )
    return made
