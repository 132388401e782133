"""What is typed about a waiver, and the filters of their list."""

from collections.abc import Iterable
from typing import Any

from django import forms

from branches.forms.choices import LongSelect
from talks.forms.duties import Filter
from talks.rules.words import WaiverState

STATES = {state.name.lower(): state for state in WaiverState}


class ReasonForm(forms.Form):
    """A reason, which is sealed."""

    reason = forms.CharField(
        label="理由",
        max_length=500,
        error_messages={"required": "请填写理由"},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )


class WaiverFilter(Filter):
    """免予谈话: which are shown."""

    state = forms.MultipleChoiceField(
        label="状态", required=False, choices=[(name, state.value) for name, state in STATES.items()]
    )
    who = forms.CharField(label="人员", required=False, max_length=60)
    organisation = forms.ChoiceField(label="党组织", required=False, widget=LongSelect)
    scope = forms.ChoiceField(
        label="范围",
        required=False,
        choices=[("", "全部"), ("decide", "待我审批的"), ("asked", "我申请的")],
    )

    def __init__(self, *args: Any, organisations: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部党组织"), *organisations]
