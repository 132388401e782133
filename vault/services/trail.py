"""The audit trail: entries, and the proof that none was touched."""

import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from vault.models.keyring import algorithm
from vault.models.trail import TrailEntry, TrailHead
from vault.rules.keys import KEY_BYTES, derive
from vault.rules.trail import START, Entry, Finding, canonical, first_fault, mac_of


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
    `target` is a code, never a name; `detail` names fields, never sealed values.
    """
    head = _head()
    value = Entry(
        number=head.number + 1,
        at=at,
        account=actor.account,
        address=actor.address,
        action=action,
        target_kind=target_kind,
        target=target,
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


@transaction.atomic
def find_fault() -> Finding | None:
    """The first entry of the trail that was altered, removed, inserted, reordered or cut off; None if
    whole.
    """
    head = TrailHead.objects.select_for_update().filter(pk=1).first()
    entries = TrailEntry.objects.chained()
    if head is None or head.secret is None:
        first = next(iter(entries), None)
        lines = _noted(settings.VAULT_TRAIL_HEAD_FILE)
        whole = first is None and not list(lines or ())
        return None if whole else first_fault([], key=b"", head=(1, START), file_heads=[])
    return first_fault(
        entries,
        key=_trail_key(head),
        head=(head.number, head.mac),
        file_heads=_noted(settings.VAULT_TRAIL_HEAD_FILE),
    )


@transaction.atomic
def hmac_hex(purpose: str, text: str) -> str:
    """HMAC-SHA256 over the text, as 64 hexadecimal digits, under a key for this purpose that the vault
    keeps.
    """
    secret = TrailHead.objects.filter(pk=1).values_list("secret", flat=True).first()
    head = _head() if secret is None else TrailHead.objects.get(pk=1)
    key = derive(_secret(head), f"hmac {purpose}")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _head() -> TrailHead:
    """The head row, locked; with its secret, which is made with the first entry."""
    TrailHead.objects.bulk_create([TrailHead(id=1)], ignore_conflicts=True)
    head = TrailHead.objects.select_for_update().get(pk=1)
    if head.secret is None:
        head.secret = os.urandom(KEY_BYTES)
        head.save(update_fields=["secret"])
    return head


def _secret(head: TrailHead) -> bytes:
    secret: bytes = head.secret
    return secret


def _trail_key(head: TrailHead) -> bytes:
    return derive(_secret(head), "trail")


def _append(path: Path, number: int, mac: str) -> None:
    """One line in one write: lines of two processes never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{number} {mac}\n".encode())
    finally:
        os.close(descriptor)


def _noted(path: Path) -> Iterator[tuple[int, str]] | None:
    """The lines of the file; a last line that a dying machine left half written is passed over."""
    if not path.exists():
        return None
    lines = (line.split() for line in path.read_text().splitlines())
    return ((int(parts[0]), parts[1]) for parts in lines if len(parts) == 2 and len(parts[1]) == len(START))
