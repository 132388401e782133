"""Signing in and out, and the first password.

An account that must choose a password is not signed in until it has: what was recognised waits in the
session for a quarter of an hour, and no other page knows of it.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from members.forms.sign_in import ChoosePasswordForm, SignInForm
from members.models import Account, Reset
from members.permissions import own_resets
from members.services.accounts import Recognition, choose_password, recognise_account, sign_out
from members.views import actor_of, address_of

TIME_TO_CHOOSE = timedelta(minutes=15)
CHOOSING = "choosing_password"
# For so long a browser is known to its account: what others try elsewhere is no delay to it.
KNOWN_FOR = timedelta(days=180)
KNOWN_SALT = "members.known-browser"

TOO_MANY = 429
REFUSALS = {
    Recognition.WRONG: "账号或密码不正确，请核对后重新填写。首次登录请填写纸质的一次性口令。",
    Recognition.INACTIVE: "该账号已停用，请与所在党组织的党务管理员联系。",
    Recognition.EXPIRED: "一次性口令已超过7天，请与所在党组织的党务管理员联系，重新领取。",
}


@login_not_required
@never_cache
@sensitive_post_parameters("word")
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """The door: account and password, or account and one-time code."""
    if request.user.is_authenticated:
        return redirect("workbench")
    form, status = SignInForm(request.POST or None), 200
    if form.is_valid():
        now = timezone.now()
        attempt = recognise_account(
            username=form.cleaned_data["username"],
            word=form.cleaned_data["word"],
            at=now,
            address=address_of(request),
            browser=_known_browser(request, form.cleaned_data["username"]),
        )
        if attempt.early:
            form.add_error(None, attempt.early.sentence)
            status = TOO_MANY
        elif attempt.account is None:
            form.add_error(None, REFUSALS[attempt.recognition])
        elif attempt.recognition is Recognition.MUST_CHOOSE:
            _let_choose(request, attempt.account, now)
            return redirect("choose-password")
        else:
            return _let_in(request, attempt.account)
    context = {"form": form, "next": _next(request)}
    return render(request, "members/sign_in.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("new", "again")
def choose_password_page(request: HttpRequest) -> HttpResponse:
    """The first password, after the one-time code was right."""
    now = timezone.now()
    account = _who_chooses(request, now)
    if account is None:
        return redirect("sign-in")
    form = ChoosePasswordForm(request.POST or None)
    if form.is_valid():
        try:
            signed_in = choose_password(
                at=now,
                account=account,
                password=form.cleaned_data["new"],
                address=address_of(request),
            )
        except ValidationError as error:
            form.add_error("new", error)
        else:
            messages.success(request, "密码已设置，一次性口令同时作废。")
            return _let_in(request, signed_in)
    approved = own_resets(account).filter(outcome=Reset.Outcome.APPROVED)
    reset = approved.select_related("asked_by", "decided_by").defer("half").order_by("-decided_at").first()
    context = {"form": form, "account": account, "reset": reset}
    return render(request, "members/choose_password.html", context)


@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    """Out, and to the door."""
    sign_out(actor=actor_of(request), at=timezone.now())
    logout(request)
    messages.success(request, "您已退出。")
    return redirect("sign-in")


def _let_in(request: HttpRequest, account: Account) -> HttpResponse:
    target = _next(request) or request.session.get(CHOOSING, {}).get("next", "")
    request.session.pop(CHOOSING, None)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    response = redirect(target or "workbench")
    known = {"name": account.username, "mark": _mark(account), "browser": secrets.token_urlsafe(16)}
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.dumps(known, salt=KNOWN_SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _known_browser(request: HttpRequest, username: str) -> str:
    """What tells this browser, where the account signed in here and has the same password still; or empty."""
    cookie = request.COOKIES.get(settings.KNOWN_COOKIE_NAME, "")
    try:
        known = signing.loads(cookie, salt=KNOWN_SALT, max_age=KNOWN_FOR) if cookie else {}
    except signing.BadSignature:
        return ""
    if known.get("name") != username.strip():
        return ""
    account = Account.objects.filter(username=known["name"]).first()
    same = account is not None and constant_time_compare(known["mark"], _mark(account))
    return str(known["browser"]) if same else ""


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if it is a page of ours."""
    target = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else ""


def _let_choose(request: HttpRequest, account: Account, now: datetime) -> None:
    request.session.cycle_key()
    request.session[CHOOSING] = {
        "account": account.pk,
        "mark": _mark(account),
        "until": (now + TIME_TO_CHOOSE).isoformat(),
        "next": _next(request),
    }


def _who_chooses(request: HttpRequest, now: datetime) -> Account | None:
    """The account recognised in this session a moment ago, unless its code or password changed since."""
    waiting = request.session.get(CHOOSING)
    if not waiting or now > datetime.fromisoformat(waiting["until"]):
        return None
    account = Account.objects.filter(pk=waiting["account"], is_active=True).first()
    if account is None or not constant_time_compare(waiting["mark"], _mark(account)):
        return None
    return account


def _mark(account: Account) -> str:
    """Changes when the account's code or password does."""
    return salted_hmac("members.choose-password", account.code_hash + account.password).hexdigest()
