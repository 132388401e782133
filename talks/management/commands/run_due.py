"""`python manage.py run_due`: does now what the scheduler does daily (workbook.md)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from branches.rules.dates import chinese_date
from talks.management.commands.duties import read_day
from talks.services.chasing import chase_due
from talks.services.reconciliation import reconcile_due

DONE = (
    "截至{day}：核对{organisations}个党组织，新增{new}项应谈，变动{changed}项，"
    "其中撤销{withdrawn}项；新增提醒{notices}条。"
)


class Command(BaseCommand):
    """Reconciles the duties with the facts and reminds; run again it finds nothing to do."""

    help = "按截至日期核对全部应谈事项，并发出提醒。重复执行不会重复生成。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--as-of: the day, today by default."""
        parser.add_argument("--as-of", help="截至日期，例如 2026-12-31；不填为今天")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was found; a date that cannot be read is a Chinese line and exit status 1."""
        today = read_day(str(options["as_of"])) if options["as_of"] else timezone.localdate()
        found = reconcile_due(today=today, at=timezone.now())
        # A reminder of what is new was made with it.
        notices = found.notices + chase_due(today=today, at=timezone.now())
        self.stdout.write(
            DONE.format(
                day=chinese_date(today),
                organisations=found.organisations,
                new=found.new,
                changed=found.changed,
                withdrawn=found.withdrawn,
                notices=notices,
            )
        )
