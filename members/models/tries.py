"""Counts of tries to sign in (members.services.tries)."""

from django.db import models


class TryCount(models.Model):
    """How many tries failed for one account, address, both or browser; `key` tells none of them."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "登录尝试"

    def __str__(self) -> str:
        return str(self.failures)
