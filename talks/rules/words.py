"""The words of the engine: what stands in the database, in the workbook and in the JSON of `duties`."""

import re
from collections.abc import Iterable
from enum import StrEnum

from branches.rules import OrganisationKind


class TalkState(StrEnum):
    """状态 of a talk (design.md section 4)."""

    PLANNED = "计划"
    HELD = "已谈"
    RECORDED = "已记录"
    CONFIRMED = "已确认"
    CLOSED = "办结"
    CANCELLED = "取消"


# 方式, 形式 and 类型 of a talk (design.md section 4): suggested; what else a talk already says is kept.
FORMS = ("面对面", "电话", "视频", "微信网聊", "上门走访")
MODES = ("一对一", "一对多", "多对多", "集体座谈")
KINDS = ("交流", "勉励", "关怀", "提醒", "教育", "廉政", "会前", "任职", "入党", "年度总结")


class DutyState(StrEnum):
    """State of a duty, in the order in which they apply (rules.md section 6)."""

    WAIVED = "免予谈话"
    DONE = "已谈"
    LATE = "逾期完成"
    OVERDUE = "逾期"
    SCHEDULED = "已约"
    PENDING = "待谈"


class WaiverState(StrEnum):
    """How far a waiver has come: asked for, decided, taken back by who asked, revoked after its approval."""

    WAITING = "待批准"
    APPROVED = "已批准"
    DECLINED = "不予批准"
    TAKEN_BACK = "申请已撤回"
    REVOKED = "批准已撤回"


class RemedyState(StrEnum):
    """How far a remedy has come; its limit decides while nobody has asked for 销号."""

    OVERDUE = "逾期"
    NEAR = "临期"
    OPEN = "整改中"
    WAITING = "待批准"
    SETTLED = "已销号"


class SettlementState(StrEnum):
    """How far 销号 has come: asked for, approved, sent back, taken back by who asked."""

    WAITING = "待批准"
    SETTLED = "已销号"
    RETURNED = "已退回"
    TAKEN_BACK = "已撤回"


class MeetingKind(StrEnum):
    """会议类型."""

    DEMOCRATIC_LIFE = "民主生活会"
    ORGANISATION_LIFE = "组织生活会"


class DayUnit(StrEnum):
    """天数单位."""

    NATURAL = "自然日"
    WORKING = "工作日"


class Pairing(StrEnum):
    """Who owes whom (rules.md section 4)."""

    PRINCIPAL_TEAM = "principal-team"
    TEAM_TEAM = "team-team"
    TEAM_HEADS = "team-heads"
    COMMITTEE_COMMITTEE = "committee-committee"
    COMMITTEE_MEMBER = "committee-member"
    MEMBER_MEMBER = "member-member"
    KEY_POST = "key-post"
    EVENT = "event"
    CANDIDATE = "candidate"
    PORTFOLIO_STAFF = "portfolio-staff"


class TalkerRole(StrEnum):
    """Who may meet a duty that names one person (rules.md section 2)."""

    PRINCIPAL = "principal"
    TEAM = "team"
    LIAISON = "liaison"
    ORDINARY = "ordinary"
    AUTHORITY = "authority"
    LEADER = "leader"


PAIRING_NAMES: dict[Pairing, str] = {
    Pairing.PRINCIPAL_TEAM: "主要负责同志与班子成员",
    Pairing.TEAM_TEAM: "班子成员之间",
    Pairing.TEAM_HEADS: "班子成员与分管部门主要负责人",
    Pairing.COMMITTEE_COMMITTEE: "支委之间",
    Pairing.COMMITTEE_MEMBER: "支委与党员",
    Pairing.MEMBER_MEMBER: "党员之间",
    Pairing.KEY_POST: "重点岗位",
    Pairing.EVENT: "事件当事人",
    Pairing.CANDIDATE: "发展对象",
    Pairing.PORTFOLIO_STAFF: "分管范围干部",
}
ROLE_NAMES: dict[TalkerRole, str] = {
    TalkerRole.PRINCIPAL: "主要负责同志",
    TalkerRole.TEAM: "班子成员",
    TalkerRole.LIAISON: "联系支委",
    TalkerRole.ORDINARY: "普通党员",
    TalkerRole.AUTHORITY: "按干部管理权限",
    TalkerRole.LEADER: "分管领导",
}
# Pairings that name both persons, and the roles that go with the others (rules.md sections 3 and 4).
PAIR_PAIRINGS = frozenset(
    {Pairing.PRINCIPAL_TEAM, Pairing.TEAM_TEAM, Pairing.TEAM_HEADS, Pairing.COMMITTEE_COMMITTEE}
)
EVENT_PAIRINGS = frozenset({Pairing.EVENT, Pairing.CANDIDATE})
FIXED_ROLES: dict[Pairing, TalkerRole] = {
    Pairing.COMMITTEE_MEMBER: TalkerRole.TEAM,
    Pairing.MEMBER_MEMBER: TalkerRole.ORDINARY,
    Pairing.PORTFOLIO_STAFF: TalkerRole.LEADER,
}
ALL_KINDS = "全部"
# "Figures of fewer than three are not split" (design.md section 4): those of event duties.
LEAST_TO_SPLIT = 3


def split_list(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds several values (workbook.md), trimmed, each once, in their order."""
    parts = (part.strip() for part in re.split(r"[、,，;；\r\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_kinds(text: str) -> frozenset[str]:
    """适用类型 as written in the workbook: kinds of organisations, or 「全部」. ValueError for any other."""
    parts = split_list(text)
    if parts == (ALL_KINDS,):
        return frozenset(OrganisationKind)
    unknown = [part for part in parts if part not in list(OrganisationKind)]
    if unknown:
        raise ValueError(f"组织类型「{unknown[0]}」不存在")
    if not parts:
        raise ValueError("适用类型不能为空")
    return frozenset(OrganisationKind(part) for part in parts)


def format_kinds(kinds: Iterable[str]) -> str:
    """The reverse of `parse_kinds`: 「全部」, or the kinds in their usual order with 「、」 between them."""
    given = set(kinds)
    if given >= set(OrganisationKind):
        return ALL_KINDS
    return "、".join(kind.value for kind in OrganisationKind if kind in given)


def parse_pairing(text: str) -> Pairing:
    """配对 by its word (`team-team`) or its Chinese name (班子成员之间). ValueError for anything else."""
    for pairing, name in PAIRING_NAMES.items():
        if text.strip() in (pairing.value, name):
            return pairing
    raise ValueError(f"配对「{text.strip()}」不存在")


def parse_role(text: str) -> TalkerRole:
    """谈话人 by its word (`team`) or its Chinese name (班子成员). ValueError for anything else."""
    for role, name in ROLE_NAMES.items():
        if text.strip() in (role.value, name):
            return role
    raise ValueError(f"谈话人「{text.strip()}」不存在")
