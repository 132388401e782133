"""A workbook to be imported, and what is to be exported."""

from pathlib import PurePath

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from branches.models import Organisation, OrganisationQuerySet

MEGABYTE = 1024 * 1024
FILE_MISSING = "请选择要导入的工作簿"
TOO_LARGE = "文件超过{limit}MB的上限，请拆分后分别导入"
WRONG_NAME = "只能导入.xlsx格式的工作簿，请在Excel中另存为.xlsx"


class UploadForm(forms.Form):
    """One .xlsx file; whether it is one inside is found out when it is read."""

    file = forms.FileField(
        label="工作簿",
        help_text="可以把文件拖到这里，或点击选择。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": FILE_MISSING, "empty": "文件是空的，请重新选择"},
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuses a file that is too large or has another ending."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.WORKBOOK_MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE.format(limit=settings.WORKBOOK_MAX_BYTES // MEGABYTE))
        if PurePath(file.name or "").suffix.lower() != ".xlsx":
            raise forms.ValidationError(WRONG_NAME)
        return file


class OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among organisations, those below set in from those above."""

    def label_from_instance(self, obj: Organisation) -> str:
        """The name, one ideographic space to a level."""
        return "　" * obj.depth + obj.name


class ExportForm(forms.Form):
    """Which organisation, with all below it."""

    organisation = OrganisationField(
        label="党组织", queryset=Organisation.objects.none(), empty_label=None, help_text="含所属党组织。"
    )

    def __init__(self, *args: object, organisations: OrganisationQuerySet, **kwargs: object) -> None:
        """`organisations`: those that one may choose."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["organisation"]
        assert isinstance(field, OrganisationField)
        field.queryset = organisations.order_by("path")
        field.initial = field.queryset.first()
