"""会议: 民主生活会 and 组织生活会."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.rules import BRANCH_KINDS
from members.models import Account
from members.views import account_of, actor_of
from members.views.entries import Question, asked
from talks.forms.meetings import MeetingForm
from talks.models import Meeting
from talks.permissions import meeting_organisations, takes_part, visible_meetings
from talks.rules.words import MeetingKind
from talks.services.meetings import add_meeting, change_meeting, remove_meeting
from talks.views.duties import ROWS

SAVED = "已保存会议；会前应谈事项随之更新。"


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings of the organisations that one may see, the latest first."""
    today = timezone.localdate()
    account = account_of(request)
    if not takes_part(account, today=today):
        raise Http404
    found = visible_meetings(account, today=today).select_related("organisation")
    in_order = found.order_by("-meeting_on", "organisation__path", "kind", "year")
    page = Paginator(in_order, ROWS).get_page(request.GET.get("page"))
    editable = set(meeting_organisations(account, today=today).values_list("pk", flat=True))
    context = {
        "today": today,
        "page": page,
        "rows": [(meeting, meeting.organisation_id in editable) for meeting in page.object_list],
        "may_add": bool(editable),
        "query": "",
    }
    return render(request, "talks/meetings.html", context)


def meeting_add(request: HttpRequest) -> HttpResponse:
    """Enters a meeting of an organisation that one keeps."""
    today, now = timezone.localdate(), timezone.now()
    organisations = meeting_organisations(account_of(request), today=today)
    if not organisations.exists():
        raise Http404
    first = organisations.first()
    is_branch = first is not None and first.kind in BRANCH_KINDS
    kind = MeetingKind.ORGANISATION_LIFE if is_branch else MeetingKind.DEMOCRATIC_LIFE
    start = {"year": today.year, "organisation": first, "kind": kind.value}
    form = MeetingForm(request.POST or None, organisations=organisations, initial=start)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            add_meeting(
                actor=actor_of(request),
                at=now,
                organisation=typed["organisation"],
                kind=MeetingKind(typed["kind"]),
                year=typed["year"],
                meeting_on=typed["meeting_on"],
                talks_from=typed["talks_from"],
                theme=typed["theme"],
            )
        except ValidationError as error:
            form.add_error(error.code if error.code in form.fields else None, ValidationError(error.messages))
        else:
            messages.success(request, SAVED)
            return redirect("meetings")
    return render(request, "talks/meeting_form.html", {"form": form, "meeting": None})


def meeting_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes days and theme."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    meeting = get_object_or_404(_kept(account, today), pk=pk)
    organisations = meeting_organisations(account, today=today)
    form = MeetingForm(request.POST or None, instance=meeting, organisations=organisations)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            change_meeting(
                actor=actor_of(request),
                at=now,
                meeting=meeting,
                meeting_on=typed["meeting_on"],
                talks_from=typed["talks_from"],
                theme=typed["theme"],
            )
        except ValidationError as error:
            form.add_error(error.code if error.code in form.fields else None, ValidationError(error.messages))
        else:
            messages.success(request, SAVED)
            return redirect("meetings")
    return render(request, "talks/meeting_form.html", {"form": form, "meeting": meeting})


def meeting_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a meeting that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    meeting = get_object_or_404(_kept(account, today), pk=pk)
    question = Question(
        ask=f"删除{meeting.organisation.name}{meeting}？",
        says="只用于删除录入有误的会议。由它产生的应谈事项随之撤销，已有的谈话仍保留。会议改期的，请修改日期。",
        keep="保留",
        verb="删除会议",
        back=reverse("meeting-change", args=[pk]),
    )
    return asked(
        request,
        question,
        lambda: remove_meeting(actor=actor_of(request), at=timezone.now(), meeting=meeting),
        done="会议已删除。",
        forward=reverse("meetings"),
    )


def _kept(account: Account, today: date) -> QuerySet[Meeting]:
    """Meetings of the organisations whose meetings one keeps."""
    organisations = meeting_organisations(account, today=today).order_by().values("pk")
    rows = visible_meetings(account, today=today).filter(organisation__in=organisations)
    return rows.select_related("organisation")
