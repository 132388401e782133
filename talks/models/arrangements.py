"""排谈草稿: the talks before a meeting laid into slots, to be adjusted and then booked at once."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from members.models import Member
from talks.models.meetings import Meeting


class Arrangement(models.Model):
    """One account's draft for one meeting.

    `wishes` is what was asked for (talks.rules.wishes), `told` the sentences about what did not fit then.
    `revision` rises with every change: what another window shows is not booked unseen.
    """

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="arrangements", verbose_name="会议", db_index=False
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="arrangements", verbose_name="排谈人"
    )
    wishes = models.JSONField("条件")
    told = models.JSONField("说明", default=list)
    drawn_up_at = models.DateTimeField("排定时间", editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "排谈草稿"
        constraints = [models.UniqueConstraint(name="arrangement_once", fields=["meeting", "account"])]

    def __str__(self) -> str:
        return f"{self.meeting_id}·{self.account_id}"


class ArrangedTalk(models.Model):
    """One talk of a draft; without a day it has found no place. `rank` says which pairs go first."""

    arrangement = models.ForeignKey(
        Arrangement, models.CASCADE, related_name="talks", verbose_name="排谈草稿", db_index=False
    )
    talker = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="谈话人")
    subject = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="谈话对象")
    rank = models.PositiveSmallIntegerField("先后")
    title = models.CharField("事由", max_length=200)
    held_on = models.DateField("日期", null=True)
    starts_at = models.TimeField("开始", null=True)
    ends_at = models.TimeField("结束", null=True)

    class Meta:
        verbose_name = "拟约谈话"
        ordering = ["held_on", "starts_at", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(name="arranged_once", fields=["arrangement", "talker", "subject"]),
            models.CheckConstraint(
                name="arranged_day_and_hours",
                condition=Q(held_on=None, starts_at=None, ends_at=None)
                | Q(held_on__isnull=False, starts_at__isnull=False, ends_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.talker_id}+{self.subject_id}"
