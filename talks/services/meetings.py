"""Entering and changing 民主生活会 and 组织生活会."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from branches.models import Organisation
from talks.models import Meeting
from talks.models.meetings import TALKS_BEFORE_MEETING
from talks.rules.words import MeetingKind
from vault.services import Actor, enter_trail

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
    if Meeting.objects.filter(organisation=organisation, kind=kind.value, year=year).exists():
        raise ValidationError(ALREADY_ENTERED, code="year")
    meeting = Meeting.objects.create(
        organisation=organisation,
        kind=kind.value,
        year=year,
        meeting_on=meeting_on,
        talks_from=talks_from,
        theme=theme,
    )
    enter_trail(actor=actor, at=at, action="新增", target_kind="会议", target=_code(meeting))
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
    meeting.meeting_on = meeting_on
    meeting.talks_from = talks_from
    meeting.theme = theme
    meeting.save(update_fields=["meeting_on", "talks_from", "theme"])
    enter_trail(
        actor=actor,
        at=at,
        action="修改",
        target_kind="会议",
        target=_code(meeting),
        detail={"fields": ["会议日期", "谈话开始日期", "主题"]},
    )


def _refuse_days(meeting_on: date, talks_from: date | None) -> None:
    if talks_from and talks_from >= meeting_on:
        raise ValidationError(TALKS_BEFORE_MEETING, code="talks_from")


def _code(meeting: Meeting) -> str:
    return f"{meeting.organisation.code}:{meeting.kind}:{meeting.year}"
