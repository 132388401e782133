"""What a cell of a workbook says by itself (workbook.md); CellError says why it cannot be read."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

# What a workbook stores in a cell.
Raw = str | int | float | bool | date | datetime | time | timedelta | None

# Excel counts in doubles: longer numbers have lost their last digits.
EXACT = 10**15
EARLIEST, LATEST = 1900, 2199

# Of days that are typed; further on the engine would run out of the calendar.
DAY_OUT_OF_RANGE = f"请核对日期，年份应在{EARLIEST}年至{LATEST}年之间。"
DATE_UNREADABLE = "日期「{text}」无法识别，请写作2026-03-05"
DIGITS_LOST = "数字超过15位，末尾已不可靠，请将单元格设为文本后重新填写"

_SPACES = "\u200b\u200c\u200d\ufeff"
_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{4})(\d\d)(\d\d)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class CellError(ValueError):
    """The cell cannot be read; the text says why, in Chinese."""


def clean_text(text: str) -> str:
    """Trimmed (also U+3000), line ends as line feeds, without characters that a workbook cannot hold."""
    text = text.replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text).strip().strip(_SPACES).strip()


def clean_header(text: Raw) -> str:
    """A header without its spaces and its trailing `*`, in NFKC form."""
    joined = "".join(unicodedata.normalize("NFKC", as_text(text)).split())
    return joined.strip(_SPACES).rstrip("*")


def compact(raw: Raw) -> str:
    """The text of a code, date, number or yes/no: trimmed and in NFKC form."""
    return clean_text(unicodedata.normalize("NFKC", as_text(raw)))


def read_date(raw: Raw) -> date | None:
    """A date in one of the forms of workbook.md, or an Excel date (its time of day is dropped)."""
    if isinstance(raw, datetime):
        return in_range(raw.date(), raw)
    if isinstance(raw, date):
        return in_range(raw, raw)
    text = compact(raw)
    if not text:
        return None
    match = _DATE.fullmatch("".join(text.removesuffix(" 00:00:00").split()))
    if match is None:
        raise CellError(DATE_UNREADABLE.format(text=text))
    year, month, day = (int(part) for part in match.groups() if part and part.isdigit())
    try:
        return in_range(date(year, month, day), text)
    except ValueError as error:
        raise CellError(DATE_UNREADABLE.format(text=text)) from error


def in_range(day: date, raw: object) -> date:
    """The day, or CellError about `raw` where no workbook of ours can mean it."""
    if not is_of_our_time(day):
        raise CellError(DATE_UNREADABLE.format(text=raw))
    return day


def is_of_our_time(day: date) -> bool:
    """Whether a talk, a meeting or an event can lie on the day, so that days before and after it exist."""
    return EARLIEST <= day.year <= LATEST


def as_text(raw: Raw) -> str:
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
