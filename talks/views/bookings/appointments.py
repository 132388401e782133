"""Several duties booked at once, each as a talk of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from members.models import Account, Member
from members.views import account_of, actor_of
from talks.figures.bookings import Appointment, appointments, why_not
from talks.figures.facts import load_calendar
from talks.figures.worklist import persons_of
from talks.forms.bookings import USUAL_LENGTH, AppointmentForm, CommonForm
from talks.forms.people import labels
from talks.permissions import bookable_members, may_book, namesakes_of, nearest_members, reaches_many
from talks.rules.hours import in_a_row
from talks.services.bookings import Booking, plan_talks
from talks.services.talks import Persons
from talks.views.booking import DAY_IS_OVER, NOT_YOURS, names_offered
from talks.views.bookings.chosen import NOTHING_CHOSEN, as_if_held, chosen_lines, occasion_of
from talks.views.duties import bring_up_to_date

TALKER_ONLY = "谈话人不能是谈话对象本人。"
NOT_OF_THE_PAIR = "这是两人互谈，谈话人应为其中一人。"
WOULD_NOT_COUNT = "这样安排不计入“{title}”：{reason}。请修改谈话人或日期；仍要这样谈的，请单独预约。"
NOT_BOOKED = "没有预约任何谈话，您填写的内容都还在"
ALONE = "须由上级党组织的同志谈，请单独预约并填写外部谈话人"


@dataclass(frozen=True, slots=True)
class Row:
    """One talk on the page: what it is owed for, whether it is to be booked, its fields."""

    appointment: Appointment
    form: AppointmentForm
    is_on: bool


def duties_book(request: HttpRequest) -> HttpResponse:
    """A day, an hour and a place for each of the duties chosen; then all are booked, or none."""
    today = timezone.localdate()
    account = account_of(request)
    lines = chosen_lines(request, account, today)
    if not lines:
        return redirect("duties")
    people = bookable_members(account, today=today)
    among = namesakes_of(account, people, today=today)
    found = appointments(lines, account, today=today)
    together = [one for one in found if one.has_talker]
    if request.method == "POST" and "lay" not in request.POST:
        common = CommonForm(request.POST, prefix="all")
        rows = _typed_rows(request, together, people)
        if _book(request, account, common, rows, today):
            return redirect("duties")
    else:
        common, rows = _laid_out(request, together, people, among, today=today)
    context = {
        "common": common,
        "rows": rows,
        "what": NOT_BOOKED if any(row.form.errors for row in rows) or common.errors else "",
        "alone": [one for one in found if one not in together],
        "why_alone": ALONE,
        "suggested": names_offered(nearest_members(account, today=today), among),
        "is_of_many": reaches_many(account, today=today),
        "query": request.GET.urlencode(),
    }
    return render(request, "talks/duties_book.html", context)


def _laid_out(
    request: HttpRequest,
    together: Sequence[Appointment],
    people: QuerySet[Member],
    among: QuerySet[Member] | None,
    *,
    today: date,
) -> tuple[CommonForm, list[Row]]:
    """The rows one after the other, as what they have in common says; at first on one day without hours."""
    first = min((one.due_on for one in together), default=today)
    calendar = load_calendar()
    coming = calendar.working_day_after(today, 1)
    start: dict[str, Any] = {"held_on": coming if coming <= first else today}
    start |= {"form": "面对面", "minutes": USUAL_LENGTH}
    is_typed = request.method == "POST"
    common = CommonForm(request.POST if is_typed else None, initial=start, prefix="all")
    if is_typed:
        if not common.is_valid():
            return common, _typed_rows(request, together, people)
        start = common.cleaned_data
    known = set(people.filter(pk__in=[one.talker.pk for one in together if one.talker]))
    talkers = labels([one.talker for one in together if one.talker in known], among)
    names = iter(talkers)
    on = set(request.POST.getlist("row"))
    places = [one for one in together if not is_typed or str(one.pk) in on]
    times: dict[int, tuple[date, Any, Any]] = dict.fromkeys(
        [one.pk for one in together], (start["held_on"], None, None)
    )
    if start.get("starts_at"):
        laid = in_a_row(start["held_on"], start["starts_at"], start["minutes"], len(places), calendar)
        times |= {one.pk: span for one, span in zip(places, laid, strict=True)}
    rows = []
    for one in together:
        day, begins, ends = times[one.pk]
        name = next(names) if one.talker in known else ""
        typed = request.POST.getlist(f"d{one.pk}-talker")
        initial = {
            "talker": typed if is_typed else [name] if name else [],
            "held_on": day,
            "starts_at": begins,
            "ends_at": ends,
            "place": start.get("place", ""),
        }
        form = AppointmentForm(initial=initial, prefix=f"d{one.pk}", people=people, whom=one.whom)
        rows.append(Row(one, form, one in places))
    return common, rows


def _typed_rows(request: HttpRequest, together: Sequence[Appointment], people: QuerySet[Member]) -> list[Row]:
    on = set(request.POST.getlist("row"))
    return [
        Row(
            one,
            AppointmentForm(request.POST, prefix=f"d{one.pk}", people=people, whom=one.whom),
            str(one.pk) in on,
        )
        for one in together
    ]


def _book(
    request: HttpRequest, account: Account, common: CommonForm, rows: Sequence[Row], today: date
) -> bool:
    """Books the ticked rows, all or none; what is refused stands at its row."""
    ticked = [row for row in rows if row.is_on]
    if not ticked:
        common.add_error(None, NOTHING_CHOSEN)
        return False
    common.full_clean()
    form = common.cleaned_data.get("form") or ""
    bookings = [_booking(row, account, form, today) for row in ticked]
    if None in bookings or not _count(ticked, bookings, today):
        return False
    try:
        talks = plan_talks(
            actor=actor_of(request),
            at=timezone.now(),
            booked_by=account,
            bookings=[one for one in bookings if one],
        )
    except ValidationError as error:
        for place, errors in error.error_dict.items():
            ticked[int(place)].form.refuse(errors)
        return False
    bring_up_to_date(account, today=today)
    messages.success(request, f"已预约{len(talks)}次谈话。")
    return True


def _booking(row: Row, account: Account, form: str, today: date) -> Booking | None:
    """What the row says, for the service; None where it says something wrong."""
    if not row.form.is_valid():
        return None
    talker = row.form.who_talks()
    duty = row.appointment.lines[0].duty
    subjects = [member for member in persons_of(duty) if member != talker]
    if duty.is_pair and len(subjects) != 1:
        row.form.add_error("talker", NOT_OF_THE_PAIR)
    elif not subjects:
        row.form.add_error("talker", TALKER_ONLY)
    elif not may_book(account, talkers=[talker], subjects=subjects, today=today):
        row.form.add_error(None, NOT_YOURS)
    elif row.form.cleaned_data["held_on"] < today:
        row.form.add_error("held_on", DAY_IS_OVER)
    if row.form.errors:
        return None
    common = {"form": form, **occasion_of(duty.anchor)}
    return Booking(Persons(talkers=[talker], subjects=subjects), row.form.circumstances(**common))


def _count(rows: Sequence[Row], bookings: Sequence[Booking | None], today: date) -> bool:
    """Whether each talk would meet what it is owed for; else its row says why not."""
    pairs = [
        (line.duty, as_if_held(booking.persons, booking.circumstances))
        for row, booking in zip(rows, bookings, strict=True)
        if booking
        for line in row.appointment.lines
    ]
    reasons = why_not(pairs, today=today)
    for row in rows:
        for line in row.appointment.lines:
            if line.duty.pk in reasons:
                told = WOULD_NOT_COUNT.format(title=line.title, reason=reasons[line.duty.pk])
                row.form.add_error(None, told)
    return not reasons
