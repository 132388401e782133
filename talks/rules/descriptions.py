"""A rule in Chinese words: its family, what sets it off, who talks with whom, until when."""

from datetime import date

from branches.rules.dates import chinese_date
from talks.rules.anchors import chinese_anchor, first_period, period_anchors
from talks.rules.drafts import Draft
from talks.rules.facts import EventTrigger, MeetingTrigger, PeriodTrigger, Rule
from talks.rules.pairings import role_of
from talks.rules.presets import PRESETS
from talks.rules.words import FIXED_ROLES, PAIR_PAIRINGS, PAIRING_NAMES, ROLE_NAMES, Pairing, TalkerRole

OWN, SUPERIORS_OWN = "本级自定", "上级自定"
# By the first part of the code of a preset, in the order of the page.
FAMILIES = {
    "three": "三必谈",
    "four": "四个必谈",
    "six": "六必谈",
    "six-b": "六必谈",
    "life": "组织生活会前",
    "year": "每年至少一次",
    "join": "吸收新党员",
}
FAMILY_ORDER = (*dict.fromkeys(FAMILIES.values()), SUPERIORS_OWN, OWN)

CHOSEN = "下面选定的谈话人"
PERIOD_NAMES = {1: "每月", 3: "每季度", 6: "每半年", 12: "每年"}
PAIRING_MEANINGS = {
    Pairing.PRINCIPAL_TEAM: "主要负责同志与每一位其他班子成员各谈一次",
    Pairing.TEAM_TEAM: "不是主要负责同志的班子成员，两两之间各谈一次",
    Pairing.TEAM_HEADS: "班子成员与其分管部门、单位的主要负责人各谈一次",
    Pairing.COMMITTEE_COMMITTEE: "全体支委（班子成员），含主要负责同志，两两之间各谈一次",
    Pairing.COMMITTEE_MEMBER: "班子以外的每一位党员，由任一支委（班子成员）谈一次",
    Pairing.MEMBER_MEMBER: "班子以外的每一位党员，与任一其他普通党员谈一次",
    Pairing.KEY_POST: f"在重点岗位任职的每一位党员，由{CHOSEN}谈一次",
    Pairing.EVENT: f"事件涉及的正式党员或预备党员，由{CHOSEN}谈一次",
    Pairing.CANDIDATE: f"事件涉及的同志，不限党员，如入党申请人，由{CHOSEN}谈一次",
    Pairing.PORTFOLIO_STAFF: "班子成员分管部门、单位的每一位一般干部，由分管领导谈一次",
}
ROLE_MEANINGS = {
    TalkerRole.PRINCIPAL: "本组织任一主要负责同志；谈话对象本人即是，或本组织没有的，由上级主要负责同志谈",
    TalkerRole.TEAM: "本组织任一班子成员（支委）；谈话对象是主要负责同志，或没有其他班子成员的，由上级谈",
    TalkerRole.LIAISON: "联系该党员的支委；没有录入联系支委的，任一班子成员均可谈",
    TalkerRole.ORDINARY: "班子以外的任一其他党员",
    TalkerRole.AUTHORITY: "担任党委等班子成员或部门主要负责人的，由所任职党组织的主要负责同志谈；"
    "其他同志由本组织主要负责同志谈",
    TalkerRole.LEADER: "分管谈话对象所在部门、单位的班子成员；没有分管的，任一班子成员均可谈",
}
# With whom somebody in a role talks, where the pairing leaves the role open.
COUNTERPARTS = {
    Pairing.KEY_POST: "重点岗位党员",
    Pairing.EVENT: "事件当事人",
    Pairing.CANDIDATE: "事件当事人（不限党员）",
    Pairing.PORTFOLIO_STAFF: "分管范围干部",
}


def family_of(rule: Rule, *, origin: str | None, organisation: str) -> str:
    """Under which heading the rule stands; `origin`: who made the first version of its code."""
    if rule.code in PRESETS:
        return FAMILIES[rule.code.partition(".")[0]]
    return OWN if origin == organisation else SUPERIORS_OWN


def trigger_words(rule: Rule) -> str:
    """What sets it off: 民主生活会前, 每年一次, 事件：家庭变故、工作挫折."""
    match rule.trigger:
        case MeetingTrigger(kinds):
            return f"{'、'.join(kinds)}前"
        case PeriodTrigger(months):
            return f"{PERIOD_NAMES[months]}一次"
        case EventTrigger(kinds):
            return f"事件：{'、'.join(kinds)}"


def who_words(rule: Rule) -> str:
    """Who talks with whom: 支委之间, 主要负责同志与事件当事人."""
    other, role = COUNTERPARTS.get(rule.pairing), role_of(rule)
    if other is None or role is None:
        return PAIRING_NAMES[rule.pairing]
    return (
        f"{ROLE_NAMES[role]}，与{other}" if role is TalkerRole.AUTHORITY else f"{ROLE_NAMES[role]}与{other}"
    )


def meaning(rule: Rule) -> str:
    """What the pairing comes to, and where it leaves the role open, who that is."""
    sentence = PAIRING_MEANINGS[rule.pairing].replace(CHOSEN, "谈话人")
    if rule.talker_role is None or rule.pairing in PAIR_PAIRINGS or rule.pairing in FIXED_ROLES:
        return f"{sentence}。"
    return f"{sentence}。谈话人：{ROLE_MEANINGS[rule.talker_role]}。"


def limit_words(rule: Rule) -> str:
    """Until when: 知悉后3个工作日内, 会议前一日, 本年内."""
    match rule.trigger:
        case MeetingTrigger():
            return "会议前一日"
        case PeriodTrigger(months):
            return {1: "当月内", 3: "本季度内", 6: "本半年内", 12: "本年内"}[months]
        case EventTrigger():
            return f"知悉后{rule.days}个{rule.unit}内"


def mode_words(rule: Rule) -> str:
    """一对一, or that it need not be."""
    return "一对一" if rule.one_to_one else "不限一对一"


def application(draft: Draft) -> str:
    """To which anchors the draft applies; where it begins within a period, that this one stays as it is."""
    day = chinese_date(draft.since)
    stays = "仍按原规则" if draft.goes_on else "不适用"
    what = "不再应谈" if draft.is_end else "适用"
    match draft.version.trigger:
        case MeetingTrigger():
            return f"会议日期在{day}及以后的会议{what}；会议日期在此之前的，{stays}。"
        case EventTrigger():
            return f"{day}及以后知悉的事件{what}；在此之前知悉的，{stays}。"
        case PeriodTrigger(months):
            first = first_period(months, draft.since)
            name, begins = chinese_anchor(first.name), chinese_date(first.on)
            applies = f"首个适用的周期是{name}（{begins}起）"
            if draft.is_end:
                applies = f"自{name}（{begins}）起不再应谈"
            if first.on == draft.since:
                return f"{applies}。"
            now = _period_of(months, draft.since)
            change = "失效" if draft.is_end else "生效"
            return f"{day}{change}时，{now}的周期已经开始，{now}{stays}；{applies}。"


def _period_of(months: int, day: date) -> str:
    periods = (
        anchor for anchor in period_anchors(day.year, months) if anchor.opens_on <= day <= anchor.due_on
    )
    return chinese_anchor(next(periods).name)
