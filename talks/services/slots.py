"""Which times of a leader can be asked for, and whether one still can be had."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from branches.rules.dates import chinese_date
from members.models import Member
from talks.figures.requests import request_limits
from talks.figures.slots import free_times, taken_times
from talks.rules.office_hours import MOST_MINUTES, Slot

SLOT_OVER = "这个时间已经过去，请另选时间。"
SLOT_LONG = f"一次约谈最长{MOST_MINUTES // 60}小时，请缩短时间。"
SLOT_TAKEN = "这个时间刚刚约给了别人，申请没有送出。"
SLOT_LATE = "约谈应在{day}前进行，请另选较早的时间。"
SLOT_YOURS = "您在这个时间已有其他谈话或约谈，请另选时间。"


def refuse_slot(*, slot: Slot, asked: Member, requester: Member, until: date, at: datetime) -> None:
    """ValidationError for a time over, too long or later than `until`, and when one of the two is engaged."""
    refuse_over(slot=slot, at=at)
    begins, ends = slot.span
    # Whoever asks for a whole day would keep it from all others.
    if ends - begins > MOST_MINUTES * 60:
        raise ValidationError(SLOT_LONG, code="slot")
    if slot.day > until:
        raise ValidationError(SLOT_LATE.format(day=chinese_date(until)), code="slot")
    taken = taken_times({asked.pk, requester.pk}, since=slot.day, until=slot.day)
    for member, message, code in ((asked, SLOT_TAKEN, "taken"), (requester, SLOT_YOURS, "own")):
        spans = taken.get(member.pk, {}).get(slot.day, ())
        if any(b < ends and begins < e for b, e in spans):
            raise ValidationError(message, code=code)


def next_slots(*, asked: Member, requester: Member, at: datetime, most: int) -> list[Slot]:
    """The next free times of the leader, within the limit of a request made now."""
    here = timezone.localtime(at).replace(tzinfo=None)
    until = request_limits().hold_due(here.date())
    return free_times([asked.pk], requester=requester.pk, now=here, until=until)[asked.pk][:most]


def refuse_over(*, slot: Slot, at: datetime) -> None:
    """ValidationError where the time has begun."""
    if datetime.combine(slot.day, slot.starts_at) <= timezone.localtime(at).replace(tzinfo=None):
        raise ValidationError(SLOT_OVER, code="slot")
