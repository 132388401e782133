"""Who signs in with a second factor."""

from datetime import date

from django.conf import settings

from members.models import Account, SecondFactor
from members.permissions.standing import standing_of

REQUIRED = "required"


def has_second_factor(account: Account) -> bool:
    """Whether the account has proved one; it is then asked for, whoever it is."""
    return SecondFactor.objects.filter(account=account).exists()


def must_have_second_factor(account: Account, *, today: date) -> bool:
    """Principals, and whoever holds a mandate: 党务管理员, 督查, the administrators (issue 7, point 1).

    Accounts of the demonstration need none (design.md section 10), nor does any where it is only offered.
    """
    if settings.SECOND_FACTOR != REQUIRED or account.is_demonstration:
        return False
    standing = standing_of(account, today)
    return bool(standing.kinds or standing.led)
