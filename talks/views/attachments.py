"""附件: added to a record, downloaded, taken out again."""

from io import BytesIO

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.views import account_of, actor_of, file_was_too_large
from members.views.entries import Question, asked
from talks.forms.records import AttachForm, SignedPaperForm
from talks.models import Participant, Side
from talks.permissions import may_attach, visible_attachments, visible_talks
from talks.rules.attachments import FileKind
from talks.rules.words import TalkState
from talks.services.attachments import (
    TOO_LARGE,
    attach_file,
    attach_signed_paper,
    open_attachment,
    remove_attachment,
)
from talks.services.records import open_record

ATTACHED = "已上传附件。"
SIGNED = "已上传签字件，所选谈话对象按已确认记。"
SEALED = "加密保存，只有谈话人、记录人可见；谈话对象只有一位的，本人也可见"


def talk_attach(request: HttpRequest, code: str) -> HttpResponse:
    """Adds one file."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today), code=code)
    if not may_attach(account, talk, today=today):
        raise Http404
    is_sent = request.method == "POST"
    form = AttachForm(request.POST, request.FILES) if is_sent else AttachForm()
    if is_sent and file_was_too_large(request):
        form.add_error("file", TOO_LARGE)
    elif form.is_valid():
        file = form.cleaned_data["file"]
        try:
            attach_file(
                actor=actor_of(request),
                at=now,
                talk=talk,
                account=account,
                name=file.name,
                content=file.read(),
            )
        except ValidationError as error:
            form.add_error("file" if error.code == "file" else None, ValidationError(error.messages))
        else:
            messages.success(request, ATTACHED)
            return redirect("talk", code=talk.code)
    question = Question(
        ask="上传附件",
        says="与这次谈话有关的材料。请勿上传涉及国家秘密的文件，不要求拍摄谈话照片。",
        keep="不上传",
        verb="上传",
        back=reverse("talk", args=[talk.code]),
    )
    context = {"form": form, "question": question, "sealed": SEALED, "is_file": True}
    return render(request, "talks/addition.html", context)


def talk_sign(request: HttpRequest, code: str) -> HttpResponse:
    """The paper that subjects without a phone have signed."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today), code=code)
    if talk.state != TalkState.RECORDED or not may_attach(account, talk, today=today):
        raise Http404
    waiting = Participant.objects.filter(talk=talk, side=Side.SUBJECT, confirmed_at=None)
    waiting = waiting.select_related("member").order_by("member__code")
    is_sent = request.method == "POST"
    start = {"revision": talk.revision, "signers": list(waiting) if len(waiting) == 1 else []}
    form = SignedPaperForm(
        *((request.POST, request.FILES) if is_sent else ()), waiting=waiting, initial=start
    )
    if is_sent and file_was_too_large(request):
        form.add_error("file", TOO_LARGE)
    elif form.is_valid():
        file = form.cleaned_data["file"]
        try:
            attach_signed_paper(
                actor=actor_of(request),
                at=now,
                talk=talk,
                revision=form.cleaned_data["revision"] or 0,
                account=account,
                signers=[row.member for row in form.cleaned_data["signers"]],
                name=file.name,
                content=file.read(),
            )
        except ValidationError as error:
            field = error.code if error.code in form.fields else None
            form.add_error(field, ValidationError(error.messages))
        else:
            messages.success(request, SIGNED)
            return redirect("talk", code=talk.code)
    question = Question(
        ask="上传签字的纸质记录",
        says="谈话对象不便在本人账号上确认的，可以在打印的记录上签字，由记录人上传。上传以后不能删除。",
        keep="不上传",
        verb="上传签字件",
        back=reverse("talk", args=[talk.code]),
    )
    context = {"form": form, "question": question, "sealed": SEALED, "is_file": True}
    return render(request, "talks/addition.html", context)


@require_safe
def talk_attachment(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """The file, as a download; never shown within a page of ours."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    found = visible_attachments(account, today=today).select_related("talk")
    attachment = get_object_or_404(found, talk__code=code, number=number)
    content = open_attachment(actor=actor_of(request), at=now, attachment=attachment)
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=attachment.name,
        content_type=FileKind(attachment.kind).media_type,
    )


def talk_attachment_remove(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Asks, then takes the file out."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    found = visible_attachments(account, today=today).select_related("talk").defer("file")
    attachment = get_object_or_404(found, talk__code=code, number=number, is_signed=False)
    if not may_attach(account, attachment.talk, today=today):
        raise Http404
    back = reverse("talk", args=[code])
    # The name is sealed, too: that it is read stands in the trail.
    open_record(actor=actor_of(request), at=now, account=account, talk=attachment.talk, today=today)
    question = Question(
        ask=f"删除附件“{attachment.name}”？",
        says="删除以后不能恢复。",
        keep="保留附件",
        verb="删除附件",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: remove_attachment(actor=actor_of(request), at=now, attachment=attachment),
        done="已删除附件。",
        forward=back,
    )
