"""约谈, the leader's pages: answering, handing over, free hours, who answers while he is away."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.models import Account, Member
from members.permissions import leading_posts
from members.views import account_of, actor_of
from members.views.entries import kept
from talks.figures.requests import (
    RequestLine,
    colleague_choices,
    deputies_of,
    request_limits,
    request_lines,
)
from talks.figures.slots import free_times
from talks.forms.requests import (
    AcceptForm,
    DeputyForm,
    ExceptionForm,
    HandoverForm,
    HoursForm,
    ProposeForm,
    proposed_times,
)
from talks.models import Deputy, OfficeException, OfficeHours, TalkRequest
from talks.permissions import (
    answerable_requests,
    colleagues_for,
    may_publish,
    visible_deputies,
    visible_requests,
)
from talks.rules.office_hours import Slot
from talks.rules.requests import RequestState
from talks.services import hours as services
from talks.services.answers import accept_request, offer_handover, propose_times

SHOWN_TIMES = 6
ANSWERED_ALREADY = "这项约谈已经答复过，现在的情况如下。"
WAITING = (RequestState.WAITING.value, RequestState.PROPOSED.value)


def request_accept(request: HttpRequest, code: str) -> HttpResponse:
    """Accepts with a time."""
    known = _answered(request, code)
    if known is None:
        return _too_late(request, code)
    account, found, line = known
    free = _free(found)
    form = AcceptForm(request.POST or None, has_slot=bool(found.slot_on), initial=_first(free))
    if request.method == "POST" and form.is_valid():
        done = _kept(
            form,
            lambda: accept_request(
                actor=actor_of(request),
                at=timezone.now(),
                account=account,
                request=found,
                slot=None if found.slot_on else form.slot(),
                place=form.cleaned_data["place"],
            ),
        )
        if done:
            messages.success(request, "已接受约谈，时间已定，已告知申请人。")
            # Who answers in another's place has no more to see of it.
            return redirect("requests") if line.deputises else redirect("request", code)
        if found.slot_on:
            # There is no time to change in this form: other times are proposed.
            messages.warning(request, f"没有接受：{form.non_field_errors()[0]}")
            return redirect("request-propose", code)
    context = {"form": form, "line": line, "free": free}
    return render(request, "talks/request_accept.html", context)


def request_propose(request: HttpRequest, code: str) -> HttpResponse:
    """Proposes other times."""
    known = _answered(request, code)
    if known is None:
        return _too_late(request, code)
    _, found, line = known
    free = _free(found)
    form = ProposeForm(request.POST or None, initial=proposed_times(free))
    if form.is_valid():
        done = _kept(
            form,
            lambda: propose_times(
                actor=actor_of(request), at=timezone.now(), request=found, slots=form.slots()
            ),
        )
        if done:
            messages.success(request, "已另约时间，请等待申请人选定。")
            return redirect("request", code)
    context = {"form": form, "line": line, "free": free}
    return render(request, "talks/request_propose.html", context)


def request_hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """Asks whether the request may go to a colleague; the leader asked does, nobody in his place."""
    known = _answered(request, code)
    if known is None:
        return _too_late(request, code)
    _, found, line = known
    if line.deputises:
        raise Http404
    today = timezone.localdate()
    posts = list(colleagues_for(found, today=today).select_related("member"))
    form = HandoverForm(request.POST or None, colleagues=colleague_choices(posts))
    if form.is_valid():
        colleague = Member.objects.get(code=form.cleaned_data["colleague"])
        done = kept(
            form,
            lambda: offer_handover(
                actor=actor_of(request),
                at=timezone.now(),
                request=found,
                colleague=colleague,
                reason=form.cleaned_data["reason"],
                today=today,
            ),
        )
        if done:
            messages.success(request, "已征求申请人意见；申请人同意以前，仍由您在期限内答复。")
            return redirect("request", code)
    return render(request, "talks/request_hand_over.html", {"form": form, "line": line})


def request_hours(request: HttpRequest) -> HttpResponse:
    """When one may be asked, on which days it is otherwise, and who answers while one is away."""
    account = _leader_account(request)
    assert account.member is not None
    member, today = account.member, timezone.localdate()
    colleagues = colleague_choices(leading_posts(account, today=today).select_related("member"))
    which = request.POST.get("which", "")

    def data(name: str) -> QueryDict | None:
        return request.POST if which == name else None

    hours, exception = (
        HoursForm(data("hours"), auto_id="hours-%s"),
        ExceptionForm(data("exception"), auto_id="day-%s"),
    )
    deputy = DeputyForm(data("deputy"), colleagues=colleagues, auto_id="away-%s")
    known = {"actor": actor_of(request), "at": timezone.now()}
    writes: dict[str, tuple[forms.Form, Callable[[], Model], str]] = {
        "hours": (hours, lambda: _publish(hours, member, known), "已公布约谈时间。"),
        "exception": (exception, lambda: _except(exception, member, known), "已调整当天的约谈时间。"),
        "deputy": (deputy, lambda: _depute(deputy, account, member, known), "已登记外出和代为答复的同志。"),
    }
    if which in writes:
        form, write, done = writes[which]
        if form.is_valid() and kept(form, write) is not None:
            messages.success(request, done)
            return redirect("request-hours")
    context = {
        "hours": OfficeHours.objects.filter(member=member).order_by("weekday", "starts_at"),
        "exceptions": OfficeException.objects.filter(member=member, day__gte=today),
        "deputies": deputies_of(account, today),
        "forms": {"hours": hours, "exception": exception, "deputy": deputy},
    }
    return render(request, "talks/request_hours.html", context)


@require_POST
def request_hours_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours are offered no longer."""
    account = _leader_account(request)
    found = get_object_or_404(OfficeHours.objects.filter(member=account.member_id), pk=pk)
    services.remove_hours(actor=actor_of(request), at=timezone.now(), hours=found)
    messages.success(request, "已删除，不再提供这段时间；已经约好的不受影响。")
    return redirect("request-hours")


@require_POST
def request_exception_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """On the day the hours of the week hold again."""
    account = _leader_account(request)
    found = get_object_or_404(OfficeException.objects.filter(member=account.member_id), pk=pk)
    services.remove_exception(actor=actor_of(request), at=timezone.now(), exception=found)
    messages.success(request, "已删除，当天恢复每周的时间。")
    return redirect("request-hours")


@require_POST
def request_deputy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """One is back."""
    account = _leader_account(request)
    own = visible_deputies(account, today=timezone.localdate()).filter(leader=account.member_id)
    found = get_object_or_404(own.select_related("leader"), pk=pk)
    services.end_deputy(actor=actor_of(request), at=timezone.now(), deputy=found)
    messages.success(request, "已结束，申请仍由您本人答复。")
    return redirect("request-hours")


def _publish(form: HoursForm, member: Member, known: dict[str, object]) -> OfficeHours:
    typed = form.cleaned_data
    span = services.Span(typed["starts_at"], typed["ends_at"], typed["minutes"])
    return services.publish_hours(**known, member=member, weekday=typed["weekday"], span=span)  # type: ignore[arg-type]


def _except(form: ExceptionForm, member: Member, known: dict[str, object]) -> OfficeException:
    return services.make_exception(**known, member=member, **form.cleaned_data)  # type: ignore[arg-type]


def _depute(form: DeputyForm, account: Account, member: Member, known: dict[str, object]) -> Deputy:
    typed = form.cleaned_data
    return services.name_deputy(
        **known,  # type: ignore[arg-type]
        named_by=account,
        leader=member,
        deputy=Member.objects.get(code=typed["deputy"]),
        since=typed["since"],
        last=typed["last"],
    )


def _answered(request: HttpRequest, code: str) -> tuple[Account, TalkRequest, RequestLine] | None:
    """The request that is the account's to answer; None where it was asked and it is settled by now.

    404 for strangers, and for who stands in once it is settled: he learns nothing more of it.
    """
    account, today = account_of(request), timezone.localdate()
    rows = answerable_requests(account, today=today).filter(state__in=WAITING)
    found = rows.select_related("requester", "asked", "talk").filter(code=code).first()
    if found is None:
        get_object_or_404(visible_requests(account, today=today).filter(asked=account.member_id), code=code)
        return None
    return account, found, request_lines(account, [found], today=today)[0]


def _too_late(request: HttpRequest, code: str) -> HttpResponse:
    """Back to the request, which tells how it stands: a second tap, or another window was quicker."""
    messages.warning(request, ANSWERED_ALREADY)
    return redirect("request", code)


def _first(free: list[Slot]) -> dict[str, object]:
    """The first free time, to be changed or sent."""
    return {"day": free[0].day, "starts_at": free[0].starts_at, "ends_at": free[0].ends_at} if free else {}


def _free(found: TalkRequest) -> list[Slot]:
    """Times at which both are free, of those that the leader published."""
    now = timezone.localtime(timezone.now()).replace(tzinfo=None)
    until = request_limits().latest(found.asked_on, now.date())
    times = free_times([found.asked_id], requester=found.requester_id, now=now, until=until)
    return list(times[found.asked_id][:SHOWN_TIMES])


def _kept(form: forms.Form, write: Callable[[], object]) -> bool:
    """Whether the service took it; else the form says why, with what was typed."""
    try:
        write()
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return False
    return True


def _leader_account(request: HttpRequest) -> Account:
    account = account_of(request)
    if not may_publish(account, today=timezone.localdate()):
        raise Http404
    return account
