"""What is stored, as rows of the exchange workbook."""

from talks.figures.exchange.chosen import KINDS, chosen_rows, exported_sheets, rows_for, rows_of
from talks.figures.exchange.fields import AFFILIATION_FIELDS, FIELDS, MEMBER_FIELDS, Field, values_of

__all__ = [
    "AFFILIATION_FIELDS",
    "FIELDS",
    "KINDS",
    "MEMBER_FIELDS",
    "Field",
    "chosen_rows",
    "exported_sheets",
    "rows_for",
    "rows_of",
    "values_of",
]
