"""谈话准备: writing the sheet, and opening it with what the talker may know of the person."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from members.models import Account, Event, Member
from members.permissions import visible_events
from talks.models import Opinion, Participant, Preparation, Remedy, Side, Talk
from talks.permissions import (
    visible_duties,
    visible_opinions,
    visible_preparations,
    visible_remedies,
    visible_talks,
)
from talks.permissions.records import readable_talks
from talks.services.life import ALREADY_RECORDED
from vault.services import Actor, enter_trail

STALE = (
    "谈话准备已在另一个窗口改动，本次内容没有保存，您填写的内容都还在。"
    "请在新窗口打开谈话准备核对；以本窗口为准的，再保存一次。"
)
# How far back the sheet looks.
EVENT_DAYS = 365
TALKS = 3


@dataclass(frozen=True, slots=True)
class Outline:
    """What a talker means to bring up; one question a line."""

    purpose: str = ""
    background: str = ""
    questions: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier talk with the person, with what of it the talker may read."""

    talk: Talk
    talkers: str
    opinions: tuple[Opinion, ...] = ()
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Matters:
    """What is open with one person, as far as one account may know of it."""

    member: Member
    earlier: tuple[Earlier, ...]
    events: tuple[Event, ...]


@transaction.atomic
def save_preparation(
    *, actor: Actor, at: datetime, participant: Participant, revision: int, outline: Outline
) -> Preparation:
    """Writes the sheet of a talker; `revision` is that of what he saw, 0 where there was none.

    ValidationError where the talk is recorded, or another window was faster.
    """
    # Held until the end, so that the talk is not recorded meanwhile.
    talk = Talk.objects.select_for_update().get(pk=participant.talk_id)
    if not talk.is_open:
        raise ValidationError(ALREADY_RECORDED, code="stale")
    sheet = Preparation.objects.filter(participant=participant)
    if revision:
        if not sheet.filter(revision=revision).update(revision=F("revision") + 1):
            raise ValidationError(STALE, code="stale")
        found = sheet.get()
    else:
        found = Preparation(participant=participant)
        try:
            with transaction.atomic():
                found.save(force_insert=True)
        except IntegrityError as error:
            raise ValidationError(STALE, code="stale") from error
    found.purpose, found.background = outline.purpose.strip(), outline.background.strip()
    found.questions = outline.questions.strip()
    found.save(update_fields=["purpose", "background", "questions"])
    enter_trail(actor=actor, at=at, action="准备", target_kind="谈话", target=talk.code)
    return found


@transaction.atomic
def open_preparation(
    *, actor: Actor, at: datetime, account: Account, talk: Talk, today: date
) -> Preparation | None:
    """The account's own sheet for the talk, if it has written one; that it was read stands in the trail."""
    found = visible_preparations(account, today=today).filter(participant__talk=talk).first()
    if found:
        enter_trail(actor=actor, at=at, action="查看谈话准备", target_kind="谈话", target=talk.code)
    return found


@transaction.atomic
def open_matters(
    *, actor: Actor, at: datetime, account: Account, talk: Talk, today: date
) -> tuple[Matters, ...]:
    """What is open with each person on the other side: earlier talks, opinions, remedies, events.

    Each only where the account may know of it anyway: a talk where it sees the ledger, what was said where
    it reads the record, an event where it sees the event or the duty that follows from it. The reading of
    each earlier record stands in the trail.
    """
    members = [row.member for row in _others(account, talk)]
    last = _last_talks(account, talk, members, today)
    earlier = {one.pk for rows in last.values() for one in rows}
    readable = dict(
        readable_talks(account, today=today).filter(pk__in=earlier).order_by("code").values_list("pk", "code")
    )
    for code in readable.values():
        enter_trail(actor=actor, at=at, action="查看谈话内容", target_kind="谈话", target=code)
    opinions: defaultdict[int, list[Opinion]] = defaultdict(list)
    for opinion in visible_opinions(account, today=today, talks=readable):
        opinions[opinion.talk_id].append(opinion)
    remedies: defaultdict[int, list[Remedy]] = defaultdict(list)
    for remedy in visible_remedies(account, today=today).filter(talk__in=readable).select_related("owner"):
        remedies[remedy.talk_id].append(remedy)
    events = _events(account, members, today)
    return tuple(
        Matters(
            member,
            tuple(
                Earlier(one, _talkers(one), tuple(opinions[one.pk]), tuple(remedies[one.pk]))
                for one in last[member.pk]
            ),
            tuple(events[member.pk]),
        )
        for member in members
    )


def _others(account: Account, talk: Talk) -> list[Participant]:
    rows = talk.participants.select_related("member").filter(side=Side.SUBJECT)
    return list(rows.exclude(member=account.member_id))


def _last_talks(account: Account, talk: Talk, members: list[Member], today: date) -> dict[int, list[Talk]]:
    """Of each member the last talks with him in which he was a subject, the newest first."""
    people = Prefetch("participants", Participant.objects.select_related("member"))
    found = (
        visible_talks(account, today=today)
        .counting()
        .filter(
            Exists(Participant.objects.filter(talk=OuterRef("pk"), side=Side.SUBJECT, member__in=members)),
            held_on__lte=today,
        )
        .exclude(pk=talk.pk)
        .defer("topic", "content", "cancel_reason")
        .order_by("-held_on", "-code")
        .prefetch_related(people)
    )
    last: dict[int, list[Talk]] = {member.pk: [] for member in members}
    for one in found[: 20 * TALKS]:
        for row in one.participants.all():
            if row.side == Side.SUBJECT and row.member_id in last and len(last[row.member_id]) < TALKS:
                last[row.member_id].append(one)
    return last


def _talkers(talk: Talk) -> str:
    names = [talk.external_talker] if talk.external_talker else []
    names += [row.member.name for row in talk.participants.all() if row.side == Side.TALKER]
    return "、".join(names)


def _events(account: Account, members: list[Member], today: date) -> dict[int, list[Event]]:
    """Of each member the events of the last year that the account may know of, by themselves or by a duty."""
    anchors = visible_duties(account, today=today).standing().filter(is_event=True, subject__in=members)
    codes = {anchor.removeprefix("event:") for anchor in anchors.values_list("anchor", flat=True)}
    known = visible_events(account, today=today).values("pk")
    rows = Event.objects.filter(
        Q(pk__in=known) | Q(code__in=codes),
        member__in=members,
        known_on__range=(today - timedelta(days=EVENT_DAYS), today),
    ).defer("note")
    found: dict[int, list[Event]] = {member.pk: [] for member in members}
    for row in rows:
        found[row.member_id].append(row)
    return found
