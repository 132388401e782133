"""rules.md section 7, word for word."""

from datetime import date

import pytest

from branches.rules import BRANCH_KINDS, COMMITTEE_KINDS, OrganisationKind
from talks.rules.facts import format_trigger
from talks.rules.presets import BUILT_IN, DEDUCED, EVENT_KINDS, SWITCHABLE, switched_on
from talks.rules.versions import rules_of
from tests.talks.rules.worlds import day, event, owed, party, persons, post, world

KINDS = {"committee": COMMITTEE_KINDS, "branch": BRANCH_KINDS, "all": frozenset(OrganisationKind)}

# code | title | applies to | trigger | days | pairing | talker | 1:1 | in force from
TABLE = """
three.principal-team | 三必谈① 主要负责同志和班子成员必谈 | committee | 会议:民主生活会 | - | principal-team | - | yes | 2016-11-02
three.team-team | 三必谈② 班子成员相互之间必谈 | committee | 会议:民主生活会 | - | team-team | - | yes | 2016-11-02
three.team-heads | 三必谈③ 班子成员和分管部门、单位主要负责同志必谈 | committee | 会议:民主生活会 | - | team-heads | - | yes | 2016-11-02
life.committee-committee | 组织生活会前 支委之间 | branch | 会议:组织生活会 | - | committee-committee | - | yes | 2018-10-28
life.committee-member | 组织生活会前 支委和党员之间 | branch | 会议:组织生活会 | - | committee-member | team | yes | 2018-10-28
life.member-member | 组织生活会前 党员和党员之间 | branch | 会议:组织生活会 | - | member-member | ordinary | no | 2018-10-28
year.committee-committee | 每年至少一次 支委之间 | branch | 周期:12 | - | committee-committee | - | yes | 2018-10-28
year.committee-member | 每年至少一次 支委和党员之间 | branch | 周期:12 | - | committee-member | team | no | 2018-10-28
year.member-member | 每年至少一次 党员和党员之间 | branch | 周期:12 | - | member-member | ordinary | no | 2018-10-28
four.post-change | 四个必谈① 岗位变动必谈 | all | 事件:岗位变动 | 7 自然日 | event | authority | yes | 2019-01-01
four.discipline | 四个必谈② 组织处理必谈 | all | 事件:组织处理 | 7 自然日 | event | authority | yes | 2019-01-01
four.family | 四个必谈③ 发生家庭变故必谈 | all | 事件:家庭变故 | 3 工作日 | event | team | yes | 2019-01-01
four.signs | 四个必谈④ 发生苗头性问题必谈 | all | 事件:苗头性问题 | 3 工作日 | event | principal | yes | 2019-01-01
join.applicant | 吸收新党员谈话 | branch | 事件:递交入党申请 | 30 自然日 | candidate | team | no | 2019-01-01
six.major-risk | 六必谈① 重大风险 | all | 事件:重大风险 | 7 自然日 | event | principal | yes | 2019-01-01
six.key-post | 六必谈② 重点岗位 | all | 周期:12 | - | key-post | authority | yes | 2019-01-01
six.new-promotion | 六必谈③ 新提拔干部 | all | 事件:新提拔 | 30 自然日 | event | authority | yes | 2019-01-01
six.key-link | 六必谈④ 关键环节 | all | 事件:关键环节 | 7 自然日 | event | team | no | 2019-01-01
six.key-node | 六必谈⑤ 关键节点 | all | 事件:关键节点 | 7 自然日 | event | team | no | 2019-01-01
six.tendency | 六必谈⑥ 苗头倾向 | all | 事件:倾向性问题 | 7 自然日 | event | principal | yes | 2019-01-01
year.leader-staff | 分管领导和分管范围内干部 | committee | 周期:12 | - | portfolio-staff | leader | no | off
six-b.exchange | 交流谈话 | all | 事件:工作变动,组织关系转入,本人提出 | 7 自然日 | event | principal | yes | off
six-b.encourage | 勉励谈话 | all | 事件:表彰,重用 | 7 自然日 | event | principal | yes | off
six-b.care | 关怀谈话 | all | 事件:家庭变故,重大困难,工作挫折 | 7 自然日 | event | principal | yes | off
six-b.remind | 提醒谈话 | all | 事件:苗头性问题,不良反映,矛盾分歧 | 7 自然日 | event | principal | yes | off
six-b.educate | 教育谈话 | all | 事件:组织处理,纪律处分,失联重新纳入,批准预备,转正,延期转正 | 7 自然日 | event | principal | yes | off
six-b.annual | 年度总结谈话 | all | 事件:民主评议反馈 | 7 自然日 | event | principal | yes | off
"""  # noqa: E501
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


def test_the_sets_are_those_of_the_page() -> None:
    assert [rule.code for rule in (*BUILT_IN, *SWITCHABLE)] == [row[0] for row in ROWS]
    assert (len(BUILT_IN), len(SWITCHABLE)) == (20, 7)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_rule_is_as_the_page_says(row: list[str]) -> None:
    code, title, kinds, trigger, days, pairing, role, one_to_one, since = row
    (rule,) = [rule for rule in (*BUILT_IN, *SWITCHABLE) if rule.code == code]
    assert rule.title == title
    assert rule.applies_to == KINDS[kinds]
    assert format_trigger(rule.trigger) == trigger
    assert (f"{rule.days} {rule.unit}" if rule.days else "-") == days
    assert rule.pairing == pairing
    assert (rule.talker_role or "-") == role
    assert ("yes" if rule.one_to_one else "no") == one_to_one
    assert (rule.effective_from == date.max) if since == "off" else (str(rule.effective_from) == since)
    assert (rule.organisation, rule.effective_to) == (None, None)
    assert len(rule.basis) > 10


def test_what_is_read_from_one_sentence_says_so() -> None:
    marked = {rule.code for rule in BUILT_IN if "可由本级党组织调整" in rule.basis}
    assert marked == DEDUCED == {"six.key-link", "six.key-node", "six.tendency"}


def test_event_kinds() -> None:
    named = (
        "岗位变动、组织处理、家庭变故、苗头性问题、递交入党申请、重大风险、新提拔、关键环节、关键节点、倾向性问题、"
        "工作变动、组织关系转入、本人提出、表彰、重用、重大困难、工作挫折、不良反映、矛盾分歧、纪律处分、"
        "失联重新纳入、批准预备、转正、延期转正、民主评议反馈、其他"
    )
    assert "、".join(EVENT_KINDS) == named


def test_a_preset_that_nobody_switched_on_makes_no_duty() -> None:
    facts = world(*SWITCHABLE, *party("x", "B"), post("a", "B", "p"), event("E", "x", "表彰", "5-1"))
    assert owed(facts, "2030-1-1", year=2026) == ()


def test_a_preset_switched_on_holds_there_and_below_from_its_day() -> None:
    care = switched_on("six-b.care", organisation="M", effective_from=day("5-1"))
    facts = world(
        care,
        *party("x", "B"),
        *party("y", "C"),
        event("E1", "x", "工作挫折", "4-30"),
        event("E2", "x", "工作挫折", "5-1"),
        event("E3", "y", "工作挫折", "5-1"),
    )
    assert [(duty.anchor, duty.organisation) for duty in owed(facts, "6-1")] == [("event:E2", "B")]


@pytest.mark.parametrize(
    ("organisation", "on", "expected"),
    [
        ("T", "2016-11-1", []),
        ("T", "2016-11-2", ["three.principal-team", "three.team-heads", "three.team-team"]),
        ("B", "2018-10-27", []),
        (
            "B",
            "2018-10-28",
            [
                *("life.committee-committee", "life.committee-member", "life.member-member"),
                *("year.committee-committee", "year.committee-member", "year.member-member"),
            ],
        ),
    ],
)
def test_the_sets_are_in_force_from_their_days(organisation: str, on: str, expected: list[str]) -> None:
    assert [rule.code for rule in rules_of(world(built_in=True), organisation, day(on))] == expected


def test_the_year_begun_before_the_rule_owes_nothing() -> None:
    facts = world(post("a", "B", "p"), post("b", "B", "t"), post("k", "B", "k"), built_in=True)
    assert owed(facts, "2018-12-31", "B", year=2018) == ()
    assert persons(owed(facts, "2019-1-1", "B", year=2019)) == ["k", "b-a"]
