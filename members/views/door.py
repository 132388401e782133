"""Between the password and the first page: who was recognised waits in the session for a quarter of an hour.

Nobody is signed in meanwhile, and no other page knows of it. Each step is at a page of its own, to which only
the step before leads.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, salted_hmac

from members.models import Account
from members.services.accounts import Recognition
from members.views import wanted_page
from members.views.confirmation import note_confirmed

TIME_TO_GO_ON = timedelta(minutes=15)
WAITING = "waiting_at_the_door"
# For so long a browser is known to its account: what others try elsewhere is no delay to it.
KNOWN_FOR = timedelta(days=180)
KNOWN_SALT = "members.known-browser"

STEPS = {
    Recognition.MUST_CHOOSE: "choose-password",
    Recognition.MUST_PROVE: "prove-second-factor",
    Recognition.MUST_BEGIN: "begin-second-factor",
}


def go_on(request: HttpRequest, account: Account, recognition: Recognition, now: datetime) -> HttpResponse:
    """To the next step, or in where there is none."""
    if recognition is Recognition.SIGNED_IN:
        return let_in(request, account, now)
    target = wanted_here(request)
    request.session.cycle_key()
    request.session[WAITING] = {
        "account": account.pk,
        "step": recognition.name,
        "mark": _mark(account),
        "until": (now + TIME_TO_GO_ON).isoformat(),
        "next": target,
        "offer": secrets.token_hex(16),
    }
    return redirect(STEPS[recognition])


def who_waits(request: HttpRequest, recognition: Recognition, now: datetime) -> Account | None:
    """The account that waits for this step, unless its code or password changed since."""
    waiting = request.session.get(WAITING)
    if not waiting or waiting["step"] != recognition.name or now > datetime.fromisoformat(waiting["until"]):
        return None
    account = Account.objects.filter(pk=waiting["account"], is_active=True).first()
    if account is None or not constant_time_compare(waiting["mark"], _mark(account)):
        return None
    return account


def offered_name(request: HttpRequest) -> str:
    """The name under which a key is offered to who waits."""
    return str(request.session[WAITING]["offer"])


def wanted_here(request: HttpRequest) -> str:
    """The page of ours that was wanted when signing in began."""
    return wanted_page(request) or str(request.session.get(WAITING, {}).get("next", ""))


def let_in(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """Signs in, makes the browser known to the account, and leads to the page that was wanted."""
    target = wanted_here(request)
    enter(request, account, now)
    return known_to(redirect(target or "workbench"), account)


def enter(request: HttpRequest, account: Account, now: datetime) -> None:
    """Signs in."""
    request.session.pop(WAITING, None)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    note_confirmed(request, now)


def known_to(response: HttpResponse, account: Account) -> HttpResponse:
    """The answer, with which the browser takes what it will be known by."""
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


def known_browser(request: HttpRequest, username: str) -> str:
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


def _mark(account: Account) -> str:
    """Changes when the account's code or password does."""
    return salted_hmac("members.choose-password", account.code_hash + account.password).hexdigest()
