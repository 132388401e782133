"""The sheets of the demonstration as an .xlsx file."""

from collections.abc import Mapping
from io import BytesIO

from talks.excel import write_workbook
from talks.management.demonstration.organisations import Row
from talks.rules.exchange.cells import Value, read_cell
from talks.rules.exchange.columns import SHEETS, SheetForm


def book_of(sheets: Mapping[str, list[Row]]) -> bytes:
    """The workbook; every sheet with the columns of its form, dates as dates."""
    target = BytesIO()
    write_workbook(((form, form.columns, _values(form, sheets[form.name])) for form in SHEETS), target)
    return target.getvalue()


def _values(form: SheetForm, rows: list[Row]) -> list[dict[str, Value]]:
    return [{column.name: read_cell(row[column.name], column) for column in form.columns} for row in rows]
