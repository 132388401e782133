"""What a cell of the exchange workbook means (workbook.md). Values in, values out; CellError says why not."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from branches.rules.cells import CellError, Raw, as_text, clean_text, compact, in_range, read_date
from branches.rules.dates import chinese_date
from talks.rules.exchange.columns import Column, Shape
from talks.rules.words import split_list

# What a column of the exchange makes of what a cell stores.
Value = str | int | bool | date | datetime | time | tuple[str, ...] | None

LONGEST_CELL = 32_767

MISSING = "必填项为空"
TIME_UNREADABLE = "时间「{text}」无法识别，请写作09:30"
MOMENT_UNREADABLE = "时间「{text}」无法识别，请写作2026-03-05 09:30"
YES_NO_UNREADABLE = "「{text}」应为「是」或「否」"
NUMBER_UNREADABLE = "「{text}」不是整数"
CODE_HOLDS_SEPARATOR = "编码「{text}」中不能有顿号、逗号、分号或换行"
TOO_LONG = "文字过长，最多{longest}个字"
ERROR_VALUE = "单元格中是错误值「{text}」"
NO_STORED_VALUE = "公式没有保存计算结果，请在Excel中重新计算并保存，或改填数值"

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YES = frozenset({"是", "有", "√", "1", "TRUE"})
_NO = frozenset({"", "否", "无", "空白", "0", "FALSE"})


def clean_name(text: str) -> str:
    """A name; spaces inside a Chinese one are dropped, its `·` stays."""
    text = clean_text(text)
    if re.search(r"[A-Za-z]", text):
        return " ".join(text.split())
    return "".join(text.split())


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
        in_range(raw.date(), raw)
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


def _empty(raw: Raw) -> bool:
    return raw is None or (isinstance(raw, str) and not clean_text(raw))


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
    Shape.TEXT: lambda raw: clean_text(as_text(raw)),
    Shape.NAME: lambda raw: clean_name(as_text(raw)),
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
        return f"{chinese_date(value)}{value:%H:%M}"
    if isinstance(value, date):
        return chinese_date(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)
