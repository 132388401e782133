"""口令重置: one asks, another approves; each holds half of the code, its owner alone both (design.md 4a)."""

import secrets
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from members.models import Account, Reset
from members.permissions.resets import decidable_resets, resettable_accounts
from members.rules import CODE_SIGNS
from members.services.passwords import remember_password
from members.services.second_factor import forget_second_factor
from vault.services import Actor, enter_trail

# Six of 30 signs each: who holds one half has still 700 million wholes to try, each at the price of Argon2.
HALF = 6
CODE_LIFE = timedelta(days=1)

NOT_RESETTABLE = "这个账号不由您申请重置，或者还没有设置过密码。"
ALREADY_ASKED = "这个账号已有重置申请，正等待审批。"
NOT_YOURS = "重置要由两个人办理：申请人和账号本人都不能审批。"
ASKER_HAS_LEFT = "申请人已经没有办理这项重置的权限，不能批准；仍需重置的，请重新申请。"
TOO_LATE = "这项重置刚才已由他人办理，或者已经失效，本次操作没有生效。"


@transaction.atomic
def ask_reset(
    *,
    actor: Actor,
    at: datetime,
    account: Account,
    owner: Account,
    today: date,
    with_factor: bool = False,
) -> str:
    """Asks that the password of `owner` be reset; gives the first half of the code, shown this once.

    `with_factor`: his telephone is lost too, with the recovery codes; the approval then makes his second
    factor void as well. The password still works until another approves. Refuses with ValidationError an
    account that is not his to manage, and a request that waits; one that nobody decided in time is void and
    gives way.
    """
    locked = Account.objects.select_for_update(of=("self",)).get(pk=owner.pk)
    if not resettable_accounts(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(NOT_RESETTABLE)
    there = Reset.objects.filter(account=locked)
    if there.waiting(at).exists():
        raise ValidationError(ALREADY_ASKED)
    for void in there.undecided():
        void.outcome, void.decided_at, void.half = Reset.Outcome.LAPSED, at, ""
        void.save(update_fields=["outcome", "decided_at", "half"])
    half = _half()
    reset = Reset(
        account=locked,
        number=(there.aggregate(last=Max("number"))["last"] or 0) + 1,
        half=half,
        with_factor=with_factor,
        asked_by=account,
        asked_at=at,
    )
    try:
        with transaction.atomic():
            reset.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(ALREADY_ASKED) from error
    _enter(actor, at, "申请重置口令", reset)
    return half


@transaction.atomic
def approve_reset(*, actor: Actor, at: datetime, account: Account, reset: Reset, today: date) -> str:
    """Resets the password; gives the second half of the code, shown this once. Both open it for one day.

    The old password is void, the second factor where that was asked for, and every session of the owner ends
    with its next request. Refuses with ValidationError who asked, the owner, who has not the right to it,
    where who asked has it no more, and what waits no more.
    """
    locked = _lock(reset)
    if not decidable_resets(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(NOT_YOURS if not locked.outcome else TOO_LATE)
    asker = Account.objects.get(pk=locked.asked_by_id)
    if not resettable_accounts(asker, today=today).filter(pk=locked.account_id).exists():
        raise ValidationError(ASKER_HAS_LEFT)
    first, second = locked.half, _half()
    done = Reset.objects.filter(pk=locked.pk).waiting(at)
    if not done.update(outcome=Reset.Outcome.APPROVED, decided_by=account, decided_at=at):
        raise ValidationError(TOO_LATE, code="stale")
    _forget_half(locked)
    owner = Account.objects.select_for_update(of=("self",)).get(pk=locked.account_id)
    # Known to others perhaps: where the policy remembers passwords, it does not come again.
    remember_password(account=owner, at=at)
    # The hash that every session carries is made of the password: none of them holds any more.
    owner.set_unusable_password()
    owner.code_hash = make_password(first + second)
    owner.code_expires_at = at + CODE_LIFE
    owner.must_change_password = True
    owner.save(update_fields=["password", "code_hash", "code_expires_at", "must_change_password"])
    if locked.with_factor:
        forget_second_factor(account=owner, by=actor, at=at)
    _enter(actor, at, "批准重置口令", locked)
    return second


@transaction.atomic
def decline_reset(*, actor: Actor, at: datetime, account: Account, reset: Reset, today: date) -> None:
    """Leaves the password as it is; refuses as `approve_reset`."""
    locked = _lock(reset)
    if not decidable_resets(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(NOT_YOURS if not locked.outcome else TOO_LATE)
    done = Reset.objects.filter(pk=locked.pk).waiting(at)
    if not done.update(outcome=Reset.Outcome.DECLINED, decided_by=account, decided_at=at):
        raise ValidationError(TOO_LATE, code="stale")
    _forget_half(locked)
    _enter(actor, at, "不予重置口令", locked)


def _lock(reset: Reset) -> Reset:
    return Reset.objects.select_for_update(of=("self",)).get(pk=reset.pk)


def _forget_half(reset: Reset) -> None:
    """What was kept for the approval is of no use after the decision; the row is locked."""
    reset.refresh_from_db()
    reset.half = ""
    reset.save(update_fields=["half"])


def _half() -> str:
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(HALF))


def _enter(actor: Actor, at: datetime, action: str, reset: Reset) -> None:
    target = reset.account.username
    detail = {"动态口令一并重置": True} if reset.with_factor else {}
    enter_trail(actor=actor, at=at, action=action, target_kind="账号", target=target, detail=detail)
