"""Lists as workbooks: text stays text, the head stays in sight and on every printed page."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from branches.rules.cells import clean_text
from reports.figures.papers import Paper
from reports.figures.sheets import Cell, Column, Register, Table
from talks.excel import text_cell

MAKER = "谈心谈话系统"
# A millimetre of paper in the widths of Excel; the columns are a little wider than on paper.
WIDTH_OF_A_MM = 0.62
LEAST_WIDTH = 7
A4 = 9
# A line of text, what is free around it, and the most that Excel knows, in pt.
LINE_HIGH, AROUND, MOST_HIGH = 13.5, 3.0, 409.0
HEAD_ROW = 3
DAY_FORMAT = "yyyy-mm-dd"
LINE = Side(style="thin", color="808080")
GRID = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEAD_FILL = PatternFill("solid", fgColor="F3F0EA")
TITLE, HEAD, BODY = (
    Font(name="宋体", size=16, bold=True),
    Font(name="黑体", size=10),
    Font(name="宋体", size=10),
)
WRAPPED = {
    "left": Alignment(horizontal="left", vertical="center", wrap_text=True),
    "names": Alignment(horizontal="center", vertical="center", wrap_text=True),
    "centre": Alignment(horizontal="center", vertical="center", wrap_text=True),
    "number": Alignment(horizontal="right", vertical="center"),
}
PLAIN = Alignment(vertical="center")
# The oldest moment that a zip file can hold: the same list is the same file.
STEADY = (1980, 1, 1, 0, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def render_workbook(paper: Paper) -> bytes:
    """The list as .xlsx, a sheet for each table; the same bytes for the same paper.

    A text that begins with a sign of a formula stays a text. TypeError for what is no list.
    """
    figures = paper.figures
    if not isinstance(figures, Register):
        raise TypeError(f"{type(figures).__name__} is no list")
    book = openpyxl.Workbook(write_only=True)
    day = datetime(paper.issued_at.year, paper.issued_at.month, paper.issued_at.day)  # noqa: DTZ001
    book.properties.creator = book.properties.lastModifiedBy = MAKER
    book.properties.title = figures.title
    # By it /verify/ knows an altered file for one of ours.
    if paper.number:
        book.properties.identifier, book.properties.subject = paper.number, paper.described
    book.properties.created = day
    for table in figures.tables:
        _write(book, table, figures, paper)
    file = BytesIO()
    book.save(file)
    return steady(
        file.getvalue(), {"docProps/core.xml": (MODIFIED, rb"\g<1>" + f"{day:%Y-%m-%dT%H:%M:%SZ}".encode())}
    )


def steady(file: bytes, changes: dict[str, tuple[re.Pattern[bytes], bytes]] | None = None) -> bytes:
    """The container with no clock in it: its members at one moment, patterns in some of them replaced."""
    target = BytesIO()
    with ZipFile(BytesIO(file)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if changes and name in changes:
                pattern, replacement = changes[name]
                content = pattern.sub(replacement, content)
            member = ZipInfo(name, STEADY)
            member.compress_type = ZIP_DEFLATED
            new.writestr(member, content)
    return target.getvalue()


def _write(book: Any, table: Table, figures: Register, paper: Paper) -> None:
    sheet = book.create_sheet(table.name)
    for place, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(column)
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.center.text = "第&P页　共&N页"
    title = figures.title + (f"（{figures.subtitle}）" if figures.subtitle else "")
    over = "　".join(filter(None, [figures.left, figures.right]))
    sheet.append([_plain(sheet, title, TITLE)])
    sheet.append([_plain(sheet, over, BODY)])
    sheet.row_dimensions[HEAD_ROW].height = _height(table.columns, [one.name for one in table.columns])
    sheet.append([_head(sheet, column) for column in table.columns])
    rows = [*table.rows, *([table.sums] if table.sums and table.rows else [])]
    for number, row in enumerate(rows, HEAD_ROW + 1):
        sheet.row_dimensions[number].height = _height(table.columns, row)
        sheet.append([_cell(sheet, column, cell) for column, cell in zip(table.columns, row, strict=True)])
    notes = [*([] if table.rows else [table.empty]), *figures.notes]
    for note in notes:
        sheet.append([_plain(sheet, note, BODY)])
    told = f"编号：{paper.number}　校验码：{paper.code_printed}　{paper.watermark}"
    sheet.append([_plain(sheet, told if paper.number else paper.watermark, BODY)])


def _width(column: Column) -> float:
    """In the widths of Excel, about one for a digit and two for a Chinese character."""
    return max(LEAST_WIDTH, column.width * WIDTH_OF_A_MM)


def _height(columns: Sequence[Column], row: Sequence[Cell]) -> float:
    """In pt: not every program makes a row higher for text that is wrapped, so it is told how high."""
    lines = 1
    for column, cell in zip(columns, row, strict=True):
        if isinstance(cell, str):
            room = max(2, int(_width(column)) - 1)
            parts = clean_text(cell).split("\n")
            lines = max(
                lines, sum(-(-sum(1 + (sign > "\u2000") for sign in part) // room) or 1 for part in parts)
            )
    return min(MOST_HIGH, AROUND + LINE_HIGH * lines)


def _plain(sheet: Any, text: str, font: Font) -> Any:
    cell = _text(sheet, text)
    cell.font, cell.alignment = font, PLAIN
    return cell


def _head(sheet: Any, column: Column) -> Any:
    cell = _text(sheet, column.name)
    cell.font, cell.fill, cell.border, cell.alignment = HEAD, HEAD_FILL, GRID, WRAPPED["centre"]
    return cell


def _cell(sheet: Any, column: Column, value: Cell) -> Any:
    if isinstance(value, str):
        cell = _text(sheet, value)
    else:
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, date):
            cell.number_format = DAY_FORMAT
    cell.font, cell.border, cell.alignment = BODY, GRID, WRAPPED[column.align]
    return cell


def _text(sheet: Any, text: str) -> Any:
    """A cell with a text that stays one, without the signs that a workbook cannot hold."""
    return text_cell(sheet, clean_text(text))
