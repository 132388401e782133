"""The keys at hand: from the environment, from a file, or made once for the embedded default."""

import os
import secrets
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from vault.rules.envelope import ALGORITHMS, Algorithm
from vault.rules.keys import KEY_BYTES, Key, KeyRefused, KeyRing, key_of, parse_keys, write_key

KEY_MISSING = "没有保险库密钥：请设置 VAULT_KEY 或 VAULT_KEY_FILE。没有密钥，系统不启动。"
KEY_LOST = (
    "找不到保险库密钥文件 {path}，而数据库中已有加密内容。"
    "请恢复原来的密钥文件；系统不会另造新密钥来掩盖密钥的丢失。"
)
KEY_FILE_UNREADABLE = "保险库密钥文件无法读取：{path}"
TRAIL = "vault_trailentry"
ALGORITHM_UNKNOWN = "VAULT_ALGORITHM 只能是 AES-256-GCM 或 SM4-GCM。"


def algorithm() -> Algorithm:
    """The algorithm under which new values are sealed.

    Raises ImproperlyConfigured.
    """
    try:
        return ALGORITHMS[settings.VAULT_ALGORITHM]
    except KeyError as error:
        raise ImproperlyConfigured(ALGORITHM_UNKNOWN) from error


def key_ring() -> KeyRing:
    """The keys at hand, the current one first.

    Raises ImproperlyConfigured where there is none, or one cannot be read.
    """
    if settings.VAULT_KEY:
        return _read(settings.VAULT_KEY)
    path = _key_file()
    if key_is_to_be_made():
        _make(path)
    return _read_file(path, path.stat().st_mtime_ns)


def key_is_to_be_made() -> bool:
    """Whether this is the first start of the embedded default: no key, and nothing that was sealed with one.

    Raises ImproperlyConfigured where there ought to be a key, and there is none.
    """
    if settings.VAULT_KEY or _key_file().exists():
        return False
    if not settings.VAULT_KEY_MAY_BE_MADE:
        raise ImproperlyConfigured(KEY_FILE_UNREADABLE.format(path=settings.VAULT_KEY_FILE))
    if anything_sealed():
        raise ImproperlyConfigured(KEY_LOST.format(path=settings.VAULT_KEY_FILE))
    return True


def _key_file() -> Path:
    if settings.VAULT_KEY_FILE is None:
        raise ImproperlyConfigured(KEY_MISSING)
    return settings.VAULT_KEY_FILE


@lru_cache(maxsize=4)
def _read(text: str) -> KeyRing:
    try:
        return parse_keys(text)
    except KeyRefused as error:
        raise ImproperlyConfigured(str(error)) from error


@lru_cache(maxsize=4)
def _read_file(path: Path, changed: int) -> KeyRing:
    """`changed` is the file's time of change: a rotation puts a key in front without stopping anything."""
    try:
        return _read(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(KEY_FILE_UNREADABLE.format(path=path)) from error


def _make(path: Path) -> None:
    """Makes the key file of the embedded default, whole or not at all."""
    draft = _draft(path, (key_of(secrets.token_bytes(KEY_BYTES)),))
    try:
        # A link never replaces: of two processes that start at once, one makes the key and both read it.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def write_key_file(path: Path, keys: Iterable[Key]) -> None:
    """Replaces the keys in the file, so that who reads it meanwhile finds the old ones or the new."""
    _draft(path, keys).replace(path)


def _draft(path: Path, keys: Iterable[Key]) -> Path:
    """A file beside the key file, which only its owner may read, with these keys."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{write_key(key.material)}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())
    return draft


def anything_sealed() -> bool:
    """Whether the database holds anything that a key is needed for: a sealed value or a trail."""
    tables = set(connection.introspection.table_names())
    wanted = [(TRAIL, "number")] + [
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        # The mark and not the class: sealed fields stand on this module.
        if getattr(field, "seals", False)
    ]
    with connection.cursor() as cursor:
        for table, column in wanted:
            if table not in tables:
                continue
            name, value = connection.ops.quote_name(table), connection.ops.quote_name(column)
            condition = f"{value} IS NOT NULL" if table == TRAIL else f"length({value}) > 0"
            cursor.execute(f"SELECT 1 FROM {name} WHERE {condition} LIMIT 1")  # noqa: S608  names of our own tables
            if cursor.fetchone():
                return True
    return False
