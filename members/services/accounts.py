"""Accounts, one-time codes, passwords, signing in (design.md section 4a)."""

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Account, Member, Reset
from members.permissions.accounts import has_outlived_its_mandates
from members.permissions.second_factor import has_second_factor, must_have_second_factor
from members.rules import CODE_SIGNS
from members.services.passwords import is_too_old, refuse_weak_password, remember_password
from members.services.sessions import forget_sessions
from members.services.tries import Tries, begin_try, take_back
from vault.services import Actor, enter_failure, enter_trail

CODE_LIFE = timedelta(days=7)
# 12 of 30 signs: about 59 bits.
CODE_LENGTH = 12
# What tries of the old password are counted under, beside the browsers of the account.
OLD_PASSWORD = "old password"

# How the trail calls those who act without an account (vault.services.Actor).
NOBODYS_NAMES = frozenset({"system", "command"})

USERNAME_TAKEN = "这个账号名已经有人使用，请另取一个。"
USERNAMES_TAKEN = "账号名“%(codes)s”已经有人使用，请为其单独开通。"
MEMBER_HAS_ACCOUNT = "这位同志已经有账号。"
PASSWORD_WRONG = "原密码不正确。"
PASSWORD_ALREADY_CHOSEN = "该账号已经设置过密码，不能再发一次性口令；忘记密码的，请申请重置口令。"
CODE_NO_LONGER_VALID = "一次性口令已失效，请重新登录。"
ACCOUNT_INACTIVE = "该账号已停用，请先恢复使用。"
NOT_ONESELF = "不能停用自己的账号。"


class Recognition(Enum):
    """What became of an attempt to sign in."""

    SIGNED_IN = auto()
    MUST_CHOOSE = auto()  # the right one-time code, or a password that must be changed first
    MUST_PROVE = auto()  # the right password; the second factor is to come
    MUST_BEGIN = auto()  # the right password of one who needs a second factor and has none yet
    WRONG = auto()  # no such account, or the wrong word
    INACTIVE = auto()  # the right word for an account out of use
    ENDED = auto()  # the right word for an account whose mandates have all ended
    EXPIRED = auto()  # the right one-time code, too late
    EARLY = auto()  # after so many vain tries the word is not compared before some seconds are over


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of an attempt; the account is given where it may go on, `early` where it came too early.

    `codes_left`: how many recovery codes are unused, where one was used.
    """

    recognition: Recognition
    account: Account | None = None
    early: Tries | None = None
    codes_left: int | None = None


def recognise_account(*, username: str, word: str, at: datetime, address: str, browser: str = "") -> Attempt:
    """Compares the word with the account's password, or with the one-time code where one is waiting.

    Whoever was wrong too often waits first, before anything is compared; `browser` as for `begin_try`.
    One hash is worked out whether or not the account exists, so that the time tells nothing; what is wrong is
    told only to one who knew the right word. The outcome goes into the trail, a failure in a transaction of
    its own. A name that is no account's is not written down: people type passwords there.
    """
    tries = begin_try(username=username, address=address, browser=browser, at=at)
    if tries.wait:
        return Attempt(Recognition.EARLY, early=tries)
    account = Account.objects.filter(username=username.strip()).first()
    if account is None:
        make_password(word)
        return _refused(Recognition.WRONG, "", at, address)
    if account.code_hash:
        is_right = check_password(_plain(word), account.code_hash)
    else:
        is_right = account.check_password(word)
    if not is_right:
        return _refused(Recognition.WRONG, account.username, at, address)
    take_back(tries=tries)
    if not account.is_active:
        return _refused(Recognition.INACTIVE, account.username, at, address)
    if has_outlived_its_mandates(account, today=timezone.localtime(at).date()):
        return _refused(Recognition.ENDED, account.username, at, address)
    if account.code_hash and _is_expired(account, at):
        return _refused(Recognition.EXPIRED, account.username, at, address)
    if account.code_hash:
        return Attempt(Recognition.MUST_CHOOSE, account)
    if is_too_old(account=account, at=at):
        account.must_change_password = True
        account.save(update_fields=["must_change_password"])
    if account.must_change_password and not has_second_factor(account):
        return Attempt(Recognition.MUST_CHOOSE, account)
    return _past_password(account, at, address)


def enter_sign_in(*, actor: Actor, at: datetime, account: Account) -> None:
    """Writes down that somebody is in who had to do something else after his password."""
    _enter(actor, at, "登录", account)


def sign_out(*, actor: Actor, at: datetime) -> None:
    """Writes down that somebody left."""
    enter_trail(actor=actor, at=at, action="退出", target_kind="账号", target=actor.account)


@transaction.atomic
def open_account(
    *,
    actor: Actor,
    at: datetime,
    username: str,
    name: str,
    member: Member | None = None,
    is_demonstration: bool = False,
    password: str | None = None,
) -> tuple[Account, str]:
    """Opens an account and gives it with its one-time code, which is shown once and kept as a hash only.

    The code opens the account once within seven days, and a password is chosen with it. Only accounts of the
    demonstration may be given a password from the start (their code is empty). Refuses with ValidationError a
    taken name and a member who has an account already.
    """
    if password is not None and not is_demonstration:
        raise ValueError("only accounts of the demonstration open with a password")
    if member is not None and Account.objects.filter(member=member).exists():
        raise ValidationError(MEMBER_HAS_ACCOUNT)
    account = Account(
        username=unicodedata.normalize("NFKC", username).strip(),
        name=name,
        member=member,
        is_demonstration=is_demonstration,
    )
    code = ""
    if password is None:
        account.set_unusable_password()
        code = _give_code(account, at)
    else:
        account.set_password(password)
        account.password_set_at = at
    is_nobodys = account.username.lower() in NOBODYS_NAMES
    if is_nobodys or Account.objects.filter(username=account.username).exists():
        raise ValidationError({"username": USERNAME_TAKEN})
    account.clean_fields()
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        # Somebody else took the name, or opened the member's account, in the meantime.
        raise ValidationError(USERNAME_TAKEN) from error
    _enter(actor, at, "开通账号", account, {"党员编号": member.code if member else ""})
    return account, code


def open_accounts(
    *, actor: Actor, at: datetime, members: Sequence[Member]
) -> tuple[tuple[Account, str], ...]:
    """Opens an account for each of the members, under his 党员编号, and gives them with their one-time codes.

    All or none: refuses with ValidationError where a member has an account, or a code is another's name. The
    hashes, which take their time, are worked out before the database is held.
    """
    opened = []
    for member in members:
        account = Account(username=member.code, name=member.name, member=member)
        account.set_unusable_password()
        opened.append((account, _give_code(account, at)))
    with transaction.atomic():
        if Account.objects.filter(member__in=members).exists():
            raise ValidationError(MEMBER_HAS_ACCOUNT)
        names = [account.username for account, _ in opened]
        taken = [name for name in names if name.lower() in NOBODYS_NAMES]
        taken += Account.objects.filter(username__in=names).values_list("username", flat=True)
        if taken:
            raise ValidationError(USERNAMES_TAKEN, params={"codes": "、".join(taken)})
        try:
            with transaction.atomic():
                Account.objects.bulk_create(account for account, _ in opened)
        except IntegrityError as error:
            raise ValidationError(MEMBER_HAS_ACCOUNT) from error
        for account, _ in opened:
            _enter(actor, at, "开通账号", account, {"党员编号": account.username})
    return tuple(opened)


@transaction.atomic
def renew_code(*, actor: Actor, at: datetime, account: Account) -> str:
    """A new one-time code for an account that nobody has opened yet; the earlier one is void.

    Once a password was chosen this would be resetting it, which takes two persons.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    was_reset = Reset.objects.filter(account=account, outcome=Reset.Outcome.APPROVED).exists()
    if account.has_usable_password() or was_reset:
        raise ValidationError(PASSWORD_ALREADY_CHOSEN)
    if not account.is_active:
        raise ValidationError(ACCOUNT_INACTIVE)
    code = _give_code(account, at)
    account.save(update_fields=["code_hash", "code_expires_at", "must_change_password"])
    _enter(actor, at, "重发一次性口令", account)
    return code


@transaction.atomic
def choose_password(
    *, at: datetime, account: Account, password: str, address: str, is_proved: bool = False
) -> Attempt:
    """The first password of an account, chosen with the one-time code, which is then used up.

    Gives the account signed in (in the trail too), or what it has to do before; `is_proved`: it proved its
    second factor already. Refuses a weak password, and an account that was closed or whose code ran out or
    was replaced since it was entered.
    """
    current = Account.objects.select_for_update().get(pk=account.pk)
    is_open = current.is_active and (bool(current.code_hash) or current.must_change_password)
    if not is_open or current.code_hash != account.code_hash or _is_expired(current, at):
        raise ValidationError(CODE_NO_LONGER_VALID)
    refuse_weak_password(password=password, account=current)
    actor = Actor(current.username, address)
    _set_password(current, password, at)
    _enter(actor, at, "设置密码", current)
    if is_proved:
        _enter(actor, at, "登录", current)
        return Attempt(Recognition.SIGNED_IN, current)
    return _past_password(current, at, address)


def change_password(*, actor: Actor, at: datetime, account: Account, old: str, new: str) -> Account:
    """Changes one's own password; the old one is asked for. Refuses with ValidationError by field.

    A wrong old one goes into the trail, and several cost time: whoever finds a browser open may be guessing.
    """
    tries = begin_try(username=account.username, address=actor.address, browser=OLD_PASSWORD, at=at)
    if tries.wait:
        raise ValidationError({"old": tries.sentence})
    is_right = False
    try:
        with transaction.atomic():
            current = Account.objects.select_for_update().get(pk=account.pk)
            is_right = current.check_password(old)
            if is_right:
                return _changed_password(actor, at, current, new)
    finally:
        # After the transaction, which a weak new password undoes.
        if is_right:
            take_back(tries=tries)
    enter_failure(
        actor=actor,
        at=at,
        action="修改密码",
        target_kind="账号",
        target=account.username,
        detail={"原因": PASSWORD_WRONG.rstrip("。")},
    )
    raise ValidationError({"old": PASSWORD_WRONG})


def _changed_password(actor: Actor, at: datetime, current: Account, new: str) -> Account:
    try:
        refuse_weak_password(password=new, account=current)
    except ValidationError as error:
        raise ValidationError({"new": error.messages}) from error
    _set_password(current, new, at)
    _enter(actor, at, "修改密码", current)
    return current


@transaction.atomic
def deactivate_account(*, actor: Actor, at: datetime, account: Account) -> None:
    """Takes an account out of use; who is signed in with it is out, also when it is in use again."""
    if account.username == actor.account:
        raise ValidationError(NOT_ONESELF)
    changed = Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False)
    if changed:
        forget_sessions(account=account)
        _enter(actor, at, "停用账号", account)


@transaction.atomic
def activate_account(*, actor: Actor, at: datetime, account: Account) -> None:
    """Puts an account into use again, with the password it had."""
    changed = Account.objects.filter(pk=account.pk, is_active=False).update(is_active=True)
    if changed:
        _enter(actor, at, "恢复账号", account)


def _past_password(account: Account, at: datetime, address: str) -> Attempt:
    """What comes after the password: the second factor of who has one or must have one; else he is in."""
    if has_second_factor(account):
        return Attempt(Recognition.MUST_PROVE, account)
    if must_have_second_factor(account, today=timezone.localtime(at).date()):
        return Attempt(Recognition.MUST_BEGIN, account)
    _enter(Actor(account.username, address), at, "登录", account)
    return Attempt(Recognition.SIGNED_IN, account)


def _give_code(account: Account, at: datetime) -> str:
    """Sets a fresh one-time code on the account (not saved) and gives it as it is printed: XXXX-XXXX-XXXX."""
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    account.code_hash = make_password(code)
    account.code_expires_at = at + CODE_LIFE
    account.must_change_password = True
    return "-".join(code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def _plain(word: str) -> str:
    """A code as somebody types it from paper: small or full-width letters, with or without the dashes."""
    text = unicodedata.normalize("NFKC", word).upper()
    return "".join(sign for sign in text if sign in CODE_SIGNS)


def _is_expired(account: Account, at: datetime) -> bool:
    return bool(account.code_hash) and (account.code_expires_at is None or account.code_expires_at <= at)


def _set_password(account: Account, password: str, at: datetime) -> None:
    remember_password(account=account, at=at)
    account.set_password(password)
    account.password_set_at = at
    account.must_change_password = False
    account.code_hash = ""
    account.code_expires_at = None
    account.save(
        update_fields=["password", "password_set_at", "must_change_password", "code_hash", "code_expires_at"]
    )


def _enter(
    actor: Actor, at: datetime, action: str, account: Account, detail: dict[str, object] | None = None
) -> None:
    enter_trail(actor=actor, at=at, action=action, target_kind="账号", target=account.username, detail=detail)


def _refused(recognition: Recognition, username: str, at: datetime, address: str) -> Attempt:
    reasons = {
        Recognition.WRONG: "账号或密码不正确",
        Recognition.INACTIVE: "账号已停用",
        Recognition.ENDED: "授权已经结束",
        Recognition.EXPIRED: "一次性口令已过期",
    }
    enter_failure(
        actor=Actor(username, address),
        at=at,
        action="登录",
        target_kind="账号",
        target=username,
        detail={"原因": reasons[recognition]},
    )
    return Attempt(recognition)
