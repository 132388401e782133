"""Reports asked for, on their way, and issued."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from vault.models import SealedBinaryField, SealedModel, SealedQuerySet, SealedTextField


class ReportQuerySet(SealedQuerySet["Report"]):
    """Reports as work that waits."""

    def waiting(self, now: datetime) -> Self:
        """Reports to be rendered that no worker holds (a claim lapses at `claimed_until`)."""
        return self.filter(state=Report.State.PENDING).filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now)
        )


class Report(SealedModel):
    """One report: what was asked for, and the sealed file once it is rendered.

    `token` is the random number of the QR code, `digest` the SHA-256 of the file, `figures` what is printed
    (as JSON, so that the page shows what the paper shows), `figures_mac` its HMAC; by them a paper is told
    from a forgery. `attempts` counts the claims: a report that kills its workers is given up in the end.
    """

    class Kind(models.TextChoices):
        COMPLIANCE = "compliance", "合规报告"

    class State(models.TextChoices):
        PENDING = "pending", "等待生成"
        DONE = "done", "已生成"
        FAILED = "failed", "未能生成"

    number = models.CharField("编号", max_length=24, unique=True)
    token = models.UUIDField(unique=True)
    kind = models.CharField("种类", max_length=16, choices=Kind.choices)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="reports", verbose_name="党组织"
    )
    year = models.PositiveSmallIntegerField("年度")
    as_of = models.DateField("数据截至")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name="申请人",
    )
    requested_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.PENDING)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    file = SealedBinaryField("文件", null=True)
    figures = SealedTextField("数据", blank=True, default="")
    digest = models.CharField("文件摘要", max_length=64, blank=True)
    figures_mac = models.CharField("数据校验码", max_length=64, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "报告"
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                name="report_state_known", condition=Q(state__in=["pending", "done", "failed"])
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def sealed_identity(self) -> str:
        return self.number
