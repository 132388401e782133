"""Entering, changing and deleting 民主生活会 and 组织生活会."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from branches.models import Organisation
from branches.rules.cells import DAY_OUT_OF_RANGE, is_of_our_time
from branches.services import mark_stale
from members.models import Account
from talks.models import Meeting, MeetingStep
from talks.models.meetings import TALKS_BEFORE_MEETING
from talks.rules.meetings import Step
from talks.rules.words import MeetingKind
from vault.services import Actor, enter_trail

EARLIEST_YEAR, LATEST_YEAR = 1950, 2100
YEAR_OUT_OF_RANGE = f"请核对会议所属年度，应在{EARLIEST_YEAR}年至{LATEST_YEAR}年之间。"
HAS_OPINIONS = "已征集意见的会议不能删除；会议改期的，请修改日期。"
ALREADY_ENTERED = "这个党组织本年度的这次会议已经录入，请修改原有的会议。"


@transaction.atomic
def add_meeting(
    *,
    actor: Actor,
    at: datetime,
    organisation: Organisation,
    kind: MeetingKind,
    year: int,
    meeting_on: date,
    talks_from: date | None = None,
    theme: str = "",
) -> Meeting:
    """Enters a meeting; organisation, kind and year know it. ValidationError where it is there already."""
    _refuse_days(meeting_on, talks_from)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValidationError(YEAR_OUT_OF_RANGE, code="year")
    if Meeting.objects.filter(organisation=organisation, kind=kind.value, year=year).exists():
        raise ValidationError(ALREADY_ENTERED, code="year")
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                organisation=organisation,
                kind=kind.value,
                year=year,
                meeting_on=meeting_on,
                talks_from=talks_from,
                theme=theme,
            )
    except IntegrityError as error:
        # Somebody else entered it in the meantime.
        raise ValidationError(ALREADY_ENTERED, code="year") from error
    mark_stale(organisations=[organisation.pk], at=at)
    _enter(actor, at, "新增", meeting)
    return meeting


@transaction.atomic
def change_meeting(
    *,
    actor: Actor,
    at: datetime,
    meeting: Meeting,
    meeting_on: date,
    talks_from: date | None,
    theme: str,
) -> None:
    """Changes days and theme of a meeting; its duties follow."""
    _refuse_days(meeting_on, talks_from)
    current = Meeting.objects.select_for_update().get(pk=meeting.pk)
    wanted = {"meeting_on": meeting_on, "talks_from": talks_from, "theme": theme}
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    for field in changed:
        setattr(current, field, wanted[field])
    if changed:
        current.save(update_fields=changed)
        mark_stale(organisations=[current.organisation_id], at=at)
        _enter(actor, at, "修改", current, _fields(changed))


@transaction.atomic
def remove_meeting(*, actor: Actor, at: datetime, meeting: Meeting) -> None:
    """Deletes a meeting that was entered by mistake; the duties that it set off are withdrawn with it.

    ValidationError where opinions have been gathered for it.
    """
    if meeting.gathered_opinions.exists() or meeting.merged_opinions.exists():
        raise ValidationError(HAS_OPINIONS)
    meeting.delete()
    mark_stale(organisations=[meeting.organisation_id], at=at)
    _enter(actor, at, "删除", meeting)


@transaction.atomic
def set_step(
    *, actor: Actor, at: datetime, meeting: Meeting, step: Step, account: Account, day: date
) -> None:
    """Says that a step of the preparation is done; said twice, the first day stays."""
    _, made = MeetingStep.objects.get_or_create(
        meeting=meeting, step=step.value, defaults={"done_on": day, "done_by": account}
    )
    if made:
        _enter(actor, at, "登记会前准备", meeting, detail={"事项": step.value})


@transaction.atomic
def unset_step(*, actor: Actor, at: datetime, meeting: Meeting, step: Step) -> None:
    """Says that a step is not done after all."""
    deleted, _ = MeetingStep.objects.filter(meeting=meeting, step=step.value).delete()
    if deleted:
        _enter(actor, at, "撤销会前准备", meeting, detail={"事项": step.value})


def _refuse_days(meeting_on: date, talks_from: date | None) -> None:
    for name, day in (("meeting_on", meeting_on), ("talks_from", talks_from)):
        if day and not is_of_our_time(day):
            raise ValidationError(DAY_OUT_OF_RANGE, code=name)
    if talks_from and talks_from >= meeting_on:
        raise ValidationError(TALKS_BEFORE_MEETING, code="talks_from")


def _fields(changed: Collection[str]) -> dict[str, list[str]] | None:
    names = {field.name: str(field.verbose_name) for field in Meeting._meta.fields}
    return {"字段": [names[field] for field in changed]} if changed else None


def _enter(
    actor: Actor, at: datetime, action: str, meeting: Meeting, detail: Mapping[str, object] | None = None
) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="会议",
        target=meeting.trail_name,
        detail=detail,
    )
