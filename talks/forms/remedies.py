"""What is typed about a remedy, and the filters of the 整改台账."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from branches.forms.choices import LongSelect
from members.models import Member
from talks.forms.duties import Filter
from talks.forms.people import PeopleField
from talks.forms.talks import DayInput
from talks.rules.words import RemedyState

STATES = {state.name.lower(): state for state in RemedyState}


def _text(label: str, required: str, help_text: str = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1000,
        help_text=help_text,
        error_messages={"required": required},
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
    )


class RemedyFilter(Filter):
    """整改台账: which remedies are shown."""

    state = forms.MultipleChoiceField(
        label="状态", required=False, choices=[(name, state.value) for name, state in STATES.items()]
    )
    who = forms.CharField(label="责任人", required=False, max_length=60)
    organisation = forms.ChoiceField(label="台账", required=False, widget=LongSelect)
    scope = forms.ChoiceField(
        label="范围",
        required=False,
        choices=[
            ("", "全部"),
            ("mine", "我负责的"),
            ("talked", "我参加的谈话"),
            ("decide", "待我审批的"),
        ],
    )

    def __init__(self, *args: Any, organisations: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部台账"), *organisations]


class ProgressForm(forms.Form):
    """What has been done, and when."""

    noted_on = forms.DateField(
        label="日期", widget=DayInput(), error_messages={"required": "请填写日期", "invalid": "请核对日期"}
    )
    text = _text("进展情况", "请填写进展情况", "加密保存，只有责任人、参加谈话的同志和销号审批人可见", rows=3)


class ReleaseRemedyForm(forms.Form):
    """The reworded text for the ledger."""

    text = _text("台账的表述", "请填写列入台账的表述", "改写后再列入，使人看不出是从哪次谈话来的")


class SettleForm(forms.Form):
    """What was done, for who decides."""

    result = _text("完成情况", "请填写完成情况", "审批人不一定看得到谈话中的原话，请写明整改什么、怎样完成的")


class ReturnForm(forms.Form):
    """Why 销号 is sent back."""

    reason = _text("退回理由", "请填写退回理由", "会告知申请人")


class AssignForm(forms.Form):
    """Owner and limit that the record did not name."""

    owner = PeopleField(label="责任人", required=False, most=1)
    due_on = forms.DateField(
        label="完成时限", required=False, widget=DayInput(), error_messages={"invalid": "请核对日期"}
    )

    def __init__(
        self, *args: Any, people: QuerySet[Member], with_owner: bool, with_limit: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, PeopleField)
        owner.people = people
        if not with_owner:
            del self.fields["owner"]
        if not with_limit:
            del self.fields["due_on"]

    def named(self) -> tuple[Member | None, date | None]:
        """Owner and limit, as far as they were typed."""
        owner: list[Member] = self.cleaned_data.get("owner") or []
        due_on: date | None = self.cleaned_data.get("due_on")
        return (owner[0] if owner else None), due_on
