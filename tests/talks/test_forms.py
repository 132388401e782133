"""The parts of the forms that this system renders itself."""

import pytest
from django import forms
from django.test.html import parse_html

from talks.forms.talks import LongSelect

CHOICES = [
    ("", "全部规则"),
    ("a<b", "第一&规则"),
    (7, "第七规则"),
    ("会前", [("会前.*", "会前（全部）"), ("会前.甲", "班子成员“互谈”")]),
]


@pytest.mark.parametrize("value", [None, "", "a<b", "7", 7, "会前.甲", "没有"])
def test_a_long_list_is_what_django_would_render(value: object) -> None:
    """Which is chosen, the groups, what is escaped, and the attributes of widget and page."""
    drawn = [
        kind(attrs={"class": "form-select"}, choices=CHOICES).render("rule", value, {"id": "id_rule"})
        for kind in (LongSelect, forms.Select)
    ]
    assert parse_html(drawn[0]) == parse_html(drawn[1])
