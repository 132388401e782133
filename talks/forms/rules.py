"""What is typed about rules."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from branches.models import Organisation, OrganisationQuerySet
from branches.rules import BRANCH_KINDS, OrganisationKind
from talks.forms.duties import Filter
from talks.forms.talks import CheckInput, DayInput
from talks.models import Rule
from talks.rules import facts
from talks.rules.descriptions import PAIRING_MEANINGS, PERIOD_NAMES, ROLE_MEANINGS
from talks.rules.drafts import BEGINS_EARLY, Terms
from talks.rules.facts import EventTrigger, MeetingTrigger, PeriodTrigger, Trigger
from talks.rules.versions import EVENT_NEEDS_DAYS, LONGEST
from talks.rules.words import (
    EVENT_PAIRINGS,
    FIXED_ROLES,
    PAIR_PAIRINGS,
    PAIRING_NAMES,
    ROLE_NAMES,
    DayUnit,
    MeetingKind,
    Pairing,
    TalkerRole,
    split_list,
)

MEETING, PERIOD, EVENT = "meeting", "period", "event"
TRIGGERS = {MEETING: "会议", PERIOD: "周期", EVENT: "事件"}
TRIGGER_MEANINGS = {
    MEETING: "民主生活会或组织生活会召开以前谈",
    PERIOD: "每月、每季度、每半年或每年谈一次",
    EVENT: "录入所列事件以后，在规定的天数内谈",
}
LONGEST_KIND = 40
LONGEST_TRIGGER = Rule._meta.get_field("trigger").max_length or 0

NEED_DAY = "请填写日期"
BAD_DAY = "请填写正确的日期，如2026-03-05"
NEED_TITLE = "请填写规则名称"
NEED_MEETING = "请选择会议"
NEED_KIND = "请选择事件类型，或填写其他事件类型"
NEED_ORGANISATIONS = "请至少选择一种党组织"
NEED_PAIRING = "请选择谁与谁谈"
NEED_ROLE = "请选择谈话人"
OTHER_PAIRING = "这一项不适用于所选的触发方式，请另选"
KIND_TOO_LONG = f"每种事件类型不超过{LONGEST_KIND}个字"
KINDS_TOO_LONG = "事件类型太多，请分成几项规则"


class ExplainedRadios(forms.RadioSelect):
    """Choices with a line under each that says what it means; the template draws them."""

    def __init__(self, meanings: Mapping[Any, str]) -> None:
        super().__init__()
        self.meanings = {str(value): text for value, text in meanings.items()}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The option, with its meaning."""
        return {**super().create_option(name, value, *args, **kwargs), "meaning": self.meanings.get(value)}


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(
        widget=DayInput(), error_messages={"required": NEED_DAY, "invalid": BAD_DAY}, **more
    )


class RuleSearchForm(Filter):
    """What stands in the address of 规则 beside the organisation: what its name is like, and the day."""

    q = forms.CharField(label="党组织", required=False, max_length=60)
    on = forms.DateField(label="查看日期", required=False, widget=DayInput())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.chosen()
        self.text: str = chosen.get("q") or ""
        self.day: date = chosen.get("on") or today

    def narrow(self, organisations: OrganisationQuerySet) -> OrganisationQuerySet:
        """The organisations whose name or code is like what was typed."""
        return organisations.filter(Q(name__contains=self.text) | Q(code__icontains=self.text))


class StartForm(forms.Form):
    """From which day."""

    effective_from = _day(
        label="生效日期", help_text="今天或以后；周期规则在周期中间生效的，自下一个周期起适用。"
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["effective_from"].widget.attrs["min"] = today.isoformat()

    def clean_effective_from(self) -> date:
        """Not before today."""
        typed: date = self.cleaned_data["effective_from"]
        if typed < self.today:
            raise forms.ValidationError(BEGINS_EARLY)
        return typed


class EndForm(forms.Form):
    """On which day a rule ends."""

    effective_to = _day(label="失效日期", help_text="自这一天起不再适用；在此之前已经应谈的不受影响。")


class TermsForm(StartForm):
    """What an organisation may change in a rule of a superior's: title, basis, and to fewer days."""

    title = forms.CharField(label="规则名称", max_length=120, error_messages={"required": NEED_TITLE})
    days = forms.IntegerField(
        label="天数",
        min_value=1,
        max_value=LONGEST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), EVENT_NEEDS_DAYS),
    )
    basis = forms.CharField(
        label="依据",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="文件名称、文号，或会议决定。",
    )
    field_order = ("title", "days", "effective_from", "basis")

    def __init__(self, *args: Any, rule: facts.Rule, **kwargs: Any) -> None:
        initial = {"title": rule.title, "days": rule.days, "basis": rule.basis, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        if rule.days is None:
            del self.fields["days"]
        else:
            self.fields["days"].help_text = f"{rule.unit}；只能减少，不多于{rule.days}。"

    def terms(self) -> Terms:
        """What the new version says otherwise."""
        typed = self.cleaned_data
        terms: Terms = {"title": typed["title"], "basis": typed["basis"]}
        if "days" in typed:
            terms["days"] = typed["days"]
        return terms


class RuleForm(StartForm):
    """All of a rule; of one that is there the pairing stays.

    What does not go with the trigger or the pairing is left out, whatever was typed there: where the browser
    hides what does not apply, it may have been filled in before.
    """

    title = forms.CharField(label="规则名称", max_length=120, error_messages={"required": NEED_TITLE})
    trigger = forms.ChoiceField(
        label="由什么引发",
        choices=list(TRIGGERS.items()),
        widget=ExplainedRadios(TRIGGER_MEANINGS),
        error_messages={"required": "请选择由什么引发"},
    )
    meetings = forms.MultipleChoiceField(
        label="会议",
        required=False,
        choices=[(kind.value, kind.value) for kind in MeetingKind],
        widget=forms.CheckboxSelectMultiple,
    )
    months = forms.TypedChoiceField(
        label="周期",
        required=False,
        coerce=int,
        choices=[(months, f"{name}一次") for months, name in sorted(PERIOD_NAMES.items(), reverse=True)],
        initial=12,
    )
    kinds = forms.MultipleChoiceField(label="事件类型", required=False, widget=forms.CheckboxSelectMultiple)
    other_kinds = forms.CharField(
        label="其他事件类型",
        required=False,
        max_length=300,
        help_text="不在上面的，填在这里，多个之间用顿号隔开；规则生效后，录入事件时可以选择。",
    )
    days = forms.IntegerField(
        label="天数",
        required=False,
        min_value=1,
        max_value=LONGEST,
        initial=7,
        help_text="自知悉之日起算。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), EVENT_NEEDS_DAYS),
    )
    unit = forms.ChoiceField(
        label="天数单位", required=False, choices=[(unit.value, unit.value) for unit in DayUnit]
    )
    pairing = forms.ChoiceField(
        label="谁与谁谈",
        choices=[(pairing.value, name) for pairing, name in PAIRING_NAMES.items()],
        widget=ExplainedRadios(PAIRING_MEANINGS),
        error_messages={"required": NEED_PAIRING, "invalid_choice": NEED_PAIRING},
    )
    talker_role = forms.ChoiceField(
        label="谈话人",
        required=False,
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        widget=ExplainedRadios(ROLE_MEANINGS),
    )
    one_to_one = forms.BooleanField(
        label="须一对一谈",
        required=False,
        widget=CheckInput(),
        help_text="谈话人、谈话对象各一人；不勾选的，一对多和集体座谈也算谈过。",
    )
    applies_to = forms.MultipleChoiceField(
        label="适用于哪些党组织",
        choices=[(kind.value, kind.value) for kind in OrganisationKind],
        widget=forms.CheckboxSelectMultiple,
        help_text="本组织及所属党组织中，属于所选类型的适用。",
        error_messages={"required": NEED_ORGANISATIONS},
    )
    effective_to = forms.DateField(
        label="失效日期",
        required=False,
        widget=DayInput(),
        help_text="不填的，一直有效；自这一天起不再适用。",
        error_messages={"invalid": BAD_DAY},
    )
    basis = TermsForm.base_fields["basis"]

    def __init__(
        self,
        *args: Any,
        organisation: Organisation,
        known_kinds: Sequence[str],
        rule: facts.Rule | None = None,
        **kwargs: Any,
    ) -> None:
        """`rule`: the version that is changed. `known_kinds`: kinds of events that may be chosen."""
        self.stays = rule.pairing if rule else None
        self.kinds_left = rule.applies_to if rule else BRANCH_KINDS
        new = {"applies_to": list(OrganisationKind), "one_to_one": True, "effective_from": kwargs["today"]}
        initial = _initial(rule) if rule else new
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        self._choose("kinds", [(kind, kind) for kind in known_kinds])
        if organisation.is_branch:
            # A branch makes rules for itself alone.
            del self.fields["applies_to"]
        if self.stays is not None:
            del self.fields["pairing"]
            by_event = self.stays in EVENT_PAIRINGS
            suited = [EVENT] if by_event else [MEETING, PERIOD]
            self._choose("trigger", [(name, TRIGGERS[name]) for name in suited])
            if self.stays in PAIR_PAIRINGS or self.stays in FIXED_ROLES:
                del self.fields["talker_role"]
            out = ("meetings", "months") if by_event else ("kinds", "other_kinds", "days", "unit")
            for name in out:
                del self.fields[name]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """What goes together; each fault at its field."""
        typed = super().clean() or {}
        trigger = typed.get("trigger")
        needs = {
            MEETING: ("meetings", bool(typed.get("meetings")), NEED_MEETING),
            PERIOD: ("months", bool(typed.get("months")), "请选择周期"),
            EVENT: ("kinds", bool(self._kinds()), NEED_KIND),
        }
        if trigger in needs:
            name, is_there, reason = needs[trigger]
            if not is_there and name not in self.errors:
                self.add_error(name, reason)
        if trigger == EVENT:
            self._clean_event(typed)
        pairing = self._pairing()
        if trigger and pairing and (trigger == EVENT) is not (pairing in EVENT_PAIRINGS):
            self.add_error("pairing", OTHER_PAIRING)
        elif pairing and self._asks_role(pairing) and not typed.get("talker_role"):
            self.add_error("talker_role", NEED_ROLE)
        return typed

    def _clean_event(self, typed: dict[str, Any]) -> None:
        if "days" not in self.errors and (typed.get("days") is None or not typed.get("unit")):
            self.add_error("days", EVENT_NEEDS_DAYS)
        if any(len(kind) > LONGEST_KIND for kind in self._kinds()):
            self.add_error("other_kinds", KIND_TOO_LONG)
        elif len(facts.format_trigger(EventTrigger(self._kinds()))) > LONGEST_TRIGGER:
            self.add_error("kinds", KINDS_TOO_LONG)

    def _kinds(self) -> tuple[str, ...]:
        typed = self.cleaned_data
        others = split_list((typed.get("other_kinds") or "").replace("：", "").replace(":", ""))
        return tuple(dict.fromkeys((*(typed.get("kinds") or ()), *others)))

    def _pairing(self) -> Pairing | None:
        chosen = self.cleaned_data.get("pairing")
        return self.stays or (Pairing(chosen) if chosen else None)

    @staticmethod
    def _asks_role(pairing: Pairing) -> bool:
        return pairing not in PAIR_PAIRINGS and pairing not in FIXED_ROLES

    def _trigger(self) -> Trigger:
        typed = self.cleaned_data
        if typed["trigger"] == MEETING:
            return MeetingTrigger(tuple(MeetingKind(kind) for kind in typed["meetings"]))
        return PeriodTrigger(typed["months"]) if typed["trigger"] == PERIOD else EventTrigger(self._kinds())

    def terms(self) -> Terms:
        """All that the new version says, but for the pairing."""
        typed = self.cleaned_data
        pairing = self._pairing()
        assert pairing is not None
        by_event = typed["trigger"] == EVENT
        role = TalkerRole(typed["talker_role"]) if self._asks_role(pairing) else FIXED_ROLES.get(pairing)
        return {
            "title": typed["title"],
            "applies_to": frozenset(map(OrganisationKind, typed.get("applies_to", self.kinds_left))),
            "trigger": self._trigger(),
            "days": typed["days"] if by_event else None,
            "unit": DayUnit(typed["unit"]) if by_event else None,
            "talker_role": role,
            "one_to_one": typed["one_to_one"],
            "effective_to": typed["effective_to"],
            "basis": typed["basis"],
        }

    def rule(self, organisation: Organisation) -> facts.Rule:
        """A new rule of the organisation's own, not numbered yet."""
        pairing = self._pairing()
        assert pairing is not None
        since: date = self.cleaned_data["effective_from"]
        return facts.Rule(
            code="",
            organisation=organisation.code,
            pairing=pairing,
            effective_from=since,
            **self.terms(),
        )


def _initial(rule: facts.Rule) -> dict[str, Any]:
    """The version as the form shows it."""
    shown: dict[str, Any] = {
        "title": rule.title,
        "days": rule.days,
        "unit": rule.unit,
        "talker_role": rule.talker_role,
        "one_to_one": rule.one_to_one,
        "applies_to": sorted(rule.applies_to),
        "effective_to": rule.effective_to,
        "basis": rule.basis,
    }
    match rule.trigger:
        case MeetingTrigger(kinds):
            return {**shown, "trigger": MEETING, "meetings": list(kinds)}
        case PeriodTrigger(months):
            return {**shown, "trigger": PERIOD, "months": months}
        case EventTrigger(kinds):
            return {**shown, "trigger": EVENT, "kinds": list(kinds)}
