"""How long a session lasts: 30 minutes without a request, 12 hours, or until a post or mandate ends.

One begun by the password alone also ends where its account comes to need a second factor.

What is sent when it is over is sealed and kept, and shown again once the same person has signed in. A page
that asks by itself how far something has come does not prolong a session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from members.permissions.second_factor import has_second_factor, must_have_second_factor
from members.permissions.standing import Standing, keep_standings, standing_of
from members.services.sessions import (
    Sent,
    begin_session,
    keep_form,
    leave_session,
    open_form,
    see_session,
    throw_form_away,
)
from members.views import address_of

WATCH = "watched"
KEPT = "kept_form"
# The list of one's sessions is as exact as this, and no request but the first of a minute writes.
SEEN_EVERY = timedelta(minutes=1)
# What asks by itself (htmx: every …): the parts of pages with these names.
POLLED = frozenset({"progress", "matrix"})
# What is sent here holds passwords or means nothing later.
NOT_KEPT = frozenset(
    {
        "change-password",
        "confirm-identity",
        "own-second-factor",
        "recovery-codes",
        "sign-out",
        "kept-form-drop",
    }
)

IDLE = "您已{minutes}分钟没有操作，请重新登录。"
LONGEST = "本次登录已满{hours}小时，请重新登录。"
CHANGED = "您的任职或授权已有变化，请重新登录。"
NEEDS_FACTOR = "您的任职或授权要求使用动态口令，请重新登录。"
IS_KEPT = "刚才填写的内容没有丢失，登录后可以继续提交。"


@dataclass(frozen=True, slots=True)
class Over:
    """A session that has just ended: whose it was, and why."""

    account: Account
    reason: str


class SessionLimits:
    """Middleware: ends the sessions whose time is over, before a page is answered."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """As every middleware."""
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Signs out whose session is over; else notes that he was seen."""
        request.over = None  # type: ignore[attr-defined]
        if isinstance(request.user, Account):
            now = timezone.now()
            reason = _reason(request, request.user, now)
            if reason:
                request.over = Over(request.user, reason)  # type: ignore[attr-defined]
                leave_session(session_key=request.session.session_key or "")
                logout(request)
            else:
                _see(request, request.user, now)
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: object
    ) -> HttpResponse | None:
        """To the door, where the session is over of who asks for a page behind it; after the CSRF check."""
        over: Over | None = request.over  # type: ignore[attr-defined]
        if over is None or not getattr(view, "login_required", True):
            return None
        query = QueryDict(mutable=True)
        if request.headers.get("HX-Request"):
            page = urlsplit(request.headers.get("HX-Current-URL", ""))
            query["next"] = f"{page.path}?{page.query}".rstrip("?")
            return HttpResponse(headers={"HX-Redirect": f"{reverse('sign-in')}?{query.urlencode(safe='/')}"})
        messages.warning(request, over.reason)
        query["next"] = request.get_full_path()
        if request.method == "POST":
            _keep(request, over)
        return redirect(f"{reverse('sign-in')}?{query.urlencode(safe='/')}")


def watch(request: HttpRequest, account: Account, now: datetime) -> None:
    """The session begins: from here its time is counted, and it stands in the list of one's sessions."""
    if not request.session.session_key:
        request.session.create()
    row = begin_session(
        account=account,
        session_key=str(request.session.session_key),
        at=now,
        user_agent=request.headers.get("User-Agent", ""),
        address=address_of(request),
    )
    request.session[WATCH] = {
        "row": row.pk,
        "since": now.isoformat(),
        "seen": now.isoformat(),
        "rights": _rights(standing_of(account, timezone.localdate(now))),
        "is_proved": has_second_factor(account),
    }


def has_kept_form(request: HttpRequest, account: Account, now: datetime) -> bool:
    """Whether something waits that this account sent before; what another sent is thrown away."""
    name = request.session.get(KEPT, "")
    if not name:
        return False
    if open_form(account=account, name=name, at=now) is not None:
        return True
    throw_form_away(name=request.session.pop(KEPT))
    return False


def _reason(request: HttpRequest, account: Account, now: datetime) -> str:
    """Why the session is over; nothing where it is not."""
    watched = request.session.get(WATCH)
    if not watched:
        return ""
    if now - datetime.fromisoformat(watched["seen"]) > settings.SESSION_IDLE:
        return IDLE.format(minutes=settings.SESSION_IDLE // timedelta(minutes=1))
    if now - datetime.fromisoformat(watched["since"]) > settings.SESSION_LONGEST:
        return LONGEST.format(hours=settings.SESSION_LONGEST // timedelta(hours=1))
    if request.method in ("GET", "HEAD"):
        keep_standings(account)
    had, today = set(watched.get("rights", ())), timezone.localdate(now)
    if had and had - set(_rights(standing_of(account, today))):
        return CHANGED
    if not watched.get("is_proved", True) and must_have_second_factor(account, today=today):
        return NEEDS_FACTOR
    return ""


def see_again(request: HttpRequest, now: datetime) -> None:
    """The session has another key since the password changed; the list of one's sessions follows."""
    row = request.session.get(WATCH, {}).get("row")
    if row:
        see_session(pk=row, session_key=str(request.session.session_key), at=now)


def _see(request: HttpRequest, account: Account, now: datetime) -> None:
    watched = request.session.get(WATCH)
    if not watched:
        # A session from before there were limits begins now.
        watch(request, account, now)
    elif (
        now - datetime.fromisoformat(watched["seen"]) >= SEEN_EVERY
        and request.headers.get("HX-Trigger") not in POLLED
    ):
        request.session[WATCH] = {**watched, "seen": now.isoformat()}
        see_again(request, now)


def _keep(request: HttpRequest, over: Over) -> None:
    """Keeps what was sent, unless the page that sent it still has it and is told so itself."""
    match = request.resolver_match
    is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if not is_page or match is None or match.url_name in NOT_KEPT:
        return
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "confirm_word")
        for value in values
    ]
    if fields or request.FILES:
        sent = Sent(request.get_full_path(), fields, bool(request.FILES))
        request.session[KEPT] = keep_form(account=over.account, sent=sent, at=timezone.now())
        messages.info(request, IS_KEPT)


def _rights(standing: Standing) -> list[str]:
    """What may end: mandates by kind and place, leading and team posts by place."""
    places = (
        ("staff", standing.staff),
        ("inspected", standing.inspected),
        ("led", standing.led),
        ("team", standing.team),
    )
    return [
        *sorted(standing.kinds),
        *(f"{name} {place.pk}" for name, found in places for place in found),
    ]
