"""约谈: asking in three taps, whom, when and what about."""

from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Account, Member
from members.permissions import has_led
from members.views import actor_of
from talks.figures.requests import card_of, leader_groups, request_limits
from talks.figures.slots import free_times
from talks.forms.requests import (
    TIMES,
    AskForm,
    OwnTimeForm,
    read_slot,
    slot_value,
)
from talks.models import TalkRequest
from talks.permissions import is_askable, visible_requests
from talks.rules.requests import TOPICS
from talks.services.requests import ASKS_ONESELF, NOT_ASKABLE, OPEN_ALREADY, ask_request
from talks.services.slots import next_slots
from talks.views.requests import member_account

FREE = 12  # times shown at once; more are behind 自己选日期和时间


@require_safe
def request_ask(request: HttpRequest) -> HttpResponse:
    """The first step: whom."""
    account, now = member_account(request), _now()
    who = request.GET.get("who", "")[:60]
    context = {"groups": leader_groups(account, now=now, who=who), "who": who, "limits": request_limits()}
    return render(request, "talks/request_ask.html", context)


def request_when(request: HttpRequest, code: str) -> HttpResponse:
    """The second step: when."""
    account, now = member_account(request), _now()
    leader = _leader(account, code, now.date())
    if leader is None or not is_askable(account, leader, today=now.date()):
        return _not_askable(request, leader)
    assert account.member_id is not None
    mine = visible_requests(account, today=now.date()).in_the_way().between(account.member_id, leader)
    going_on = mine.defer("reason").first()
    if going_on:
        messages.warning(request, OPEN_ALREADY.format(name=leader.name))
        return redirect("request", going_on.code)
    due_on = request_limits().hold_due(now.date())
    form = OwnTimeForm(request.GET if "day" in request.GET else None)
    if form.is_valid():
        return redirect(_about_url(code, slot_value(form.slot())))
    times = free_times([leader.pk], requester=account.member_id, now=now, until=due_on)[leader.pk]
    context = {
        "card": card_of(account, leader, today=now.date()),
        "times": [(slot, slot_value(slot)) for slot in times[:FREE]],
        "due_on": due_on,
        "form": form,
    }
    return render(request, "talks/request_when.html", context)


def request_about(request: HttpRequest, code: str) -> HttpResponse:
    """The third step: what about; the tap on a topic sends. What was typed stays where it is refused."""
    account, at = member_account(request), timezone.now()
    today = timezone.localdate(at)
    leader = _leader(account, code, today)
    if leader is None:
        return _not_askable(request, leader)
    form = AskForm(request.POST or None, initial={"when": request.GET.get("when", "any")})
    if form.is_valid():
        made = _asked(request, form, account, leader, at)
        if made:
            return redirect("request", made.code)
    when = str(form["when"].value() or "any")
    refusal = _refusal(form)
    others = []
    if form.has_error("__all__", code="taken") or form.has_error("__all__", code="slot"):
        assert account.member is not None
        others = next_slots(asked=leader, requester=account.member, at=at, most=3)
        when = slot_value(others[0]) if others else "any"
    context = {
        "form": form,
        "card": card_of(account, leader, today=today),
        "when": when,
        "when_words": _when_words(when),
        "others": [(slot_value(slot), slot.words) for slot in others],
        "topics": TOPICS,
        "refusal": refusal,
    }
    return render(request, "talks/request_about.html", context)


def _asked(
    request: HttpRequest, form: AskForm, account: Account, leader: Member, at: datetime
) -> TalkRequest | None:
    try:
        return ask_request(
            actor=actor_of(request),
            at=at,
            account=account,
            asked=leader,
            wish=form.wish(),
            reason=form.reason(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _refusal(form: AskForm) -> list[str]:
    """What stands in the way, in sentences."""
    if not form.is_bound:
        return []
    return [str(message) for errors in form.errors.values() for message in errors]


def _when_words(when: str) -> str:
    slot = read_slot(when)
    return slot.words if slot else TIMES.get(when, TIMES["any"])


def _about_url(code: str, when: str) -> str:
    return f"{reverse('request-about', args=[code])}?when={when}"


def _leader(account: Account, code: str, today: date) -> Member | None:
    """Who is asked; None for oneself. 404 for whoever never led an organisation of the account's."""
    member = get_object_or_404(Member, code=code)
    if member.pk == account.member_id:
        return None
    if not has_led(account, member, today=today):
        raise Http404
    return member


def _not_askable(request: HttpRequest, leader: Member | None) -> HttpResponse:
    text = NOT_ASKABLE.format(name=leader.name) if leader else ASKS_ONESELF
    messages.warning(request, text)
    return redirect("request-ask")


def _now() -> datetime:
    """Local time without a zone, as times of talks are."""
    return timezone.localtime(timezone.now()).replace(tzinfo=None)
