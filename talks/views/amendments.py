"""更正 and 补正: what is asked for, answered and put beside a record."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from members.views import account_of, actor_of, member_of
from members.views.entries import Question
from talks.forms.records import AmendmentForm, AnswerForm, CorrectionForm
from talks.models import Side
from talks.permissions import PEOPLE, may_amend, may_ask_correction, visible_corrections, visible_talks
from talks.permissions.talks import written_by
from talks.services.amendments import amend_record, answer_correction, ask_correction
from talks.services.records import open_record

ASKED = "已提出更正请求，请等候谈话人核对。"
ANSWERED = "已答复。"
AMENDED = "已补正，原文和补正一并保留。"


def talk_correction_ask(request: HttpRequest, code: str) -> HttpResponse:
    """A subject says what is not as it was."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today), code=code)
    if not may_ask_correction(account, talk, today=today):
        raise Http404
    form = CorrectionForm(request.POST or None)
    if form.is_valid():
        try:
            ask_correction(
                actor=actor_of(request),
                at=now,
                talk=talk,
                member=member_of(account_of(request)),
                text=form.cleaned_data["text"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, ASKED)
            return redirect("talk", code=talk.code)
    question = Question(
        ask="请谈话人更正记录？",
        says="请写明哪一处与当时所谈不符，应当怎样写。谈话人更正或答复以后，请您再核对。",
        keep="暂不提出",
        verb="提出更正请求",
        back=reverse("talk", args=[talk.code]),
    )
    context = {"form": form, "question": question, "sealed": "加密保存，只有您和谈话人、记录人可见"}
    return render(request, "talks/addition.html", context)


def talk_correction_answer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Who keeps the record answers."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    written = visible_talks(account, today=today).filter(written_by(account, today=today))
    talk = get_object_or_404(written, code=code)
    found = visible_corrections(account, today=today).filter(participant__talk=talk, answered_at=None)
    correction = get_object_or_404(found.select_related("participant__member", "participant__talk"), pk=pk)
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        try:
            answer_correction(
                actor=actor_of(request),
                at=now,
                correction=correction,
                member=member_of(account_of(request)),
                answer=form.cleaned_data["answer"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, ANSWERED)
            return redirect("talk", code=talk.code)
    open_record(actor=actor_of(request), at=now, account=account, talk=talk, today=today)
    question = Question(
        ask=f"答复{correction.participant.member.name}同志的更正请求",
        says="已经更正的，请说明改了哪里；不作更正的，请说明理由。",
        keep="暂不答复",
        verb="答复",
        back=reverse("talk", args=[talk.code]),
    )
    context = {
        "form": form,
        "question": question,
        "quoted": correction.text,
        "sealed": "加密保存，只有提出人和谈话人、记录人可见",
    }
    return render(request, "talks/addition.html", context)


def talk_amend(request: HttpRequest, code: str) -> HttpResponse:
    """Puts an amendment beside a confirmed record."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    if not may_amend(account, talk, today=today):
        raise Http404
    subjects = talk.participants.filter(side=Side.SUBJECT).select_related("member")
    form = AmendmentForm(request.POST or None, subjects=subjects)
    if form.is_valid():
        try:
            amend_record(
                actor=actor_of(request),
                at=now,
                talk=talk,
                member=member_of(account_of(request)),
                text=form.cleaned_data["text"],
                participant=form.cleaned_data.get("participant"),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, AMENDED)
            return redirect("talk", code=talk.code)
    question = Question(
        ask="补正谈话记录",
        says="已经确认的原文不改动，补正列在原文之后，注明补正人和时间。",
        keep="不补正",
        verb="保存补正",
        back=reverse("talk", args=[talk.code]),
    )
    context = {"form": form, "question": question, "sealed": "加密保存，可见范围不超过所补正的内容"}
    return render(request, "talks/addition.html", context)
