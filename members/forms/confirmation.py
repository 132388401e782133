"""Saying once more who one is."""

from django import forms


class ConfirmIdentityForm(forms.Form):
    """One's password once more, or a code of one's second factor."""

    confirm_word = forms.CharField(
        label="密码或动态口令",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "请填写密码，或应用中正在显示的动态口令"},
    )
