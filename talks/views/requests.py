"""约谈, the member's pages: asking in three taps, how it stands, and what is his to decide."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.models import Account, Member
from members.permissions import has_led, reported_organisations
from members.views import account_of, actor_of
from members.views.entries import Question, asked, kept
from talks.figures.requests import (
    RequestCounts,
    card_of,
    leader_groups,
    listed_requests,
    request_counts,
    request_limits,
    request_lines,
    state_of,
    waiting_handover,
)
from talks.figures.slots import free_times
from talks.forms.requests import (
    TIMES,
    AgainForm,
    AskForm,
    ConsentForm,
    OwnTimeForm,
    WordsForm,
    read_slot,
    slot_value,
)
from talks.models import TalkRequest
from talks.permissions import (
    answerable_requests,
    counted_requests,
    is_askable,
    known_requests,
    leads_today,
    may_publish,
    visible_proposals,
    visible_requests,
)
from talks.rules.requests import TOPICS, RequestState, may_be_taken_back
from talks.services.answers import read_offer, read_reason
from talks.services.request_notices import read_request_notices
from talks.services.requests import (
    NOT_ASKABLE,
    add_words,
    answer_handover,
    ask_again,
    ask_request,
    next_slots,
    pick_time,
    withdraw_request,
)
from talks.views.duties import ROWS

FREE = 12  # times shown at once; more are behind 自己选日期和时间


def requests(request: HttpRequest) -> HttpResponse:
    """Requests of and to the account, 25 rows to a page; those to be done first."""
    account, today = _member_account(request), timezone.localdate()
    page = Paginator(listed_requests(account, today=today), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": request_lines(account, list(page.object_list), today=today),
        "is_leader": may_publish(account, today=today),
        "counts": reported_organisations(account, today=today).exists(),
        "query": "",
    }
    return render(request, "talks/requests.html", context)


def request_ask(request: HttpRequest) -> HttpResponse:
    """The first step: whom."""
    account, now = _member_account(request), _now()
    who = request.GET.get("who", "")[:60]
    context = {"groups": leader_groups(account, now=now, who=who), "who": who, "limits": request_limits()}
    return render(request, "talks/request_ask.html", context)


def request_when(request: HttpRequest, code: str) -> HttpResponse:
    """The second step: when."""
    account, now = _member_account(request), _now()
    leader = _leader(account, code, now.date())
    if leader is None or not is_askable(account, leader, today=now.date()):
        return _not_askable(request, leader)
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
    account, at = _member_account(request), timezone.now()
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


def request_page(request: HttpRequest, code: str) -> HttpResponse:
    """One request: how it stands, what was written for who may read it, and what is one's own to do."""
    account, at = _member_account(request), timezone.now()
    today = timezone.localdate(at)
    found = _found(account, code, today)
    line = request_lines(account, [found], today=today)[0]
    reason = read_reason(actor=actor_of(request), at=at, account=account, request=found, today=today)
    read_request_notices(account=account, at=at, request=found)
    state = state_of(found)
    is_open = state in (RequestState.WAITING, RequestState.ACCEPTED, RequestState.PROPOSED)
    answers = answerable_requests(account, today=today).filter(pk=found.pk).exists()
    offer = waiting_handover(found) if is_open else None
    context = {
        "line": line,
        "state": state,
        "reason": reason,
        "card": card_of(account, found.asked, today=today) if line.is_mine else None,
        "steps": _steps(state),
        "proposals": visible_proposals(account, today=today).filter(request=found) if is_open else (),
        "offer": offer,
        "offer_reason": read_offer(actor=actor_of(request), at=at, offer=offer) if offer else "",
        "consent": ConsentForm() if offer and line.is_mine else None,
        "again": AgainForm() if line.is_mine else None,
        "successor": TalkRequest.objects.filter(came_from=found).select_related("asked").first()
        if line.is_mine
        else None,
        "may_answer": answers and state in (RequestState.WAITING, RequestState.PROPOSED),
        "may_add": line.is_mine and is_open,
        "may_withdraw": line.is_mine and _may_withdraw(found, at),
    }
    return render(request, "talks/request.html", context)


def request_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Takes it back within ten minutes, after a question."""
    account, today = _member_account(request), timezone.localdate()
    found = _own(account, code, today)
    question = Question(
        ask=f"撤回约{found.asked.name}同志的申请？",
        says="撤回以后对方不再需要答复；需要时可以重新申请。",
        keep="保留申请",
        verb="撤回申请",
        back=reverse("request", args=[code]),
    )
    return asked(
        request,
        question,
        lambda: withdraw_request(actor=actor_of(request), at=timezone.now(), request=found),
        done="已撤回申请。",
        forward=question.back,
    )


def request_add(request: HttpRequest, code: str) -> HttpResponse:
    """Writes more."""
    account, today = _member_account(request), timezone.localdate()
    found = _own(account, code, today)
    form = WordsForm(request.POST or None)
    if form.is_valid():
        words = form.cleaned_data["words"]
        done = kept(
            form,
            lambda: add_words(actor=actor_of(request), at=timezone.now(), request=found, words=words) or True,
        )
        if done:
            messages.success(request, "已补充。")
            return redirect("request", code)
    return render(request, "talks/request_add.html", {"form": form, "found": found})


@require_POST
def request_pick(request: HttpRequest, code: str) -> HttpResponse:
    """Picks one of the times proposed."""
    account, today = _member_account(request), timezone.localdate()
    found = _own(account, code, today)
    chosen = request.POST.get("proposal", "")
    return _done(
        request,
        code,
        lambda: pick_time(
            actor=actor_of(request),
            at=timezone.now(),
            account=account,
            request=found,
            proposal=int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 16 else 0,
        ),
        "时间已定，已告知对方。",
    )


@require_POST
def request_again(request: HttpRequest, code: str) -> HttpResponse:
    """None of the times will do."""
    account, today = _member_account(request), timezone.localdate()
    found = _own(account, code, today)
    form = AgainForm(request.POST)
    time = form.cleaned_data["time"] if form.is_valid() else ""
    return _done(
        request,
        code,
        lambda: ask_again(actor=actor_of(request), at=timezone.now(), request=found, time=time),
        "已请对方另选时间。",
    )


@require_POST
def request_consent(request: HttpRequest, code: str) -> HttpResponse:
    """Agrees to a handing over, or does not."""
    account, today = _member_account(request), timezone.localdate()
    found = _own(account, code, today)
    agrees = request.POST.get("agrees") == "yes"
    return _done(
        request,
        code,
        lambda: answer_handover(
            actor=actor_of(request),
            at=timezone.now(),
            account=account,
            request=found,
            agrees=agrees,
            with_reason=agrees and "with_reason" in request.POST,
        ),
        "已同意转交，由接受的同志答复。" if agrees else "未同意转交，仍由对方答复。",
    )


def request_figures(request: HttpRequest) -> HttpResponse:
    """约谈 as numbers, for who answers for organisations: nobody is named, no reason is told."""
    account, today = account_of(request), timezone.localdate()
    if not reported_organisations(account, today=today).exists():
        raise Http404
    asked_year = request.GET.get("year", "")
    known = asked_year.isascii() and asked_year.isdigit() and 2000 <= int(asked_year[:4]) <= today.year
    year = int(asked_year[:4]) if known else today.year
    counts = request_counts(counted_requests(account, today=today), year=year, today=today)
    page = Paginator(counts, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": page.object_list,
        "total": sum(counts, RequestCounts()),
        "year": year,
        "years": range(today.year, today.year - 3, -1),
        "limits": request_limits(),
        "query": f"year={year}",
    }
    return render(request, "talks/request_figures.html", context)


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
    text = NOT_ASKABLE.format(name=leader.name) if leader else "不能向自己申请约谈，请另选一位同志。"
    messages.warning(request, text)
    return redirect("request-ask")


def _found(account: Account, code: str, today: date) -> TalkRequest:
    rows = known_requests(account, today=today).select_related("requester", "asked", "talk")
    return get_object_or_404(rows.defer("talk__topic", "talk__content", "talk__cancel_reason"), code=code)


def _own(account: Account, code: str, today: date) -> TalkRequest:
    rows = visible_requests(account, today=today).filter(requester=account.member_id)
    return get_object_or_404(rows.select_related("requester", "asked"), code=code)


def _may_withdraw(found: TalkRequest, at: datetime) -> bool:
    if found.state == RequestState.WAITING and may_be_taken_back(found.sent_at, at):
        return True
    left = not leads_today(found.asked_id, today=timezone.localdate(at))
    return left and found.state in (RequestState.WAITING, RequestState.PROPOSED)


def _steps(state: RequestState) -> list[dict[str, Any]]:
    order = (RequestState.WAITING, RequestState.PROPOSED, RequestState.ACCEPTED, RequestState.HELD)
    done = order.index(state) if state in order else -1
    return [
        {"name": name, "is_done": place <= done, "is_next": place == done + 1}
        for place, name in enumerate(("送出", "答复", "约定", "已谈"))
        if done >= 0
    ]


def _done(request: HttpRequest, code: str, write: Any, done: str) -> HttpResponse:
    """Does it and goes back to the request, with what was done or why not."""
    try:
        made = write()
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, done)
        if isinstance(made, TalkRequest):
            return redirect("request", made.code)
    return redirect("request", code)


def _member_account(request: HttpRequest) -> Account:
    account = account_of(request)
    if not account.member_id:
        raise Http404
    return account


def _now() -> datetime:
    """Local time without a zone, as times of talks are."""
    return timezone.localtime(timezone.now()).replace(tzinfo=None)
