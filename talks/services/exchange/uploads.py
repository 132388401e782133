"""Workbooks uploaded in the browser: checked, confirmed by their owner, imported, and then kept nowhere.

An upload waits as a row. Whoever works on it holds a claim: a conditional UPDATE counts `attempts` up, and
every later write asks for that number. The file itself is read in tasks.py, which joins it to this.
"""

import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet

from members.models import Account
from talks.models import Upload
from talks.rules.exchange.tables import Table
from talks.services.exchange.book import Progress
from talks.services.exchange.imports import import_workbook
from talks.services.exchange.outcome import Outcome
from talks.services.exchange.reach import reach_of
from vault.services import Actor, enter_trail

logger = logging.getLogger(__name__)

NOT_WAITING = "这份工作簿不在等待确认，请查看它现在的状态。"
STOPPED = "系统在处理时出错，没有写入任何内容。请重新上传；再次出错时，请告诉系统管理员。"

MOST_ATTEMPTS = 3
# What nobody confirmed in this time is given up: the file holds personal data.
KEPT = timedelta(days=1)

State = Upload.State


class _ClaimLost(Exception):
    """Another worker took the upload over."""


@transaction.atomic
def add_upload(*, actor: Actor, at: datetime, account: Account, file_name: str, file: bytes) -> Upload:
    """Keeps an uploaded workbook, sealed, among those that wait to be checked."""
    upload = Upload.objects.create(
        token=uuid.uuid4(), account=account, file_name=file_name[:200], file=file, uploaded_at=at
    )
    _enter(actor, at, "上传", upload)
    return upload


def claim_next_upload(*, now: datetime) -> Upload | None:
    """An upload that waits for work, claimed for the caller; None where there is none."""
    waiting = Upload.objects.waiting(now)
    for upload in waiting.filter(attempts__gte=MOST_ATTEMPTS).defer("file"):
        logger.error("upload %s given up after %d attempts", upload.token, MOST_ATTEMPTS)
        fail_upload(upload=upload)
    for pk in waiting.order_by("uploaded_at", "pk").values_list("pk", flat=True):
        claimed = Upload.objects.waiting(now).filter(pk=pk)
        if claimed.update(claimed_until=now + settings.CLAIM, attempts=F("attempts") + 1):
            return Upload.objects.select_related("account").get(pk=pk)
    return None


def renew_claim(*, upload: Upload, now: datetime) -> None:
    """Holds the claimed upload for another settings.CLAIM, where the claim still holds."""
    _held(upload).update(claimed_until=now + settings.CLAIM)


def note_progress(*, upload: Upload, done: int, total: int) -> None:
    """Writes how many rows are compared."""
    _held(upload).update(done=done, total=total)


def check_upload(
    *, upload: Upload, at: datetime, today: date, tables: Sequence[Table], progress: Progress | None = None
) -> None:
    """What importing would change, or why it is refused; stores nothing but that."""
    outcome = import_workbook(
        actor=_owner(upload),
        at=at,
        today=today,
        tables=tables,
        dry_run=True,
        within=reach_of(account=upload.account, today=today),
        progress=progress,
    )
    state = State.UNNUMBERED if outcome.unnumbered else State.REFUSED if outcome.errors else State.CHECKED
    with transaction.atomic():
        _settle(upload, state, outcome)


def import_upload(*, upload: Upload, at: datetime, today: date, tables: Sequence[Table]) -> None:
    """Imports a confirmed workbook; the file is gone in the same transaction, so it is imported once."""

    def settled(outcome: Outcome) -> None:
        if not _settle(upload, State.REFUSED if outcome.errors else State.DONE, outcome):
            raise _ClaimLost

    try:
        import_workbook(
            actor=_owner(upload),
            at=at,
            today=today,
            tables=tables,
            dry_run=False,
            within=reach_of(account=upload.account, today=today),
            settled=settled,
        )
    except _ClaimLost:
        logger.warning("upload %s was imported under a claim that had lapsed", upload.token)


def refuse_upload(*, upload: Upload, reason: str) -> None:
    """Refuses a file that cannot be read at all."""
    with transaction.atomic():
        _settle(upload, State.REFUSED, Outcome(errors=(reason,)))


def fail_upload(*, upload: Upload) -> None:
    """Gives up an upload whose work broke off."""
    refuse_upload(upload=upload, reason=STOPPED)


@transaction.atomic
def confirm_upload(*, actor: Actor, at: datetime, upload: Upload) -> None:
    """The owner has seen what would change and wants it."""
    confirmed = Upload.objects.filter(pk=upload.pk, state=State.CHECKED).update(
        state=State.IMPORTING, claimed_until=None, attempts=0, done=0
    )
    if not confirmed:
        raise ValidationError(NOT_WAITING)
    _enter(actor, at, "确认导入", upload)


@transaction.atomic
def discard_upload(*, actor: Actor, at: datetime, upload: Upload) -> None:
    """The owner does not want it; what is being imported already can no longer be stopped."""
    open_states = (State.CHECKING, State.CHECKED, State.UNNUMBERED)
    row = Upload.objects.select_for_update().filter(pk=upload.pk, state__in=open_states).first()
    if row is None:
        raise ValidationError(NOT_WAITING)
    _close(row, State.DISCARDED, None)
    _enter(actor, at, "放弃导入", upload)


def discard_abandoned_uploads(*, now: datetime) -> None:
    """Gives up uploads that nobody confirmed for a day."""
    waiting = Upload.objects.filter(
        state__in=(State.CHECKED, State.UNNUMBERED), uploaded_at__lt=now - KEPT
    ).defer("file", "outcome")
    for upload in waiting:
        discard_upload(actor=Actor("system", ""), at=now, upload=upload)


@transaction.atomic
def hand_back_upload(*, actor: Actor, at: datetime, upload: Upload) -> None:
    """The numbered workbook is given back to its owner; the one without numbers is done with."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk, state=State.UNNUMBERED).first()
    if row is None:
        raise ValidationError(NOT_WAITING)
    _close(row, State.DISCARDED, None)
    _enter(actor, at, "下载编号后的工作簿", upload)


def _settle(upload: Upload, state: str, outcome: Outcome) -> bool:
    """Writes what came out, where the claim still holds; the file stays only where it is needed again."""
    row = _held(upload).select_for_update().first()
    if row is None:
        return False
    if state in (State.CHECKED, State.UNNUMBERED):
        row.state, row.claimed_until = state, None
        row.outcome = json.dumps(outcome.as_plain(), ensure_ascii=False)
        row.save(update_fields=["state", "claimed_until", "outcome"])
    else:
        _close(row, state, outcome)
    return True


def _close(row: Upload, state: str, outcome: Outcome | None) -> None:
    """Ends the upload: the file goes, of the outcome the counts and the errors stay."""
    row.state, row.file, row.claimed_until = state, None, None
    kept = (
        replace(outcome, sheets=tuple(replace(sheet, examples=()) for sheet in outcome.sheets))
        if outcome
        else None
    )
    row.outcome = json.dumps(kept.as_plain(), ensure_ascii=False) if kept else ""
    row.save(update_fields=["state", "file", "claimed_until", "outcome"])


def _held(upload: Upload) -> QuerySet[Upload]:
    """The upload, as long as the claim under which it was fetched holds."""
    return Upload.objects.filter(pk=upload.pk, state=upload.state, attempts=upload.attempts)


def _owner(upload: Upload) -> Actor:
    return Actor(account=upload.account.username, address="")


def _enter(actor: Actor, at: datetime, action: str, upload: Upload) -> None:
    enter_trail(actor=actor, at=at, action=action, target_kind="导入文件", target=str(upload.token))
