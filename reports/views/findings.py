"""疑点: the list, one of them with its evidence, what is said to it, and the sums of the organisations."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.models import Organisation
from members.models import Account
from members.views import account_of, actor_of, address_of
from members.views.confirmation import ask_again
from members.views.entries import Entry, entry_page, kept
from reports.figures.findings import organisation_sums, strangers, told
from reports.forms import FindingFilter, FindingTextForm
from reports.models import Finding, Sweep
from reports.models.findings import FindingQuerySet, FindingState
from reports.permissions import (
    dismissable_findings,
    explainable_findings,
    has_findings,
    reopenable_findings,
    sampled_organisations,
    visible_findings,
)
from reports.rules.comparison import SideBySide, side_by_side
from reports.rules.findings import Check
from reports.services import findings as services
from talks.models import Side, Talk
from talks.permissions import PEOPLE, disclosable_talks, open_disclosures, visible_talks
from talks.views.duties import query_without_page

PAGE = 25
TONES = {
    FindingState.OPEN: "pending",
    FindingState.EXPLAINED: "scheduled",
    FindingState.DISMISSED: "done",
    FindingState.GONE: "waived",
}
SEALED = "加密保存，只有能看到这条疑点的同志可见，每次查看都记入审计日志"


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as it is shown: in a sentence, how far it has come."""

    finding: Finding
    text: str
    state: FindingState

    @property
    def tone(self) -> str:
        """The sign of its state."""
        return TONES[self.state]


@dataclass(frozen=True, slots=True)
class TalkLine:
    """A talk of the evidence: who and when, never what was said. `strange`: who belonged nowhere then."""

    talk: Talk
    talkers: str
    subjects: str
    entered: datetime | None
    strange: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What of the records compared is open: which may still be asked for, or their texts side by side."""

    asking: frozenset[str]
    may_open: bool = False
    texts: SideBySide | None = None
    ends_at: datetime | None = None
    minutes_left: int = 0
    reader: str = ""
    address: str = ""
    now: datetime | None = None


@require_safe
def findings_page(request: HttpRequest) -> HttpResponse:
    """Those that one may see, the weightier and newer ones first; 404 for whom there can be none."""
    account, today = account_of(request), timezone.localdate()
    found = _seen(account, today)
    places = Organisation.objects.filter(findings__in=visible_findings(account, today=today)).distinct()
    form = FindingFilter(request.GET, organisations=places.order_by("path").values_list("code", "name"))
    chosen = form.chosen()
    rows = _chosen(found, chosen).select_related("organisation")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "lines": [_line(one) for one in page],
        "is_narrowed": any(chosen.values()),
        "sweep": Sweep.objects.first(),
        "may_sample": sampled_organisations(account, today=today).exists(),
        "query": query_without_page(request),
    }
    return render(request, "reports/findings.html", context)


@require_safe
def findings_organisations_page(request: HttpRequest) -> HttpResponse:
    """How many findings each organisation has, by how far they have come."""
    account, today = account_of(request), timezone.localdate()
    page = Paginator(organisation_sums(_seen(account, today)), PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/findings_organisations.html", {"page": page})


@require_safe
def finding_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: who and when, how similar, and what was said to it, whose reading is in the trail.

    The texts of its records are opened to who proved again who he is.
    """
    if "texts" in request.GET and (asked := ask_again(request)):
        return asked
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    rows = visible_findings(account, today=today).select_related("organisation")
    found = get_object_or_404(rows, pk=pk)
    steps = services.read_steps(actor=actor_of(request), at=now, finding=found)
    talks = _talks(account, found, today)
    context = {
        "line": _line(found),
        "talks": talks,
        "hidden": found.talks.count() - len(talks),
        "steps": steps,
        "sealed": SEALED,
        "is_copied": found.check_name == Check.COPIED,
        "disclosure": _disclosure(request, account, found, now),
        "may_explain": explainable_findings(account, today=today).filter(pk=pk).exists(),
        "may_dismiss": dismissable_findings(account, today=today).filter(pk=pk).exists(),
        "may_reopen": reopenable_findings(account, today=today).filter(pk=pk).exists(),
    }
    return render(request, "reports/finding.html", context)


def finding_explain_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who answers for the talks says how it was."""
    form = FindingTextForm(
        request.POST or None, label="说明", help_text=f"照实写明情况，不写谈话内容。{SEALED}"
    )
    entry = Entry("说明情况", "提交说明", reverse("finding", args=[pk]))
    return _entry(request, pk, explainable_findings, form, entry, services.explain_finding)


def finding_dismiss_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who oversees the organisation decides that it is none, and why."""
    form = FindingTextForm(request.POST or None, label="理由", help_text=SEALED)
    entry = Entry("排除疑点", "排除疑点", reverse("finding", args=[pk]))
    return _entry(request, pk, dismissable_findings, form, entry, services.dismiss_finding)


def finding_reopen_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A dismissed one is taken up again."""
    form = FindingTextForm(request.POST or None, label="理由", help_text=SEALED)
    entry = Entry("重新列为疑点", "重新列为疑点", reverse("finding", args=[pk]))
    return _entry(request, pk, reopenable_findings, form, entry, services.reopen_finding)


def _entry(
    request: HttpRequest,
    pk: int,
    permitted: Callable[..., FindingQuerySet],
    form: FindingTextForm,
    entry: Entry,
    write: Callable[..., None],
) -> HttpResponse:
    """A page on which something is said to a finding; it says what it is about."""
    account, today = account_of(request), timezone.localdate()
    found = get_object_or_404(permitted(account, today=today).select_related("organisation"), pk=pk)
    entry = replace(entry, sub=f"{found.get_check_name_display()}　{told(found)}")

    def said() -> bool:
        write(
            actor=actor_of(request),
            at=timezone.now(),
            account=account,
            finding=found,
            text=form.cleaned_data["text"],
        )
        return True

    if form.is_valid() and kept(form, said):
        return redirect("finding", pk=pk)
    return entry_page(request, form, entry)


def _seen(account: Account, today: date) -> FindingQuerySet:
    if not has_findings(account, today=today):
        raise Http404
    return visible_findings(account, today=today)


def _chosen(found: FindingQuerySet, chosen: dict[str, Any]) -> FindingQuerySet:
    state = chosen.get("state")
    if not state:
        found = found.standing().exclude(state=FindingState.DISMISSED)
    elif state != "all":
        found = found.in_state(state)
    if chosen.get("check_name"):
        found = found.filter(check_name=chosen["check_name"])
    return found.filter(organisation__code=chosen["organisation"]) if chosen.get("organisation") else found


def _line(finding: Finding) -> FindingLine:
    state = FindingState.GONE if finding.gone_on else FindingState(finding.state)
    return FindingLine(finding, told(finding), state)


def _talks(account: Account, finding: Finding, today: date) -> list[TalkLine]:
    """The talks of the evidence that the account may see, in the order of their days."""
    rows = (
        visible_talks(account, today=today)
        .filter(pk__in=finding.talks.values("pk"))
        .defer("topic", "content", "cancel_reason")
        .order_by("held_on", "starts_at", "code")
        .prefetch_related(PEOPLE)
    )
    strange = set(strangers().filter(talk__in=finding.talks.values("pk")).values_list("pk", flat=True))
    if finding.check_name != Check.STANDING:
        strange = set()
    return [
        TalkLine(
            talk,
            "、".join(
                [*_names(talk, Side.TALKER), *([talk.external_talker] if talk.external_talker else [])]
            ),
            "、".join(_names(talk, Side.SUBJECT)),
            talk.stated_entry or talk.recorded_at,
            "、".join(row.member.name for row in talk.participants.all() if row.pk in strange),
        )
        for talk in rows
    ]


def _disclosure(request: HttpRequest, account: Account, finding: Finding, now: datetime) -> Compared | None:
    """What an inspector may have of the records that a finding of like contents compares; None: nothing.

    The texts are opened only where he asks for them (`?texts=on`): each look is in the trail.
    """
    today = timezone.localdate(now)
    if finding.check_name != Check.COPIED:
        return None
    codes = dict(finding.talks.values_list("pk", "code"))
    mine = disclosable_talks(account, today=today).filter(pk__in=codes)
    asking = set(mine.order_by().values_list("code", flat=True))
    if not asking:
        return None
    opened = open_disclosures(account, codes, at=now, today=today)
    asking -= {codes[pk] for pk in opened}
    are_open = len(opened) == len(codes) == services.PAIR
    if not are_open or "texts" not in request.GET:
        return Compared(frozenset(asking), may_open=are_open)
    try:
        texts = services.read_texts(
            actor=actor_of(request), at=now, finding=finding, account=account, today=today
        )
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return Compared(frozenset(asking))
    return Compared(
        frozenset(asking),
        texts=side_by_side(texts.left, texts.right),
        ends_at=texts.ends_at,
        minutes_left=int(-(-(texts.ends_at - now).total_seconds() // 60)),
        reader=account.name,
        address=address_of(request),
        now=now,
    )


def _names(talk: Talk, side: Side) -> list[str]:
    return [row.member.name for row in talk.participants.all() if row.side == side]
