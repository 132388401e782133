"""The steps that one click takes: confirming, closing, keeping to the participants."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.views import account_of, actor_of
from talks.models import Side
from talks.permissions import may_close, visible_talks
from talks.services.talks import close_talk, confirm_record, keep_to_participants
from talks.views.drafts import number_of


@require_POST
def talk_confirm(request: HttpRequest, code: str) -> HttpResponse:
    """The subject confirms what he has read."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    found = get_object_or_404(visible_talks(account, today=today), code=code)
    mine = found.participants.filter(side=Side.SUBJECT, member=account.member_id)
    member = get_object_or_404(mine.select_related("member")).member
    try:
        confirm_record(
            actor=actor_of(request),
            at=now,
            talk=found,
            revision=number_of(request.POST, "revision"),
            member=member,
        )
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "已确认谈话记录。")
    return redirect("talk", code=found.code)


@require_POST
def talk_close(request: HttpRequest, code: str) -> HttpResponse:
    """办结."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    found = get_object_or_404(visible_talks(account, today=today), code=code)
    if not may_close(account, found, today=today):
        raise Http404
    try:
        close_talk(actor=actor_of(request), at=now, talk=found, revision=number_of(request.POST, "revision"))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "已办结。")
    return redirect("talk", code=found.code)


@require_POST
def talk_keep(request: HttpRequest, code: str) -> HttpResponse:
    """限参与人: a participant keeps the record to the participants."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    found = get_object_or_404(
        visible_talks(account, today=today).filter(participants__member=account.member_id), code=code
    )
    keep_to_participants(actor=actor_of(request), at=now, talk=found)
    messages.success(request, "已限参与人查看，没有参加谈话的党支部书记也不能看。")
    return redirect("talk", code=found.code)
