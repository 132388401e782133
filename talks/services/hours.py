"""When a leader may be asked for a talk, and who answers for him while he is away."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from members.models import Account, Member
from members.permissions import posts_over
from talks.models import Deputy, OfficeException, OfficeHours, RequestNotice
from talks.permissions import deputised_requests
from talks.rules.office_hours import MINUTES
from talks.services.request_notices import tell
from vault.services import Actor, enter_trail

ENDS_EARLY = "结束时间应晚于开始时间。"
TOO_SHORT = "这段时间不足一次谈话，请延长时间或缩短每次的时间。"
HOURS_MEET = "这段时间与已公布的时间重叠，请核对。"
DAY_OVER = "这一天已经过去，请填写今天或以后的日期。"
DAY_TWICE = "这一天已有调整，请先删除原来的调整。"
ONE_HOUR = "请同时填写开始时间和结束时间；当天都不方便的，两项都不填。"
DEPUTY_ONESELF = "请选择另一位同志代为答复。"
NOT_A_LEADER = "{name}同志目前不是您所在组织或上级组织的班子成员、部门主要负责人，不能代为答复。"
UNTIL_EARLY = "结束日期不能早于开始日期。"
AWAY_MOST = timedelta(days=92)
AWAY_LONG = f"一次最多登记{AWAY_MOST.days}天，时间更长的请到期后再登记。"
AWAY_TWICE = "这段时间已登记外出，请核对。"


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, in slots of so many minutes."""

    starts_at: time
    ends_at: time
    minutes: int = MINUTES


@transaction.atomic
def publish_hours(*, actor: Actor, at: datetime, member: Member, weekday: int, span: Span) -> OfficeHours:
    """Hours of every such weekday (1 to 7) in which the member may be asked for a talk.

    ValidationError for hours that hold no slot, or that meet other ones of the day.
    """
    _refuse_span(span)
    # One writer at a time, so that of two windows the second sees what the first published.
    Member.objects.select_for_update().get(pk=member.pk)
    there = OfficeHours.objects.filter(member=member, weekday=weekday)
    if there.filter(starts_at__lt=span.ends_at, ends_at__gt=span.starts_at).exists():
        raise ValidationError({"starts_at": HOURS_MEET})
    hours = OfficeHours.objects.create(
        member=member,
        weekday=weekday,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        minutes=span.minutes,
    )
    _enter(actor, at, "公布约谈时间", member)
    return hours


@transaction.atomic
def remove_hours(*, actor: Actor, at: datetime, hours: OfficeHours) -> None:
    """The hours are offered no longer; what was asked for or booked in them stays."""
    hours.delete()
    _enter(actor, at, "删除约谈时间", hours.member)


@transaction.atomic
def make_exception(
    *, actor: Actor, at: datetime, member: Member, day: date, starts_at: time | None, ends_at: time | None
) -> OfficeException:
    """On the day these hours hold instead of those of the week; without hours there are none.

    ValidationError for a day that is over or has an exception already.
    """
    if day < timezone.localtime(at).date():
        raise ValidationError({"day": DAY_OVER})
    if (starts_at is None) != (ends_at is None):
        raise ValidationError({"starts_at": ONE_HOUR})
    if starts_at and ends_at:
        _refuse_span(Span(starts_at, ends_at))
    made = OfficeException(member=member, day=day, starts_at=starts_at, ends_at=ends_at)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError({"day": DAY_TWICE}) from error
    _enter(actor, at, "调整约谈时间", member)
    return made


@transaction.atomic
def remove_exception(*, actor: Actor, at: datetime, exception: OfficeException) -> None:
    """On the day the hours of the week hold again."""
    exception.delete()
    _enter(actor, at, "删除约谈时间调整", exception.member)


@transaction.atomic
def name_deputy(
    *, actor: Actor, at: datetime, named_by: Account, leader: Member, deputy: Member, since: date, last: date
) -> Deputy:
    """While the leader is away, from `since` through `last`, the deputy answers his requests, too.

    He is told at once of those that wait where it begins today. ValidationError for oneself, for whom the
    leader could not ask himself, for days that are over, too many, or taken by another.
    """
    if deputy == leader:
        raise ValidationError({"deputy": DEPUTY_ONESELF})
    today = timezone.localtime(at).date()
    if not posts_over(leader.pk, today=today).filter(member=deputy).exists():
        raise ValidationError({"deputy": NOT_A_LEADER.format(name=deputy.name)})
    if last < since:
        raise ValidationError({"last": UNTIL_EARLY})
    if last < today:
        raise ValidationError({"last": DAY_OVER})
    until = last + timedelta(days=1)
    if until - since > AWAY_MOST:
        raise ValidationError({"last": AWAY_LONG})
    Member.objects.select_for_update().get(pk=leader.pk)
    if Deputy.objects.filter(leader=leader, since__lt=until, until__gt=since).exists():
        raise ValidationError({"since": AWAY_TWICE})
    made = Deputy.objects.create(leader=leader, deputy=deputy, since=since, until=until, named_by=named_by)
    _enter(actor, at, "委托代为答复", leader, {"代为答复": deputy.code})
    if since <= today:
        for request in deputised_requests(today=today).waiting().filter(Q(deputy=deputy.pk), asked=leader):
            tell(request=request, kind=RequestNotice.Kind.ASKED, members=[deputy.pk], at=at)
    return made


@transaction.atomic
def end_deputy(*, actor: Actor, at: datetime, deputy: Deputy) -> None:
    """The leader is back: from today on nobody answers for him. One that has not begun is taken away."""
    today = timezone.localtime(at).date()
    leader = deputy.leader
    if deputy.since >= today:
        deputy.delete()
    elif deputy.until > today:
        deputy.until = today
        deputy.save(update_fields=["until"])
    _enter(actor, at, "结束委托", leader)


def _refuse_span(span: Span) -> None:
    if span.ends_at <= span.starts_at:
        raise ValidationError({"ends_at": ENDS_EARLY})
    begins = span.starts_at.hour * 60 + span.starts_at.minute
    if span.ends_at.hour * 60 + span.ends_at.minute - begins < span.minutes:
        raise ValidationError({"ends_at": TOO_SHORT})


def _enter(
    actor: Actor, at: datetime, action: str, member: Member, detail: dict[str, object] | None = None
) -> None:
    enter_trail(actor=actor, at=at, action=action, target_kind="约谈时间", target=member.code, detail=detail)
