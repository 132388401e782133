"""`python manage.py fingerprint_records`: makes the fingerprints of records that have none."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from talks.services.fingerprints import BATCH, fingerprint_next_records
from vault.services import Actor

ACTOR = Actor("command", "")
SO_FAR = "已生成{count}份内容指纹。"
DONE = "共生成{count}份内容指纹，全部记录都可以比对。"


class Command(BaseCommand):
    """Of records from before there were fingerprints; killed, it goes on where it stopped when run again."""

    help = "为尚无内容指纹的谈话记录生成指纹，供比对雷同；可随时中断，再次运行时接着生成"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--batch: how many records are made ready in one transaction."""
        parser.add_argument("--batch", type=int, default=BATCH, help=f"每批数量，默认{BATCH}")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how far it has come after each batch."""
        count = 0
        while made := fingerprint_next_records(actor=ACTOR, at=timezone.now(), most=max(1, options["batch"])):
            count += made
            self.stdout.write(SO_FAR.format(count=count))
        self.stdout.write(DONE.format(count=count))
