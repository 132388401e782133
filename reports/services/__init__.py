"""Reports asked for, rendered and issued. The rendering itself is joined to this in tasks.py.

A report waits as a row. Whoever renders it holds a claim: a conditional UPDATE counts `attempts` up, and
every later write asks for that number, so that a worker who lost his claim can write nothing.
"""

import logging
import uuid
from datetime import date, datetime
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from branches.models import Organisation
from members.models import Account
from members.permissions import led_organisations
from reports.figures import ComplianceFigures
from reports.figures.orders import Order, talks_told
from reports.figures.sheets import Sheet
from reports.figures.talks import ledger_of
from reports.models import Report
from reports.permissions import (
    may_read_remedies,
    orderable_meetings,
    orderable_organisations,
    orderable_talks,
    readable_talk,
)
from reports.rules.documents import DOCUMENTS, MOST_ORGANISATIONS, TOO_MANY, Format, Kind, Scope, is_bulk
from reports.services.approvals import begin_approval
from talks.models import Talk, in_ledgers_of
from vault.services import Actor, enter_trail, hmac_hex

__all__ = ["Order"]

logger = logging.getLogger(__name__)

NOT_ALLOWED = "您不能取得这份文书，请重新选择。"
NO_SUCH_FORMAT = "这种文书没有所选的格式，请重新选择。"
PERIOD_REVERSED = "截止日期不能早于起始日期。"
TOO_LONG = "这段时间的谈话超过{most}次，请缩短期间，或者选择Excel格式。"
TOO_MANY_TODAY = "您今天已申请{most}份，请明天再申请；需要更多的，请联系系统管理员。"
EXPIRED = "文件已超过保留时间，已经删除，请重新生成。"
NOT_REPORTED = "您没有查看该党组织数据的权限，请选择其他党组织。"
AS_OF_IN_FUTURE = "数据截至日期不能晚于今天。"
NOT_ISSUED = "报告尚未生成，请稍候。"
NOT_FAILED = "报告没有出错，不需要重新生成。"
NUMBERS_TAKEN = "同时申请报告的人较多，请稍后再试。"

MOST_ATTEMPTS = 3
MOST_NUMBERS_TRIED = 20
# 10,000 rows are 1,250 pages, a minute and a gigabyte; a workbook is written row by row.
MOST_TALKS = {Format.PDF: 10_000, Format.EXCEL: 20_000}
PURPOSE = "report figures"
TARGET = "报告"


def ask_for_report(
    *, actor: Actor, at: datetime, today: date, account: Account | None, order: Order, reason: str = ""
) -> Report:
    """Puts a report among those that wait, and gives it its number.

    One with the texts of many talks waits for the approval of a second person first, and needs a reason
    (reports.services.approvals). The same report that the account already waits for is given back instead.
    `account` is None for the command line, which may ask for any organisation and for a day to come (what
    would be overdue then). Refuses, for an account, what it may not have, a day after today, and more in a
    day than settings.REPORT_DAILY; for all, a format that the kind has not, and an organisation with more
    than MOST_ORGANISATIONS.
    """
    if order.file_format not in DOCUMENTS[order.kind].formats:
        raise ValidationError(NO_SUCH_FORMAT)
    if order.since and order.until and order.since > order.until:
        raise ValidationError({"until": PERIOD_REVERSED})
    if account is not None:
        _refuse_rights(account, order, today)
        if max(order.as_of, order.until or order.as_of) > today:
            raise ValidationError(AS_OF_IN_FUTURE)
    below = Organisation.objects.below(order.organisation) if order.organisation else None
    if below is not None and order.with_below and below.count() > MOST_ORGANISATIONS:
        raise ValidationError(TOO_MANY.format(most=MOST_ORGANISATIONS))
    if order.kind is Kind.LEDGER:
        _refuse_size(account, order, today)
    wanted = {name: getattr(order, name) for name in Order.__slots__} | {"requested_by": account}
    with transaction.atomic():
        if account is not None:
            # One at a time: two windows get one report, and count once.
            Account.objects.select_for_update().get(pk=account.pk)
            underway = (Report.State.PENDING, Report.State.ASKED)
            waiting = Report.objects.filter(state__in=underway, **wanted).first()
            if waiting is not None:
                return waiting
            _refuse_quota(account, at)
            wanted["talks_told"] = told = talks_told(order, account, today=today)
            if _needs_approval(account, order, told, at):
                wanted["state"] = Report.State.ASKED
        report = _numbered(at, wanted)
        _enter(actor, at, "申请报告", report)
        if account is not None and report.state == Report.State.ASKED:
            begin_approval(
                actor=actor,
                at=at,
                today=today,
                account=account,
                report=report,
                organisation=_deciding_place(account, order, today),
                talks=told,
                reason=reason,
            )
    return report


def _needs_approval(account: Account, order: Order, told: int, at: datetime) -> bool:
    """Whether a second person has to approve it; what the account had made today counts with it."""
    same = {
        name: getattr(order, name)
        for name in ("kind", "organisation", "with_below", "since", "until", "talk")
    }
    earlier = (
        account.reports.filter(requested_at__gte=_midnight(at), approval=None, with_content=True)
        # Once more the same, in another format perhaps, is not more.
        .exclude(pk__in=account.reports.filter(**same).values("pk"))
        .aggregate(told=Sum("talks_told"))["told"]
    )
    return is_bulk(
        talks=told, before=earlier or 0, since=order.since, until=order.until, most=settings.BULK_TALKS
    )


def _deciding_place(account: Account, order: Order, today: date) -> Organisation:
    """O: that of the order; for a talk the one as whose principal the account reads it."""
    if order.organisation is not None:
        return order.organisation
    places = led_organisations(account, today=today).order_by("path")
    found = next((one for one in places if _is_of(order.talk, one)), None)
    if found is None:
        raise ValidationError(NOT_ALLOWED)
    return found


def _is_of(talk: Talk | None, place: Organisation) -> bool:
    return talk is not None and Talk.objects.filter(in_ledgers_of([place]), pk=talk.pk).exists()


def _refuse_rights(account: Account, order: Order, today: date) -> None:
    """ValidationError where the account may not ask for it."""
    allowed: bool
    match DOCUMENTS[order.kind].scope:
        case Scope.YEAR | Scope.PERIOD:
            there = orderable_organisations(account, order.kind, today=today)
            allowed = order.organisation is not None and there.filter(pk=order.organisation.pk).exists()
            if not allowed:
                raise ValidationError(NOT_REPORTED)
            if order.kind is Kind.RECTIFICATION and order.with_content and order.organisation:
                allowed = may_read_remedies(account, order.organisation, today=today)
        case Scope.MEETING:
            meetings = orderable_meetings(account, order.kind, today=today)
            allowed = order.meeting is not None and meetings.filter(pk=order.meeting.pk).exists()
        case Scope.TALK:
            talks = orderable_talks(account, today=today)
            allowed = order.talk is not None and talks.filter(pk=order.talk.pk).exists()
            if allowed and order.with_content and order.talk:
                allowed = readable_talk(account, order.talk, today=today)
        case Scope.OWN:
            allowed = account.member_id is not None
    if not allowed:
        raise ValidationError(NOT_ALLOWED)


def _refuse_size(account: Account | None, order: Order, today: date) -> None:
    """ValidationError where a ledger has more talks than its format holds."""
    assert order.organisation is not None, "a ledger is of an organisation"
    assert order.since is not None, "of a time"
    assert order.until is not None, "that ends"
    places = Organisation.objects.filter(pk=order.organisation.pk)
    if order.with_below:
        places = Organisation.objects.below(order.organisation)
    if account is not None:
        allowed = orderable_organisations(account, order.kind, today=today).order_by().values("pk")
        places = places.filter(pk__in=allowed)
    most = MOST_TALKS[order.file_format]
    if ledger_of(list(places), since=order.since, until=order.until)[: most + 1].count() > most:
        raise ValidationError(TOO_LONG.format(most=most))


def _midnight(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _refuse_quota(account: Account, at: datetime) -> None:
    if account.reports.filter(requested_at__gte=_midnight(at)).count() >= settings.REPORT_DAILY:
        raise ValidationError(TOO_MANY_TODAY.format(most=settings.REPORT_DAILY))


def claim_next_report(*, now: datetime) -> Report | None:
    """A report that waits, claimed for the caller; None where there is none.

    One that has lost its worker too often is given up instead.
    """
    waiting = Report.objects.waiting(now)
    for number in waiting.filter(attempts__gte=MOST_ATTEMPTS).values_list("number", flat=True):
        logger.error("report %s given up after %d attempts", number, MOST_ATTEMPTS)
        waiting.filter(number=number).update(state=Report.State.FAILED)
    for pk in waiting.order_by("requested_at", "pk").values_list("pk", flat=True):
        report = claim_report(pk=pk, now=now)
        if report is not None:
            return report
    return None


def claim_report(*, pk: int, now: datetime) -> Report | None:
    """The report, claimed for settings.CLAIM; None where another was faster or it waits no more."""
    claimed = Report.objects.waiting(now).filter(pk=pk)
    if not claimed.update(claimed_until=now + settings.CLAIM, attempts=F("attempts") + 1):
        return None
    return Report.objects.select_related(
        "organisation", "requested_by__member", "meeting__organisation__superior", "talk__recorder"
    ).get(pk=pk)


def renew_claim(*, report: Report, now: datetime) -> bool:
    """Holds the claimed report for another settings.CLAIM; False where the claim is lost."""
    return bool(_held(report).update(claimed_until=now + settings.CLAIM))


def note_progress(*, report: Report, done: int, total: int) -> bool:
    """Writes how far the claimed report has come; False where the claim is lost."""
    return bool(_held(report).update(done=done, total=total))


def issue_report(
    *, report: Report, at: datetime, figures: ComplianceFigures | Sheet, mac: str, file: bytes
) -> bool:
    """Stores the rendered file, sealed; False, and nothing stored, where the claim is lost."""
    with transaction.atomic():
        held = _held(report).select_for_update().first()
        if held is None:
            logger.warning("report %s was rendered under a claim that had lapsed", report.number)
            return False
        held.file = file
        # Others may hold what was said, and nothing is asked of them once the file is there.
        held.figures = figures.to_text() if isinstance(figures, ComplianceFigures) else ""
        held.digest = sha256(file).hexdigest()
        held.figures_mac = mac
        held.issued_at = at
        held.expires_at = at + settings.REPORT_KEPT
        held.claimed_until = None
        held.state = Report.State.DONE
        held.done = held.total
        held.save()
        _enter(Actor("system", ""), at, "生成报告", held)
    return True


def fail_report(*, report: Report) -> None:
    """Gives up the claimed report; its owner may ask for it to be tried again."""
    logger.error("report %s could not be rendered", report.number)
    _held(report).update(state=Report.State.FAILED, claimed_until=None)


def retry_report(*, actor: Actor, at: datetime, report: Report) -> None:
    """Puts a report that failed among those that wait once more."""
    with transaction.atomic():
        changed = Report.objects.filter(pk=report.pk, state=Report.State.FAILED).update(
            state=Report.State.PENDING, claimed_until=None, done=0, total=0, attempts=0
        )
        if not changed:
            raise ValidationError(NOT_FAILED)
        _enter(actor, at, "重新生成报告", report)


def open_report_file(*, actor: Actor, at: datetime, report: Report) -> bytes:
    """The issued file, opened; it is given out only if the trail entry could be written."""
    is_over = report.expires_at is not None and at >= report.expires_at
    if report.state == Report.State.EXPIRED or (report.state == Report.State.DONE and is_over):
        raise ValidationError(EXPIRED)
    if report.state != Report.State.DONE or report.file is None:
        raise ValidationError(NOT_ISSUED)
    with transaction.atomic():
        Report.objects.filter(pk=report.pk, fetched_at=None).update(fetched_at=at)
        _enter(actor, at, "下载", report, {"文件摘要": report.digest})
        return bytes(report.file)


def erase_expired(*, now: datetime) -> int:
    """Deletes the files whose time is over; how many. That they were issued, and their digest, is kept."""
    return Report.objects.expired(now).update(file=None, state=Report.State.EXPIRED)


def figures_mac(*, number: str, figures: ComplianceFigures | Sheet) -> str:
    """HMAC of the printed figures, bound to the number of the report; hexadecimal."""
    return hmac_hex(purpose=PURPOSE, text=f"{number}\n{figures.to_text()}")


def _held(report: Report) -> QuerySet[Report]:
    """The report, as long as the claim under which it was fetched holds."""
    return Report.objects.filter(pk=report.pk, state=Report.State.PENDING, attempts=report.attempts)


def _numbered(at: datetime, wanted: dict[str, object]) -> Report:
    """A new report with the next number of the year; two at once may reach for the same one."""
    prefix = f"BG-{timezone.localtime(at).year}-"
    for _ in range(MOST_NUMBERS_TRIED):
        last = (
            Report.objects.filter(number__startswith=prefix)
            .order_by("-pk")
            .values_list("number", flat=True)
            .first()
        )
        number = f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"
        try:
            with transaction.atomic():
                return Report.objects.create(number=number, token=uuid.uuid4(), requested_at=at, **wanted)
        except IntegrityError:
            continue
    raise ValidationError(NUMBERS_TAKEN)


def _enter(
    actor: Actor, at: datetime, action: str, report: Report, more: dict[str, object] | None = None
) -> None:
    detail: dict[str, object] = {
        "种类": report.get_kind_display(),
        "党组织": report.organisation.code if report.organisation else "",
        "会议": report.meeting.trail_name if report.meeting else "",
        "谈话": report.talk.code if report.talk else "",
        "格式": report.file_format,
        "年度": report.year,
        "起始日期": report.since.isoformat() if report.since else "",
        "截止日期": report.until.isoformat() if report.until else "",
        "数据截至": report.as_of.isoformat(),
        "带内容": "是" if report.with_content else "",
    }
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind=TARGET,
        target=report.number,
        detail={name: value for name, value in (detail | (more or {})).items() if value != ""},
    )
