"""Shape of what is typed about organisations, departments and working days, and of workbooks sent."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q

from branches.models import Department, Organisation, OrganisationQuerySet, WorkingDay
from branches.rules import OrganisationKind
from branches.rules.cells import EARLIEST, LATEST
from branches.rules.notices import STATES, read_rows, year_of_notice
from branches.rules.working_days import NamedDay

NEED_NAME = "请填写名称"
NEED_KIND = "请选择组织类型"
NEED_SUPERIOR = "请选择上级组织"
BAD_DATE = "请填写正确的日期，如2026-03-05"
BAD_YEAR = "请填写四位数的年度，如2027"
MEGABYTE = 1024 * 1024
TOO_LARGE = "文件超过{limit}MB的上限，请拆分后分别导入"
TEXT_OR_FILE = "请粘贴通知的正文，或选择一个工作簿。"
ONE_OF_THEM = "正文和工作簿请只用一种。"
NOT_AS_SHOWN = "要保存的内容与核对时不一致，请重新核对。"
OTHER_YEAR = "这份通知是{year}年的，请核对年度"
WRONG_NAME = "只能导入.xlsx格式的工作簿，请在Excel中另存为.xlsx"


# So many organisations are offered as a tree to choose from, and so many of one name are told apart.
MOST_OFFERED = 300
MOST_NAMED = 5
TYPE_IT = "请填写党组织的全称或编码。"
NO_SUCH_ORGANISATION = "没有找到“%(typed)s”，请填写党组织的全称或编码。"
SEVERAL_ORGANISATIONS = "有几个“%(typed)s”，请填写其中一个的编码：%(codes)s。"


class WorkbookField(forms.FileField):
    """One .xlsx file within the limit; whether it is one inside is found out when it is read."""

    widget = forms.FileInput(attrs={"accept": ".xlsx"})
    default_error_messages = {"empty": "文件是空的，请重新选择"}

    @staticmethod
    def too_large() -> str:
        """What is said of a file that is larger than the limit."""
        return TOO_LARGE.format(limit=settings.WORKBOOK_MAX_BYTES // MEGABYTE)

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[bytes] | None":
        """Refuses a file that is too large or has another ending."""
        file: UploadedFile[bytes] | None = super().clean(data, initial)
        if file and (file.size or 0) > settings.WORKBOOK_MAX_BYTES:
            raise forms.ValidationError(self.too_large())
        if file and PurePath(file.name or "").suffix.lower() != ".xlsx":
            raise forms.ValidationError(WRONG_NAME)
        return file


class OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the organisations offered: chosen from the tree, or typed where there are very many."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "党组织")
        super().__init__(queryset=Organisation.objects.none(), empty_label=None, **kwargs)
        self.is_typed = False
        self.highest = 0

    def offer(self, organisations: OrganisationQuerySet) -> None:
        """`organisations`: those that one may choose; the highest is chosen at first."""
        self.is_typed = len(organisations.order_by().values_list("pk")[: MOST_OFFERED + 1]) > MOST_OFFERED
        if self.is_typed:
            self.widget, self.help_text = forms.TextInput(), TYPE_IT
            self.widget.is_required = self.required
        self.queryset = organisations.order_by("path")
        self.initial = self.queryset.first()
        self.highest = self.initial.depth if self.initial else 0

    def key(self, organisation: Organisation) -> str:
        """What stands for the organisation in an address that fills the form again."""
        return organisation.code if self.is_typed else str(organisation.pk)

    def label_from_instance(self, obj: Organisation) -> str:
        """The name, one ideographic space to a level below the highest that is offered."""
        return "　" * (obj.depth - self.highest) + obj.name

    def prepare_value(self, value: Any) -> Any:
        """What is typed stands in the field as it was typed, what is chosen at first by its name."""
        if self.is_typed:
            return value.name if isinstance(value, Organisation) else value
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Organisation | None:
        """The organisation with the code or the name typed; ValidationError for none, and for several."""
        offered = self.queryset
        if not self.is_typed or value in self.empty_values or offered is None:
            chosen: Organisation | None = super().to_python(value)
            return chosen
        text = str(value).replace("\0", "").strip()
        named: list[Organisation] = list(offered.filter(Q(code=text) | Q(name=text))[: MOST_NAMED + 1])
        found = [one for one in named if one.code == text] or named
        if not found:
            raise forms.ValidationError(NO_SUCH_ORGANISATION, params={"typed": text})
        if len(found) > 1:
            codes = "、".join(f"{one.name}（{one.code}）" for one in found[:MOST_NAMED])
            raise forms.ValidationError(SEVERAL_ORGANISATIONS, params={"typed": text, "codes": codes})
        return found[0]


class OrganisationForm(forms.ModelForm[Organisation]):
    """A new organisation, or other facts about one; the code is typed once."""

    class Meta:
        model = Organisation
        fields = ("name", "code", "kind", "superior", "established")
        widgets = {"established": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"code": "不填的，由系统编号", "established": "不填的，视为一直存在"}
        error_messages = {
            "name": {"required": NEED_NAME},
            "kind": {"required": NEED_KIND},
            "superior": {"required": NEED_SUPERIOR},
            "established": {"invalid": BAD_DATE},
        }

    def __init__(self, *args: Any, superiors: OrganisationQuerySet, **kwargs: Any) -> None:
        """`superiors` are the organisations under which it may stand.

        The top of what the account keeps stays where it is.
        """
        super().__init__(*args, **kwargs)
        place = self.fields["superior"]
        assert isinstance(place, forms.ModelChoiceField)
        place.queryset = superiors
        place.required = True
        place.empty_label = "请选择"
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "请选择"), *((item.value, item.value) for item in OrganisationKind)]
        self.fields["code"].required = False
        rows = [
            Row(Column("name", css_class="col-sm-8"), Column("code", css_class="col-sm-4")),
            Row(Column("kind", css_class="col-sm-4"), Column("superior", css_class="col-sm-8")),
            Row(Column("established", css_class="col-sm-4")),
        ]
        if self.instance.pk:
            del self.fields["code"]
            rows[0] = Row(Column("name"))
            if not superiors.filter(pk=self.instance.superior_id or 0).exists():
                del self.fields["superior"]
                rows[1] = Row(Column("kind", css_class="col-sm-4"))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*rows)

    def _post_clean(self) -> None:
        # The service holds the rules and says in words what is taken: the instance stays as it was read.
        return


class DissolutionForm(forms.Form):
    """The day from which an organisation is no more."""

    on = forms.DateField(
        label="撤销日期",
        help_text="自这一天起不再产生新的应谈事项",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写撤销日期", "invalid": BAD_DATE},
    )

    @property
    def helper(self) -> FormHelper:
        """How crispy renders it: fields only, the page has the form."""
        helper = FormHelper()
        helper.form_tag = False
        return helper


class DepartmentForm(forms.ModelForm[Department]):
    """A new department, or another name or organisation of one."""

    class Meta:
        model = Department
        fields = ("name", "code", "organisation")
        help_texts = {"code": "不填的，由系统编号"}
        error_messages = {"name": {"required": NEED_NAME}}

    def __init__(self, *args: Any, organisations: OrganisationQuerySet, **kwargs: Any) -> None:
        """`organisations` are those to which it may belong; of a new one it is known already."""
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        if self.instance.pk:
            del self.fields["code"]
            belongs = self.fields["organisation"]
            assert isinstance(belongs, forms.ModelChoiceField)
            belongs.queryset = organisations
            belongs.empty_label = None
        else:
            del self.fields["organisation"]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def _post_clean(self) -> None:
        # The service holds the rules and says in words what is taken: the instance stays as it was read.
        return


class WorkingDayForm(forms.ModelForm[WorkingDay]):
    """A day on which one works or does not, against its weekday; the day itself is typed once."""

    is_working = forms.TypedChoiceField(
        label="安排",
        choices=[("", "请选择"), *((is_working, word) for word, is_working in STATES.items())],
        coerce=lambda text: text == "True",
        error_messages={"required": "请选择上班或放假"},
    )

    class Meta:
        model = WorkingDay
        fields = ("day", "is_working", "name")
        widgets = {"day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"name": "如春节"}
        error_messages = {"day": {"required": "请填写日期", "invalid": BAD_DATE}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["day"]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def _post_clean(self) -> None:
        # The service holds the rules and says in words what is taken: the instance stays as it was read.
        return


class NoticeForm(forms.Form):
    """The calendar of a year, as the text of the notice or as a workbook."""

    year = forms.IntegerField(
        label="年度",
        min_value=EARLIEST,
        max_value=LATEST,
        error_messages={
            "required": "请填写年度",
            "invalid": BAD_YEAR,
            "min_value": BAD_YEAR,
            "max_value": BAD_YEAR,
        },
    )
    text = forms.CharField(
        label="通知正文",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text="可以整篇粘贴，如“一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。”",
    )
    file = WorkbookField(
        label="或上传工作簿",
        required=False,
        help_text="第1行写明日期、状态、说明三列；状态填上班或放假。",
    )

    def clean(self) -> dict[str, Any]:
        """One of text and file; a text that names its year must be of the year asked for."""
        data = super().clean() or {}
        text, file = data.get("text"), data.get("file")
        if text and file:
            self.add_error(None, ONE_OF_THEM)
        if not (text or file or self.errors):
            self.add_error(None, TEXT_OR_FILE)
        told = year_of_notice(text or "")
        if told and told != data.get("year", told):
            self.add_error("year", OTHER_YEAR.format(year=told))
        return data


class YearForm(forms.Form):
    """The days of a year that were shown and are to be stored, in fields that nobody types into."""

    year = forms.IntegerField(min_value=EARLIEST, max_value=LATEST, widget=forms.HiddenInput)
    rows = forms.CharField(max_length=30_000, strip=False, widget=forms.HiddenInput)

    @staticmethod
    def initial_for(year: int, days: Iterable[NamedDay]) -> dict[str, object]:
        """The fields for these days."""
        words = {is_working: word for word, is_working in STATES.items()}
        rows = [f"{day.day.isoformat()}\t{words[day.is_working]}\t{day.name}" for day in days]
        return {"year": year, "rows": "\n".join(rows)}

    def clean(self) -> dict[str, Any]:
        """The year, and its days as values; whatever is not as it was shown is refused."""
        data = super().clean() or {}
        if self.errors:
            return data
        rows = [line.split("\t") for line in data["rows"].splitlines()]
        if any(len(row) != 3 for row in rows):
            raise forms.ValidationError(NOT_AS_SHOWN)
        reading = read_rows(enumerate(rows, 1), data["year"])
        if reading.unread:
            raise forms.ValidationError(NOT_AS_SHOWN)
        return {"year": data["year"], "days": reading.days}
