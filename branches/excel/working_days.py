"""A workbook with the working days of a year: 日期, 状态, 说明."""

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import openpyxl

from branches.excel.containers import BROKEN, DAMAGED, Unreadable, open_container, parts
from branches.rules.cells import CellError, Raw, clean_header

COLUMNS = ("日期", "状态", "说明")
REQUIRED = frozenset(COLUMNS[:2])
# A year and its header, and empty rows between.
MOST_ROWS, WIDEST = 1_000, 50

NO_TABLE = "工作簿的第1行应写明「日期」「状态」「说明」三列"
TOO_LONG = f"工作簿超过{MOST_ROWS}行，请只保留一年的日期"


def read_working_days(data: bytes, max_bytes: int) -> list[tuple[int, Sequence[Raw]]]:
    """The filled rows of the first sheet with the columns, each with its number; their order is free.

    Unreadable, in Chinese, where the file is refused as a whole.
    """
    with open_container(data, max_bytes=max_bytes) as container, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parts(container)
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                # What a file says about its own size may be wrong.
                sheet.reset_dimensions()
                rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=WIDEST, values_only=True)
                places = _places(next(rows, ()))
                if places.keys() >= REQUIRED:
                    return _filled(rows, places)
        except BROKEN as error:
            raise Unreadable(DAMAGED) from error
    raise Unreadable(NO_TABLE)


def _places(header: Sequence[Any]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        try:
            name = clean_header(cell)
        except CellError:
            continue
        if name in COLUMNS:
            places.setdefault(name, place)
    return places


def _filled(rows: Any, places: dict[str, int]) -> list[tuple[int, Sequence[Raw]]]:
    found: list[tuple[int, Sequence[Raw]]] = []
    for number, cells in enumerate(rows, 2):
        row = [cells[places[name]] if places.get(name, WIDEST) < len(cells) else None for name in COLUMNS]
        if any(cell is not None for cell in row):
            if number > MOST_ROWS:
                raise Unreadable(TOO_LONG)
            found.append((number, row))
    return found
