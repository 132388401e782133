"""Cases worked out by hand from rules.md, from the workbook in to the JSON of `duties` out.

Nothing here knows the engine. A case gives rows of the exchange workbook and a day, and states what is owed.
"""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from openpyxl import Workbook

Rows = dict[str, list[dict[str, Any]]]
Line = tuple[str, str, str, str, str | None, str | None, str, str, str, str | None]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """A recorded talk after today is refused: the cases are imported on a day when all have been held."""
    with time_machine.travel("2027-02-01 10:00+08:00", tick=True):
        yield


def organisation(code: str, kind: str, superior: str = "", **more: str) -> dict[str, Any]:
    return {"组织编码": code, "组织名称": f"{code}组织", "组织类型": kind, "上级组织编码": superior, **more}


def member(code: str, at: str, category: str = "正式党员", **more: str) -> dict[str, Any]:
    return {"党员编号": code, "姓名": f"{code}同志", "党员类别": category, "所在组织编码": at, **more}


def post(code: str, at: str, flags: str = "", since: str = "2020-01-01", **more: str) -> dict[str, Any]:
    """`flags`: letters of t(eam) p(rincipal) h(ead) k(ey)."""
    names = {"t": "班子成员", "p": "主要负责同志", "h": "部门主要负责人", "k": "重点岗位"}
    marks = {name: "是" if letter in flags else "否" for letter, name in names.items()}
    return {"党员编号": code, "组织编码": at, "职务": "任职", "任职日期": since, **marks, **more}


def event(code: str, who: str, kind: str, happened_on: str, known_on: str = "") -> dict[str, Any]:
    return {
        "事件编号": code,
        "党员编号": who,
        "事件类型": kind,
        "发生日期": happened_on,
        "知悉日期": known_on,
    }


def talk(
    code: str, held_on: str, talkers: str, subjects: str, state: str = "已记录", **more: str
) -> dict[str, Any]:
    return {
        "谈话编号": code,
        "谈话日期": held_on,
        "谈话人编号": talkers,
        "谈话对象编号": subjects,
        "状态": state,
        **more,
    }


def rule(code: str, at: str, trigger: str, pairing: str, since: str, **more: Any) -> dict[str, Any]:
    return {
        "规则代码": code,
        "规则名称": code,
        "适用组织编码": at,
        "适用类型": "全部",
        "触发": trigger,
        "配对": pairing,
        "一对一": "否",
        "生效日期": since,
        **more,
    }


COMMITTEE: Rows = {
    "党组织": [organisation("SYJ", "党委"), organisation("HC", "党支部", "SYJ")],
    "部门单位": [{"单位编码": "D1", "单位名称": "一科", "所属组织编码": "SYJ"}],
    "党员": [member(code, "HC", "群众") for code in ("P1", "P2", "P3", "P4")],
    "任职": [
        post("P1", "SYJ", "tp"),
        post("P2", "SYJ", "t"),
        post("P3", "SYJ", "t"),
        post("P4", "SYJ", "h", 单位编码="D1"),
    ],
    "分管": [{"党员编号": "P2", "单位编码": "D1", "开始日期": "2020-01-01"}],
    "会议": [
        {
            "组织编码": "SYJ",
            "会议类型": "民主生活会",
            "年度": 2026,
            "会议日期": "2026-12-20",
            "谈话开始日期": "2026-11-20",
        }
    ],
}
BRANCH: Rows = {
    "党组织": [organisation("SYJ", "党委"), organisation("HC", "党支部", "SYJ")],
    "部门单位": [{"单位编码": "D1", "单位名称": "一科", "所属组织编码": "SYJ"}],
    "党员": [
        member("P1", "SYJ"),
        member("Q1", "HC"),
        member("Q2", "HC"),
        member("Q3", "HC"),
        member("Q4", "HC"),
    ],
    "任职": [post("P1", "SYJ", "tp"), post("Q1", "HC", "tp"), post("Q2", "HC", "t")],
}
MEETING = "meeting:民主生活会:2026"
YEAR = "period:2026"


def with_rows(base: Rows, **sheets: list[dict[str, Any]]) -> Rows:
    return {name: [*base.get(name, []), *sheets.get(name, [])] for name in {**base, **sheets}}


def owed(rows: Rows, folder: Path, as_of: str, rules: str = "", organisation_code: str = "SYJ") -> list[Line]:
    """Imports the rows and gives the duties as lines; `rules` keeps those whose code begins so."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, lines in rows.items():
        columns = list(dict.fromkeys(column for line in lines for column in line))
        sheet = workbook.create_sheet(name)
        sheet.append(columns)
        for line in lines:
            sheet.append([line.get(column, "") for column in columns])
    path = folder / "case.xlsx"
    workbook.save(path)
    call_command("import_workbook", str(path), stdout=StringIO())
    out = StringIO()
    call_command(
        "duties",
        "--year",
        "2026",
        "--organisation",
        organisation_code,
        "--as-of",
        as_of,
        "--format",
        "json",
        stdout=out,
    )
    answer = json.loads(out.getvalue())
    keys = (
        "rule",
        "organisation",
        "anchor",
        "subject",
        "counterpart",
        "role",
        "opens_on",
        "due_on",
        "state",
        "talk",
    )
    return [tuple(duty[key] for key in keys) for duty in answer["duties"] if duty["rule"].startswith(rules)]


def pair(rule: str, subject: str, counterpart: str, state: str, talk: str | None = None) -> Line:
    """A pair duty of the 民主生活会 of SYJ."""
    return (rule, "SYJ", MEETING, subject, counterpart, None, "2026-11-20", "2026-12-19", state, talk)


TALKS_BEFORE_THE_MEETING = [
    talk("T1", "2026-11-19", "P1", "P2"),  # the day before the window opens
    talk("T2", "2026-12-19", "P2", "P1"),  # its last day, the other way round
    talk("T3", "2026-12-01", "P2", "P3、P4"),  # two subjects: never one-to-one
    talk("T4", "2026-12-20", "P3", "P1"),  # on the day of the meeting: too late
]


def test_three_musts_of_a_committee(tmp_path: Path) -> None:
    assert owed(with_rows(COMMITTEE, 谈话=TALKS_BEFORE_THE_MEETING), tmp_path, "2026-11-23", "three") == [
        pair("three.principal-team", "P2", "P1", "待谈"),
        pair("three.principal-team", "P3", "P1", "待谈"),
        pair("three.team-heads", "P4", "P2", "待谈"),
        pair("three.team-team", "P3", "P2", "待谈"),
    ]


def test_three_musts_after_the_meeting(tmp_path: Path) -> None:
    assert owed(with_rows(COMMITTEE, 谈话=TALKS_BEFORE_THE_MEETING), tmp_path, "2026-12-31", "three") == [
        pair("three.principal-team", "P2", "P1", "已谈", "T2"),
        pair("three.principal-team", "P3", "P1", "逾期"),
        pair("three.team-heads", "P4", "P2", "逾期"),
        pair("three.team-team", "P3", "P2", "逾期"),
    ]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-11-19", []),  # the window is not open
        ("2026-12-14", ["P2"]),  # P5 is not in the team yet
        ("2026-12-15", ["P2", "P5"]),
        ("2026-12-31", ["P2", "P5"]),  # read on the last day of the window, when P5 was still there
    ],
)
def test_memberships_are_read_on_the_reference_day(tmp_path: Path, as_of: str, expected: list[str]) -> None:
    rows = with_rows(
        COMMITTEE,
        党员=[member("P5", "HC", "群众")],
        任职=[post("P5", "SYJ", "t", since="2026-12-15", 免职日期="2026-12-25")],
    )
    rows["任职"] = [line for line in rows["任职"] if line["党员编号"] != "P3"]
    assert [line[3] for line in owed(rows, tmp_path, as_of, "three.principal-team")] == expected


def test_two_principals_owe_one_talk_between_them(tmp_path: Path) -> None:
    rows = with_rows(COMMITTEE)
    rows["任职"] = [post("P1", "SYJ", "tp"), post("P2", "SYJ", "tp"), post("P3", "SYJ", "t")]
    assert [line[:1] + line[3:5] for line in owed(rows, tmp_path, "2026-12-01", "three")] == [
        ("three.principal-team", "P2", "P1"),
        ("three.principal-team", "P3", "P1"),
        ("three.principal-team", "P3", "P2"),
    ]


def test_a_branch_owes_the_year(tmp_path: Path) -> None:
    rows = with_rows(
        BRANCH, 谈话=[talk("T1", "2026-03-05", "Q3", "Q4"), talk("T2", "2026-03-06", "Q2", "Q3、Q4")]
    )
    until = ("2026-01-01", "2026-12-31")
    assert owed(rows, tmp_path, "2026-06-30", "year") == [
        ("year.committee-committee", "HC", YEAR, "Q2", "Q1", None, *until, "待谈", None),
        ("year.committee-member", "HC", YEAR, "Q3", None, "team", *until, "已谈", "T2"),
        ("year.committee-member", "HC", YEAR, "Q4", None, "team", *until, "已谈", "T2"),
        ("year.member-member", "HC", YEAR, "Q3", None, "ordinary", *until, "已谈", "T1"),
        ("year.member-member", "HC", YEAR, "Q4", None, "ordinary", *until, "已谈", "T1"),
    ]


def test_one_ordinary_member_alone_owes_no_talk_to_members(tmp_path: Path) -> None:
    rows = with_rows(BRANCH)
    rows["党员"] = [line for line in rows["党员"] if line["党员编号"] != "Q4"]
    assert owed(rows, tmp_path, "2026-06-30", "year.member-member") == []


@pytest.mark.parametrize(
    ("as_of", "state", "met_by"),
    [
        ("2026-09-29", None, None),  # not known yet
        ("2026-09-30", "已约", None),  # booked for the 12th: after the limit, but event rules are met late
        ("2026-10-10", "已约", None),
        ("2026-10-11", "逾期", None),
        ("2026-10-12", "逾期", None),
        ("2026-10-13", "逾期完成", "T2"),
    ],
)
def test_working_days_of_the_national_holiday(
    tmp_path: Path, as_of: str, state: str | None, met_by: str | None
) -> None:
    """2026: 1 to 7 October off, Saturday the 10th is worked: the third working day after 30 September."""
    rows = with_rows(
        BRANCH,
        事件=[event("E1", "Q3", "家庭变故", "2026-09-30")],
        谈话=[talk("T1", "2026-10-12", "Q1", "Q3", "计划"), talk("T2", "2026-10-13", "Q3", "Q2")],
    )
    line = ("four.family", "HC", "event:E1", "Q3", None, "team", "2026-09-30", "2026-10-10")
    assert owed(rows, tmp_path, as_of, "four") == ([(*line, state, met_by)] if state else [])


AUTHORITY = [
    # who, posts added, the talker, does it count
    ("Q4", [], "Q1", True),  # no post anywhere: the principal of the branch
    ("Q4", [], "Q2", False),
    ("Q1", [], "Q1", None),  # himself the principal: the one above
    ("Q3", [post("Q3", "SYJ", "h", 单位编码="D1")], "Q1", False),  # head of a department of the committee
    ("Q3", [post("Q3", "SYJ", "h", 单位编码="D1")], "P1", True),
    ("Q3", [post("Q3", "SYJ", "h", 单位编码="D1", 免职日期="2026-05-10")], "P1", True),  # just left
    ("Q3", [post("Q3", "SYJ", "h", 单位编码="D1", 免职日期="2026-05-09")], "P1", False),  # left before that
    ("Q3", [post("Q3", "SYJ", "h", 单位编码="D1", 免职日期="2026-05-09")], "Q1", True),
    ("Q3", [post("Q3", "SYJ", "k")], "Q1", True),  # a key post is neither team nor head
]


@pytest.mark.parametrize(("who", "posts", "talker", "counts"), AUTHORITY)
def test_authority(
    tmp_path: Path, who: str, posts: list[dict[str, Any]], talker: str, counts: bool | None
) -> None:
    talker = "P1" if counts is None else talker
    rows = with_rows(
        BRANCH,
        任职=posts,
        事件=[event("E1", who, "岗位变动", "2026-05-10", "2026-05-11")],
        谈话=[talk("T1", "2026-05-12", talker, who)],
    )
    state = ("待谈", None) if counts is False else ("已谈", "T1")
    assert owed(rows, tmp_path, "2026-05-13", "four") == [
        ("four.post-change", "HC", "event:E1", who, None, "authority", "2026-05-11", "2026-05-18", *state)
    ]


@pytest.mark.parametrize(
    ("who", "talker", "counts"), [("Q3", "Q1", False), ("Q3", "Q2", True), ("Q4", "Q1", True)]
)
def test_liaison_and_without_one_the_team(tmp_path: Path, who: str, talker: str, counts: bool) -> None:
    rows = with_rows(
        BRANCH,
        联系党员=[{"支委编号": "Q2", "党员编号": "Q3", "开始日期": "2026-01-01"}],
        规则=[
            rule(
                "hc.care",
                "HC",
                "事件:其他",
                "event",
                "2026-01-01",
                天数=5,
                天数单位="自然日",
                谈话人="联系支委",
            )
        ],
        事件=[event("E1", who, "其他", "2026-05-10")],
        谈话=[talk("T1", "2026-05-12", talker, who)],
    )
    assert owed(rows, tmp_path, "2026-05-13", "hc.care") == [
        (
            "hc.care",
            "HC",
            "event:E1",
            who,
            None,
            "liaison",
            "2026-05-10",
            "2026-05-15",
            "已谈" if counts else "待谈",
            "T1" if counts else None,
        )
    ]


def test_a_lower_version_holds_from_its_day_on(tmp_path: Path) -> None:
    rows = with_rows(
        BRANCH,
        党组织=[organisation("BB", "党支部", "SYJ")],
        党员=[member("B1", "BB")],
        规则=[
            rule(
                "four.discipline",
                "HC",
                "事件:组织处理",
                "event",
                "2026-06-01",
                天数=5,
                天数单位="自然日",
                谈话人="authority",
                一对一="是",
            )
        ],
        事件=[
            event("E1", "Q3", "组织处理", "2026-05-31"),
            event("E2", "Q3", "组织处理", "2026-06-01"),
            event("E3", "B1", "组织处理", "2026-06-01"),
        ],
    )
    assert [(line[2], line[7]) for line in owed(rows, tmp_path, "2026-06-02", "four")] == [
        ("event:E3", "2026-06-08"),
        ("event:E1", "2026-06-07"),
        ("event:E2", "2026-06-06"),
    ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"撤销日期": "2026-07-01"}, ["period:2026-Q1", "period:2026-Q2"]),
        ({"撤销日期": "2026-07-02"}, ["period:2026-Q1", "period:2026-Q2", "period:2026-Q3"]),
        ({"成立日期": "2026-04-01"}, ["period:2026-Q2", "period:2026-Q3"]),
        ({"成立日期": "2026-03-31"}, ["period:2026-Q1", "period:2026-Q2", "period:2026-Q3"]),
    ],
)
def test_an_organisation_owes_from_its_beginning_to_its_end(
    tmp_path: Path, dates: dict[str, str], expected: list[str]
) -> None:
    rows = with_rows(
        BRANCH,
        规则=[rule("q.members", "SYJ", "周期:3", "支委之间", "2026-01-01")],
    )
    rows["党组织"] = [organisation("SYJ", "党委"), organisation("HC", "党支部", "SYJ", **dates)]
    assert [line[2] for line in owed(rows, tmp_path, "2026-08-01", "q.", "HC")] == expected


def test_a_rule_begun_mid_period_first_applies_to_the_next(tmp_path: Path) -> None:
    rows = with_rows(BRANCH, 规则=[rule("m.one", "SYJ", "周期:1", "支委之间", "2026-02-02")])
    assert [line[2] for line in owed(rows, tmp_path, "2026-04-15", "m.", "HC")] == [
        "period:2026-03",
        "period:2026-04",
    ]


@pytest.mark.parametrize(
    ("who", "talkers", "external", "counts"),
    [
        ("P1", "", "上级党组书记", True),  # nobody is above the principal of the top
        ("P1", "Q1", "", False),
        ("P1", "Q1", "上级党组书记", False),  # two talkers: not one-to-one
        ("Q3", "", "上级党组书记", False),  # somebody holds the role
    ],
)
def test_the_head_of_the_topmost_organisation(
    tmp_path: Path, who: str, talkers: str, external: str, counts: bool
) -> None:
    rows = with_rows(
        BRANCH,
        事件=[event("E1", who, "苗头性问题", "2026-03-02")],
        谈话=[talk("T1", "2026-03-03", talkers, who, 外部谈话人=external)],
    )
    at = "SYJ" if who == "P1" else "HC"
    assert owed(rows, tmp_path, "2026-03-04", "four") == [
        (
            "four.signs",
            at,
            "event:E1",
            who,
            None,
            "principal",
            "2026-03-02",
            "2026-03-05",
            "已谈" if counts else "待谈",
            "T1" if counts else None,
        )
    ]


@pytest.mark.parametrize(
    ("category", "joined_on", "rules"),
    [
        ("正式党员", "", ["four.signs"]),
        ("预备党员", "2026-03-02", ["four.signs"]),
        ("预备党员", "2026-03-03", []),  # joins the day after it became known
        ("入党申请人", "", []),
    ],
)
def test_event_asks_for_a_party_member(
    tmp_path: Path, category: str, joined_on: str, rules: list[str]
) -> None:
    rows = with_rows(
        BRANCH,
        党员=[member("Q5", "HC", category, 入党日期=joined_on)],
        事件=[event("E1", "Q5", "苗头性问题", "2026-03-02")],
    )
    assert [line[0] for line in owed(rows, tmp_path, "2026-03-10") if line[2] == "event:E1"] == rules


def test_an_applicant_is_talked_to_by_the_team(tmp_path: Path) -> None:
    rows = with_rows(
        BRANCH,
        党员=[member("Q5", "HC", "入党申请人")],
        事件=[event("E1", "Q5", "递交入党申请", "2026-03-01")],
    )
    assert owed(rows, tmp_path, "2026-04-01", "join") == [
        ("join.applicant", "HC", "event:E1", "Q5", None, "team", "2026-03-01", "2026-03-31", "逾期", None)
    ]


@pytest.mark.parametrize(("as_of", "state"), [("2026-06-09", "待谈"), ("2026-06-10", "免予谈话")])
def test_a_waiver_counts_from_its_approval_on(tmp_path: Path, as_of: str, state: str) -> None:
    waiver = {
        "规则代码": "year.committee-committee",
        "组织编码": "HC",
        "事由标识": YEAR,
        "谈话对象编号": "Q1",
        "对方编号": "Q2",
        "理由": "长期住院",
        "申请人编号": "Q1",
        "批准人编号": "P1",
        "批准日期": "2026-06-10",
    }
    lines = owed(with_rows(BRANCH, 免予谈话=[waiver]), tmp_path, as_of, "year.committee-committee")
    assert [line[8] for line in lines] == [state]


@pytest.mark.parametrize(("as_of", "at"), [("2026-04-30", "HC"), ("2026-05-01", "BB")])
def test_who_moves_is_owed_where_he_is(tmp_path: Path, as_of: str, at: str) -> None:
    rows = with_rows(
        BRANCH,
        党组织=[organisation("BB", "党支部", "SYJ")],
        党员=[member("Q5", "HC", 转出日期="2026-05-01"), member("Q5", "BB", 转入日期="2026-05-01")],
    )
    lines = owed(rows, tmp_path, as_of, "year.committee-member")
    assert [line[1] for line in lines if line[3] == "Q5"] == [at]


def test_staff_of_a_portfolio_where_the_rule_is_switched_on(tmp_path: Path) -> None:
    """S1 works in D1 under P2; P4 heads it; S3's department is in nobody's portfolio."""
    rows = with_rows(
        COMMITTEE,
        部门单位=[{"单位编码": "D2", "单位名称": "二科", "所属组织编码": "SYJ"}],
        党员=[member(code, "HC", "群众") for code in ("S1", "S3")],
        任职=[post("S1", "SYJ", 单位编码="D1"), post("S3", "SYJ", 单位编码="D2")],
        规则=[
            rule("year.leader-staff", "SYJ", "周期:12", "分管范围干部", "2026-01-01", 谈话人="分管领导")
            | {"适用类型": "党委、党组、机关党委、党总支"}
        ],
        谈话=[talk("T1", "2026-02-02", "P1", "S1"), talk("T2", "2026-02-03", "P2、P3", "S1")],
    )
    assert owed(rows, tmp_path, "2026-06-30", "year.leader-staff") == [
        ("year.leader-staff", "SYJ", YEAR, "S1", None, "leader", "2026-01-01", "2026-12-31", "已谈", "T2")
    ]


def test_key_posts_ask_for_party_membership_only(tmp_path: Path) -> None:
    """K1 is of no branch, K2 not of the party; K1 is neither team nor head: the role is of O itself."""
    rows = with_rows(
        BRANCH,
        党员=[member("K1", "HC", 转出日期="2025-01-01"), member("K2", "HC", "群众")],
        任职=[post("K1", "SYJ", "k"), post("K2", "SYJ", "k")],
        谈话=[talk("T1", "2026-02-02", "P1", "K1")],
    )
    assert owed(rows, tmp_path, "2026-06-30", "six") == [
        ("six.key-post", "SYJ", YEAR, "K1", None, "authority", "2026-01-01", "2026-12-31", "已谈", "T1")
    ]
