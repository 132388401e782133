"""Passwords that an account had before (policy `djbh3`): none of the last ones is chosen again."""

from django.db import models

from members.models.accounts import Account


class OldPassword(models.Model):
    """The hash of a password that an account had until `ended_at`."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="old_passwords", verbose_name="账号")
    password = models.CharField(max_length=128)
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name = "用过的密码"
        ordering = ["-ended_at", "-pk"]

    def __str__(self) -> str:
        return "用过的密码"
