"""Limits of 约谈 requests (rules.md section 9)."""

from datetime import date

from talks.rules.calendar import Calendar

WAITING = "待答复"
ANSWER_DAYS = 3


def answer_by(asked_on: date, calendar: Calendar) -> date:
    """The last day on which a request is answered in time."""
    return calendar.working_day_after(asked_on, ANSWER_DAYS)
