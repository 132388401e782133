"""The outbox: what is sent of notices by mail and webhook. It carries a count and a link, nothing else.

A message is written with the notices that it tells of, claimed before it is sent, and sent once at most: what
may have left is marked 「不能确定是否送达」 and shown to the person, never sent again.
"""

from datetime import datetime, time, timedelta
from enum import Enum, auto
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from talks.figures.disclosures import unread_disclosures
from talks.figures.notices import things_of
from talks.figures.requests import unread_requests
from talks.models import Chase, Delivery
from talks.models.notices import HOUR
from talks.permissions import visible_notices
from talks.rules.chasing import message

AGAIN_AFTER = timedelta(minutes=5)
TRIES = 5
# A worker that is gone after its claim: nobody knows whether the message left.
LOST_AFTER = timedelta(minutes=10)

# A message for everybody who is told of the new notices and has an address; where one waits, they go with it.
OUTBOX = """
INSERT INTO talks_delivery (account_id, channel, state, due_at, attempts)
WITH summary (hour, due_at) AS (VALUES {hours}),
told AS (
    SELECT account.id AS account_id FROM members_account account
    JOIN talks_notice notice ON notice.account_id = account.id WHERE notice.id > %(after)s
    UNION
    SELECT account.id FROM members_account account
    JOIN talks_notice notice ON notice.member_id = account.member_id WHERE notice.id > %(after)s
),
wanted AS (
    SELECT account.id AS account_id, account.email <> '' AS by_mail,
        COALESCE(length(preference.webhook), 0) > 0 AS by_webhook,
        CASE WHEN preference.at_once THEN %(at)s ELSE summary.due_at END AS due_at
    FROM told
    JOIN members_account account ON account.id = told.account_id AND account.is_active
    LEFT JOIN talks_noticepreference preference ON preference.account_id = account.id
    JOIN summary ON summary.hour = COALESCE(preference.hour, {hour})
)
SELECT account_id, 'mail', 'waiting', due_at, 0 FROM wanted WHERE by_mail
UNION ALL
SELECT account_id, 'webhook', 'waiting', due_at, 0 FROM wanted WHERE by_webhook
ON CONFLICT DO NOTHING
"""


class Outcome(Enum):
    """What became of an attempt to send."""

    SENT = auto()
    NOT_LEFT = auto()  # certainly not: it may be tried again
    REFUSED = auto()  # the address will not do: not tried again
    UNCLEAR = auto()


STATES = {
    Outcome.SENT: Delivery.State.SENT,
    Outcome.NOT_LEFT: Delivery.State.FAILED,
    Outcome.REFUSED: Delivery.State.FAILED,
    Outcome.UNCLEAR: Delivery.State.UNCLEAR,
    None: Delivery.State.VOID,
}


@transaction.atomic
def put_into_outbox(*, after: int, at: datetime, is_first: bool) -> None:
    """A message for everybody who is told of the notices with keys above `after`, and has an address.

    `at` for who wants each at once. A summary is sent at the hour chosen: what the first sweep of a day finds
    (`is_first`) still goes with the summary of the day, however late the machine was started; what comes to
    light after the hour goes with that of the next day.
    """
    here = timezone.localtime(at)
    names: dict[str, Any] = {"after": after, "at": _stored(at)}
    for hour in range(24):
        day = here.date() + timedelta(days=0 if is_first or here.hour < hour else 1)
        names[f"hour{hour}"] = _stored(datetime.combine(day, time(hour), tzinfo=here.tzinfo))
    hours = ", ".join(f"({hour}, %(hour{hour})s)" for hour in range(24))
    with connection.cursor() as cursor:
        cursor.execute(OUTBOX.format(hours=hours, hour=HOUR), names)


def _stored(value: datetime) -> Any:
    """The time as the database has it."""
    return connection.ops.adapt_datetimefield_value(value)


@transaction.atomic
def claim_next_delivery(*, now: datetime) -> Delivery | None:
    """The next message that is due, now this worker's alone; None where there is none.

    Nothing is sent before the sweep of the day is through: after days of silence there is one message, not
    one for every batch of organisations.
    """
    if not Chase.objects.filter(day__gte=timezone.localtime(now).date()).exists():
        return None
    for delivery in Delivery.objects.waiting(now).order_by("due_at", "pk")[:50]:
        claimed = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING).update(
            state=Delivery.State.SENDING, claimed_at=now, attempts=F("attempts") + 1
        )
        if claimed:
            return Delivery.objects.select_related("account__notice_preference").get(pk=delivery.pk)
    return None


def message_of(*, delivery: Delivery, now: datetime, address: str) -> str:
    """What the message says, as things stand now; empty where there is nothing left to say."""
    today = timezone.localtime(now).date()
    mine = visible_notices(delivery.account, today=today).open(today)
    requests = unread_requests(delivery.account, today=today)
    told = unread_disclosures(delivery.account, today=today)
    if not requests and not told and not mine.filter(read_at=None).exists():
        return ""
    owed, agreed = things_of(mine)
    return message(owed=owed, agreed=agreed, requests=requests, told=told, address=address)


@transaction.atomic
def settle_delivery(*, delivery: Delivery, outcome: Outcome | None, now: datetime) -> None:
    """Writes down what became of a claimed message; None: there was nothing to say any more.

    What certainly did not leave is tried again, unless a later message waits that says the same.
    """
    claimed = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.SENDING)
    if outcome is Outcome.NOT_LEFT and delivery.attempts < TRIES:
        try:
            with transaction.atomic():
                claimed.update(state=Delivery.State.WAITING, due_at=now + AGAIN_AFTER)
            return
        except IntegrityError:
            # A later message waits already; it says what there is to say.
            outcome = None
    claimed.update(state=STATES[outcome])


@transaction.atomic
def give_up_lost_deliveries(*, now: datetime) -> int:
    """Marks what a worker claimed and never settled as unclear; gives back how many there were."""
    lost = Delivery.objects.filter(state=Delivery.State.SENDING, claimed_at__lt=now - LOST_AFTER)
    return lost.update(state=Delivery.State.UNCLEAR)
