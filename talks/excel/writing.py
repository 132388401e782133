"""From rows to a file: text stays text, dates are dates, the header says what is required."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from branches.rules.cells import clean_header
from talks.excel.reading import LAST_ROW
from talks.rules.exchange.cells import LONGEST_CELL, Value
from talks.rules.exchange.columns import Column, Shape, SheetForm

WIDTHS = {
    Shape.CODE: 16,
    Shape.CODES: 24,
    Shape.TEXT: 18,
    Shape.NAME: 12,
    Shape.WORD: 14,
    Shape.DATE: 13,
    Shape.TIME: 11,
    Shape.MOMENT: 20,
    Shape.YES_NO: 10,
    Shape.NUMBER: 8,
}
FORMATS = {Shape.DATE: "yyyy-mm-dd", Shape.TIME: "hh:mm", Shape.MOMENT: "yyyy-mm-dd hh:mm:ss"}
TEXT_FORMAT = "@"
# What a spreadsheet would take for the beginning of a formula.
FORMULA_SIGNS = ("=", "+", "-", "@")
# Excel counts its days from here on without the 29 February 1900 that never was.
FIRST_DAY = date(1900, 3, 1)
HEADER_FONT = Font(bold=True)
HEADER_FILL = PatternFill("solid", fgColor="F3F0EA")
HEADER_ALIGNMENT = Alignment(vertical="center", wrap_text=True)

NUMBERED_HEADER = "党员编号"


def write_workbook(
    sheets: Iterable[tuple[SheetForm, Sequence[Column], Iterable[Mapping[str, Value]]]], target: BinaryIO
) -> dict[str, int]:
    """Writes the sheets with the columns given, one row for each mapping of column names to values.

    Gives the number of rows by sheet. Rows are written as they come, so memory does not grow with them.
    """
    book = openpyxl.Workbook(write_only=True)
    counts: dict[str, int] = {}
    for form, columns, rows in sheets:
        sheet = book.create_sheet(form.name)
        sheet.freeze_panes = "A2"
        for place, column in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[column.shape]
        sheet.append([_header(sheet, column) for column in columns])
        counts[form.name] = 0
        for row in rows:
            sheet.append([_cell(sheet, column, row.get(column.name)) for column in columns])
            counts[form.name] += 1
    book.save(target)
    return counts


def number_workbook(source: Path | bytes, codes: Mapping[int, str]) -> bytes:
    """The workbook with a column 党员编号 at the right of the sheet 党员: a code by the number of the row.

    Values are kept, of all sheets and columns; colours and widths are not. A column 党员编号 that is there
    is filled in. The file must have been read by `read_workbook` before.
    """
    data = BytesIO(source if isinstance(source, bytes) else source.read_bytes())
    old = openpyxl.load_workbook(data, read_only=True, data_only=True, keep_links=False)
    new = openpyxl.Workbook(write_only=True)
    for sheet in old.worksheets:
        sheet.reset_dimensions()
        copy = new.create_sheet(sheet.title)
        numbered = clean_header(sheet.title) == "党员"
        place = -1
        for number, cells in enumerate(sheet.iter_rows(min_row=1, max_row=LAST_ROW), 1):
            values = [_copied(copy, cell) for cell in cells]
            if numbered and number == 1:
                place = _code_place(cells)
                _put(values, place, f"{NUMBERED_HEADER}*")
            elif numbered and number in codes:
                _put(values, place, text_cell(copy, codes[number]))
            copy.append(values)
    target = BytesIO()
    new.save(target)
    return target.getvalue()


def _header(sheet: Any, column: Column) -> Any:
    cell = WriteOnlyCell(sheet, f"{column.name}*" if column.required else column.name)
    cell.font, cell.fill, cell.alignment = HEADER_FONT, HEADER_FILL, HEADER_ALIGNMENT
    return cell


def _cell(sheet: Any, column: Column, value: Value) -> Any:
    if value is None or value == "" or value == ():
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return text_cell(sheet, "、".join(value))
    if isinstance(value, str):
        return text_cell(sheet, value, is_code=column.shape is Shape.CODE)
    if isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) < FIRST_DAY:
        return text_cell(sheet, f"{value:%Y-%m-%d}")
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, date | time):
        cell.number_format = FORMATS[column.shape]
    return cell


def text_cell(sheet: Any, text: str, *, is_code: bool = True) -> Any:
    """A text that stays one, whatever it begins with."""
    text = text[:LONGEST_CELL]
    is_risky = text.startswith(FORMULA_SIGNS)
    if not (is_code or is_risky):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.number_format = TEXT_FORMAT
    if is_risky:
        cell.data_type = "s"
        cell.quotePrefix = True
    return cell


def _copied(sheet: Any, cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return text_cell(sheet, value, is_code=False)
    if value is None or isinstance(value, int | float) or cell.number_format == "General":
        return value
    copy = WriteOnlyCell(sheet, value)
    copy.number_format = cell.number_format
    return copy


def _code_place(header: Sequence[Any]) -> int:
    names = [clean_header(cell.value) for cell in header]
    if NUMBERED_HEADER in names:
        return names.index(NUMBERED_HEADER)
    return max((place for place, name in enumerate(names, 1) if name), default=0)


def _put(values: list[Any], place: int, value: Any) -> None:
    values.extend([None] * (place + 1 - len(values)))
    values[place] = value
