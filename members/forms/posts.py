"""Shape of what is typed about posts, 分管 and 联系党员."""

from typing import Any

from crispy_forms.layout import HTML, Column, Row
from django import forms

from branches.models import Organisation
from members.forms.people import MemberField, day, helper
from members.models import Liaison, Member, Portfolio, Post
from members.models.people import MemberQuerySet
from members.services.posts import Terms


class PostForm(forms.ModelForm[Post]):
    """A post in an organisation that is known already; the member is typed once."""

    since = day(label="任职日期")
    until = day(label="免职日期", required=False, help_text="自这一天起不再任职；现任的不填")

    class Meta:
        model = Post
        fields = ("title", "department", "is_team", "is_principal", "is_head", "is_key", "since", "until")
        error_messages = {"title": {"required": "请填写职务"}}
        help_texts = {
            "is_team": "支委、党委委员等",
            "is_principal": "党委书记、支部书记等；应同时是班子成员",
            "is_head": "应填写所在部门单位",
        }

    def __init__(
        self, *args: Any, organisation: Organisation, people: MemberQuerySet | None = None, **kwargs: Any
    ) -> None:
        """`people` are those who may be appointed; None where the post has its holder."""
        super().__init__(*args, **kwargs)
        place = self.fields["department"]
        assert isinstance(place, forms.ModelChoiceField)
        place.queryset = organisation.departments.all()
        place.empty_label = "不在部门单位任职"
        who = []
        if people is not None:
            field = MemberField(label="任职人")
            field.people = people
            self.fields["member"] = field
            who = ["member"]
        self.helper = helper(
            *who,
            Row(Column("title", css_class="col-sm"), Column("department", css_class="col-sm")),
            HTML('<p class="form-label">这一职务是</p>'),
            *("is_team", "is_principal", "is_head", "is_key"),
            Row(Column("since", css_class="col-sm"), Column("until", css_class="col-sm")),
        )

    def terms(self) -> Terms:
        """What the service takes."""
        data = self.cleaned_data
        return Terms(**{name: data[name] for name in self.Meta.fields})

    def _post_clean(self) -> None:
        # The service holds the rules: the instance stays as it was read.
        return


class PersonChoiceField(forms.ModelChoiceField[Member]):
    """One of a few persons, who all stand in the list; namesakes are told apart by their number."""

    def label_from_instance(self, obj: Member) -> str:
        """Name and number."""
        return f"{obj.name}（{obj.code}）"


class PortfolioForm(forms.ModelForm[Portfolio]):
    """Who is in charge of which department; of one that is there only the dates change."""

    since = day(label="开始日期")
    until = day(label="结束日期", required=False, help_text="自这一天起不再分管；现在分管的不填")

    class Meta:
        model = Portfolio
        fields = ("member", "department", "since", "until")
        field_classes = {"member": PersonChoiceField}
        error_messages = {
            "member": {"required": "请选择班子成员"},
            "department": {"required": "请选择部门单位"},
        }

    def __init__(
        self, *args: Any, organisation: Organisation, team: MemberQuerySet | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if team is None:
            del self.fields["member"], self.fields["department"]
        else:
            _choose(self.fields["member"], team)
            place = self.fields["department"]
            assert isinstance(place, forms.ModelChoiceField)
            place.queryset = organisation.departments.all()
            place.empty_label = "请选择"
        self.helper = helper()

    def _post_clean(self) -> None:
        return


class LiaisonForm(forms.ModelForm[Liaison]):
    """Which committee member keeps in contact with whom; of one that is there only the dates change."""

    since = day(label="开始日期")
    until = day(label="结束日期", required=False, help_text="自这一天起不再联系；现在联系的不填")

    class Meta:
        model = Liaison
        fields = ("committee_member", "member", "since", "until")
        field_classes = {"committee_member": PersonChoiceField, "member": PersonChoiceField}
        error_messages = {
            "committee_member": {"required": "请选择支委"},
            "member": {"required": "请选择党员"},
        }

    def __init__(
        self,
        *args: Any,
        team: MemberQuerySet | None = None,
        people: MemberQuerySet | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if team is None or people is None:
            del self.fields["committee_member"], self.fields["member"]
        else:
            _choose(self.fields["committee_member"], team)
            _choose(self.fields["member"], people)
        self.helper = helper()

    def _post_clean(self) -> None:
        return


def _choose(field: forms.Field, members: MemberQuerySet) -> None:
    assert isinstance(field, PersonChoiceField)
    field.queryset = members
    field.empty_label = "请选择"


class EndForm(forms.Form):
    """The day on which a post ends."""

    until = day(label="免职日期", help_text="自这一天起不再任职")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper()
