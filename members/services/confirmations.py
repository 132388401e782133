"""Who is signed in proves once more that it is he, before what must not be done at a browser found open."""

from datetime import datetime

from django.core.exceptions import ValidationError

from members.models import Account
from vault.services import Actor, enter_failure, enter_trail

NOT_CONFIRMED = "密码不正确，请核对后重新填写。"


def confirm_identity(*, actor: Actor, at: datetime, account: Account, word: str) -> None:
    """Compares the word with the account's password; ValidationError where it is wrong.

    The outcome goes into the trail, a failure in a transaction of its own: who finds a browser open may be
    guessing.
    """
    if not account.check_password(word):
        enter_failure(
            actor=actor,
            at=at,
            action="确认身份",
            target_kind="账号",
            target=account.username,
            detail={"原因": NOT_CONFIRMED.partition("，")[0]},
        )
        raise ValidationError(NOT_CONFIRMED)
    enter_trail(actor=actor, at=at, action="确认身份", target_kind="账号", target=account.username)
