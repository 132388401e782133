"""Signing in, choosing and changing a password."""

from typing import Any

from django import forms
from django.conf import settings

from members.rules import POLICIES

NOT_THE_SAME = "两次填写的密码不一样。"


class SignInForm(forms.Form):
    """账号, and the password or the one-time code."""

    username = forms.CharField(
        label="账号",
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
        error_messages={"required": "请填写账号"},
    )
    word = forms.CharField(
        label="密码",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="首次登录填写一次性口令",
        error_messages={"required": "请填写密码"},
    )


class ChoosePasswordForm(forms.Form):
    """A new password, twice. Whether it is strong enough the service says."""

    new = forms.CharField(
        label="新密码",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请填写新密码"},
    )
    again = forms.CharField(
        label="再填一次新密码",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "请再填一次新密码"},
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As a form; says what the policy of this installation asks for."""
        super().__init__(*arguments, **options)
        self.fields["new"].help_text = POLICIES[settings.PASSWORD_POLICY].told

    def clean_again(self) -> str:
        """Refuses a second writing that differs from the first."""
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("new") not in (None, again):
            raise forms.ValidationError(NOT_THE_SAME)
        return again


class ChangePasswordForm(ChoosePasswordForm):
    """The old password, and a new one twice."""

    old = forms.CharField(
        label="原密码",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填写原密码"},
    )
    field_order = ("old", "new", "again")
