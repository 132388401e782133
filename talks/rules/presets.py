"""The rule sets that the system brings along (rules.md section 7), with the words of their sources."""

from dataclasses import replace
from datetime import date

from branches.rules import BRANCH_KINDS, COMMITTEE_KINDS, OrganisationKind
from talks.rules.facts import EventTrigger, MeetingTrigger, PeriodTrigger, Rule, Trigger
from talks.rules.words import DayUnit, MeetingKind, Pairing, TalkerRole

THREE_FROM = date(2016, 11, 2)
BRANCH_FROM = date(2018, 10, 28)
FOUR_FROM = date(2019, 1, 1)
# A preset of the second list is off: as it stands it never comes into force.
SWITCHED_OFF = date.max

THREE_BASIS = (
    "《关于新形势下党内政治生活的若干准则》：党组织领导班子成员之间要开展经常性的谈心谈话，"
    "坦诚相见，交流思想，交换意见。"
)
LIFE_BASIS = "《中国共产党支部工作条例（试行）》第十七条：组织生活会会前认真学习，谈心谈话，听取意见。"
YEAR_BASIS = (
    "《中国共产党支部工作条例（试行）》第十九条：党支部委员之间、党支部委员和党员之间、党员和党员之间，"
    "每年谈心谈话一般不少于1次。"
)
# Last in a basis; true only as long as nobody has changed the days.
DEFAULT_DAYS = "天数为系统默认值，原文要求“及时”。"
FOUR_BASIS = f"谈心谈话“四个必谈”：{{item}}。{DEFAULT_DAYS}"
SIX_BASIS = "谈心谈话“六必谈”：明确重大风险、重点岗位、新提拔干部等“六必谈”内容。"
SIX_DEDUCED = (
    "谈心谈话“六必谈”：坚持抓重点、抓关键、抓苗头，紧紧围绕关键岗位、关键环节、关键节点。"
    "本项由该句归纳，可由本级党组织调整。"
)
SECOND_SIX_BASIS = "谈心谈话“六必谈”（按谈话性质分类）：{kinds}，开展{title}。"
STAFF_BASIS = "主动找分管范围内的一般干部谈话。"
JOIN_BASIS = "吸收新党员谈话：收到入党申请后，在1个月内谈话。"

ALL = frozenset(OrganisationKind)
# Items that are read from one sentence of the source; the screen marks them 「可由本级党组织调整」.
DEDUCED = frozenset({"six.key-link", "six.key-node", "six.tendency"})


def _rule(
    code: str,
    title: str,
    applies_to: frozenset[OrganisationKind],
    trigger: Trigger,
    pairing: Pairing,
    talker_role: TalkerRole | None,
    one_to_one: bool,
    effective_from: date,
    basis: str,
    days: int | None = None,
    unit: DayUnit = DayUnit.NATURAL,
) -> Rule:
    return Rule(
        code=code,
        title=title,
        organisation=None,
        applies_to=frozenset(applies_to),
        trigger=trigger,
        days=days,
        unit=unit if days else None,
        pairing=pairing,
        talker_role=talker_role,
        one_to_one=one_to_one,
        effective_from=effective_from,
        basis=basis,
    )


_DEMOCRATIC = MeetingTrigger((MeetingKind.DEMOCRATIC_LIFE,))
_LIFE = MeetingTrigger((MeetingKind.ORGANISATION_LIFE,))
_YEAR = PeriodTrigger(12)


def _on(kind: str) -> EventTrigger:
    return EventTrigger((kind,))


# fmt: off
BUILT_IN: tuple[Rule, ...] = (
    _rule("three.principal-team", "三必谈① 主要负责同志和班子成员必谈", COMMITTEE_KINDS, _DEMOCRATIC,
          Pairing.PRINCIPAL_TEAM, None, True, THREE_FROM, THREE_BASIS),
    _rule("three.team-team", "三必谈② 班子成员相互之间必谈", COMMITTEE_KINDS, _DEMOCRATIC,
          Pairing.TEAM_TEAM, None, True, THREE_FROM, THREE_BASIS),
    _rule("three.team-heads", "三必谈③ 班子成员和分管部门、单位主要负责同志必谈", COMMITTEE_KINDS,
          _DEMOCRATIC, Pairing.TEAM_HEADS, None, True, THREE_FROM, THREE_BASIS),
    _rule("life.committee-committee", "组织生活会前 支委之间", BRANCH_KINDS, _LIFE,
          Pairing.COMMITTEE_COMMITTEE, None, True, BRANCH_FROM, LIFE_BASIS),
    _rule("life.committee-member", "组织生活会前 支委和党员之间", BRANCH_KINDS, _LIFE,
          Pairing.COMMITTEE_MEMBER, TalkerRole.TEAM, True, BRANCH_FROM, LIFE_BASIS),
    _rule("life.member-member", "组织生活会前 党员和党员之间", BRANCH_KINDS, _LIFE,
          Pairing.MEMBER_MEMBER, TalkerRole.ORDINARY, False, BRANCH_FROM, LIFE_BASIS),
    _rule("year.committee-committee", "每年至少一次 支委之间", BRANCH_KINDS, _YEAR,
          Pairing.COMMITTEE_COMMITTEE, None, True, BRANCH_FROM, YEAR_BASIS),
    _rule("year.committee-member", "每年至少一次 支委和党员之间", BRANCH_KINDS, _YEAR,
          Pairing.COMMITTEE_MEMBER, TalkerRole.TEAM, False, BRANCH_FROM, YEAR_BASIS),
    _rule("year.member-member", "每年至少一次 党员和党员之间", BRANCH_KINDS, _YEAR,
          Pairing.MEMBER_MEMBER, TalkerRole.ORDINARY, False, BRANCH_FROM, YEAR_BASIS),
    _rule("four.post-change", "四个必谈① 岗位变动必谈", ALL, _on("岗位变动"),
          Pairing.EVENT, TalkerRole.AUTHORITY, True, FOUR_FROM,
          FOUR_BASIS.format(item="岗位变动必谈，按照干部管理权限"), 7),
    _rule("four.discipline", "四个必谈② 组织处理必谈", ALL, _on("组织处理"),
          Pairing.EVENT, TalkerRole.AUTHORITY, True, FOUR_FROM, FOUR_BASIS.format(item="组织处理必谈"), 7),
    _rule("four.family", "四个必谈③ 发生家庭变故必谈", ALL, _on("家庭变故"),
          Pairing.EVENT, TalkerRole.TEAM, True, FOUR_FROM,
          FOUR_BASIS.format(item="发生家庭变故必谈"), 3, DayUnit.WORKING),
    _rule("four.signs", "四个必谈④ 发生苗头性问题必谈", ALL, _on("苗头性问题"),
          Pairing.EVENT, TalkerRole.PRINCIPAL, True, FOUR_FROM,
          FOUR_BASIS.format(item="发生苗头性问题必谈"), 3, DayUnit.WORKING),
    _rule("join.applicant", "吸收新党员谈话", BRANCH_KINDS, _on("递交入党申请"),
          Pairing.CANDIDATE, TalkerRole.TEAM, False, FOUR_FROM, JOIN_BASIS, 30),
    _rule("six.major-risk", "六必谈① 重大风险", ALL, _on("重大风险"),
          Pairing.EVENT, TalkerRole.PRINCIPAL, True, FOUR_FROM, SIX_BASIS + DEFAULT_DAYS, 7),
    _rule("six.key-post", "六必谈② 重点岗位", ALL, _YEAR,
          Pairing.KEY_POST, TalkerRole.AUTHORITY, True, FOUR_FROM, SIX_BASIS),
    _rule("six.new-promotion", "六必谈③ 新提拔干部", ALL, _on("新提拔"),
          Pairing.EVENT, TalkerRole.AUTHORITY, True, FOUR_FROM, SIX_BASIS + DEFAULT_DAYS, 30),
    _rule("six.key-link", "六必谈④ 关键环节", ALL, _on("关键环节"),
          Pairing.EVENT, TalkerRole.TEAM, False, FOUR_FROM, SIX_DEDUCED + DEFAULT_DAYS, 7),
    _rule("six.key-node", "六必谈⑤ 关键节点", ALL, _on("关键节点"),
          Pairing.EVENT, TalkerRole.TEAM, False, FOUR_FROM, SIX_DEDUCED + DEFAULT_DAYS, 7),
    _rule("six.tendency", "六必谈⑥ 苗头倾向", ALL, _on("倾向性问题"),
          Pairing.EVENT, TalkerRole.PRINCIPAL, True, FOUR_FROM, SIX_DEDUCED + DEFAULT_DAYS, 7),
)
# fmt: on


def _second(code: str, title: str, *kinds: str) -> Rule:
    basis = SECOND_SIX_BASIS.format(kinds="、".join(kinds), title=title) + DEFAULT_DAYS
    return _rule(
        code,
        title,
        ALL,
        EventTrigger(kinds),
        Pairing.EVENT,
        TalkerRole.PRINCIPAL,
        True,
        SWITCHED_OFF,
        basis,
        7,
    )


SWITCHABLE: tuple[Rule, ...] = (
    _rule(
        "year.leader-staff",
        "分管领导和分管范围内干部",
        COMMITTEE_KINDS,
        _YEAR,
        Pairing.PORTFOLIO_STAFF,
        TalkerRole.LEADER,
        False,
        SWITCHED_OFF,
        STAFF_BASIS,
    ),
    _second("six-b.exchange", "交流谈话", "工作变动", "组织关系转入", "本人提出"),
    _second("six-b.encourage", "勉励谈话", "表彰", "重用"),
    _second("six-b.care", "关怀谈话", "家庭变故", "重大困难", "工作挫折"),
    _second("six-b.remind", "提醒谈话", "苗头性问题", "不良反映", "矛盾分歧"),
    _second(
        "six-b.educate",
        "教育谈话",
        "组织处理",
        "纪律处分",
        "失联重新纳入",
        "批准预备",
        "转正",
        "延期转正",
    ),
    _second("six-b.annual", "年度总结谈话", "民主评议反馈"),
)

PRESETS: dict[str, Rule] = {rule.code: rule for rule in BUILT_IN + SWITCHABLE}

# The kinds that any organisation may enter; its own rules may name more (rules.md section 7).
EVENT_KINDS: tuple[str, ...] = (
    *dict.fromkeys(
        kind
        for rule in BUILT_IN + SWITCHABLE
        if isinstance(rule.trigger, EventTrigger)
        for kind in rule.trigger.kinds
    ),
    "其他",
)


def switched_on(code: str, *, organisation: str, effective_from: date) -> Rule:
    """A preset of the second list as the organisation's version from the day on. KeyError: none of them."""
    template = {rule.code: rule for rule in SWITCHABLE}[code]
    return replace(template, organisation=organisation, effective_from=effective_from)
