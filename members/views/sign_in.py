"""Signing in and out, and the first password."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from members.forms.sign_in import ChoosePasswordForm, SignInForm
from members.models import Reset
from members.permissions import own_resets
from members.services.accounts import Recognition, choose_password, recognise_account, sign_out
from members.services.sessions import leave_session
from members.views import actor_of, address_of, wanted_page
from members.views.door import WAITING, go_on, is_proved, known_browser, who_waits

CHOSEN = "密码已设置，一次性口令同时作废。"
CHANGED = "新密码已设置。"
TOO_MANY = 429
REFUSALS = {
    Recognition.WRONG: "账号或密码不正确，请核对后重新填写。首次登录请填写纸质的一次性口令。",
    Recognition.INACTIVE: "该账号已停用，请与所在党组织的党务管理员联系。",
    Recognition.ENDED: "该账号的授权已经结束。需要继续使用的，请与授权的党组织或安全管理员联系。",
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
            browser=known_browser(request, form.cleaned_data["username"]),
        )
        if attempt.early:
            form.add_error(None, attempt.early.sentence)
            status = TOO_MANY
        elif attempt.account is None:
            form.add_error(None, REFUSALS[attempt.recognition])
        else:
            # Whoever waited here before wanted to go elsewhere.
            request.session.pop(WAITING, None)
            return go_on(request, attempt.account, attempt.recognition, now)
    context = {"form": form, "next": wanted_page(request)}
    return render(request, "members/sign_in.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("new", "again")
def choose_password_page(request: HttpRequest) -> HttpResponse:
    """The first password, after the one-time code was right."""
    now = timezone.now()
    account = who_waits(request, Recognition.MUST_CHOOSE, now)
    if account is None:
        return redirect("sign-in")
    form = ChoosePasswordForm(request.POST or None)
    if form.is_valid():
        try:
            chosen = choose_password(
                at=now,
                account=account,
                password=form.cleaned_data["new"],
                address=address_of(request),
                is_proved=is_proved(request),
            )
        except ValidationError as error:
            form.add_error("new", error)
        else:
            messages.success(request, CHOSEN if account.code_hash else CHANGED)
            return go_on(request, chosen.account or account, chosen.recognition, now)
    approved = own_resets(account).filter(outcome=Reset.Outcome.APPROVED)
    reset = approved.select_related("asked_by", "decided_by").defer("half").order_by("-decided_at").first()
    context = {"form": form, "account": account, "reset": reset}
    return render(request, "members/choose_password.html", context)


@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    """Out, and to the door."""
    sign_out(actor=actor_of(request), at=timezone.now())
    leave_session(session_key=request.session.session_key or "")
    logout(request)
    messages.success(request, "您已退出。")
    return redirect("sign-in")
