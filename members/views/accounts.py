"""One's own account; the accounts that 系统管理员 and 党务管理员 look after."""

from datetime import date

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from members.forms.accounts import AccountForm, AccountSearchForm
from members.forms.sign_in import ChangePasswordForm
from members.models import Account, Affiliation, Mandate, MandateKind, Post
from members.permissions import (
    account_candidates,
    holds_mandate,
    manageable_accounts,
    may_manage_accounts,
    visible_accounts,
)
from members.services import accounts as services
from members.views import account_of, actor_of

PAGE = 25


def own_account_page(request: HttpRequest) -> HttpResponse:
    """Who am I: my posts, my mandates."""
    account, today = account_of(request), timezone.localdate()
    of_member = {"member": account.member_id}
    posts = Post.objects.in_force(today).filter(**of_member).select_related("organisation", "department")
    affiliation = (
        Affiliation.objects.in_force(today).filter(**of_member).select_related("organisation").first()
    )
    mandates = (
        Mandate.objects.in_force(today).filter(account=account).select_related("organisation", "granted_by")
    )
    context = {
        "account": account,
        "posts": posts if account.member_id else (),
        "affiliation": affiliation if account.member_id else None,
        "mandates": mandates,
    }
    return render(request, "members/own_account.html", context)


@never_cache
@sensitive_post_parameters("old", "new", "again")
def change_password_page(request: HttpRequest) -> HttpResponse:
    """A new password for oneself; other browsers in which one is signed in are out."""
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid():
        try:
            account = services.change_password(
                actor=actor_of(request),
                at=timezone.now(),
                account=account_of(request),
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            update_session_auth_hash(request, account)
            messages.success(request, "密码已修改，在其他设备上的登录已失效。")
            return redirect("own-account")
    return render(request, "members/own_account_password.html", {"form": form})


def accounts_page(request: HttpRequest) -> HttpResponse:
    """The accounts one looks after, 25 to a page."""
    account, today = account_of(request), timezone.localdate()
    _require_manager(account, today)
    search = AccountSearchForm(request.GET)
    rows = search.narrow(visible_accounts(account, today=today)).select_related("member")
    page = Paginator(rows.prefetch_related(_affiliations(today)), PAGE).get_page(request.GET.get("page"))
    context = {"search": search, "page": page, "now": timezone.now()}
    return render(request, "members/accounts.html", context)


def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, and what may be done with it."""
    account, today = account_of(request), timezone.localdate()
    _require_manager(account, today)
    rows = visible_accounts(account, today=today).select_related("member")
    shown = get_object_or_404(rows.prefetch_related(_affiliations(today)), pk=pk)
    context = {
        "shown": shown,
        "now": timezone.now(),
        "may_manage": manageable_accounts(account, today=today).filter(pk=pk).exists(),
    }
    return render(request, "members/accounts_one.html", context)


@never_cache
def account_open_page(request: HttpRequest) -> HttpResponse:
    """Opens an account; the answer is the sheet with the one-time code, which is shown this once."""
    account, today = account_of(request), timezone.localdate()
    _require_manager(account, today)
    form = AccountForm(
        request.POST or None,
        initial={"member_code": request.GET.get("member", "")},
        candidates=account_candidates(account, today=today),
        sees_roster=not holds_mandate(account, MandateKind.SYSTEM, today=today),
    )
    if form.is_valid():
        try:
            opened, code = services.open_account(
                actor=actor_of(request),
                at=timezone.now(),
                username=form.cleaned_data["username"],
                name=form.cleaned_data["name"],
                member=form.member,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return render(request, "members/accounts_code.html", {"shown": opened, "code": code})
    return render(request, "members/accounts_open.html", {"form": form})


@never_cache
@require_POST
def account_code_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time code for an account that nobody has opened yet."""
    shown = _manageable(request, pk)
    try:
        code = services.renew_code(actor=actor_of(request), at=timezone.now(), account=shown)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("account", pk=pk)
    shown.refresh_from_db()
    return render(request, "members/accounts_code.html", {"shown": shown, "code": code})


def account_deactivate_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, and takes an account out of use."""
    shown = _manageable(request, pk)
    if request.method == "POST":
        services.deactivate_account(actor=actor_of(request), at=timezone.now(), account=shown)
        messages.success(request, f"{shown.name}的账号已停用。")
        return redirect("account", pk=pk)
    return render(request, "members/accounts_deactivate.html", {"shown": shown})


@require_POST
def account_activate_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts an account into use again."""
    shown = _manageable(request, pk)
    services.activate_account(actor=actor_of(request), at=timezone.now(), account=shown)
    messages.success(request, f"{shown.name}的账号已恢复使用。")
    return redirect("account", pk=pk)


def _require_manager(account: Account, today: date) -> None:
    if not may_manage_accounts(account, today=today):
        raise Http404


def _manageable(request: HttpRequest, pk: int) -> Account:
    account, today = account_of(request), timezone.localdate()
    _require_manager(account, today)
    return get_object_or_404(manageable_accounts(account, today=today), pk=pk)


def _affiliations(today: date) -> "Prefetch[str, QuerySet[Affiliation], str]":
    """The affiliation in force of each account's member, as `current_affiliations`."""
    rows = Affiliation.objects.in_force(today).select_related("organisation")
    return Prefetch("member__affiliations", queryset=rows, to_attr="current_affiliations")
