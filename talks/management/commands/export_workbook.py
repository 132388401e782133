"""`manage.py export_workbook FILE.xlsx [--organisation CODE] [--with-content]` (workbook.md)."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from branches.models import Organisation
from talks.excel import write_workbook
from talks.figures.exchange import chosen_rows, exported_sheets
from talks.services.exchange import enter_export
from vault.services import Actor


class Command(BaseCommand):
    """Writes the workbook to the file, which only its owner may read, and prints the rows by sheet."""

    help = "导出交换工作簿；不加 --with-content 时不含谈话内容等敏感栏目。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file; without --organisation the whole installation, without --with-content no content."""
        parser.add_argument("file", type=Path, metavar="FILE.xlsx")
        parser.add_argument("--organisation", default="", metavar="CODE", help="只导出该组织及其下级")
        parser.add_argument("--with-content", action="store_true", help="含谈话内容等敏感栏目")

    def handle(self, *args: Any, **options: Any) -> None:
        """An unknown organisation, or a file that cannot be written, is a Chinese line and exit status 1."""
        code, with_content = options["organisation"].strip(), options["with_content"]
        organisations = None
        if code:
            organisation = Organisation.objects.filter(code=code).first()
            if organisation is None:
                self.stderr.write(f"组织编码「{code}」不存在")
                sys.exit(1)
            organisations = Organisation.objects.below(organisation)
        sheets = exported_sheets(chosen_rows(organisations), with_content=with_content)
        target: Path = options["file"]
        # First beside it: what was there stays whole until the new file is.
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                counts = write_workbook(sheets, file)
            enter_export(
                actor=Actor(account="command", address=""),
                at=timezone.now(),
                organisation=code,
                with_content=with_content,
                rows=counts,
            )
            unfinished.replace(target)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            self.stderr.write(f"无法写入文件「{target}」：{error.strerror}")
            sys.exit(1)
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
