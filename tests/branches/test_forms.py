"""Choosing among many: an organisation from a tree or by typing, and a long list."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test.html import parse_html

from branches.forms.choices import (
    NO_SUCH_ORGANISATION,
    SEVERAL_ORGANISATIONS,
    LongSelect,
    OrganisationField,
)
from branches.models import Organisation
from tests import factories as make
from tests.conftest import World

pytestmark = pytest.mark.django_db


class PlaceForm(forms.Form):
    """A form with an organisation."""

    place = OrganisationField()

    def __init__(self, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        field = self.fields["place"]
        assert isinstance(field, OrganisationField)
        self.place = field
        self.place.offer(Organisation.objects.filter(path__startswith=World.top_path))


@pytest.fixture(autouse=True)
def below_the_committee(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may be chosen: the committee and its two branches, not the other tree."""
    monkeypatch.setattr(World, "top_path", world.committee.path, raising=False)


def test_few_are_chosen_from_the_tree(world: World) -> None:
    shown = str(PlaceForm()["place"])
    assert f'<option value="{world.committee.pk}" selected>上游局党委</option>' in shown
    assert f'<option value="{world.branch.pk}">　合川分局党支部</option>' in shown
    assert "外埠" not in shown
    assert (
        PlaceForm({"place": str(world.branch.pk)}).fields["place"].clean(str(world.branch.pk)) == world.branch
    )
    assert not PlaceForm({"place": "合川分局党支部"}).is_valid()


@pytest.fixture
def of_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("branches.forms.choices.MOST_OFFERED", 2)


@pytest.mark.usefixtures("of_very_many")
def test_of_very_many_one_is_typed_by_name_or_code(world: World) -> None:
    shown = str(PlaceForm()["place"])
    assert "<option" not in shown
    assert 'value="上游局党委"' in shown
    for typed in ("合川分局党支部", " 合川分局党支部 ", "HC"):
        form = PlaceForm({"place": typed})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["place"] == world.branch
    assert PlaceForm().place.key(world.branch) == "HC"


@pytest.mark.usefixtures("of_very_many")
@pytest.mark.parametrize("typed", ["外埠", "WB", "合川", "\0", "1"])
def test_what_is_not_offered_is_not_found_and_stays_in_the_field(typed: str) -> None:
    form = PlaceForm({"place": typed})
    assert form.errors["place"] == [NO_SUCH_ORGANISATION % {"typed": typed.replace("\0", "")}]
    assert typed == "\0" or f'value="{typed}"' in str(form["place"])


@pytest.mark.usefixtures("of_very_many")
def test_several_of_one_name_are_told_apart_by_their_codes(world: World) -> None:
    make.an_organisation("合川分局党支部", superior=world.committee, code="HC2")
    with pytest.raises(ValidationError) as error:
        PlaceForm().place.clean("合川分局党支部")
    codes = "合川分局党支部（HC）、合川分局党支部（HC2）"
    assert error.value.messages == [SEVERAL_ORGANISATIONS % {"typed": "合川分局党支部", "codes": codes}]
    assert PlaceForm().place.clean("HC2").code == "HC2"


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
