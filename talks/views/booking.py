"""Booking a talk, changing what is booked, cancelling it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from branches.rules.dates import day_of
from members.models import Account, Member
from members.views import account_of, actor_of
from talks.figures.bookings import suggested_talkers
from talks.figures.duties import as_value
from talks.figures.facts import load_calendar, load_facts, rule_book
from talks.figures.worklist import Seen, Worklist, persons_of
from talks.forms.people import labels
from talks.forms.talks import BookingForm, CancelForm
from talks.models import Side, Talk
from talks.permissions import (
    PEOPLE,
    bookable_members,
    may_book,
    may_cancel,
    may_change_plan,
    may_rebook,
    namesakes_of,
    nearest_members,
    reaches_many,
    visible_talks,
)
from talks.rules.duties import meets
from talks.rules.hours import hour_of
from talks.rules.words import FORMS
from talks.services.records import open_record
from talks.services.talks import cancel_talk, change_plan, plan_talk, refuse_twice
from talks.views.duties import bring_up_to_date, find_duty
from talks.views.talks import as_if_recorded, counting_of, line_of, settled

NOT_YOURS = "您可以预约自己参加的谈话，党组织书记可以为本组织的同志预约。请核对谈话人和谈话对象。"
DAY_IS_OVER = "这一天已经过去。已经谈过的，请选择“去填写记录”；还没有谈的，请改为今天或以后的日期。"
NOT_YET_HELD = "这一天还没有到，谈话以后才能填写记录。请核对日期；还没有谈的，请选择预约。"
NOT_COUNTED = "谈话已保存；请注意，按目前的安排不计入“{title}”：{reason}。要计入的，请修改人员或日期。"
MOST_SUGGESTED = 400


def talk_book(request: HttpRequest) -> HttpResponse:
    """Books a talk; from a duty everything but the hour is filled in already."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    if not account.member_id:
        raise Http404
    people = bookable_members(account, today=today)
    among = namesakes_of(account, people, today=today)
    worklist, asked = _asked_duty(request, account, today)
    held = "held" in request.GET
    if request.method == "POST":
        form = BookingForm(request.POST, people=people)
        if form.is_valid() and allowed(form, account, today) and on_a_day(form, request, today):
            try:
                persons, circumstances = form.persons(), form.circumstances()
                refuse_twice(persons=persons, circumstances=circumstances)
                talk = plan_talk(
                    actor=actor_of(request),
                    at=now,
                    booked_by=account,
                    persons=persons,
                    circumstances=circumstances,
                    topic=form.cleaned_data["topic"],
                )
            except ValidationError as error:
                form.refuse(error)
            else:
                return _booked(request, account, talk, worklist, asked)
    else:
        start = _suggestion(account, asked, people, among, held=held, today=today)
        form = BookingForm(initial=start | _asked_for(request, people, among), people=people)
    context = {
        "form": form,
        "line": worklist.line(asked) if worklist and asked else None,
        "held": held,
        "suggested": names_offered(nearest_members(account, today=today), among),
        "is_of_many": reaches_many(account, today=today),
        "today": today,
    }
    return render(request, "talks/book.html", context)


def talk_change(request: HttpRequest, code: str) -> HttpResponse:
    """Changes who, when and where of a talk that is booked."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    if not may_change_plan(account, talk, today=today):
        return settled(request, account, talk)
    there = Member.objects.filter(participations__talk=talk).values("pk")
    recorder = Member.objects.filter(recorded_talks=talk).values("pk")
    within = bookable_members(account, today=today)
    known = Member.objects.filter(pk__in=within.values("pk"))
    people = known | Member.objects.filter(pk__in=there) | Member.objects.filter(pk__in=recorder)
    among = people if namesakes_of(account, within, today=today) is not None else None
    opened = open_record(actor=actor_of(request), at=now, account=account, talk=talk, today=today)
    topic = opened.topic if opened and opened.reading.whole else None
    if request.method == "POST":
        form = BookingForm(request.POST, people=people, talk=talk, with_topic=topic is not None)
        if form.is_valid() and _still_allowed(form, account, talk, today):
            try:
                change_plan(
                    actor=actor_of(request),
                    at=now,
                    talk=talk,
                    revision=form.cleaned_data["revision"] or 0,
                    persons=form.persons(),
                    circumstances=form.circumstances(),
                    topic=form.cleaned_data.get("topic"),
                )
            except ValidationError as error:
                form.refuse(error)
            else:
                messages.success(request, "已修改谈话安排。")
                return redirect("talk", code=talk.code)
    else:
        start = {**_as_booked(talk, among), "topic": topic}
        form = BookingForm(initial=start, people=people, talk=talk, with_topic=topic is not None)
    context = {
        "form": form,
        "talk": talk,
        "line": None,
        "suggested": names_offered(nearest_members(account, today=today), among),
        "is_of_many": reaches_many(account, today=today),
        "today": today,
    }
    return render(request, "talks/book.html", context)


def talk_cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for the reason, then cancels."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    if not may_cancel(account, talk, today=today):
        return settled(request, account, talk)
    form = CancelForm(request.POST or None, initial={"revision": talk.revision})
    if form.is_valid():
        try:
            cancel_talk(
                actor=actor_of(request),
                at=now,
                talk=talk,
                revision=form.cleaned_data["revision"],
                reason=form.cleaned_data["reason"],
            )
        except ValidationError as error:
            form.add_error("reason" if error.code == "reason" else None, ValidationError(error.messages))
        else:
            messages.success(request, "已取消谈话，相关应谈事项恢复为未约。")
            return redirect("talk", code=talk.code)
    return render(request, "talks/cancel.html", {"form": form, "talk": talk, "line": line_of(talk, account)})


def _asked_duty(request: HttpRequest, account: Account, today: date) -> tuple[Worklist | None, Seen | None]:
    """The duty from which the talk is booked, if one is named; 404 where it is not the account's to do."""
    text = request.GET.get("duty", "")
    if not text:
        return None, None
    worklist, asked = find_duty(account, int(text) if text.isdecimal() and len(text) < 19 else 0, today=today)
    if not worklist.is_for_me(asked) or asked.withdrawn_on:
        raise Http404
    return worklist, asked


def allowed(form: BookingForm, account: Account, today: date) -> bool:
    """Whether the account may book the talk; else the form says that it may not."""
    persons = form.persons()
    if may_book(account, talkers=persons.talkers, subjects=persons.subjects, today=today):
        return True
    form.add_error(None, NOT_YOURS)
    return False


def _still_allowed(form: BookingForm, account: Account, talk: Talk, today: date) -> bool:
    persons = form.persons()
    if may_rebook(account, talk, talkers=persons.talkers, subjects=persons.subjects, today=today):
        return True
    form.add_error(None, NOT_YOURS)
    return False


def on_a_day(form: BookingForm, request: HttpRequest, today: date) -> bool:
    """A talk is booked for today or later, and goes on to its record on the day or after it."""
    held_on: date = form.cleaned_data["held_on"]
    if "record" in request.POST:
        suits, refusal = held_on <= today, NOT_YET_HELD
    else:
        suits, refusal = held_on >= today, DAY_IS_OVER
    if not suits:
        form.add_error("held_on", refusal)
    return suits


def _booked(
    request: HttpRequest, account: Account, talk: Talk, worklist: Worklist | None, asked: Seen | None
) -> HttpResponse:
    """Says what was booked, and kindly where the duty in view would not be met; then on to the record."""
    talk = Talk.objects.prefetch_related(PEOPLE).get(pk=talk.pk)
    line = line_of(talk, account)
    bring_up_to_date(account, today=timezone.localdate())
    rule = rule_book().get(asked.version) if asked else None
    if worklist and asked and rule:
        verdict = meets(load_facts([asked.organisation]), as_if_recorded(talk), as_value(asked, rule))
        told_on_the_page = {one.reason for one in counting_of(worklist, talk)}
        if not verdict.counts and verdict.reason not in told_on_the_page:
            messages.warning(request, NOT_COUNTED.format(title=rule.heading, reason=verdict.reason))
    if "record" in request.POST:
        return redirect("talk-record", code=talk.code)
    messages.success(request, f"已约{day_of(talk.held_on)}{hour_of(talk.starts_at)}{line.others}谈话。")
    return redirect("talk", code=talk.code)


def _suggestion(
    account: Account,
    asked: Seen | None,
    people: QuerySet[Member],
    among: QuerySet[Member] | None,
    *,
    held: bool,
    today: date,
) -> dict[str, Any]:
    """What the form starts with; a talk to come is laid on the next working day, not on a Sunday."""
    coming = load_calendar().working_day_after(today, 1)
    start: dict[str, Any] = {"form": "面对面", "held_on": today if held else coming}
    me = account.member
    if asked is None:
        return {**start, "talkers": labels([me], among) if me else []}
    if not held and asked.due_on < coming:
        start["held_on"] = today
    if asked.anchor.startswith("meeting:"):
        start |= {"kind": "会前", "occasion": asked.anchor.split(":")[1]}
    talker = suggested_talkers([asked], account, today=today)[asked.pk]
    subjects = [member for member in persons_of(asked) if member != talker]
    known = set(
        people.filter(pk__in=[one.pk for one in (talker, *subjects) if one]).values_list("pk", flat=True)
    )
    start["talkers"] = labels([talker], among) if talker and talker.pk in known else []
    start["subjects"] = labels([member for member in subjects if member.pk in known], among)
    return start


def _asked_for(
    request: HttpRequest, people: QuerySet[Member], among: QuerySet[Member] | None
) -> dict[str, Any]:
    """Whom and which way the address names; where it names nobody within reach, nothing."""
    start: dict[str, Any] = {}
    if request.GET.get("subject"):
        start["subjects"] = labels(people.filter(code=request.GET["subject"]), among)
    if request.GET.get("form") in FORMS:
        start["form"] = request.GET["form"]
    return start


def _as_booked(talk: Talk, among: QuerySet[Member] | None) -> dict[str, Any]:
    rows = list(talk.participants.all())
    return {
        "revision": talk.revision,
        "talkers": labels([row.member for row in rows if row.side == Side.TALKER], among),
        "subjects": labels([row.member for row in rows if row.side == Side.SUBJECT], among),
        "recorder": labels([talk.recorder], among) if talk.recorder else [],
        "external_talker": talk.external_talker,
        "held_on": talk.held_on,
        "starts_at": talk.starts_at,
        "ends_at": talk.ends_at,
        "form": talk.form,
        "kind": talk.kind,
        "occasion": talk.occasion,
        "place": talk.place,
    }


def names_offered(offered: QuerySet[Member], among: QuerySet[Member] | None) -> list[str]:
    """Names offered while typing; who is not among the offered can be typed all the same.

    `among`: as for `labels`.
    """
    return labels(offered.order_by("pinyin", "code")[:MOST_SUGGESTED], among)
