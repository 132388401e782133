"""What the writer of a record is told about it while he writes, and once more when he hands it over.

The record is compared with those that the writer may read himself, and with nothing else: no other record
can change the answer, which names talks and no word of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from members.models import Account
from talks.figures.facts import load_calendar
from talks.models import Talk
from talks.models.talks import TalkQuerySet
from talks.permissions import PEOPLE, comparable_talks
from talks.rules import checks
from talks.rules.checks import Limits, Written, is_late, is_thin, lacks_end, meet, wanting
from talks.rules.likeness import Degree, Words, degree_of, likeness, words_of
from talks.rules.words import TalkState
from vault.services import Actor, enter_trail


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the writer is told: what was noticed, what may be done, the other talk of his sight."""

    text: str
    advice: str
    talk: Talk | None = None


def check_record(
    *,
    actor: Actor,
    at: datetime,
    account: Account,
    talk: Talk,
    today: date,
    written: Written,
    is_entered: bool = False,
) -> tuple[Check, ...]:
    """What is to be told of the record as far as it is written; empty where nothing is.

    That sealed records were compared stands in the trail before they are opened, once for each talk and
    sign-in as the draft itself (`is_entered`: it stands there): nobody reads them, and what is answered is
    which records that he may read anyway the writer's own resembles. The entry is a transaction of its own:
    to compare takes a while, in which nobody else is to wait for the database.
    """
    limits = Limits(settings.CHECK_NEAR, settings.CHECK_VERY_NEAR, settings.CHECK_LATE_DAYS)
    others = comparable_talks(account, today=today).exclude(pk=talk.pk)
    if written.content.strip() and not is_entered:
        enter_trail(actor=actor, at=at, action="比对谈话内容", target_kind="谈话", target=talk.code)
    found = _alike(others, talk, written, limits)
    found += _overlapping(others, talk, written)
    found += _late(talk, today, written, limits)
    if found and is_thin(written):
        found.append(Check(checks.THIN, checks.THIN_ADVICE))
    elif found and lacks_end(written):
        found.append(Check(checks.WITHOUT_END, checks.WITHOUT_END_ADVICE))
    found += [Check(text, checks.WITHOUT_ADVICE) for text in wanting(written)]
    return tuple(found)


def _alike(readable: TalkQuerySet, talk: Talk, written: Written, limits: Limits) -> list[Check]:
    """The records that are nearest to the text, the nearest first and of these the newest."""
    mine = words_of(written.content, _names(talk))
    if not mine.text:
        return []
    records = list(
        readable.counting()
        .defer("topic", "cancel_reason")
        .select_related("recorder")
        .order_by("-held_on", "-code")
        .prefetch_related(PEOPLE)[: settings.CHECK_RECORDS]
    )
    near = _nearest(mine, records, limits)
    found = [Check(checks.LIKE[degree], checks.LIKE_ADVICE, other) for degree, other in near[: limits.named]]
    if len(near) > limits.named:
        found.append(Check(checks.MORE_LIKE.format(number=len(near) - limits.named), ""))
    return found


def _nearest(mine: Words, records: Sequence[Talk], limits: Limits) -> list[tuple[Degree, Talk]]:
    found: list[tuple[float, Degree, Talk]] = []
    for record in records:
        other = words_of(record.content, _names(record))
        degree = degree_of(mine, other, near=limits.near, very_near=limits.very_near)
        if degree:
            found.append((2.0 if degree == Degree.IDENTICAL else likeness(mine, other), degree, record))
    found.sort(key=lambda one: -one[0])
    return [(degree, record) for _, degree, record in found]


def _overlapping(readable: TalkQuerySet, talk: Talk, written: Written) -> list[Check]:
    """The other talks of the same persons at the same time."""
    if not written.held_on or not written.starts_at:
        return []
    persons = {row.member_id for row in talk.participants.all()}
    same_day = (
        readable.filter(held_on=written.held_on, starts_at__isnull=False)
        .exclude(state=TalkState.CANCELLED)
        .defer("topic", "content", "cancel_reason")
        .order_by("starts_at", "code")
        .prefetch_related(PEOPLE)
    )
    found = []
    for other in same_day:
        names = [row.member.name for row in other.participants.all() if row.member_id in persons]
        if names and meet(written, other.starts_at, other.ends_at):
            text = checks.OVERLAPS.format(names="、".join(names))
            found.append(Check(text, checks.OVERLAPS_ADVICE, other))
    return found


def _late(talk: Talk, today: date, written: Written, limits: Limits) -> list[Check]:
    """That the record is entered late; of one that is there already nothing more can be done about it."""
    if not talk.is_open or not written.held_on:
        return []
    if not is_late(written.held_on, today, limits.late_days, load_calendar()):
        return []
    return [Check(checks.LATE.format(days=limits.late_days), checks.LATE_ADVICE)]


def _names(talk: Talk) -> set[str]:
    recorder = {talk.recorder.name} if talk.recorder else set()
    return recorder | {row.member.name for row in talk.participants.all()}
