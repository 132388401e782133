"""The background: duties are kept; uploaded workbooks are claimed, read, checked and imported."""

from functools import partial

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from talks.excel import Unreadable, read_workbook
from talks.models import Upload
from talks.services import exchange
from talks.services.reconciliation import reconcile_due
from vault.tasks import claim_kept


@shared_task  # type: ignore[untyped-decorator]
def keep_duties() -> None:
    """Reconciles what is marked or due. Run again, or twice at once, it does nothing twice."""
    now = timezone.now()
    reconcile_due(today=timezone.localdate(now), at=now)


@shared_task  # type: ignore[untyped-decorator]
def work_pending_uploads() -> None:
    """Works on every upload that waits. Run again, or twice at once, it does nothing twice."""
    exchange.discard_abandoned_uploads(now=timezone.now())
    while upload := exchange.claim_next_upload(now=timezone.now()):
        work_upload(upload)


def work_upload(upload: Upload) -> None:
    """Checks or imports one claimed upload; where the work breaks off, its owner is told."""
    settled = False
    try:
        with claim_kept(partial(exchange.renew_claim, upload=upload)):
            _work(upload)
        settled = True
    finally:
        if not settled:
            exchange.fail_upload(upload=upload)


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
