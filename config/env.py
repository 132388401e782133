"""Reading the environment: every value may also come from a file named by NAME_FILE."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

UNREADABLE_FILE = "{name}_FILE 指向的文件无法读取：{path}"
EMPTY_FILE = "{name}_FILE 指向的文件是空的：{path}"
MISSING = "缺少设置 {name}（或 {name}_FILE）。"
NOT_A_BOOLEAN = "设置 {name} 只能是 true 或 false，现在是「{value}」。"
NOT_ONE_OF = "设置 {name} 只能是 {values}，现在是「{value}」。"
NOT_A_NUMBER = "设置 {name} 应为不小于 {least} 的整数，现在是「{value}」。"


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, else the content of the file NAME_FILE names, else the default.

    Raises ImproperlyConfigured where the file cannot be read or nothing is given and there is no default.
    """
    path = named_file(name)
    if path:
        try:
            content = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(UNREADABLE_FILE.format(name=name, path=path)) from error
        if not content:
            raise ImproperlyConfigured(EMPTY_FILE.format(name=name, path=path))
        return content
    value = os.environ.get(name)
    if value is not None and value != "":
        return value
    if default is None:
        raise ImproperlyConfigured(MISSING.format(name=name))
    return default


def named_file(name: str) -> Path | None:
    """The file that NAME_FILE names; None where it names none."""
    path = os.environ.get(f"{name}_FILE")
    return Path(path) if path else None


def flag(name: str, default: bool) -> bool:
    """A yes/no value; anything but true/false, yes/no, 1/0 is refused, not guessed."""
    value = text(name, str(default)).lower()
    if value in {"true", "yes", "1"}:
        return True
    if value in {"false", "no", "0"}:
        return False
    raise ImproperlyConfigured(NOT_A_BOOLEAN.format(name=name, value=value))


def number(name: str, default: int, least: int = 0) -> int:
    """A whole number not below `least`."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(NOT_A_NUMBER.format(name=name, value=value, least=least))
    return int(value)


def one_of(name: str, default: str, *others: str) -> str:
    """One of these values; the first where none is given."""
    value = text(name, default)
    if value not in (default, *others):
        values = " 或 ".join((default, *others))
        raise ImproperlyConfigured(NOT_ONE_OF.format(name=name, values=values, value=value))
    return value


def made_once(path: Path) -> str:
    """The secret kept in the file, made on the first call; only for the embedded default."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    value = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(value)
    return value
