"""The addresses of the vault."""

from tests.access import Row, everybody

ROWS: list[Row] = [Row("health", everybody(), is_open=True)]
