"""Booking a talk, changing and cancelling it; from the record to the end."""

import re
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone

from branches.rules.cells import DAY_OUT_OF_RANGE, is_of_our_time
from members.models import Account, Member
from members.services.marks import mark_members
from talks.models import Correction, Participant, Side, Talk
from talks.rules.words import TalkState
from talks.services.appointments import (
    note_held,
    refuse_earlier,
    refuse_others,
    refuse_too_far,
    reopen,
    tell_moved,
)
from talks.services.engagements import refusing_clashes
from talks.services.life import ALREADY_RECORDED, NOT_RECORDED, STALE, take_step
from vault.services import Actor, enter_trail

NO_TALKER = "请填写谈话人；由上级党组织的同志谈的，填写外部谈话人。"
NO_SUBJECT = "请填写谈话对象。"
SAME_PERSON = "同一人不能既是谈话人又是谈话对象。"
RECORDER_TAKES_PART = "记录人不能同时是谈话人或谈话对象。"
ENDS_EARLY = "结束时间不能早于开始时间。"
NOT_A_SUBJECT = "只有谈话对象本人可以确认记录。"
BOOKED_ALREADY = "这些同志当天的谈话已经约好，没有重复保存。当天还要另谈一次的，请填写不同的开始时间。"
REASON_MISSING = "请填写取消原因。"
TRIES = 20


@dataclass(frozen=True, slots=True)
class Persons:
    """Who talks with whom; the recorder takes no part."""

    talkers: Collection[Member]
    subjects: Collection[Member]
    recorder: Member | None = None
    external_talker: str = ""

    @property
    def mode(self) -> str:
        """谈话形式, as the numbers say it."""
        talkers = len(self.talkers) + bool(self.external_talker)
        if talkers == 1:
            return "一对一" if len(self.subjects) == 1 else "一对多"
        return "多对多"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When, where and how; the words of design.md section 4 are suggested, others are kept."""

    held_on: date
    starts_at: time | None = None
    ends_at: time | None = None
    form: str = ""
    kind: str = ""
    occasion: str = ""
    place: str = ""

    def columns(self) -> dict[str, object]:
        """The columns of the talk that they fill."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@transaction.atomic
def plan_talk(
    *,
    actor: Actor,
    at: datetime,
    booked_by: Account | None,
    persons: Persons,
    circumstances: Circumstances,
    topic: str = "",
) -> Talk:
    """Books a talk, in state 计划, under a code of its own (T2026-000123). The topic is sealed.

    ValidationError where one of the persons is engaged at that time.
    """
    refuse_persons(persons=persons)
    refuse_times(circumstances=circumstances)
    talk = Talk(
        state=TalkState.PLANNED.value,
        booked_by=booked_by,
        entered_at=at,
        external_talker=persons.external_talker,
        recorder=persons.recorder,
        mode=persons.mode,
        topic=topic,
    )
    for name, value in circumstances.columns().items():
        setattr(talk, name, value)
    _save_under_new_code(talk, timezone.localtime(at).year)
    with _in_one_place(talk, persons, circumstances):
        _write_participants(talk, persons)
    mark_participants(talk=talk, at=at)
    enter_trail(actor=actor, at=at, action="预约", target_kind="谈话", target=talk.code)
    return talk


@transaction.atomic
def change_plan(
    *,
    actor: Actor,
    at: datetime,
    talk: Talk,
    revision: int,
    persons: Persons,
    circumstances: Circumstances,
    topic: str | None,
) -> None:
    """Changes who, when and where, while the talk is not recorded; topic None: who changes may not read it.

    It stays as it is then, but goes where somebody comes in who would read it, and so do the files: what was
    prepared travels to nobody without those who prepared it.

    ValidationError where the talk has changed since `revision`, or is recorded or cancelled, one of the
    persons is engaged at that time, or a 约谈 would be held before it was agreed to be, or after its limit.
    """
    refuse_persons(persons=persons)
    refuse_times(circumstances=circumstances)
    newcomers = _writers(persons) - {talk.recorder_id, *_talkers_of(talk)}
    take_step(talk=talk, revision=revision, to=None)
    mark_participants(talk=talk, at=at)
    with _in_one_place(talk, persons, circumstances):
        # Who leaves goes first: he need not be free at the new time.
        _remove_participants(talk, persons)
        Talk.objects.filter(pk=talk.pk).update(
            external_talker=persons.external_talker,
            recorder=persons.recorder,
            mode=persons.mode,
            **circumstances.columns(),
        )
        _write_participants(talk, persons)
    refuse_others(talk=talk)
    # `talk` still says when it was booked for.
    refuse_earlier(talk=talk, held_on=circumstances.held_on, starts_at=circumstances.starts_at)
    refuse_too_far(talk=talk, held_on=circumstances.held_on, at=at)
    if (talk.held_on, talk.starts_at) != (circumstances.held_on, circumstances.starts_at):
        tell_moved(talk=talk, actor=actor, at=at)
    talk.refresh_from_db()
    if topic is None and newcomers:
        topic = ""
        if talk.attachments.all().delete()[0]:
            enter_trail(actor=actor, at=at, action="删除附件", target_kind="谈话", target=talk.code)
    if topic is not None:
        talk.topic = topic
        talk.save(update_fields=["topic"])
    mark_participants(talk=talk, at=at)
    enter_trail(actor=actor, at=at, action="修改", target_kind="谈话", target=talk.code)


@transaction.atomic
def cancel_talk(*, actor: Actor, at: datetime, talk: Talk, revision: int, reason: str) -> None:
    """Cancels a talk that is not recorded; the reason is sealed and must be given. Drafts of it end."""
    if not reason.strip():
        raise ValidationError(REASON_MISSING, code="reason")
    take_step(talk=talk, revision=revision, to=TalkState.CANCELLED)
    talk.cancel_reason = reason.strip()
    talk.save(update_fields=["cancel_reason"])
    talk.drafts.all().delete()
    reopen(talks=[talk.pk], at=at)
    mark_participants(talk=talk, at=at)
    enter_trail(actor=actor, at=at, action="取消", target_kind="谈话", target=talk.code)


@transaction.atomic
def confirm_record(*, actor: Actor, at: datetime, talk: Talk, revision: int, member: Member) -> None:
    """The subject confirms the record that he has read; when all have, the talk is 已确认.

    `revision` is that of the text he read. ValidationError where the record has changed since, is not there,
    or the member is not a subject. Confirming again changes nothing.
    """
    # Held until the end, so that of two subjects who confirm at once the second sees the first.
    locked = Talk.objects.select_for_update().get(pk=talk.pk)
    mine = locked.participants.filter(side=Side.SUBJECT, member=member)
    if not mine.exists():
        raise ValidationError(NOT_A_SUBJECT, code="member")
    if not mine.filter(confirmed_at=None).exists():
        return
    if locked.state != TalkState.RECORDED:
        raise ValidationError(NOT_RECORDED if locked.is_open else ALREADY_RECORDED, code="stale")
    if locked.revision != revision:
        raise ValidationError(STALE, code="stale")
    mine.update(confirmed_at=at)
    # What he asked to have corrected is settled by his own word.
    Correction.objects.waiting().filter(participant__in=mine).update(answered_at=at, answered_by=member)
    note_held(talk=talk)
    step_if_confirmed(talk=talk, revision=revision)
    enter_trail(actor=actor, at=at, action="确认", target_kind="谈话", target=talk.code)


def step_if_confirmed(*, talk: Talk, revision: int) -> None:
    """To 已确认, where all subjects have confirmed; the caller holds the row of the talk."""
    if not talk.participants.filter(side=Side.SUBJECT, confirmed_at=None).exists():
        take_step(talk=talk, revision=revision, to=TalkState.CONFIRMED)


@transaction.atomic
def close_talk(*, actor: Actor, at: datetime, talk: Talk, revision: int) -> None:
    """办结: nothing more is to come of the talk; only after 已确认."""
    take_step(talk=talk, revision=revision, to=TalkState.CLOSED)
    enter_trail(actor=actor, at=at, action="办结", target_kind="谈话", target=talk.code)


@transaction.atomic
def keep_to_participants(*, actor: Actor, at: datetime, talk: Talk) -> None:
    """限参与人: from now on no principal reads the record. Marking again changes nothing."""
    if Talk.objects.filter(pk=talk.pk, participants_only=False).update(participants_only=True):
        enter_trail(actor=actor, at=at, action="限参与人", target_kind="谈话", target=talk.code)


def refuse_persons(*, persons: Persons) -> None:
    """ValidationError where the persons cannot hold a talk; the code names the side at fault."""
    if not persons.talkers and not persons.external_talker:
        raise ValidationError(NO_TALKER, code="talkers")
    if not persons.subjects:
        raise ValidationError(NO_SUBJECT, code="subjects")
    if set(persons.talkers) & set(persons.subjects):
        raise ValidationError(SAME_PERSON, code="subjects")
    if persons.recorder in (*persons.talkers, *persons.subjects):
        raise ValidationError(RECORDER_TAKES_PART, code="recorder")


def refuse_times(*, circumstances: Circumstances) -> None:
    """ValidationError where the end lies before the start, or the day in no year that can be meant."""
    if not is_of_our_time(circumstances.held_on):
        raise ValidationError(DAY_OUT_OF_RANGE, code="held_on")
    start, end = circumstances.starts_at, circumstances.ends_at
    if start and end and end < start:
        raise ValidationError(ENDS_EARLY, code="ends_at")


def mark_participants(*, talk: Talk, at: datetime) -> None:
    """Marks the organisations of those who take part: what the talk meets may have changed."""
    mark_members(members=talk.participants.order_by().values_list("member", flat=True), at=at)


def persons_of(*, talk: Talk) -> set[int]:
    """The primary keys of those whom the talk engages: who takes part and who records."""
    recorder = {talk.recorder_id} if talk.recorder_id else set()
    return recorder | set(talk.participants.order_by().values_list("member", flat=True))


def _in_one_place(talk: Talk, persons: Persons, circumstances: Circumstances) -> AbstractContextManager[None]:
    """Inside, nobody named may be engaged elsewhere."""
    recorder = [persons.recorder] if persons.recorder else []
    return refusing_clashes(
        talk=talk,
        persons={member.pk for member in (*persons.talkers, *persons.subjects, *recorder)},
        held_on=circumstances.held_on,
        starts_at=circumstances.starts_at,
        ends_at=circumstances.ends_at,
    )


def _writers(persons: Persons) -> set[int | None]:
    """The primary keys of those who write the record, and so read what is prepared."""
    recorder = [persons.recorder] if persons.recorder else []
    return {member.pk for member in (*persons.talkers, *recorder)}


def _talkers_of(talk: Talk) -> set[int]:
    return set(talk.participants.filter(side=Side.TALKER).values_list("member", flat=True))


def refuse_twice(*, persons: Persons, circumstances: Circumstances) -> None:
    """ValidationError where the same persons are booked already for that day and hour: a form sent twice."""
    there = Talk.objects.filter(
        participants__member__in=[member.pk for member in persons.subjects][:1],
        held_on=circumstances.held_on,
        starts_at=circumstances.starts_at,
        external_talker=persons.external_talker,
        state=TalkState.PLANNED,
    )
    wanted = {(member.pk, Side.TALKER) for member in persons.talkers}
    wanted |= {(member.pk, Side.SUBJECT) for member in persons.subjects}
    for talk in there.prefetch_related("participants"):
        if {(row.member_id, row.side) for row in talk.participants.all()} == wanted:
            raise ValidationError(BOOKED_ALREADY, code="held_on")


def _sides(persons: Persons) -> dict[Member, Side]:
    return dict.fromkeys(persons.talkers, Side.TALKER) | dict.fromkeys(persons.subjects, Side.SUBJECT)


def _remove_participants(talk: Talk, persons: Persons) -> None:
    """Takes away who is not named on the side where he is."""
    wanted = _sides(persons)
    there = talk.participants.select_related("member")
    leaving = [row.member_id for row in there if wanted.get(row.member) != row.side]
    if leaving:
        talk.participants.filter(member__in=leaving).delete()


def _write_participants(talk: Talk, persons: Persons) -> None:
    """Adds those named who are not there; who stays on his side keeps his row."""
    there = set(talk.participants.values_list("member", flat=True))
    Participant.objects.bulk_create(
        Participant(talk=talk, member=member, side=side)
        for member, side in _sides(persons).items()
        if member.pk not in there
    )


def _save_under_new_code(talk: Talk, year: int) -> None:
    """Saves a new talk under the next free number; whoever is beaten to it takes the one after."""
    for _ in range(TRIES):
        talk.code = _next_code(year)
        try:
            with transaction.atomic():
                talk.save(force_insert=True)
        except IntegrityError:
            if not Talk.objects.filter(code=talk.code).exists():
                raise
            talk.pk = None
            continue
        return
    raise ValidationError(STALE, code="stale")


def _next_code(year: int) -> str:
    prefix = f"T{year}-"
    ours = Talk.objects.filter(code__regex=rf"^{re.escape(prefix)}[0-9]{{6,12}}$")
    last = ours.order_by(Length("code").desc(), "-code").values_list("code", flat=True).first()
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:06d}"
