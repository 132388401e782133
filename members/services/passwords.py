"""Which passwords are taken, and for how long (setting PASSWORD_POLICY)."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from members.models import Account, OldPassword
from members.rules import POLICIES, Policy, kinds_in

TOO_SHORT = "密码至少%(shortest)d个字符。"
TOO_FEW_KINDS = "密码应含大写字母、小写字母、数字、符号中的至少%(kinds)d类。"
USED_BEFORE = "不能使用最近%(remembered)d次用过的密码。"


def policy_now() -> Policy:
    """The policy of this installation."""
    return POLICIES[settings.PASSWORD_POLICY]


def refuse_weak_password(*, password: str, account: Account) -> None:
    """ValidationError with every reason why the password is not taken.

    Common passwords, and those that are like name or account, are refused by any policy.
    """
    policy = policy_now()
    reasons: list[ValidationError | str] = []
    if len(password) < policy.shortest:
        reasons.append(ValidationError(TOO_SHORT, params={"shortest": policy.shortest}))
    if kinds_in(password) < policy.kinds:
        reasons.append(ValidationError(TOO_FEW_KINDS, params={"kinds": policy.kinds}))
    try:
        validate_password(password, account)
    except ValidationError as error:
        reasons.extend(error.error_list)
    if policy.remembered and _was_used(password, account, policy):
        reasons.append(ValidationError(USED_BEFORE, params={"remembered": policy.remembered}))
    if reasons:
        raise ValidationError(reasons)


def remember_password(*, account: Account, at: datetime) -> None:
    """Keeps the hash of the password that is about to go, as many as the policy asks for."""
    policy = policy_now()
    if policy.remembered and account.has_usable_password():
        OldPassword.objects.create(account=account, password=account.password, ended_at=at)
    kept = OldPassword.objects.filter(account=account).values_list("pk", flat=True)[: policy.remembered]
    OldPassword.objects.filter(account=account).exclude(pk__in=list(kept)).delete()


def is_too_old(*, account: Account, at: datetime) -> bool:
    """Whether the password is older than the policy allows; one of unknown age is.

    Accounts of the demonstration keep the one that is printed.
    """
    longest = policy_now().longest
    if longest is None or account.is_demonstration:
        return False
    return account.password_set_at is None or at - account.password_set_at >= longest


def _was_used(password: str, account: Account, policy: Policy) -> bool:
    """Whether it is the present password (none after a reset) or one of those before it, so many in all."""
    before = OldPassword.objects.filter(account=account).values_list("password", flat=True)
    present = [account.password] if account.has_usable_password() else []
    hashes = [*present, *before][: policy.remembered]
    return any(check_password(password, one) for one in hashes)
