"""批量导出 that wait for a second person: the list, one of them, the answer."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from members.models import Account
from members.permissions import approvable_organisations
from members.views import account_of, actor_of
from members.views.confirmation import needs_step_up
from reports.models import Approval
from reports.permissions import asked_approvals, overseen_approvals, visible_approvals
from reports.services.approvals import approve_export, decline_export, read_approval_reason

PAGE = 25
MOST_TOLD = 5
NOT_APPROVED = (Approval.Outcome.DECLINED, Approval.Outcome.LAPSED)
PARTS = ("report__organisation", "report__meeting__organisation", "report__talk", "asked_by", "organisation")
UNREAD = ("reason", "report__file", "report__figures")


@dataclass(frozen=True, slots=True)
class ExportLine:
    """What is said of bulk exports on the first screen and above one's reports."""

    title: str
    says: str
    url: str
    verb: str


def exports_told(account: Account, now: datetime) -> list[ExportLine]:
    """Those that wait for the account's decision; its own that were not approved, each until it is read."""
    waiting = overseen_approvals(account, today=now.date()).waiting(now).count()
    lines = []
    if waiting:
        title = f"{waiting}项批量导出待您审批"
        lines.append(ExportLine(title, "批准后文书才生成，您看不到内容。", reverse("approvals"), "审批"))
    answered = asked_approvals(account).filter(told_at=None)
    answered = answered.filter(outcome__in=NOT_APPROVED).select_related(
        "report__organisation", "report__talk"
    )
    for row in answered.defer(*UNREAD)[:MOST_TOLD]:
        url = reverse("report", args=[row.report.number])
        says = "文书没有生成，需要时可以缩小范围重新申请。"
        title = f"{row.report.title}的批量导出{row.get_outcome_display()}"
        lines.append(ExportLine(title, says, url, "查看"))
    return lines


@require_safe
def approvals_page(request: HttpRequest) -> HttpResponse:
    """Those that wait for one's decision, the oldest first, 25 to a page."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    if not approvable_organisations(account, today=today).exists():
        raise Http404
    waiting = overseen_approvals(account, today=today).waiting(now).order_by("asked_at", "pk")
    rows = waiting.select_related(*PARTS).defer(*UNREAD)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/approvals.html", {"page": page})


@never_cache
@require_safe
def approval_page(request: HttpRequest, number: str) -> HttpResponse:
    """One of them: who asked, for what, how much, why (whose reading is in the trail)."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    rows = visible_approvals(account, today=today).select_related(*PARTS, "decided_by")
    found = get_object_or_404(rows.defer("report__file", "report__figures"), report__number=number)
    reason = read_approval_reason(actor=actor_of(request), at=now, approval=found)
    decidable = overseen_approvals(account, today=today).waiting(now)
    context = {"approval": found, "reason": reason, "may_decide": decidable.filter(pk=found.pk).exists()}
    return render(request, "reports/approval.html", context)


@require_POST
@needs_step_up
def approval_approve_page(request: HttpRequest, number: str) -> HttpResponse:
    """Approves: the document is made for who asked."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(overseen_approvals(account, today=today), report__number=number)
    try:
        approve_export(actor=actor_of(request), at=now, account=account, approval=found, today=today)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "已批准，文书开始为申请人生成。")
    return redirect("approvals")


@require_POST
def approval_decline_page(request: HttpRequest, number: str) -> HttpResponse:
    """Declines: nothing is made."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(overseen_approvals(account, today=today), report__number=number)
    try:
        decline_export(actor=actor_of(request), at=now, account=account, approval=found, today=today)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "不予批准，文书没有生成，申请人会看到结果。")
    return redirect("approvals")
