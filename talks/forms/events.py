"""What is typed about an event."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms

from branches.forms.choices import LongSelect
from members.forms.people import MemberField, day, helper
from members.models import Member
from members.models.people import MemberQuerySet
from members.services.events import NOBODY_NAMED

# So many are listed to be ticked; of more one searches.
MOST_FOUND = 100
STRANGER = "所选党员中有的不在您负责的党组织，请重新查找后勾选。"
NOTE_HELP = "加密保存，只有录入人和本组织主要负责同志可见；只写谈话需要的情况"


class EventFields(forms.Form):
    """What is typed of every event."""

    kind = forms.ChoiceField(label="事件类型", error_messages={"required": "请选择事件类型"})
    happened_on = day(label="发生日期")
    known_on = day(label="知悉日期", required=False, help_text="不填的，即发生当日；谈话期限自这一天起算")
    note = forms.CharField(
        label="情况说明",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text=NOTE_HELP,
    )

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        """`kinds` are offered."""
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "请选择"), *((name, name) for name in kinds)]


class EventsForm(EventFields):
    """An event of one member, who is typed, or of several, who are found and ticked.

    `seen` is what its reader was told of before he enters it all the same (`EventsForm.told`).
    """

    organisation = forms.ChoiceField(label="党组织", required=False, widget=LongSelect)
    member = MemberField(label="党员", required=False, help_text="姓名、拼音或党员编号；多人的，查找后勾选")
    chosen = forms.MultipleChoiceField(required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        people: MemberQuerySet,
        organisations: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        """`people` may have an event entered, in these organisations (code, name)."""
        super().__init__(*args, **kwargs)
        place, member = self.fields["organisation"], self.fields["member"]
        self.fields["note"].help_text = f"{NOTE_HELP}；多人的，每人各存一份"
        assert isinstance(place, forms.ChoiceField)
        assert isinstance(member, MemberField)
        place.choices = [("", "全部"), *organisations]
        member.people = people
        self.people = people
        # What was ticked is looked up once, however long the list.
        self.ticked = list(people.filter(code__in=self._codes()).order_by("pinyin", "code"))
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [(row.code, row.name) for row in self.ticked]
        chosen.error_messages["invalid_choice"] = STRANGER

    def _codes(self) -> list[str]:
        if not self.is_bound:
            codes = self.initial.get("chosen") or ()
        else:
            codes = self.data.getlist("chosen") if hasattr(self.data, "getlist") else ()
        return [code.replace("\0", "") for code in codes]

    def found(self, affiliated: Mapping[str, MemberQuerySet]) -> list[Member]:
        """Whom the search finds, without those ticked; `affiliated` are the people by organisation."""
        people = affiliated.get(str(self["organisation"].value() or ""), self.people)
        people = people.named_like(str(self["member"].value() or "").replace("\0", ""))
        ticked = {row.pk for row in self.ticked}
        rows = people.order_by("pinyin", "code")[: MOST_FOUND + len(ticked)]
        return [row for row in rows if row.pk not in ticked][:MOST_FOUND]

    def members(self) -> list[Member]:
        """Who was ticked and typed, each once."""
        typed: Member | None = self.cleaned_data.get("member")
        return list(dict.fromkeys((*self.ticked, *((typed,) if typed else ()))))

    def facts(self) -> dict[str, Any]:
        """What happened, for the service."""
        return {name: self.cleaned_data[name] for name in ("kind", "happened_on", "known_on", "note")}

    def told(self, members: Iterable[Member]) -> str:
        """What is confirmed where these members are owed nothing: of whom, which kind, known when."""
        data = self.cleaned_data
        known_on = data["known_on"] or data["happened_on"]
        return "|".join((data["kind"], known_on.isoformat(), *(member.code for member in members)))

    def clean(self) -> dict[str, Any]:
        """Somebody must be named."""
        data = super().clean() or {}
        if not self.ticked and not data.get("member") and not self.errors.get("member"):
            self.add_error("member", NOBODY_NAMED)
        return data


class EventForm(EventFields):
    """What is corrected of an event; its member stays."""

    def __init__(self, *args: Any, with_note: bool = True, **kwargs: Any) -> None:
        """A note only for who may read it."""
        super().__init__(*args, **kwargs)
        if not with_note:
            del self.fields["note"]
        self.helper = helper(
            "kind",
            Row(Column("happened_on", css_class="col-sm"), Column("known_on", css_class="col-sm")),
            *(("note",) if with_note else ()),
        )
