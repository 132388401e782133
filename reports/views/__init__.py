"""Screens of reports: what was asked for, how far it is, its figures and its file; is a paper genuine?"""

import uuid
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from members.models import Account
from members.permissions import reported_organisations
from members.views import account_of, actor_of
from reports import services
from reports.figures import ComplianceFigures
from reports.forms import PaperForm, ReportForm
from reports.models import Report
from reports.permissions import visible_reports
from reports.rules import MAC_PRINTED

PAGE = 25
FILE_NAME = "{organisation}谈心谈话合规报告（{year}年度）{number}.pdf"


def reports_page(request: HttpRequest) -> HttpResponse:
    """One's reports, the newest first, and the form for another."""
    account, today = account_of(request), timezone.localdate()
    return _list(request, account, today, _form(account, today, None))


def report_ask_page(request: HttpRequest) -> HttpResponse:
    """Asks for a report; the answer is its page, which shows how far it is."""
    account, today = account_of(request), timezone.localdate()
    form = _form(account, today, request.POST or None)
    if form.is_valid():
        try:
            report = services.ask_for_report(
                actor=actor_of(request), at=timezone.now(), today=today, account=account, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("report", number=report.number)
    return _list(request, account, today, form)


@never_cache
def report_page(request: HttpRequest, number: str) -> HttpResponse:
    """One report: how far it is, or its figures. htmx asks for the progress alone, until there is none."""
    report = _mine(request, number)
    waiting = report.state == Report.State.PENDING
    if request.headers.get("HX-Request"):
        if waiting:
            return render(request, "reports/_progress.html", {"report": report})
        return HttpResponse(headers={"HX-Refresh": "true"})
    figures = ComplianceFigures.from_text(report.figures) if report.state == Report.State.DONE else None
    overdue = Paginator(figures.overdue, PAGE).get_page(request.GET.get("page")) if figures else None
    return render(request, "reports/report.html", {"report": report, "figures": figures, "overdue": overdue})


@never_cache
def report_file_page(request: HttpRequest, number: str) -> HttpResponse:
    """The PDF, to be kept; the download goes into the trail."""
    report = _mine(request, number)
    try:
        file = services.open_report_file(actor=actor_of(request), at=timezone.now(), report=report)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("report", number=number)
    name = FILE_NAME.format(organisation=report.organisation.name, year=report.year, number=report.number)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        file, content_type="application/pdf", headers={"Content-Disposition": disposition or ""}
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
def verify_page(request: HttpRequest, token: uuid.UUID, mac: str) -> HttpResponse:
    """Whether a paper is what the system issued. Open to whoever holds it, and tells only what is on it.

    The figures themselves are not shown: who holds the paper types them, and hears whether they are the same.
    """
    report = (
        Report.objects.select_related("organisation").filter(token=token, state=Report.State.DONE).first()
    )
    expected = report.figures_mac[:MAC_PRINTED] if report else ""
    if report is None or not constant_time_compare(expected, mac):
        return render(request, "reports/verify.html", {"report": None}, status=404)
    form = PaperForm(request.GET or None)
    agrees = None
    if form.is_valid():
        total = ComplianceFigures.from_text(report.figures).total
        agrees = form.cleaned_data == {"owed": total.owed, "met": total.met, "overdue": total.overdue}
    return render(request, "reports/verify.html", {"report": report, "form": form, "agrees": agrees})


def _mine(request: HttpRequest, number: str) -> Report:
    """A report that one may see, or 404."""
    mine = visible_reports(account_of(request), today=timezone.localdate())
    return get_object_or_404(mine.select_related("organisation"), number=number)


def _form(account: Account, today: date, data: object) -> ReportForm:
    """The form for a report; 404 for those who may have figures of nothing."""
    organisations = reported_organisations(account, today=today)
    if not organisations.exists():
        raise Http404
    return ReportForm(data, organisations=organisations, today=today)


def _list(request: HttpRequest, account: Account, today: date, form: ReportForm) -> HttpResponse:
    rows = visible_reports(account, today=today).select_related("organisation").defer("file", "figures")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/reports.html", {"form": form, "page": page})
