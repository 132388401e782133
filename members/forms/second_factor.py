"""The code that a telephone shows."""

from django import forms


class CodeForm(forms.Form):
    """A code of six digits, to prove that the application has the key."""

    shown_code = forms.CharField(
        label="动态口令",
        max_length=32,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
        help_text="应用中正在显示的6位数字",
        error_messages={"required": "请填写动态口令"},
    )


class SecondStepForm(CodeForm):
    """A code of six digits, or a recovery code of sixteen."""

    def __init__(self, *arguments: object, **options: object) -> None:
        """As a form."""
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.fields["shown_code"].label = "动态口令或恢复码"
        self.fields["shown_code"].help_text = "应用中正在显示的6位数字；手机不在身边的，填写一个16位恢复码"
        self.fields["shown_code"].error_messages["required"] = "请填写动态口令或恢复码"
