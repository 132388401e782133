"""调阅: asked for with a reason, decided by a second person, read for some minutes (design.md section 4).

Each step is a conditional UPDATE of one row that is locked, and the rights are asked again under the lock.
The trail names no reason.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from members.models import Account
from talks.models import Disclosure, DisclosureNotice, Talk
from talks.permissions import (
    deciding_organisation,
    disclosable_talks,
    overseen_disclosures,
    readable_disclosures,
    told_members,
)
from talks.rules.disclosures import MOST_MINUTES, DisclosureState
from talks.services.request_notices import send_out
from vault.services import Actor, enter_trail

REASON_MISSING = "请填写理由。"
ALREADY_ASKED = "您已申请调阅这份记录，正等待批准，不必再申请。"
STILL_OPEN = "这份记录您现在就可以查看，不必再申请。"
NOT_INSPECTED = "这次谈话不在您的督查范围内，不能申请调阅。"
OWN_DISCLOSURE = "调阅不能由申请人自己批准，也不能由参加谈话的同志批准。"
ASKER_HAS_LEFT = "申请人的督查授权已经结束，不能批准。"
NOT_THE_ASKER = "只有申请人可以撤回申请。"
NOT_THE_APPROVER = "只有批准人可以收回批准。"
TOO_LATE = "这项调阅刚才已由他人办理，或者已经失效，本次操作没有生效，请核对最新情况。"
OVER = "查看时限已到，或者批准已经收回，不能再查看。"


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What an inspector reads: the content of the record and nothing else, and until when."""

    content: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why it was asked for, and why it was refused or taken away; empty where there is none."""

    asked: str
    ended: str


@transaction.atomic
def ask_disclosure(
    *, actor: Actor, at: datetime, account: Account, talk: Talk, reason: str, today: date
) -> Disclosure:
    """Asks to read the record of one talk, for one reason.

    Refuses with ValidationError: no reason, a talk that the account does not inspect, one that it asked for
    and that waits, one that it may read as it is. What was refused or is over may be asked for again.
    """
    if not reason.strip():
        raise ValidationError({"reason": REASON_MISSING})
    locked = Talk.objects.select_for_update(of=("self",)).get(pk=talk.pk)
    organisation = deciding_organisation(locked, account, today=today)
    if organisation is None or not disclosable_talks(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(NOT_INSPECTED)
    there = Disclosure.objects.filter(talk=locked, asked_by=account)
    for row in there.undecided():
        if row.state_at(at) is DisclosureState.WAITING:
            raise ValidationError(ALREADY_ASKED)
        there.filter(pk=row.pk).undecided().update(ending=DisclosureState.LAPSED.value, ended_at=at)
    readable = readable_disclosures(account, today=today).filter(talk=locked)
    if any(row.state_at(at) is DisclosureState.OPEN for row in readable.approved_of_late(at)):
        raise ValidationError(STILL_OPEN)
    disclosure = Disclosure(
        talk=locked,
        organisation=organisation,
        asked_by=account,
        number=(there.aggregate(last=Max("number"))["last"] or 0) + 1,
        reason=reason.strip(),
        asked_at=at,
    )
    try:
        with transaction.atomic():
            disclosure.save(force_insert=True)
    except IntegrityError as error:
        # Asked for in a second window in the meantime.
        raise ValidationError(ALREADY_ASKED) from error
    _enter(actor, at, "申请调阅", disclosure)
    return disclosure


@transaction.atomic
def approve_disclosure(
    *, actor: Actor, at: datetime, disclosure: Disclosure, account: Account, minutes: int, today: date
) -> None:
    """Opens the record to who asked, for so many minutes from now on (at most 30); both parties are told.

    Refuses with ValidationError who asked, had a part in the talk or does not lead O or above; where it no
    longer waits; and where who asked inspects the talk no longer.
    """
    locked = _lock(disclosure)
    if not overseen_disclosures(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(OWN_DISCLOSURE)
    asked_by = Account.objects.get(pk=locked.asked_by_id)
    if not disclosable_talks(asked_by, today=today).filter(pk=locked.talk_id).exists():
        raise ValidationError(ASKER_HAS_LEFT)
    minutes = max(1, min(minutes, MOST_MINUTES))
    opened = Disclosure.objects.filter(pk=locked.pk).waiting(at)
    _step(opened.update(approved_by=account, approved_at=at, minutes=minutes), disclosure)
    members = list(told_members(locked.talk).values_list("pk", flat=True))
    DisclosureNotice.objects.bulk_create(
        DisclosureNotice(disclosure=disclosure, member_id=pk, noticed_on=timezone.localtime(at).date())
        for pk in members
    )
    send_out(members=members, at=at, is_first=False)
    _enter(actor, at, "批准调阅", disclosure, 分钟=minutes)


@transaction.atomic
def decline_disclosure(
    *, actor: Actor, at: datetime, disclosure: Disclosure, account: Account, reason: str, today: date
) -> None:
    """Declines it, with a reason that who asked reads; refuses as `approve_disclosure`, and without one."""
    if not reason.strip():
        raise ValidationError({"reason": REASON_MISSING})
    locked = _lock(disclosure)
    if not overseen_disclosures(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(OWN_DISCLOSURE)
    ended = {"ending": DisclosureState.DECLINED.value, "ended_by": account, "ended_at": at}
    _step(Disclosure.objects.filter(pk=locked.pk).waiting(at).update(**ended), disclosure)
    # Sealed text is written by the record itself; the row is locked.
    disclosure.ending_reason = reason.strip()
    disclosure.save(update_fields=["ending_reason"])
    _enter(actor, at, "不予批准调阅", disclosure)


@transaction.atomic
def take_back_disclosure(*, actor: Actor, at: datetime, disclosure: Disclosure, account: Account) -> None:
    """Who asked takes the request back; refuses with ValidationError anybody else, and what is decided."""
    if account.pk != disclosure.asked_by_id:
        raise ValidationError(NOT_THE_ASKER)
    _lock(disclosure)
    ended = {"ending": DisclosureState.TAKEN_BACK.value, "ended_by": account, "ended_at": at}
    _step(Disclosure.objects.filter(pk=disclosure.pk).waiting(at).update(**ended), disclosure)
    _enter(actor, at, "撤回调阅申请", disclosure)


@transaction.atomic
def revoke_disclosure(*, actor: Actor, at: datetime, disclosure: Disclosure, account: Account) -> None:
    """Who approved takes it back while it is open: from the next request on nothing is read."""
    if account.pk != disclosure.approved_by_id:
        raise ValidationError(NOT_THE_APPROVER)
    locked = _lock(disclosure)
    if locked.state_at(at) is not DisclosureState.OPEN:
        raise ValidationError(TOO_LATE, code="stale")
    ended = {"ending": DisclosureState.REVOKED.value, "ended_by": account, "ended_at": at}
    _step(Disclosure.objects.filter(pk=disclosure.pk, ending="").update(**ended), disclosure)
    _enter(actor, at, "收回调阅批准", disclosure)


@transaction.atomic
def open_disclosed(
    *, actor: Actor, at: datetime, disclosure: Disclosure, account: Account, today: date
) -> Disclosed:
    """The content, for who asked, while it is open; the entry of the trail is written first.

    Refuses with ValidationError, code "stale", where it is not open any more, or the right to it is gone.
    """
    locked = _lock(disclosure)
    # Of a page that is only read the account's standing was found once, perhaps before the lock.
    reader = Account.objects.get(pk=account.pk)
    permitted = readable_disclosures(reader, today=today).filter(pk=locked.pk).exists()
    ends_at = locked.ends_at
    if not permitted or ends_at is None or locked.state_at(at) is not DisclosureState.OPEN:
        raise ValidationError(OVER, code="stale")
    _enter(actor, at, "调阅谈话内容", locked)
    return Disclosed(content=locked.talk.content, ends_at=ends_at)


@transaction.atomic
def read_disclosure_reasons(*, actor: Actor, at: datetime, disclosure: Disclosure) -> Reasons:
    """The sealed reasons; they are given only where the trail could be written."""
    _enter(actor, at, "查看调阅理由", disclosure)
    return Reasons(asked=disclosure.reason, ended=disclosure.ending_reason or "")


@transaction.atomic
def read_disclosure_notices(*, account: Account, at: datetime) -> None:
    """Marks what the account was told of disclosures as read. Not in the trail: a note to oneself."""
    DisclosureNotice.objects.of(account).unread().update(read_at=at)


def _lock(disclosure: Disclosure) -> Disclosure:
    """The row as it stands now, locked until the transaction ends."""
    rows = Disclosure.objects.select_for_update(of=("self",)).select_related("talk")
    return rows.get(pk=disclosure.pk)


def _step(moved: int, disclosure: Disclosure) -> None:
    """Reads the disclosure again; ValidationError where the conditional UPDATE found nothing to change."""
    disclosure.refresh_from_db()
    if not moved:
        raise ValidationError(TOO_LATE, code="stale")


def _enter(actor: Actor, at: datetime, action: str, disclosure: Disclosure, **more: object) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="谈话",
        target=disclosure.talk.code,
        detail={"调阅": disclosure.pk, "党组织": disclosure.organisation.code, **more},
    )
