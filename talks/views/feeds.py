"""日历订阅: one's own secret address, and what a calendar program fetches from it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.models import Account
from members.views import account_of, actor_of, address_of
from talks.models import CalendarFeed
from talks.services.feeds import fetch_feed, renew_feed, revoke_feed


@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """Whether one has an address, since when, and when it was last used."""
    account = _member_of(request)
    context = {"feed": CalendarFeed.objects.filter(account=account).first(), "address": ""}
    return render(request, "talks/calendar_feed.html", context)


@require_POST
def calendar_feed_renew(request: HttpRequest) -> HttpResponse:
    """A new address, shown this once."""
    account = _member_of(request)
    secret = renew_feed(actor=actor_of(request), at=timezone.now(), account=account)
    context = {
        "feed": CalendarFeed.objects.get(account=account),
        "address": settings.PUBLIC_URL + reverse("calendar-file", args=[secret]),
    }
    return render(request, "talks/calendar_feed.html", context)


@require_POST
def calendar_feed_revoke(request: HttpRequest) -> HttpResponse:
    """Ends the address."""
    account = _member_of(request)
    revoke_feed(actor=actor_of(request), at=timezone.now(), account=account)
    messages.success(request, "已停用日历订阅，原来的地址不能再读取。")
    return redirect("calendar-feed")


@login_not_required
@require_safe
def calendar_file(request: HttpRequest, secret: str) -> HttpResponse:
    """The file itself; who knows the secret need not sign in."""
    written = fetch_feed(
        secret=secret,
        at=timezone.now(),
        today=timezone.localdate(),
        address=address_of(request),
    )
    if written is None:
        raise Http404
    return HttpResponse(written, content_type="text/calendar; charset=utf-8")


def _member_of(request: HttpRequest) -> Account:
    """The account, where it is a member's: others have no talks of their own, and get 404."""
    account = account_of(request)
    if not account.member_id:
        raise Http404
    return account
