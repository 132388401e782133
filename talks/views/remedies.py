"""整改台账: the list, one remedy with its progress, the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Account, Member
from members.views import account_of, actor_of, member_of
from members.views.entries import Question, asked, kept
from talks.figures.remedies import (
    TONES,
    RemedyLine,
    chosen_remedies,
    ledgers_of,
    listed,
    may_open_talk,
    progress_of,
    readable,
    remedy_lines,
    settlements_of,
    state_counts,
)
from talks.forms.remedies import (
    STATES,
    AssignForm,
    ProgressForm,
    ReleaseRemedyForm,
    RemedyFilter,
)
from talks.models import Remedy
from talks.permissions import (
    assignable_remedies,
    bookable_members,
    decidable_settlements,
    known_remedies,
    progressing_remedies,
    releasable_remedies,
    retractable_remedies,
    settleable_remedies,
    takes_part,
)
from talks.services import remedies as services
from talks.views.duties import ROWS, Toggle, query_without_page

LEDGER = (
    "列入以后，本组织班子成员、上级主要负责同志和责任人可以看到这里的表述；"
    "谈话中的原话仍只有参加谈话的同志可见。"
)
Rights = Callable[..., QuerySet[Remedy]]


@dataclass(frozen=True, slots=True)
class StateToggle(Toggle):
    """A state in the filter, with how it stands in the address."""

    value: str


@require_safe
def remedies(request: HttpRequest) -> HttpResponse:
    """Those that one may know of: open ones first, the earliest limit first, 25 rows to a page."""
    today = timezone.localdate()
    account = account_of(request)
    if not takes_part(account, today=today):
        raise Http404
    places = ledgers_of(account, today=today)
    form = RemedyFilter(request.GET, organisations=places.values_list("code", "name"))
    chosen = form.chosen()
    states = [STATES[name] for name in chosen.get("state") or ()]
    filters = {name: chosen.get(name) or "" for name in ("who", "scope", "organisation")}
    found = chosen_remedies(account, today=today, **filters)
    counts = state_counts(found)
    shown = found.filter(Q(state__in=[state.value for state in states])) if states else found
    page = Paginator(listed(shown.in_order()), ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "total": counts.total(),
        "open": counts.total() - counts[STATES["settled"]],
        "overdue": counts[STATES["overdue"]],
        "toggles": [
            StateToggle(TONES[state], state.value, counts[state], state in states, name)
            for name, state in STATES.items()
        ],
        "page": page,
        "lines": _lines(request, account, list(page.object_list)),
        "is_narrowed": any(filters.values()) or bool(states),
        "query": query_without_page(request),
    }
    return render(request, "talks/remedies.html", context)


def remedy(request: HttpRequest, pk: int) -> HttpResponse:
    """One remedy; who may read it reads it here, which is in the trail. POST notes progress."""
    today = timezone.localdate()
    account = account_of(request)
    found = _known(request, account, pk)
    may = {
        "progress": _may(progressing_remedies, account, pk),
        "assign": _may(assignable_remedies, account, pk),
        "release": _may(releasable_remedies, account, pk),
        "retract": _may(retractable_remedies, account, pk),
        "settle": _may(settleable_remedies, account, pk),
    }
    form = ProgressForm(request.POST or None, initial={"noted_on": today}) if may["progress"] else None
    if request.method == "POST":
        if form is None:
            return _gone(request, pk)
        if form.is_valid() and _noted(request, account, found, form):
            messages.success(request, "进展已保存。")
            return redirect("remedy", pk)
    waiting = found.settlements.filter(ending="").first()
    context = {
        "line": _lines(request, account, [found])[0],
        "may": may,
        "form": form,
        "progress": progress_of(found, account, today=today),
        "settlements": settlements_of(found, account, today=today),
        "waiting": waiting,
        "may_decide": waiting and decidable_settlements(account, today=today).filter(pk=waiting.pk).exists(),
        "may_take_back": waiting and waiting.asked_by_id == account.member_id,
        "may_open_talk": may_open_talk(found, account, today=today),
    }
    return render(request, "talks/remedy.html", context)


def remedy_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Owner and limit, where the record named none."""
    today = timezone.localdate()
    account = account_of(request)
    found = get_object_or_404(assignable_remedies(account, today=today).select_related("talk"), pk=pk)
    known = bookable_members(account, today=today).order_by().values("pk")
    there = Member.objects.filter(participations__talk=found.talk_id).order_by().values("pk")
    people = Member.objects.filter(pk__in=known) | Member.objects.filter(pk__in=there)
    form = AssignForm(
        request.POST or None,
        people=people,
        with_owner=found.owner_id is None,
        with_limit=found.due_on is None,
    )

    def write() -> bool:
        owner, due_on = form.named()
        services.assign_remedy(
            actor=actor_of(request), at=timezone.now(), remedy=found, owner=owner, due_on=due_on
        )
        return True

    return entry_page(request, found, form, write, "明确责任", "保存", done="已明确责任。")


def remedy_release(request: HttpRequest, pk: int) -> HttpResponse:
    """A talker puts the remedy, reworded, into the ledger of the organisation."""
    today = timezone.localdate()
    account = account_of(request)
    found = get_object_or_404(releasable_remedies(account, today=today).select_related("talk"), pk=pk)
    form = ReleaseRemedyForm(request.POST or None)

    def write() -> bool:
        services.release_remedy(
            actor=actor_of(request),
            at=timezone.now(),
            remedy=found,
            released_by=member_of(account),
            text=form.cleaned_data["text"],
        )
        return True

    done = "已列入整改台账。"
    return entry_page(request, found, form, write, "列入整改台账", "列入台账", done=done, says=LEDGER)


def remedy_retract(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes it out of the ledger again."""
    found = get_object_or_404(retractable_remedies(account_of(request), today=timezone.localdate()), pk=pk)
    back = reverse("remedy", args=[pk])
    question = Question(
        ask="把这项整改措施撤出台账？",
        says="撤出以后，台账中的表述删除，党组织不再看到这项措施的内容；责任人、时限和进展照旧。",
        keep="保留",
        verb="撤出台账",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: services.retract_remedy(actor=actor_of(request), at=timezone.now(), remedy=found),
        done="已撤出台账。",
        forward=back,
    )


def _lines(request: HttpRequest, account: Account, rows: list[Any]) -> tuple[RemedyLine, ...]:
    """The remedies as rows, with the texts that may be read; that they were read is in the trail."""
    today = timezone.localdate()
    originals, released = readable(rows, account, today=today)
    texts = services.read_remedies(
        actor=actor_of(request), at=timezone.now(), remedies=rows, originals=originals, released=released
    )
    return remedy_lines(rows, texts=texts, originals=originals, today=today)


def _known(request: HttpRequest, account: Account, pk: int) -> Any:
    today = timezone.localdate()
    return get_object_or_404(listed(known_remedies(account, today=today).with_state(today)), pk=pk)


def _may(rights: Rights, account: Account, pk: int) -> bool:
    return rights(account, today=timezone.localdate()).filter(pk=pk).exists()


def _noted(request: HttpRequest, account: Account, found: Remedy, form: ProgressForm) -> bool:
    made = kept(
        form,
        lambda: services.note_progress(
            actor=actor_of(request),
            at=timezone.now(),
            remedy=found,
            noted_by=member_of(account),
            **form.cleaned_data,
        ),
    )
    return made is not None


def _gone(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress that comes when it may no longer be noted."""
    messages.warning(request, "这项整改措施已不由您办理，或者已经销号，进展没有保存。")
    return redirect("remedy", pk)


def entry_page(
    request: HttpRequest,
    found: Remedy,
    form: forms.Form,
    write: Callable[[], Any],
    title: str,
    verb: str,
    *,
    done: str,
    says: str = "",
) -> HttpResponse:
    """A page with one form about the remedy; what was typed stays where the service refuses."""
    account = account_of(request)
    if form.is_valid() and kept(form, write):
        messages.success(request, done)
        return onwards(account, found.pk)
    row = _known(request, account, found.pk)
    context = {
        "line": _lines(request, account, [row])[0],
        "form": form,
        "title": title,
        "verb": verb,
        "says": says,
    }
    return render(request, "talks/remedy_entry.html", context)


def onwards(account: Account, pk: int) -> HttpResponse:
    """To its page, or to the list where one may know of it no more."""
    known = known_remedies(account, today=timezone.localdate()).filter(pk=pk).exists()
    return redirect("remedy", pk) if known else redirect("remedies")
