"""`python manage.py load_demonstration`: 上游局, the demonstration, into an empty database only."""

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from branches.models import Organisation
from members.models import Account, Member
from talks.excel import read_workbook
from talks.management.demonstration.book import book_of
from talks.management.demonstration.diary import RECORDED_UNTIL
from talks.management.demonstration.hours import publish_demonstration_hours
from talks.management.demonstration.opinions import gather_opinions
from talks.management.demonstration.people import Roster
from talks.management.demonstration.remedies import carry_on
from talks.management.demonstration.signins import PASSWORD, open_sign_ins, sign_ins
from talks.management.demonstration.workbook import demonstration_sheets
from talks.services.exchange import import_workbook
from vault.services import Actor

NOT_EMPTY = (
    "数据库中已有其他数据，未载入演示组织。演示数据不能与实际数据放在一起；如需演示，请另用一个空数据库。"
)
NOT_EMBEDDED = (
    "当前数据库不是本机内置的SQLite。演示账号的密码是公开的，不应放在正式数据库中。确需载入，请加上 --yes。"
)
LOADED = "已载入演示组织上游局。"
ALREADY = "演示组织上游局已在数据库中，未作改动。"
WRITTEN = "演示工作簿已写入 {path}。"
HEADING = "演示登录账号（密码均为 {password}；只存在于演示数据库）："
ACTOR = Actor("command", "")


class Command(BaseCommand):
    """Loads the demonstration through the same import as any workbook, all of it or nothing."""

    help = "向空数据库载入演示组织上游局，并列出演示登录账号；已有实际数据时不作任何改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--workbook writes the file only; --yes allows another database than the embedded default."""
        parser.add_argument("--workbook", type=Path, help="只把演示工作簿写入该文件，不载入数据库")
        parser.add_argument("--yes", action="store_true", help="数据库不是本机内置的SQLite时也载入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Loads and lists the sign-ins; the second time lists them only; beside other data does nothing."""
        path: Path | None = options["workbook"]
        if path:
            try:
                path.write_bytes(book_of(demonstration_sheets()))
            except OSError as error:
                raise CommandError(f"无法写入 {path}：{error.strerror}。") from error
            self.stdout.write(WRITTEN.format(path=path))
            return
        roster = Roster()
        if Account.objects.filter(is_demonstration=True).exists():
            self.stdout.write(ALREADY)
        elif Account.objects.exists() or Organisation.objects.exists() or Member.objects.exists():
            self.stdout.write(NOT_EMPTY)
            return
        elif not settings.EMBEDDED and not options["yes"]:
            raise CommandError(NOT_EMBEDDED)
        else:
            load(roster, at=timezone.now(), today=timezone.localdate())
            self.stdout.write(LOADED)
        self.stdout.write(_table(roster))


def load(roster: Roster, *, at: datetime, today: date) -> None:
    """The whole demonstration, through the reader and the import that every workbook goes through."""
    tables = read_workbook(book_of(demonstration_sheets()), settings.WORKBOOK_MAX_BYTES)
    # Its days are fixed: on a machine whose clock is behind them they are nevertheless past.
    today = max(today, RECORDED_UNTIL)
    checked = import_workbook(actor=ACTOR, at=at, today=today, tables=tables, dry_run=True)
    if checked.errors:
        raise CommandError("\n".join(checked.error_lines))
    with transaction.atomic():
        import_workbook(actor=ACTOR, at=at, today=today, tables=tables, dry_run=False)
        publish_demonstration_hours(actor=ACTOR, at=at)
        open_sign_ins(roster=roster, actor=ACTOR, at=at)
        carry_on(actor=ACTOR, at=at, today=timezone.localdate(at))
        gather_opinions(actor=ACTOR, at=at)


def _table(roster: Roster) -> str:
    lines = [("角色", "账号", "姓名")]
    lines += [(line.role, line.username, line.name) for line in sign_ins(roster)]
    shown = ["", HEADING.format(password=PASSWORD)]
    shown += [f"  {_padded(role, 18)}{_padded(username, 18)}{name}" for role, username, name in lines]
    return "\n".join(shown)


def _padded(text: str, width: int) -> str:
    taken = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(1, width - taken)
