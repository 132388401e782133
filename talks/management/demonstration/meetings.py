"""民主生活会 and 组织生活会, the organisation's own versions of rules."""

from dataclasses import dataclass
from datetime import date, timedelta

from talks.management.demonstration.organisations import COMMITTEE, Row
from talks.rules.anchors import DAYS_OF_TALKS

DEMOCRATIC, LIFE = "民主生活会", "组织生活会"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A row of 会议; `talks_from` empty: 30 days before."""

    organisation: str
    kind: str
    year: int
    on: date
    talks_from: date | None = None

    @property
    def opens_on(self) -> date:
        """The first day on which its talks may be held."""
        return self.talks_from or self.on - timedelta(days=DAYS_OF_TALKS)

    @property
    def last_day(self) -> date:
        """The day before the meeting."""
        return self.on - timedelta(days=1)


# Some have been held, some windows are open, some open later; the one of 2025 was held late.
LIFE_2026: dict[str, Meeting] = {
    branch: Meeting(branch, LIFE, 2026, day)
    for branch, day in {
        "SYJ-SQ": date(2026, 11, 12),
        "SYJ-JJ": date(2026, 11, 16),
        "SYJ-JG1": date(2026, 11, 18),
        "SYJ-HC": date(2026, 12, 1),
        "SYJ-JG2": date(2026, 11, 27),
        "SYJ-HQ": date(2026, 11, 30),
        "SYJ-XX": date(2026, 12, 2),
        "SYJ-SZ": date(2026, 12, 3),
        "SYJ-JG3": date(2026, 11, 20),
        "SYJ-BB": date(2026, 12, 8),
        "SYJ-HD": date(2026, 12, 9),
        "SYJ-JS": date(2026, 12, 10),
        "SYJ-CS": date(2026, 12, 11),
        "SYJ-LT": date(2026, 12, 15),
        "SYJ-WL": date(2026, 12, 16),
        "SYJ-HDL": date(2026, 12, 26),
        "SYJ-NX": date(2026, 12, 28),
    }.items()
}
LIFE_2025 = Meeting("SYJ-JS", LIFE, 2025, date(2026, 1, 16), date(2026, 1, 5))
DEMOCRATIC_2026 = Meeting(COMMITTEE, DEMOCRATIC, 2026, date(2026, 12, 18), date(2026, 11, 2))
_THEMES = {
    DEMOCRATIC: "查摆问题、改进作风，推动水文测报高质量发展",
    LIFE: "对照党员标准查找差距，促进岗位履职",
}


def meeting_rows() -> list[Row]:
    """The sheet 会议."""
    return [
        Row(
            组织编码=meeting.organisation,
            会议类型=meeting.kind,
            年度=str(meeting.year),
            会议日期=meeting.on.isoformat(),
            谈话开始日期=meeting.talks_from.isoformat() if meeting.talks_from else "",
            主题=_THEMES[meeting.kind],
        )
        for meeting in (DEMOCRATIC_2026, LIFE_2025, *LIFE_2026.values())
    ]


def rule_rows() -> list[Row]:
    """The sheet 规则: fewer days in 合川分局, 关怀谈话 switched on, and a rule of the bureau's own."""
    return [
        Row(
            规则代码="four.post-change",
            规则名称="四个必谈① 岗位变动必谈（合川分局）",
            适用组织编码="SYJ-HC",
            适用类型="全部",
            触发="事件:岗位变动",
            天数="5",
            天数单位="自然日",
            配对="事件当事人",
            谈话人="按干部管理权限",
            一对一="是",
            生效日期="2026-03-01",
            失效日期="",
            依据="合川分局党支部2026年2月27日支部党员大会决定：岗位变动后五日内谈话。",
        ),
        Row(
            规则代码="six-b.care",
            规则名称="关怀谈话",
            适用组织编码=COMMITTEE,
            适用类型="全部",
            触发="事件:家庭变故,重大困难,工作挫折",
            天数="7",
            天数单位="自然日",
            配对="事件当事人",
            谈话人="主要负责同志",
            一对一="是",
            生效日期="2026-01-01",
            失效日期="",
            依据="上游局党委2025年12月会议决定启用。",
        ),
        Row(
            规则代码="syj.field-work",
            规则名称="长期野外作业出测前谈话",
            适用组织编码=COMMITTEE,
            适用类型="党支部、临时党支部",
            触发="事件:长期野外作业",
            天数="5",
            天数单位="工作日",
            配对="事件当事人",
            谈话人="班子成员",
            一对一="否",
            生效日期="2026-01-01",
            失效日期="",
            依据="上游局党委关于加强野外测验党员教育管理的通知（2025年12月）。",
        ),
    ]
