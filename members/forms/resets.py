"""Asking that a password be reset."""

from crispy_forms.helper import FormHelper
from django import forms


class ResetForm(forms.Form):
    """Whether the second factor goes with the password."""

    with_factor = forms.BooleanField(
        label="动态口令一并重置",
        required=False,
        help_text="手机遗失，恢复码也没有了的，才选这一项；原动态口令和恢复码在批准后作废，本人登录后重新启用。",
    )

    def __init__(self, *args: object, has_factor: bool) -> None:
        """`has_factor`: whether there is one to be reset."""
        super().__init__(*args)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        if not has_factor:
            del self.fields["with_factor"]
