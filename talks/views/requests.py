"""约谈, the member's pages: how each request stands, and what is his to decide."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.models import Account
from members.permissions import reported_organisations
from members.views import account_of, actor_of
from members.views.entries import Question, asked, kept
from talks.figures.requests import (
    RequestCounts,
    card_of,
    listed_requests,
    request_counts,
    request_limits,
    request_lines,
    state_of,
    waiting_handover,
)
from talks.forms.requests import (
    AgainForm,
    ConsentForm,
    WordsForm,
)
from talks.models import TalkRequest
from talks.permissions import (
    answerable_requests,
    asked_still_leads,
    counted_requests,
    known_requests,
    may_publish,
    visible_proposals,
    visible_requests,
)
from talks.rules.requests import LEFT, RequestState, may_be_taken_back
from talks.services.answers import read_offer, read_reason
from talks.services.decisions import answer_handover, ask_again, pick_time
from talks.services.request_notices import read_request_notices
from talks.services.requests import add_words, withdraw_request
from talks.views.duties import ROWS

DIGITS = 16  # more than a primary key has


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Requests of and to the account, 25 rows to a page; those to be done first."""
    account, today = member_account(request), timezone.localdate()
    page = Paginator(listed_requests(account, today=today), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": request_lines(account, list(page.object_list), today=today),
        "is_leader": may_publish(account, today=today),
        "counts": reported_organisations(account, today=today).exists(),
        "query": "",
    }
    return render(request, "talks/requests.html", context)


@require_safe
def request_page(request: HttpRequest, code: str) -> HttpResponse:
    """One request: how it stands, what was written for who may read it, and what is one's own to do."""
    return _page(request, code, AgainForm())


def _page(request: HttpRequest, code: str, again: AgainForm) -> HttpResponse:
    account, at = member_account(request), timezone.now()
    today = timezone.localdate(at)
    found = _found(account, code, today)
    line = request_lines(account, [found], today=today)[0]
    reason = read_reason(actor=actor_of(request), at=at, account=account, request=found, today=today)
    read_request_notices(account=account, at=at, request=found)
    state = state_of(found)
    is_open = state in (RequestState.WAITING, RequestState.ACCEPTED, RequestState.PROPOSED)
    is_to_answer = state in (RequestState.WAITING, RequestState.PROPOSED)
    left = line.is_mine and is_to_answer and not asked_still_leads(found, today=today)
    answers = answerable_requests(account, today=today).filter(pk=found.pk).exists()
    offer = waiting_handover(found) if is_open and not line.deputises else None
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
        "again": again if line.is_mine else None,
        "successor": TalkRequest.objects.filter(came_from=found).select_related("asked").first()
        if line.is_mine
        else None,
        "left": LEFT.format(name=found.asked.name) if left else "",
        "may_answer": answers and is_to_answer,
        "may_add": line.is_mine and is_open and not left,
        "may_withdraw": line.is_mine and (left or _is_fresh(found, at)),
    }
    return render(request, "talks/request.html", context)


def request_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Takes it back within ten minutes, after a question."""
    account, today = member_account(request), timezone.localdate()
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
    account, today = member_account(request), timezone.localdate()
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
    account, today = member_account(request), timezone.localdate()
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
            proposal=_number(chosen),
        ),
        "时间已定，已告知对方。",
    )


@require_POST
def request_again(request: HttpRequest, code: str) -> HttpResponse:
    """None of the times will do."""
    account, today = member_account(request), timezone.localdate()
    found = _own(account, code, today)
    form = AgainForm(request.POST)
    if not form.is_valid():
        return _page(request, code, form)
    time = form.cleaned_data["time"]
    return _done(
        request,
        code,
        lambda: ask_again(actor=actor_of(request), at=timezone.now(), request=found, time=time),
        "已请对方另选时间。",
    )


@require_POST
def request_consent(request: HttpRequest, code: str) -> HttpResponse:
    """Agrees to a handing over, or does not."""
    account, today = member_account(request), timezone.localdate()
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
            offer=_number(request.POST.get("offer", "")),
            agrees=agrees,
            with_reason=agrees and "with_reason" in request.POST,
        ),
        "已同意转交，由接受的同志答复。" if agrees else "未同意转交，仍由对方答复。",
    )


@require_safe
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


def _number(text: str) -> int:
    """The primary key that was sent; 0, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < DIGITS else 0


def _found(account: Account, code: str, today: date) -> TalkRequest:
    rows = known_requests(account, today=today).select_related("requester", "asked", "talk")
    return get_object_or_404(rows.defer("talk__topic", "talk__content", "talk__cancel_reason"), code=code)


def _own(account: Account, code: str, today: date) -> TalkRequest:
    rows = visible_requests(account, today=today).filter(requester=account.member_id)
    return get_object_or_404(rows.select_related("requester", "asked"), code=code)


def _is_fresh(found: TalkRequest, at: datetime) -> bool:
    return found.state == RequestState.WAITING and may_be_taken_back(found.sent_at, at)


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


def member_account(request: HttpRequest) -> Account:
    """The account, where it is a member's; 404 else."""
    account = account_of(request)
    if not account.member_id:
        raise Http404
    return account
