"""From a file to tables: cells as they are stored, with the numbers of their rows."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

from branches.excel.containers import BROKEN, DAMAGED, Unreadable, open_container, parts
from branches.rules.cells import CellError, clean_header
from talks.rules.exchange.cells import ERROR_VALUE, NO_STORED_VALUE
from talks.rules.exchange.columns import SHEETS
from talks.rules.exchange.tables import Found, Table

__all__ = ["Unreadable", "read_workbook"]

LAST_ROW, WIDEST = 1_048_576, 1_000


def read_workbook(source: Path | bytes, max_bytes: int) -> list[Table]:
    """All sheets of a workbook, hidden ones too; sheets that the exchange does not know have no rows.

    Formulas count with their stored value. Unreadable, in Chinese, where the file is refused as a whole:
    larger than `max_bytes`, not a workbook, encrypted, damaged, or a compressed bomb (before unpacking).
    """
    container = open_container(source, max_bytes=max_bytes)
    with container, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            has_formulas = parts(container)
            data = container.fp
            assert isinstance(data, BytesIO)
            formulas = _formulas(data) if has_formulas else {}
            book = openpyxl.load_workbook(data, read_only=True, data_only=True, keep_links=False)
            if not book.worksheets:
                raise Unreadable(DAMAGED)
            return [_table(sheet, formulas.get(sheet.title, frozenset())) for sheet in book.worksheets]
        except BROKEN as error:
            raise Unreadable(DAMAGED) from error


def _known(title: str) -> bool:
    return clean_header(title) in {form.name for form in SHEETS}


def _table(sheet: Any, formulas: frozenset[tuple[int, int]]) -> Table:
    table = Table(sheet.title)
    if not _known(sheet.title):
        return table
    # What a file says about its own size may be wrong.
    sheet.reset_dimensions()
    for cells in sheet.iter_rows(min_row=1, max_row=1, max_col=WIDEST):
        table.header = _shortened([_found(cell, 1, formulas) for cell in cells])
    rows = sheet.iter_rows(min_row=2, max_row=LAST_ROW, max_col=len(table.header) or None)
    for number, cells in enumerate(rows, 2):
        found = _shortened([_found(cell, number, formulas) for cell in cells])
        if found:
            table.rows.append((number, found))
        if found and not table.header:
            # One row is enough to tell that the header is missing.
            break
    return table


def _found(cell: Any, number: int, formulas: frozenset[tuple[int, int]]) -> Found:
    value = cell.value
    if value is None:
        # An empty text is a stored value too; openpyxl tells it by the type only.
        if formulas and cell.data_type != "str" and (number, getattr(cell, "column", 0)) in formulas:
            return CellError(NO_STORED_VALUE)
        return None
    if cell.data_type == "e":
        return CellError(ERROR_VALUE.format(text=value))
    found: Found = value
    return found


def _shortened(cells: list[Found]) -> tuple[Found, ...]:
    """Without the empty cells at the end."""
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def _formulas(data: BytesIO) -> dict[str, frozenset[tuple[int, int]]]:
    """Where formulas stand, by sheet; read only where there are any."""
    book = openpyxl.load_workbook(data, read_only=True, keep_links=False)
    found = {}
    for sheet in book.worksheets:
        if _known(sheet.title):
            sheet.reset_dimensions()
            found[sheet.title] = frozenset(
                (cell.row, cell.column)
                for cells in sheet.iter_rows(min_row=1, max_row=LAST_ROW, max_col=WIDEST)
                for cell in cells
                if cell.data_type == "f"
            )
    return found
