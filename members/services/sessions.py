"""Where an account is signed in: begun, seen, ended; and what was typed when a session ended over it."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from members.models import Account, KeptForm, SignedIn
from members.rules import device_of, kept_key, network_prefix
from vault.services import Actor, enter_trail

# So long what was typed waits for its author: over a weekend, as the session's row does.
KEPT_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to an address: the fields by name and value in their order; files are not kept."""

    address: str
    fields: Sequence[tuple[str, str]]
    had_files: bool


@transaction.atomic
def begin_session(
    *, account: Account, session_key: str, at: datetime, user_agent: str, address: str
) -> SignedIn:
    """Writes down that the account is signed in in a browser: the device in words, the network it is in."""
    SignedIn.objects.filter(account=account, seen_at__lt=at - settings.SESSION_IDLE).delete()
    return SignedIn.objects.create(
        account=account,
        session_key=kept_key(session_key),
        since=at,
        seen_at=at,
        device=device_of(user_agent),
        network=network_prefix(address),
    )


def see_session(*, pk: int, session_key: str, at: datetime) -> None:
    """The browser asked for something again; its key is another since the password changed."""
    SignedIn.objects.filter(pk=pk).update(seen_at=at, session_key=kept_key(session_key))


def leave_session(*, session_key: str) -> None:
    """The session is over by itself, or its browser signed out."""
    SignedIn.objects.filter(session_key=kept_key(session_key)).delete()


@transaction.atomic
def end_session(*, actor: Actor, at: datetime, signed_in: SignedIn) -> None:
    """Signs a browser of one's own account out, at its next request."""
    _end(actor, at, [signed_in])


@transaction.atomic
def end_other_sessions(*, actor: Actor, at: datetime, account: Account, session_key: str) -> int:
    """Signs all browsers of the account out but the one with this key; gives how many they were."""
    others = list(SignedIn.objects.filter(account=account).exclude(session_key=kept_key(session_key)))
    _end(actor, at, others)
    return len(others)


def forget_sessions(*, account: Account) -> None:
    """Signs the account out everywhere: none of its sessions comes to life with it again."""
    _forget(list(SignedIn.objects.filter(account=account)))


@transaction.atomic
def keep_form(*, account: Account, sent: Sent, at: datetime) -> str:
    """Seals what somebody sent when his session was over; gives the name by which his browser finds it."""
    KeptForm.objects.filter(kept_at__lt=at - KEPT_FOR).delete()
    name = secrets.token_hex(16)
    text = json.dumps([sent.address, list(sent.fields), sent.had_files], ensure_ascii=False)
    KeptForm.objects.create(account=account, name=name, kept_at=at, sent=text)
    return name


def open_form(*, account: Account, name: str, at: datetime) -> Sent | None:
    """What was kept under the name for this account; None for anybody else and where it is too old."""
    row = KeptForm.objects.filter(account=account, name=name, kept_at__gte=at - KEPT_FOR).first()
    if row is None:
        return None
    address, fields, had_files = json.loads(row.sent)
    return Sent(address, [(field, value) for field, value in fields], had_files)


def throw_form_away(*, name: str) -> None:
    """What was kept under the name is gone."""
    KeptForm.objects.filter(name=name).delete()


def _forget(rows: Sequence[SignedIn]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    SignedIn.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _end(actor: Actor, at: datetime, rows: Sequence[SignedIn]) -> None:
    _forget(rows)
    for row in rows:
        enter_trail(
            actor=actor,
            at=at,
            action="结束登录",
            target_kind="账号",
            target=actor.account,
            detail={"设备": row.device},
        )
