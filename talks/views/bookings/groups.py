"""Several duties booked as one group talk, where the rules allow it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from branches.rules.dates import day_of
from members.models import Account, Member
from members.views import account_of, actor_of
from talks.figures.bookings import suggested_talkers, why_not
from talks.figures.facts import load_calendar
from talks.figures.worklist import DutyLine, persons_of
from talks.forms.people import labels
from talks.forms.talks import BookingForm
from talks.permissions import bookable_members, namesakes_of, nearest_members, reaches_many
from talks.rules.hours import hour_of
from talks.services.talks import plan_talk, refuse_twice
from talks.views.booking import DAY_IS_OVER, allowed, names_offered
from talks.views.bookings.chosen import NOTHING_CHOSEN, as_if_held, chosen_lines, occasion_of
from talks.views.duties import bring_up_to_date


def duties_group(request: HttpRequest) -> HttpResponse:
    """One talk with all of them, where the rules allow it; where a rule asks for one with one it is told."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    lines = chosen_lines(request, account, today)
    if not lines:
        return redirect("duties")
    people = bookable_members(account, today=today)
    among = namesakes_of(account, people, today=today)
    group = [line for line in lines if line.rule and not line.rule.one_to_one]
    chosen = {int(text) for text in request.POST.getlist("duty") if text.isdecimal() and len(text) < 19}
    if request.method == "POST":
        form = BookingForm(request.POST, people=people)
        ticked = [line for line in group if line.duty.pk in chosen]
        if form.is_valid() and allowed(form, account, today) and _meets_all(form, ticked, today):
            try:
                refuse_twice(persons=form.persons(), circumstances=form.circumstances())
                talk = plan_talk(
                    actor=actor_of(request),
                    at=now,
                    booked_by=account,
                    persons=form.persons(),
                    circumstances=form.circumstances(),
                    topic=form.cleaned_data["topic"],
                )
            except ValidationError as error:
                form.refuse(error)
            else:
                bring_up_to_date(account, today=today)
                told = f"{day_of(talk.held_on)}{hour_of(talk.starts_at)}"
                messages.success(request, f"已约{told}集体谈话，谈后计入{len(ticked)}项应谈。")
                return redirect("talk", code=talk.code)
    else:
        form = BookingForm(initial=_group_start(account, group, people, among, today=today), people=people)
        chosen = {line.duty.pk for line in group}
    context = {
        "form": form,
        "group": [(line, line.duty.pk in chosen) for line in group],
        "apart": [line for line in lines if line not in group],
        "suggested": names_offered(nearest_members(account, today=today), among),
        "is_of_many": reaches_many(account, today=today),
        "today": today,
    }
    return render(request, "talks/duties_group.html", context)


def _meets_all(form: BookingForm, ticked: Sequence[DutyLine], today: date) -> bool:
    """Whether the group talk would meet all that are ticked; else the form names those that it would not."""
    if form.cleaned_data["held_on"] < today:
        form.add_error("held_on", DAY_IS_OVER)
    if not ticked:
        form.add_error(None, NOTHING_CHOSEN)
    if form.errors:
        return False
    talk = as_if_held(form.persons(), form.circumstances())
    reasons = why_not([(line.duty, talk) for line in ticked], today=today)
    for line in ticked:
        if line.duty.pk in reasons:
            form.add_error(None, f"{line.whom}　{line.title}：{reasons[line.duty.pk]}。")
    return not reasons


def _group_start(
    account: Account,
    group: Sequence[DutyLine],
    people: QuerySet[Member],
    among: QuerySet[Member] | None,
    *,
    today: date,
) -> dict[str, Any]:
    """What the form starts with."""
    coming = load_calendar().working_day_after(today, 1)
    start: dict[str, Any] = {"form": "面对面", "held_on": coming}
    if not group:
        return start
    if min(line.duty.due_on for line in group) < coming:
        start["held_on"] = today
    anchors = {line.duty.anchor for line in group}
    if len(anchors) == 1:
        start |= occasion_of(anchors.pop())
    talkers = suggested_talkers([line.duty for line in group], account, today=today)
    found = [talkers[line.duty.pk] for line in group]
    talker = account.member if account.member in found else found[0]
    persons = dict.fromkeys(member for line in group for member in persons_of(line.duty) if member != talker)
    known = set(people.filter(pk__in=[one.pk for one in (talker, *persons) if one]))
    start["talkers"] = labels([talker], among) if talker in known and talker else []
    start["subjects"] = labels([member for member in persons if member in known], among)
    return start
