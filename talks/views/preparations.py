"""谈话准备: the talker's own sheet before a talk."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from members.views import account_of, actor_of
from talks.forms.records import PreparationForm
from talks.permissions import PEOPLE, may_change_plan, may_prepare, visible_talks
from talks.rules.topics import TOPICS
from talks.services.preparations import open_matters, open_preparation, save_preparation
from talks.services.records import open_record
from talks.views.talks import line_of, settled

SAVED = "谈话准备已保存，仅您可见。"


def talk_prepare(request: HttpRequest, code: str) -> HttpResponse:
    """The sheet, with questions to choose from and what is open with the person."""
    today, now = timezone.localdate(), timezone.now()
    account, actor = account_of(request), actor_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    mine = next((row for row in talk.participants.all() if row.member_id == account.member_id), None)
    if mine is None or not may_prepare(account, talk, today=today):
        return settled(request, account, talk)
    sheet = open_preparation(actor=actor, at=now, account=account, talk=talk, today=today)
    data = request.POST.copy()
    form = PreparationForm(
        data or None,
        initial={
            "revision": sheet.revision if sheet else 0,
            "purpose": sheet.purpose if sheet else "",
            "background": sheet.background if sheet else "",
            "questions": sheet.questions if sheet else "",
        },
    )
    if form.is_valid():
        known = form.cleaned_data["revision"] or 0
        try:
            save_preparation(actor=actor, at=now, participant=mine, revision=known, outline=form.outline())
        except ValidationError as error:
            form.add_error(None, error)
            # Told once; whoever saves again means it.
            data["revision"] = str(sheet.revision if sheet else 0)
        else:
            messages.success(request, SAVED)
            return redirect("talk-prepare", code=talk.code)
    opened = open_record(actor=actor, at=now, account=account, talk=talk, today=today)
    if opened is None:
        raise Http404
    context = {
        "line": line_of(talk, account),
        "talk": talk,
        "form": form,
        "topic": opened.topic,
        "topics": TOPICS,
        "chosen": form["chosen"].value() or [],
        "matters": open_matters(actor=actor, at=now, account=account, talk=talk, today=today),
        "may_change": may_change_plan(account, talk, today=today),
        "is_over": talk.held_on <= today,
    }
    return render(request, "talks/prepare.html", context)
