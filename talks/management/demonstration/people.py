"""The people of 上游局: who they are, and with which branch they are affiliated."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from talks.management.demonstration.names import SPECIAL, Name, Names
from talks.management.demonstration.organisations import (
    BRANCHES,
    DEPARTMENTS,
    FIELD_BRANCH,
    FIELD_HOME,
    Branch,
    Row,
)

RETIRED = "SYJ-LT"
FIELD_FROM = "2026-03-02"


@dataclass(slots=True)
class Person:
    """A row of 党员. `branch` is the one of today, `stays` all of them: organisation, from, until."""

    code: str
    name: str
    sex: str
    category: str
    branch: str
    department: str
    job: str
    born: date
    ethnicity: str
    education: str
    joined: date | None = None
    full: date | None = None
    floating: bool = False
    in_difficulty: bool = False
    frail: bool = False
    remark: str = ""
    stays: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def in_party(self) -> bool:
        """正式党员 or 预备党员."""
        return self.category in ("正式党员", "预备党员")


@dataclass(frozen=True, slots=True)
class Leader:
    """One of the 党委 team, or who left it this year, and the branch where this person is a member."""

    key: str
    name: str
    sex: str
    born: date
    branch: str
    job: str


LEADERS: tuple[Leader, ...] = (
    Leader("secretary", "沈怀川", "男", date(1969, 5, 12), "SYJ-JG1", "党委书记"),
    Leader("director", "顾明达", "男", date(1971, 9, 3), "SYJ-JG2", "局长"),
    Leader("stations", "柏永川", "男", date(1972, 2, 18), "SYJ-JG3", "副局长"),
    Leader("survey", "毕远山", "男", date(1974, 11, 26), "SYJ-HD", "副局长"),
    Leader("discipline", "阮静宜", "女", date(1973, 7, 9), "SYJ-JG1", "纪委书记"),
    Leader("engineer", "骆正言", "男", date(1975, 3, 30), "SYJ-JS", "总工程师"),
    Leader("forecast", "苏砚秋", "女", date(1978, 10, 15), "SYJ-SQ", "副局长"),
    Leader("retired", "范仲平", "男", date(1966, 5, 20), "SYJ-LT", "退休干部"),
)
# Names that stories are told about; everybody else's comes from the pool. Branch, place in it, name, sex.
NAMED: dict[tuple[str, int], Name] = {
    ("SYJ-HC", 0): Name("陆秉川", "男"),
    ("SYJ-HC", 1): Name("沈若楠", "女"),
    ("SYJ-HD", 0): Name("梁志远", "男"),
    (FIELD_BRANCH, 0): Name("石磊川", "男"),
    ("SYJ-JG1", 0): Name("何静澜", "女"),
    ("SYJ-CS", 0): Name("邹凯平", "男"),
}
# Those with rare names stand in these places (branch, place in it).
SPECIAL_PLACES = (
    ("SYJ-HC", 2),
    ("SYJ-SQ", 1),
    ("SYJ-HD", 6),
    ("SYJ-JG2", 2),
    ("SYJ-HC", 7),
    ("SYJ-BB", 0),
    ("SYJ-SZ", 5),
    ("SYJ-NX", 4),
    ("SYJ-XX", 4),
    ("SYJ-JG1", 7),
    ("SYJ-JS", 0),
    ("SYJ-WL", 5),
    ("SYJ-HC", 11),
    ("SYJ-JG3", 8),
)
# 流动党员 (away for six months or more), 困难党员, 年老体弱: branch, place, what the roster remarks.
FLOATING = {
    (RETIRED, 7): "随子女居住昆明",
    (RETIRED, 15): "随子女居住珠海",
    ("SYJ-HQ", 8): "外派市外项目部满六个月",
    ("SYJ-HD", 12): "长期派驻上游测区",
}
IN_DIFFICULTY = {
    (RETIRED, 9): "",
    (RETIRED, 18): "",
    ("SYJ-HQ", 6): "",
    ("SYJ-WL", 7): "",
    ("SYJ-HC", 15): "",
}
FRAIL = {(RETIRED, place) for place in (8, 11, 12, 14, 16, 19, 21, 22)}
# Came from another branch, from outside, or left: branch, place -> stays (organisation, from, until).
MOVED: dict[tuple[str, int], list[tuple[str, str, str]]] = {
    ("SYJ-CS", 0): [("SYJ-JJ", "", "2026-08-05"), ("SYJ-CS", "2026-08-05", "")],
    ("SYJ-HC", 20): [("SYJ-HC", "2026-07-20", "")],
    ("SYJ-XX", 8): [("SYJ-XX", "2026-07-20", "")],
    ("SYJ-JG2", 10): [("SYJ-JG2", "", "2026-07-01")],
}
# Whose way into the party an event tells of: 入党日期, 转正日期.
_JOINED: dict[tuple[str, int], tuple[date, date | None]] = {
    ("SYJ-HD", 14): (date(2025, 6, 20), date(2026, 6, 20)),
    ("SYJ-SZ", 12): (date(2025, 5, 10), None),
    ("SYJ-HC", 20): (date(2022, 5, 20), date(2023, 5, 20)),
    ("SYJ-XX", 8): (date(2023, 11, 10), date(2024, 11, 10)),
}
RETIRED_LEADER_STAYS = [("SYJ-JG3", "", "2026-06-10"), (RETIRED, "2026-06-10", "")]
_EDUCATION = ("大专", "大学本科", "大学本科", "大学本科", "硕士研究生", "硕士研究生", "博士研究生")
_MINORITIES = ("土家族", "苗族", "彝族", "回族", "土家族")
_TITLES = {department.code: department.jobs for department in DEPARTMENTS}


class Roster:
    """Everybody, findable by branch and place in it; the first places of a branch are its committee."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.leaders: dict[str, Person] = {}
        self._branches: dict[str, list[Person]] = {branch.code: [] for branch in BRANCHES}
        self._random = Random("党员")
        self._names = Names()
        for leader in LEADERS:
            person = self._leader(leader)
            self.people.append(person)
            self.leaders[leader.key] = person
        for branch in BRANCHES:
            self._fill(branch)

    def at(self, branch: str, place: int) -> Person:
        """Who stands at that place of the branch (leaders come last)."""
        return self._branches[branch][place]

    def of(self, branch: str) -> list[Person]:
        """Everybody who belongs to the branch today, committee first."""
        return [person for person in self._branches[branch] if not person.stays[-1][2]]

    def _number(self) -> str:
        return f"P{len(self.people) + 1:03d}"

    def _leader(self, leader: Leader) -> Person:
        joined = leader.born + timedelta(days=365 * 26 + 40)
        return Person(
            code=self._number(),
            name=leader.name,
            sex=leader.sex,
            category="正式党员",
            branch=leader.branch,
            department="",
            job=leader.job,
            born=leader.born,
            ethnicity="汉族",
            education="硕士研究生",
            joined=joined,
            full=joined.replace(year=joined.year + 1),
            stays=RETIRED_LEADER_STAYS if leader.key == "retired" else [(leader.branch, "", "")],
        )

    def _fill(self, branch: Branch) -> None:
        leaders = [person for person in self.leaders.values() if person.branch == branch.code]
        categories = [
            *["正式党员"] * (branch.full - len(leaders)),
            *["预备党员"] * branch.probationary,
            *branch.others,
        ]
        for place, category in enumerate(categories):
            person = self._person(branch, place, category)
            self.people.append(person)
            self._branches[branch.code].append(person)
        self._branches[branch.code] += leaders

    def _person(self, branch: Branch, place: int, category: str) -> Person:
        age = self._age(branch, place, category)
        name, ethnicity = self._name(branch, place, age)
        department = branch.departments[place % len(branch.departments)]
        titles = _TITLES[department]
        born = self._born(age)
        spot = (branch.code, place)
        person = Person(
            code=self._number(),
            name=name.text,
            sex=name.sex,
            category=category,
            branch=branch.code,
            department=department,
            job=titles[place // len(branch.departments) % len(titles)],
            born=born,
            ethnicity=ethnicity,
            education=self._random.choice(_EDUCATION if age != "old" else _EDUCATION[:4]),
            floating=spot in FLOATING,
            in_difficulty=spot in IN_DIFFICULTY,
            frail=spot in FRAIL,
            remark=FLOATING.get(spot, ""),
            stays=self._stays(branch, place),
        )
        self._join(person, spot)
        return person

    def _age(self, branch: Branch, place: int, category: str) -> str:
        if branch.code == RETIRED and place > 0:
            return "old"
        if place < branch.team:
            return "mid"
        if category != "正式党员":
            return "young"
        return self._random.choice(("mid", "mid", "young"))

    def _name(self, branch: Branch, place: int, age: str) -> tuple[Name, str]:
        spot = (branch.code, place)
        if spot in SPECIAL_PLACES:
            text, sex, ethnicity = SPECIAL[SPECIAL_PLACES.index(spot)]
            return Name(text, sex), ethnicity
        ethnicity = self._random.choice(_MINORITIES) if self._random.random() < 0.1 else "汉族"
        if spot in NAMED:
            return NAMED[spot], ethnicity
        sex = "女" if self._random.random() < 0.36 else "男"
        return self._names.next(age, sex), ethnicity

    def _born(self, age: str) -> date:
        first, last = {"old": (1941, 1964), "mid": (1967, 1985), "young": (1986, 2001)}[age]
        year = self._random.randint(first, last)
        return date(year, self._random.randint(1, 12), self._random.randint(1, 28))

    def _join(self, person: Person, spot: tuple[str, int]) -> None:
        """Sets 入党日期 and 转正日期 of party members."""
        if spot in _JOINED:
            person.joined, person.full = _JOINED[spot]
        elif person.category == "预备党员":
            person.joined = date(2025, 12, 19) if person.branch == "SYJ-JG3" else date(2026, 6, 26)
        elif person.category == "正式党员":
            year = min(person.born.year + self._random.randint(21, 33), 2024)
            person.joined = date(year, self._random.choice((1, 6, 7, 12)), self._random.randint(1, 28))
            person.full = person.joined.replace(year=year + 1)

    def _stays(self, branch: Branch, place: int) -> list[tuple[str, str, str]]:
        if branch.code == FIELD_BRANCH:
            return [(FIELD_HOME, "", FIELD_FROM), (FIELD_BRANCH, FIELD_FROM, "")]
        return MOVED.get((branch.code, place), [(branch.code, "", "")])


def _yes(value: bool) -> str:
    return "是" if value else "否"


def member_rows(roster: Roster) -> list[Row]:
    """The sheet 党员: one row for each affiliation."""
    return [
        Row(
            党员编号=person.code,
            姓名=person.name,
            党员类别=person.category,
            所在组织编码=organisation,
            转入日期=since,
            转出日期=until,
            性别=person.sex,
            民族=person.ethnicity,
            出生日期=person.born.isoformat(),
            学历=person.education,
            入党日期=person.joined.isoformat() if person.joined else "",
            转正日期=person.full.isoformat() if person.full else "",
            # 120 is not a prefix of mobile phones: nobody is reached by these numbers.
            手机号码=f"120{int(person.code[1:]) * 7919 % 10**8:08d}",
            公民身份号码="",
            工作岗位=person.job,
            流动党员=_yes(person.floating),
            困难党员=_yes(person.in_difficulty),
            年老体弱=_yes(person.frail),
            备注=person.remark,
        )
        for person in roster.people
        for organisation, since, until in person.stays
    ]
