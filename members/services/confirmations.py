"""Who is signed in proves once more that it is he, before what must not be done at a browser found open."""

from datetime import datetime

from django.core.exceptions import ValidationError

from members.models import Account
from members.services.second_factor import use_code
from members.services.tries import begin_try, take_back
from vault.services import Actor, enter_failure, enter_trail

# What tries here are counted under, beside the browsers of the account.
CONFIRMING = "confirming"

NOT_CONFIRMED = "密码或动态口令不正确，请核对后重新填写。"


def confirm_identity(*, actor: Actor, at: datetime, account: Account, word: str) -> None:
    """Compares the word with the account's password, or takes it for a code of its second factor.

    ValidationError where it is neither. The outcome goes into the trail, a failure in a transaction of its
    own, and several failures cost time: who finds a browser open may be guessing.
    """
    tries = begin_try(username=account.username, address=actor.address, browser=CONFIRMING, at=at)
    if tries.wait:
        raise ValidationError(tries.sentence)
    if use_code(account=account, code=word, at=at) is None and not account.check_password(word):
        enter_failure(
            actor=actor,
            at=at,
            action="确认身份",
            target_kind="账号",
            target=account.username,
            detail={"原因": NOT_CONFIRMED.partition("，")[0]},
        )
        raise ValidationError(NOT_CONFIRMED)
    take_back(tries=tries)
    enter_trail(actor=actor, at=at, action="确认身份", target_kind="账号", target=account.username)
