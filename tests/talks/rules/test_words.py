"""Words of the workbook: kinds, pairings, roles, triggers (workbook.md, sheet 规则)."""

import pytest

from branches.rules import OrganisationKind
from talks.rules.facts import (
    EventTrigger,
    MeetingTrigger,
    PeriodTrigger,
    Trigger,
    format_trigger,
    parse_trigger,
)
from talks.rules.words import (
    PAIRING_NAMES,
    ROLE_NAMES,
    MeetingKind,
    Pairing,
    TalkerRole,
    format_kinds,
    parse_kinds,
    parse_pairing,
    parse_role,
)


@pytest.mark.parametrize(
    ("text", "kinds", "written"),
    [
        ("全部", set(OrganisationKind), "全部"),
        ("党支部", {"党支部"}, "党支部"),
        ("党支部、党委", {"党委", "党支部"}, "党委、党支部"),
        (
            "党组, 机关党委；党总支;联合党支部，党组",
            {"党组", "机关党委", "党总支", "联合党支部"},
            "党组、机关党委、党总支、联合党支部",
        ),
        ("党委\n党组\n机关党委\n党总支\n党支部\n联合党支部\n临时党支部", set(OrganisationKind), "全部"),
    ],
)
def test_kinds(text: str, kinds: set[str], written: str) -> None:
    assert parse_kinds(text) == kinds
    assert format_kinds(kinds) == written


@pytest.mark.parametrize("text", ["", " ", "支部", "党委、支部", "全部、党委"])
def test_other_kinds_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"组织类型|适用类型"):
        parse_kinds(text)


@pytest.mark.parametrize(
    ("text", "trigger", "written"),
    [
        ("会议:民主生活会", MeetingTrigger((MeetingKind.DEMOCRATIC_LIFE,)), "会议:民主生活会"),
        ("会议：组织生活会", MeetingTrigger((MeetingKind.ORGANISATION_LIFE,)), "会议:组织生活会"),
        ("周期:12", PeriodTrigger(12), "周期:12"),
        (" 周期 ： ３ ", PeriodTrigger(3), "周期:3"),
        ("事件:家庭变故,工作挫折", EventTrigger(("家庭变故", "工作挫折")), "事件:家庭变故,工作挫折"),
        (
            "事件：家庭变故、工作挫折、家庭变故",
            EventTrigger(("家庭变故", "工作挫折")),
            "事件:家庭变故,工作挫折",
        ),
    ],
)
def test_triggers(text: str, trigger: Trigger, written: str) -> None:
    assert parse_trigger(text) == trigger
    assert format_trigger(trigger) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "会议",
        "会议:",
        "会议:支委会",
        "周期:2",
        "周期:012",
        "周期:每年",
        "周期:1,3",
        "事件:",
        "事件:、",
        "其他:家庭变故",
    ],
)
def test_other_triggers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"触发应写作|会议类型|周期应为"):
        parse_trigger(text)


def test_pairings_and_roles_have_the_names_of_the_workbook() -> None:
    pairings = "、".join(PAIRING_NAMES[pairing] for pairing in Pairing)
    assert pairings == (
        "主要负责同志与班子成员、班子成员之间、班子成员与分管部门主要负责人、支委之间、支委与党员、党员之间、"
        "重点岗位、事件当事人、发展对象、分管范围干部"
    )
    roles = "、".join(ROLE_NAMES[role] for role in TalkerRole)
    assert roles == "主要负责同志、班子成员、联系支委、普通党员、按干部管理权限、分管领导"


def test_pairings_and_roles_are_read_in_either_writing() -> None:
    for pairing, name in PAIRING_NAMES.items():
        assert parse_pairing(pairing.value) == parse_pairing(f" {name} ") == pairing
    for role, name in ROLE_NAMES.items():
        assert parse_role(role.value) == parse_role(name) == role
    with pytest.raises(ValueError, match="配对「谁和谁」不存在"):
        parse_pairing("谁和谁")
    with pytest.raises(ValueError, match="谈话人「谁」不存在"):
        parse_role("谁")
