"""Asking for a document: which kind, of what, what it will contain."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.models import Account
from members.views import account_of, actor_of
from members.views.confirmation import ask_again
from reports import services
from reports.figures.orders import Order, contents_of_order
from reports.forms import KindForm, OrderForm
from reports.models import Report
from reports.permissions import (
    documents_for,
    may_read_remedies,
    orderable_meetings,
    orderable_organisations,
    orderable_talks,
    readable_talk,
    reads_ledgers,
    visible_reports,
)
from reports.rules.documents import DOCUMENTS, Kind
from reports.views.approvals import exports_told
from talks.models import Talk

PAGE = 25
# A list asks for no sealed text.
UNREAD = ("file", "figures", "talk__topic", "talk__content", "talk__cancel_reason")


def frame(request: HttpRequest) -> dict[str, object]:
    """How many documents wait to be fetched, for the head of every page, and what is said of bulk exports.

    Asked only where it is shown.
    """
    account = getattr(request, "user", None)
    if not isinstance(account, Account):
        return {}
    return {
        "reports_ready": SimpleLazyObject(lambda: Report.objects.ready_for(account, timezone.now()).count()),
        "exports": SimpleLazyObject(lambda: exports_told(account, timezone.localtime(timezone.now()))),
    }


@require_safe
def reports_page(request: HttpRequest) -> HttpResponse:
    """One's documents, the newest first, and the form for another."""
    desk = Desk(request, request.GET)
    return _page(request, desk, desk.form(None))


def report_ask_page(request: HttpRequest) -> HttpResponse:
    """Asks for a document; the answer is its page, which shows how far it is."""
    desk = Desk(request, request.POST)
    form = desk.form(request.POST or None)
    if form.is_valid():
        order = desk.order(form)
        if order.with_content and (asked := ask_again(request)):
            return asked
        try:
            report = services.ask_for_report(
                actor=actor_of(request),
                at=timezone.now(),
                today=desk.today,
                account=desk.account,
                order=order,
                reason=form.cleaned_data.get("reason", ""),
            )
        except ValidationError as error:
            form = _refused(desk, form, request.POST, error)
        else:
            return redirect("report", number=report.number)
    return _page(request, desk, form)


@never_cache
@require_safe
def report_contents_page(request: HttpRequest) -> HttpResponse:
    """What the document will contain, as it is chosen at the moment: exchanged by htmx."""
    desk = Desk(request, request.GET)
    return render(request, "reports/_contents.html", {"contents": desk.contents(desk.form(request.GET))})


@dataclass(init=False, slots=True)
class Desk:
    """What an account may ask for, and which kind is chosen; 404 for who may ask for nothing."""

    account: Account
    today: date
    kinds: tuple[Kind, ...]
    kind: Kind
    talk: Talk | None
    chosen: QueryDict

    def __init__(self, request: HttpRequest, chosen: QueryDict) -> None:
        self.account, self.today = account_of(request), timezone.localdate()
        self.chosen = chosen
        code = chosen.get("talk", "")
        talks = orderable_talks(self.account, today=self.today)
        self.talk = get_object_or_404(talks.select_related("recorder"), code=code) if code else None
        offered = documents_for(self.account, today=self.today)
        # That of a talk begins at the talk.
        self.kinds = (Kind.RECORD,) if self.talk else tuple(one for one in offered if one != Kind.RECORD)
        wanted = chosen.get("kind", "")
        if not self.kinds or (wanted and wanted not in self.kinds):
            raise Http404
        self.kind = Kind(wanted) if wanted else self.kinds[0]

    @property
    def may_read(self) -> bool:
        """Whether the account may have the form of the talk with what was said."""
        return self.talk is not None and readable_talk(self.account, self.talk, today=self.today)

    def form(self, data: QueryDict | None, *, asks_reason: bool = False) -> OrderForm:
        """The form of the kind; with a reason where what may be chosen may need an approval."""
        asks_reason |= data is not None and "reason" in data
        if self.kind is Kind.RECTIFICATION:
            asks_reason = reads_ledgers(self.account, today=self.today)
        meeting = self.chosen.get("meeting", "")
        return OrderForm(
            data,
            kind=self.kind,
            organisations=orderable_organisations(self.account, self.kind, today=self.today),
            meetings=orderable_meetings(self.account, self.kind, today=self.today),
            may_read=self.may_read,
            asks_reason=asks_reason,
            today=self.today,
            initial={"meeting": int(meeting)} if meeting.isascii() and meeting.isdigit() else None,
        )

    def order(self, form: OrderForm) -> Order:
        """What was chosen in a valid form."""
        place = form.cleaned_data.get("organisation")
        reads = (
            self.kind is Kind.RECTIFICATION
            and place is not None
            and may_read_remedies(self.account, place, today=self.today)
        )
        return form.order(self.talk, reads=reads)

    def contents(self, form: OrderForm) -> tuple[Any, ...]:
        """What it will contain; nothing while what is chosen is not right."""
        if not form.is_bound:
            form = self.form(_begun(form))
        if not form.is_valid():
            return ()
        return contents_of_order(self.order(form), self.account, today=self.today)


def _refused(desk: Desk, form: OrderForm, data: QueryDict, error: ValidationError) -> OrderForm:
    """The form with what was said against it; where a reason is missing, with a field for it."""
    if not hasattr(error, "error_dict") or "reason" not in error.error_dict:
        form.add_error(None, ValidationError(error.messages))
        return form
    form = desk.form(data, asks_reason=True)
    form.add_error("reason", ValidationError(error.messages))
    return form


def _begun(form: OrderForm) -> QueryDict:
    """The form as it is sent when nothing is changed in it."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        value = form[name].value()
        if name == "meeting" and value is None:
            first = form.fields[name].queryset.first()  # type: ignore[attr-defined]
            value = first.pk if first else ""
        if value is not False and value is not None:
            data[name] = str(getattr(value, "pk", value))
    return data


def _page(request: HttpRequest, desk: Desk, form: OrderForm) -> HttpResponse:
    rows = visible_reports(desk.account, today=desk.today)
    rows = rows.select_related("organisation", "meeting__organisation", "talk").defer(*UNREAD)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "kinds": KindForm(initial={"kind": desk.kind.value}, kinds=desk.kinds),
        "kind": desk.kind.value,
        "document": DOCUMENTS[desk.kind],
        "talk": desk.talk,
        "contents": desk.contents(form),
        "page": page,
    }
    return render(request, "reports/reports.html", context)
