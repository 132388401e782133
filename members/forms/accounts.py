"""Opening accounts, and finding them."""

import re
import unicodedata
from collections.abc import Sequence

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from branches.forms.choices import OrganisationField
from branches.models import Organisation, OrganisationQuerySet
from members.models import Account, Member
from members.models.people import MemberQuerySet

NO_SUCH_CANDIDATE = "没有找到可以开通账号的这位同志，或其已有账号，请核对党员编号。"
NAME_DIFFERS = "姓名与党员编号不符，请核对。"
NAME_MISSING = "请填写姓名"
USERNAME_UNREADABLE = "账号由字母、数字和“._-@”组成，2至64个字符。"
NO_PLACE = "请写明是哪个党组织。"
NOBODY_WAITS = "这个党组织的同志都已有账号，请另选一个党组织。"
USERNAME = re.compile(r"[A-Za-z0-9._@-]{2,64}")


class AccountSearchForm(forms.Form):
    """What stands in the address of the list of accounts."""

    STATES = [("", "全部状态"), ("open", "使用中"), ("waiting", "待首次登录"), ("closed", "已停用")]

    q = forms.CharField(
        label="人员",
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={"type": "search", "class": "form-control", "placeholder": "姓名、拼音或账号"}
        ),
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=STATES, widget=forms.Select(attrs={"class": "form-select"})
    )

    @property
    def is_named(self) -> bool:
        """Whether a name, pinyin or account was asked for."""
        return self.is_valid() and bool(self.cleaned_data["q"].strip())

    def narrow(self, accounts: QuerySet[Account]) -> QuerySet[Account]:
        """The accounts that fit what was asked for; what cannot be read narrows nothing."""
        asked = self.cleaned_data if self.is_valid() else {}
        text = (asked.get("q") or "").strip()
        if text:
            plain = text.lower().replace(" ", "")
            accounts = accounts.filter(
                Q(name__contains=text)
                | Q(username__icontains=text)
                | Q(member__code=text)
                | Q(member__pinyin__startswith=plain)
                | Q(member__initials__startswith=plain)
            )
        conditions = {
            "open": Q(is_active=True, must_change_password=False),
            "waiting": Q(is_active=True, must_change_password=True),
            "closed": Q(is_active=False),
        }
        return accounts.filter(conditions.get(asked.get("state") or "", Q()))


class AccountForm(forms.Form):
    """A new account: of a member named by his code, or of somebody who is none.

    Staff name a member of their roster. The system administrator sees no roster: he types code and name as
    they stand on the application, and both must fit; without a code the account belongs to no member.
    """

    member_code = forms.CharField(
        label="党员编号", max_length=64, error_messages={"required": "请填写党员编号"}
    )
    name = forms.CharField(label="姓名", max_length=60, required=False)
    username = forms.CharField(label="账号", max_length=64, required=False, help_text="不填则与党员编号相同")

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        initial: dict[str, object],
        candidates: MemberQuerySet,
        sees_roster: bool,
    ) -> None:
        """`candidates` are the members for whom the account may be opened."""
        super().__init__(data, initial=initial)
        self.candidates = candidates
        self.member: Member | None = None
        if sees_roster:
            del self.fields["name"]
        else:
            self.fields["member_code"].required = False
            self.fields["member_code"].help_text = "不是党员的督查人员和管理员不填"

    def clean_username(self) -> str:
        """The sign-in name in plain letters, or empty."""
        username = unicodedata.normalize("NFKC", self.cleaned_data["username"]).strip()
        if username and not USERNAME.fullmatch(username):
            raise forms.ValidationError(USERNAME_UNREADABLE)
        return username

    def clean(self) -> dict[str, object]:
        """Finds the member; his code is the sign-in name where none was typed."""
        data = super().clean() or {}
        code, name = data.get("member_code") or "", data.get("name") or ""
        if code:
            self.member = self.candidates.filter(code=code).first()
            if self.member is None:
                self.add_error("member_code", NO_SUCH_CANDIDATE)
            elif "name" in self.fields and name != self.member.name:
                self.add_error("name", NAME_DIFFERS)
        elif "name" in self.fields and not name:
            self.add_error("name", NAME_MISSING)
        if self.member is not None:
            data["name"] = self.member.name
        if "username" not in self.errors and not data.get("username"):
            if self.member is None:
                self.add_error("username", "请填写账号")
            else:
                data["username"] = self.member.code
        return data


class BranchAccountsForm(forms.Form):
    """Accounts for all of one organisation who have none."""

    organisation = forms.ChoiceField(
        label="党组织",
        error_messages={"required": "请选择党组织", "invalid_choice": "请选择列出的党组织"},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        waiting: Sequence[tuple[str, str, int]],
        organisations: OrganisationQuerySet | None = None,
    ) -> None:
        """`waiting`: code and name of each organisation, and how many there have no account.

        `organisations`: those of which one is typed instead, where they are very many.
        """
        super().__init__(data)
        if organisations is not None:
            self.fields["organisation"] = field = OrganisationField(error_messages={"required": NO_PLACE})
            field.offer(organisations)
            field.initial = None
            return
        choices = [(code, f"{name}（{number}人）") for code, name, number in waiting]
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]

    @property
    def code(self) -> str:
        """The code of the organisation in a valid form."""
        chosen = self.cleaned_data["organisation"]
        return chosen.code if isinstance(chosen, Organisation) else str(chosen)
