"""When a leader may be asked for a talk: hours of the week, and days on which it is otherwise."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from members.models import Member
from talks.rules.office_hours import LEAST_MINUTES, MINUTES, MOST_MINUTES

LENGTH = [MinValueValidator(LEAST_MINUTES), MaxValueValidator(MOST_MINUTES)]


class OfficeHours(models.Model):
    """Hours of a weekday (1 to 7) in which the leader is free for talks, in slots of so many minutes."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="office_hours", verbose_name="党员")
    weekday = models.PositiveSmallIntegerField("星期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    minutes = models.PositiveSmallIntegerField("每次分钟", default=MINUTES, validators=LENGTH)

    class Meta:
        verbose_name = "约谈时间"
        ordering = ["member", "weekday", "starts_at"]
        constraints = [
            models.UniqueConstraint(name="office_hours_once", fields=["member", "weekday", "starts_at"]),
            models.CheckConstraint(name="office_hours_take_time", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="office_hours_weekday", condition=Q(weekday__gte=1) & Q(weekday__lte=7)
            ),
            models.CheckConstraint(
                name="office_hours_slots",
                condition=Q(minutes__gte=LEAST_MINUTES) & Q(minutes__lte=MOST_MINUTES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}·{self.weekday}"

    @property
    def day_name(self) -> str:
        """星期一 to 星期日."""
        return f"星期{'一二三四五六日'[self.weekday - 1]}"


class OfficeException(models.Model):
    """A day on which the hours of the week do not hold: others do, or none where there are none."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="office_exceptions", verbose_name="党员")
    day = models.DateField("日期")
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    ends_at = models.TimeField("结束时间", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("每次分钟", default=MINUTES, validators=LENGTH)

    class Meta:
        verbose_name = "约谈时间调整"
        ordering = ["member", "day"]
        constraints = [
            models.UniqueConstraint(name="office_exception_once", fields=["member", "day"]),
            models.CheckConstraint(
                name="office_exception_takes_time",
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="office_exception_slots",
                condition=Q(minutes__gte=LEAST_MINUTES) & Q(minutes__lte=MOST_MINUTES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}·{self.day}"
