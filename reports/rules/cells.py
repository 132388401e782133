"""How papers write the cells of their lists."""

import re
from datetime import date

# A break comes after 「、」, after the dot of a long name, and before what stands in brackets behind it.
NAME_PARTS = re.compile(r"（[^）]*）、?|[^、·（]+[、·]?|[、·（]")


def together(names: object) -> list[str]:
    """Pieces of names that stay in one line."""
    return NAME_PARTS.findall(printed(names))


def printed(cell: object) -> str:
    """A cell: days as 2026.3.5, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell.year}.{cell.month}.{cell.day}"
    return str(cell)
