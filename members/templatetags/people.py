"""Small words for the pages of organisations and members."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from branches.rules.dates import chinese_date

register = template.Library()

PARTS = {"posts": "任职", "roster": "党员名册", "departments": "部门单位", "liaisons": "联系党员"}


class Dated(Protocol):
    """A dated fact."""

    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...


@register.filter
def on(day: date | None, none: str = "未填") -> SafeString:
    """2026年3月5日; where there is no day, what is said instead."""
    if day is None:
        return format_html('<span class="nil">{}</span>', none) if none else SafeString("")
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), chinese_date(day))


@register.filter
def span(fact: Dated) -> SafeString:
    """From when until when a dated fact is in force: 2026年3月5日起; 2020年1月1日至2026年3月5日."""
    if fact.until is None:
        return format_html("{}起", on(fact.since)) if fact.since else SafeString("开始日期未填")
    return format_html("{}至{}", on(fact.since, ""), on(fact.until))


@register.filter
def of(values: Mapping[int, str], pk: int) -> str:
    """What a mapping says of a primary key; nothing where it does not."""
    return values.get(pk, "")


@register.filter
def part_name(part: str) -> str:
    """The name of a part of an organisation's page."""
    return PARTS[part]
