"""What is asked of an arrangement: days, hours, how long, how many a day, and who is away."""

from collections.abc import Collection
from datetime import date, time
from typing import Any

from django import forms

from branches.rules.dates import day_of
from members.models import Member
from talks.forms.talks import DayInput, HourInput
from talks.rules.arrangement import MOST_A_DAY
from talks.rules.wishes import Absence, Wishes

ENDS_BEFORE = "结束应晚于开始。"
OVERLAPS = "下午的时间应在上午之后。"
NO_HOURS = "请填写上午或下午的时间。"
BOTH_OR_NONE = "日期和时间请一并填写。"
IN_THE_WINDOW = "请填写{since}至{until}之间的日期。"


class WishesForm(forms.Form):
    """Days and hours; each half of the day may be left empty."""

    since = forms.DateField(
        label="日期自", widget=DayInput(), error_messages={"required": "请填写从哪一天开始排。"}
    )
    until = forms.DateField(
        label="日期至", widget=DayInput(), error_messages={"required": "请填写排到哪一天。"}
    )
    morning_from = forms.TimeField(label="上午自", widget=HourInput(), required=False)
    morning_to = forms.TimeField(label="上午至", widget=HourInput(), required=False)
    afternoon_from = forms.TimeField(label="下午自", widget=HourInput(), required=False)
    afternoon_to = forms.TimeField(label="下午至", widget=HourInput(), required=False)
    length = forms.IntegerField(label="每次谈话（分钟）", min_value=10, max_value=180)
    gap = forms.IntegerField(label="两次间隔（分钟）", min_value=0, max_value=120)
    daily_limit = forms.IntegerField(label="每人每天至多（次）", min_value=1, max_value=MOST_A_DAY)

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = first, last
        for name in ("since", "until"):
            self.fields[name].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        for name in ("since", "until"):
            if typed.get(name) and not self.first <= typed[name] <= self.last:
                self.add_error(name, _outside(self.first, self.last))
        if typed.get("since") and typed.get("until") and typed["until"] < typed["since"]:
            self.add_error("until", ENDS_BEFORE)
        hours = self._hours()
        if not self.errors and not hours:
            self.add_error("morning_from", NO_HOURS)
        if len(hours) == 2 and hours[1][0] < hours[0][1]:
            self.add_error("afternoon_from", OVERLAPS)
        typed["hours"] = hours
        return typed

    def _hours(self) -> list[tuple[time, time]]:
        found = []
        for half in ("morning", "afternoon"):
            opens, closes = (self.cleaned_data.get(f"{half}_{end}") for end in ("from", "to"))
            if opens and closes and opens < closes:
                found.append((opens, closes))
            elif opens or closes:
                self.add_error(f"{half}_to", ENDS_BEFORE)
        return found


class ExtraForm(forms.Form):
    """A day and an hour beside the working hours."""

    day = forms.DateField(label="日期", widget=DayInput(), required=False)
    hour = forms.TimeField(label="时间", widget=HourInput(), required=False)

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = first, last

    def clean(self) -> dict[str, Any]:
        day, hour = self.cleaned_data.get("day"), self.cleaned_data.get("hour")
        if not self.errors and (day is None) != (hour is None):
            self.add_error("hour" if day else "day", BOTH_OR_NONE)
        if day and not self.first <= day <= self.last:
            self.add_error("day", _outside(self.first, self.last))
        return self.cleaned_data


class AbsenceForm(forms.Form):
    """That one of the persons is away."""

    person = forms.ChoiceField(label="姓名", required=False)
    since = forms.DateField(label="自", widget=DayInput(), required=False)
    until = forms.DateField(label="至", widget=DayInput(), required=False)

    def __init__(self, *args: Any, people: Collection[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "不填"), *((member.code, member.name) for member in people)]

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if not self.errors and typed.get("person"):
            if not typed.get("since"):
                self.add_error("since", "请填写从哪一天起不在。")
            elif typed.get("until") and not 0 <= (typed["until"] - typed["since"]).days <= 366:
                self.add_error("until", ENDS_BEFORE)
        return typed


ExtraFormSet = forms.formset_factory(ExtraForm, extra=2, max_num=40, absolute_max=60)
AbsenceFormSet = forms.formset_factory(AbsenceForm, extra=2, max_num=40, absolute_max=60)


class ArrangeForms:
    """The three parts together, as they are shown and sent."""

    def __init__(
        self, data: Any, *, start: Wishes, first: date, last: date, people: Collection[Member]
    ) -> None:
        halves = dict(zip(("morning", "afternoon"), _halves(start), strict=True))
        initial = {
            "since": start.since,
            "until": start.until,
            "length": start.length,
            "gap": start.gap,
            "daily_limit": start.daily_limit,
        }
        for half, hours in halves.items():
            initial |= {f"{half}_from": hours[0], f"{half}_to": hours[1]} if hours else {}
        window = {"first": first, "last": last}
        self.wishes_form = WishesForm(data, initial=initial, **window)
        self.extras = ExtraFormSet(
            data,
            prefix="extra",
            initial=[{"day": day, "hour": hour} for day, hour in start.extras],
            form_kwargs=window,
        )
        self.absences = AbsenceFormSet(
            data,
            prefix="away",
            initial=[
                {"person": one.person, "since": one.since, "until": one.until} for one in start.absences
            ],
            form_kwargs={"people": people},
        )

    def is_valid(self) -> bool:
        """Whether all three parts are sound."""
        return all([self.wishes_form.is_valid(), self.extras.is_valid(), self.absences.is_valid()])

    @property
    def has_errors(self) -> bool:
        """Whether something is to be corrected."""
        return bool(self.wishes_form.errors or any(self.extras.errors) or any(self.absences.errors))

    def wishes(self) -> Wishes:
        """What was typed, for the service."""
        typed = self.wishes_form.cleaned_data
        return Wishes(
            since=typed["since"],
            until=typed["until"],
            hours=tuple(typed["hours"]),
            length=typed["length"],
            gap=typed["gap"],
            daily_limit=typed["daily_limit"],
            extras=tuple(
                (row["day"], row["hour"])
                for row in self.extras.cleaned_data
                if row.get("day") and row.get("hour")
            ),
            absences=tuple(
                Absence(row["person"], row["since"], row.get("until") or row["since"])
                for row in self.absences.cleaned_data
                if row.get("person")
            ),
        )


class ShiftForm(forms.Form):
    """Where a talk of the draft goes; neither day nor hour: out of it."""

    held_on = forms.DateField(required=False)
    starts_at = forms.TimeField(required=False)

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if not self.errors and (typed["held_on"] is None) != (typed["starts_at"] is None):
            raise forms.ValidationError(BOTH_OR_NONE)
        return typed


def _halves(start: Wishes) -> tuple[tuple[time, time] | None, tuple[time, time] | None]:
    noon = time(12, 30)
    morning = next((hours for hours in start.hours if hours[0] < noon), None)
    return morning, next((hours for hours in start.hours if hours != morning), None)


def _outside(first: date, last: date) -> str:
    return IN_THE_WINDOW.format(since=day_of(first), until=day_of(last))
