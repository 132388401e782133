"""民主生活会 and 组织生活会."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from talks.rules.anchors import DAYS_OF_TALKS
from talks.rules.meetings import Step
from talks.rules.words import MeetingKind

TALKS_BEFORE_MEETING = "谈话开始日期应早于会议日期。"


class Meeting(models.Model):
    """A meeting, known by organisation, kind and year; the year is a label."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="meetings", verbose_name="党组织"
    )
    kind = models.CharField(
        "会议类型", max_length=12, choices=[(kind.value, kind.value) for kind in MeetingKind]
    )
    year = models.PositiveSmallIntegerField("年度")
    meeting_on = models.DateField("会议日期")
    talks_from = models.DateField("谈话开始日期", null=True, blank=True)
    theme = models.CharField("主题", max_length=300, blank=True)

    class Meta:
        verbose_name = "会议"
        ordering = ["-meeting_on", "organisation"]
        constraints = [
            models.UniqueConstraint(name="meeting_once", fields=["organisation", "kind", "year"]),
            models.CheckConstraint(
                name="meeting_kind_known", condition=Q(kind__in=[k.value for k in MeetingKind])
            ),
            models.CheckConstraint(
                name="meeting_talks_before_it",
                condition=Q(talks_from=None) | Q(talks_from__lt=F("meeting_on")),
                violation_error_message=TALKS_BEFORE_MEETING,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年度{self.kind}"

    @property
    def anchor(self) -> str:
        """The anchor of the duties before it (rules.md section 4)."""
        return f"meeting:{self.kind}:{self.year}"

    @property
    def trail_name(self) -> str:
        """By what the trail knows it; there is one of each kind in a year."""
        return f"{self.organisation.code}:{self.kind}:{self.year}"

    @property
    def opens_on(self) -> date:
        """The first day of the window of its talks: as entered, else 30 days before the meeting."""
        return self.talks_from or self.meeting_on - timedelta(days=DAYS_OF_TALKS)


class MeetingStep(models.Model):
    """That a step before a meeting is done, and who said so; a step that is not done has no row."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="steps", verbose_name="会议")
    step = models.CharField("准备事项", max_length=8, choices=[(step.value, step.value) for step in Step])
    done_on = models.DateField("完成日期")
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人"
    )

    class Meta:
        verbose_name = "会前准备"
        ordering = ["meeting", "step"]
        constraints = [models.UniqueConstraint(name="meeting_step_once", fields=["meeting", "step"])]

    def __str__(self) -> str:
        return f"{self.meeting_id}·{self.step}"
