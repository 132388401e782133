"""`python manage.py start_fresh`: opens an empty installation for an organisation of one's own."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account, MandateKind, Member
from members.services.accounts import CODE_LIFE, open_account
from members.services.mandates import grant_mandate
from vault.services import Actor

NOT_EMPTY = (
    "数据库中已有账号或党组织，未作任何改动。请另用一个空数据库（设置 DATABASE_URL，执行 migrate 后再试）。"
)
ACTOR = Actor("command", "")
# Three persons, none of whom can do another's work (design.md section 4a).
OFFICES = (
    ("sysadmin", MandateKind.SYSTEM, "账号与技术设置"),
    ("secadmin", MandateKind.SECURITY, "授权与安全策略"),
    ("auditor", MandateKind.AUDITOR, "审计记录"),
)


class Command(BaseCommand):
    """Opens the accounts of the three administrators, each with a one-time code, and says what comes next."""

    help = "在空数据库中开通系统管理员、安全管理员和安全审计员账号，各给一个一次性口令。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The name of each of the three persons; without it the name of the office stands there."""
        for username, kind, _ in OFFICES:
            parser.add_argument(f"--{username}", default=kind.label, help=f"{kind.label}的姓名")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the one-time codes, shown this once; CommandError where the database holds data."""
        at, today = timezone.now(), timezone.localdate()
        lines = []
        with transaction.atomic():
            if Account.objects.exists() or Organisation.objects.exists() or Member.objects.exists():
                raise CommandError(NOT_EMPTY)
            for username, kind, work in OFFICES:
                account, code = open_account(actor=ACTOR, at=at, username=username, name=options[username])
                grant_mandate(actor=ACTOR, at=at, account=account, kind=kind, since=today)
                lines.append(f"  {kind.label}（{work}）　账号 {username}　一次性口令 {code}")
        expiry = timezone.localdate(at + CODE_LIFE)
        self.stdout.write("已开通三个管理员账号，应由三个人分别使用。一次性口令只显示这一次：")
        self.stdout.write("\n".join(lines))
        self.stdout.write(f"口令在{chinese_date(expiry)}前有效，首次登录时设置密码。")
        self.stdout.write(
            "下一步：执行 python manage.py import_workbook 花名册.xlsx 导入党组织和党员，"
            "由系统管理员开通账号，再由安全管理员授权党务管理员。"
        )
