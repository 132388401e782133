"""`manage.py verify_trail`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from vault.models import TrailEntry
from vault.services import find_fault


class Command(BaseCommand):
    """Proves the audit trail whole, or names the first entry that was touched (exit status 1)."""

    help = "校验审计记录：完整，或指出第一条被修改、删除、插入、调换次序的记录"

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with exit status 1 where the trail is not what was written."""
        finding = find_fault()
        if finding:
            self.stderr.write(f"审计记录不完整：{finding}。请立即报告安全审计员，并保留数据库与登记文件。")
            sys.exit(1)
        self.stdout.write(f"审计记录完整，共 {TrailEntry.objects.count()} 条。")
