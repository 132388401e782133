"""Granting and ending mandates (design.md section 4a)."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from branches.models import RANGE_EMPTY, Organisation
from members.models import Account, Affiliation, Mandate, MandateKind, Post
from members.models.dated import shares_a_day
from members.permissions.standing import ADMINISTRATORS
from vault.services import Actor, enter_trail

NEEDS_ORGANISATION = "请选择授权的党组织。"
TAKES_NO_ORGANISATION = "这类授权不针对某个党组织。"
GRANTED_ALREADY = "这段时间已有同样的授权。"
NOT_TO_ONESELF = "不能给自己授权。"
INSPECTOR_OF_HIS_OWN = "督查不能授权给在该党组织任职或组织关系在该党组织的人，请另选人员。"
THREE_PERSONS = "系统管理员、安全管理员、安全审计员应由不同的人担任。"
NOT_A_MEMBERS = "管理员账号不查看谈话内容，不能与党员本人的账号合用，请另开一个不关联党员的账号。"
OFFICE_STANDS_ALONE = "系统管理员、安全管理员、安全审计员的账号不能同时授权党务管理员或督查，请另开账号。"
OUT_OF_USE = "该账号已停用，不能授权。"
ENDED_ALREADY = "这项授权已经结束。"


@transaction.atomic
def grant_mandate(
    *,
    actor: Actor,
    at: datetime,
    account: Account,
    kind: MandateKind,
    organisation: Organisation | None = None,
    since: date,
    until: date | None = None,
    granted_by: Account | None = None,
) -> Mandate:
    """Grants a mandate from `since` until (and without) `until`.

    `granted_by` is empty where the installation itself grants. Refuses with ValidationError: a scope that
    does not fit the kind, an empty period, a mandate to oneself or to an account out of use, the same mandate
    twice in a period, an office of the installation for a member's account or beside another mandate, an
    inspector over an organisation where he holds a post or is affiliated in that
    period, and a second of the three administrators' offices for one person.
    """
    # Grants to one person wait for each other: two that are each right can break the rules together.
    account = Account.objects.select_for_update().get(pk=account.pk)
    is_administrator = kind in ADMINISTRATORS
    if is_administrator and organisation is not None:
        raise ValidationError({"organisation": TAKES_NO_ORGANISATION})
    if not is_administrator and organisation is None:
        raise ValidationError({"organisation": NEEDS_ORGANISATION})
    if until is not None and until <= since:
        raise ValidationError({"until": RANGE_EMPTY})
    if granted_by is not None and granted_by.pk == account.pk:
        raise ValidationError({"account": NOT_TO_ONESELF})
    if not account.is_active:
        raise ValidationError({"account": OUT_OF_USE})
    overlapping = shares_a_day(since, until)
    standing = Mandate.objects.filter(overlapping, account=account)
    if standing.filter(kind=kind, organisation=organisation).exists():
        raise ValidationError(GRANTED_ALREADY)
    if is_administrator and standing.filter(kind__in=ADMINISTRATORS).exists():
        raise ValidationError({"account": THREE_PERSONS})
    # An office of the installation stands alone: its holder reads nothing, whatever else he is.
    if is_administrator and account.member_id is not None:
        raise ValidationError({"account": NOT_A_MEMBERS})
    others = (
        standing.exclude(kind__in=ADMINISTRATORS)
        if is_administrator
        else standing.filter(kind__in=ADMINISTRATORS)
    )
    if others.exists():
        raise ValidationError({"account": OFFICE_STANDS_ALONE})
    if kind == MandateKind.INSPECTOR and _belongs_to(account, organisation, overlapping):
        raise ValidationError({"account": INSPECTOR_OF_HIS_OWN})
    mandate = Mandate(
        account=account,
        kind=kind,
        organisation=organisation,
        since=since,
        until=until,
        granted_by=granted_by,
    )
    try:
        with transaction.atomic():
            mandate.save(force_insert=True)
    except IntegrityError as error:
        # The table keeps the offices apart as well, whatever way a row comes.
        raise ValidationError({"account": THREE_PERSONS}) from error
    _enter(actor, at, "授权", mandate)
    return mandate


@transaction.atomic
def end_mandate(*, actor: Actor, at: datetime, mandate: Mandate, on: date) -> None:
    """Ends a mandate at once: it is no longer in force on the day `on`.

    One that would not have covered a day is taken away whole; the trail keeps that it was granted and ended.
    """
    # Of itself alone: PostgreSQL locks no row that an outer join may leave out.
    locked = Mandate.objects.select_for_update(of=("self",))
    mandate = locked.select_related("account", "organisation").get(pk=mandate.pk)
    if mandate.until is not None and mandate.until <= on:
        raise ValidationError(ENDED_ALREADY)
    mandate.until = on
    if mandate.since >= on:
        mandate.delete()
    else:
        mandate.save(update_fields=["until"])
    # Last: from here on every other writer of the trail waits.
    _enter(actor, at, "结束授权", mandate)


def _belongs_to(account: Account, organisation: Organisation | None, overlapping: Q) -> bool:
    """Whether the person holds a post in the organisation, or is affiliated with it, within the period."""
    if account.member_id is None:
        return False
    own = {"member": account.member_id, "organisation": organisation}
    return (
        Post.objects.filter(overlapping, **own).exists()
        or Affiliation.objects.filter(overlapping, **own).exists()
    )


def _enter(actor: Actor, at: datetime, action: str, mandate: Mandate) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="授权",
        target=mandate.account.username,
        detail={
            "授权类型": mandate.get_kind_display(),
            "党组织": mandate.organisation.code if mandate.organisation else "",
            "开始日期": mandate.since.isoformat(),
            "结束日期": mandate.until.isoformat() if mandate.until else "",
        },
    )
