"""Asking for a document, holding a paper against what was issued, and what is said to a finding."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import QuerySet

from branches.forms.choices import LongSelect, OrganisationField
from branches.models import OrganisationQuerySet
from reports.figures.orders import Order
from reports.models.findings import FindingState
from reports.rules.documents import DOCUMENTS, FORMAT_NAMES, Format, Kind, Scope
from reports.rules.findings import TITLES, Check
from reports.rules.samples import MOST as MOST_DRAWN
from talks.forms.duties import Filter
from talks.models import Meeting, Talk

FIRST_YEAR = 2000
YEAR_MISSING = "请填写年度，如2026"
YEAR_BEYOND = "年度应在{first}年至{last}年之间"
AS_OF_IN_FUTURE = "数据截至日期不能晚于今天"
PERIOD_REVERSED = "截止日期不能早于起始日期"
TEXT_MISSING = "请填写说明"
CODE_WRONG = "校验码是页脚印的16位数字和字母，例如 0123 4567 89AB CDEF"
DAY_WORDS = dict.fromkeys(("required", "invalid"), "请填写有的日期，例如2026-03-09。")
DAYS_WRONG = "结束日期不能早于开始日期。"
SIZE_WRONG = f"请填写1至{MOST_DRAWN}的整数。"
SEED_WRONG = "抽查编号由20个以内的数字和字母组成，请照原来的编号填写。"
REASON_HELP = (
    "列出多次谈话的内容，或者列出一整年的，须由另一位主要负责同志批准后生成，请填写理由；其他情况不必填写。"
)
NOTHING_GIVEN = "请填写编号和校验码，或者选择报告文件。"


# What is chosen for each scope.
FIELDS: dict[Scope, tuple[str, ...]] = {
    Scope.YEAR: ("organisation", "year", "as_of"),
    Scope.PERIOD: ("organisation", "since", "until", "with_below"),
    Scope.MEETING: ("meeting", "as_of"),
    Scope.TALK: ("with_content",),
    Scope.OWN: (),
}


class DayInput(forms.DateInput):
    """A day, as browsers ask for one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MeetingField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among meetings."""

    def label_from_instance(self, obj: Meeting) -> str:
        """Whose, and which."""
        return f"{obj.organisation.name}　{obj}"


class KindForm(forms.Form):
    """Which kind of document."""

    kind = forms.ChoiceField(label="种类")

    def __init__(self, *args: Any, kinds: Iterable[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind.value, DOCUMENTS[kind].title) for kind in kinds]


class OrderForm(forms.Form):
    """What a document is asked of: the fields that its scope needs, filled with what is asked for most."""

    organisation = OrganisationField()
    year = forms.IntegerField(
        label="年度", error_messages={"required": YEAR_MISSING, "invalid": YEAR_MISSING}
    )
    since = forms.DateField(label="起始日期", widget=DayInput)
    until = forms.DateField(label="截止日期", widget=DayInput)
    meeting = MeetingField(label="会议", queryset=Meeting.objects.none(), empty_label=None)
    as_of = forms.DateField(label="数据截至", widget=DayInput)
    with_below = forms.BooleanField(label="含所属党组织", required=False)
    with_content = forms.BooleanField(label="列出谈话内容", required=False)
    without_content = forms.BooleanField(label="不列出整改措施的内容", required=False)
    reason = forms.CharField(
        label="申请理由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=REASON_HELP,
    )
    file_format = forms.ChoiceField(label="格式", required=False)

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        organisations: OrganisationQuerySet,
        meetings: QuerySet[Meeting],
        may_read: bool,
        asks_reason: bool = False,
        today: date,
        **kwargs: Any,
    ) -> None:
        """`organisations` and `meetings`: those that may be chosen; `may_read`: what was said in the talk.

        `asks_reason`: whether what is asked for may need an approval.
        """
        super().__init__(*args, **kwargs)
        self.today, self.kind = today, kind
        scope = DOCUMENTS[kind].scope
        wanted = FIELDS[scope] if may_read or scope is not Scope.TALK else ()
        if asks_reason:
            wanted += ("reason", "without_content") if scope is Scope.PERIOD else ("reason",)
        for name in [name for name in self.fields if name not in (*wanted, "file_format")]:
            del self.fields[name]
        self._fill_in(organisations, meetings)
        choice = self.fields["file_format"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(one.value, FORMAT_NAMES[one]) for one in DOCUMENTS[kind].formats]
        choice.initial = Format.PDF.value

    def _fill_in(self, organisations: OrganisationQuerySet, meetings: QuerySet[Meeting]) -> None:
        today = self.today
        starts: dict[str, Any] = {
            "year": today.year,
            "since": date(today.year, 1, 1),
            "until": today,
            "as_of": today,
            "with_below": True,
            "with_content": True,
        }
        for name, value in starts.items():
            if name in self.fields:
                self.fields[name].initial = value
        for name in {"since", "until", "as_of"} & self.fields.keys():
            self.fields[name].widget.attrs["max"] = today.isoformat()
        if "year" in self.fields:
            self.fields["year"].widget.attrs |= {"min": FIRST_YEAR, "max": today.year + 1}
        if "organisation" in self.fields:
            field = self.fields["organisation"]
            assert isinstance(field, OrganisationField)
            field.offer(organisations)
        if "meeting" in self.fields:
            choice = self.fields["meeting"]
            assert isinstance(choice, MeetingField)
            choice.queryset = meetings.select_related("organisation").order_by("-meeting_on", "pk")

    def clean_year(self) -> int:
        """One year ahead at most: a meeting may be entered before its year begins."""
        year: int = self.cleaned_data["year"]
        if not FIRST_YEAR <= year <= self.today.year + 1:
            raise forms.ValidationError(YEAR_BEYOND.format(first=FIRST_YEAR, last=self.today.year + 1))
        return year

    def clean_as_of(self) -> date:
        """No day after today: what will have been done by then nobody knows."""
        as_of: date = self.cleaned_data["as_of"]
        if as_of > self.today:
            raise forms.ValidationError(AS_OF_IN_FUTURE)
        return as_of

    def clean(self) -> dict[str, Any]:
        """A period that goes forward and has begun."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", PERIOD_REVERSED)
        if until and until > self.today:
            self.add_error("until", AS_OF_IN_FUTURE)
        return data

    def order(self, talk: Talk | None = None, *, reads: bool = False) -> Order:
        """What was chosen; `reads`: whether the ledger shows the account what was released."""
        data = self.cleaned_data
        meeting = data.get("meeting")
        as_of = data.get("as_of") or self.today
        since = data.get("since")
        year = data.get("year") or (meeting.year if meeting else since.year if since else self.today.year)
        return Order(
            kind=self.kind,
            year=year,
            as_of=as_of,
            organisation=data.get("organisation"),
            file_format=Format(data.get("file_format") or Format.PDF),
            with_below=data.get("with_below", True),
            since=since,
            until=data.get("until"),
            meeting=meeting,
            talk=talk,
            with_content=(reads and not data.get("without_content")) or bool(data.get("with_content")),
        )


class PaperForm(forms.Form):
    """The figures that stand on a paper, typed in by whoever doubts it."""

    owed = forms.IntegerField(label="应谈", min_value=0)
    met = forms.IntegerField(label="已谈", min_value=0)
    overdue = forms.IntegerField(label="逾期", min_value=0)


class FindingFilter(Filter):
    """疑点: which are shown. Without a choice those that wait for an explanation or a decision."""

    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "待说明和已说明"), *FindingState.choices, ("all", "全部")]
    )
    check_name = forms.ChoiceField(
        label="类型", required=False, choices=[("", "全部类型"), *((one.value, TITLES[one]) for one in Check)]
    )
    organisation = forms.ChoiceField(label="党组织", required=False, widget=LongSelect)

    def __init__(self, *args: Any, organisations: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部党组织"), *organisations]


class TrailFilter(Filter):
    """审计: which entries are shown."""

    account = forms.CharField(label="账号", required=False, max_length=150)
    action = forms.CharField(label="操作", required=False, max_length=40)
    kind = forms.CharField(label="对象类型", required=False, max_length=40)
    target = forms.CharField(label="对象编号", required=False, max_length=200)
    since = forms.DateField(label="开始日期", required=False, widget=DayInput)
    until = forms.DateField(label="截止日期", required=False, widget=DayInput)
    outcome = forms.ChoiceField(
        label="结果",
        required=False,
        choices=[("", "全部"), ("succeeded", "成功"), ("failed", "未成功")],
    )

    def __init__(self, *args: Any, actions: Iterable[str], kinds: Iterable[str], **kwargs: Any) -> None:
        """`actions`, `kinds`: the words to choose from; others may stand in the address."""
        super().__init__(*args, **kwargs)
        for name, words, everything in (("action", actions, "全部操作"), ("kind", kinds, "全部对象")):
            asked = str(self.data.get(name) or "")
            offered = dict.fromkeys([*words, *([asked] if asked else [])])
            self.fields[name].widget = forms.Select(
                choices=[("", everything), *((one, one) for one in offered)]
            )


class FindingTextForm(forms.Form):
    """What is said to a finding, which is sealed."""

    text = forms.CharField(
        label="说明",
        max_length=1000,
        error_messages={"required": TEXT_MISSING},
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, label: str, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, help_text
        self.fields["text"].error_messages["required"] = f"请填写{label}"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class SampleForm(forms.Form):
    """抽查: of which organisation and days, how many talks; a seed draws the same once more."""

    organisation = OrganisationField()
    since = forms.DateField(label="开始日期", widget=DayInput(), error_messages=DAY_WORDS)
    until = forms.DateField(label="结束日期", widget=DayInput(), error_messages=DAY_WORDS)
    size = forms.IntegerField(
        label="抽取次数",
        initial=10,
        min_value=1,
        max_value=MOST_DRAWN,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), SIZE_WRONG),
    )
    seed = forms.RegexField(
        r"^[0-9A-Za-z]{1,20}$",
        label="抽查编号",
        required=False,
        help_text="重新抽取的不填，系统随机产生；照以前的编号填写，抽出的谈话相同",
        error_messages={"invalid": SEED_WRONG},
    )

    def __init__(
        self, *args: object, organisations: OrganisationQuerySet, today: date, **kwargs: object
    ) -> None:
        """`organisations`: those that one may choose."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.place.offer(organisations)
        self.fields["since"].initial, self.fields["until"].initial = date(today.year, 1, 1), today

    @property
    def place(self) -> OrganisationField:
        """The field of the organisation."""
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)
        return field

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        typed = super().clean() or {}
        since, until = typed.get("since"), typed.get("until")
        if since and until and until < since:
            self.add_error("until", DAYS_WRONG)
        return typed


class VerifyForm(forms.Form):
    """A paper or a file to be held against what was issued: the numbers beside its QR code, or the file."""

    number = forms.CharField(label="编号", required=False, max_length=24)
    code = forms.CharField(label="校验码", required=False, max_length=24)
    file = forms.FileField(label="报告文件", required=False, allow_empty_file=True)

    def clean_number(self) -> str:
        """As it is printed, whatever the width and case of what was typed."""
        return unicodedata.normalize("NFKC", self.cleaned_data["number"]).strip().upper()

    def clean_code(self) -> str:
        """The hexadecimal digits without the gaps between them."""
        code = re.sub(r"\s", "", unicodedata.normalize("NFKC", self.cleaned_data["code"])).lower()
        if code and not re.fullmatch(r"[0-9a-f]{16}", code):
            raise forms.ValidationError(CODE_WRONG)
        return code

    def clean(self) -> dict[str, Any]:
        """Either the file, or both numbers."""
        data = super().clean() or {}
        if not self.errors and not data.get("file") and not (data.get("number") and data.get("code")):
            raise forms.ValidationError(NOTHING_GIVEN)
        return data
