"""Opinions before a meeting: released by a talker or entered, signed or not, merged, assigned.

The trail names the meeting and the number of the opinion, never the talk that it came from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from members.models import Member
from talks.models import GatheredOpinion, Meeting, MergedOpinion, Opinion, Side
from talks.rules.meetings import Channel, is_reworded
from vault.services import Actor, enter_trail

TEXT_MISSING = "请填写意见建议的内容。"
NOT_REWORDED = "请改写后再转交：不照抄谈话中的原话，使人看不出是谁提出的。"
NAMES_SPEAKER = "转交的文字中有“{name}”，请改写，使人看不出是谁提出的；需要署名的，请征得本人同意。"
ALREADY_RELEASED = "这条意见刚才已经转交，不必再转交。"
NOT_SPEAKER = "只能征求这次谈话的参加人是否署名。"
MERGED_ALREADY = "这条意见已经梳理，不能收回。需要收回的，请联系党组织主要负责同志。"
NOTHING_CHOSEN = "请先选择要梳理的意见。"
CHANGED_MEANWHILE = "这条意见刚才已由他人修改，您的修改没有保存。请在新窗口核对最新内容后再保存。"
TAKEN_MEANWHILE = "所选意见中有的刚才已由他人梳理，本次没有保存，请核对后重新选择。"


@dataclass(frozen=True, slots=True)
class Wording:
    """What an opinion says, about whom, of which category."""

    text: str
    about: str = ""
    category: str = ""


@transaction.atomic
def release_opinion(
    *,
    actor: Actor,
    at: datetime,
    talker: Member,
    meeting: Meeting,
    opinion: Opinion,
    wording: Wording,
    asks: Member | None = None,
) -> GatheredOpinion:
    """The talker hands an opinion over to the organisation, reworded and unattributed (design.md section 4).

    `asks`: the participant who is asked whether his name may stand beside it. ValidationError where the text
    is missing or holds the raw words, a field names a subject, or it has been released already.
    """
    _refuse_raw(opinion, wording.text)
    subjects = [
        row.member for row in opinion.talk.participants.select_related("member") if row.side == Side.SUBJECT
    ]
    words = f"{wording.text}\n{wording.about}\n{wording.category}"
    named = next((member.name for member in subjects if member.name in words), "")
    if named:
        raise ValidationError(NAMES_SPEAKER.format(name=named), code="text")
    if asks and asks not in subjects:
        raise ValidationError(NOT_SPEAKER, code="speaker")
    number = _next_number(meeting)
    if GatheredOpinion.objects.filter(opinion=opinion).exists():
        raise ValidationError(ALREADY_RELEASED)
    made = GatheredOpinion.objects.create(
        meeting=meeting,
        number=number,
        text=wording.text.strip(),
        about=wording.about,
        category=wording.category,
        channel=Channel.TALK.value,
        opinion=opinion,
        released_by=talker,
        released_at=at,
        speaker=asks,
    )
    _enter(actor, at, "转交意见", meeting, number)
    return made


@transaction.atomic
def enter_opinions(
    *, actor: Actor, at: datetime, meeting: Meeting, channel: Channel, texts: Sequence[str], about: str = ""
) -> int:
    """Enters opinions that reached the organisation by other ways than a talk; how many."""
    if not texts:
        raise ValidationError(TEXT_MISSING, code="texts")
    first = _next_number(meeting)
    GatheredOpinion.objects.bulk_create(
        GatheredOpinion(
            meeting=meeting, number=number, text=text, about=about, channel=channel.value, released_at=at
        )
        for number, text in enumerate(texts, first)
    )
    _enter(actor, at, "录入意见", meeting, first, count=len(texts))
    return len(texts)


@transaction.atomic
def take_back_opinion(*, actor: Actor, at: datetime, gathered: GatheredOpinion) -> None:
    """Takes an opinion back while nobody has merged it; it counts no longer.

    ValidationError once it stands in a merged one.
    """
    deleted, _ = GatheredOpinion.objects.filter(pk=gathered.pk, merged=None).delete()
    if not deleted:
        raise ValidationError(MERGED_ALREADY)
    _enter(actor, at, "收回意见", gathered.meeting, gathered.number)


@transaction.atomic
def answer_attribution(*, actor: Actor, at: datetime, gathered: GatheredOpinion, agrees: bool) -> None:
    """The speaker says whether his name may stand beside his opinion; he may change his mind."""
    GatheredOpinion.objects.filter(pk=gathered.pk).update(
        agreed_at=at if agrees else None, declined_at=None if agrees else at
    )
    _enter(actor, at, "同意署名" if agrees else "不署名", gathered.meeting, gathered.number)


@transaction.atomic
def merge_opinions(
    *,
    actor: Actor,
    at: datetime,
    meeting: Meeting,
    sources: Collection[GatheredOpinion],
    wording: Wording,
    persons: Collection[Member] = (),
) -> MergedOpinion:
    """Makes one opinion of several (or of one), in the organisation's words, and assigns it to persons.

    ValidationError where nothing is chosen or written, or somebody has merged one of them meanwhile.
    """
    if not sources:
        raise ValidationError(NOTHING_CHOSEN)
    text = _given(wording.text)
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    last = MergedOpinion.objects.filter(meeting=meeting).aggregate(last=Max("number"))["last"] or 0
    merged = MergedOpinion.objects.create(
        meeting=meeting, number=last + 1, text=text, about=wording.about, category=wording.category
    )
    merged.persons.set(persons)
    _take_in(merged, sources)
    _enter(actor, at, "梳理意见", meeting, merged.number, count=len(sources))
    return merged


@transaction.atomic
def add_to_merged(
    *, actor: Actor, at: datetime, merged: MergedOpinion, sources: Collection[GatheredOpinion]
) -> None:
    """Puts further opinions to one that is merged already; its text stays. ValidationError as for merging."""
    if not sources:
        raise ValidationError(NOTHING_CHOSEN)
    _take_in(merged, sources)
    _enter(actor, at, "并入意见", merged.meeting, merged.number, count=len(sources))


@transaction.atomic
def change_merged(
    *,
    actor: Actor,
    at: datetime,
    merged: MergedOpinion,
    revision: int,
    wording: Wording,
    persons: Collection[Member],
    in_report: bool,
) -> None:
    """Changes the words, who is to see to it, and whether it goes into the papers of the meeting.

    ValidationError where somebody else changed it since `revision` was shown.
    """
    current = MergedOpinion.objects.select_for_update().get(pk=merged.pk)
    if current.revision != revision:
        raise ValidationError(CHANGED_MEANWHILE, code="stale")
    current.revision += 1
    current.text = _given(wording.text)
    current.about, current.category, current.in_report = wording.about, wording.category, in_report
    current.save(update_fields=["text", "about", "category", "in_report", "revision"])
    current.persons.set(persons)
    _enter(actor, at, "修改意见", merged.meeting, merged.number)


@transaction.atomic
def split_merged(*, actor: Actor, at: datetime, merged: MergedOpinion) -> None:
    """Undoes the merging: what was gathered stands by itself again."""
    merged.sources.update(merged=None)
    merged.delete()
    _enter(actor, at, "拆开意见", merged.meeting, merged.number)


@transaction.atomic
def open_raw_opinion(*, actor: Actor, at: datetime, opinion: Opinion) -> Opinion:
    """The raw opinion of a talk of one's own, to be reworded; that it is read is in the trail first."""
    enter_trail(actor=actor, at=at, action="查看谈话内容", target_kind="谈话", target=opinion.talk.code)
    return opinion


@transaction.atomic
def open_gathered(*, actor: Actor, at: datetime, meeting: Meeting) -> None:
    """Enters in the trail that the opinions of the meeting are read; what cannot be entered is not read."""
    _enter(actor, at, "查看意见", meeting)


def _take_in(merged: MergedOpinion, sources: Collection[GatheredOpinion]) -> None:
    keys = {source.pk for source in sources}
    free = GatheredOpinion.objects.filter(pk__in=keys, meeting=merged.meeting_id, merged=None)
    if free.update(merged=merged) != len(keys):
        raise ValidationError(TAKEN_MEANWHILE)


def _refuse_raw(opinion: Opinion, text: str) -> None:
    if not is_reworded(opinion.text, _given(text)):
        raise ValidationError(NOT_REWORDED, code="text")


def _given(text: str) -> str:
    if not text.strip():
        raise ValidationError(TEXT_MISSING, code="text")
    return text.strip()


def _next_number(meeting: Meeting) -> int:
    """The next number of what is gathered; the meeting is locked, so that two do not take the same."""
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    last = GatheredOpinion.objects.filter(meeting=meeting).aggregate(last=Max("number"))["last"] or 0
    return last + 1


def _enter(
    actor: Actor, at: datetime, action: str, meeting: Meeting, number: int | None = None, count: int = 0
) -> None:
    place = meeting.trail_name
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="会议意见",
        target=f"{place}:{number}" if number else place,
        detail={"条数": count} if count else None,
    )
