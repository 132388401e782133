"""A workbook to be imported, and what is to be exported."""

from django import forms

from branches.forms.choices import OrganisationField
from branches.forms.workbooks import WorkbookField
from branches.models import OrganisationQuerySet

FILE_MISSING = "请选择要导入的工作簿"


class UploadForm(forms.Form):
    """One .xlsx file; whether it is one inside is found out when it is read."""

    file = WorkbookField(
        label="工作簿",
        help_text="可以把文件拖到这里，或点击选择。",
        error_messages={"required": FILE_MISSING},
    )


class ExportForm(forms.Form):
    """Which organisation, with all below it."""

    organisation = OrganisationField(help_text="含所属党组织。")

    def __init__(self, *args: object, organisations: OrganisationQuerySet, **kwargs: object) -> None:
        """`organisations`: those that one may choose."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)
        field.offer(organisations)
