"""What the calendar sends: which days it shows, and where a talk was dragged."""

from typing import Any

from django import forms

# A month with the weeks at its ends has 42 days.
MOST_DAYS = 62


class DaysForm(forms.Form):
    """From which day to before which."""

    since = forms.DateField()
    until = forms.DateField()
    mine = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        since, until = typed.get("since"), typed.get("until")
        if since and until and not 0 < (until - since).days <= MOST_DAYS:
            raise forms.ValidationError("日期范围不对。")
        return typed


class MoveForm(forms.Form):
    """A day and perhaps hours; `revision` is that of the talk as it was shown."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    held_on = forms.DateField()
    starts_at = forms.TimeField(required=False)
    ends_at = forms.TimeField(required=False)
