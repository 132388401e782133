"""How often somebody tried to sign in in vain: a try costs time, and nobody is ever locked out.

A try is counted before its word is compared, so that a hundred sent at once are a hundred, and taken off the
count again where the word was right. Each count is kept in a transaction of its own: what is refused later
takes nothing back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from members.models import TryCount
from members.rules import FORGOTTEN_AFTER, Tried, network_of, wait_after
from vault.services import hmac_hex

# Names are no account's as often as not, and some are passwords: what is kept tells neither.
PURPOSE = "tries"
KEPT_FOR = timedelta(days=1)
CLEARED_AT_ONCE = 200

TOO_EARLY = "连续多次填写有误，请{seconds}秒后再试；账号没有被锁定。"


@dataclass(frozen=True, slots=True)
class Tries:
    """One try that was counted, to be taken back where the word was right."""

    keys: tuple[str, ...]
    wait: timedelta = timedelta()

    @property
    def sentence(self) -> str:
        """What is told to who has to wait; a second that has begun counts."""
        return TOO_EARLY.format(seconds=self.seconds)

    @property
    def seconds(self) -> int:
        """Whole seconds to wait."""
        return -(-self.wait // timedelta(seconds=1))


def begin_try(*, username: str, address: str, browser: str, at: datetime) -> Tries:
    """Counts a try, or says how long is to be waited, and then counts none.

    `browser` is what tells a browser in which this account signed in before (empty: none). What strangers try
    elsewhere is no delay to it: it has a count of its own.
    """
    kinds = _kinds(username, address, browser)
    with transaction.atomic():
        # In one order for all, so that no two wait for each other.
        rows = {key: _locked(key, at) for key in sorted(kinds)}
        waits = [
            wait_after(kinds[key], row.failures) - (at - row.last_at)
            for key, row in rows.items()
            if row.failures
        ]
        wait = max([timedelta(), *waits])
        if wait > timedelta():
            return Tries((), wait)
        for row in rows.values():
            TryCount.objects.filter(pk=row.pk).update(failures=row.failures + 1, last_at=at)
    _forget(at)
    return Tries(tuple(sorted(kinds)))


def take_back(*, tries: Tries) -> None:
    """The word was right: the try was none. What was wrong before it stays counted."""
    with transaction.atomic():
        for key in tries.keys:
            TryCount.objects.filter(key=key).update(failures=Greatest(F("failures") - 1, Value(0)))


def _forget(at: datetime) -> None:
    """Clears away what counts no more; what another is looking at is left to the next time."""
    with transaction.atomic():
        old = TryCount.objects.select_for_update(skip_locked=True).filter(last_at__lt=at - KEPT_FOR)
        TryCount.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:CLEARED_AT_ONCE])).delete()


def _kinds(username: str, address: str, browser: str) -> dict[str, Tried]:
    name, network = username.strip(), network_of(address)
    if browser:
        return {_key(Tried.BROWSER, name, browser): Tried.BROWSER}
    return {
        _key(Tried.PAIR, name, network): Tried.PAIR,
        _key(Tried.ADDRESS, network): Tried.ADDRESS,
        _key(Tried.ACCOUNT, name): Tried.ACCOUNT,
    }


def _key(tried: Tried, *parts: str) -> str:
    return hmac_hex(purpose=PURPOSE, text="\n".join((tried.name, *parts)))


def _locked(key: str, at: datetime) -> TryCount:
    """The row, locked; what was long ago is forgotten."""
    rows = TryCount.objects.select_for_update()
    row = rows.filter(key=key).first()
    if row is None:
        try:
            with transaction.atomic():
                TryCount.objects.create(key=key, failures=0, last_at=at)
        except IntegrityError:
            pass  # Another try made it in the same moment.
        row = rows.get(key=key)
    if at - row.last_at > FORGOTTEN_AFTER:
        row.failures = 0
    return row
