"""批准 of a bulk export: what a second person was asked, and what he answered."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from reports.models.reports import Report
from vault.models import SealedModel, SealedQuerySet, SealedTextField

# A request that nobody decides within so many days is void.
WAITS = timedelta(days=7)


class ApprovalQuerySet(SealedQuerySet["Approval"]):
    """Approvals, by how far they have come."""

    def undecided(self) -> Self:
        """Those asked for and not decided; they may be void by now."""
        return self.filter(outcome="")

    def waiting(self, at: datetime) -> Self:
        """Those that may be decided at the moment."""
        return self.undecided().filter(asked_at__gt=at - WAITS)

    def void(self, at: datetime) -> Self:
        """Those that nobody decided in time."""
        return self.undecided().filter(asked_at__lte=at - WAITS)


class Approval(SealedModel):
    """That a document with the texts of many talks may be made (design.md section 4a: a second person).

    `organisation` is the one whose principals, and those above, decide; `talks` of how many talks the
    document holds texts, as it was counted when it was asked for.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved", "已批准"
        DECLINED = "declined", "不予批准"
        LAPSED = "lapsed", "已失效"

    report = models.OneToOneField(Report, models.CASCADE, related_name="approval", verbose_name="报告")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="approvals", verbose_name="党组织"
    )
    talks = models.PositiveIntegerField("谈话次数")
    reason = SealedTextField("理由")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间")
    outcome = models.CharField("结果", max_length=8, blank=True, default="", choices=Outcome.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("批准时间", null=True)
    told_at = models.DateTimeField("告知时间", null=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = "批量导出批准"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="approval_not_by_asker",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                violation_error_message="批量导出不能由申请人自己批准。",
            ),
            models.CheckConstraint(
                name="approval_decided_by_somebody",
                condition=Q(outcome="", decided_by=None, decided_at=None)
                | Q(outcome="lapsed", decided_by=None, decided_at__isnull=False)
                | Q(
                    outcome__in=["approved", "declined"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.report.number

    def sealed_identity(self) -> str:
        return self.report.number

    @property
    def lapses_at(self) -> datetime:
        """From when on the request is void if nobody decides it."""
        return self.asked_at + WAITS
