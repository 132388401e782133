"""Recording what was said, and reading it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from members.models import Account, Member
from talks.models import Amendment, Attachment, GatheredOpinion, Opinion, Remedy, Talk
from talks.permissions import Reading, reading_of, visible_amendments, visible_attachments
from talks.rules.words import TalkState
from talks.services.appointments import note_held, refuse_backdated, refuse_early_record
from talks.services.chasing import chase_talks
from talks.services.drafts import Window, settle_draft
from talks.services.fingerprints import keep_fingerprints
from talks.services.life import stay_recorded, take_step
from talks.services.talks import Circumstances, mark_participants, refuse_times
from vault.services import Actor, enter_trail

RECORDED_AHEAD = "谈话日期在今天之后，谈话以后才能记录。"
CONTENT_MISSING = "请填写谈话内容。"
FOLLOWS_EARLY = "回访日期应在谈话日期之后。"
REMEDY_UNDER_WAY = "已有进展、已列入台账或已申请销号的整改措施不能删去，可以更正文字。"
IS_RELEASED = Q(organisation__isnull=False)


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """意见建议: what was suggested, about whom or what, of which category."""

    text: str
    about: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """整改措施: what is to be done, by whom, until when; `number` of the one it was, None for a new one."""

    text: str
    owner: Member | None = None
    due_on: date | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class RecordText:
    """What a record says. `said` and `notes` go by the primary key of the participant."""

    content: str = ""
    opinions: Sequence[OpinionLine] = ()
    remedies: Sequence[RemedyLine] = ()
    said: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    follow_up_on: date | None = None
    participants_only: bool = False


@transaction.atomic
def hold_talk(
    *,
    actor: Actor,
    at: datetime,
    talk: Talk,
    revision: int,
    today: date,
    circumstances: Circumstances,
    text: RecordText,
    recorder: Member | None = None,
    window: Window | None = None,
) -> None:
    """The talk has taken place (已谈); what is written so far is kept as a draft and counts for nothing.

    `recorder`: who writes it down without having taken part, where nobody is named yet. `window`: from where
    it is written; the draft kept there goes into the talk.
    """
    _refuse(circumstances, text, today)
    refuse_early_record(talk=talk, at=at)
    refuse_backdated(talk=talk, held_on=circumstances.held_on)
    take_step(
        talk=talk,
        revision=revision,
        to=TalkState.HELD,
        **circumstances.columns(),
        **_plain_columns(talk, text, recorder),
    )
    _write(talk, text)
    if window:
        settle_draft(talk=talk, window=window)
    mark_participants(talk=talk, at=at)
    enter_trail(actor=actor, at=at, action="保存草稿", target_kind="谈话", target=talk.code)


@transaction.atomic
def record_talk(
    *,
    actor: Actor,
    at: datetime,
    talk: Talk,
    revision: int,
    today: date,
    circumstances: Circumstances,
    text: RecordText,
    recorder: Member | None = None,
    window: Window | None = None,
) -> None:
    """Records the talk (已记录): from now on it counts, and its subjects are asked to confirm it.

    ValidationError where the day, or the moment agreed on in a 约谈, lies ahead, the content is missing, the
    end lies before the start, or somebody has changed the talk since `revision`: of two who record at once
    only one succeeds. `recorder` and `window` as in `hold_talk`.
    """
    _refuse(circumstances, text, today)
    if not text.content.strip():
        raise ValidationError(CONTENT_MISSING, code="content")
    refuse_early_record(talk=talk, at=at)
    refuse_backdated(talk=talk, held_on=circumstances.held_on)
    take_step(
        talk=talk,
        revision=revision,
        to=TalkState.RECORDED,
        recorded_at=at,
        **circumstances.columns(),
        **_plain_columns(talk, text, recorder),
    )
    _write(talk, text)
    keep_fingerprints(talks=[talk])
    if window:
        settle_draft(talk=talk, window=window)
    note_held(talk=talk)
    mark_participants(talk=talk, at=at)
    chase_talks(talks=[talk.pk], today=today, at=at)
    enter_trail(actor=actor, at=at, action="记录", target_kind="谈话", target=talk.code)


@transaction.atomic
def correct_record(
    *,
    actor: Actor,
    at: datetime,
    talk: Talk,
    revision: int,
    today: date,
    circumstances: Circumstances,
    text: RecordText,
    window: Window | None = None,
) -> None:
    """Corrects a record that nobody has confirmed yet; who is asked to confirm it sees the new text.

    ValidationError as for `record_talk`, and where a subject has confirmed: then it is amended, not edited.
    """
    _refuse(circumstances, text, today)
    if not text.content.strip():
        raise ValidationError(CONTENT_MISSING, code="content")
    refuse_backdated(talk=talk, held_on=circumstances.held_on)
    mark_participants(talk=talk, at=at)
    stay_recorded(
        talk=talk,
        revision=revision,
        **circumstances.columns(),
        **_plain_columns(talk, text, None),
    )
    _write(talk, text)
    keep_fingerprints(talks=[talk])
    if window:
        settle_draft(talk=talk, window=window)
    mark_participants(talk=talk, at=at)
    chase_talks(talks=[talk.pk], today=today, at=at)
    enter_trail(actor=actor, at=at, action="更正记录", target_kind="谈话", target=talk.code)


@dataclass(frozen=True, slots=True)
class Opened:
    """A record as one account may read it, in plain text."""

    reading: Reading
    topic: str = ""
    content: str = ""
    cancel_reason: str = ""
    opinions: tuple[Opinion, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    notes: str = ""
    amendments: tuple[Amendment, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@transaction.atomic
def open_record(*, actor: Actor, at: datetime, account: Account, talk: Talk, today: date) -> Opened | None:
    """The record as the account may read it; None where it may read nothing.

    The trail entry is written first, in the same transaction: what cannot be entered is not read.
    """
    reading = reading_of(account, talk, today=today)
    if not reading:
        return None
    enter_trail(actor=actor, at=at, action="查看谈话内容", target_kind="谈话", target=talk.code)
    participants = {row.pk: row for row in talk.participants.select_related("member")}
    said = tuple(
        (row.member.name, row.said) for pk, row in participants.items() if pk in reading.said and row.said
    )
    notes = participants[reading.notes].private_notes if reading.notes else ""
    amendments = _amendments(account, talk, today)
    if not reading.whole:
        return Opened(reading=reading, said=said, notes=notes, amendments=amendments)
    return Opened(
        reading=reading,
        topic=talk.topic,
        content=talk.content,
        cancel_reason=talk.cancel_reason,
        opinions=tuple(talk.opinions.filter(pk__in=reading.opinions)),
        remedies=tuple(talk.remedies.select_related("owner")),
        said=said,
        notes=notes,
        amendments=amendments,
        attachments=_attachments(account, talk, today),
    )


def _amendments(account: Account, talk: Talk, today: date) -> tuple[Amendment, ...]:
    if not talk.amendments.exists():
        return ()
    found = visible_amendments(account, today=today, talks=[talk.pk])
    return tuple(found.select_related("by", "participant__member"))


def _attachments(account: Account, talk: Talk, today: date) -> tuple[Attachment, ...]:
    if not talk.attachments.exists():
        return ()
    found = visible_attachments(account, today=today).filter(talk=talk)
    return tuple(found.select_related("added_by").defer("file"))


def _refuse(circumstances: Circumstances, text: RecordText, today: date) -> None:
    if circumstances.held_on > today:
        raise ValidationError(RECORDED_AHEAD, code="held_on")
    if text.follow_up_on and text.follow_up_on <= circumstances.held_on:
        raise ValidationError(FOLLOWS_EARLY, code="follow_up_on")
    refuse_times(circumstances=circumstances)


def _plain_columns(talk: Talk, text: RecordText, recorder: Member | None) -> dict[str, object]:
    """限参与人 can be set here and is never lifted here; a recorder already named stays."""
    columns: dict[str, object] = {"follow_up_on": text.follow_up_on}
    if text.participants_only:
        columns["participants_only"] = True
    if recorder and not talk.recorder_id:
        columns["recorder"] = recorder
    return columns


def _write(talk: Talk, text: RecordText) -> None:
    """The sealed half of a record; the row of the talk is locked by the step taken before."""
    talk.content = text.content.strip()
    talk.save(update_fields=["content"])
    for participant in talk.participants.filter(pk__in={*text.said, *text.notes}):
        participant.said = text.said.get(participant.pk, participant.said)
        participant.private_notes = text.notes.get(participant.pk, participant.private_notes)
        participant.save(update_fields=["said", "private_notes"])
    before = list(talk.opinions.all())
    released = GatheredOpinion.objects.filter(opinion__talk=talk).values_list("opinion__number", "pk")
    made = dict(released)
    talk.opinions.all().delete()
    opinions = Opinion.objects.bulk_create(
        Opinion(talk=talk, number=number, text=line.text, about=line.about, category=line.category)
        for number, line in enumerate(text.opinions, start=1)
    )
    _stay_released(before, made, opinions)
    _write_remedies(talk, text.remedies)


def _write_remedies(talk: Talk, lines: Sequence[RemedyLine]) -> None:
    """A line that names a remedy changes it, so that its progress stays with it; the others are new.

    ValidationError where one with progress, 销号 or a place in a ledger would be left out.
    """
    there = {remedy.number: remedy for remedy in talk.remedies.all()}
    kept = {line.number: line for line in lines if line.number in there}
    gone = talk.remedies.exclude(number__in=kept)
    if gone.filter(Q(progress__isnull=False) | Q(settlements__isnull=False) | IS_RELEASED).exists():
        raise ValidationError(REMEDY_UNDER_WAY, code="remedies")
    gone.delete()
    for number, line in kept.items():
        remedy = there[number]
        remedy.text, remedy.owner, remedy.due_on = line.text, line.owner, line.due_on
        remedy.save(update_fields=["text", "owner", "due_on"])
    last = max(there, default=0)
    new = [line for line in lines if line.number not in there]
    Remedy.objects.bulk_create(
        Remedy(talk=talk, number=number, text=line.text, owner=line.owner, due_on=line.due_on)
        for number, line in enumerate(new, last + 1)
    )


def _stay_released(before: Sequence[Opinion], released: Mapping[int, int], now: Sequence[Opinion]) -> None:
    """What was released (by number, what was made of it) is not to be released again once it is corrected.

    It goes by its text; where that was changed, by its place.
    """
    texts = {row.number: row.text for row in before}
    free = {row.number: row for row in now}
    for number, made in released.items():
        same = next((row for row in free.values() if row.text == texts[number]), None)
        if same is None and number in free and free[number].text not in texts.values():
            same = free[number]
        if same:
            GatheredOpinion.objects.filter(pk=made).update(opinion=free.pop(same.number))
