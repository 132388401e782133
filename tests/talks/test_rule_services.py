"""Rules changed on screen: what is stored, the trail, the marks, and refusals."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from branches.models import Organisation, Stale
from talks.models import Duty, Rule
from talks.rules import drafts, facts
from talks.rules.facts import EventTrigger, PeriodTrigger
from talks.rules.words import DayUnit, Pairing, TalkerRole
from talks.services import rules
from talks.services.reconciliation import reconcile_due
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor("tests", "")
TODAY = date(2026, 3, 5)
AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
BRANCHES = frozenset({"党支部"})
OWN = facts.Rule(
    code="",
    title="驻站轮换谈话",
    organisation=None,
    applies_to=BRANCHES,
    trigger=EventTrigger(("驻站轮换", "家庭变故")),
    days=5,
    unit=DayUnit.WORKING,
    pairing=Pairing.EVENT,
    talker_role=TalkerRole.PRINCIPAL,
    one_to_one=True,
    effective_from=TODAY,
    basis="上游局党委会议纪要",
)


@pytest.fixture(autouse=True)
def _no_marks(world: World) -> None:
    Stale.objects.all().delete()


def marked() -> set[str]:
    return set(Stale.objects.values_list("organisation__code", flat=True))


def trail() -> list[tuple[str, str, object]]:
    """Action, target and detail of the entries about rules, in their order."""
    entries = TrailEntry.objects.filter(target_kind="必谈规则").order_by("pk")
    return [(entry.action, entry.target, json.loads(entry.detail)) for entry in entries]


def refusal(error: pytest.ExceptionInfo[ValidationError]) -> str:
    assert Rule.objects.count() == 0 or trail() == []
    assert marked() == set()
    return error.value.messages[0]


def switch(organisation: Organisation, code: str, since: date) -> Rule:
    return rules.switch_on_rule(
        actor=ACTOR, at=AT, today=TODAY, organisation=organisation, code=code, effective_from=since
    )


def change(organisation: Organisation, code: str, since: date, **terms: object) -> Rule:
    return rules.change_rule(
        actor=ACTOR,
        at=AT,
        today=TODAY,
        organisation=organisation,
        code=code,
        effective_from=since,
        terms=terms,  # type: ignore[arg-type]
        own_roles=(),
    )


def end(organisation: Organisation, code: str, on: date) -> Rule:
    return rules.end_rule(
        actor=ACTOR, at=AT, today=TODAY, organisation=organisation, code=code, effective_to=on
    )


def add(organisation: Organisation, rule: facts.Rule = OWN) -> Rule:
    return rules.add_rule(actor=ACTOR, at=AT, today=TODAY, organisation=organisation, rule=rule, own_roles=())


def test_a_rule_of_ones_own_is_numbered_and_stored_as_the_workbook_writes_it(world: World) -> None:
    first, second = add(world.committee), add(world.committee)
    assert (first.code, second.code) == ("SYJ-R01", "SYJ-R02")
    stored = Rule.objects.get(code="SYJ-R01")
    assert (stored.applies_to, stored.trigger) == ("党支部", "事件:驻站轮换,家庭变故")
    assert (stored.days, stored.unit, stored.pairing, stored.talker_role) == (
        *(5, "工作日"),
        *("event", "principal"),
    )
    assert (stored.effective_from, stored.effective_to, stored.basis) == (TODAY, None, "上游局党委会议纪要")
    assert trail()[0] == ("新增", "SYJ-R01:SYJ:2026-03-05", {})
    assert marked() == {"SYJ", "HC", "YJ"}


def test_a_fixed_role_is_stored_with_its_pairing(world: World) -> None:
    rule = facts.Rule(
        **{
            **{name: getattr(OWN, name) for name in OWN.__slots__},
            "trigger": PeriodTrigger(3),
            "pairing": Pairing.MEMBER_MEMBER,
            **dict.fromkeys(("days", "unit", "talker_role")),
        }
    )
    assert add(world.branch, rule).talker_role == "ordinary"


def test_what_rules_md_refuses_is_refused_in_its_words(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        add(world.committee, facts.Rule(**{**{n: getattr(OWN, n) for n in OWN.__slots__}, "days": 367}))
    assert refusal(error) == "事件触发的规则应填写天数（1至366）和天数单位"
    with pytest.raises(ValidationError) as error:
        change(world.branch, "four.family", TODAY, days=4)
    assert refusal(error) == "规则「four.family」由上级党组织制定，天数只能减少：应不多于3个工作日"
    with pytest.raises(ValidationError) as error:
        change(world.branch, "four.family", TODAY - timedelta(days=1), days=2)
    assert refusal(error) == drafts.BEGINS_EARLY


def test_a_preset_of_the_second_list_is_switched_on(world: World) -> None:
    rule = switch(world.branch, "six-b.care", TODAY)
    assert (rule.title, rule.applies_to, rule.trigger) == (
        *("关怀谈话", "全部"),
        "事件:家庭变故,重大困难,工作挫折",
    )
    assert (rule.days, rule.unit, rule.talker_role, rule.one_to_one) == (7, "自然日", "principal", True)
    assert trail() == [("启用", "six-b.care:HC:2026-03-05", {})]
    assert marked() == {"HC"}


def test_what_is_on_is_not_switched_on_again(world: World) -> None:
    factories.a_rule(world.committee, "six-b.care", trigger="事件:表彰", days=7, pairing=Pairing.EVENT)
    Stale.objects.all().delete()
    with pytest.raises(ValidationError) as error:
        switch(world.branch, "six-b.care", TODAY)
    assert refusal(error) == "这项规则在2026年3月5日已经生效，不需要再启用"


@pytest.mark.parametrize("code", ["four.family", "nowhere"])
def test_nothing_else_is_switched_on(world: World, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        switch(world.branch, code, TODAY)
    assert refusal(error) == rules.NO_SUCH_RULE


def test_a_new_version_replaces_and_the_old_one_stays(world: World) -> None:
    old = factories.a_rule(world.committee, "own.year", title="每年谈")
    Stale.objects.all().delete()
    new = change(world.committee, "own.year", date(2026, 7, 1), title="每半年谈", trigger=PeriodTrigger(6))
    old.refresh_from_db()
    assert (old.title, old.trigger, old.effective_to) == ("每年谈", "周期:12", None)
    assert (new.title, new.trigger, new.effective_from) == ("每半年谈", "周期:6", date(2026, 7, 1))
    assert trail() == [("修改", "own.year:SYJ:2026-07-01", {"字段": ["规则名称", "触发"]})]
    assert marked() == {"SYJ", "HC", "YJ"}


def test_a_version_of_the_same_day_is_not_overwritten(world: World) -> None:
    change(world.branch, "four.family", TODAY, days=2)
    Stale.objects.all().delete()
    TrailEntry.objects.filter(target_kind="必谈规则").delete()
    with pytest.raises(ValidationError) as error:
        change(world.branch, "four.family", TODAY, days=1)
    assert refusal(error).startswith("规则「four.family」的新版本应晚于它所替换的版本")
    assert Rule.objects.get().days == 2


@pytest.mark.parametrize("code", ["nowhere", "six-b.care"])
def test_what_is_not_there_is_not_changed(world: World, code: str) -> None:
    for write in (
        lambda: change(world.branch, code, TODAY, title="新"),
        lambda: end(world.committee, code, TODAY),
    ):
        with pytest.raises(ValidationError) as error:
            write()
        assert refusal(error) == rules.NO_SUCH_RULE


def test_ones_own_version_gets_its_last_day(world: World) -> None:
    factories.a_rule(world.committee, "own.year")
    Stale.objects.all().delete()
    end(world.committee, "own.year", date(2026, 7, 1))
    assert Rule.objects.get().effective_to == date(2026, 7, 1)
    assert trail() == [("结束", "own.year:SYJ:2020-01-01", {"字段": ["失效日期"]})]
    assert marked() == {"SYJ", "HC", "YJ"}


def test_what_is_built_in_is_ended_by_the_topmost_organisation(world: World) -> None:
    end(world.committee, "four.signs", date(2026, 7, 1))
    rule = Rule.objects.get()
    assert (rule.code, rule.effective_from, rule.effective_to) == (
        *("four.signs", date(2026, 6, 30)),
        date(2026, 7, 1),
    )
    with pytest.raises(ValidationError, match="由上级党组织制定"):
        end(world.branch, "four.family", date(2026, 7, 1))


def test_a_version_that_has_not_begun_is_deleted(world: World) -> None:
    rule = factories.a_rule(world.branch, "own.year", effective_from=TODAY + timedelta(days=1))
    Stale.objects.all().delete()
    rules.remove_rule(actor=ACTOR, at=AT, today=TODAY, rule=rule)
    assert Rule.objects.count() == 0
    assert trail() == [("删除", "own.year:HC:2026-03-06", {})]
    assert marked() == {"HC"}
    with pytest.raises(ValidationError, match=rules.CHANGED_MEANWHILE):
        rules.remove_rule(actor=ACTOR, at=AT, today=TODAY, rule=rule)


def test_a_version_that_has_begun_is_not_deleted(world: World) -> None:
    rule = factories.a_rule(world.branch, "own.year", effective_from=TODAY)
    with pytest.raises(ValidationError, match=drafts.BEGUN):
        rules.remove_rule(actor=ACTOR, at=AT, today=TODAY, rule=rule)
    assert Rule.objects.count() == 1


def test_a_rule_entered_ahead_is_owed_when_its_day_comes(world: World) -> None:
    """x in HC: head, member, colleague; from the first of April every month."""
    monthly = facts.Rule(
        **{
            **{name: getattr(OWN, name) for name in OWN.__slots__},
            "trigger": PeriodTrigger(1),
            "pairing": Pairing.COMMITTEE_MEMBER,
            "effective_from": date(2026, 3, 6),
            **dict.fromkeys(("days", "unit", "talker_role")),
        }
    )
    rule = add(world.branch, monthly)
    owed = Duty.objects.filter(rule=rule.code)
    reconcile_due(today=date(2026, 3, 31), at=AT)
    assert owed.count() == 0
    reconcile_due(today=date(2026, 4, 1), at=AT)
    assert sorted(owed.values_list("anchor", "subject__code")) == [
        ("period:2026-04", code) for code in ("P003", "P013", "P014")
    ]
