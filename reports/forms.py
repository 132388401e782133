"""Asking for a report, and holding a paper against what was issued."""

from datetime import date

from django import forms

from branches.models import Organisation, OrganisationQuerySet

FIRST_YEAR = 2000
YEAR_MISSING = "请填写年度，如2026"
YEAR_BEYOND = "年度应在{first}年至{last}年之间"
AS_OF_IN_FUTURE = "数据截至日期不能晚于今天"


class OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among organisations, those below set in from those above."""

    def label_from_instance(self, obj: Organisation) -> str:
        """The name, one ideographic space to a level below the highest that is offered."""
        return "　" * (obj.depth - int(self.widget.attrs["data-depth"])) + obj.name


class ReportForm(forms.Form):
    """Which report: the defaults are the highest organisation, this year, today."""

    organisation = OrganisationField(label="党组织", queryset=Organisation.objects.none(), empty_label=None)
    year = forms.IntegerField(
        label="年度", error_messages={"required": YEAR_MISSING, "invalid": YEAR_MISSING}
    )
    as_of = forms.DateField(
        label="数据截至", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, *args: object, organisations: OrganisationQuerySet, today: date, **kwargs: object
    ) -> None:
        """`organisations`: those that one may choose."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.today = today
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)
        field.queryset = organisations.order_by("path")
        field.initial = field.queryset.first()
        field.widget.attrs["data-depth"] = field.initial.depth if field.initial else 0
        self.fields["year"].initial = today.year
        self.fields["year"].widget.attrs |= {"min": FIRST_YEAR, "max": today.year + 1}
        self.fields["as_of"].initial = today
        self.fields["as_of"].widget.attrs["max"] = today.isoformat()

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


class PaperForm(forms.Form):
    """The figures that stand on a paper, typed in by whoever doubts it."""

    owed = forms.IntegerField(label="应谈", min_value=0)
    met = forms.IntegerField(label="已谈", min_value=0)
    overdue = forms.IntegerField(label="逾期", min_value=0)
