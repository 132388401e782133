"""Filters of the lists; they stay in the address."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms

from branches.forms.choices import LongSelect
from talks.figures.worklist import TONE_NAMES, TONES
from talks.forms.talks import CheckInput, DayInput
from talks.rules.families import family_name, family_of, family_order
from talks.rules.words import TalkState


class Filter(forms.Form):
    """A filter in an address: what cannot be read is left out, not refused."""

    def chosen(self) -> dict[str, Any]:
        """What was chosen and could be read."""
        self.full_clean()
        self.errors.clear()
        return self.cleaned_data


# A family of rules as a choice beside the codes of rules, which hold no asterisk after a dot.
FAMILY_SIGN = ".*"
DUE = (
    ("", "不限"),
    ("past", "已过期限"),
    ("week", "7日内到期"),
    ("month", "8至30日到期"),
    ("later", "30日后到期"),
)


class DutyFilter(Filter):
    """应谈清单: which duties are shown. `kept`: chosen on the page itself, to be kept for the next visit."""

    kept = forms.CharField(required=False, max_length=4, widget=forms.HiddenInput)

    state = forms.MultipleChoiceField(
        label="状态", required=False, choices=[(tone, TONE_NAMES[tone]) for tone in TONES]
    )
    who = forms.CharField(label="人员", required=False, max_length=60)
    rule = forms.ChoiceField(label="规则", required=False, widget=LongSelect)
    organisation = forms.ChoiceField(label="党组织", required=False, widget=LongSelect)
    due = forms.ChoiceField(label="截止日期", required=False, choices=DUE, widget=LongSelect)
    year = forms.TypedChoiceField(
        label="年度", required=False, coerce=int, empty_value=None, widget=LongSelect
    )
    mine = forms.BooleanField(label="只看由我办理的", required=False, widget=CheckInput())

    def __init__(
        self,
        *args: Any,
        today: date,
        rules: Iterable[tuple[str, str]] = (),
        organisations: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        years = [(str(year), f"{year}年") for year in range(today.year + 1, today.year - 5, -1)]
        for name, blank, choices in (
            ("rule", "全部规则", _by_family(rules)),
            ("organisation", "全部党组织", organisations),
            ("year", f"{today.year}年", [item for item in years if item[0] != str(today.year)]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", blank), *choices]


def _by_family(rules: Iterable[tuple[str, str]]) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """The rules under their families, each of which can be chosen as a whole."""
    found: dict[str, list[tuple[str, str]]] = {}
    for code, title in rules:
        found.setdefault(family_of(code), []).append((code, title))
    return [
        (family_name(family), [(f"{family}{FAMILY_SIGN}", f"{family_name(family)}（全部）"), *found[family]])
        for family in sorted(found, key=family_order)
    ]


class TalkFilter(Filter):
    """谈话: which talks are shown."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部状态"), *((state.value, state.value) for state in TalkState)],
    )
    who = forms.CharField(label="人员", required=False, max_length=60)
    organisation = forms.ChoiceField(label="党组织", required=False, widget=LongSelect)
    since = forms.DateField(label="自", required=False, widget=DayInput())
    until = forms.DateField(label="至", required=False, widget=DayInput())
    mine = forms.BooleanField(label="只看我参加的", required=False, widget=CheckInput())

    def __init__(self, *args: Any, organisations: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部党组织"), *organisations]
