"""Granting mandates, and finding them."""

from collections.abc import Collection
from datetime import date

from django import forms
from django.db.models import Q
from django.http import QueryDict

from branches.forms.organisations import BAD_DATE
from branches.models import OrganisationQuerySet
from members.models import Account, Mandate, MandateKind
from members.models.dated import DatedQuerySet, in_force
from members.permissions.accounts import SCOPED_KINDS

NO_SUCH_ACCOUNT = "没有这个账号，或者账号与姓名不符，请核对。"
NO_SUCH_ORGANISATION = "没有这个党组织，或者不由您授权，请核对。"
NEEDS_ORGANISATION = "请填写党组织。"
TAKES_NO_ORGANISATION = "这类授权不针对某个党组织，请不填。"
NEEDS_END = "请填写结束日期。"


class MandateSearchForm(forms.Form):
    """What stands in the address of the list of mandates."""

    STATES = [("", "现行授权"), ("ended", "已结束"), ("coming", "未开始"), ("all", "全部")]

    q = forms.CharField(
        label="人员",
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={"type": "search", "class": "form-control", "placeholder": "姓名、拼音或账号"}
        ),
    )
    kind = forms.ChoiceField(
        label="授权类型",
        required=False,
        choices=[("", "全部类型"), *MandateKind.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=STATES, widget=forms.Select(attrs={"class": "form-select"})
    )

    def narrow(self, mandates: DatedQuerySet[Mandate], today: date) -> DatedQuerySet[Mandate]:
        """The mandates that fit what was asked for, those in force where nothing was."""
        asked = self.cleaned_data if self.is_valid() else {}
        text = (asked.get("q") or "").strip()
        if text:
            plain = text.lower().replace(" ", "")
            mandates = mandates.filter(
                Q(account__name__contains=text)
                | Q(account__username__icontains=text)
                | Q(account__member__pinyin__startswith=plain)
                | Q(account__member__initials__startswith=plain)
            )
        if asked.get("kind"):
            mandates = mandates.filter(kind=asked["kind"])
        conditions = {
            "": in_force(today),
            "ended": Q(until__lte=today),
            "coming": Q(since__gt=today),
            "all": Q(),
        }
        return mandates.filter(conditions[asked.get("state") or ""])


class MandateForm(forms.Form):
    """A new mandate for a person named by account and name, both as they were given to the granter."""

    username = forms.CharField(label="账号", max_length=64, error_messages={"required": "请填写账号"})
    name = forms.CharField(label="姓名", max_length=60, error_messages={"required": "请填写姓名"})
    kind = forms.ChoiceField(
        label="授权类型",
        error_messages={"required": "请选择授权类型", "invalid_choice": "请选择列出的授权类型"},
    )
    organisation = forms.CharField(
        label="党组织编码", max_length=64, required=False, help_text="授权及于该党组织和所属下级党组织"
    )
    since = forms.DateField(
        label="开始日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写开始日期", "invalid": BAD_DATE},
    )
    until = forms.DateField(
        label="结束日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="自这一天起不再有效",
        error_messages={"invalid": BAD_DATE},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        initial: dict[str, object],
        kinds: Collection[MandateKind],
        organisations: OrganisationQuerySet,
        chooses: bool,
    ) -> None:
        """`kinds` and `organisations` may be granted; `chooses`: the latter are few enough for a list."""
        super().__init__(data, initial=initial)
        self.organisations = organisations
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if chooses:
            self.fields["organisation"] = forms.ChoiceField(
                label="党组织",
                choices=[(organisation.code, organisation.name) for organisation in organisations],
                help_text=self.fields["organisation"].help_text,
                error_messages={"required": NEEDS_ORGANISATION, "invalid_choice": NO_SUCH_ORGANISATION},
            )

    def clean(self) -> dict[str, object]:
        """Puts the account and the organisation in the place of what names them."""
        data = super().clean() or {}
        account = Account.objects.filter(
            username=data.get("username") or "", name=data.get("name") or ""
        ).first()
        if account is None and not {"username", "name"} & self.errors.keys():
            self.add_error("username", NO_SUCH_ACCOUNT)
        data["account"] = account
        code = data.get("organisation") or ""
        found = self.organisations.filter(code=code).first() if code else None
        if code and found is None:
            self.add_error("organisation", NO_SUCH_ORGANISATION)
        if data.get("kind") in SCOPED_KINDS:
            if not code and "organisation" not in self.errors:
                self.add_error("organisation", NEEDS_ORGANISATION)
            if not data.get("until") and "until" not in self.errors:
                self.add_error("until", NEEDS_END)
        elif data.get("kind") and code:
            self.add_error("organisation", TAKES_NO_ORGANISATION)
        data["organisation"] = found
        return data
