"""日历: the talks that one may know of, by day and hour; a booked one is moved by dragging it."""

from datetime import date, time
from typing import Any

from csp.constants import NONCE
from csp.decorators import csp_update
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from branches.rules.dates import day_of
from members.models import Account
from members.views import account_of, actor_of
from talks.figures.calendar import MOST, CalendarPage, calendar_page
from talks.forms.calendar import DaysForm, MoveForm
from talks.models import Talk
from talks.permissions import had_in_hand, may_change_plan, takes_part, visible_talks
from talks.rules.hours import hour_of
from talks.rules.words import TalkState
from talks.services.life import ALREADY_CANCELLED, ALREADY_RECORDED
from talks.services.moves import move_talk
from talks.views.talks import line_of

NO_SUCH_TIME = "没有读懂要改到的时间，请重新拖动，或者打开谈话后修改安排。"
MOVED = "已改到{day}{hour}。"
MORE = "这段时间的谈话较多，只显示前{most}次。请选择较短的时间，或者只看本人参加的谈话。"


# FullCalendar writes its rules into one style element of its own, a font of signs among them.
@csp_update({"style-src": [NONCE], "font-src": ["data:"]})  # type: ignore[untyped-decorator]
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The page; its script asks for the talks of the days that it shows."""
    today = timezone.localdate()
    account = account_of(request)
    if not takes_part(account, today=today):
        raise Http404
    context = {"today": today, "is_member": bool(account.member_id)}
    return render(request, "talks/calendar.html", context)


@require_safe
def calendar_talks(request: HttpRequest) -> HttpResponse:
    """The talks of some days, as FullCalendar reads them: persons, hours and state, nothing else."""
    today = timezone.localdate()
    account = account_of(request)
    if not takes_part(account, today=today):
        raise Http404
    form = DaysForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest()
    days = form.cleaned_data
    page = calendar_page(account, since=days["since"], until=days["until"], mine=days["mine"], today=today)
    return JsonResponse(
        {
            "talks": [_entry(talk, account, page) for talk in page.talks],
            "told": MORE.format(most=MOST) if page.has_more else "",
        }
    )


@require_POST
def talk_move(request: HttpRequest, code: str) -> HttpResponse:
    """Moves a booked talk; where it cannot be moved, says why, and the calendar puts it back (409)."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today), code=code)
    if not may_change_plan(account, talk, today=today):
        if not had_in_hand(account, talk):
            raise Http404
        return _refused(ALREADY_CANCELLED if talk.state == TalkState.CANCELLED else ALREADY_RECORDED)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _refused(NO_SUCH_TIME)
    try:
        move_talk(actor=actor_of(request), at=now, today=today, talk=talk, **form.cleaned_data)
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    told = MOVED.format(day=day_of(talk.held_on), hour=hour_of(talk.starts_at))
    return JsonResponse({"revision": talk.revision, "told": told})


def _refused(text: str) -> JsonResponse:
    return JsonResponse({"told": text}, status=409)


def _entry(talk: Talk, account: Account, page: CalendarPage) -> dict[str, Any]:
    line = line_of(talk, account)
    may_move = talk.pk in page.movable
    return {
        "id": talk.code,
        "title": line.others,
        "start": _moment(talk.held_on, talk.starts_at),
        "end": _moment(talk.held_on, talk.ends_at) if talk.starts_at and talk.ends_at else None,
        "allDay": talk.starts_at is None,
        "url": reverse("talk", args=[talk.code]),
        "startEditable": may_move,
        "durationEditable": may_move and talk.starts_at is not None,
        "move": reverse("talk-move", args=[talk.code]) if may_move else "",
        "revision": talk.revision if may_move else 0,
        "state": line.chip,
        "tone": line.tone,
        "clashes": talk.pk in page.clashing,
    }


def _moment(day: date, hour: time | None) -> str:
    return f"{day.isoformat()}T{hour.isoformat()}" if hour else day.isoformat()
