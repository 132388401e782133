"""What a cell of the exchange workbook means (workbook.md). Values in, values out; CellError says why not."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from talks.rules.exchange.columns import Column, Shape
from talks.rules.words import split_list

# What a workbook stores in a cell, and what a column of this project makes of it.
Raw = str | int | float | bool | date | datetime | time | timedelta | None
Value = str | int | bool | date | datetime | time | tuple[str, ...] | None

# Excel counts in doubles: longer numbers have lost their last digits.
EXACT = 10**15
EARLIEST, LATEST = 1900, 2199
LONGEST_CELL = 32_767

MISSING = "必填项为空"
DATE_UNREADABLE = "日期「{text}」无法识别，请写作2026-03-05"
TIME_UNREADABLE = "时间「{text}」无法识别，请写作09:30"
MOMENT_UNREADABLE = "时间「{text}」无法识别，请写作2026-03-05 09:30"
YES_NO_UNREADABLE = "「{text}」应为「是」或「否」"
NUMBER_UNREADABLE = "「{text}」不是整数"
DIGITS_LOST = "数字超过15位，末尾已不可靠，请将单元格设为文本后重新填写"
CODE_HOLDS_SEPARATOR = "编码「{text}」中不能有顿号、逗号、分号或换行"
TOO_LONG = "文字过长，最多{longest}个字"
ERROR_VALUE = "单元格中是错误值「{text}」"
NO_STORED_VALUE = "公式没有保存计算结果，请在Excel中重新计算并保存，或改填数值"

_SPACES = "\u200b\u200c\u200d\ufeff"
_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{4})(\d\d)(\d\d)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YES = frozenset({"是", "有", "√", "1", "TRUE"})
_NO = frozenset({"", "否", "无", "空白", "0", "FALSE"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class CellError(ValueError):
    """The cell cannot be read; the text says why, in Chinese."""


def clean_text(text: str) -> str:
    """Trimmed (also U+3000), line ends as line feeds, without characters that a workbook cannot hold."""
    text = text.replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text).strip().strip(_SPACES).strip()


def clean_header(text: Raw) -> str:
    """A header without its spaces and its trailing `*`, in NFKC form."""
    joined = "".join(unicodedata.normalize("NFKC", _as_text(text)).split())
    return joined.strip(_SPACES).rstrip("*")


def clean_name(text: str) -> str:
    """A name; spaces inside a Chinese one are dropped, its `·` stays."""
    text = clean_text(text)
    if re.search(r"[A-Za-z]", text):
        return " ".join(text.split())
    return "".join(text.split())


def compact(raw: Raw) -> str:
    """The text of a code, date, number or yes/no: trimmed and in NFKC form."""
    return clean_text(unicodedata.normalize("NFKC", _as_text(raw)))


def read_cell(raw: Raw, column: Column) -> Value:
    """The value of the cell in that column. Empty is "" for text, False for yes/no, () for codes, else None.

    CellError where it cannot be read, is too long, or is empty though required.
    """
    value = _READERS[column.shape](raw)
    if column.required and (
        value is None or value in ("", ()) or (column.shape is Shape.YES_NO and _empty(raw))
    ):
        raise CellError(MISSING)
    texts = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    if column.longest is not None and any(len(text) > column.longest for text in texts):
        raise CellError(TOO_LONG.format(longest=column.longest))
    return value


def empty_value(column: Column) -> Value:
    """What an empty cell of the column means."""
    return _READERS[column.shape](None)


def read_date(raw: Raw) -> date | None:
    """A date in one of the forms of workbook.md, or an Excel date (its time of day is dropped)."""
    if isinstance(raw, datetime):
        return _in_range(raw.date(), raw)
    if isinstance(raw, date):
        return _in_range(raw, raw)
    text = compact(raw)
    if not text:
        return None
    match = _DATE.fullmatch("".join(text.removesuffix(" 00:00:00").split()))
    if match is None:
        raise CellError(DATE_UNREADABLE.format(text=text))
    year, month, day = (int(part) for part in match.groups() if part and part.isdigit())
    try:
        return _in_range(date(year, month, day), text)
    except ValueError as error:
        raise CellError(DATE_UNREADABLE.format(text=text)) from error


def read_time(raw: Raw) -> time | None:
    """A time of day, HH:MM or an Excel time; seconds are dropped."""
    if isinstance(raw, datetime):
        raw = raw.time()
    if isinstance(raw, timedelta):
        if not timedelta(0) <= raw < timedelta(days=1):
            raise CellError(TIME_UNREADABLE.format(text=raw))
        raw = (datetime(1900, 1, 1) + raw).time()  # noqa: DTZ001 - a time of day only
    if isinstance(raw, time):
        return raw.replace(second=0, microsecond=0, tzinfo=None)
    text = compact(raw)
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise CellError(TIME_UNREADABLE.format(text=text))
    try:
        return time(int(match[1]), int(match[2]))
    except ValueError as error:
        raise CellError(TIME_UNREADABLE.format(text=text)) from error


def read_moment(raw: Raw) -> datetime | None:
    """A date with or without a time of day, as it is on the clocks here (without a zone), to the second."""
    if isinstance(raw, datetime):
        _in_range(raw.date(), raw)
        return (raw + timedelta(microseconds=500_000)).replace(microsecond=0, tzinfo=None)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001 - the service knows the zone
    text = compact(raw)
    if not text:
        return None
    day_text, _, time_text = text.replace("T", " ").partition(" ")
    match = _TIME.fullmatch(time_text.strip() or "0:00")
    try:
        day = read_date(day_text)
        if match is None or day is None:
            raise CellError(MOMENT_UNREADABLE.format(text=text))
        return datetime.combine(day, time(int(match[1]), int(match[2]), int(match[3] or 0)))
    except ValueError as error:
        raise CellError(MOMENT_UNREADABLE.format(text=text)) from error


def _in_range(day: date, raw: object) -> date:
    if not EARLIEST <= day.year <= LATEST:
        raise CellError(DATE_UNREADABLE.format(text=raw))
    return day


def _empty(raw: Raw) -> bool:
    return raw is None or (isinstance(raw, str) and not clean_text(raw))


def _as_text(raw: Raw) -> str:
    """What stands in the cell, as text: a whole number as its digits, a date as it is written here."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        if not raw.is_integer():
            return repr(raw)
        if abs(raw) >= EXACT:
            raise CellError(DIGITS_LOST)
        return str(int(raw))
    if isinstance(raw, datetime):
        return f"{raw:%Y-%m-%d}" if raw.time() == time() else f"{raw:%Y-%m-%d %H:%M}"
    if isinstance(raw, time):
        return f"{raw:%H:%M}"
    return str(raw)


def _code(raw: Raw) -> str:
    text = compact(raw)
    if split_list(text) not in ((), (text,)):
        raise CellError(CODE_HOLDS_SEPARATOR.format(text=text))
    return text


def _codes(raw: Raw) -> tuple[str, ...]:
    return tuple(sorted(split_list(compact(raw))))


def _yes_no(raw: Raw) -> bool:
    text = compact(raw).upper()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise CellError(YES_NO_UNREADABLE.format(text=text))


def _number(raw: Raw) -> int | None:
    text = compact(raw)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise CellError(NUMBER_UNREADABLE.format(text=text))
    return int(text)


_READERS: dict[Shape, Callable[[Raw], Value]] = {
    Shape.CODE: _code,
    Shape.CODES: _codes,
    Shape.TEXT: lambda raw: clean_text(_as_text(raw)),
    Shape.NAME: lambda raw: clean_name(_as_text(raw)),
    Shape.WORD: compact,
    Shape.DATE: read_date,
    Shape.TIME: read_time,
    Shape.MOMENT: read_moment,
    Shape.YES_NO: _yes_no,
    Shape.NUMBER: _number,
}


def settled(text: str, column: Column) -> str:
    """A stored text as the workbook holds it: reading it back gives the same."""
    if column.shape is Shape.CODE:
        return text
    if column.shape is Shape.NAME:
        return clean_name(text)
    if column.shape is Shape.WORD:
        return compact(text)
    return clean_text(clean_text(text)[:LONGEST_CELL])


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a cell that holds several entries, trimmed, without empty ones."""
    return tuple(line for line in map(clean_text, clean_text(text).split("\n")) if line)


def shown(value: Value) -> str:
    """A value as a person reads it."""
    if value is None or value == "" or value == ():
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(value)
    if isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日 {value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)
