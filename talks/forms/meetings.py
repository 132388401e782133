"""What is typed about a meeting."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet

from branches.models import Organisation
from talks.forms.talks import DayInput
from talks.models import Meeting
from talks.rules.words import MeetingKind
from talks.services.meetings import ALREADY_ENTERED


class MeetingForm(forms.ModelForm[Meeting]):
    """Days and theme; of a new meeting also organisation, kind and year."""

    class Meta:
        model = Meeting
        fields = ("organisation", "kind", "year", "meeting_on", "talks_from", "theme")
        widgets = {"meeting_on": DayInput(), "talks_from": DayInput()}
        error_messages = {
            NON_FIELD_ERRORS: {"unique_together": ALREADY_ENTERED},
            "organisation": {"required": "请选择党组织。"},
            "year": {"required": "请填写会议所属年度。"},
            "meeting_on": {"required": "请填写会议日期。"},
        }
        help_texts = {
            "year": "会议所属年度；2025年度的会议可以在2026年召开。",
            "talks_from": "不填的，自会议日期前30日起。",
        }

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("organisation", "kind", "year"):
                del self.fields[name]
        else:
            field = self.fields["organisation"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = organisations
            field.empty_label = "请选择"
            self.fields["kind"] = forms.ChoiceField(
                label="会议类型", choices=[(kind.value, kind.value) for kind in MeetingKind]
            )
