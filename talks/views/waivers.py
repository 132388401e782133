"""免予谈话: asked for on the page of a duty, decided by somebody else, and what became of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from members.views import account_of, actor_of, member_of
from members.views.entries import Question, asked, kept
from talks.figures.waivers import (
    approvers_in_words,
    chosen_waivers,
    duty_of,
    in_order,
    organisations_with,
    waiver_counts,
    waiver_lines,
    waivers_of,
)
from talks.forms.waivers import STATES, ReasonForm, WaiverFilter
from talks.models import Waiver
from talks.permissions import (
    decidable_waivers,
    known_waivers,
    overseen_waivers,
    readable_waivers,
    retractable_waivers,
    revocable_waivers,
    takes_part,
    waivable_duties,
)
from talks.rules.words import WaiverState
from talks.services.waivers import (
    TOO_LATE,
    approve_waiver,
    ask_waiver,
    decline_waiver,
    read_waiver,
    revoke_waiver,
    take_back_waiver,
)
from talks.views.duties import ROWS, Toggle, find_duty, query_without_page

ASKED = "已申请免予谈话，等待批准；批准以前仍然应谈。"
APPROVED = "已批准，这项应谈自今天起免予谈话。"
SEALED = "加密保存，只有申请人和有权审批的同志可见，每次查看都记入审计日志"


@require_safe
def waivers(request: HttpRequest) -> HttpResponse:
    """Those that one may know of: waiting ones first, 25 rows to a page."""
    today = timezone.localdate()
    account = account_of(request)
    if not takes_part(account, today=today):
        raise Http404
    places = organisations_with(known_waivers(account, today=today))
    form = WaiverFilter(request.GET, organisations=places.values_list("code", "name"))
    chosen = form.chosen()
    states = [STATES[name] for name in chosen.get("state") or ()]
    filters = {name: chosen.get(name) or "" for name in ("who", "scope", "organisation")}
    found = chosen_waivers(account, today=today, **filters)
    counts = waiver_counts(found)
    page = Paginator(in_order(found.in_states(states) if states else found), ROWS).get_page(
        request.GET.get("page")
    )
    context = {
        "form": form,
        "total": counts.total(),
        "toggles": [
            Toggle(name, state.value, counts[state], state in states) for name, state in STATES.items()
        ],
        "page": page,
        "lines": waiver_lines(list(page.object_list), account, today=today),
        "is_narrowed": any(filters.values()) or bool(states),
        "query": query_without_page(request),
    }
    return render(request, "talks/waivers.html", context)


@require_safe
def waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """One waiver; who may read the reasons reads them here, which is in the trail."""
    today = timezone.localdate()
    account = account_of(request)
    found = get_object_or_404(in_order(known_waivers(account, today=today)), pk=pk)
    reasons = None
    if readable_waivers(account, today=today).filter(pk=pk).exists():
        reasons = read_waiver(actor=actor_of(request), at=timezone.now(), waiver=found)
    line = waiver_lines([found], account, today=today)[0]
    approvers = ""
    # Whom the duty is about is not among them: without his name one who is missing would tell it.
    if line.is_named and found.state is WaiverState.WAITING:
        approvers = approvers_in_words(found, asked_by=found.asked_by_id, today=today)
    context = {
        "line": line,
        "reasons": reasons,
        "sealed": SEALED,
        "duty": duty_of(found, account, today=today),
        "approvers": approvers,
        "may_decide": decidable_waivers(account, today=today).filter(pk=pk).exists(),
        "may_take_back": retractable_waivers(account).filter(pk=pk).exists(),
        "may_revoke": revocable_waivers(account, today=today).filter(pk=pk).exists(),
    }
    return render(request, "talks/waiver.html", context)


def duty_waive(request: HttpRequest, pk: int) -> HttpResponse:
    """A principal asks that a duty of his organisation need not be met."""
    today = timezone.localdate()
    account = account_of(request)
    worklist, _ = find_duty(account, pk, today=today)
    duty = get_object_or_404(waivable_duties(account, today=today), pk=pk)
    told = waivers_of(duty, account, today=today)
    if not told.may_ask and told.newest:
        return redirect("waiver", told.newest.waiver.pk)
    member = account.member
    assert member is not None
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        made = kept(
            form,
            lambda: ask_waiver(
                actor=actor_of(request),
                at=timezone.now(),
                asked_by=member,
                duty=duty,
                reason=form.cleaned_data["reason"],
            ),
        )
        if made:
            messages.success(request, ASKED)
            return redirect("waiver", made.pk)
    context = {
        "form": form,
        "line": worklist.line(worklist.find(pk)),
        "approvers": approvers_in_words(duty, asked_by=member.pk, today=today),
        "sealed": SEALED,
    }
    return render(request, "talks/waive.html", context)


@require_POST
def waiver_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves; who comes too late is told."""
    account, today = account_of(request), timezone.localdate()
    found = get_object_or_404(overseen_waivers(account, today=today), pk=pk)
    try:
        approve_waiver(
            actor=actor_of(request),
            at=timezone.now(),
            waiver=found,
            approved_by=member_of(account_of(request)),
        )
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, APPROVED)
    return _onwards(request, found, today)


def waiver_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Declines, with a reason."""
    account, today = account_of(request), timezone.localdate()
    found = get_object_or_404(overseen_waivers(account, today=today).select_related("organisation"), pk=pk)
    question = Question(
        ask=f"不予批准{_about(request, found, today)}的免予谈话？",
        says="这项应谈照常办理。理由会告知申请人，申请人可以补充情况后重新申请。",
        keep="返回",
        verb="不予批准",
        back=reverse("waiver", args=[pk]),
    )
    return _with_reason(
        request,
        found,
        WaiverState.WAITING,
        question,
        lambda reason: decline_waiver(
            actor=actor_of(request),
            at=timezone.now(),
            waiver=found,
            declined_by=member_of(account_of(request)),
            reason=reason,
        ),
        today=today,
        done="已告知申请人不予批准。",
    )


def waiver_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an approval back, with a reason: the duty returns."""
    account, today = account_of(request), timezone.localdate()
    known = known_waivers(account, today=today).order_by().values("pk")
    overseen = overseen_waivers(account, today=today).filter(pk__in=known)
    found = get_object_or_404(overseen.select_related("organisation"), pk=pk)
    question = Question(
        ask=f"撤回{_about(request, found, today)}的免予谈话批准？",
        says="撤回以后，这项应谈恢复，期限不变；已经过了期限的，列为逾期。理由会告知申请人。",
        keep="保留批准",
        verb="撤回批准",
        back=reverse("waiver", args=[pk]),
    )
    return _with_reason(
        request,
        found,
        WaiverState.APPROVED,
        question,
        lambda reason: revoke_waiver(
            actor=actor_of(request),
            at=timezone.now(),
            waiver=found,
            revoked_by=member_of(account_of(request)),
            reason=reason,
        ),
        today=today,
        done="已撤回批准，这项应谈恢复。",
    )


def waiver_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Who asked takes it back while it waits."""
    account, today = account_of(request), timezone.localdate()
    own = known_waivers(account, today=today).filter(asked_by=account.member_id, asked_by__isnull=False)
    found = get_object_or_404(own.select_related("organisation"), pk=pk)
    if found.state is not WaiverState.WAITING:
        return _too_late(request, found, today)
    back = reverse("waiver", args=[pk])
    question = Question(
        ask=f"撤回{_about(request, found, today)}的免予谈话申请？",
        says="撤回以后，这项应谈照常办理；需要时可以重新申请。",
        keep="保留申请",
        verb="撤回申请",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: take_back_waiver(
            actor=actor_of(request),
            at=timezone.now(),
            waiver=found,
            taken_back_by=member_of(account_of(request)),
        ),
        done="已撤回申请。",
        forward=back,
    )


def _with_reason(
    request: HttpRequest,
    found: Waiver,
    before: WaiverState,
    question: Question,
    write: Callable[[str], object],
    *,
    today: date,
    done: str,
) -> HttpResponse:
    """Asks on GET; does it on POST with the reason typed. Who comes too late is told and sent on."""
    if found.state is not before:
        return _too_late(request, found, today)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            write(form.cleaned_data["reason"])
        except ValidationError as error:
            if error.code == "stale":
                return _too_late(request, found, today)
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return _onwards(request, found, today)
    context: dict[str, Any] = {"form": form, "question": question, "sealed": SEALED}
    return render(request, "talks/waiver_reason.html", context)


def _too_late(request: HttpRequest, found: Waiver, today: date) -> HttpResponse:
    messages.warning(request, TOO_LATE)
    return _onwards(request, found, today)


def _onwards(request: HttpRequest, found: Waiver, today: date) -> HttpResponse:
    """To its page, or to the list where somebody else has decided what one does not know by name."""
    known = known_waivers(account_of(request), today=today)
    return redirect("waiver", found.pk) if known.filter(pk=found.pk).exists() else redirect("waivers")


def _about(request: HttpRequest, found: Waiver, today: date) -> str:
    return waiver_lines([found], account_of(request), today=today)[0].about
