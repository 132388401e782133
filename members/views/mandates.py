"""授权: granted and ended by 安全管理员 and, over their own organisation, by principals."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.forms.mandates import MandateForm, MandateSearchForm
from members.models import Account, MandateKind
from members.permissions import (
    grantable_kinds,
    grantable_organisations,
    holds_mandate,
    may_manage_mandates,
    resettable_accounts,
    revocable_mandates,
    visible_mandates,
)
from members.services import mandates as services
from members.views import account_of, actor_of
from members.views.confirmation import needs_step_up

PAGE = 25


@require_safe
def mandates_page(request: HttpRequest) -> HttpResponse:
    """The mandates one keeps, those in force first of all, 25 to a page."""
    account, today = account_of(request), timezone.localdate()
    _require_granter(account, today)
    search = MandateSearchForm(request.GET)
    rows = search.narrow(visible_mandates(account, today=today), today).select_related(
        "account", "organisation", "granted_by"
    )
    page = Paginator(rows.order_by("kind", "organisation__path", "since", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    shown = [row.pk for row in page.object_list]
    revocable = set(
        revocable_mandates(account, today=today).filter(pk__in=shown).values_list("pk", flat=True)
    )
    resettable: set[int] = set()
    if holds_mandate(account, MandateKind.SECURITY, today=today):
        holders = [row.account_id for row in page.object_list]
        found = resettable_accounts(account, today=today).filter(pk__in=holders)
        resettable = set(found.values_list("pk", flat=True))
    context = {
        "search": search,
        "page": page,
        "revocable": revocable,
        "resettable": resettable,
        "today": today,
    }
    return render(request, "members/mandates.html", context)


@needs_step_up
def mandate_grant_page(request: HttpRequest) -> HttpResponse:
    """Grants a mandate for a period."""
    account, today = account_of(request), timezone.localdate()
    _require_granter(account, today)
    form = MandateForm(
        request.POST or None,
        initial={"since": today},
        kinds=grantable_kinds(account, today=today),
        organisations=grantable_organisations(account, today=today),
        chooses=not holds_mandate(account, MandateKind.SECURITY, today=today),
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            mandate = services.grant_mandate(
                actor=actor_of(request),
                at=timezone.now(),
                account=data["account"],
                kind=MandateKind(data["kind"]),
                organisation=data["organisation"],
                since=data["since"],
                until=data["until"],
                granted_by=account,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, f"已授权{mandate.account.name}为{mandate.get_kind_display()}。")
            return redirect("mandates")
    return render(request, "members/mandates_grant.html", {"form": form})


@needs_step_up
def mandate_end_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, and ends a mandate from today on."""
    account, today = account_of(request), timezone.localdate()
    _require_granter(account, today)
    rows = revocable_mandates(account, today=today).select_related("account", "organisation")
    mandate = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        try:
            services.end_mandate(actor=actor_of(request), at=timezone.now(), mandate=mandate, on=today)
        except ValidationError as error:
            messages.warning(request, error.messages[0])
        else:
            messages.success(request, f"{mandate.account.name}的{mandate.get_kind_display()}授权已结束。")
        return redirect("mandates")
    return render(request, "members/mandates_end.html", {"mandate": mandate, "today": today})


def _require_granter(account: Account, today: date) -> None:
    if not may_manage_mandates(account, today=today):
        raise Http404
