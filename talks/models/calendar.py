"""Who is engaged when, and the addresses from which people fetch their own calendar."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from members.models import Member
from talks.models.talks import Talk


class EngagementQuerySet(models.QuerySet["Engagement"]):
    """Engagements, in the words of the calendar."""

    def meeting_with(self, begins: int, ends: int) -> Self:
        """Those of which some moment lies between the seconds of the day; the end itself is free again."""
        return self.filter(begins__lt=ends, ends__gt=begins)


class Engagement(models.Model):
    """That a person is engaged by a booked talk: a talker, a subject or the recorder of one in state 计划.

    The triggers of migration 0018 keep the rows and refuse two of one person that meet; nothing else writes
    here. `begins` and `ends` are seconds of the day, the end not included: 9:00 to 9:30 is 32400 to 34200. Of
    a talk without an end only its first minute is known. One without an hour engages nobody.
    """

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="engagements", verbose_name="谈话")
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="engagements", verbose_name="党员", db_index=False
    )
    held_on = models.DateField("日期")
    begins = models.PositiveIntegerField("开始")
    ends = models.PositiveIntegerField("结束")

    objects = EngagementQuerySet.as_manager()

    class Meta:
        verbose_name = "占用时间"
        constraints = [
            models.UniqueConstraint(name="engagement_once", fields=["talk", "member"]),
            models.CheckConstraint(name="engagement_takes_time", condition=Q(ends__gt=F("begins"))),
        ]
        indexes = [models.Index(fields=["member", "held_on"], name="engagement_member_day")]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.member_id}"


class CalendarFeed(models.Model):
    """The secret address of somebody's own calendar; of the secret only a hash is kept.

    It ends with the account: who is taken out of use loses it at once (trigger of migration 0018), and does
    not get it back with the account.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="calendar_feed",
        verbose_name="账号",
    )
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField("生成时间", editable=False)
    fetched_on = models.DateField("最近读取", null=True, editable=False)

    class Meta:
        verbose_name = "日历订阅"

    def __str__(self) -> str:
        return str(self.account_id)
