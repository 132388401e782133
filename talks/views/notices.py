"""提醒: the list, read and unread, and 提醒设置."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from members.views import account_of, actor_of
from talks.figures.disclosures import disclosure_notice_lines, unread_disclosures
from talks.figures.notices import listed_notices, notice_lines, troubled_delivery, unread_count
from talks.figures.requests import request_notice_lines, unread_requests
from talks.forms.notices import SHOWN, NoticePreferenceForm
from talks.models import Notice
from talks.permissions import visible_deliveries
from talks.services.disclosures import read_disclosure_notices
from talks.services.notices import choose_delivery, read_notices
from talks.services.request_notices import read_request_notices
from talks.views.duties import ROWS

LAST_DELIVERIES = 10
ON_CONSOLE = "django.core.mail.backends.console.EmailBackend"


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """One's notices, 25 rows to a page, unread ones first."""
    today = timezone.localdate()
    account = account_of(request)
    asked = request.GET.get("show", "")
    shown = asked if asked in dict(SHOWN) else ""
    page = Paginator(listed_notices(account, today=today, shown=shown), ROWS).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "lines": notice_lines(account, list(page.object_list), today=today),
        "shown": shown,
        "choices": SHOWN,
        "requests": request_notice_lines(account, today=today, most=ROWS, shown=shown),
        "disclosures": disclosure_notice_lines(account, today=today, most=ROWS, shown=shown),
        "number": unread_count(account, today)
        + unread_requests(account, today=today)
        + unread_disclosures(account, today=today),
        "troubled": troubled_delivery(account, today),
        "query": f"show={shown}" if shown else "",
        "here": request.get_full_path(),
    }
    return render(request, "talks/notices.html", context)


@require_POST
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks one notice as read, and those of the same duty before it."""
    account = account_of(request)
    notice = get_object_or_404(Notice.objects.of(account), pk=pk)
    read_notices(account=account, at=timezone.now(), notice=notice.pk)
    return redirect(_back(request))


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Marks all notices as read."""
    account, now = account_of(request), timezone.now()
    read_notices(account=account, at=now)
    read_request_notices(account=account, at=now)
    read_disclosure_notices(account=account, at=now)
    messages.success(request, "提醒已全部标为已读。")
    return redirect("notices")


def notice_preference(request: HttpRequest) -> HttpResponse:
    """How one wants to be told outside the system, and what became of the last messages."""
    account, today = account_of(request), timezone.localdate()
    form = NoticePreferenceForm(request.POST or None, account=account, hosts=settings.WEBHOOK_HOSTS)
    if form.is_valid():
        choose_delivery(
            actor=actor_of(request),
            at=timezone.now(),
            account=account,
            email=form.cleaned_data["email"],
            at_once=bool(form.cleaned_data["at_once"]),
            hour=form.cleaned_data["hour"],
            webhook=form.chosen_webhook(),
            hosts=settings.WEBHOOK_HOSTS,
        )
        messages.success(request, "已保存提醒设置。")
        return redirect("notice-preference")
    context = {
        "form": form,
        "on_console": settings.EMAIL_BACKEND == ON_CONSOLE,
        "deliveries": visible_deliveries(account, today=today)[:LAST_DELIVERIES],
    }
    return render(request, "talks/notice_preference.html", context)


def _back(request: HttpRequest) -> str:
    """The page of the list from which it was asked, if it is one of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Whatever has no slash in front would be taken for the name of a view.
    return target if is_ours and target.startswith("/") else reverse("notices")
