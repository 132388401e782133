"""What is typed when several talks are booked at once: what all have in common, and each talk."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from members.models import Member
from talks.forms.people import PeopleField
from talks.forms.talks import DayInput, HourInput, suggested
from talks.rules.words import FORMS
from talks.services.talks import Circumstances

LENGTHS = (20, 30, 45, 60, 90)
USUAL_LENGTH = 30


class CommonForm(forms.Form):
    """What the talks have in common; laid out one after the other from the first."""

    held_on = forms.DateField(
        label="第一次谈话日期", widget=DayInput(), error_messages={"required": "请填写日期。"}
    )
    starts_at = forms.TimeField(label="开始", widget=HourInput(), required=False)
    minutes = forms.TypedChoiceField(
        label="每次时长", coerce=int, choices=[(length, f"{length}分钟") for length in LENGTHS]
    )
    form = forms.ChoiceField(label="方式", required=False, choices=suggested(FORMS, "", "不填"))
    place = forms.CharField(label="地点", max_length=80, required=False)


class AppointmentForm(forms.Form):
    """One of the talks."""

    talker = PeopleField(label="谈话人", most=1, error_messages={"required": "请填写谈话人。"})
    held_on = forms.DateField(
        label="日期", widget=DayInput(), error_messages={"required": "请填写谈话日期。"}
    )
    starts_at = forms.TimeField(label="开始", widget=HourInput(), required=False)
    ends_at = forms.TimeField(label="结束", widget=HourInput(), required=False)
    place = forms.CharField(label="地点", max_length=80, required=False)

    def __init__(self, *args: Any, people: QuerySet[Member], whom: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whom = whom
        talker = self.fields["talker"]
        assert isinstance(talker, PeopleField)
        talker.people = people

    def who_talks(self) -> Member:
        """Who is to talk."""
        found: list[Member] = self.cleaned_data["talker"]
        return found[0]

    def circumstances(self, **common: str) -> Circumstances:
        """When and where, with what it has in common with others, for the service."""
        typed = self.cleaned_data
        return Circumstances(
            held_on=typed["held_on"],
            starts_at=typed["starts_at"],
            ends_at=typed["ends_at"],
            place=typed["place"],
            **common,
        )

    def refuse(self, errors: list[ValidationError]) -> None:
        """Puts what a service refused at the fields that the codes name, else at the talk as a whole."""
        for error in errors:
            field = error.code if error.code in self.fields else None
            self.add_error(field, ValidationError(error.messages))
