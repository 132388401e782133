"""The addresses of branches."""

from tests.access import Row

ROWS: list[Row] = []
