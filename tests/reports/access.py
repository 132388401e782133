"""The addresses of reports."""

from tests.access import Row

ROWS: list[Row] = []
