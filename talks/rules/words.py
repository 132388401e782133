"""The words of the engine: what stands in the database, in the workbook and in the JSON of `duties`."""

from enum import StrEnum


class TalkState(StrEnum):
    """状态 of a talk (design.md section 4)."""

    PLANNED = "计划"
    HELD = "已谈"
    RECORDED = "已记录"
    CONFIRMED = "已确认"
    CLOSED = "办结"
    CANCELLED = "取消"


class DutyState(StrEnum):
    """State of a duty, in the order in which they apply (rules.md section 6)."""

    WAIVED = "免予谈话"
    DONE = "已谈"
    LATE = "逾期完成"
    OVERDUE = "逾期"
    SCHEDULED = "已约"
    PENDING = "待谈"


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
