"""Which part of a day a talk takes."""

from datetime import time

HOUR = 3600
MINUTE = 60


def span_of(starts_at: time | None, ends_at: time | None) -> tuple[int, int] | None:
    """The seconds of the day that a talk takes, the end not included; None where it has no hour.

    Of a talk without an end, or one that ends as it begins, only the first minute is known.
    """
    if starts_at is None:
        return None
    begins = _second(starts_at)
    if ends_at is None or ends_at <= starts_at:
        return begins, begins + MINUTE
    return begins, max(_second(ends_at), begins + 1)


def _second(hour: time) -> int:
    return hour.hour * HOUR + hour.minute * MINUTE + hour.second
