"""Opinions before a meeting, as the principal works on them: entered, merged, assigned, summed up."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Account, Member
from members.views import account_of, actor_of
from members.views.entries import Question, asked
from talks.figures.opinions import opinion_count
from talks.forms.opinions import EnterForm, MergedForm, MergeForm
from talks.forms.people import labels
from talks.forms.talks import ABOUT
from talks.models import GatheredOpinion, Meeting, MergedOpinion
from talks.permissions import assignable_members, gathered_meetings
from talks.rules.meetings import Channel
from talks.services.opinions import (
    NOTHING_CHOSEN,
    add_to_merged,
    change_merged,
    enter_opinions,
    merge_opinions,
    open_gathered,
    split_merged,
)
from talks.views.booking import names_offered
from talks.views.duties import ROWS


@require_safe
def meeting_opinions(request: HttpRequest, pk: int) -> HttpResponse:
    """What was gathered and is still to be merged, or (done) what was merged; 25 rows to a page."""
    meeting = _meeting(account_of(request), pk, timezone.localdate())
    done = "done" in request.GET
    open_gathered(actor=actor_of(request), at=timezone.now(), meeting=meeting)
    rows: QuerySet[Any] = _merged(meeting) if done else meeting.gathered_opinions.unmerged()
    if not done:
        rows = rows.select_related("speaker")
    context = {
        "meeting": meeting,
        "count": opinion_count(meeting),
        "done": done,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "query": "done=1" if done else "",
    }
    return render(request, "talks/meeting_opinions.html", context)


def meeting_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enters opinions from a forum, a box, by letter: one to a line."""
    meeting = _meeting(account_of(request), pk, timezone.localdate())
    form = EnterForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            number = enter_opinions(
                actor=actor_of(request),
                at=timezone.now(),
                meeting=meeting,
                channel=Channel(typed["channel"]),
                texts=typed["texts"],
                about=typed["about"],
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"已录入{number}条意见建议。")
            return redirect("meeting-opinions", meeting.pk)
    context = {"meeting": meeting, "form": form, "about": ABOUT}
    return render(request, "talks/meeting_enter.html", context)


def meeting_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes one opinion of those chosen in the list, or adds them to one that stands."""
    today, now = timezone.localdate(), timezone.now()
    meeting = _meeting(account_of(request), pk, today)
    sources = _chosen(request, meeting)
    if not sources:
        messages.warning(request, NOTHING_CHOSEN)
        return redirect("meeting-opinions", meeting.pk)
    open_gathered(actor=actor_of(request), at=now, meeting=meeting)
    people = assignable_members(meeting, today=today)
    standing = list(_merged(meeting))
    start = {"text": "\n".join(source.text for source in sources), "about": sources[0].about}
    form = MergeForm(request.POST or None, initial=start, people=people, standing=standing)
    if form.is_valid():
        into = next((one for one in standing if one.pk == form.cleaned_data["into"]), None)
        try:
            if into:
                add_to_merged(actor=actor_of(request), at=now, merged=into, sources=sources)
            else:
                merge_opinions(
                    actor=actor_of(request),
                    at=now,
                    meeting=meeting,
                    sources=sources,
                    wording=form.wording(),
                    persons=form.cleaned_data["persons"],
                )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, opinion_count(meeting).sentence + "。")
            return redirect("meeting-opinions", meeting.pk)
    context = {"meeting": meeting, "form": form, "sources": sources, **_words(people)}
    return render(request, "talks/meeting_merge.html", context)


def meeting_merged(request: HttpRequest, pk: int, merged: int) -> HttpResponse:
    """Changes a merged opinion: its words, who is to see to it, whether it goes into the papers."""
    today, now = timezone.localdate(), timezone.now()
    meeting = _meeting(account_of(request), pk, today)
    found = get_object_or_404(_merged(meeting), pk=merged)
    people = assignable_members(meeting, today=today) | Member.objects.filter(merged_opinions=found)
    open_gathered(actor=actor_of(request), at=now, meeting=meeting)
    start = {
        "revision": found.revision,
        "text": found.text,
        "about": found.about,
        "category": found.category,
        "in_report": found.in_report,
        "persons": labels(found.persons.all(), people),
    }
    people = Member.objects.filter(pk__in=people.order_by().values("pk"))
    form = MergedForm(request.POST or None, initial=start, people=people, kept=found.category)
    if form.is_valid():
        try:
            change_merged(
                actor=actor_of(request),
                at=now,
                merged=found,
                revision=form.cleaned_data["revision"] or 0,
                wording=form.wording(),
                persons=form.cleaned_data["persons"],
                in_report=form.cleaned_data["in_report"],
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"已保存第{found.number}条意见。")
            return redirect(f"{reverse('meeting-opinions', args=[meeting.pk])}?done=1")
    sources = found.sources.select_related("speaker")
    context = {"meeting": meeting, "form": form, "merged": found, "sources": sources, **_words(people)}
    return render(request, "talks/meeting_merge.html", context)


def meeting_split(request: HttpRequest, pk: int, merged: int) -> HttpResponse:
    """Undoes a merging."""
    meeting = _meeting(account_of(request), pk, timezone.localdate())
    found = get_object_or_404(_merged(meeting), pk=merged)
    question = Question(
        ask=f"拆开第{found.number}条意见？",
        says=f"它由{found.sources.count()}条意见梳理而来；拆开以后，这些意见回到待梳理，梳理后的文字和责任人不再保留。",
        keep="保留",
        verb="拆开",
        back=reverse("meeting-merged", args=[pk, merged]),
    )
    return asked(
        request,
        question,
        lambda: split_merged(actor=actor_of(request), at=timezone.now(), merged=found),
        done="已拆开，原来的意见可以重新梳理。",
        forward=reverse("meeting-opinions", args=[pk]),
    )


@require_safe
def meeting_summary(request: HttpRequest, pk: int) -> HttpResponse:
    """征求意见汇总表: the merged opinions that go into the papers of the meeting, to be printed."""
    today = timezone.localdate()
    meeting = _meeting(account_of(request), pk, today)
    open_gathered(actor=actor_of(request), at=timezone.now(), meeting=meeting)
    rows = _merged(meeting).filter(in_report=True).prefetch_related("sources__speaker")
    context = {"meeting": meeting, "count": opinion_count(meeting), "rows": rows, "today": today}
    return render(request, "talks/meeting_summary.html", context)


def _meeting(account: Account, pk: int, today: date) -> Meeting:
    """A meeting whose opinions the account gathers; 404 for any other."""
    return get_object_or_404(gathered_meetings(account, today=today).select_related("organisation"), pk=pk)


def _merged(meeting: Meeting) -> QuerySet[MergedOpinion]:
    """The merged opinions with `raw`, of how many each was made, and those who are to see to it."""
    rows = MergedOpinion.objects.filter(meeting=meeting).annotate(raw=Count("sources"))
    return rows.prefetch_related("persons").order_by("number")


def _chosen(request: HttpRequest, meeting: Meeting) -> list[GatheredOpinion]:
    """Those whose keys stand in the address and that are still free."""
    keys = [key for key in request.GET.getlist("source") if key.isdecimal() and len(key) < 10]
    return list(meeting.gathered_opinions.unmerged().filter(pk__in=keys).select_related("speaker"))


def _words(people: QuerySet[Member]) -> dict[str, Any]:
    """What the fields suggest."""
    return {"about": ABOUT, "suggested": names_offered(people, people)}
