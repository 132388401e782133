"""免予谈话: who is spared a talk, why, and who approved it."""

from talks.management.demonstration.events import happenings
from talks.management.demonstration.organisations import COMMITTEE, Row
from talks.management.demonstration.people import RETIRED, Person, Roster

_MEETING = "meeting:组织生活会:2026"


def waiver_rows(roster: Roster) -> list[Row]:
    """The sheet 免予谈话."""
    secretary, director = roster.leaders["secretary"], roster.leaders["director"]
    retired, away = roster.at(RETIRED, 0), roster.at(RETIRED, 22)
    waived = next(item for item in happenings(roster) if item.case.course == "waived")
    head = roster.at("SYJ-NX", 0)
    ill = "长期住院，意识不清，无法谈话。"
    return [
        _row("life.committee-member", RETIRED, _MEETING, away, ill, retired, secretary, "2026-11-18"),
        _row("life.member-member", RETIRED, _MEETING, away, ill, retired, secretary, "2026-11-18"),
        _row("year.member-member", RETIRED, "period:2026", away, ill, retired, secretary, "2026-10-22"),
        _row(
            "six.tendency",
            RETIRED,
            f"event:{waived.code}",
            waived.person,
            "经核实系他人冒名，反映的情况不属实。",
            retired,
            secretary,
            "2026-09-11",
        ),
        _row(
            "three.team-heads",
            COMMITTEE,
            "meeting:民主生活会:2026",
            head,
            "负责人脱产学习至明年一月，会后另行谈话。",
            roster.leaders["survey"],
            director,
            "2026-11-16",
            counterpart=roster.leaders["survey"],
        ),
    ]


def _row(
    rule: str,
    organisation: str,
    anchor: str,
    subject: Person,
    reason: str,
    asker: Person,
    approver: Person,
    day: str,
    *,
    counterpart: Person | None = None,
) -> Row:
    return Row(
        规则代码=rule,
        组织编码=organisation,
        事由标识=anchor,
        谈话对象编号=subject.code,
        对方编号=counterpart.code if counterpart else "",
        理由=reason,
        申请人编号=asker.code,
        批准人编号=approver.code,
        批准日期=day,
    )
