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
from django.db.models import F, QuerySet
from django.utils import timezone

from branches.models import Organisation
from members.models import Account
from members.permissions import reported_organisations
from reports.figures import ComplianceFigures
from reports.models import Report
from vault.services import Actor, enter_trail, hmac_hex

logger = logging.getLogger(__name__)

NOT_REPORTED = "您没有查看该党组织数据的权限，请选择其他党组织。"
AS_OF_IN_FUTURE = "数据截至日期不能晚于今天。"
TOO_MANY = "该党组织及其所属党组织超过{most}个，请选择下级党组织，分别生成报告。"
NOT_ISSUED = "报告尚未生成，请稍候。"
NOT_FAILED = "报告没有出错，不需要重新生成。"
NUMBERS_TAKEN = "同时申请报告的人较多，请稍后再试。"

MOST_ATTEMPTS = 3
# Paper for more is read by nobody, and WeasyPrint keeps all of it in memory.
MOST_ORGANISATIONS = 500
MOST_NUMBERS_TRIED = 20
PURPOSE = "report figures"
TARGET = "报告"


def ask_for_report(
    *,
    actor: Actor,
    at: datetime,
    today: date,
    account: Account | None,
    organisation: Organisation,
    year: int,
    as_of: date,
    kind: str = Report.Kind.COMPLIANCE,
) -> Report:
    """Puts a report among those that wait, and gives it its number.

    The same report that the account already waits for is given back instead. `account` is None for the
    command line, which may ask for any organisation and for a day to come (what would be overdue then).
    Refuses, for an account, an organisation whose figures it may not have, and a day after today; for all,
    an organisation with more than MOST_ORGANISATIONS.
    """
    if account is not None:
        if not reported_organisations(account, today=today).filter(pk=organisation.pk).exists():
            raise ValidationError(NOT_REPORTED)
        if as_of > today:
            raise ValidationError(AS_OF_IN_FUTURE)
    if Organisation.objects.below(organisation).count() > MOST_ORGANISATIONS:
        raise ValidationError(TOO_MANY.format(most=MOST_ORGANISATIONS))
    wanted = {
        "kind": kind,
        "organisation": organisation,
        "year": year,
        "as_of": as_of,
        "requested_by": account,
    }
    waiting = Report.objects.filter(state=Report.State.PENDING, **wanted).first() if account else None
    if waiting is not None:
        return waiting
    with transaction.atomic():
        report = _numbered(at, wanted)
        _enter(actor, at, "申请报告", report)
    return report


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
    return Report.objects.select_related("organisation", "requested_by").get(pk=pk)


def renew_claim(*, report: Report, now: datetime) -> bool:
    """Holds the claimed report for another settings.CLAIM; False where the claim is lost."""
    return bool(_held(report).update(claimed_until=now + settings.CLAIM))


def note_progress(*, report: Report, done: int, total: int) -> bool:
    """Writes how far the claimed report has come; False where the claim is lost."""
    return bool(_held(report).update(done=done, total=total))


def issue_report(*, report: Report, at: datetime, figures: ComplianceFigures, mac: str, file: bytes) -> bool:
    """Stores the rendered file, sealed; False, and nothing stored, where the claim is lost."""
    with transaction.atomic():
        held = _held(report).select_for_update().first()
        if held is None:
            logger.warning("report %s was rendered under a claim that had lapsed", report.number)
            return False
        held.file = file
        held.figures = figures.to_text()
        held.digest = sha256(file).hexdigest()
        held.figures_mac = mac
        held.issued_at = at
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
    if report.state != Report.State.DONE or report.file is None:
        raise ValidationError(NOT_ISSUED)
    with transaction.atomic():
        _enter(actor, at, "下载", report)
        return bytes(report.file)


def figures_mac(*, number: str, figures: ComplianceFigures) -> str:
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


def _enter(actor: Actor, at: datetime, action: str, report: Report) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind=TARGET,
        target=report.number,
        detail={
            "种类": report.get_kind_display(),
            "党组织": report.organisation.code,
            "年度": report.year,
            "数据截至": report.as_of.isoformat(),
        },
    )
