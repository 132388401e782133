"""调阅: asked for on the page of a talk, decided by a second person, read for some minutes."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.permissions import approvable_organisations, inspected_organisations
from members.views import account_of, actor_of, address_of
from members.views.confirmation import needs_step_up
from members.views.entries import Question, asked, kept
from talks.figures.disclosures import disclosure_line, disclosure_lines, listed_disclosures
from talks.forms.disclosures import SHOWN, DisclosureFilter, DisclosureReasonForm, MinutesForm
from talks.models import Disclosure
from talks.permissions import (
    PEOPLE,
    approved_disclosures,
    asked_disclosures,
    decidable_disclosures,
    disclosable_talks,
    disclosure_approvers,
    overseen_disclosures,
    readable_disclosures,
    visible_disclosures,
)
from talks.rules.disclosures import WAITS_DAYS, DisclosureState
from talks.services.disclosures import (
    TOO_LATE,
    approve_disclosure,
    ask_disclosure,
    decline_disclosure,
    open_disclosed,
    read_disclosure_reasons,
    revoke_disclosure,
    take_back_disclosure,
)
from talks.views.duties import ROWS, query_without_page
from talks.views.talks import line_of

ASKED = "已申请调阅，等待批准。"
APPROVED = "已批准，从现在起计时；谈话双方已收到告知。"
SEALED = "加密保存，只有申请人和有权审批的同志可见，每次查看都记入审计日志"
NO_APPROVER = "目前没有其他主要负责同志可以批准，请上级党组织先明确主要负责同志"


@require_safe
def disclosures_page(request: HttpRequest) -> HttpResponse:
    """Those that one asked for, may decide or decided, 25 rows to a page; 404 for whom there can be none."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = visible_disclosures(account, today=today)
    has_list = (
        inspected_organisations(account, today=today).exists()
        or approvable_organisations(account, today=today).exists()
    )
    if not has_list and not found.exists():
        raise Http404
    shown = DisclosureFilter(request.GET).chosen().get("show") or ""
    if shown == "decide":
        found = found.filter(
            pk__in=decidable_disclosures(account, at=now, today=today).order_by().values("pk")
        )
    elif shown == "asked":
        found = found.filter(asked_by=account)
    page = Paginator(listed_disclosures(found), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": disclosure_lines(list(page.object_list), at=now),
        "shown": shown,
        "choices": SHOWN,
        "query": query_without_page(request),
    }
    return render(request, "talks/disclosures.html", context)


@never_cache
@require_safe
def disclosure_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One disclosure: who, which record, why (whose reading is in the trail), how far it has come."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(listed_disclosures(visible_disclosures(account, today=today)), pk=pk)
    reasons = read_disclosure_reasons(actor=actor_of(request), at=now, disclosure=found)
    line = disclosure_line(found, at=now)
    is_open = line.state is DisclosureState.OPEN
    is_waiting = line.state is DisclosureState.WAITING
    approvers = ""
    if is_waiting and found.asked_by_id == account.pk:
        names = [member.name for member in disclosure_approvers(found, today=today)]
        approvers = f"{'、'.join(names)}可以批准" if names else NO_APPROVER
    context = {
        "line": line,
        "reasons": reasons,
        "sealed": SEALED,
        "approvers": approvers,
        "may_decide": decidable_disclosures(account, at=now, today=today).filter(pk=pk).exists(),
        "may_take_back": is_waiting and found.asked_by_id == account.pk,
        "may_revoke": is_open and found.approved_by_id == account.pk,
        "may_read": is_open and readable_disclosures(account, today=today).filter(pk=pk).exists(),
    }
    return render(request, "talks/disclosure.html", context)


@needs_step_up
def talk_disclose_page(request: HttpRequest, code: str) -> HttpResponse:
    """An inspector asks to read the record of one talk."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    talks = disclosable_talks(account, today=today).prefetch_related(PEOPLE)
    talk = get_object_or_404(talks.defer("topic", "content", "cancel_reason"), code=code)
    form = DisclosureReasonForm(request.POST or None)
    if form.is_valid():
        made = kept(
            form,
            lambda: ask_disclosure(
                actor=actor_of(request),
                at=now,
                account=account,
                talk=talk,
                reason=form.cleaned_data["reason"],
                today=today,
            ),
        )
        if made:
            messages.success(request, ASKED)
            return redirect("disclosure", made.pk)
    context = {
        "form": form,
        "line": line_of(talk, account),
        "sealed": SEALED,
        "minutes": settings.DISCLOSURE_MINUTES,
        "days": WAITS_DAYS,
    }
    return render(request, "talks/disclose.html", context)


@needs_step_up
def disclosure_approve_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person opens the record to who asked, for the minutes that he chooses."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    rows = listed_disclosures(overseen_disclosures(account, today=today))
    found = get_object_or_404(rows, pk=pk)
    if found.state_at(now) is not DisclosureState.WAITING:
        return _too_late(request, pk)
    form = MinutesForm(request.POST or None, most=settings.DISCLOSURE_MINUTES)
    if form.is_valid():
        try:
            approve_disclosure(
                actor=actor_of(request),
                at=now,
                disclosure=found,
                account=account,
                minutes=form.cleaned_data["minutes"],
                today=today,
            )
        except ValidationError as error:
            if error.code == "stale":
                return _too_late(request, pk)
            form.add_error(None, error)
        else:
            messages.success(request, APPROVED)
            return redirect("disclosure", pk)
    context = {"form": form, "line": disclosure_line(found, at=now)}
    return render(request, "talks/disclosure_approve.html", context)


def disclosure_decline_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person declines it, with a reason."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(listed_disclosures(overseen_disclosures(account, today=today)), pk=pk)
    if found.state_at(now) is not DisclosureState.WAITING:
        return _too_late(request, pk)
    form = DisclosureReasonForm(request.POST or None)
    if form.is_valid():
        try:
            decline_disclosure(
                actor=actor_of(request),
                at=now,
                disclosure=found,
                account=account,
                reason=form.cleaned_data["reason"],
                today=today,
            )
        except ValidationError as error:
            if error.code == "stale":
                return _too_late(request, pk)
            form.add_error(None, error)
        else:
            messages.success(request, "已告知申请人不予批准。")
            return redirect("disclosures")
    question = Question(
        ask="不予批准这项调阅？",
        says="记录不开放。理由会告知申请人，申请人可以补充情况后重新申请。",
        keep="返回",
        verb="不予批准",
        back=reverse("disclosure", args=[pk]),
    )
    context = {"form": form, "question": question, "sealed": SEALED}
    return render(request, "talks/waiver_reason.html", context)


def disclosure_take_back_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who asked takes the request back while it waits."""
    found = get_object_or_404(asked_disclosures(account_of(request)), pk=pk)
    question = Question(
        ask="撤回这项调阅申请？",
        says="撤回以后，需要时可以重新申请。",
        keep="保留申请",
        verb="撤回申请",
        back=reverse("disclosure", args=[pk]),
    )
    return _asked(request, found, question, take_back_disclosure, DisclosureState.WAITING, "已撤回申请。")


def disclosure_revoke_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who approved takes it back before the time is over."""
    found = get_object_or_404(approved_disclosures(account_of(request)), pk=pk)
    question = Question(
        ask="收回这项调阅的批准？",
        says="收回以后，申请人立即不能再查看这份记录；已经看过的，审计日志中有记载。",
        keep="保留批准",
        verb="收回批准",
        back=reverse("disclosure", args=[pk]),
    )
    return _asked(request, found, question, revoke_disclosure, DisclosureState.OPEN, "已收回批准。")


@needs_step_up
def disclosure_read_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The content, with who reads it and how long still; each look is in the trail before it is shown."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    found = get_object_or_404(listed_disclosures(asked_disclosures(account)), pk=pk)
    try:
        disclosed = open_disclosed(
            actor=actor_of(request), at=now, disclosure=found, account=account, today=today
        )
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("disclosure", pk)
    context = {
        "line": disclosure_line(found, at=now),
        "disclosed": disclosed,
        "reader": account.name,
        "now": now,
        "address": address_of(request),
    }
    return render(request, "talks/disclosure_read.html", context)


def _asked(
    request: HttpRequest,
    found: Disclosure,
    question: Question,
    write: Callable[..., None],
    before: DisclosureState,
    done: str,
) -> HttpResponse:
    """Asks on GET, does it on POST; who comes too late is told."""
    account, now = account_of(request), timezone.now()
    if found.state_at(now) is not before:
        return _too_late(request, found.pk)
    return asked(
        request,
        question,
        lambda: write(actor=actor_of(request), at=now, disclosure=found, account=account),
        done=done,
        forward=question.back,
    )


def _too_late(request: HttpRequest, pk: int) -> HttpResponse:
    """To its page, or to the list where one may not know of it any more."""
    messages.warning(request, TOO_LATE)
    known = visible_disclosures(account_of(request), today=timezone.localdate())
    return redirect("disclosure", pk) if known.filter(pk=pk).exists() else redirect("disclosures")
