"""整改: progress, the ledger, owner and limit named afterwards, 销号 asked for and decided by somebody else.

The trail names the talk and the number of the remedy, never what it says.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from members.models import Member
from talks.models import Participant, Progress, Remedy, Settlement, Side, homes_of
from talks.rules.meetings import is_reworded
from talks.rules.words import SettlementState
from talks.services.chasing import chase_talks
from vault.services import Actor, enter_trail

TEXT_MISSING = "请填写进展情况。"
RESULT_MISSING = "请填写完成情况。"
REASON_MISSING = "请填写退回理由。"
RELEASE_MISSING = "请填写列入台账的表述。"
NOT_REWORDED = "请改写后再列入台账：不照抄谈话记录中的原话。"
NAMES_SUBJECT = "台账的表述中有“{name}”，请改写，使人看不出是从哪次谈话来的。"
NO_HOME = "这次谈话的参加人当天都没有组织关系和任职，无法确定列入哪个党组织的台账，请先核对组织关系。"
AHEAD = "日期不能晚于今天。"
NOTHING_NAMED = "请填写责任人或完成时限。"
LIMIT_EARLY = "完成时限不能早于谈话日期。"
SETTLED_ALREADY = "这项整改措施已经销号。"
ASKED_ALREADY = "这项整改措施已有人申请销号，正等待批准，不必再申请。"
RELEASED_ALREADY = "这项整改措施刚才已列入台账。"
OWN_SETTLEMENT = "销号不能由申请人或责任人自己批准。"
TOOK_PART = "销号不能由参加这次谈话的同志批准。"
NOT_THE_ASKER = "只有申请人可以撤回申请。"
TOO_LATE = "这项销号申请刚才已由他人办理，本次操作没有生效，请核对最新情况。"


@transaction.atomic
def note_progress(
    *, actor: Actor, at: datetime, remedy: Remedy, noted_by: Member, noted_on: date, text: str
) -> Progress:
    """Notes what has been done. ValidationError: no text, a day after today, or it is settled."""
    if not text.strip():
        raise ValidationError({"text": TEXT_MISSING})
    if noted_on > _day(at):
        raise ValidationError({"noted_on": AHEAD})
    _hold_open(remedy)
    number = (remedy.progress.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Progress.objects.create(
        remedy=remedy, number=number, noted_on=noted_on, noted_by=noted_by, text=text.strip()
    )
    _enter(actor, at, "填写进展", remedy, {"序号": number, "日期": noted_on.isoformat()})
    return made


@transaction.atomic
def assign_remedy(
    *, actor: Actor, at: datetime, remedy: Remedy, owner: Member | None, due_on: date | None
) -> None:
    """Names the owner and the limit where the record named none; what stands in it stays.

    ValidationError: nothing named, a limit before the talk, or it is settled.
    """
    locked = _hold_open(remedy)
    changed: dict[str, object] = {}
    if owner and not locked.owner_id:
        changed["owner"] = owner
    if due_on and not locked.due_on:
        if due_on < locked.talk.held_on:
            raise ValidationError({"due_on": LIMIT_EARLY})
        changed["due_on"] = due_on
    if not changed:
        raise ValidationError(NOTHING_NAMED)
    Remedy.objects.filter(pk=remedy.pk).update(**changed)
    remedy.refresh_from_db()
    chase_talks(talks=[remedy.talk_id], today=_day(at), at=at)
    _enter(actor, at, "明确责任", remedy, {"字段": sorted(changed)})


@transaction.atomic
def release_remedy(*, actor: Actor, at: datetime, remedy: Remedy, released_by: Member, text: str) -> None:
    """A talker puts the remedy, reworded, into the ledger of the organisation that sees to it.

    ValidationError: no text, the raw one, one that names a subject who is not its owner, released before.
    """
    text = text.strip()
    if not text:
        raise ValidationError({"text": RELEASE_MISSING})
    if not is_reworded(remedy.text, text):
        raise ValidationError({"text": NOT_REWORDED})
    subjects = Participant.objects.filter(talk=remedy.talk_id, side=Side.SUBJECT)
    names = subjects.exclude(member=remedy.owner_id).values_list("member__name", flat=True)
    named = next((name for name in names if name in text), "")
    if named:
        raise ValidationError({"text": NAMES_SUBJECT.format(name=named)})
    home = _home(remedy)
    moved = Remedy.objects.filter(pk=remedy.pk, organisation=None).update(
        organisation=home, released_by=released_by, released_on=_day(at)
    )
    if not moved:
        raise ValidationError(RELEASED_ALREADY)
    remedy.refresh_from_db()
    remedy.released_text = text
    remedy.save(update_fields=["released_text"])
    _enter(actor, at, "列入台账", remedy)


@transaction.atomic
def retract_remedy(*, actor: Actor, at: datetime, remedy: Remedy) -> None:
    """Takes the remedy out of the ledger; it is the participants' own again. Not once it is settled."""
    _hold_open(remedy)
    Remedy.objects.filter(pk=remedy.pk).update(
        organisation=None, released_by=None, released_on=None, released_text=None
    )
    remedy.refresh_from_db()
    _enter(actor, at, "撤出台账", remedy)


@transaction.atomic
def ask_settlement(
    *, actor: Actor, at: datetime, remedy: Remedy, asked_by: Member, result: str
) -> Settlement:
    """Asks for 销号, with what was done; ValidationError: no text, settled, or asked for already."""
    if not result.strip():
        raise ValidationError({"result": RESULT_MISSING})
    _hold_open(remedy)
    number = (remedy.settlements.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Settlement(
        remedy=remedy,
        number=number,
        organisation_id=_home(remedy),
        result=result.strip(),
        asked_by=asked_by,
        asked_on=_day(at),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        # Somebody else asked in the meantime.
        raise ValidationError(ASKED_ALREADY) from error
    _enter(actor, at, "申请销号", remedy, {"次数": number})
    return made


@transaction.atomic
def approve_settlement(*, actor: Actor, at: datetime, settlement: Settlement, approved_by: Member) -> None:
    """Approves: the remedy is settled from this day on, and chased no more.

    ValidationError for who asked, is to see to it or took part in the talk, and where it no longer waits.
    """
    _refuse_part(settlement, approved_by)
    _step(settlement, SettlementState.SETTLED, approved_by, at)
    Remedy.objects.filter(pk=settlement.remedy_id).update(settled_on=_day(at))
    _enter(actor, at, "批准销号", settlement.remedy, {"次数": settlement.number})


@transaction.atomic
def return_settlement(
    *, actor: Actor, at: datetime, settlement: Settlement, returned_by: Member, reason: str
) -> None:
    """Sends it back, with a reason that the asker reads; refuses as `approve_settlement`."""
    if not reason.strip():
        raise ValidationError({"reason": REASON_MISSING})
    _refuse_part(settlement, returned_by)
    _step(settlement, SettlementState.RETURNED, returned_by, at)
    settlement.ending_reason = reason.strip()
    settlement.save(update_fields=["ending_reason"])
    _enter(actor, at, "退回销号", settlement.remedy, {"次数": settlement.number})


@transaction.atomic
def take_back_settlement(
    *, actor: Actor, at: datetime, settlement: Settlement, taken_back_by: Member
) -> None:
    """Who asked takes it back while nobody has decided."""
    if taken_back_by.pk != settlement.asked_by_id:
        raise ValidationError(NOT_THE_ASKER)
    _step(settlement, SettlementState.TAKEN_BACK, taken_back_by, at)
    _enter(actor, at, "撤回销号申请", settlement.remedy, {"次数": settlement.number})


@dataclass(frozen=True, slots=True)
class Read:
    """What of a remedy is read: which text, and whether that of its progress and 销号 too."""

    remedy: Remedy
    text: str


@transaction.atomic
def read_remedies(
    *,
    actor: Actor,
    at: datetime,
    remedies: Collection[Remedy],
    originals: Collection[int],
    released: Collection[int],
) -> dict[int, str]:
    """The texts by primary key: the original where it may be read, else what was released; one trail entry.

    `originals` and `released` are the primary keys of those that may be read so.
    """
    texts = {
        remedy.pk: remedy.text if remedy.pk in originals else remedy.released_text or ""
        for remedy in remedies
        if remedy.pk in originals or remedy.pk in released
    }
    if texts:
        names = [f"{remedy.talk.code}·{remedy.number}" for remedy in remedies if remedy.pk in texts]
        enter_trail(
            actor=actor,
            at=at,
            action="查看整改措施",
            target_kind="整改措施",
            target=names[0] if len(names) == 1 else f"{len(names)}项",
            detail={"整改措施": names},
        )
    return texts


def _hold_open(remedy: Remedy) -> Remedy:
    """The row, locked until the end of the transaction; ValidationError where it is settled."""
    locked = Remedy.objects.select_for_update(of=("self",)).select_related("talk").get(pk=remedy.pk)
    if locked.settled_on:
        raise ValidationError(SETTLED_ALREADY)
    return locked


def _home(remedy: Remedy) -> int:
    home = homes_of([remedy.talk_id]).get(remedy.talk_id)
    if home is None:
        raise ValidationError(NO_HOME)
    return home


def _refuse_part(settlement: Settlement, decider: Member) -> None:
    remedy = settlement.remedy
    if decider.pk in (settlement.asked_by_id, remedy.owner_id):
        raise ValidationError(OWN_SETTLEMENT)
    there = remedy.talk.participants.filter(member=decider).exists()
    if there or remedy.talk.recorder_id == decider.pk:
        raise ValidationError(TOOK_PART)


def _step(settlement: Settlement, ending: SettlementState, by: Member, at: datetime) -> None:
    """One conditional UPDATE decides for whom; ValidationError where somebody was faster."""
    moved = Settlement.objects.waiting().filter(pk=settlement.pk)
    if not moved.update(ending=ending.value, ended_by=by, ended_on=_day(at)):
        raise ValidationError(TOO_LATE, code="stale")
    settlement.refresh_from_db()


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _enter(
    actor: Actor, at: datetime, action: str, remedy: Remedy, detail: dict[str, object] | None = None
) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="整改措施",
        target=f"{remedy.talk.code}·{remedy.number}",
        detail=detail,
    )
