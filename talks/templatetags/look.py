"""Small parts of the look: a sign, a day."""

from datetime import date, datetime

from django import template
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

register = template.Library()


@register.simple_tag
def sign(name: str) -> SafeString:
    """A sign of static/img/signs.svg; the word beside it says what it means."""
    return format_html(
        '<svg class="sign" aria-hidden="true"><use href="{}#{}"/></svg>', static("img/signs.svg"), name
    )


@register.simple_tag
def chip(tone: str, words: str) -> SafeString:
    """A state in words beside its sign (overdue near pending scheduled done late waived)."""
    return format_html('<span class="chip" data-state="{}">{}{}</span>', tone, sign(tone), words)


@register.filter
def file_size(value: int) -> str:
    """70字节, 1.5MB: as Django says it, without the space between figure and unit."""
    return filesizeformat(value).replace("\xa0", "")


@register.simple_tag
def day(value: date) -> SafeString:
    """2026年3月5日, never broken over two lines."""
    # No more of Django's formats than that: a list says twenty-five days.
    said = f"{value.year}年{value.month}月{value.day}日"
    return format_html('<time datetime="{}">{}</time>', f"{value:%Y-%m-%d}", said)


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """2026年3月5日9:30, in local time."""
    local = localtime(value)
    return format_html(
        '<time datetime="{}">{}</time>', date_format(local, "c"), date_format(local, "Y年n月j日G:i")
    )
