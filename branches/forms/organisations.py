"""What is typed about organisations and their departments."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms

from branches.models import Department, Organisation, OrganisationQuerySet
from branches.rules import OrganisationKind

NEED_NAME = "请填写名称"
NEED_KIND = "请选择组织类型"
NEED_SUPERIOR = "请选择上级组织"
BAD_DATE = "请填写正确的日期，如2026-03-05"


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
