"""批量导出: a document with the texts of many talks is made only once a second person approved it.

Each step is a conditional UPDATE of one row that is locked, and the rights are asked again under the lock.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from branches.models import Organisation
from members.models import Account
from reports.models import Approval, Report
from reports.permissions import export_approvers, overseen_approvals, visible_reports
from vault.services import Actor, enter_trail

REASON_MISSING = (
    "这份文书列出{talks}次谈话的内容，请填写申请理由，由未申请的本级或上级主要负责同志批准后生成；"
    "也可以选择不列出内容，或者缩小范围。"
)
NO_APPROVER = (
    "这份文书列出{talks}次谈话的内容，须由另一位主要负责同志批准，目前没有可以批准的同志；请缩小范围。"
)
NOT_YOURS = "批量导出不能由申请人自己批准，只能由本级或上级的主要负责同志批准。"
ASKER_HAS_LEFT = "申请人已经没有查看这些内容的权限，不能批准。"
TOO_LATE = "这项申请刚才已由他人办理，或者已经失效，本次操作没有生效，请核对最新情况。"


def begin_approval(
    *,
    actor: Actor,
    at: datetime,
    today: date,
    account: Account,
    report: Report,
    organisation: Organisation,
    talks: int,
    reason: str,
) -> Approval:
    """Asks for the approval of a report that waits for it; in the transaction that makes the report.

    Refuses with ValidationError a missing reason, and where nobody could approve.
    """
    if not reason.strip():
        raise ValidationError({"reason": REASON_MISSING.format(talks=talks)})
    if not export_approvers(account, organisation, today=today).exists():
        raise ValidationError(NO_APPROVER.format(talks=talks))
    approval = Approval(
        report=report,
        organisation=organisation,
        talks=talks,
        reason=reason.strip(),
        asked_by=account,
        asked_at=at,
    )
    approval.save(force_insert=True)
    _enter(actor, at, "申请批量导出", approval)
    return approval


@transaction.atomic
def approve_export(*, actor: Actor, at: datetime, account: Account, approval: Approval, today: date) -> None:
    """Lets the report be made.

    Refuses with ValidationError who asked, who does not lead O or above, what waits no more, and where who
    asked has lost the right to it since.
    """
    locked = _decidable(account, approval, today)
    asker = Account.objects.get(pk=locked.asked_by_id)
    if not visible_reports(asker, today=today).filter(pk=locked.report_id).exists():
        raise ValidationError(ASKER_HAS_LEFT)
    _decide(at, account, locked, Approval.Outcome.APPROVED, Report.State.PENDING)
    _enter(actor, at, "批准批量导出", locked)


@transaction.atomic
def decline_export(*, actor: Actor, at: datetime, account: Account, approval: Approval, today: date) -> None:
    """Leaves the report unmade; refuses as `approve_export`."""
    locked = _decidable(account, approval, today)
    _decide(at, account, locked, Approval.Outcome.DECLINED, Report.State.DECLINED)
    _enter(actor, at, "不予批准批量导出", locked)


def lapse_approvals(*, now: datetime) -> int:
    """Ends the requests that nobody decided in time; how many. Run again, or twice at once, it ends none."""
    lapsed = 0
    for approval in Approval.objects.void(now).select_related("report", "organisation").defer("reason"):
        with transaction.atomic():
            void = Approval.objects.void(now).filter(pk=approval.pk)
            if void.update(outcome=Approval.Outcome.LAPSED, decided_at=now):
                asked = Report.objects.filter(pk=approval.report_id, state=Report.State.ASKED)
                asked.update(state=Report.State.LAPSED)
                _enter(Actor("system", ""), now, "批量导出申请失效", approval)
                lapsed += 1
    return lapsed


@transaction.atomic
def read_approval_reason(*, actor: Actor, at: datetime, approval: Approval) -> str:
    """The sealed reason; it is given only where the trail could be written."""
    _enter(actor, at, "查看批量导出理由", approval)
    return approval.reason


@transaction.atomic
def note_answer_read(*, at: datetime, account: Account, report: Report) -> None:
    """That who asked has seen the answer. Not in the trail: a note to oneself."""
    decided = Approval.objects.filter(report=report, asked_by=account, told_at=None).exclude(outcome="")
    decided.update(told_at=at)


def _decidable(account: Account, approval: Approval, today: date) -> Approval:
    """The row as it stands now, locked until the transaction ends, if the account may decide it."""
    rows = Approval.objects.select_for_update(of=("self",)).select_related("report", "organisation")
    locked = rows.get(pk=approval.pk)
    if not overseen_approvals(account, today=today).filter(pk=locked.pk).exists():
        raise ValidationError(NOT_YOURS)
    return locked


def _decide(
    at: datetime, account: Account, approval: Approval, outcome: Approval.Outcome, state: Report.State
) -> None:
    waiting = Approval.objects.filter(pk=approval.pk).waiting(at)
    if not waiting.update(outcome=outcome, decided_by=account, decided_at=at):
        raise ValidationError(TOO_LATE, code="stale")
    Report.objects.filter(pk=approval.report_id, state=Report.State.ASKED).update(state=state)


def _enter(actor: Actor, at: datetime, action: str, approval: Approval) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="报告",
        target=approval.report.number,
        detail={
            "种类": approval.report.get_kind_display(),
            "党组织": approval.organisation.code,
            "谈话次数": approval.talks,
        },
    )
