"""Small words for the pages of organisations and members."""

from collections.abc import Mapping

from django import template

register = template.Library()

PARTS = {"posts": "任职", "roster": "党员名册", "departments": "部门单位", "liaisons": "联系党员"}


@register.filter
def of(values: Mapping[int, str], pk: int) -> str:
    """What a mapping says of a primary key; nothing where it does not."""
    return values.get(pk, "")


@register.filter
def part_name(part: str) -> str:
    """The name of a part of an organisation's page."""
    return PARTS[part]
