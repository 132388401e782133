"""The limits of a 约谈 as they are set."""

from django.conf import settings

from talks.rules.requests import Limits


def request_limits() -> Limits:
    """The limits as they are set."""
    return Limits(answer=settings.REQUEST_ANSWER_DAYS, hold=settings.REQUEST_HOLD_DAYS)
