"""审计: the trail as the auditor reads it, checks it, takes it away."""

from datetime import datetime
from io import BytesIO

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.figures.pages import UncountedPages
from members.models import Account
from members.views import account_of, actor_of
from members.views.confirmation import needs_step_up
from reports.figures.trail import chosen_entries, last_check, trail_lines, trail_rows, words_of
from reports.forms import TrailFilter
from reports.permissions import reads_trail, visible_trail_entries
from reports.rules.trail import TRAIL
from reports.services.trail import MOST_EXPORTED, check_trail, export_trail, read_trail
from talks.excel import write_workbook
from talks.views.duties import query_without_page
from talks.views.uploads import XLSX

PAGE = 25


@require_safe
def trail_page(request: HttpRequest) -> HttpResponse:
    """The entries, the newest first, 25 to a page; that they were looked at is an entry too."""
    account, now = _auditor(request)
    entries = visible_trail_entries(account, today=timezone.localdate(now))
    actions, kinds = words_of(entries)
    form = TrailFilter(request.GET, actions=actions, kinds=kinds)
    chosen = form.chosen()
    page = UncountedPages(chosen_entries(entries, chosen), PAGE).get_page(request.GET.get("page"))
    lines = trail_lines(list(page.object_list))
    read_trail(actor=actor_of(request), at=now, filters=chosen)
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "is_narrowed": any(chosen.values()),
        "check": last_check(),
        "most": MOST_EXPORTED,
        "query": query_without_page(request),
    }
    return render(request, "reports/trail.html", context)


@require_POST
def trail_check_page(request: HttpRequest) -> HttpResponse:
    """Proves the chain, and says what came of it."""
    _, now = _auditor(request)
    try:
        fault = check_trail(actor=actor_of(request), at=now)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        if fault:
            messages.error(request, f"审计记录不完整：{fault}。请保留数据库与登记文件，并立即报告。")
        else:
            messages.success(request, "审计记录完整，没有被修改、删除、插入或调换次序。")
    return redirect("trail")


@require_POST
@needs_step_up
def trail_export_page(request: HttpRequest) -> HttpResponseBase:
    """The entries that the filters leave as a workbook; it is entered before the file is made."""
    account, now = _auditor(request)
    today = timezone.localdate(now)
    entries = visible_trail_entries(account, today=today)
    chosen = TrailFilter(request.GET, actions=(), kinds=()).chosen()
    found = chosen_entries(entries, chosen)
    rows = list(trail_rows(found, MOST_EXPORTED))
    export_trail(actor=actor_of(request), at=now, filters=chosen, rows=len(rows))
    target = BytesIO()
    write_workbook([(TRAIL, TRAIL.columns, rows)], target)
    target.seek(0)
    name = f"审计记录{today:%Y%m%d}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX)


def _auditor(request: HttpRequest) -> tuple[Account, datetime]:
    """The auditor and the moment; 404 for everybody else."""
    account, now = account_of(request), timezone.now()
    if not reads_trail(account, today=timezone.localdate(now)):
        raise Http404
    return account, now
