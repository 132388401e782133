"""One's own part in the opinions before a meeting: what one heard and releases, said, or is to see to."""

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.models import Account, Member
from members.views import account_of, actor_of, member_of
from talks.forms.opinions import ReleaseForm
from talks.forms.talks import ABOUT
from talks.models import Meeting, Opinion, Side
from talks.permissions import (
    releasable_opinions,
    releasing_meetings,
    visible_gathered_opinions,
    visible_merged_opinions,
)
from talks.services.opinions import (
    answer_attribution,
    open_gathered,
    open_raw_opinion,
    release_opinion,
    take_back_opinion,
)
from talks.views.talks import line_of

RELEASED = "已转交党组织，未署名；谈话中的原话仍只有谈话双方可见。"
ASKED = "已转交党组织；对方同意署名以前，不显示姓名。"


@require_safe
def meeting_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """与我有关的意见: to answer, to release, released, to see to."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    meeting = _meeting(account, pk, today)
    raw = (
        releasable_opinions(account, meeting, today=today)
        .select_related("talk")
        .prefetch_related("talk__participants__member")
    )
    own = visible_gathered_opinions(account, today=today).filter(meeting=meeting).select_related("speaker")
    assigned = visible_merged_opinions(account, today=today).filter(
        meeting=meeting, persons=account.member_id
    )
    context = {
        "meeting": meeting,
        # Only of which talk each is: the words are read one by one, where one rewords them.
        "raw": [(opinion, line_of(opinion.talk, account).others) for opinion in raw],
        "asking": own.asking(account.member_id),
        "said": own.filter(speaker=account.member_id).exclude(agreed_at=None, declined_at=None),
        "released": own.filter(released_by=account.member_id),
        "assigned": assigned,
    }
    open_gathered(actor=actor_of(request), at=now, meeting=meeting)
    return render(request, "talks/meeting_mine.html", context)


def meeting_release(request: HttpRequest, pk: int, opinion: int) -> HttpResponse:
    """The talker hands one opinion over, reworded."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    meeting = _meeting(account, pk, today)
    rows = releasable_opinions(account, meeting, today=today).select_related("talk")
    found = get_object_or_404(rows, pk=opinion)
    subjects = {
        row.member_id: row.member
        for row in found.talk.participants.select_related("member")
        if row.side == Side.SUBJECT
    }
    raw = open_raw_opinion(actor=actor_of(request), at=now, opinion=found)
    start = {"about": raw.about, "category": raw.category}
    form = ReleaseForm(request.POST or None, initial=start, kept=raw.category, subjects=subjects.values())
    if form.is_valid() and _released(request, form, account, meeting, raw, subjects):
        messages.success(request, ASKED if form.cleaned_data["speaker"] else RELEASED)
        return redirect("meeting-mine", meeting.pk)
    context = {"meeting": meeting, "form": form, "raw": raw, "about": ABOUT}
    return render(request, "talks/meeting_release.html", context)


@require_POST
def meeting_take_back(request: HttpRequest, pk: int, gathered: int) -> HttpResponse:
    """Takes back what one released, or entered for the meeting that one readies, while it is not merged."""
    today = timezone.localdate()
    account = account_of(request)
    rows = visible_gathered_opinions(account, today=today).select_related("meeting__organisation")
    found = get_object_or_404(rows, meeting=pk, pk=gathered)
    is_mine = found.released_by_id is not None and found.released_by_id == account.member_id
    is_entered = found.released_by_id is None and found.speaker_id is None
    if not (is_mine or is_entered):
        raise Http404
    try:
        take_back_opinion(actor=actor_of(request), at=timezone.now(), gathered=found)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "已收回这条意见。" if is_mine else "已删除这条意见。")
    return redirect("meeting-mine" if is_mine else "meeting-opinions", pk)


@require_POST
def meeting_answer(request: HttpRequest, pk: int, gathered: int) -> HttpResponse:
    """The speaker says whether his name may stand beside his opinion."""
    today = timezone.localdate()
    account = account_of(request)
    rows = visible_gathered_opinions(account, today=today).select_related("meeting__organisation")
    found = get_object_or_404(rows, meeting=pk, pk=gathered, speaker=account.member_id, speaker__isnull=False)
    agrees = "agree" in request.POST
    answer_attribution(actor=actor_of(request), at=timezone.now(), gathered=found, agrees=agrees)
    messages.success(request, "这条意见署您的姓名；以后可以改为不署名。" if agrees else "这条意见不署名。")
    return redirect("meeting-mine", pk)


def _released(
    request: HttpRequest,
    form: ReleaseForm,
    account: Account,
    meeting: Meeting,
    raw: Opinion,
    subjects: Mapping[int, Member],
) -> bool:
    """Whether the service took it; else the form says why not."""
    asks: int | None = form.cleaned_data["speaker"]
    try:
        release_opinion(
            actor=actor_of(request),
            at=timezone.now(),
            talker=member_of(account),
            meeting=meeting,
            opinion=raw,
            wording=form.wording(),
            asks=subjects.get(asks) if asks else None,
        )
    except ValidationError as error:
        form.refuse(error)
        return False
    return True


def _meeting(account: Account, pk: int, today: date) -> Meeting:
    """A meeting of an organisation of one's own; 404 for any other."""
    return get_object_or_404(releasing_meetings(account, today=today).select_related("organisation"), pk=pk)
