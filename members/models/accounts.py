"""Accounts and mandates. What an account may do follows from posts and mandates in force, not from a flag."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from members.models.dated import DatedQuerySet, covers_a_day
from members.models.people import Member


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up by their sign-in name; they are opened by members.services.open_account."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser):
    """A sign-in. A member has at most one; inspectors and administrators may have one without being members.

    A one-time code is kept as a hash and opens the account once, until `code_expires_at`.
    """

    username = models.CharField("账号", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=60)
    member = models.OneToOneField(
        Member, models.PROTECT, null=True, blank=True, related_name="account", verbose_name="党员"
    )
    email = models.EmailField("电子邮箱", blank=True, default="")
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须更改密码", default=False)
    password_set_at = models.DateTimeField("密码设置时间", null=True, blank=True, editable=False)
    code_hash = models.CharField(max_length=128, blank=True, default="", editable=False)
    code_expires_at = models.DateTimeField("一次性口令有效期至", null=True, blank=True, editable=False)
    is_demonstration = models.BooleanField("演示账号", default=False, editable=False)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "账号"
        ordering = ["username"]
        indexes = [
            # Every page asks whether there are any: mostly none, among the accounts of all members.
            models.Index(
                fields=["is_demonstration"],
                condition=Q(is_demonstration=True),
                name="account_demonstration",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MandateKind(models.TextChoices):
    """What a mandate is for (design.md section 4a)."""

    STAFF = "staff", "党务管理员"
    INSPECTOR = "inspector", "督查"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDITOR = "auditor", "安全审计员"


class Mandate(models.Model):
    """A right over an organisation and all below it, for a period.

    The three administrators of the installation have no organisation; they are kept to three persons by
    members.services.mandates.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="mandates", verbose_name="账号")
    kind = models.CharField("授权类型", max_length=12, choices=MandateKind.choices)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="mandates", verbose_name="党组织"
    )
    since = models.DateField("开始日期")
    until = models.DateField("结束日期", null=True, blank=True)
    granted_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="granted_mandates", verbose_name="授权人"
    )

    objects = DatedQuerySet["Mandate"].as_manager()

    class Meta:
        verbose_name = "授权"
        ordering = ["account", "kind", "since"]
        constraints = [
            covers_a_day("mandate_covers_a_day"),
            models.CheckConstraint(
                name="mandate_scope_fits_kind",
                condition=Q(kind__in=["staff", "inspector"], organisation__isnull=False)
                | Q(kind__in=["system", "security", "auditor"], organisation__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
