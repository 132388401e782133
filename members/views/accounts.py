"""One's own account; the accounts that 系统管理员 and 党务管理员 look after."""

from datetime import date

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from members.figures.rosters import account_pages, current_affiliations
from members.forms.accounts import NOBODY_WAITS, AccountForm, AccountSearchForm, BranchAccountsForm
from members.forms.sign_in import ChangePasswordForm
from members.models import Account, Affiliation, Mandate, MandateKind, Post, SecondFactor
from members.permissions import (
    account_candidates,
    holds_mandate,
    kept_affiliations,
    lists_many,
    manageable_accounts,
    may_manage_accounts,
    own_resets,
    resettable_accounts,
    staff_organisations,
    visible_accounts,
)
from members.permissions.second_factor import must_have_second_factor
from members.services import accounts as services
from members.services.second_factor import codes_left
from members.services.sessions import end_other_sessions
from members.views import account_of, actor_of
from members.views.limits import see_again

PAGE = 25
LAST_RESETS = 5
# Each one-time code is hashed with care: fifty take some seconds.
AT_ONCE = 50


@require_safe
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
        "factor": SecondFactor.objects.filter(account=account).defer("key").first(),
        "codes_left": codes_left(account=account),
        "is_required": must_have_second_factor(account, today=today),
        "resets": own_resets(account).select_related("asked_by", "decided_by").defer("half")[:LAST_RESETS],
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
            end_other_sessions(
                actor=actor_of(request),
                at=timezone.now(),
                account=account,
                session_key=str(request.session.session_key),
            )
            update_session_auth_hash(request, account)
            see_again(request, timezone.now())
            messages.success(request, "密码已修改，在其他设备上的登录已失效。")
            return redirect("own-account")
    return render(request, "members/own_account_password.html", {"form": form})


@require_safe
def accounts_page(request: HttpRequest) -> HttpResponse:
    """The accounts one looks after, by organisation, 25 to a page."""
    account, today = account_of(request), timezone.localdate()
    _require_manager(account, today)
    search = AccountSearchForm(request.GET)
    pages = account_pages(account, search.narrow, is_named=search.is_named, size=PAGE, today=today)
    context = {
        "search": search,
        "page": pages.get_page(request.GET.get("page")),
        "now": timezone.now(),
        "opens_many": staff_organisations(account, today=today).exists(),
    }
    return render(request, "members/accounts.html", context)


@require_safe
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, and what may be done with it."""
    account, today = account_of(request), timezone.localdate()
    _require_manager(account, today)
    rows = visible_accounts(account, today=today).select_related("member")
    here = current_affiliations("member__affiliations", today=today)
    shown = get_object_or_404(rows.prefetch_related(here), pk=pk)
    context = {
        "shown": shown,
        "now": timezone.now(),
        "may_manage": manageable_accounts(account, today=today).filter(pk=pk).exists(),
        "may_reset": resettable_accounts(account, today=today).filter(pk=pk).exists(),
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
def account_open_branch_page(request: HttpRequest) -> HttpResponse:
    """Opens accounts for those of one organisation who have none; the answer is their slips, shown once."""
    account, today = account_of(request), timezone.localdate()
    staff = staff_organisations(account, today=today)
    if not staff.exists():
        raise Http404
    there = kept_affiliations(account, today=today).filter(member__account=None)
    # Of very many organisations one is typed: to find those of all that wait takes the database seconds.
    many = lists_many(account, today=today)
    by_place = there.order_by("organisation__path").values_list("organisation__code", "organisation__name")
    waiting = () if many else tuple(by_place.annotate(number=Count("pk")))
    form = BranchAccountsForm(request.POST or None, waiting=waiting, organisations=staff if many else None)
    if form.is_valid():
        rows = there.filter(organisation__code=form.code).order_by("member__code")
        chosen = [row.member for row in rows.select_related("member")[:AT_ONCE]]
        try:
            if not chosen:
                raise ValidationError({"organisation": NOBODY_WAITS})
            slips = services.open_accounts(actor=actor_of(request), at=timezone.now(), members=chosen)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return render(request, "members/accounts_slips.html", {"slips": slips, "left": rows.count()})
    context = {"form": form, "may_open": many or bool(waiting), "at_once": AT_ONCE}
    return render(request, "members/accounts_open_branch.html", context)


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
