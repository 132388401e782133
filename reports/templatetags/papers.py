"""How papers write cells, names and quotation marks."""

import re

from django import template

from reports.rules.cells import printed, together

register = template.Library()
register.filter(together)
register.filter(printed)

CLOSING_BEFORE = "，。；：、！？）》」』”"
ZERO = "\u200b"


@register.filter
def quoted(text: str) -> str:
    """The text with places to break before 「“」 and after 「”」, which else stick to their neighbours."""
    text = text.replace("“", f"{ZERO}“")
    return re.sub(rf"”(?![{CLOSING_BEFORE}])", f"”{ZERO}", text)
