"""一键排谈: a draft drawn up, adjusted, booked at once or thrown away."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from members.models import Account, Member
from talks.figures.arrangements import (
    UnmetPair,
    arranged_talks,
    busy_times,
    sentences_of,
    unmet_pairs,
    window_of,
)
from talks.figures.facts import load_calendar
from talks.models import ArrangedTalk, Arrangement, Meeting
from talks.rules.arrangement import Terms, arrange, shortage_of
from talks.rules.hours import hour_of_second, moment_of, second_of
from talks.rules.slots import Busy, Slot, minutes
from talks.rules.wishes import Wishes, wishes_of
from talks.services.talks import Circumstances, Persons, plan_talk
from vault.services import Actor, enter_trail

NOTHING_TO_ARRANGE = "会前谈话都已约好或谈过，没有需要排的。"
NO_SLOT = "这段时间里没有可以排谈的时段，请放宽日期或上下午的时间。"
EXTRA_TOUCHES = "另加的时段{slots}与其他时段重叠或间隔不够，请改到别的时间。"
OUTSIDE = "谈话应在{since}至{until}之间，请改到这段时间内。"
IN_THE_PAST = "这个时间已经过去，请改到以后的时间。"
ENDS_TOMORROW = "这个时间开始，当天谈不完，请改到早一些的时间。"
NOT_FREE = "{names}在{moment}已有其他安排"
CHANGED_ELSEWHERE = "这份草稿已在另一个窗口中改动，请核对后再预约。"
NO_LONGER_OWED = "{names}已经约好或谈过，不需要再约；请将这次谈话移出草稿"
NOTHING_PLACED = "草稿里还没有排定时间的谈话。"


@transaction.atomic
def draw_up_arrangement(
    *, actor: Actor, at: datetime, today: date, meeting: Meeting, account: Account, wishes: Wishes
) -> Arrangement:
    """Lays the unmet pairs of the meeting into free slots, as a draft; an earlier one is replaced.

    ValidationError where there is no pair or no slot, or an extra slot touches another.
    """
    calendar = load_calendar()
    if touching := wishes.touching(calendar):
        slots = "、".join(moment_of(slot.day, hour_of_second(slot.begins)) for slot in touching)
        raise ValidationError(EXTRA_TOUCHES.format(slots=slots))
    unmet = unmet_pairs(account, meeting, today=today)
    if not unmet:
        raise ValidationError(NOTHING_TO_ARRANGE)
    slots_there = wishes.slots(calendar, after=timezone.localtime(at))
    if not slots_there:
        raise ValidationError(NO_SLOT, code="until")
    # Sent twice at once, the second waits here for the first.
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    pairs = [one.pair for one in unmet]
    terms = Terms(slots_there, _busy(unmet, wishes), minutes(wishes.gap), wishes.daily_limit)
    laid = arrange(pairs, terms)
    Arrangement.objects.filter(meeting=meeting, account=account).delete()
    draft = Arrangement.objects.create(
        meeting=meeting,
        account=account,
        wishes=wishes.as_json(),
        told=sentences_of(unmet, laid, shortage_of(pairs, terms, laid), wishes),
        drawn_up_at=at,
    )
    ArrangedTalk.objects.bulk_create(_row(draft, one, laid.placed.get(one.pair.key)) for one in unmet)
    _enter(actor, at, "排谈", draft)
    return draft


@transaction.atomic
def shift_arranged_talk(
    *,
    actor: Actor,
    at: datetime,
    arrangement: Arrangement,
    talk: ArrangedTalk,
    held_on: date | None,
    starts_at: time | None,
) -> None:
    """Puts one talk of the draft to another time, or with neither day nor hour out of it.

    ValidationError where that is past or outside the window, or one of the two has something else then.
    """
    ends_at = None
    if held_on and starts_at:
        wishes = wishes_of(arrangement.wishes)
        ends_at = _end(held_on, starts_at, wishes)
        _refuse_moment(arrangement, held_on, starts_at, at)
        span = _span(held_on, starts_at, ends_at)
        if names := _engaged(arrangement, talk, span):
            raise ValidationError(f"{NOT_FREE.format(names=names, moment=moment_of(held_on, starts_at))}。")
    else:
        held_on = starts_at = None
    ArrangedTalk.objects.filter(pk=talk.pk).update(held_on=held_on, starts_at=starts_at, ends_at=ends_at)
    Arrangement.objects.filter(pk=arrangement.pk).update(revision=F("revision") + 1)
    _enter(actor, at, "调整排谈", arrangement)


@transaction.atomic
def book_arrangement(
    *, actor: Actor, at: datetime, today: date, arrangement: Arrangement, revision: int, account: Account
) -> int:
    """Books every talk of the draft that has a time, all or none; gives their number. The draft ends.

    ValidationError, a sentence for each talk that cannot be booked any more; the draft stays then.
    """
    locked = Arrangement.objects.select_for_update().select_related("meeting").get(pk=arrangement.pk)
    if locked.revision != revision:
        raise ValidationError(CHANGED_ELSEWHERE)
    placed = [talk for talk in arranged_talks(locked) if talk.held_on]
    if not placed:
        raise ValidationError(NOTHING_PLACED)
    if faults := _faults(locked, placed, account, at, today):
        raise ValidationError(faults)
    for talk in placed:
        assert talk.held_on
        plan_talk(
            actor=actor,
            at=at,
            booked_by=account,
            persons=Persons(talkers=[talk.talker], subjects=[talk.subject]),
            circumstances=Circumstances(
                held_on=talk.held_on,
                starts_at=talk.starts_at,
                ends_at=talk.ends_at,
                form="面对面",
                kind="会前",
                occasion=locked.meeting.kind,
            ),
        )
    _enter(actor, at, "按排谈预约", locked, number=len(placed))
    locked.delete()
    return len(placed)


@transaction.atomic
def discard_arrangement(*, actor: Actor, at: datetime, arrangement: Arrangement) -> None:
    """Throws the draft away."""
    _enter(actor, at, "放弃排谈", arrangement)
    arrangement.delete()


def _busy(unmet: tuple[UnmetPair, ...], wishes: Wishes) -> tuple[Busy, ...]:
    members = {one.pk: one for pair in unmet for one in (pair.talker, pair.subject)}
    days = [wishes.since, wishes.until, *(day for day, _ in wishes.extras)]
    return (*busy_times(list(members.values()), since=min(days), until=max(days)), *wishes.away())


def _row(draft: Arrangement, one: UnmetPair, slot: Slot | None) -> ArrangedTalk:
    return ArrangedTalk(
        arrangement=draft,
        talker=one.talker,
        subject=one.subject,
        rank=one.rank,
        title=one.title[:200],
        held_on=slot.day if slot else None,
        starts_at=hour_of_second(slot.begins) if slot else None,
        ends_at=hour_of_second(slot.ends) if slot else None,
    )


def _end(held_on: date, starts_at: time, wishes: Wishes) -> time:
    begins = datetime.combine(held_on, starts_at)
    ends = begins + timedelta(minutes=wishes.length)
    if ends.date() != held_on:
        raise ValidationError(ENDS_TOMORROW, code="starts_at")
    return ends.time()


def _refuse_moment(arrangement: Arrangement, held_on: date, starts_at: time, at: datetime) -> None:
    first, last = window_of(arrangement.meeting)
    if not first <= held_on <= last:
        told = OUTSIDE.format(since=moment_of(first, None), until=moment_of(last, None))
        raise ValidationError(told, code="held_on")
    if datetime.combine(held_on, starts_at) <= timezone.localtime(at).replace(tzinfo=None):
        raise ValidationError(IN_THE_PAST, code="starts_at")


def _span(held_on: date, starts_at: time, ends_at: time) -> Slot:
    return Slot(held_on, second_of(starts_at), second_of(ends_at))


def _engaged(arrangement: Arrangement, talk: ArrangedTalk, span: Slot) -> str:
    """The names of those of the two who have something else at that time: booked, in the draft, or away."""
    both = (talk.talker, talk.subject)
    busy = list(busy_times(both, since=span.day, until=span.day))
    busy += wishes_of(arrangement.wishes).away()
    others = (
        arrangement.talks.filter(held_on=span.day).exclude(pk=talk.pk).select_related("talker", "subject")
    )
    for other in others:
        assert other.starts_at
        assert other.ends_at
        there = _span(span.day, other.starts_at, other.ends_at)
        busy += [Busy(one.code, span.day, there.begins, there.ends) for one in (other.talker, other.subject)]
    return _names_of_engaged(both, span, busy)


def _names_of_engaged(both: Collection[Member], span: Slot, busy: Iterable[Busy]) -> str:
    engaged = {one.person for one in busy if one.meets(span, 0)}
    return "、".join(member.name for member in both if member.code in engaged)


def _faults(
    arrangement: Arrangement, placed: list[ArrangedTalk], account: Account, at: datetime, today: date
) -> list[str]:
    """What has come between since the draft was drawn up, a sentence for each talk."""
    wishes = wishes_of(arrangement.wishes)
    open_pairs = {
        frozenset({one.talker.pk, one.subject.pk})
        for one in unmet_pairs(account, arrangement.meeting, today=today)
    }
    members = list({one.pk: one for talk in placed for one in (talk.talker, talk.subject)}.values())
    days = [talk.held_on for talk in placed if talk.held_on]
    busy: dict[tuple[str, date], list[Busy]] = {}
    for one in (*busy_times(members, since=min(days), until=max(days)), *wishes.away()):
        busy.setdefault((one.person, one.day), []).append(one)
    faults = []
    for talk in placed:
        assert talk.held_on
        assert talk.starts_at
        assert talk.ends_at
        both = (talk.talker, talk.subject)
        names = "与".join(one.name for one in both)
        if frozenset({talk.talker.pk, talk.subject.pk}) not in open_pairs:
            faults.append(f"{NO_LONGER_OWED.format(names=names)}。")
            continue
        try:
            _refuse_moment(arrangement, talk.held_on, talk.starts_at, at)
        except ValidationError as error:
            faults.append(f"{names}（{moment_of(talk.held_on, talk.starts_at)}）：{error.messages[0]}")
            continue
        span = _span(talk.held_on, talk.starts_at, talk.ends_at)
        there = (busy.get((one.code, span.day), ()) for one in both)
        if engaged := _names_of_engaged(both, span, chain.from_iterable(there)):
            told = NOT_FREE.format(names=engaged, moment=moment_of(span.day, talk.starts_at))
            faults.append(f"{told}，{names}的谈话请改到其他时间。")
    return faults


def _enter(
    actor: Actor, at: datetime, action: str, arrangement: Arrangement, *, number: int | None = None
) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="会议",
        target=arrangement.meeting.trail_name,
        detail={"次数": number} if number is not None else None,
    )
