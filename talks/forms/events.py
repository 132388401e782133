"""What is typed about an event."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms

from members.forms.people import MemberField, day, helper
from members.models.people import MemberQuerySet


class EventForm(forms.Form):
    """An event; of one that is there the member stays."""

    member = MemberField(label="党员")
    kind = forms.ChoiceField(label="事件类型", error_messages={"required": "请选择事件类型"})
    happened_on = day(label="发生日期")
    known_on = day(label="知悉日期", required=False, help_text="不填的，即发生当日；谈话期限自这一天起算")
    note = forms.CharField(
        label="情况说明",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        help_text="加密保存，只有录入人和本组织主要负责同志可见；只写谈话需要的情况",
    )

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[str],
        people: MemberQuerySet | None = None,
        with_note: bool = True,
        **kwargs: Any,
    ) -> None:
        """`people` may have an event entered, None: the member is known. A note only who may read it."""
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", "请选择"), *((name, name) for name in kinds)]
        who = self.fields["member"]
        assert isinstance(who, MemberField)
        if people is None:
            del self.fields["member"]
        else:
            who.people = people
        if not with_note:
            del self.fields["note"]
        self.helper = helper(
            *(() if people is None else ("member",)),
            "kind",
            Row(Column("happened_on", css_class="col-sm"), Column("known_on", css_class="col-sm")),
            *(("note",) if with_note else ()),
        )
