"""疑点 as they are kept: found by a sweep, explained or dismissed, never deleted."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from branches.models import Organisation
from members.models import Member
from reports.rules.findings import TITLES, Check
from talks.models import Talk
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class Sweep(models.Model):
    """A day on which all records were checked; its row is locked while what was found is written."""

    day = models.DateField("核对日期", unique=True)
    at = models.DateTimeField("核对时间")
    found = models.PositiveIntegerField("新发现", default=0)
    gone = models.PositiveIntegerField("已消除", default=0)

    class Meta:
        verbose_name = "疑点核对"
        ordering = ["-day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class FindingState(models.TextChoices):
    """How far a finding has come; 已消除 is what is found no more, whatever was said to it."""

    OPEN = "open", "待说明"
    EXPLAINED = "explained", "已说明"
    DISMISSED = "dismissed", "已排除"
    GONE = "gone", "已消除"


class FindingQuerySet(models.QuerySet["Finding"]):
    """Findings, by how far they have come."""

    def standing(self) -> Self:
        """Those that were found the last time."""
        return self.filter(gone_on=None)

    def with_standing(self) -> Self:
        """Annotates `standing_state`: 已消除, or the state."""
        gone = When(gone_on__isnull=False, then=Value(FindingState.GONE.value))
        return self.annotate(standing_state=Case(gone, default="state", output_field=models.CharField()))

    def in_state(self, state: str) -> Self:
        """Those in the state; 已消除 goes before all others."""
        if state == FindingState.GONE:
            return self.filter(gone_on__isnull=False)
        return self.standing().filter(state=state)


class Finding(models.Model):
    """One finding, known by check and key. Names no one, and counts for no one.

    `organisation` sees to it: the home of the newest of its talks (None: nobody belonged anywhere).
    `member` is whose day it is about, where it is about the day of one person.
    """

    check_name = models.CharField("类型", max_length=12, choices=[(one.value, TITLES[one]) for one in Check])
    key = models.CharField(max_length=150)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="findings", verbose_name="党组织"
    )
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="人员")
    talks = models.ManyToManyField(Talk, related_name="findings", verbose_name="谈话")
    day = models.DateField("日期")
    other_day = models.DateField("相关日期", null=True)
    figure = models.PositiveIntegerField("数值", default=0)
    is_high = models.BooleanField("重点核实", default=False)
    beside_thin = models.BooleanField("内容简略", default=False)
    state = models.CharField(
        "状态",
        max_length=9,
        choices=[choice for choice in FindingState.choices if choice[0] != FindingState.GONE],
        default=FindingState.OPEN,
    )
    found_on = models.DateField("发现日期")
    gone_on = models.DateField("消除日期", null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "疑点"
        ordering = ["-is_high", "-day", "pk"]
        constraints = [
            models.UniqueConstraint(name="finding_once", fields=["check_name", "key"]),
            models.CheckConstraint(
                name="finding_state_known", condition=Q(state__in=["open", "explained", "dismissed"])
            ),
        ]

    def __str__(self) -> str:
        return f"YD-{self.pk}"


class FindingStep(SealedModel):
    """What became of a finding: who said or decided what, when. The system's own steps have no account."""

    class Kind(models.TextChoices):
        EXPLAINED = "explained", "说明"
        DISMISSED = "dismissed", "排除"
        REOPENED = "reopened", "重新列为疑点"
        GONE = "gone", "核对时已不存在"
        RETURNED = "returned", "核对时再次发现"

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="steps", verbose_name="疑点")
    number = models.PositiveSmallIntegerField("序号")
    kind = models.CharField("办理", max_length=9, choices=Kind.choices)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="办理人"
    )
    text = SealedTextField("说明", blank=True, default="")

    objects = SealedQuerySet["FindingStep"].as_manager()

    class Meta:
        verbose_name = "疑点办理"
        ordering = ["finding", "number"]
        constraints = [models.UniqueConstraint(name="finding_step_once", fields=["finding", "number"])]

    def __str__(self) -> str:
        return f"{self.finding_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.finding_id}|{self.number}"
