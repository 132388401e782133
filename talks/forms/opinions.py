"""What is typed about opinions before a meeting."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from members.models import Member
from talks.forms.people import PeopleField
from talks.forms.talks import CATEGORIES, CheckInput, suggested
from talks.models import MergedOpinion
from talks.rules.meetings import Channel, one_per_line
from talks.services.opinions import Wording

LONGEST = 1000
MOST_AT_ONCE = 500
TOO_LONG = "第{line}条超过1000字，请分成几条填写。"
TOO_MANY = "一次最多录入500条，请分几次录入。"


class WordingForm(forms.Form):
    """An opinion in other words: text, about whom, category."""

    text = forms.CharField(
        label="意见建议",
        max_length=LONGEST,
        error_messages={"required": "请填写意见建议的内容。"},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    about = forms.CharField(
        label="针对对象", max_length=60, required=False, widget=forms.TextInput(attrs={"list": "about"})
    )
    category = forms.ChoiceField(label="类别", required=False)

    def __init__(self, *args: Any, kept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = suggested(CATEGORIES, kept, "不填")

    def wording(self) -> Wording:
        """What was typed, for the service."""
        typed = self.cleaned_data
        return Wording(typed["text"], typed["about"], typed["category"])

    def refuse(self, error: ValidationError) -> None:
        """Puts what a service refused at the field that its code names, else above the form."""
        field = error.code if error.code in self.fields else None
        self.add_error(field, ValidationError(error.messages))


class ReleaseForm(WordingForm):
    """What a talker hands over, and whether he asks the speaker for his name."""

    speaker = forms.TypedChoiceField(
        label="署名", required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, subjects: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["speaker"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            ("", "不署名"),
            *((member.pk, f"征求{member.name}同志意见，同意后署名") for member in subjects),
        ]


class EnterForm(forms.Form):
    """Opinions from another channel, one to a line."""

    channel = forms.ChoiceField(
        label="征求方式",
        choices=[(channel.value, channel.value) for channel in Channel if channel is not Channel.TALK],
    )
    about = forms.CharField(
        label="针对对象", max_length=60, required=False, widget=forms.TextInput(attrs={"list": "about"})
    )
    texts = forms.CharField(
        label="意见建议",
        help_text="每行一条，可以整段粘贴。",
        error_messages={"required": "请填写意见建议，每行一条。"},
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off"}),
    )

    def clean_texts(self) -> list[str]:
        """The lines; ValidationError that names the one that is too long."""
        lines = one_per_line(self.cleaned_data["texts"])
        if len(lines) > MOST_AT_ONCE:
            raise ValidationError(TOO_MANY)
        too_long = next((number for number, line in enumerate(lines, 1) if len(line) > LONGEST), 0)
        if too_long:
            raise ValidationError(TOO_LONG.format(line=too_long))
        return lines

    def refuse(self, error: ValidationError) -> None:
        """As `WordingForm.refuse`."""
        field = error.code if error.code in self.fields else None
        self.add_error(field, ValidationError(error.messages))


class MergeForm(WordingForm):
    """Several opinions as one, and who is to see to it; or added to one that stands already."""

    into = forms.TypedChoiceField(label="梳理为", required=False, coerce=int, empty_value=None)
    persons = PeopleField(label="责任人", required=False)

    def __init__(
        self, *args: Any, people: QuerySet[Member], standing: Sequence[MergedOpinion], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        into, persons = self.fields["into"], self.fields["persons"]
        assert isinstance(into, forms.TypedChoiceField)
        assert isinstance(persons, PeopleField)
        into.choices = [
            ("", "新的一条"),
            *((one.pk, f"并入第{one.number}条：{one.text[:24]}") for one in standing),
        ]
        persons.people = people
        if self.data.get("into"):
            self.fields["text"].required = False


class MergedForm(WordingForm):
    """A merged opinion, changed; `revision` is that of what was shown."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    in_report = forms.BooleanField(label="列入会议材料", required=False, widget=CheckInput())
    persons = PeopleField(label="责任人", required=False)

    def __init__(self, *args: Any, people: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        persons = self.fields["persons"]
        assert isinstance(persons, PeopleField)
        persons.people = people
