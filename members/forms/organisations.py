"""What stands in the address of the tree of organisations."""

from datetime import date

from django import forms
from django.db.models import Q

from branches.models import OrganisationQuerySet
from branches.rules import OrganisationKind


class OrganisationSearchForm(forms.Form):
    """Name or code, kind, and whether the dissolved are shown."""

    q = forms.CharField(
        label="党组织",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "名称或编码"}),
    )
    kind = forms.ChoiceField(
        label="组织类型",
        required=False,
        choices=[("", "全部类型"), *((kind.value, kind.value) for kind in OrganisationKind)],
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "现有"), ("dissolved", "已撤销"), ("all", "全部")]
    )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return self.is_valid() and any(self.cleaned_data.values())

    def narrow(self, organisations: OrganisationQuerySet, today: date) -> OrganisationQuerySet:
        """The organisations that fit what was asked for; what cannot be read narrows nothing."""
        asked = self.cleaned_data if self.is_valid() else {}
        text = (asked.get("q") or "").strip()
        if text:
            organisations = organisations.filter(Q(name__contains=text) | Q(code__icontains=text))
        if asked.get("kind"):
            organisations = organisations.filter(kind=asked["kind"])
        if asked.get("state") == "dissolved":
            return organisations.filter(dissolved__lte=today)
        if asked.get("state") == "all":
            return organisations
        return organisations.filter(Q(dissolved=None) | Q(dissolved__gt=today))
