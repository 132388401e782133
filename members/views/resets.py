"""口令重置: asked for on the page of an account, approved by another; each is shown half of the code once."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.forms.resets import ResetForm
from members.permissions import (
    decidable_resets,
    may_manage_mandates,
    resettable_accounts,
    visible_accounts,
)
from members.permissions.second_factor import has_second_factor
from members.services.resets import approve_reset, ask_reset, decline_reset
from members.views import account_of, actor_of
from members.views.confirmation import needs_step_up

PAGE = 25


@needs_step_up
def account_reset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, and asks for a reset; the answer is the first half of the code, shown this once."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    shown = get_object_or_404(resettable_accounts(account, today=today), pk=pk)
    form = ResetForm(request.POST if request.method == "POST" else None, has_factor=has_second_factor(shown))
    known = visible_accounts(account, today=today).filter(pk=pk).exists()
    back = reverse("account", args=[pk]) if known else reverse("mandates")
    if not form.is_valid():
        return render(request, "members/resets_ask.html", {"form": form, "shown": shown, "back": back})
    try:
        half = ask_reset(
            actor=actor_of(request),
            at=now,
            account=account,
            owner=shown,
            today=today,
            with_factor=form.cleaned_data.get("with_factor", False),
        )
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(back)
    return render(request, "members/resets_half.html", {"shown": shown, "half": half, "is_first": True})


@require_safe
def resets_page(request: HttpRequest) -> HttpResponse:
    """Those that wait for one's decision, the oldest first, 25 to a page."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    if not may_manage_mandates(account, today=today):
        raise Http404
    waiting = decidable_resets(account, today=today).waiting(now).order_by("asked_at", "pk")
    rows = waiting.select_related("account__member", "asked_by").defer("half")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "members/resets.html", {"page": page})


@require_POST
@needs_step_up
def reset_approve_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves; the answer is the second half of the code, shown this once."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    rows = decidable_resets(account, today=today).select_related("account")
    found = get_object_or_404(rows, pk=pk)
    try:
        half = approve_reset(actor=actor_of(request), at=now, account=account, reset=found, today=today)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("resets")
    return render(
        request, "members/resets_half.html", {"shown": found.account, "half": half, "is_first": False}
    )


@require_POST
def reset_decline_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Leaves the password as it is."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(decidable_resets(account, today=today), pk=pk)
    try:
        decline_reset(actor=actor_of(request), at=now, account=account, reset=found, today=today)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "不予重置，原密码照常使用。")
    return redirect("resets")
