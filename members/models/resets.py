"""口令重置: that a password is to be replaced by a code of which two persons hold half each."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vault.models import SealedModel, SealedQuerySet, SealedTextField

# A request that nobody decides within so many days is void.
WAITS = timedelta(days=3)


class ResetQuerySet(SealedQuerySet["Reset"]):
    """Resets, by how far they have come."""

    def undecided(self) -> Self:
        """Those asked for and not decided; they may be void by now."""
        return self.filter(outcome="")

    def waiting(self, at: datetime) -> Self:
        """Those that may be decided at the moment."""
        return self.undecided().filter(asked_at__gt=at - WAITS)


class Reset(SealedModel):
    """A request to reset the password of an account (design.md section 4a: two persons).

    `half` is the half of the code that who asked was shown; it is kept, sealed, until the other half is made
    and the whole is hashed. `with_factor`: the telephone is lost too. `number` counts the resets of the
    account.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved", "已重置"
        DECLINED = "declined", "不予重置"
        LAPSED = "lapsed", "已失效"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="resets", verbose_name="账号"
    )
    number = models.PositiveSmallIntegerField("次数", editable=False)
    half = SealedTextField("前半口令", blank=True, default="")
    with_factor = models.BooleanField("动态口令一并重置", default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间")
    outcome = models.CharField("结果", max_length=8, blank=True, default="", choices=Outcome.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True)

    objects = ResetQuerySet.as_manager()

    class Meta:
        verbose_name = "口令重置"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="reset_number_once", fields=["account", "number"]),
            models.UniqueConstraint(name="reset_waits_once", fields=["account"], condition=Q(outcome="")),
            models.CheckConstraint(name="reset_not_asked_by_owner", condition=~Q(account=F("asked_by"))),
            models.CheckConstraint(
                name="reset_decided_by_a_third",
                condition=Q(decided_by=None) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("account"))),
            ),
            models.CheckConstraint(
                name="reset_decided_by_somebody",
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
        return f"{self.account_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.account_id}|{self.number}"
