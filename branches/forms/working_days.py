"""What is typed about working days, and the notices of the State Council that are pasted."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from branches.forms.organisations import BAD_DATE
from branches.forms.workbooks import WorkbookField
from branches.models import WorkingDay
from branches.rules.cells import EARLIEST, LATEST
from branches.rules.notices import STATES, read_rows, year_of_notice
from branches.rules.working_days import NamedDay

BAD_YEAR = "请填写四位数的年度，如2027"
TEXT_OR_FILE = "请粘贴通知的正文，或选择一个工作簿。"
ONE_OF_THEM = "正文和工作簿请只用一种。"
NOT_AS_SHOWN = "要保存的内容与核对时不一致，请重新核对。"
OTHER_YEAR = "这份通知是{year}年的，请核对年度"


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
