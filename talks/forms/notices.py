"""提醒: the filter of the list, and how somebody wants to be told."""

from collections.abc import Collection
from typing import Any

from django import forms

from members.models import Account
from talks.forms.talks import CheckInput
from talks.models import NoticePreference
from talks.models.notices import HOUR
from talks.rules.webhooks import LONGEST, webhook_target

BAD_EMAIL = "请填写完整的邮箱地址，例如 name@example.com。"
SHOWN = (("", "全部"), ("unread", "未读"), ("read", "已读"))


class NoticePreferenceForm(forms.Form):
    """Address, time and robot. The robot's address is never shown again: it holds a token."""

    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        max_length=254,
        help_text="不填的，不发送邮件。",
        error_messages={"invalid": BAD_EMAIL},
    )
    at_once = forms.ChoiceField(
        label="发送方式", required=False, choices=[("", "每日汇总一次"), ("1", "有新的提醒就发送")]
    )
    hour = forms.TypedChoiceField(
        label="每日汇总时间",
        choices=[(hour, f"{hour}:00") for hour in range(24)],
        coerce=int,
        initial=HOUR,
        help_text="选择“每日汇总一次”时有效。",
    )
    webhook = forms.CharField(label="机器人地址", required=False, max_length=LONGEST)
    without_webhook = forms.BooleanField(label="停用机器人", required=False, widget=CheckInput())

    def __init__(self, *args: Any, account: Account, hosts: Collection[str], **kwargs: Any) -> None:
        preference = NoticePreference.objects.filter(pk=account.pk).first()
        super().__init__(*args, **kwargs)
        self.initial["email"] = account.email
        if preference:
            self.initial["at_once"] = "1" if preference.at_once else ""
            self.initial["hour"] = preference.hour
        self.hosts = hosts
        self.has_robot = bool(preference and preference.webhook)
        told = "已设置机器人；不填的，不作改动。" if self.has_robot else "不填的，不发送。"
        self.fields["webhook"].help_text = f"企业微信或钉钉群机器人的地址。{told}"
        if not hosts:
            del self.fields["webhook"]
        if not self.has_robot:
            del self.fields["without_webhook"]

    def clean_email(self) -> str:
        """An address of which the head of a message can be made: between quotation marks much is allowed."""
        address: str = self.cleaned_data["email"]
        try:
            address.rpartition("@")[2].encode("idna")
        except UnicodeError as error:
            raise forms.ValidationError(BAD_EMAIL) from error
        if not address.isprintable():
            raise forms.ValidationError(BAD_EMAIL)
        return address

    def clean_webhook(self) -> str:
        """An address that may be called."""
        address: str = self.cleaned_data["webhook"]
        if address:
            try:
                webhook_target(address, hosts=self.hosts)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return address

    def chosen_webhook(self) -> str | None:
        """What is to become of the robot: None for as it is, empty for none."""
        if self.cleaned_data.get("without_webhook"):
            return ""
        return self.cleaned_data.get("webhook") or None
