"""Which rules name an event, and why one of them owes nothing (rules.md sections 3, 4 and 7)."""

from dataclasses import replace
from datetime import date

import pytest

from talks.rules import prospects as told
from talks.rules.facts import Affiliation, Event, EventTrigger, Facts, Member, Organisation, Rule
from talks.rules.presets import BUILT_IN
from talks.rules.prospects import Prospect, prospects
from talks.rules.words import DayUnit, Pairing, TalkerRole

MONDAY = date(2026, 3, 2)
BRANCH = Organisation("HC", "合川分局党支部", "党支部")
OWN = Rule(
    code="hc.own",
    title="驻站轮换必谈",
    organisation="HC",
    applies_to=frozenset({"党支部"}),
    trigger=EventTrigger(("驻站轮换",)),
    days=7,
    unit=DayUnit.NATURAL,
    pairing=Pairing.EVENT,
    talker_role=TalkerRole.TEAM,
    one_to_one=False,
    effective_from=date(2026, 1, 1),
)


def of(
    kind: str, *rules: Rule, branch: Organisation = BRANCH, category: str = "正式党员"
) -> list[tuple[str, str]]:
    facts = Facts(
        organisations=(branch,),
        members=(Member("P1", "江平", category),),
        affiliations=(Affiliation("P1", "HC"),),
        rules=(*BUILT_IN, *rules),
    )
    found = prospects(facts, Event("", "P1", kind, MONDAY, MONDAY), organisation="HC")
    return [(one.heading, one.obstacle) for one in found]


FAMILY, CARE = "四个必谈③　发生家庭变故必谈", "关怀谈话"


def test_a_rule_that_owes_and_a_preset_that_is_off() -> None:
    assert of("家庭变故") == [(FAMILY, ""), (CARE, told.NOT_SWITCHED_ON)]


def test_a_kind_that_no_rule_names() -> None:
    assert of("其他") == []


def test_only_party_members_are_owed() -> None:
    assert of("家庭变故", category="入党申请人")[0] == (FAMILY, told.NO_PARTY_MEMBER)
    # The candidate's rule is for whatever category.
    assert of("递交入党申请", category="入党申请人")[0][1] == ""


@pytest.mark.parametrize(
    ("changed", "obstacle"),
    [
        ({}, ""),
        ({"applies_to": frozenset({"党委"})}, "不适用于党支部"),
        ({"effective_from": date(2026, 3, 3)}, "自2026年3月3日起生效，晚于知悉日期"),
        ({"effective_to": MONDAY}, "已于2026年3月2日失效"),
        ({"effective_to": date(2026, 3, 3)}, ""),
    ],
)
def test_an_own_rule(changed: dict[str, object], obstacle: str) -> None:
    assert of("驻站轮换", replace(OWN, **changed)) == [("驻站轮换必谈", obstacle)]  # type: ignore[arg-type]


def test_a_version_that_no_longer_names_the_kind() -> None:
    later = replace(OWN, trigger=EventTrigger(("轮岗",)), effective_from=date(2026, 2, 1))
    assert of("驻站轮换", OWN, later) == [("驻站轮换必谈", told.REPLACED)]


def test_an_organisation_that_is_not_there() -> None:
    gone = replace(BRANCH, dissolved=MONDAY)
    assert of("驻站轮换", OWN, branch=gone) == [("驻站轮换必谈", told.DISSOLVED)]
    # 7 days after Monday the 2nd is the 9th.
    later = replace(BRANCH, established=date(2026, 3, 10))
    assert of("驻站轮换", OWN, branch=later) == [("驻站轮换必谈", told.NOT_ESTABLISHED)]
    assert Prospect("驻站轮换必谈", "").obstacle == ""
