"""What is typed when a talk is booked, recorded or cancelled."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from members.models import Member
from talks.forms.people import PeopleField
from talks.models import Talk
from talks.rules.words import FORMS, KINDS
from talks.services.records import OpinionLine, RecordText, RemedyLine
from talks.services.talks import Circumstances, Persons

# design.md section 4: suggested; what else a talk already says is kept.
OCCASIONS = ("主题党日", "民主评议", "组织生活会", "民主生活会")
CATEGORIES = ("政治学习", "组织生活", "工作作风", "业务工作", "廉洁自律", "服务保障", "其他")
ABOUT = ("党支部", "支委会", "党委", "领导班子", "谈话人本人", "部门单位", "其他")


def suggested(words: tuple[str, ...], kept: str, blank: str) -> list[tuple[str, str]]:
    """Choices of the words, with what is there already, and an empty one."""
    more = (kept,) if kept and kept not in words else ()
    return [("", blank), *((word, word) for word in (*words, *more))]


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"type": "date", **attrs}, format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    """The browser's own time picker."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"type": "time", **attrs}, format="%H:%M")


class CheckInput(forms.CheckboxInput):
    """A tick box in the look."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"class": "form-check-input", **attrs})


class CircumstancesForm(forms.Form):
    """When, where and how: shared by booking and recording. `revision` is that of what was shown."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    held_on = forms.DateField(
        label="日期", widget=DayInput(), error_messages={"required": "请填写谈话日期。"}
    )
    starts_at = forms.TimeField(label="开始", widget=HourInput(), required=False)
    ends_at = forms.TimeField(label="结束", widget=HourInput(), required=False)
    form = forms.ChoiceField(label="方式", required=False)
    kind = forms.ChoiceField(label="类型", required=False)
    occasion = forms.ChoiceField(label="契机", required=False)
    place = forms.CharField(label="地点", max_length=80, required=False)

    def __init__(self, *args: Any, talk: Talk | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("form", FORMS, talk.form if talk else "")
        self._choose("kind", KINDS, talk.kind if talk else "")
        self._choose("occasion", OCCASIONS, talk.occasion if talk else "")

    def _choose(self, name: str, words: tuple[str, ...], kept: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = suggested(words, kept, "不填")

    def circumstances(self) -> Circumstances:
        """What was typed, for the service."""
        typed = self.cleaned_data
        return Circumstances(
            held_on=typed["held_on"],
            starts_at=typed["starts_at"],
            ends_at=typed["ends_at"],
            form=typed["form"],
            kind=typed["kind"],
            occasion=typed["occasion"],
            place=typed["place"],
        )

    def refuse(self, error: ValidationError) -> None:
        """Puts what a service refused at the field that its code names, else above the form."""
        field = error.code if error.code in self.fields else None
        self.add_error(field, ValidationError(error.messages))


class BookingForm(CircumstancesForm):
    """Who talks with whom, and when."""

    talkers = PeopleField(label="谈话人", required=False)
    subjects = PeopleField(label="谈话对象", required=True, error_messages={"required": "请填写谈话对象。"})
    recorder = PeopleField(label="记录人", required=False, most=1)
    external_talker = forms.CharField(
        label="外部谈话人",
        max_length=120,
        required=False,
        help_text="上级党组织的同志不在本系统内时填写姓名和职务。",
    )
    topic = forms.CharField(label="主题", max_length=200, required=False)

    def __init__(self, *args: Any, people: QuerySet[Member], with_topic: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_topic:
            del self.fields["topic"]
        for name in ("talkers", "subjects", "recorder"):
            field = self.fields[name]
            assert isinstance(field, PeopleField)
            field.people = people

    def persons(self) -> Persons:
        """Who was named, for the service."""
        typed = self.cleaned_data
        recorder: list[Member] = typed["recorder"]
        return Persons(
            talkers=typed["talkers"],
            subjects=typed["subjects"],
            recorder=recorder[0] if recorder else None,
            external_talker=typed["external_talker"],
        )


class RecordForm(CircumstancesForm):
    """What was said. In a group talk each subject has a field for what he himself said."""

    content = forms.CharField(
        label="谈话内容",
        required=False,
        widget=forms.Textarea(attrs={"rows": 7, "class": "form-control long"}),
    )
    private_notes = forms.CharField(
        label="私人笔记", required=False, widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"})
    )
    follow_up_on = forms.DateField(label="回访日期", required=False, widget=DayInput())
    participants_only = forms.BooleanField(
        label="限参与人查看，没有参加谈话的党支部书记也不能看", required=False, widget=CheckInput()
    )

    def __init__(self, *args: Any, subjects: dict[int, str], writer: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said_fields = {}
        if len(subjects) > 1:
            for pk, name in subjects.items():
                self.said_fields[f"said_{pk}"] = pk
                self.fields[f"said_{pk}"] = forms.CharField(
                    label=f"{name}所谈", required=False, widget=forms.Textarea(attrs={"rows": 2})
                )
        self.writer = writer
        if writer is None:
            del self.fields["private_notes"]

    @property
    def said(self) -> list[forms.BoundField]:
        """The fields of what each subject said."""
        return [self[name] for name in self.said_fields]

    def text(self, opinions: list[OpinionLine], remedies: list[RemedyLine]) -> RecordText:
        """What was typed, for the service."""
        typed = self.cleaned_data
        notes = {self.writer: typed["private_notes"]} if self.writer is not None else {}
        return RecordText(
            content=typed["content"],
            opinions=opinions,
            remedies=remedies,
            said={pk: typed[name] for name, pk in self.said_fields.items()},
            notes=notes,
            follow_up_on=typed["follow_up_on"],
            participants_only=typed["participants_only"],
        )


class OpinionForm(forms.Form):
    """One row of 意见建议."""

    text = forms.CharField(required=False, max_length=1000)
    about = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"list": "about"}))
    category = forms.ChoiceField(required=False, choices=suggested(CATEGORIES, "", "不填"))

    def line(self) -> OpinionLine | None:
        """The row for the service; nothing where no text was typed."""
        typed = self.cleaned_data
        text = (typed.get("text") or "").strip()
        return OpinionLine(text, typed.get("about") or "", typed.get("category") or "") if text else None


class RemedyForm(forms.Form):
    """One row of 整改措施; `number` says which one it was."""

    number = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(required=False, max_length=1000)
    owner = PeopleField(required=False, most=1)
    due_on = forms.DateField(required=False, widget=DayInput())

    def __init__(self, *args: Any, people: QuerySet[Member] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, PeopleField)
        owner.people = Member.objects.none() if people is None else people

    def line(self) -> RemedyLine | None:
        """The row for the service; nothing where no text was typed."""
        typed = self.cleaned_data
        text = (typed.get("text") or "").strip()
        owner: list[Member] = typed.get("owner") or []
        due_on: date | None = typed.get("due_on")
        number: int | None = typed.get("number")
        return RemedyLine(text, owner[0] if owner else None, due_on, number) if text else None


OpinionFormSet = forms.formset_factory(OpinionForm, extra=2, max_num=50, absolute_max=60)
RemedyFormSet = forms.formset_factory(RemedyForm, extra=1, max_num=50, absolute_max=60)


class CancelForm(forms.Form):
    """Why a talk is cancelled."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="取消原因", max_length=300, error_messages={"required": "请填写取消原因。"}
    )
