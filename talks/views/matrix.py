"""The preparation of one meeting: its talks as a matrix, and what else is to be done before it."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.models import Account
from members.views import account_of, actor_of
from talks.figures.keeping import is_out_of_date
from talks.figures.matrix import MET_TONES, Matrix, matrix_of
from talks.figures.meeting_steps import steps_of
from talks.figures.opinions import opinion_count
from talks.models import GatheredOpinion, Meeting
from talks.permissions import (
    arranging_meetings,
    counted_meetings,
    gathered_meetings,
    meeting_organisations,
    releasing_meetings,
    takes_part,
    visible_meetings,
    visible_talks,
)
from talks.rules.meetings import BY_HAND
from talks.rules.words import MeetingKind
from talks.services.meetings import set_step, unset_step
from talks.services.reconciliation import reconcile
from talks.views.duties import find_duty


@require_safe
def meeting_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting as it is readied; only the matrix where htmx asks for it, which it does again and again."""
    today = timezone.localdate()
    account = account_of(request)
    meeting = find_meeting(account, pk, today=today)
    as_list = request.GET.get("as") == "list"
    context: dict[str, Any] = {
        "meeting": meeting,
        "matrix": fresh_matrix(account, meeting, today=today),
        "as_list": as_list,
    }
    if getattr(request, "htmx", False):
        return render(request, "talks/_meeting_matrix.html", context)
    counted = counted_meetings(account, today=today).filter(pk=meeting.pk).exists()
    count = opinion_count(meeting) if counted else None
    context |= {
        "today": today,
        "count": count,
        "steps": steps_of(meeting, context["matrix"], count) if count else (),
        "gathers": gathered_meetings(account, today=today).filter(pk=meeting.pk).exists(),
        "has_part": releasing_meetings(account, today=today).filter(pk=meeting.pk).exists(),
        "asked": GatheredOpinion.objects.filter(meeting=meeting).asking(account.member_id).count(),
        "days": (meeting.meeting_on - today).days,
        "is_democratic": meeting.kind == MeetingKind.DEMOCRATIC_LIFE,
        "may_arrange": arranging_meetings(account, today=today).filter(pk=meeting.pk).exists(),
        "may_change": meeting_organisations(account, today=today).filter(pk=meeting.organisation_id).exists(),
    }
    return render(request, "talks/meeting.html", context)


@require_safe
def meeting_pair(request: HttpRequest, pk: int, duty: int) -> HttpResponse:
    """The panel beside the matrix: one duty, and what can be done about it."""
    today = timezone.localdate()
    account = account_of(request)
    meeting = find_meeting(account, pk, today=today)
    worklist, found = find_duty(account, duty, today=today)
    if (found.organisation_id, found.anchor) != (meeting.organisation_id, meeting.anchor):
        raise Http404
    line = worklist.line(found)
    talk = visible_talks(account, today=today).filter(pk=found.met_by_id or found.planned_id)
    context = {
        "line": line,
        "one_to_one": bool(line.rule and line.rule.one_to_one),
        "talk": talk.values_list("code", flat=True).first(),
        "is_met": line.tone in MET_TONES,
    }
    return render(request, "talks/_meeting_panel.html", context)


@require_POST
def meeting_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Ticks a step of the preparation, or takes the tick back."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    kept = meeting_organisations(account, today=today).order_by().values("pk")
    meeting = get_object_or_404(Meeting.objects.select_related("organisation"), pk=pk, organisation__in=kept)
    found = {one.name.lower(): one for one in BY_HAND}.get(step)
    if found is None:
        raise Http404
    if "done" in request.POST:
        set_step(actor=actor_of(request), at=now, meeting=meeting, step=found, account=account, day=today)
    else:
        unset_step(actor=actor_of(request), at=now, meeting=meeting, step=found)
    return redirect("meeting", meeting.pk)


def find_meeting(account: Account, pk: int, *, today: date) -> Meeting:
    """The meeting; 404 where the account may not know of it or has no part in talks."""
    if not takes_part(account, today=today):
        raise Http404
    return get_object_or_404(visible_meetings(account, today=today).select_related("organisation"), pk=pk)


def fresh_matrix(account: Account, meeting: Meeting, *, today: date) -> Matrix:
    """The matrix as it is now: reconciled first, so that it is right even where no background runs."""
    if is_out_of_date(meeting.organisation_id, today):
        reconcile(organisations=[meeting.organisation_id], today=today, at=timezone.now())
    return matrix_of(account, meeting, today=today)
