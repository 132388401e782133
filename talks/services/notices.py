"""Reading notices, and how somebody wants to be told outside the system."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from members.models import Account
from talks.models import Notice, NoticePreference
from talks.rules.webhooks import webhook_target
from vault.services import Actor, enter_trail


@transaction.atomic
def read_notices(*, account: Account, at: datetime, notice: int | None = None) -> int:
    """Marks the account's notices as read; how many were not. `notice`: only those of what this one is of.

    Not in the trail: it is a note to oneself.
    """
    mine = Notice.objects.of(account)
    if notice is not None:
        this = mine.filter(pk=notice)
        mine = mine.filter(
            Q(duty__in=this.values("duty"))
            | Q(remedy__in=this.values("remedy"))
            | Q(follow_up__in=this.values("follow_up"))
        )
    return mine.filter(read_at=None).update(read_at=at)


@transaction.atomic
def choose_delivery(
    *,
    actor: Actor,
    at: datetime,
    account: Account,
    email: str,
    at_once: bool,
    hour: int,
    webhook: str | None,
    hosts: Collection[str],
) -> None:
    """How the account is told outside the system. `webhook` None leaves the robot as it is, empty removes it.

    ValidationError, by field, for a robot on a host that is not among `hosts`.
    """
    preference = NoticePreference.objects.filter(pk=account.pk).first() or NoticePreference(account=account)
    if webhook:
        try:
            webhook_target(webhook, hosts=hosts)
        except ValueError as error:
            raise ValidationError({"webhook": str(error)}) from error
    changed = [
        name
        for name, is_changed in (
            ("电子邮箱", email != account.email),
            ("随时发送", at_once != preference.at_once),
            ("汇总时间", hour != preference.hour),
            ("机器人地址", webhook is not None and webhook != preference.webhook),
        )
        if is_changed
    ]
    if not changed:
        return
    if webhook is not None:
        preference.webhook = webhook
    preference.at_once, preference.hour = at_once, hour
    preference.save()
    account.email = email
    account.save(update_fields=["email"])
    detail = {"字段": changed}
    enter_trail(
        actor=actor, at=at, action="修改", target_kind="提醒设置", target=account.username, detail=detail
    )
