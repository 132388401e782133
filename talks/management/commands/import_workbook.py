"""`manage.py import_workbook FILE.xlsx [--dry-run]` (workbook.md)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from talks.excel import Unreadable, read_workbook
from talks.services.exchange import import_workbook
from vault.services import Actor


class Command(BaseCommand):
    """Prints a line per sheet; errors go to the error output, one line each, with exit status 1."""

    help = "导入交换工作簿：全部写入，或在有错误时什么也不写入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file; --dry-run stores nothing."""
        parser.add_argument("file", type=Path, metavar="FILE.xlsx")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stores all of the workbook, or nothing where anything is wrong."""
        now = timezone.now()
        try:
            tables = read_workbook(options["file"], settings.WORKBOOK_MAX_BYTES)
        except Unreadable as error:
            self._refuse([f"{options['file'].name}: {error}"])
        outcome = import_workbook(
            actor=Actor(account="command", address=""),
            at=now,
            today=timezone.localdate(now),
            tables=tables,
            dry_run=options["dry_run"],
        )
        for note in outcome.notes:
            self.stdout.write(f"注意：{note}")
        if outcome.errors:
            self._refuse(outcome.error_lines)
        for sheet in outcome.sheets:
            self.stdout.write(str(sheet))
        if outcome.is_empty:
            self.stdout.write("没有变化。")
        elif options["dry_run"]:
            self.stdout.write("以上为检查结果，没有写入。")

    def _refuse(self, lines: "list[str] | tuple[str, ...]") -> None:
        for line in lines:
            self.stderr.write(line, self.style.ERROR)
        sys.exit(1)
