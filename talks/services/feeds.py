"""日历订阅: the secret address from which a calendar program fetches one's own talks."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from icalendar import Calendar, Event

from members.models import Account
from talks.models import CalendarFeed, Talk
from talks.rules.words import TalkState
from vault.services import Actor, enter_trail

NAME = "谈心谈话"
# Talks of the last three months stay in the calendar; what is booked is there however far ahead.
KEPT = timedelta(days=92)
ACCOUNT_ENDED = "账号已停用，不能生成订阅地址。"


@transaction.atomic
def renew_feed(*, actor: Actor, at: datetime, account: Account) -> str:
    """Makes the account a new secret and gives it; the earlier address ends. It is kept as a hash only."""
    # Locked, so that the account cannot be taken out of use meanwhile and the address live on.
    if not Account.objects.select_for_update().filter(pk=account.pk, is_active=True).exists():
        raise ValidationError(ACCOUNT_ENDED)
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        account=account, defaults={"secret_hash": _hash(secret), "made_at": at, "fetched_on": None}
    )
    enter_trail(actor=actor, at=at, action="生成日历订阅", target_kind="账号", target=account.username)
    return secret


@transaction.atomic
def revoke_feed(*, actor: Actor, at: datetime, account: Account) -> None:
    """Ends the address; without one nothing happens."""
    ended, _ = CalendarFeed.objects.filter(account=account).delete()
    if ended:
        enter_trail(actor=actor, at=at, action="停用日历订阅", target_kind="账号", target=account.username)


@transaction.atomic
def fetch_feed(*, secret: str, at: datetime, today: date, address: str) -> bytes | None:
    """The calendar of the account whose secret it is; None where it is nobody's.

    Calendar programs ask many times a day: the first of each day is entered in the trail.
    """
    feeds = CalendarFeed.objects.filter(secret_hash=_hash(secret), account__is_active=True)
    feed = feeds.select_related("account__member").first()
    if feed is None:
        return None
    if feeds.exclude(fetched_on=today).update(fetched_on=today):
        actor = Actor(feed.account.username, address)
        enter_trail(
            actor=actor, at=at, action="读取日历订阅", target_kind="账号", target=feed.account.username
        )
    member = feed.account.member
    talks = Talk.objects.of_member(member) if member else Talk.objects.none()
    shown = talks.filter(held_on__gte=today - KEPT).exclude(state=TalkState.CANCELLED.value)
    return _written(feed, shown.order_by("held_on", "code").only("held_on", "starts_at", "ends_at"), at)


def _written(feed: CalendarFeed, talks: Iterable[Talk], at: datetime) -> bytes:
    """「谈心谈话」 and the time, nothing else: the file lies on machines that are not ours.

    The identity by which a program knows an entry again tells nothing of the talk either.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Tanxin//CN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", NAME)
    for talk in talks:
        event = Event()
        event.add(
            "uid", salted_hmac("talks.feeds", f"{feed.account_id}|{talk.pk}", algorithm="sha256").hexdigest()
        )
        event.add("dtstamp", at.astimezone(UTC))
        event.add("summary", NAME)
        event.add("class", "PRIVATE")
        if talk.starts_at is None:
            event.add("dtstart", talk.held_on)
        else:
            event.add("dtstart", _moment(talk.held_on, talk.starts_at))
            if talk.ends_at and talk.ends_at > talk.starts_at:
                event.add("dtend", _moment(talk.held_on, talk.ends_at))
        calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file


def _moment(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour)).astimezone(UTC)


def _hash(secret: str) -> str:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
