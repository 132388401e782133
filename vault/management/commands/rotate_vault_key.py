"""`manage.py rotate_vault_key`."""

from typing import Any

from django.core.management.base import BaseCommand

from vault.services import rotate_keys


class Command(BaseCommand):
    """Re-wraps what is sealed under an older key. Put the new key first in VAULT_KEY, then run this."""

    help = "更换保险库密钥：先把新密钥放在 VAULT_KEY 的最前面，再运行本命令；中断后可再次运行"

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        for place, changed in rotate_keys():
            self.stdout.write(f"{place}：{changed}")
            total += changed
        self.stdout.write(f"共更换 {total} 处。" if total else "全部内容已使用当前密钥，旧密钥可以移除。")
