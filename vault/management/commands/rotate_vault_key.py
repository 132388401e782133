"""`manage.py rotate_vault_key`."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from vault.models.keyring import key_ring
from vault.services import Actor, RotationIncomplete, enter_trail, put_new_key, rotate_keys

INCOMPLETE = "以下 {count} 处用现有的任何密钥都打不开，没有更换；旧密钥请勿移除：\n{places}"


class Command(BaseCommand):
    """Re-wraps what is sealed under an older key, while everything runs."""

    help = "更换保险库密钥：先把新密钥放在原密钥之前（密钥文件可用 --new），再运行本命令；中断后可再次运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--new for installations that keep their keys in a file."""
        parser.add_argument("--new", action="store_true", help="先生成一个新密钥，写在密钥文件的最前面")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with CommandError where values are left that no key opens."""
        if options["new"]:
            try:
                put_new_key()
            except ImproperlyConfigured as error:
                raise CommandError(str(error)) from error
        enter_trail(
            actor=Actor("command", ""),
            at=timezone.now(),
            action="更换密钥",
            target_kind="保险库密钥",
            target=key_ring().current.id.hex(),
        )
        total = 0
        try:
            for place, changed in rotate_keys():
                self.stdout.write(f"{place}：{changed}")
                total += changed
        except RotationIncomplete as error:
            places = "\n".join(error.places)
            raise CommandError(INCOMPLETE.format(count=len(error.places), places=places)) from error
        self.stdout.write(
            f"共更换 {total} 处。请再次运行本命令，直到没有可更换的内容，再移除旧密钥。"
            if total
            else "全部内容已使用当前密钥，旧密钥可以移除。"
        )
