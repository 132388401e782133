"""The second factor: codes that a telephone shows (动态口令), and recovery codes for when it is lost.

A key is shown before it is anybody's: until a code of it is proved it stands nowhere, and is worked out again
from a name that the browser's session holds and a key of the vault. Proved, it is sealed.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

from members.models import Account, RecoveryCode, SecondFactor
from members.permissions.second_factor import must_have_second_factor
from members.rules import CODE_DIGITS, CODE_STEP, plain_digits
from members.services.accounts import Attempt, Recognition
from members.services.tries import begin_try, take_back
from vault.services import Actor, enter_failure, enter_trail, hmac_hex

ISSUER = "谈心谈话"
# The step of now, the one before it (a code that is typed slowly), the next (a telephone that is fast).
NEAR = (0, -1, 1)
KEY_DIGITS = 40  # hexadecimal: 20 bytes, as RFC 4226 recommends
RECOVERY_CODES = 10
RECOVERY_DIGITS = 16

CODE_WRONG = "动态口令不正确。请核对手机的时间是否准确，再填写应用中正在显示的6位数字。"
PROOF_WRONG = "动态口令或恢复码不正确，或者已经用过。请等应用显示下一个动态口令后再填写。"
LEFT = "已用一个恢复码登录，还剩{left}个。手机遗失的，请在“我的账号”更换手机；恢复码不多的，请更换恢复码。"
HAS_ONE = "该账号已经启用动态口令，请重新登录。"
NONE_YET = "还没有启用动态口令。"
IS_REQUIRED = "您的任职或授权要求使用动态口令，不能停用。"


class Proof(Enum):
    """By what somebody proved himself beside his password."""

    CODE = "动态口令"
    RECOVERY = "恢复码"


def key_of(*, account: Account, name: str) -> bytes:
    """The key that is offered to the account under this name: 20 bytes, the same whenever it is asked for."""
    return bytes.fromhex(hmac_hex(purpose="second factor", text=f"{account.pk}\n{name}")[:KEY_DIGITS])


def key_text(*, key: bytes) -> str:
    """The key as it is typed into an application: base32 in groups of four."""
    text = base64.b32encode(key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def key_address(*, account: Account, key: bytes) -> str:
    """What the QR code says: otpauth://totp/…, with the name of the system and of the account."""
    label = quote(f"{ISSUER}:{account.username}", safe=":")
    return f"otpauth://totp/{label}?secret={base64.b32encode(key).decode()}&issuer={quote(ISSUER)}"


@transaction.atomic
def start_second_factor(
    *, actor: Actor, at: datetime, account: Account, key: bytes, code: str, is_first: bool
) -> Sequence[str]:
    """The account signs in with codes of this key from now on; gives ten recovery codes, to be shown once.

    An earlier key and earlier recovery codes are void; refused, where this is to be the first (who has proved
    nothing but the password puts no other key in the place of the owner's). Refuses with ValidationError also
    a code that is not the key's.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    if is_first and SecondFactor.objects.filter(account=account).exists():
        raise ValidationError(HAS_ONE)
    step = _step_of(key, code, at)
    if step is None:
        raise ValidationError(CODE_WRONG)
    SecondFactor.objects.filter(account=account).delete()
    SecondFactor.objects.create(account=account, key=key, proved_at=at, last_step=step)
    _enter(actor, at, "启用动态口令", account)
    return _fresh_codes(account)


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, at: datetime, account: Account) -> Sequence[str]:
    """Ten new recovery codes, to be shown once; the earlier ones are void. Refuses where there is no key."""
    if not SecondFactor.objects.filter(account=account).exists():
        raise ValidationError(NONE_YET)
    _enter(actor, at, "更换恢复码", account)
    return _fresh_codes(account)


@transaction.atomic
def stop_second_factor(*, actor: Actor, at: datetime, account: Account) -> None:
    """One signs in by the password alone again; refused to whoever must have a second factor."""
    if must_have_second_factor(account, today=timezone.localtime(at).date()):
        raise ValidationError(IS_REQUIRED)
    _forget(account)
    _enter(actor, at, "停用动态口令", account)


@transaction.atomic
def forget_second_factor(*, account: Account, by: Actor, at: datetime) -> None:
    """The telephone is lost: key and recovery codes are void, and whoever must have them begins anew.

    Who may do so, and that it takes two persons, is the caller's to see to (design.md section 4a).
    """
    _forget(account)
    _enter(by, at, "重置动态口令", account)


def prove_second_factor(
    *, account: Account, code: str, at: datetime, address: str, browser: str = ""
) -> Attempt:
    """The second step of signing in, after the right password: a code, or a recovery code.

    Wrong ones are counted with the wrong passwords, and cost the same time. The outcome goes into the trail.
    """
    tries = begin_try(username=account.username, address=address, browser=browser, at=at)
    if tries.wait:
        return Attempt(Recognition.EARLY, early=tries)
    actor = Actor(account.username, address)
    proof = use_code(account=account, code=code, at=at) or use_recovery_code(
        account=account, code=code, at=at
    )
    if proof is None:
        enter_failure(
            actor=actor,
            at=at,
            action="登录",
            target_kind="账号",
            target=account.username,
            detail={"原因": "动态口令或恢复码不正确"},
        )
        return Attempt(Recognition.WRONG)
    take_back(tries=tries)
    _enter(actor, at, "登录", account, {"第二因素": proof.value})
    left = codes_left(account=account) if proof is Proof.RECOVERY else None
    return Attempt(Recognition.SIGNED_IN, account, codes_left=left)


def use_code(*, account: Account, code: str, at: datetime) -> Proof | None:
    """Whether it is a code of the account's key; it is then used up, for all who send it at once."""
    factor = SecondFactor.objects.filter(account=account).first()
    step = _step_of(factor.key, code, at) if factor else None
    if factor is None or step is None:
        return None
    taken = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step)
    return Proof.CODE if taken else None


def use_recovery_code(*, account: Account, code: str, at: datetime) -> Proof | None:
    """Whether it is a recovery code of the account that nobody used; it is then used up."""
    waiting = RecoveryCode.objects.filter(mark=_mark(account, plain_digits(code)), used_at=None)
    return Proof.RECOVERY if waiting.filter(account=account).update(used_at=at) else None


def codes_left(*, account: Account) -> int:
    """How many recovery codes of the account are unused."""
    return RecoveryCode.objects.filter(account=account, used_at=None).count()


def _step_of(key: bytes, code: str, at: datetime) -> int | None:
    """The time step of which this is the code, if it is one of those near."""
    now = int(at.timestamp()) // CODE_STEP
    typed = plain_digits(code)
    found = None
    for step in (now + offset for offset in NEAR):
        if constant_time_compare(f"{hotp(key, step, CODE_DIGITS):0{CODE_DIGITS}d}", typed):
            found = step
    return found


def _fresh_codes(account: Account) -> Sequence[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = [
        "".join(secrets.choice("0123456789") for _ in range(RECOVERY_DIGITS)) for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, mark=_mark(account, code)) for code in codes
    )
    return [" ".join(code[start : start + 4] for start in range(0, RECOVERY_DIGITS, 4)) for code in codes]


def _mark(account: Account, code: str) -> str:
    return hmac_hex(purpose="recovery code", text=f"{account.pk}\n{code}")


def _forget(account: Account) -> None:
    SecondFactor.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()


def _enter(
    actor: Actor, at: datetime, action: str, account: Account, detail: dict[str, object] | None = None
) -> None:
    enter_trail(actor=actor, at=at, action=action, target_kind="账号", target=account.username, detail=detail)
