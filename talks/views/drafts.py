"""Drafts of records as the page keeps them while somebody writes."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from members.views import account_of, actor_of
from talks.models import Draft
from talks.permissions import PEOPLE, had_in_hand, may_correct, may_record, visible_drafts, visible_talks
from talks.rules.words import TalkState
from talks.services.drafts import Window, discard_draft, keep_draft
from talks.services.life import ALREADY_CANCELLED, ALREADY_RECORDED
from talks.views.checks import checks_of, typed

# Of the window, not of the record.
NOT_KEPT = ("csrfmiddlewaretoken", "draft_revision", "revision")


@require_http_methods(["GET", "HEAD", "POST"])
def talk_draft(request: HttpRequest, code: str) -> HttpResponse:
    """Keeps what the window holds; on GET tells a window that lost its session how to go on, and as whom.

    409 with a message where it is not kept: another window was faster, or the talk is recorded.
    """
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    if not may_record(account, talk, today=today) and not may_correct(account, talk, today=today):
        if not had_in_hand(account, talk):
            raise Http404
        is_cancelled = talk.state == TalkState.CANCELLED
        return _refused(ALREADY_CANCELLED if is_cancelled else ALREADY_RECORDED)
    if request.method != "POST":
        draft = visible_drafts(account, today=today).filter(talk=talk).first()
        told = {"token": get_token(request), "revision": draft_revision(draft), "account": account.username}
        return JsonResponse(told)
    try:
        draft = keep_draft(
            actor=actor_of(request),
            at=now,
            talk=talk,
            window=Window(account, number_of(request.POST, "draft_revision")),
            talk_revision=number_of(request.POST, "revision"),
            text=_kept(request.POST),
        )
    except ValidationError as error:
        return _refused(error.messages[0])
    checks = checks_of(request, account, talk, typed(request.POST), today=today, now=now)
    found = render_to_string("talks/_checks.html", {"checks": checks}).strip()
    return JsonResponse({"revision": draft.revision, "saved": clock(draft.saved_at), "checks": found})


@require_POST
def talk_draft_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throws one's own draft away."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today), code=code)
    draft = get_object_or_404(visible_drafts(account, today=today), talk=talk)
    discard_draft(actor=actor_of(request), at=now, draft=draft)
    return redirect("talk-record" if may_record(account, talk, today=today) else "talk", code=talk.code)


def draft_revision(draft: Draft | None) -> int:
    """The revision of the draft; 0 where there is none."""
    return draft.revision if draft else 0


def number_of(data: QueryDict, name: str) -> int:
    """A revision as a window sends it; 0, which is none, where it is no number that a database holds."""
    text = data.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def clock(at: datetime) -> str:
    """10:32."""
    here = timezone.localtime(at)
    return f"{here.hour}:{here.minute:02d}"


def _kept(data: QueryDict) -> str:
    kept = data.copy()
    for name in NOT_KEPT:
        kept.pop(name, None)
    return kept.urlencode()


def _refused(message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=409)
