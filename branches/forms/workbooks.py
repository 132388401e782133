"""Workbooks that are sent."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

MEGABYTE = 1024 * 1024
TOO_LARGE = "文件超过{limit}MB的上限，请拆分后分别导入"
WRONG_NAME = "只能导入.xlsx格式的工作簿，请在Excel中另存为.xlsx"


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
