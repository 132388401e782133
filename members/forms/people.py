"""Shape of what is typed about members and their affiliations."""

import re
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from branches.forms.organisations import BAD_DATE
from branches.models import Organisation, OrganisationQuerySet
from members.models import Affiliation, Member
from members.models.people import MemberQuerySet
from members.rules import Category, is_identity_number, tidy_name
from members.services.people import FACTS

DAY_AHEAD = "日期不能晚于今天，请核对"
BAD_PHONE = "请核对电话号码：手机号码11位，座机加区号"
BAD_IDENTITY = "请核对公民身份号码，应为18位，最后一位可以是X"
NEED_ORGANISATION = "请选择党组织"
UNKNOWN = "没有找到“%(typed)s”，请填写姓名或党员编号。"
AMBIGUOUS = "有%(count)s位同志符合“%(typed)s”，请填写其中一位的党员编号：%(names)s。"
# So many namesakes are named; who has more types a number.
NAMED = 5


def day(**more: Any) -> forms.DateField:
    """A day, typed or picked."""
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期", "invalid": BAD_DATE},
        **more,
    )


def helper(*rows: object) -> FormHelper:
    """Fields only, the page has the form; `rows` where they do not stand one below the other."""
    made = FormHelper()
    made.form_tag = False
    if rows:
        made.layout = Layout(*rows)
    return made


class MemberField(forms.CharField):
    """One of `people`, typed as name, pinyin or number; namesakes are asked for by their number."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "姓名、拼音或党员编号")
        kwargs.setdefault("error_messages", {"required": "请填写姓名或党员编号"})
        super().__init__(max_length=80, **kwargs)
        self.people: MemberQuerySet = Member.objects.none()

    def clean(self, value: Any) -> Any:
        """The member; ValidationError where nobody or several fit."""
        typed = super().clean(value)
        if not typed:
            return None
        found = list(self.people.filter(Q(code=typed) | Q(name=tidy_name(typed))).order_by("code"))
        found = [row for row in found if row.code == typed] or found
        found = found or list(self.people.named_like(typed).order_by("code"))
        if not found:
            raise ValidationError(UNKNOWN, params={"typed": typed})
        if len(found) > 1:
            names = "、".join(f"{row.name}（{row.code}）" for row in found[:NAMED])
            raise ValidationError(AMBIGUOUS, params={"typed": typed, "count": len(found), "names": names})
        return found[0]


class PersonSearchForm(forms.Form):
    """What stands in the address of a list of persons."""

    q = forms.CharField(
        label="人员",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名、拼音或编号"}),
    )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return self.is_valid() and any(self.cleaned_data.values())

    @property
    def is_named(self) -> bool:
        """Whether a name, pinyin or number was asked for."""
        return self.is_valid() and bool(self.cleaned_data.get("q"))

    def narrow(self, members: MemberQuerySet) -> MemberQuerySet:
        """The members that fit what was asked for; what cannot be read narrows nothing."""
        asked = self.cleaned_data if self.is_valid() else {}
        return members.named_like(asked.get("q") or "")


class RosterForm(PersonSearchForm):
    """What stands in the address of a roster."""

    category = forms.ChoiceField(
        label="党员类别",
        required=False,
        choices=[("", "全部类别"), *((item.value, item.value) for item in Category)],
    )

    def narrow(self, members: MemberQuerySet) -> MemberQuerySet:
        """As above, and of the category."""
        members = super().narrow(members)
        category = self.cleaned_data.get("category") if self.is_valid() else ""
        return members.filter(category=category) if category else members


class MemberForm(forms.ModelForm[Member]):
    """Who somebody is. The numbers that are sealed are typed, never shown: empty leaves them as they are."""

    clear_numbers = forms.BooleanField(label="删除已保存的手机号码和公民身份号码", required=False)

    class Meta:
        model = Member
        fields = ("name", "code", "category", *FACTS)
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for name in ("born_on", "joined_on", "full_on")
        }
        help_texts = {"code": "不填的，由系统编号"}
        error_messages = {
            "name": {"required": "请填写姓名"},
            "category": {"required": "请选择党员类别"},
            **{name: {"invalid": BAD_DATE} for name in ("born_on", "joined_on", "full_on")},
        }

    def __init__(
        self, *args: Any, today: date, organisations: OrganisationQuerySet | None = None, **kwargs: Any
    ) -> None:
        """`organisations`: where a new member may be affiliated; None for one who is there already."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["sex"] = forms.ChoiceField(
            label="性别", required=False, choices=[("", "未填"), ("男", "男"), ("女", "女")]
        )
        for name in ("phone", "identity_number"):
            self.fields[name] = forms.CharField(
                label=self.fields[name].label,
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
                help_text="不填的，保持不变" if self.instance.pk else "加密保存",
            )
            self.initial.pop(name, None)
        self.fields["code"].required = False
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)
        category.choices = [("", "请选择"), *((item.value, item.value) for item in Category)]
        first = [Row(Column("name", css_class="col-sm-8"), Column("code", css_class="col-sm-4"))]
        if organisations is None:
            del self.fields["code"]
            first = [Row(Column("name"))]
        else:
            del self.fields["clear_numbers"]
            self.fields["organisation"] = forms.ModelChoiceField(
                organisations,
                label="所在党组织",
                empty_label="请选择",
                error_messages={"required": NEED_ORGANISATION},
            )
            self.fields["since"] = day(label="转入日期", required=False, help_text="不填的，视为一直在本组织")
            place = Column("organisation", css_class="col-sm-8"), Column("since", css_class="col-sm-4")
            first.append(Row(*place))
        thirds = [
            ("category", "joined_on", "full_on"),
            ("sex", "ethnicity", "born_on"),
            ("education", "job"),
            ("phone", "identity_number"),
        ]
        rows = [Row(*(Column(name, css_class="col-sm") for name in names)) for names in thirds]
        numbers = [] if organisations is not None else ["clear_numbers"]
        marks = HTML('<p class="form-label">需要关心的情况</p>')
        self.helper = helper(
            *first, *rows, *numbers, marks, "is_floating", "is_in_difficulty", "is_frail", "remark"
        )

    def clean_born_on(self) -> date | None:
        """Not ahead."""
        return self._not_ahead("born_on")

    def clean_joined_on(self) -> date | None:
        """Not ahead: who joins in a year that was mistyped is owed nothing until then, and nobody sees it."""
        return self._not_ahead("joined_on")

    def clean_full_on(self) -> date | None:
        """Not ahead."""
        return self._not_ahead("full_on")

    def clean_phone(self) -> str:
        """Digits, as a telephone has them; what parts them is left out."""
        phone = re.sub(r"[\s-]", "", self.cleaned_data["phone"])
        if phone and not re.fullmatch(r"\+?[0-9]{7,15}", phone):
            raise ValidationError(BAD_PHONE)
        return phone

    def clean_identity_number(self) -> str:
        """As GB 11643 has it: 17 digits, and one more or X to check them by."""
        number = re.sub(r"\s", "", self.cleaned_data["identity_number"]).upper()
        if number and not is_identity_number(number):
            raise ValidationError(BAD_IDENTITY)
        return number

    def _not_ahead(self, name: str) -> date | None:
        typed: date | None = self.cleaned_data[name]
        if typed and typed > self.today:
            raise ValidationError(DAY_AHEAD)
        return typed

    def facts(self) -> dict[str, object]:
        """The values of FACTS as the service takes them."""
        data = self.cleaned_data
        facts = {name: data[name] for name in FACTS}
        for name in ("phone", "identity_number"):
            if data.get("clear_numbers"):
                facts[name] = ""
            elif not facts[name]:
                del facts[name]
        return facts

    def _post_clean(self) -> None:
        # The service holds the rules and says in words what is taken: the instance stays as it was read.
        return


class TransferForm(forms.Form):
    """组织关系转接: where to, and from which day."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="转入党组织",
        empty_label="请选择",
        error_messages={"required": NEED_ORGANISATION},
    )
    on = day(label="转入日期", help_text="原组织关系到这一天为止")

    def __init__(self, *args: Any, organisations: OrganisationQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["organisation"]
        assert isinstance(place, forms.ModelChoiceField)
        place.queryset = organisations
        self.helper = helper()


class AffiliationForm(forms.ModelForm[Affiliation]):
    """Where and when a member was affiliated."""

    since = day(label="转入日期", required=False, help_text="不填的，视为一直在本组织")
    until = day(label="转出日期", required=False, help_text="自这一天起不再属于本组织；仍在本组织的不填")

    class Meta:
        model = Affiliation
        fields = ("organisation", "since", "until")

    def __init__(self, *args: Any, organisations: OrganisationQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["organisation"]
        assert isinstance(place, forms.ModelChoiceField)
        place.queryset = organisations
        place.empty_label = None
        self.helper = helper()

    def _post_clean(self) -> None:
        return
