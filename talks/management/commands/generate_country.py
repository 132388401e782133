"""`python manage.py generate_country --members N --seed S`: an invented country in an empty database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from branches.models import Organisation
from members.models import Account, Member
from talks.management.country.organisations import AS_OF, SMALLEST
from talks.management.country.rows import country_rows
from talks.management.country.tables import analyse, write
from vault.services import Actor, enter_trail

NOT_EMPTY = (
    "数据库中已有账号、党组织或党员，未作任何改动。虚构的测量数据不能与其他数据放在一起；请另用一个空数据库。"
)
TOO_FEW = "党员人数应不少于{least}人。"
ACTOR = Actor("command", "")


class Command(BaseCommand):
    """Writes the rows straight into the tables, all of them or none, and says how many."""

    help = "向空数据库写入虚构的党组织、党员和谈话，供测量用；同一人数、同一种子写入的数据相同。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many members, and the seed."""
        parser.add_argument("--members", type=int, required=True, metavar="N", help="党员人数")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="随机数种子")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the numbers; CommandError where the database holds data, or for too few members."""
        members, seed = options["members"], options["seed"]
        if members < SMALLEST:
            raise CommandError(TOO_FEW.format(least=SMALLEST))
        if Account.objects.exists() or Organisation.objects.exists() or Member.objects.exists():
            raise CommandError(NOT_EMPTY)
        with transaction.atomic():
            written = write(country_rows(members, seed))
            numbers = {str(model._meta.verbose_name): number for model, number in written.items()}
            enter_trail(
                actor=ACTOR,
                at=timezone.now(),
                action="写入虚构数据",
                target_kind="数据库",
                target=f"seed={seed}",
                detail=numbers,
            )
        analyse()
        self.stdout.write(f"已写入虚构的测量数据（种子{seed}，截至{AS_OF:%Y-%m-%d}）：")
        for name, number in numbers.items():
            self.stdout.write(f"  {name} {number:,}")
