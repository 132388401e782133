"""What is typed about a 约谈: asking, answering, free hours, deputies."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from talks.forms.talks import CheckInput, DayInput, HourInput
from talks.rules.office_hours import LEAST_MINUTES, MINUTES, MOST_MINUTES, Slot
from talks.rules.requests import AFTER_WORK, BY_LEADER, FORMS, TOPICS, WISHES, reason_of
from talks.services.answers import MOST_PROPOSED
from talks.services.requests import WORDS_MOST, Wish

TIME_UNREADABLE = "请选择时间。"
MINUTES_WRONG = f"每次请填写{LEAST_MINUTES}至{MOST_MINUTES}分钟。"
TIMES = {"any": BY_LEADER, "after-work": AFTER_WORK}
WEEKDAYS = [(str(day), f"星期{name}") for day, name in enumerate("一二三四五六日", 1)]
TOO_LONG = f"最多可以写{WORDS_MOST}字，现有%(show_value)d字，请精简。"


def words_field(label: str, *, required: str = "", most: int = WORDS_MOST, css: str = "") -> forms.CharField:
    """A text that is sealed; `required` says what to do where nothing was written.

    `css` is for a field that the page draws itself.
    """
    return forms.CharField(
        label=label,
        required=bool(required),
        max_length=most,
        error_messages={"required": required, "max_length": TOO_LONG.replace(str(WORDS_MOST), str(most))},
        # No maxlength: a browser would cut what was pasted without a word.
        widget=_Text(attrs={"rows": 4, "autocomplete": "off"} | ({"class": css} if css else {})),
    )


def day_field(label: str, *, required: bool = True, missing: str = "请填写日期。") -> forms.DateField:
    """A day; what is wrong is said as one says it."""
    words = {"required": missing, "invalid": "请填写有的日期，例如2026-03-09。"}
    return forms.DateField(label=label, widget=DayInput(), required=required, error_messages=words)


def hour_field(label: str, *, required: bool = True) -> forms.TimeField:
    """An hour; what is wrong is said as one says it."""
    words = {"required": f"请填写{label}。", "invalid": "请填写0:00至23:59之间的时间，例如15:00。"}
    return forms.TimeField(label=label, widget=HourInput(), required=required, error_messages=words)


class _Text(forms.Textarea):
    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: Any = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs.pop("maxlength", None)
        return attrs


def read_slot(text: str) -> Slot | None:
    """The slot of an address: 2026-03-09T15:00/15:30; None where it cannot be read."""
    begins, _, ends = text.partition("/")
    try:
        start, end = datetime.fromisoformat(begins), time.fromisoformat(ends)
    except ValueError:
        return None
    if start.tzinfo or end.tzinfo or end <= start.time():
        return None
    return Slot(start.date(), start.time(), end)


def slot_value(slot: Slot) -> str:
    """The slot as an address has it."""
    return f"{slot.day.isoformat()}T{slot.starts_at:%H:%M}/{slot.ends_at:%H:%M}"


class AskForm(forms.Form):
    """The third step: how, and about what; `when` comes from the second."""

    when = forms.CharField(max_length=40, widget=forms.HiddenInput)
    form = forms.ChoiceField(
        label="谈话方式", choices=[(form, form) for form in FORMS], initial=FORMS[0], widget=forms.RadioSelect
    )
    words = words_field("想说的话", css="form-control")
    topic = forms.ChoiceField(
        choices=[(topic, topic) for topic, _ in TOPICS],
        error_messages={"required": "请点选一项。", "invalid_choice": "请点选一项。"},
    )

    def clean_when(self) -> str:
        """One of the ways to leave it open, or a slot."""
        when: str = self.cleaned_data["when"]
        if when not in TIMES and read_slot(when) is None:
            raise ValidationError(TIME_UNREADABLE)
        return when

    def wish(self) -> Wish:
        """What was chosen, for the service."""
        when, form = self.cleaned_data["when"], self.cleaned_data["form"]
        slot = None if when in TIMES else read_slot(when)
        return Wish(form=form, slot=slot, time=TIMES.get(when, BY_LEADER))

    def reason(self) -> str:
        """What is sealed."""
        return reason_of(self.cleaned_data["topic"], self.cleaned_data["words"])


class OwnTimeForm(forms.Form):
    """自己选日期和时间; half an hour where no end is given."""

    day = day_field("日期")
    starts_at = hour_field("开始时间")
    ends_at = hour_field("结束时间", required=False)

    def clean(self) -> dict[str, Any]:
        """Without an end: half an hour."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = typed.get("starts_at"), typed.get("ends_at")
        if start and not end:
            typed["ends_at"] = _later(start)
        elif start and end and end <= start:
            self.add_error("ends_at", "结束时间应晚于开始时间。")
        return typed

    def slot(self) -> Slot:
        """The time typed."""
        typed = self.cleaned_data
        return Slot(typed["day"], typed["starts_at"], typed["ends_at"])


class AcceptForm(OwnTimeForm):
    """Accepting: where the member left it open, the time; and the place."""

    place = forms.CharField(
        label="地点",
        max_length=80,
        required=False,
        error_messages={"max_length": TOO_LONG.replace(str(WORDS_MOST), "80")},
    )

    def __init__(self, *args: Any, has_slot: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_slot:
            for name in ("day", "starts_at", "ends_at"):
                del self.fields[name]


class ProposeForm(forms.Form):
    """Up to three other times."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_PROPOSED + 1):
            self.fields[f"day{number}"] = day_field(f"时间{number}　日期", required=number == 1)
            self.fields[f"starts{number}"] = hour_field("开始时间", required=number == 1)

    def clean(self) -> dict[str, Any]:
        """A day needs its hour, an hour its day."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(2, MOST_PROPOSED + 1):
            day, hour = typed.get(f"day{number}"), typed.get(f"starts{number}")
            if day and not hour:
                self.add_error(f"starts{number}", "请填写开始时间。")
            if hour and not day:
                self.add_error(f"day{number}", "请填写日期。")
        return typed

    def slots(self) -> list[Slot]:
        """The times typed, half an hour each."""
        typed = self.cleaned_data
        found = []
        for number in range(1, MOST_PROPOSED + 1):
            day: date | None = typed.get(f"day{number}")
            hour: time | None = typed.get(f"starts{number}")
            if day and hour:
                found.append(Slot(day, hour, _later(hour)))
        return found


def proposed_times(slots: Sequence[Slot]) -> dict[str, object]:
    """The first free times as the form has them."""
    found: dict[str, object] = {}
    for number, slot in enumerate(slots[:MOST_PROPOSED], 1):
        found |= {f"day{number}": slot.day, f"starts{number}": slot.starts_at}
    return found


class HandoverForm(forms.Form):
    """To whom, and why."""

    colleague = forms.ChoiceField(label="转交给", error_messages={"required": "请选择一位同志。"})
    reason = words_field("转交原因", required="请填写转交原因。", most=500)

    def __init__(self, *args: Any, colleagues: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["colleague"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *colleagues]


class WordsForm(forms.Form):
    """More words to a request."""

    words = words_field("补充的内容", required="请填写要补充的内容。")


class AgainForm(forms.Form):
    """None of the times will do."""

    time = forms.ChoiceField(
        label="什么时候方便",
        choices=[(wish, wish) for wish in WISHES],
        error_messages={"required": TIME_UNREADABLE, "invalid_choice": TIME_UNREADABLE},
    )


class HoursForm(forms.Form):
    """Hours of a weekday."""

    weekday = forms.TypedChoiceField(label="星期", choices=WEEKDAYS, coerce=int)
    starts_at = hour_field("开始时间")
    ends_at = hour_field("结束时间")
    minutes = forms.IntegerField(
        label="每次分钟",
        initial=MINUTES,
        min_value=LEAST_MINUTES,
        max_value=MOST_MINUTES,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), MINUTES_WRONG),
    )


class ExceptionForm(forms.Form):
    """A day on which it is otherwise."""

    day = day_field("日期")
    starts_at = hour_field("开始时间", required=False)
    ends_at = hour_field("结束时间", required=False)


class DeputyForm(forms.Form):
    """Who answers, from when through when."""

    deputy = forms.ChoiceField(label="代为答复", error_messages={"required": "请选择一位同志。"})
    since = day_field("开始日期", missing="请填写开始日期。")
    last = day_field("结束日期", missing="请填写结束日期。")

    def __init__(self, *args: Any, colleagues: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["deputy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *colleagues]


class ConsentForm(forms.Form):
    """Whether it may be handed over, and what was written with it."""

    with_reason = forms.BooleanField(label="我写的事由一并转交", required=False, widget=CheckInput())


def _later(start: time) -> time:
    """Half an hour later, at the end of the day at the latest."""
    later = datetime.combine(date.min, start) + timedelta(minutes=MINUTES)
    return later.time() if later.date() == date.min else time(23, 59, 59)
