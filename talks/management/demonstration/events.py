"""事件 of 2026 and the talks that followed: in time, late, in a way that does not count, or not at all."""

from dataclasses import dataclass
from datetime import date, timedelta

from talks.management.demonstration.diary import PLANNED_FROM, RECORDED_UNTIL, Diary, Said, Talk, workdays
from talks.management.demonstration.organisations import BRANCHES, Row
from talks.management.demonstration.people import Person, Roster
from talks.management.demonstration.posts import LIAISON_BRANCH, liaison_of, ordinary_of, team_of
from talks.management.demonstration.texts.cases import CASES, Case

# Kinds for which 按照干部管理权限 or the principal talks; for the others anybody of the committee may.
_BY_AUTHORITY = {"岗位变动", "新提拔", "组织处理"}
_BY_PRINCIPAL = {
    *("苗头性问题", "倾向性问题", "重大风险", "重大困难", "工作挫折", "不良反映", "矛盾分歧", "纪律处分"),
    *("失联重新纳入", "批准预备", "转正", "延期转正", "本人提出", "表彰", "重用", "民主评议反馈"),
}
# Those who hold, or have just left, a post that the 党委 decides about.
_LEADING = {
    ("SYJ-SQ", 0),
    ("SYJ-CS", 0),
    ("SYJ-CS", 4),
    ("SYJ-JJ", 0),
    ("SYJ-HC", 0),
    ("SYJ-HD", 0),
    ("SYJ-WL", 0),
}
_NATURE = {
    "岗位变动": "任职",
    "新提拔": "任职",
    "组织处理": "教育",
    "纪律处分": "教育",
    "失联重新纳入": "教育",
    "批准预备": "教育",
    "转正": "教育",
    "延期转正": "教育",
    "家庭变故": "关怀",
    "重大困难": "关怀",
    "工作挫折": "关怀",
    "苗头性问题": "提醒",
    "倾向性问题": "提醒",
    "矛盾分歧": "提醒",
    "重大风险": "廉政",
    "关键环节": "廉政",
    "关键节点": "廉政",
    "递交入党申请": "入党",
    "表彰": "勉励",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """A case with its code and its person."""

    code: str
    case: Case
    person: Person


def happenings(roster: Roster) -> list[Happening]:
    """All cases, numbered in the order of the day on which they became known."""
    ordered = sorted(CASES, key=lambda case: (case.known_on, CASES.index(case)))
    return [
        Happening(f"E{number:03d}", case, _person(roster, case))
        for number, case in enumerate(ordered, start=1)
    ]


def _person(roster: Roster, case: Case) -> Person:
    return roster.leaders[case.branch] if case.place < 0 else roster.at(case.branch, case.place)


def event_rows(roster: Roster) -> list[Row]:
    """The sheet 事件."""
    return [
        Row(
            事件编号=item.code,
            党员编号=item.person.code,
            事件类型=item.case.kind,
            发生日期=item.case.happened_on,
            知悉日期=item.case.known_on,
            情况说明=item.case.note,
        )
        for item in happenings(roster)
    ]


def write_event_talks(roster: Roster, diary: Diary) -> None:
    """The talks that followed the events."""
    for item in happenings(roster):
        if item.case.course in ("held", "late", "group", "colleague", "booked"):
            diary.put(_talk(roster, item))


def _talk(roster: Roster, item: Happening) -> Talk:
    case, person = item.case, item.person
    planned = case.course == "booked"
    subjects = [person]
    if case.course == "group":
        subjects += [other for other in _colleagues(roster, case) if other is not person][:2]
    said = (
        Said(f"{case.kind}谈话")
        if planned
        else Said(f"{case.kind}谈话", case.said, case.suggested, case.promised)
    )
    visited = case.kind in ("家庭变故", "重大困难")
    return Talk(
        held_on=_day(case, planned=planned),
        talkers=(_talker(roster, case, person),),
        subjects=subjects,
        said=said,
        kind=_NATURE.get(case.kind, "交流"),
        form="上门走访" if visited else "电话" if person.floating else "面对面",
        mode="一对多" if len(subjects) > 1 else "一对一",
        place="家中" if visited else "局机关小会议室" if case.place <= 0 else _place(case.branch),
        state="计划" if planned else "已确认" if case.course == "held" else "已记录",
        recorder=None,
    )


def _day(case: Case, *, planned: bool) -> date:
    """The day of the talk: so many days after it was known, on a working day."""
    day = date.fromisoformat(case.known_on) + timedelta(days=case.after)
    if planned:
        return max(day, PLANNED_FROM)
    if case.kind in ("家庭变故", "重大困难"):
        return day
    return workdays(day, min(day + timedelta(days=12), RECORDED_UNTIL))[0]


def _talker(roster: Roster, case: Case, person: Person) -> Person:
    """Who holds the talk: 党委书记, secretary, liaison, a committee member, or a mere colleague."""
    leading = case.place < 0 or (case.branch, case.place) in _LEADING
    if leading and case.kind in _BY_AUTHORITY | _BY_PRINCIPAL:
        return roster.leaders["secretary"]
    branch = next(branch for branch in BRANCHES if branch.code == case.branch)
    if case.course == "colleague":
        return next(other for other in ordinary_of(roster, branch) if other is not person)
    team = team_of(roster, branch)
    if case.kind in _BY_AUTHORITY | _BY_PRINCIPAL:
        return team.secretary
    if case.kind == "家庭变故" and case.branch in ("SYJ-BB", "SYJ-LT"):
        return team.secretary
    if branch.code == LIAISON_BRANCH:
        return liaison_of(roster, case.place)
    return team.members[1]


def _colleagues(roster: Roster, case: Case) -> list[Person]:
    branch = next(branch for branch in BRANCHES if branch.code == case.branch)
    return ordinary_of(roster, branch)


def _place(branch: str) -> str:
    return next(item.places[0] for item in BRANCHES if item.code == branch)
