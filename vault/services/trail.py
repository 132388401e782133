"""The audit trail: entries, and the proof that none was touched."""

import hmac
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Max, Min
from django.utils import timezone

from vault.models.keyring import algorithm
from vault.models.trail import TrailEntry, TrailHead
from vault.rules.keys import KEY_BYTES, derive
from vault.rules.trail import Entry, Fault, Finding, canonical, first_fault, mac_of

logger = logging.getLogger(__name__)

NAIVE = "The time of a trail entry needs a time zone."
LINE = re.compile(r"^(\d{1,18}) ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account's sign-in name (`command` and `system` for those without one), and from where."""

    account: str
    address: str


@transaction.atomic
def enter_trail(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    target_kind: str,
    target: str,
    detail: Mapping[str, object] | None = None,
    succeeded: bool = True,
) -> TrailEntry:
    """Chains one entry, in the transaction of what it tells of: neither stands without the other.

    From here until that transaction ends every other writer of the trail waits, so a long one enters last.
    `at` knows its time zone. `target` is a code, never a name; `detail` names fields, never sealed values.
    What a stranger typed may be too long for its column: it is cut, not refused. Raises OSError, and so
    nothing is done, where the file outside the database cannot be written.
    """
    if timezone.is_naive(at):
        raise ValueError(NAIVE)
    _open(settings.VAULT_TRAIL_HEAD_FILE).close()
    head = _head()
    value = Entry(
        number=head.number + 1,
        at=at,
        account=_fit("account", actor.account),
        address=_fit("address", actor.address),
        action=action,
        target_kind=target_kind,
        target=_fit("target", target),
        detail=canonical(detail),
        succeeded=succeeded,
        algorithm=algorithm(),
        previous=head.mac,
        mac="",
    )
    mac = mac_of(value, _trail_key(head))
    entry = TrailEntry.objects.create(
        **{name: getattr(value, name) for name in Entry.__slots__} | {"mac": mac}
    )
    TrailHead.objects.filter(pk=head.pk).update(number=entry.number, mac=mac)
    transaction.on_commit(partial(_append, settings.VAULT_TRAIL_HEAD_FILE, entry.number, mac))
    return entry


def enter_failure(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    target_kind: str,
    target: str,
    detail: Mapping[str, object] | None = None,
) -> TrailEntry:
    """Enters that something was refused, in a transaction of its own.

    It is called after the transaction that failed has been left; inside one it raises RuntimeError, as the
    entry would be rolled back with it.
    """
    with transaction.atomic(durable=True):
        return enter_trail(
            actor=actor,
            at=at,
            action=action,
            target_kind=target_kind,
            target=target,
            detail=detail,
            succeeded=False,
        )


def find_fault() -> Finding | None:
    """The first entry of the trail that was altered, removed, inserted, reordered or cut off; None if
    whole.

    Nobody waits for it. An entry never changes once it stands, so it is enough to read file, head and
    entries in the order opposite to that in which they are written; later entries are left to the next time.
    """
    lines = _noted(settings.VAULT_TRAIL_HEAD_FILE)
    head = TrailHead.objects.filter(pk=1).first()
    top = TrailEntry.objects.aggregate(top=Max("number"))["top"] or 0
    if head is None or head.secret is None:
        return Finding(1, Fault.NO_SECRET) if top or lines else None
    entries = TrailEntry.objects.filter(number__lte=head.number).chained()
    finding = first_fault(entries, key=_trail_key(head), head=(head.number, head.mac), file_heads=lines)
    if finding is None:
        # Behind the last entry that was entered by now, yet there when `top` was read.
        behind = TrailEntry.objects.filter(number__gt=TrailHead.objects.get(pk=1).number, number__lte=top)
        number = behind.aggregate(first=Min("number"))["first"]
        return None if number is None else Finding(number, Fault.INSERTED)
    return finding


def hmac_hex(*, purpose: str, text: str) -> str:
    """HMAC-SHA256 over the text, as 64 hexadecimal digits, under a key for this purpose that the vault
    keeps.
    """
    head = TrailHead.objects.filter(pk=1).first()
    if head is None or head.secret is None:
        with transaction.atomic():
            head = _head()
    key = derive(_secret(head), f"hmac {purpose}")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _head() -> TrailHead:
    """The head row, locked; with its secret, which is made with the first entry."""
    head = TrailHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        TrailHead.objects.bulk_create([TrailHead(id=1)], ignore_conflicts=True)
        head = TrailHead.objects.select_for_update().get(pk=1)
    if head.secret is None:
        head.secret = os.urandom(KEY_BYTES)
        head.save(update_fields=["secret"])
    return head


def _secret(head: TrailHead) -> bytes:
    return cast(bytes, head.secret)


def _trail_key(head: TrailHead) -> bytes:
    return derive(_secret(head), "trail")


def _fit(column: str, text: str) -> str:
    """The text as the column takes it; PostgreSQL takes no NUL."""
    length = cast("CharField[str, str]", TrailEntry._meta.get_field(column)).max_length
    return text.replace("\0", "")[:length]


def _open(path: Path) -> BinaryIO:
    """The file of heads, to append to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb", buffering=0)


def _append(path: Path, number: int, mac: str) -> None:
    """One line in one write: lines of two processes never mix.

    The line break comes first, so that a line that was cut off half written does not run into the next. What
    is committed stands: a line that cannot be written any more is logged, and is a gap in the file.
    """
    try:
        with _open(path) as file:
            file.write(f"\n{number} {mac}".encode())
    except OSError:
        logger.exception("entry %d of the trail is not in the file of heads", number)


def _noted(path: Path) -> list[tuple[int, str]] | None:
    """The lines of the file; one that a dying machine left half written is passed over."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None
    return [(int(number), mac) for number, mac in LINE.findall(text)]
