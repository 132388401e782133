"""一键排谈: all talks that a meeting still wants, laid into free slots, adjusted, booked at once."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from csp.constants import NONCE
from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.models import Account
from members.views import account_of, actor_of
from talks.figures.arrangements import (
    UnmetPair,
    arranged_talks,
    arrangement_of,
    unmet_pairs,
    window_of,
)
from talks.figures.facts import load_calendar
from talks.figures.keeping import is_out_of_date
from talks.forms.arrangements import BOTH_OR_NONE, ArrangeForms, ShiftForm
from talks.models import Arrangement, Meeting
from talks.permissions import arranging_meetings, visible_arrangements
from talks.rules.hours import moment_of
from talks.rules.wishes import Wishes, wishes_of
from talks.services.arrangements import (
    book_arrangement,
    discard_arrangement,
    draw_up_arrangement,
    shift_arranged_talk,
)
from talks.services.reconciliation import reconcile

NO_SUCH_TIME = "没有读懂要改到的时间，请核对日期和时间。"


# FullCalendar writes its rules into one style element of its own, a font of signs among them.
@csp_update({"style-src": [NONCE], "font-src": ["data:"]})  # type: ignore[untyped-decorator]
def meeting_arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """The conditions, and below them the draft that was drawn up under them."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    meeting = _meeting(account, pk, today=today)
    draft = arrangement_of(account, meeting)
    unmet = unmet_pairs(account, meeting, today=today)
    forms = _forms(request.POST or None, meeting, draft, unmet, today)
    if request.method == "POST" and forms.is_valid():
        try:
            draw_up_arrangement(
                actor=actor_of(request),
                at=now,
                today=today,
                meeting=meeting,
                account=account,
                wishes=forms.wishes(),
            )
        except ValidationError as error:
            forms.wishes_form.add_error(error.code if error.code == "until" else None, error.messages)
        else:
            return redirect("meeting-arrange", meeting.pk)
    return render(
        request, "talks/arrange.html", _context(meeting, draft, forms, today) | {"unmet": len(unmet)}
    )


@require_POST
def arranged_shift(request: HttpRequest, pk: int, talk: int) -> HttpResponse:
    """Puts one talk of the draft to another time: JSON where it was dragged (409 where it cannot be)."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    draft = _draft(account, pk, today=today)
    found = get_object_or_404(draft.talks.select_related("talker", "subject"), pk=talk)
    form = ShiftForm(request.POST)
    names = f"{found.talker.name}与{found.subject.name}"
    told, status = NO_SUCH_TIME, 409
    if form.is_valid():
        moved = {} if "leave" in request.POST else form.cleaned_data
        wanted = {"held_on": moved.get("held_on"), "starts_at": moved.get("starts_at")}
        try:
            shift_arranged_talk(actor=actor_of(request), at=now, arrangement=draft, talk=found, **wanted)
        except ValidationError as error:
            told = " ".join(error.messages)
        else:
            status = 200
            moment = moment_of(wanted["held_on"], wanted["starts_at"]) if wanted["held_on"] else ""
            told = f"{names}的谈话已改到{moment}。" if moment else f"{names}的谈话已移出排定的时间。"
    elif form.non_field_errors():
        told = BOTH_OR_NONE
    if request.headers.get("Accept") == "application/json":
        draft.refresh_from_db()
        return JsonResponse({"told": told, "revision": draft.revision}, status=status)
    if status == 200:
        messages.success(request, told)
    else:
        messages.warning(request, f"{names}的谈话没有改动：{told}")
    return redirect("meeting-arrange", pk)


@csp_update({"style-src": [NONCE], "font-src": ["data:"]})  # type: ignore[untyped-decorator]
@require_POST
def arrangement_book(request: HttpRequest, pk: int) -> HttpResponse:
    """Books the whole draft; where something has come between, names it and keeps the draft."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    draft = _draft(account, pk, today=today)
    _bring_up_to_date(draft.meeting, today)
    sent = request.POST.get("revision", "")
    try:
        number = book_arrangement(
            actor=actor_of(request),
            at=now,
            today=today,
            arrangement=draft,
            revision=int(sent) if sent.isdecimal() and len(sent) < 10 else 0,
            account=account,
        )
    except ValidationError as error:
        draft.refresh_from_db()
        unmet = unmet_pairs(account, draft.meeting, today=today)
        forms = _forms(None, draft.meeting, draft, unmet, today)
        context = _context(draft.meeting, draft, forms, today)
        return render(
            request, "talks/arrange.html", context | {"faults": error.messages, "unmet": len(unmet)}
        )
    _bring_up_to_date(draft.meeting, today)
    messages.success(request, f"已预约{number}次谈话。")
    return redirect("meeting", pk)


@require_POST
def arrangement_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throws the draft away."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    draft = _draft(account, pk, today=today)
    discard_arrangement(actor=actor_of(request), at=now, arrangement=draft)
    messages.success(request, "已放弃排谈草稿，没有预约谈话。")
    return redirect("meeting", pk)


def _meeting(account: Account, pk: int, *, today: date) -> Meeting:
    meetings = arranging_meetings(account, today=today).select_related("organisation")
    meeting = get_object_or_404(meetings, pk=pk)
    _bring_up_to_date(meeting, today)
    return meeting


def _draft(account: Account, pk: int, *, today: date) -> Arrangement:
    drafts = visible_arrangements(account, today=today)
    return get_object_or_404(drafts.select_related("meeting__organisation"), meeting=pk)


def _bring_up_to_date(meeting: Meeting, today: date) -> None:
    if is_out_of_date(meeting.organisation_id, today):
        reconcile(organisations=[meeting.organisation_id], today=today, at=timezone.now())


def _forms(
    data: Any, meeting: Meeting, draft: Arrangement | None, unmet: Iterable[UnmetPair], today: date
) -> ArrangeForms:
    first, last = window_of(meeting)
    first = max(first, today)
    people = {one.code: one for pair in unmet for one in (pair.talker, pair.subject)}
    return ArrangeForms(
        data,
        start=wishes_of(draft.wishes) if draft else _suggested(first, last, today),
        first=first,
        last=last,
        people=[people[code] for code in sorted(people)],
    )


def _suggested(first: date, last: date, today: date) -> Wishes:
    """From the next working day on, where there is one in the window."""
    coming = load_calendar().working_day_after(today, 1)
    return Wishes(since=min(max(first, coming), last), until=last)


def _context(meeting: Meeting, draft: Arrangement | None, forms: ArrangeForms, today: date) -> dict[str, Any]:
    talks = arranged_talks(draft) if draft else []
    placed = [talk for talk in talks if talk.held_on]
    wishes = wishes_of(draft.wishes) if draft else None
    first, last = window_of(meeting)
    provisional = load_calendar().is_provisional(max(first, today), last)
    return {
        "meeting": meeting,
        "draft": draft,
        "forms": forms,
        "first": max(first, today),
        "last": last,
        "today": today,
        "days": [(day, list(rows)) for day, rows in groupby(placed, key=lambda talk: talk.held_on)],
        "placed": len(placed),
        "left": [talk for talk in talks if not talk.held_on],
        "length": wishes.length if wishes else 0,
        "provisional": provisional,
    }
