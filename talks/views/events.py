"""事件: entered by principals, seen by those who may know of them, and what each sets off."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from branches.models import OrganisationQuerySet
from members.forms.people import PersonSearchForm
from members.models import Account, Affiliation, Event, Member
from members.models.people import MemberQuerySet
from members.permissions import (
    changeable_events,
    led_organisations,
    readable_events,
    visible_events,
    visible_members,
)
from members.services import events as services
from members.views import account_of, actor_of
from members.views.entries import Entry, Question, asked, entry_page, kept
from talks.figures.events import Outlook, duties_of_event, event_kinds, outlooks, owing_events
from talks.forms.events import EventForm, EventsForm
from talks.views.duties import bring_up_to_date

PAGE = 25
SECRET = "有关同志发生的事件须保密，只向录入人、本组织主要负责同志和应当谈话的同志显示。"


@never_cache
@require_safe
def events_page(request: HttpRequest) -> HttpResponse:
    """The events that one may know of, the latest first."""
    account, today = account_of(request), timezone.localdate()
    search = PersonSearchForm(request.GET)
    rows = visible_events(account, today=today).select_related("member")
    if search.is_narrowed:
        rows = rows.filter(member__in=search.narrow(Member.objects.all()).order_by().values("pk"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "search": search,
        "page": page,
        "owing": owing_events(list(page.object_list)),
        "may_enter": led_organisations(account, today=today).exists(),
        "secret": SECRET,
    }
    return render(request, "talks/events.html", context)


@never_cache
@require_safe
def event_page(request: HttpRequest, code: str) -> HttpResponse:
    """One event, and the talks that it calls for, or why it calls for none."""
    account, today = account_of(request), timezone.localdate()
    event = get_object_or_404(_events(account, today), code=code)
    return _event_page(request, account, event, today)


@never_cache
@require_POST
def event_note_page(request: HttpRequest, code: str) -> HttpResponse:
    """The event's page with its sealed note, which is shown this once and leaves an entry in the trail."""
    account, today = account_of(request), timezone.localdate()
    event = get_object_or_404(readable_events(account, today=today).select_related("member"), code=code)
    note = services.read_event(actor=actor_of(request), at=timezone.now(), event=event)
    return _event_page(request, account, event, today, note=note or "没有填写")


def _event_page(
    request: HttpRequest, account: Account, event: Event, today: date, note: str = ""
) -> HttpResponse:
    duties, reason = duties_of_event(event, as_of=today)
    outlook = () if duties else outlooks([event.member], kind=event.kind, known_on=event.known_on)
    context = {
        "event": event,
        "missed": outlook[0].missed if outlook else (),
        "note": note,
        "duties": duties,
        "reason": reason,
        "may_change": changeable_events(account, today=today).filter(pk=event.pk).exists(),
        "may_read": readable_events(account, today=today).filter(pk=event.pk).exists(),
        "may_open_member": visible_members(account, today=today).filter(pk=event.member_id).exists(),
        "secret": SECRET,
    }
    return render(request, "talks/event.html", context)


@never_cache
def event_add_page(request: HttpRequest) -> HttpResponse:
    """A principal enters what happened to members of his organisation, to one or to many at once.

    Where it would owe no talk, he is told so first, and enters it all the same or not.
    """
    account, today = account_of(request), timezone.localdate()
    places = list(led_organisations(account, today=today).order_by("path", "code"))
    if not places:
        raise Http404
    seeks = "find" in request.POST
    people = _people(led_organisations(account, today=today))
    form = EventsForm(
        # Nothing is judged, or complained of, while one is still looking for people.
        None if seeks else request.POST or None,
        initial=_start(request, today),
        kinds=event_kinds(places),
        people=people,
        organisations=[(place.code, place.name) for place in places],
    )
    unowed = _unowed(form) if form.is_valid() else ()
    if form.is_valid():
        told = form.told(one.member for one in unowed)
        if not unowed or form.cleaned_data["seen"] == told:
            made = _enter(request, form, event_kinds(places), today)
            if made:
                return _entered(request, made, len(unowed))
        form.data = _with(form.data, "seen", told)
    looks = seeks or request.method == "GET"
    found = form.found({place.code: people.affiliated(place, today) for place in places}) if looks else []
    # What was sought stands above what was found; what is typed next is somebody else.
    form.initial["member"] = ""
    context = {
        "form": form,
        "errors": form.errors,
        "found": found,
        "is_found": looks,
        "sought": request.POST.get("member", "") if seeks else "",
        "unowed": unowed,
        "secret": SECRET,
        "is_one": len(places) == 1,
    }
    return render(request, "talks/event_enter.html", context)


def _start(request: HttpRequest, today: date) -> dict[str, Any]:
    """What the form begins with: who is named in the address; after a search, all that was typed."""
    if request.method == "POST":
        return {**request.POST.dict(), "chosen": request.POST.getlist("chosen")}
    named = request.GET.get("member", "").replace("\0", "")
    return {"chosen": [named] if named else [], "happened_on": today}


def _unowed(form: EventsForm) -> tuple[Outlook, ...]:
    """For whom the event that was typed would owe no talk."""
    data = form.cleaned_data
    known_on = data["known_on"] or data["happened_on"]
    found = outlooks(form.members(), kind=data["kind"], known_on=known_on)
    return tuple(one for one in found if not one.owed)


def _enter(
    request: HttpRequest, form: EventsForm, kinds: tuple[str, ...], today: date
) -> tuple[Event, ...] | None:
    """The events, all of them; None where the service refused, and the form says why."""
    return kept(
        form,
        lambda: services.enter_events(
            actor=actor_of(request),
            at=timezone.now(),
            members=form.members(),
            today=today,
            known_kinds=kinds,
            entered_by=account_of(request),
            **form.facts(),
        ),
    )


def _entered(request: HttpRequest, made: tuple[Event, ...], unowed: int) -> HttpResponse:
    """What they set off stands on their pages: a message would travel in a cookie."""
    bring_up_to_date(account_of(request), today=timezone.localdate())
    if len(made) == 1:
        messages.success(request, "事件已录入。")
        return redirect("event", made[0].code)
    rest = f"，其中{unowed}项不产生应谈事项，原因见各事件" if unowed else ""
    messages.success(request, f"已录入{len(made)}项事件{rest}。")
    return redirect("events")


def _with(data: Any, name: str, value: str) -> Any:
    changed = data.copy()
    changed[name] = value
    return changed


@never_cache
def event_change_page(request: HttpRequest, code: str) -> HttpResponse:
    """Corrects an event. Who may read the note finds it in the form, which counts as reading it."""
    account, today = account_of(request), timezone.localdate()
    event = get_object_or_404(_changeable(account, today), code=code)
    may_read = readable_events(account, today=today).filter(pk=event.pk).exists()
    initial = {"kind": event.kind, "happened_on": event.happened_on, "known_on": event.known_on}
    if may_read and request.method == "GET":
        initial["note"] = services.read_event(actor=actor_of(request), at=timezone.now(), event=event)
    kinds = tuple(dict.fromkeys((*event_kinds(list(led_organisations(account, today=today))), event.kind)))
    form = EventForm(request.POST or None, initial=initial, kinds=kinds, with_note=may_read)
    if form.is_valid():
        changed = kept(
            form,
            lambda: services.change_event(
                actor=actor_of(request),
                at=timezone.now(),
                event=event,
                today=today,
                known_kinds=kinds,
                **form.cleaned_data,
            ),
        )
        if changed:
            messages.success(request, "事件已修改。")
            return redirect("event", changed.code)
    removal = reverse("event-remove", args=[event.code])
    back = reverse("event", args=[event.code])
    entry = Entry("修改事件", "保存修改", back, sub=event.member.name, foot=SECRET, removal=removal)
    return entry_page(request, form, entry)


@never_cache
def event_remove_page(request: HttpRequest, code: str) -> HttpResponse:
    """Deletes an event that was entered by mistake; the duties that it made are withdrawn with it."""
    account, today = account_of(request), timezone.localdate()
    event = get_object_or_404(_changeable(account, today), code=code)
    question = Question(
        ask=f"删除{event.member.name}的这一事件？",
        says="只用于删除录入有误的事件。由它产生的应谈事项随之撤销，已有的谈话仍保留。",
        keep="保留",
        verb="删除事件",
        back=reverse("event", args=[event.code]),
    )
    return asked(
        request,
        question,
        lambda: services.remove_event(actor=actor_of(request), at=timezone.now(), event=event),
        done="事件已删除。",
        forward=reverse("events"),
    )


def _events(account: Account, today: date) -> QuerySet[Event]:
    return visible_events(account, today=today).select_related("member")


def _changeable(account: Account, today: date) -> QuerySet[Event]:
    return changeable_events(account, today=today).select_related("member")


def _people(led: OrganisationQuerySet) -> MemberQuerySet:
    """Those affiliated, now or once, with an organisation that one leads."""
    there = Affiliation.objects.filter(organisation__in=led.order_by().values("pk"))
    return Member.objects.filter(pk__in=there.order_by().values("member"))
