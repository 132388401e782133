"""Versions of rules that organisations made; the built-in sets are talks/rules/presets.py."""

from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from talks.rules.words import DayUnit, Pairing, TalkerRole


class Rule(models.Model):
    """One version of a rule, made by an organisation, in force in it and below.

    `applies_to` holds kinds of organisations separated by 「、」 or 「全部」; `trigger` is written as in the
    workbook (会议:…, 周期:…, 事件:…).
    """

    code = models.CharField("规则代码", max_length=64)
    title = models.CharField("规则名称", max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="rules", verbose_name="适用组织"
    )
    applies_to = models.CharField("适用类型", max_length=120)
    trigger = models.CharField("触发", max_length=300)
    days = models.PositiveSmallIntegerField("天数", null=True, blank=True)
    unit = models.CharField(
        "天数单位", max_length=6, blank=True, choices=[(unit.value, unit.value) for unit in DayUnit]
    )
    pairing = models.CharField("配对", max_length=24, choices=[(item.value, item.value) for item in Pairing])
    talker_role = models.CharField(
        "谈话人", max_length=12, blank=True, choices=[(item.value, item.value) for item in TalkerRole]
    )
    one_to_one = models.BooleanField("一对一")
    effective_from = models.DateField("生效日期")
    effective_to = models.DateField("失效日期", null=True, blank=True)
    basis = models.TextField("依据", blank=True)

    class Meta:
        verbose_name = "必谈规则"
        ordering = ["code", "organisation", "effective_from"]
        constraints = [
            models.UniqueConstraint(
                name="rule_version_once", fields=["code", "organisation", "effective_from"]
            ),
            models.CheckConstraint(
                name="rule_covers_a_day",
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")),
                violation_error_message="失效日期应晚于生效日期。",
            ),
            models.CheckConstraint(
                name="rule_days_in_range", condition=Q(days=None) | Q(days__gte=1, days__lte=366)
            ),
        ]

    def __str__(self) -> str:
        return self.title
