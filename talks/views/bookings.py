"""Several duties booked at once: each as a talk of its own, or all as one group talk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from members.models import Account, Member
from members.views import account_of, actor_of
from talks.figures.bookings import Appointment, appointments, suggested_talkers, why_not
from talks.figures.facts import load_calendar
from talks.figures.worklist import DutyLine, persons_of
from talks.forms.bookings import USUAL_LENGTH, AppointmentForm, CommonForm
from talks.forms.people import labels
from talks.forms.talks import BookingForm
from talks.permissions import bookable_members, may_book
from talks.rules import facts as values
from talks.rules.hours import in_a_row
from talks.rules.words import TalkState
from talks.services.bookings import Booking, plan_talks
from talks.services.talks import Circumstances, Persons, plan_talk, refuse_twice
from talks.views.booking import DAY_IS_OVER, NOT_YOURS, allowed, names_offered
from talks.views.duties import ROWS, bring_up_to_date, worklist_of
from talks.views.talks import day_of, hour_of

TALKER_ONLY = "谈话人不能是谈话对象本人。"
NOT_OF_THE_PAIR = "这是两人互谈，谈话人应为其中一人。"
WOULD_NOT_COUNT = "这样安排不计入“{title}”：{reason}。请修改谈话人或日期；仍要这样谈的，请单独预约。"
NOT_BOOKED = "没有预约任何谈话，您填写的内容都还在"
NOTHING_CHOSEN = "请至少选择一项。"
OPEN_NO_LONGER = "{names}已经预约或已经谈过，没有列入。"
NOTHING_LEFT = "所选各项都已经预约或已经谈过，不需要再预约。"
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
    lines = _chosen_lines(request, account, today)
    if not lines:
        return redirect("duties")
    people = bookable_members(account, today=today)
    found = appointments(lines, account, today=today)
    together = [one for one in found if one.has_talker]
    if request.method == "POST" and "lay" not in request.POST:
        common = CommonForm(request.POST, prefix="all")
        rows = _typed_rows(request, together, people)
        if _book(request, account, common, rows, today):
            return redirect("duties")
    else:
        common, rows = _laid_out(request, account, together, people, today)
    context = {
        "common": common,
        "rows": rows,
        "what": NOT_BOOKED if any(row.form.errors for row in rows) or common.errors else "",
        "alone": [one for one in found if one not in together],
        "why_alone": ALONE,
        "suggested": names_offered(account, people, today),
        "query": request.GET.urlencode(),
        "is_typed": request.method == "POST",
    }
    return render(request, "talks/duties_book.html", context)


def duties_group(request: HttpRequest) -> HttpResponse:
    """One talk with all of them, where the rules allow it; where a rule asks for one with one it is told."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    lines = _chosen_lines(request, account, today)
    if not lines:
        return redirect("duties")
    people = bookable_members(account, today=today)
    group = [line for line in lines if line.rule and not line.rule.one_to_one]
    chosen = {int(text) for text in request.POST.getlist("duty") if text.isdecimal() and len(text) < 19}
    if request.method == "POST":
        form = BookingForm(request.POST, people=people)
        ticked = [line for line in group if line.duty.pk in chosen]
        if form.is_valid() and allowed(form, account, today) and _meets_all(form, ticked, today):
            try:
                refuse_twice(persons=form.persons(), circumstances=form.circumstances())
                talk = plan_talk(
                    actor=actor_of(request),
                    at=now,
                    booked_by=account,
                    persons=form.persons(),
                    circumstances=form.circumstances(),
                    topic=form.cleaned_data["topic"],
                )
            except ValidationError as error:
                form.refuse(error)
            else:
                bring_up_to_date(account, today=today)
                told = f"{day_of(talk.held_on)}{hour_of(talk.starts_at)}"
                messages.success(request, f"已约{told}集体谈话，谈后计入{len(ticked)}项应谈。")
                return redirect("talk", code=talk.code)
    else:
        form = BookingForm(initial=_group_start(account, group, people, today), people=people)
        chosen = {line.duty.pk for line in group}
    context = {
        "form": form,
        "group": [(line, line.duty.pk in chosen) for line in group],
        "apart": [line for line in lines if line not in group],
        "suggested": names_offered(account, people, today),
        "today": today,
    }
    return render(request, "talks/duties_group.html", context)


def _chosen_lines(request: HttpRequest, account: Account, today: date) -> tuple[DutyLine, ...]:
    """The duties named in the address that are still to be booked; 404 where one is not the account's to do.

    At most as many as a page of the list has rows. Those booked or met meanwhile are left out and named.
    """
    worklist = worklist_of(account, today=today, year=today.year)
    if not account.member_id:
        raise Http404
    asked = {text for text in request.GET.getlist("duty") if text.isdecimal() and len(text) < 19}
    if not asked or len(asked) > ROWS or len(asked) != len(set(request.GET.getlist("duty"))):
        raise Http404
    bring_up_to_date(account, today=today)
    found = list(worklist.known.filter(pk__in=asked).order_by("urgency", "due_on", "pk"))
    if len(found) != len(asked) or not all(worklist.is_for_me(duty) for duty in found):
        raise Http404
    lines = worklist.lines(found)
    left = tuple(line for line in lines if line.is_open)
    gone = "、".join(dict.fromkeys(line.whom for line in lines if not line.is_open))
    if gone:
        messages.warning(request, OPEN_NO_LONGER.format(names=gone) if left else NOTHING_LEFT)
    return left


def _laid_out(
    request: HttpRequest,
    account: Account,
    together: Sequence[Appointment],
    people: QuerySet[Member],
    today: date,
) -> tuple[CommonForm, list[Row]]:
    """The rows one after the other, as what they have in common says; at first on one day without hours."""
    first = min((one.due_on for one in together), default=today)
    start: dict[str, Any] = {"held_on": max(today, min(today + timedelta(days=1), first))}
    start |= {"form": "面对面", "minutes": USUAL_LENGTH}
    is_typed = request.method == "POST"
    common = CommonForm(request.POST if is_typed else None, initial=start, prefix="all")
    if is_typed:
        if not common.is_valid():
            return common, _typed_rows(request, together, people)
        start = common.cleaned_data
    known = set(people.filter(pk__in=[one.talker.pk for one in together if one.talker]))
    talkers = labels([one.talker for one in together if one.talker in known], people)
    names = iter(talkers)
    on = set(request.POST.getlist("row"))
    places = [one for one in together if not is_typed or str(one.pk) in on]
    times: dict[int, tuple[date, Any, Any]] = dict.fromkeys(
        [one.pk for one in together], (start["held_on"], None, None)
    )
    if start.get("starts_at"):
        laid = in_a_row(start["held_on"], start["starts_at"], start["minutes"], len(places), load_calendar())
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
    common = {"form": form, **_occasion(duty.anchor)}
    return Booking(Persons(talkers=[talker], subjects=subjects), row.form.circumstances(**common))


def _occasion(anchor: str) -> dict[str, str]:
    """Kind and occasion of a talk before a meeting; of another one nothing is said for everybody to read."""
    return {"kind": "会前", "occasion": anchor.split(":")[1]} if anchor.startswith("meeting:") else {}


def _count(rows: Sequence[Row], bookings: Sequence[Booking | None], today: date) -> bool:
    """Whether each talk would meet what it is owed for; else its row says why not."""
    pairs = [
        (line.duty, _as_if_held(booking.persons, booking.circumstances))
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


def _as_if_held(persons: Persons, circumstances: Circumstances) -> values.Talk:
    return values.Talk(
        code="",
        held_on=circumstances.held_on,
        state=TalkState.RECORDED,
        talkers=tuple(member.code for member in persons.talkers),
        subjects=tuple(member.code for member in persons.subjects),
        external_talker=bool(persons.external_talker),
        recorder=persons.recorder.code if persons.recorder else None,
    )


def _meets_all(form: BookingForm, ticked: Sequence[DutyLine], today: date) -> bool:
    """Whether the group talk would meet all that are ticked; else the form names those that it would not."""
    if form.cleaned_data["held_on"] < today:
        form.add_error("held_on", DAY_IS_OVER)
    if not ticked:
        form.add_error(None, NOTHING_CHOSEN)
    if form.errors:
        return False
    talk = _as_if_held(form.persons(), form.circumstances())
    reasons = why_not([(line.duty, talk) for line in ticked], today=today)
    for line in ticked:
        if line.duty.pk in reasons:
            form.add_error(None, f"{line.whom}　{line.title}：{reasons[line.duty.pk]}。")
    return not reasons


def _group_start(
    account: Account, group: Sequence[DutyLine], people: QuerySet[Member], today: date
) -> dict[str, Any]:
    """What the form starts with."""
    start: dict[str, Any] = {"form": "面对面", "held_on": today + timedelta(days=1)}
    if not group:
        return start
    if min(line.duty.due_on for line in group) <= today:
        start["held_on"] = today
    anchors = {line.duty.anchor for line in group}
    if len(anchors) == 1:
        start |= _occasion(anchors.pop())
    talkers = suggested_talkers([line.duty for line in group], account, today=today)
    found = [talkers[line.duty.pk] for line in group]
    talker = account.member if account.member in found else found[0]
    persons = dict.fromkeys(member for line in group for member in persons_of(line.duty) if member != talker)
    known = set(people.filter(pk__in=[one.pk for one in (talker, *persons) if one]))
    start["talkers"] = labels([talker], people) if talker in known and talker else []
    start["subjects"] = labels([member for member in persons if member in known], people)
    return start
