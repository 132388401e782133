"""The addresses of talks."""

from tests.access import Row, everybody

ROWS: list[Row] = [
    Row("workbench", everybody()),
]
