"""How papers write cells, names and quotation marks."""

import re
from datetime import date

from django import template

register = template.Library()

# A break comes after 「、」, after the dot of a long name, and before what stands in brackets behind it.
NAME_PARTS = re.compile(r"（[^）]*）、?|[^、·（]+[、·]?|[、·（]")
CLOSING_BEFORE = "，。；：、！？）》」』”"
ZERO = "\u200b"


@register.filter
def together(names: object) -> list[str]:
    """Pieces of names that stay in one line."""
    return NAME_PARTS.findall(printed(names))


@register.filter
def printed(cell: object) -> str:
    """A cell: days as 2026.3.5, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell.year}.{cell.month}.{cell.day}"
    return str(cell)


@register.filter
def quoted(text: str) -> str:
    """The text with places to break before 「“」 and after 「”」, which else stick to their neighbours."""
    text = text.replace("“", f"{ZERO}“")
    return re.sub(rf"”(?![{CLOSING_BEFORE}])", f"”{ZERO}", text)
