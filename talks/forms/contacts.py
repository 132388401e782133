"""The filters of 联系党员; they stay in the address."""

from collections.abc import Iterable
from typing import Any

from django import forms

from branches.forms.choices import LongSelect
from talks.figures.contacts import GROUPS
from talks.forms.duties import Filter


class ContactFilter(Filter):
    """Whose contacts are shown."""

    group = forms.MultipleChoiceField(label="类别", required=False, choices=list(GROUPS.items()))
    organisation = forms.ChoiceField(label="党组织", required=False, widget=LongSelect)
    who = forms.CharField(label="党员", required=False, max_length=60)

    def __init__(self, *args: Any, organisations: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(organisations)
