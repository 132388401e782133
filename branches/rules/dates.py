"""Dates as people read them."""

from datetime import date


def chinese_date(day: date) -> str:
    """2026年3月5日."""
    return f"{day.year}年{day_of(day)}"


def day_of(day: date) -> str:
    """3月5日, as messages say it."""
    return f"{day.month}月{day.day}日"
