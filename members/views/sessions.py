"""One's own sessions, each of which can be ended; and what was typed when one ended."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from members.models import SignedIn
from members.rules import kept_key
from members.services.sessions import end_other_sessions, end_session, open_form, throw_form_away
from members.views import account_of, actor_of
from members.views.limits import KEPT


@require_safe
def own_sessions_page(request: HttpRequest) -> HttpResponse:
    """Where one is signed in: the device, the network, since when, last seen."""
    account, now = account_of(request), timezone.now()
    rows = SignedIn.objects.filter(
        account=account,
        seen_at__gte=now - settings.SESSION_IDLE,
        since__gte=now - settings.SESSION_LONGEST,
    )
    context = {
        "rows": rows,
        "here": kept_key(str(request.session.session_key)),
        "minutes": settings.SESSION_IDLE // timedelta(minutes=1),
        "hours": settings.SESSION_LONGEST // timedelta(hours=1),
    }
    return render(request, "members/own_sessions.html", context)


@require_POST
def own_session_end_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one of them."""
    found = get_object_or_404(SignedIn, account=account_of(request), pk=pk)
    end_session(actor=actor_of(request), at=timezone.now(), signed_in=found)
    messages.success(request, f"已结束在“{found.device}”上的登录。")
    return redirect("own-sessions")


@require_POST
def own_sessions_end_page(request: HttpRequest) -> HttpResponse:
    """Ends all but this one."""
    number = end_other_sessions(
        actor=actor_of(request),
        at=timezone.now(),
        account=account_of(request),
        session_key=str(request.session.session_key),
    )
    messages.success(request, f"已结束其他{number}处登录。" if number else "没有其他登录。")
    return redirect("own-sessions")


@never_cache
@require_safe
def kept_form_page(request: HttpRequest) -> HttpResponse:
    """What one sent when the session was over, to be sent again."""
    sent = open_form(account=account_of(request), name=request.session.get(KEPT, ""), at=timezone.now())
    if sent is None:
        raise Http404
    return render(request, "members/kept_form.html", {"sent": sent})


@require_POST
def kept_form_drop_page(request: HttpRequest) -> HttpResponse:
    """One does not want it any more."""
    throw_form_away(name=request.session.pop(KEPT, ""))
    messages.success(request, "已放弃刚才填写的内容。")
    return redirect("workbench")
