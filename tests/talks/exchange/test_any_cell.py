"""Whatever stands in a cell, the import says so or takes it, and never breaks on it."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from members.models import Member
from talks.services.exchange.imports import CHANGED_MEANWHILE
from tests.talks.exchange.books import WHOLE, copied, exported, imported, place, without_column

pytestmark = pytest.mark.django_db

COLUMNS = [(sheet, str(header).rstrip("*")) for sheet, rows in WHOLE.items() for header in rows[0]]
ODD: tuple[Any, ...] = (
    None,
    "×",
    "P001",
    "SYJ",
    "是",
    "2031-02-03",
    12345,
    3.5,
    True,
    "、",
    "长" * 400,
    datetime(2025, 1, 2, 3, 4),  # noqa: DTZ001 - a workbook knows no zones
)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_an_odd_cell_is_taken_or_refused(sheet: str, column: str) -> None:
    """Each column has its turn with some of the odd values; what is taken comes back the same."""
    for odd in ODD[COLUMNS.index((sheet, column)) % 6 :: 6]:
        before = connection.savepoint()
        book = copied()
        book[sheet][1][place(book, sheet, column)] = odd
        outcome = imported(book)
        assert CHANGED_MEANWHILE not in outcome.errors, odd
        if outcome.errors:
            assert not Member.objects.exists()
        else:
            assert imported(exported()).is_empty, odd
        connection.savepoint_rollback(before)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_a_column_may_be_missing(sheet: str, column: str) -> None:
    """A required one is named, on an empty database; nothing else breaks."""
    is_required = f"{column}*" in WHOLE[sheet][0]
    errors = imported(without_column(sheet, column)).errors
    assert (f"{sheet}: 缺少列「{column}」" in errors) is is_required
