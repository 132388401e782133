"""Who reads what was prepared and drafted: nobody but who wrote it."""

from datetime import date

from django.db.models import QuerySet

from members.models import Account
from members.permissions.standing import is_administrator
from talks.models import Draft, Preparation, Side, Talk


def visible_preparations(account: Account, *, today: date) -> QuerySet[Preparation]:
    """One's own, as a talker."""
    if not account.member_id or is_administrator(account, today):
        return Preparation.objects.none()
    return Preparation.objects.filter(participant__member=account.member_id, participant__side=Side.TALKER)


def visible_drafts(account: Account, *, today: date) -> QuerySet[Draft]:
    """One's own; also those of talks that somebody else has recorded since."""
    if is_administrator(account, today):
        return Draft.objects.none()
    return Draft.objects.filter(account=account)


def may_prepare(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account prepares the talk: a talker, until it is recorded."""
    if not talk.is_open or not account.member_id:
        return False
    return talk.participants.filter(side=Side.TALKER, member=account.member_id).exists()
