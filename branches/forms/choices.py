"""Choosing among many: a long list, an organisation from the tree or by typing."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from branches.models import Organisation, OrganisationQuerySet

# So many organisations are offered as a tree to choose from, and so many of one name are told apart.
MOST_OFFERED = 300
MOST_NAMED = 5
TYPE_IT = "请填写党组织的全称或编码。"
NO_SUCH_ORGANISATION = "没有找到“%(typed)s”，请填写党组织的全称或编码。"
SEVERAL_ORGANISATIONS = "有几个“%(typed)s”，请填写其中一个的编码：%(codes)s。"


class LongSelect(forms.Select):
    """A list of many choices: Django's own renders a template for each of them."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """As Django renders a list of which one is chosen, in groups or not."""
        chosen = {str(one) for one in self.format_value(value)}
        attributes = flatatt({**self.build_attrs(self.attrs, attrs), "name": name})
        parts = [_option(value, label, chosen) for value, label in self.choices]
        return format_html("<select{}>{}</select>", attributes, SafeString("".join(parts)))


def _option(value: Any, label: Any, chosen: Collection[str]) -> str:
    """One choice, or a group of them under its name."""
    if isinstance(label, list | tuple):
        inside = SafeString("".join(_option(one, said, chosen) for one, said in label))
        return format_html('<optgroup label="{}">{}</optgroup>', value, inside)
    selected = SafeString(" selected" if str(value) in chosen else "")
    return format_html('<option value="{}"{}>{}</option>\n', value, selected, label)


class OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the organisations offered: chosen from the tree, or typed where there are very many."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "党组织")
        kwargs.setdefault("widget", LongSelect)
        super().__init__(queryset=Organisation.objects.none(), empty_label=None, **kwargs)
        self.is_typed = False
        self.highest = 0

    def offer(self, organisations: OrganisationQuerySet) -> None:
        """`organisations`: those that one may choose; the highest is chosen at first."""
        self.is_typed = len(organisations.order_by().values_list("pk")[: MOST_OFFERED + 1]) > MOST_OFFERED
        if self.is_typed:
            self.widget, self.help_text = forms.TextInput(), TYPE_IT
            self.widget.is_required = self.required
        self.queryset = organisations.order_by("path")
        self.initial = self.queryset.first()
        self.highest = self.initial.depth if self.initial else 0

    def key(self, organisation: Organisation) -> str:
        """What stands for the organisation in an address that fills the form again."""
        return organisation.code if self.is_typed else str(organisation.pk)

    def label_from_instance(self, obj: Organisation) -> str:
        """The name, one ideographic space to a level below the highest that is offered."""
        return "　" * (obj.depth - self.highest) + obj.name

    def prepare_value(self, value: Any) -> Any:
        """What is typed stands in the field as it was typed, what is chosen at first by its name."""
        if self.is_typed:
            return value.name if isinstance(value, Organisation) else value
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Organisation | None:
        """The organisation with the code or the name typed; ValidationError for none, and for several."""
        offered = self.queryset
        if not self.is_typed or value in self.empty_values or offered is None:
            chosen: Organisation | None = super().to_python(value)
            return chosen
        text = str(value).replace("\0", "").strip()
        named: list[Organisation] = list(offered.filter(Q(code=text) | Q(name=text))[: MOST_NAMED + 1])
        found = [one for one in named if one.code == text] or named
        if not found:
            raise forms.ValidationError(NO_SUCH_ORGANISATION, params={"typed": text})
        if len(found) > 1:
            codes = "、".join(f"{one.name}（{one.code}）" for one in found[:MOST_NAMED])
            raise forms.ValidationError(SEVERAL_ORGANISATIONS, params={"typed": text, "codes": codes})
        return found[0]
