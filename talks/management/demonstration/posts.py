"""任职, 分管 and 联系党员 of 上游局, with what changed in 2026: who retired, who was promoted, who moved."""

from dataclasses import dataclass

from talks.management.demonstration.organisations import BRANCHES, COMMITTEE, FIELD_BRANCH, Branch, Row
from talks.management.demonstration.people import FIELD_FROM, Person, Roster

_TEAM_TITLES = {
    5: ("党支部书记", "党支部副书记", "组织委员", "宣传委员", "纪检委员"),
    3: ("党支部书记", "组织委员", "宣传委员兼纪检委员"),
}
# The branches were set up anew on the first of January and elected their committees in the week after.
_ELECTED = "2026-01-05"
_LEADER_POSTS: tuple[tuple[str, str, str, str], ...] = (
    ("secretary", "党委书记", "2022-08-01", ""),
    ("director", "党委副书记、局长", "2023-02-10", ""),
    ("stations", "党委委员、副局长", "2021-06-15", ""),
    ("survey", "党委委员、副局长", "2023-09-01", ""),
    ("discipline", "党委委员、纪委书记", "2022-11-20", ""),
    ("engineer", "党委委员、总工程师", "2024-01-08", ""),
    ("forecast", "党委委员、副局长", "2026-06-01", ""),
    ("retired", "党委委员、副局长", "2018-04-12", "2026-06-01"),
)
_PORTFOLIOS: tuple[tuple[str, str, str, str], ...] = (
    ("secretary", "D01", "2022-08-01", ""),
    ("director", "D02 D04", "2023-02-10", ""),
    ("stations", "D13 D14 D15 D16", "2021-06-15", ""),
    ("survey", "D06 D10 D17 D18", "2023-09-01", ""),
    ("discipline", "D03 D19 D20", "2022-11-20", ""),
    ("engineer", "D07 D09 D11", "2024-01-08", ""),
    ("retired", "D05 D08 D12", "2018-04-12", "2026-06-01"),
    ("forecast", "D05 D08 D12", "2026-06-01", ""),
)
# Head of a department: department, branch and place of the head, title, from.
_HEADS: tuple[tuple[str, str, int, str, str], ...] = (
    ("D01", "SYJ-JG1", 0, "党群办公室主任", "2022-09-01"),
    ("D02", "SYJ-JG1", 1, "办公室主任", "2021-03-01"),
    ("D03", "SYJ-JG2", 0, "人事科科长", "2023-04-01"),
    ("D04", "SYJ-JG2", 1, "财务科科长", "2020-07-01"),
    ("D05", "SYJ-JG3", 0, "水情科科长", "2022-01-10"),
    ("D06", "SYJ-JG3", 1, "勘测科科长", "2023-05-15"),
    ("D07", "SYJ-JG3", 2, "站网监测科科长", "2024-02-01"),
    ("D08", "SYJ-SQ", 0, "水情预报中心主任", "2026-06-15"),
    ("D09", "SYJ-SZ", 0, "水环境监测中心主任", "2021-10-01"),
    ("D10", "SYJ-HD", 0, "河道勘测中心主任", "2022-05-01"),
    ("D11", "SYJ-JS", 0, "水文技术研究室主任", "2024-12-01"),
    ("D12", "SYJ-XX", 0, "信息中心主任", "2023-03-01"),
    ("D13", "SYJ-HC", 0, "合川分局局长", "2021-08-01"),
    ("D14", "SYJ-BB", 0, "北碚分局局长", "2022-03-01"),
    ("D15", "SYJ-JJ", 0, "江津分局局长", "2026-08-15"),
    ("D16", "SYJ-CS", 0, "长寿分局局长", "2026-08-01"),
    ("D17", "SYJ-WL", 0, "武隆分局局长", "2024-11-01"),
    ("D18", "SYJ-NX", 0, "南溪分局局长", "2023-07-01"),
    ("D19", "SYJ-HQ", 0, "后勤服务中心主任", "2022-06-01"),
    ("D20", "SYJ-LT", 0, "离退休工作科科长", "2023-01-15"),
)
# Committee members who came in the middle of the year, by branch and place; all others since the election.
_CAME_LATER = {
    ("SYJ-SQ", 0): "2026-06-20",
    ("SYJ-JJ", 0): "2026-09-10",
    ("SYJ-CS", 0): "2026-08-10",
    ("SYJ-XX", 2): "2026-09-01",
}
_KEY_HEADS = {
    "D02": "采购审批岗位",
    "D04": "资金支付岗位",
    "D06": "项目管理岗位",
    "D19": "物业服务管理岗位",
}
# 重点岗位 of the bureau and of the branches that look after material and money themselves.
_KEY_STAFF: tuple[tuple[str, int, str, str], ...] = (
    ("SYJ-JG1", 9, COMMITTEE, "采购管理员"),
    ("SYJ-JG2", 3, COMMITTEE, "主办会计"),
    ("SYJ-JG2", 5, COMMITTEE, "出纳"),
    ("SYJ-XX", 5, COMMITTEE, "系统运维员（重要数据）"),
    ("SYJ-HC", 8, "SYJ-HC", "物资采购员"),
    ("SYJ-HD", 9, "SYJ-HD", "设备管理员"),
    ("SYJ-BB", 6, "SYJ-BB", "物资采购员"),
    ("SYJ-JJ", 5, "SYJ-JJ", "物资采购员"),
    ("SYJ-WL", 6, "SYJ-WL", "物资采购员"),
    ("SYJ-NX", 5, "SYJ-NX", "物资采购员"),
    ("SYJ-CS", 6, "SYJ-CS", "物资采购员"),
    ("SYJ-LT", 0, COMMITTEE, "活动经费管理"),
)
_OFFICES = {"D01", "D02", "D03", "D04", "D05", "D06", "D07"}
# 合川分局 has a liaison for everybody; 机关第一党支部 has taken it over for some.
LIAISON_BRANCH = "SYJ-HC"
_ALSO_LIAISON = "SYJ-JG1"


@dataclass(frozen=True, slots=True)
class Team:
    """The committee of a branch as it stands since the autumn, secretary first."""

    members: tuple[Person, ...]

    @property
    def secretary(self) -> Person:
        """The principal."""
        return self.members[0]


def team_of(roster: Roster, branch: Branch) -> Team:
    """The committee of the branch."""
    return Team(tuple(roster.at(branch.code, place) for place in range(branch.team)))


def ordinary_of(roster: Roster, branch: Branch) -> list[Person]:
    """Party members of the branch who are not on its committee."""
    team = team_of(roster, branch).members
    return [person for person in roster.of(branch.code) if person.in_party and person not in team]


def _row(
    person: Person,
    organisation: str,
    title: str,
    since: str,
    until: str = "",
    *,
    department: str = "",
    flags: str = "",
) -> Row:
    """A row of 任职; `flags` holds letters of t(eam), p(rincipal), h(ead), k(ey)."""
    return Row(
        党员编号=person.code,
        组织编码=organisation,
        职务=title,
        单位编码=department,
        班子成员="是" if "t" in flags else "否",
        主要负责同志="是" if "p" in flags else "否",
        部门主要负责人="是" if "h" in flags else "否",
        重点岗位="是" if "k" in flags else "否",
        任职日期=since,
        免职日期=until,
    )


def post_rows(roster: Roster) -> list[Row]:
    """The sheet 任职."""
    leaders = [
        _row(roster.leaders[key], COMMITTEE, title, since, until, flags="tp" if key == "secretary" else "t")
        for key, title, since, until in _LEADER_POSTS
    ]
    heads = [
        _row(
            roster.at(branch, place),
            COMMITTEE,
            title,
            since,
            department=department,
            flags="h",
        )
        for department, branch, place, title, since in _HEADS
    ]
    return [
        *leaders,
        *heads,
        *_committees(roster),
        *_former_posts(roster),
        *_key_posts(roster),
        *_staff(roster),
    ]


def _committees(roster: Roster) -> list[Row]:
    rows = []
    for branch in BRANCHES:
        elected = FIELD_FROM if branch.code == FIELD_BRANCH else _ELECTED
        for place, title in enumerate(_TEAM_TITLES[branch.team]):
            since = _CAME_LATER.get((branch.code, place), elected)
            flags = "tp" if place == 0 else "t"
            rows.append(_row(roster.at(branch.code, place), branch.code, title, since, flags=flags))
    return rows


def _former_posts(roster: Roster) -> list[Row]:
    """Posts that ended in 2026."""
    promoted, moved = roster.leaders["forecast"], roster.at("SYJ-CS", 0)
    stepped_down, replaced = roster.at("SYJ-CS", 4), roster.at("SYJ-XX", 3)
    deputy = roster.at("SYJ-JJ", 0)
    return [
        _row(
            promoted, COMMITTEE, "水情预报中心主任", "2019-05-01", "2026-06-01", department="D08", flags="h"
        ),
        _row(promoted, "SYJ-SQ", "党支部书记", _ELECTED, "2026-06-20", flags="tp"),
        _row(
            roster.at("SYJ-SQ", 0),
            COMMITTEE,
            "水情预报中心副主任",
            "2021-04-01",
            "2026-06-15",
            department="D08",
        ),
        _row(moved, COMMITTEE, "江津分局局长", "2020-09-01", "2026-08-01", department="D15", flags="h"),
        _row(moved, "SYJ-JJ", "党支部书记", _ELECTED, "2026-08-05", flags="tp"),
        _row(deputy, COMMITTEE, "江津分局副局长", "2022-02-01", "2026-08-15", department="D15"),
        _row(
            stepped_down, COMMITTEE, "长寿分局局长", "2017-03-01", "2026-08-01", department="D16", flags="h"
        ),
        _row(stepped_down, "SYJ-CS", "党支部书记", _ELECTED, "2026-08-10", flags="tp"),
        _row(replaced, "SYJ-XX", "宣传委员兼纪检委员", _ELECTED, "2026-09-01", flags="t"),
    ]


def _key_posts(roster: Roster) -> list[Row]:
    named = [
        (roster.at(branch, place), COMMITTEE, _KEY_HEADS[department])
        for department, branch, place, _, _ in _HEADS
        if department in _KEY_HEADS
    ]
    named += [
        (roster.at(branch, place), organisation, title) for branch, place, organisation, title in _KEY_STAFF
    ]
    named.append((roster.leaders["secretary"], COMMITTEE, "重大事项决策岗位"))
    return [_row(person, organisation, title, _ELECTED, flags="k") for person, organisation, title in named]


def _staff(roster: Roster) -> list[Row]:
    """Everybody who works in an office of the bureau and does not head it; units keep their own lists."""
    heads = {(department, roster.at(branch, place).code) for department, branch, place, _, _ in _HEADS}
    key = {roster.at(branch, place).code for branch, place, at, _ in _KEY_STAFF if at == COMMITTEE}
    return [
        _row(
            person,
            COMMITTEE,
            person.job,
            f"{max(person.born.year + 24, 2008)}-07-01",
            department=person.department,
        )
        for person in roster.people
        if person.department in _OFFICES
        and (person.department, person.code) not in heads
        and person.code not in key
    ]


def portfolio_rows(roster: Roster) -> list[Row]:
    """The sheet 分管."""
    return [
        Row(党员编号=roster.leaders[key].code, 单位编码=department, 开始日期=since, 结束日期=until)
        for key, departments, since, until in _PORTFOLIOS
        for department in departments.split()
    ]


def liaison_of(roster: Roster, place: int) -> Person:
    """Who of the committee of 合川分局 keeps in contact with the member at that place."""
    return roster.at(LIAISON_BRANCH, place % 5)


def liaison_rows(roster: Roster) -> list[Row]:
    """The sheet 联系党员."""
    rows = []
    for place, person in enumerate(roster.of(LIAISON_BRANCH)):
        if place < 5:
            continue
        since = max("2026-01-20", person.stays[-1][1])
        handed_over = place == 14
        keeper = liaison_of(roster, place)
        rows.append(_liaison(keeper, person, since, "2026-09-01" if handed_over else ""))
        if handed_over:
            rows.append(_liaison(roster.at(LIAISON_BRANCH, 2), person, "2026-09-01"))
    for place in range(5, 11):
        keeper, person = roster.at(_ALSO_LIAISON, place % 5), roster.at(_ALSO_LIAISON, place)
        rows.append(_liaison(keeper, person, "2026-04-01"))
    return rows


def _liaison(keeper: Person, person: Person, since: str, until: str = "") -> Row:
    return Row(支委编号=keeper.code, 党员编号=person.code, 开始日期=since, 结束日期=until)


def heads_by_leader(roster: Roster) -> list[tuple[Person, Person]]:
    """Each member of the 党委 team with each head of a department in the portfolio, as they stand today."""
    heads = {department: roster.at(branch, place) for department, branch, place, _, _ in _HEADS}
    return [
        (roster.leaders[key], heads[department])
        for key, departments, _, until in _PORTFOLIOS
        if not until
        for department in departments.split()
    ]


def key_staff(roster: Roster) -> list[tuple[Person, str, Person]]:
    """Holders of key posts: who, in which organisation, and the principal of the branch."""
    secretaries = {branch.code: team_of(roster, branch).secretary for branch in BRANCHES}
    heads = [
        (roster.at(branch, place), COMMITTEE, secretaries[branch])
        for department, branch, place, _, _ in _HEADS
        if department in _KEY_HEADS
    ]
    staff = [
        (roster.at(branch, place), organisation, secretaries[branch])
        for branch, place, organisation, _ in _KEY_STAFF
    ]
    return heads + staff
