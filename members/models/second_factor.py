"""The second factor of an account: the key of its codes, and what helps where the telephone is lost."""

from django.db import models

from members.models.accounts import Account
from vault.models import SealedBinaryField, SealedModel, SealedQuerySet


class SecondFactor(SealedModel):
    """The key that an account shares with an application that shows codes (动态口令), proved by one of them.

    `last_step` is the time step, 30 seconds long, of the last code that was taken: none is taken twice.
    """

    account = models.OneToOneField(Account, models.CASCADE, related_name="second_factor", verbose_name="账号")
    key = SealedBinaryField("密钥")
    proved_at = models.DateTimeField("启用时间")
    last_step = models.BigIntegerField(default=0)

    objects = SealedQuerySet["SecondFactor"].as_manager()

    class Meta:
        verbose_name = "动态口令"

    def __str__(self) -> str:
        return "动态口令"

    def sealed_identity(self) -> str:
        """The account: there is one key of each."""
        return str(self.account_id)


class RecoveryCode(models.Model):
    """One of ten codes that stand in for the second factor, each once; `mark` does not tell the code."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes", verbose_name="账号")
    mark = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "恢复码"

    def __str__(self) -> str:
        return "恢复码"
