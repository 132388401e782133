"""Who lays the talks of a meeting into slots, and who sees the draft."""

from datetime import date

from django.db.models import QuerySet

from members.models import Account
from members.permissions import led_organisations
from talks.models import ArrangedTalk, Arrangement, Meeting


def arranging_meetings(account: Account, *, today: date) -> QuerySet[Meeting]:
    """Meetings whose talks the account lays into slots: as principal, until the day before the meeting."""
    if not account.member_id:
        return Meeting.objects.none()
    led = led_organisations(account, today=today).order_by().values("pk")
    return Meeting.objects.filter(organisation__in=led, meeting_on__gt=today)


def visible_arrangements(account: Account, *, today: date) -> QuerySet[Arrangement]:
    """Drafts: one's own, as long as one may draw one up."""
    meetings = arranging_meetings(account, today=today).order_by().values("pk")
    return Arrangement.objects.filter(account=account, meeting__in=meetings)


def visible_arranged_talks(account: Account, *, today: date) -> QuerySet[ArrangedTalk]:
    """The talks of these drafts."""
    return ArrangedTalk.objects.filter(arrangement__in=visible_arrangements(account, today=today))
