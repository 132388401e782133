"""The background: duties are kept and chased, messages sent, uploaded workbooks read, checked, imported."""

import logging
from datetime import datetime
from functools import partial

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from talks.excel import Unreadable, read_workbook
from talks.models import Delivery, Upload
from talks.services import exchange
from talks.services.chasing import chase_due
from talks.services.deliveries import (
    Outcome,
    claim_next_delivery,
    give_up_lost_deliveries,
    message_of,
    settle_delivery,
)
from talks.services.reconciliation import reconcile_due
from talks.services.sending import send_mail, send_to_robot
from vault.tasks import GivingUp, claim_kept

logger = logging.getLogger(__name__)


@shared_task  # type: ignore[untyped-decorator]
def keep_duties() -> None:
    """Reconciles what is marked or due. Run again, or twice at once, it does nothing twice."""
    now = timezone.now()
    reconcile_due(today=timezone.localdate(now), at=now)
    chase_due(today=timezone.localdate(now), at=now)


@shared_task  # type: ignore[untyped-decorator]
def send_deliveries() -> None:
    """Sends every message that is due, each once at most."""
    if lost := give_up_lost_deliveries(now=timezone.now()):
        logger.error("%d reminders were claimed by a worker that is gone: unclear whether they left", lost)
    while delivery := claim_next_delivery(now=timezone.now()):
        outcome = send_delivery(delivery, timezone.now())
        settle_delivery(delivery=delivery, outcome=outcome, now=timezone.now())


def send_delivery(delivery: Delivery, now: datetime) -> Outcome | None:
    """Sends one claimed message; None where there is nothing to say any more, or nobody to say it to."""
    account = delivery.account
    preference = getattr(account, "notice_preference", None)
    mail = delivery.channel == Delivery.Channel.MAIL
    to = account.email if mail else preference.webhook if preference else ""
    text = message_of(delivery=delivery, now=now, address=settings.PUBLIC_URL + reverse("notices"))
    if not (account.is_active and to and text):
        return None
    if mail:
        return send_mail(address=to, text=text)
    return send_to_robot(address=to, text=text, hosts=settings.WEBHOOK_HOSTS)


@shared_task  # type: ignore[untyped-decorator]
def work_pending_uploads() -> None:
    """Works on every upload that waits. Run again, or twice at once, it does nothing twice."""
    exchange.discard_abandoned_uploads(now=timezone.now())
    while upload := exchange.claim_next_upload(now=timezone.now()):
        work_upload(upload)


def work_upload(upload: Upload) -> None:
    """Checks or imports one claimed upload; an error tells its owner, and goes on to the log.

    A worker that is stopped leaves it to the next.
    """
    failed, kept = partial(exchange.fail_upload, upload=upload), partial(exchange.renew_claim, upload=upload)
    with GivingUp(failed), claim_kept(kept):
        _work(upload)


def _work(upload: Upload) -> None:
    now = timezone.now()
    try:
        tables = read_workbook(bytes(upload.file or b""), settings.WORKBOOK_MAX_BYTES)
    except Unreadable as error:
        exchange.refuse_upload(upload=upload, reason=str(error))
        return
    today = timezone.localdate(now)
    if upload.state == Upload.State.IMPORTING:
        exchange.import_upload(upload=upload, at=now, today=today, tables=tables)
        return

    def progress(done: int, total: int) -> None:
        exchange.note_progress(upload=upload, done=done, total=total)

    exchange.check_upload(upload=upload, at=now, today=today, tables=tables, progress=progress)
