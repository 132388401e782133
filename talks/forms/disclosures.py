"""What is typed about a 调阅, and the filter of their list."""

from typing import Any

from django import forms

from talks.forms.duties import Filter

SHOWN = (("", "全部"), ("decide", "待我审批"), ("asked", "我申请的"))


class DisclosureReasonForm(forms.Form):
    """A reason, which is sealed; `what` it is the reason of."""

    reason = forms.CharField(
        label="理由",
        max_length=500,
        error_messages={"required": "请填写理由"},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )


class MinutesForm(forms.Form):
    """For how many minutes, at most as many as the setting allows."""

    minutes = forms.TypedChoiceField(label="查看时限", coerce=int)

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [*(minutes for minutes in (10, 20) if minutes < most), most]
        field = self.fields["minutes"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(minutes, f"{minutes}分钟") for minutes in choices]
        field.initial = choices[0]


class DisclosureFilter(Filter):
    """调阅: which are shown."""

    show = forms.ChoiceField(required=False, choices=SHOWN)
