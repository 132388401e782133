"""What the tests of reminders do again and again: sweep a day, see who was told what."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from talks.models import Duty, Notice
from talks.services.chasing import chase_due
from talks.services.reconciliation import reconcile_due

HERE = ZoneInfo("Asia/Shanghai")


def at(day: date, hour: int = 1) -> datetime:
    """An hour of the day, here."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=HERE)


def sweep(day: date, hour: int = 1) -> int:
    """Reconciles and chases, as the background does; how many notices the sweep of the day made."""
    reconcile_due(today=day, at=at(day, hour))
    return chase_due(today=day, at=at(day, hour))


def told(duty: Duty | None = None, *, rule: str = "") -> set[tuple[int, str]]:
    """The steps of which somebody was told, and who: the name of a member or the sign-in of an account."""
    notices = Notice.objects.select_related("member", "account").order_by()
    notices = notices.filter(duty=duty) if duty else notices.filter(duty__rule=rule)
    rows = [(one.step, one.member.name if one.member else one.account.username) for one in notices]
    assert len(rows) == len(set(rows))
    return set(rows)


def days(first: date, last: date) -> list[date]:
    """All days from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
