"""Who is signed in where, and what was typed when a session ended over it."""

from django.db import models

from members.models.accounts import Account
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class SignedIn(models.Model):
    """A browser in which an account is signed in: what it is in words, and from which network.

    `session_key` is what is kept of it (members.views.session_store), as in the table of the sessions.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="signed_in", verbose_name="账号")
    session_key = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近使用")
    device = models.CharField("设备", max_length=60)
    network = models.CharField("网络", max_length=64, blank=True)

    class Meta:
        verbose_name = "登录设备"
        ordering = ["-seen_at", "-pk"]

    def __str__(self) -> str:
        return self.device


class KeptForm(SealedModel):
    """What an account sent after its session had ended, until it is signed in again: address and fields."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name="账号")
    name = models.CharField(max_length=32, unique=True)
    kept_at = models.DateTimeField("保留时间")
    sent = SealedTextField("填写的内容")

    objects = SealedQuerySet["KeptForm"].as_manager()

    class Meta:
        verbose_name = "未提交的内容"

    def __str__(self) -> str:
        return "未提交的内容"

    def sealed_identity(self) -> str:
        """Whose it is, and the name that his browser has for it."""
        return f"{self.account_id}:{self.name}"
