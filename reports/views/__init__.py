"""Screens of reports: what was asked for, how far it is, its figures and its file; is a paper genuine?"""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from members.models import Account
from members.views import account_of, actor_of
from members.views.confirmation import ask_again
from reports import services
from reports.figures import ComplianceFigures
from reports.forms import PaperForm
from reports.models import Report
from reports.permissions import export_approvers, visible_reports
from reports.rules import MAC_PRINTED
from reports.rules.documents import CONTENT_TYPES, Format
from reports.services.approvals import note_answer_read

PAGE = 25
NO_APPROVER = "本级或上级的另一位主要负责同志（目前没有）"
FILE_NAME = "{title}（{period}）{number}.{ending}"


@never_cache
@require_safe
def report_page(request: HttpRequest, number: str) -> HttpResponse:
    """One report: how far it is, or its figures. htmx asks for the progress alone, until there is none."""
    report = _mine(request, number)
    waiting = report.state == Report.State.PENDING
    if request.headers.get("HX-Request"):
        if waiting:
            return render(request, "reports/_progress.html", {"report": report})
        return HttpResponse(headers={"HX-Refresh": "true"})
    figures = _told(report)
    overdue = Paginator(figures.overdue, PAGE).get_page(request.GET.get("page")) if figures else None
    context = {
        "report": report,
        "figures": figures,
        "overdue": overdue,
        "approvers": _approvers(account_of(request), report),
    }
    note_answer_read(at=timezone.now(), account=account_of(request), report=report)
    return render(request, "reports/report.html", context)


@never_cache
@require_safe
def report_file_page(request: HttpRequest, number: str) -> HttpResponse:
    """The file, to be kept; the download goes into the trail. What is sealed goes to who proved who he is."""
    report = _mine(request, number)
    if report.with_content and (asked := ask_again(request)):
        return asked
    try:
        file = services.open_report_file(actor=actor_of(request), at=timezone.now(), report=report)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("report", number=number)
    name = FILE_NAME.format(
        title=report.title, period=report.period, number=report.number, ending=report.file_format
    )
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        file,
        content_type=CONTENT_TYPES[Format(report.file_format)],
        headers={"Content-Disposition": disposition or ""},
    )


@require_POST
def report_retry_page(request: HttpRequest, number: str) -> HttpResponse:
    """Puts a report that failed in the queue once more."""
    report = _mine(request, number)
    try:
        services.retry_report(actor=actor_of(request), at=timezone.now(), report=report)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("report", number=number)


@login_not_required
@never_cache
@require_safe
def verify_page(request: HttpRequest, token: uuid.UUID, mac: str) -> HttpResponse:
    """Whether a paper is what the system issued. Open to whoever holds it, and tells only what is on it.

    The figures themselves are not shown: who holds the paper types them, and hears whether they are the same.
    """
    report = Report.objects.issued().select_related("organisation", "meeting").filter(token=token).first()
    expected = report.figures_mac[:MAC_PRINTED] if report else ""
    if report is None or not constant_time_compare(expected, mac):
        return render(request, "reports/verify.html", {"report": None}, status=404)
    form = PaperForm(request.GET or None)
    agrees, figures = None, _told(report)
    if figures and form.is_valid():
        total = figures.total
        agrees = form.cleaned_data == {"owed": total.owed, "met": total.met, "overdue": total.overdue}
    return render(
        request,
        "reports/verify.html",
        {"report": report, "form": form if figures else None, "agrees": agrees},
    )


def _approvers(account: Account, report: Report) -> str:
    """Who may approve it, in words; empty where it waits for nobody."""
    if report.state != Report.State.ASKED:
        return ""
    found = export_approvers(account, report.approval.organisation, today=timezone.localdate())
    return "或".join(member.name for member in found) or NO_APPROVER


def _mine(request: HttpRequest, number: str) -> Report:
    """A report that one may see, or 404."""
    mine = visible_reports(account_of(request), today=timezone.localdate())
    return get_object_or_404(mine.select_related("organisation", "meeting", "talk"), number=number)


def _told(report: Report) -> ComplianceFigures | None:
    """The figures that stand on the page, as on the paper; only a compliance report has them."""
    return ComplianceFigures.from_text(report.figures) if report.figures else None
