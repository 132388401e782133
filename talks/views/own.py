"""我的: one's own talks, opinions, requests and data; and who has read one's records."""

from io import BytesIO

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.models import Account
from members.views import account_of, actor_of
from members.views.confirmation import needs_step_up
from talks.excel import write_workbook
from talks.figures.disclosures import unread_disclosures
from talks.figures.notices import unread_count
from talks.figures.own import own_opinions, own_talks, reading_lines, readings_of
from talks.figures.requests import listed_requests, request_lines, unread_requests
from talks.services.own import read_own_opinions, take_own_data
from talks.views.duties import ROWS
from talks.views.talks import line_of
from talks.views.uploads import XLSX

SHOWN = 5


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What concerns oneself, at a glance: talks, requests, notices, opinions, data."""
    account, today = _member_account(request), timezone.localdate()
    made = listed_requests(account, today=today).filter(requester=account.member_id)[:SHOWN]
    context = {
        "account": account,
        "talks": [line_of(talk, account) for talk in own_talks(account)[:SHOWN]],
        "requests": request_lines(account, list(made), today=today),
        "opinions": own_opinions(account, today=today).count(),
        "readings": readings_of(account).count(),
        "unread": unread_count(account, today)
        + unread_requests(account, today=today)
        + unread_disclosures(account, today=today),
    }
    return render(request, "talks/own.html", context)


@require_safe
def own_opinions_page(request: HttpRequest) -> HttpResponse:
    """What one suggested and what has become of it, 25 to a page; reading it is in the trail."""
    account, today = _member_account(request), timezone.localdate()
    page = Paginator(own_opinions(account, today=today), ROWS).get_page(request.GET.get("page"))
    shown = own_opinions(account, today=today).filter(pk__in=[row.pk for row in page.object_list])
    lines = read_own_opinions(actor=actor_of(request), at=timezone.now(), opinions=shown, today=today)
    return render(request, "talks/own_opinions.html", {"page": page, "lines": lines, "query": ""})


@require_safe
def own_readings(request: HttpRequest) -> HttpResponse:
    """Who has read one's records and when, 25 rows to a page."""
    account = _member_account(request)
    page = Paginator(readings_of(account), ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "lines": reading_lines(list(page.object_list)), "query": ""}
    return render(request, "talks/own_readings.html", context)


@require_POST
@needs_step_up
def own_data(request: HttpRequest) -> HttpResponseBase:
    """One's own data as a workbook."""
    account, now = _member_account(request), timezone.now()
    today = timezone.localdate(now)
    sheets = take_own_data(actor=actor_of(request), at=now, account=account, today=today)
    target = BytesIO()
    write_workbook([(form, form.columns, rows) for form, rows in sheets], target)
    target.seek(0)
    name = f"{account.name}本人数据{today:%Y%m%d}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX)


def _member_account(request: HttpRequest) -> Account:
    account = account_of(request)
    if not account.member_id:
        raise Http404
    return account
