"""The State Council's yearly notice on holidays, as text or as rows of a table, read into days.

What cannot be read, or contradicts itself, is named and left out: never guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from branches.rules.cells import CellError, Raw, compact, read_date
from branches.rules.dates import chinese_date
from branches.rules.working_days import WEEKDAYS, NamedDay, belongs_to

LONGEST_NAME = 40
STATES = {"上班": True, "放假": False}

NO_STATEMENT = "没有写明哪天放假、哪天上班"
NO_SUCH_DAY = "{year}年没有{month}月{day}日"
NO_MONTH = "没有写明月份"
WRONG_WEEKDAY = "{day}是星期{weekday}"
BACKWARDS = "结束日期早于开始日期"
WRONG_COUNT = "写的是{told}天，按日期是{counted}天"
OUTSIDE = "{day}不在{year}年"
CONTRADICTION = "{day}前面写的是{state}"
DAY_MISSING = "日期为空"
STATE_UNREADABLE = "状态「{text}」应为「上班」或「放假」"
NAME_TOO_LONG = f"说明超过{LONGEST_NAME}个字"


@dataclass(frozen=True, slots=True)
class Reading:
    """The days that were read, in their order, and what could not be read, each with the reason."""

    days: tuple[NamedDay, ...]
    unread: tuple[str, ...]


# All in NFKC form and without spaces: brackets, commas and colons are ASCII.
_DATE = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:\([^()]*\))?"
_SPAN = rf"{_DATE}(?:[至到~—–-]+{_DATE})?"
_STATEMENT = re.compile(
    rf"({_SPAN}(?:[、和及]{_SPAN})*)"
    r"(放假(?:调休|公休)?|补休|(?:调休|正常|照常)?上班)(?:共?(\d{1,2})天)?"
)
_SPANS = re.compile(_SPAN)
_DATE_PARTS = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_COUNT = re.compile(r"共(\d{1,2})天")
# What a notice adds to a holiday that adds no day.
_ASIDE = re.compile(r"与周末连休|不调休|不再调休")
_NUMBER = r"(?<![一二三四五六七八九十])(?:[一二三四五六七八九十]{1,3}、|\(?\d{1,2}[)、.])"
_HEADING = re.compile(rf"{_NUMBER}([^:,]{{1,20}}):|([^:,\d]{{1,12}}):(?=\d)")
# A line that stops within a clause goes on in the next: text copied from paper is broken anywhere.
_BROKEN_LINE = re.compile(rf"(?<![。;:天班休假])\n+(?!{_NUMBER})")
_SENTENCE_END = re.compile(rf"[。;\n]|(?={_NUMBER}[^:,]{{1,20}}:)")
# Of a remark in brackets only 40 characters are looked through: for each comma it would be the whole text.
_COMMA = re.compile(r",(?![^()]{0,40}\))")
_SIGNATURE = re.compile(r"(?:国务院办公厅)?\d{4}年\d{1,2}月\d{1,2}日(?:\([^()]*\))?")
_FULL_WIDTH = str.maketrans("(),:", "（），：")
_TITLE = re.compile(r"(\d{4})年(?:部分)?(?:法定)?节假日(?:放假)?安排")


def year_of_notice(text: str) -> int | None:
    """The year in the title of the notice, 「关于2026年部分节假日安排的通知」; None where there is none."""
    match = _TITLE.search("".join(_plain(text).split()))
    return int(match[1]) if match else None


def read_notice(text: str, year: int) -> Reading:
    """The days of a notice for the year: 「一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。……」.

    Sentences without a date are passed over (title, greeting, closing); others must be read in full, and a
    weekday or a number of days that they name must be right.
    """
    name, found = "", []
    for sentence in _SENTENCE_END.split(_BROKEN_LINE.sub("", _plain(text))):
        heading = _HEADING.match(sentence)
        if heading:
            name = heading[1] or heading[2]
        body = sentence[heading.end() :] if heading else sentence
        if body and not _SIGNATURE.fullmatch(body) and (heading or _SPANS.search(body)):
            found.append((f"「{sentence.translate(_FULL_WIDTH)}」", partial(_statement, body, name, year)))
    return _gathered(found)


def read_rows(rows: Iterable[tuple[int, Sequence[Raw]]], year: int) -> Reading:
    """The days of a table: 日期, 状态 (上班 or 放假), 说明; each row with the number that it is named by."""
    return _gathered((f"第{number}行", partial(_row, row, year)) for number, row in rows)


def _gathered(found: Iterable[tuple[str, Callable[[], list[NamedDay]]]]) -> Reading:
    """Reads one place after the other; what does not go with a place before it is not read either."""
    days: dict[date, NamedDay] = {}
    unread = []
    for place, read in found:
        try:
            new = read()
            for one in new:
                before = days.get(one.day, one)
                if before.is_working != one.is_working:
                    state = "上班" if before.is_working else "放假"
                    raise CellError(CONTRADICTION.format(day=chinese_date(one.day), state=state))
        except CellError as error:
            unread.append(f"{place}：{error}")
        else:
            days = {day.day: day for day in new} | days
    return Reading(tuple(days[day] for day in sorted(days)), tuple(unread))


def _row(row: Sequence[Raw], year: int) -> list[NamedDay]:
    raw_day, raw_state, raw_name = row
    day = read_date(raw_day)
    if day is None:
        raise CellError(DAY_MISSING)
    state, name = compact(raw_state), " ".join(compact(raw_name).split())
    if state not in STATES:
        raise CellError(STATE_UNREADABLE.format(text=state))
    if len(name) > LONGEST_NAME:
        raise CellError(NAME_TOO_LONG)
    return [NamedDay(_within(day, year), STATES[state], name)]


def _statement(body: str, name: str, year: int) -> list[NamedDay]:
    days: list[NamedDay] = []
    told = ""
    for clause in _COMMA.split(body):
        if match := _STATEMENT.fullmatch(clause):
            is_working = match[2].endswith("上班")
            days += [NamedDay(day, is_working, name) for day in _days(match[1], year)]
            told = match[3] or told
        elif count := _COUNT.fullmatch(clause):
            told = count[1]
        elif not _ASIDE.fullmatch(clause):
            raise CellError(NO_STATEMENT)
    if not days:
        raise CellError(NO_STATEMENT)
    counted = len({day.day for day in days if not day.is_working})
    if told and int(told) != counted:
        raise CellError(WRONG_COUNT.format(told=told, counted=counted))
    return days


def _days(spans: str, year: int) -> Iterator[date]:
    """The days of 「1月28日（周二）至2月4日（周二）、2月8日」; month and year hold until another is named."""
    at: tuple[int, int] = (year, 0)
    for span in _SPANS.finditer(spans):
        ends = []
        for parts in _DATE_PARTS.finditer(span[0]):
            at = (int(parts[1] or at[0]), int(parts[2] or at[1]))
            ends.append(_within(_day(*at, int(parts[3]), parts[4] or ""), year))
        first, last = ends[0], ends[-1]
        if last < first:
            raise CellError(BACKWARDS)
        yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _day(year: int, month: int, number: int, remark: str) -> date:
    if not month:
        raise CellError(NO_MONTH)
    try:
        day = date(year, month, number)
    except ValueError as error:
        raise CellError(NO_SUCH_DAY.format(year=year, month=month, day=number)) from error
    told = _WEEKDAY.search(remark)
    weekday = WEEKDAYS[day.weekday()]
    if told and told[1].replace("天", "日") != weekday:
        raise CellError(WRONG_WEEKDAY.format(day=chinese_date(day), weekday=weekday))
    return day


def _within(day: date, year: int) -> date:
    if not belongs_to(day, year):
        raise CellError(OUTSIDE.format(day=chinese_date(day), year=year))
    return day


def _plain(text: str) -> str:
    lines = unicodedata.normalize("NFKC", text).splitlines()
    return "\n".join("".join(line.split()) for line in lines)
