"""The second factor: proved when signing in, begun by who must have one, kept by oneself."""

import secrets
from collections.abc import Sequence

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from members.forms.second_factor import CodeForm, SecondStepForm
from members.models import Account
from members.permissions.second_factor import has_second_factor
from members.services import second_factor as services
from members.services.accounts import Recognition, enter_sign_in
from members.views import account_of, actor_of, address_of
from members.views.confirmation import needs_step_up
from members.views.door import (
    enter,
    go_on,
    known_browser,
    known_to,
    offered_name,
    wanted_here,
    who_waits,
)
from members.views.entries import Question, asked
from members.views.sign_in import TOO_MANY
from vault.services import Actor

OFFER = "offered_key"


@login_not_required
@never_cache
@sensitive_post_parameters("shown_code")
def prove_second_factor_page(request: HttpRequest) -> HttpResponse:
    """The second step of signing in: a code, or a recovery code."""
    now = timezone.now()
    account = who_waits(request, Recognition.MUST_PROVE, now)
    if account is None:
        return redirect("sign-in")
    form, status = SecondStepForm(request.POST or None), 200
    if form.is_valid():
        attempt = services.prove_second_factor(
            account=account,
            code=form.cleaned_data["shown_code"],
            at=now,
            address=address_of(request),
            browser=known_browser(request, account.username),
        )
        if attempt.early:
            form.add_error(None, attempt.early.sentence)
            status = TOO_MANY
        elif attempt.account is None:
            form.add_error("shown_code", services.PROOF_WRONG)
        else:
            if attempt.codes_left is not None:
                messages.warning(request, services.LEFT.format(left=attempt.codes_left))
            return go_on(request, attempt.account, attempt.recognition, now)
    context = {"form": form, "account": account}
    return render(request, "members/prove_second_factor.html", context, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("shown_code")
def begin_second_factor_page(request: HttpRequest) -> HttpResponse:
    """The first sign-in of one who must have a second factor: the key, a code of it, the recovery codes."""
    now = timezone.now()
    account = who_waits(request, Recognition.MUST_BEGIN, now)
    if account is None or has_second_factor(account):
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    key = services.key_of(account=account, name=offered_name(request))
    actor = Actor(account.username, address_of(request))
    codes = _started(form, actor, account, key, is_first=True)
    if codes is None:
        return _offer(request, form, account, key, is_door=True)
    target = wanted_here(request) or reverse("workbench")
    enter_sign_in(actor=actor, at=now, account=account)
    enter(request, account, now)
    return known_to(_codes(request, codes, target), account)


@needs_step_up
@sensitive_post_parameters("shown_code")
def own_second_factor_page(request: HttpRequest) -> HttpResponse:
    """One's own second factor, begun or moved to another telephone."""
    account = account_of(request)
    form = CodeForm(request.POST if "shown_code" in request.POST else None)
    name = request.session.setdefault(OFFER, secrets.token_hex(16))
    key = services.key_of(account=account, name=name)
    codes = _started(form, actor_of(request), account, key, is_first=False)
    if codes is None:
        return _offer(request, form, account, key, is_door=False)
    del request.session[OFFER]
    return _codes(request, codes, reverse("own-account"))


@needs_step_up
def own_second_factor_stop_page(request: HttpRequest) -> HttpResponse:
    """Asks, and signs in by the password alone from then on."""
    account = account_of(request)
    if not has_second_factor(account):
        raise Http404
    question = Question(
        ask="停用动态口令？",
        says="停用以后，登录只用密码；恢复码同时作废。",
        keep="继续使用",
        verb="停用动态口令",
        back=reverse("own-account"),
    )
    return asked(
        request,
        question,
        lambda: services.stop_second_factor(actor=actor_of(request), at=timezone.now(), account=account),
        done="动态口令已停用。",
        forward=reverse("own-account"),
    )


@require_POST
@needs_step_up
def recovery_codes_page(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown this once."""
    try:
        codes = services.renew_recovery_codes(
            actor=actor_of(request), at=timezone.now(), account=account_of(request)
        )
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("own-account")
    return _codes(request, codes, reverse("own-account"))


def _started(
    form: CodeForm, actor: Actor, account: Account, key: bytes, *, is_first: bool
) -> Sequence[str] | None:
    """The recovery codes, once the form proves that the application has the key."""
    if not form.is_valid():
        return None
    try:
        return services.start_second_factor(
            actor=actor,
            at=timezone.now(),
            account=account,
            key=key,
            code=form.cleaned_data["shown_code"],
            is_first=is_first,
        )
    except ValidationError as error:
        form.add_error("shown_code", error)
        return None


def _offer(
    request: HttpRequest, form: CodeForm, account: Account, key: bytes, *, is_door: bool
) -> HttpResponse:
    address = services.key_address(account=account, key=key)
    context = {
        "form": form,
        "account": account,
        "code": segno.make(address, error="m", micro=False).svg_data_uri(border=4, omitsize=True),
        "key": services.key_text(key=key),
        "is_door": is_door,
        "is_another": has_second_factor(account),
    }
    return render(request, "members/begin_second_factor.html", context)


def _codes(request: HttpRequest, codes: Sequence[str], target: str) -> HttpResponse:
    return render(request, "members/recovery_codes.html", {"codes": codes, "target": target})
