"""The demonstration as rows: the same every time, complete, readable, credible."""

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

from talks.management.demonstration.organisations import Row
from talks.management.demonstration.workbook import demonstration_sheets
from talks.rules.exchange.cells import read_cell
from talks.rules.exchange.columns import SHEETS
from talks.rules.presets import EVENT_KINDS
from tests.guards import ROOT

Sheets = dict[str, list[Row]]


@pytest.fixture(scope="module")
def sheets() -> Sheets:
    return demonstration_sheets()


def test_it_is_the_same_every_time(sheets: Sheets) -> None:
    program = (
        "import json; from talks.management.demonstration.workbook import demonstration_sheets; "
        "print(json.dumps(demonstration_sheets()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert json.loads(run.stdout) == sheets


def test_every_sheet_has_exactly_its_columns_and_can_be_read(sheets: Sheets) -> None:
    assert list(sheets) == [form.name for form in SHEETS]
    for form in SHEETS:
        for row in sheets[form.name]:
            assert list(row) == [column.name for column in form.columns]
            for column in form.columns:
                read_cell(row[column.name], column)


def test_it_has_the_size_that_the_text_tells(sheets: Sheets) -> None:
    kinds = Counter(row["组织类型"] for row in sheets["党组织"])
    assert kinds == {"党委": 1, "党支部": 16, "临时党支部": 1}
    people = {row["党员编号"]: row for row in sheets["党员"]}
    assert 250 <= len(people) <= 270
    categories = Counter(row["党员类别"] for row in people.values())
    assert set(categories) == {"正式党员", "预备党员", "发展对象", "入党积极分子", "入党申请人", "群众"}
    assert 480 <= len(sheets["谈话"]) <= 520


def test_everybody_below_one_committee_and_nobody_twice_at_one_time(sheets: Sheets) -> None:
    superiors = {row["组织编码"]: row["上级组织编码"] for row in sheets["党组织"]}
    assert Counter(superiors.values()) == {"": 1, "SYJ": 17}
    stays: dict[str, list[tuple[str, str]]] = {}
    for row in sheets["党员"]:
        stays.setdefault(row["党员编号"], []).append((row["转入日期"], row["转出日期"]))
    for spans in stays.values():
        assert all(earlier[1] and earlier[1] <= later[0] for earlier, later in pairwise(sorted(spans)))


def test_names_are_unique_and_some_of_them_rare(sheets: Sheets) -> None:
    names = Counter({row["党员编号"]: row["姓名"] for row in sheets["党员"]}.values())
    assert max(names.values()) == 1
    assert all(sign in "".join(names) for sign in "镕堃喆珺璟䶮㛃燊·")


def test_nobody_can_be_reached_by_what_the_roster_says(sheets: Sheets) -> None:
    assert {row["公民身份号码"] for row in sheets["党员"]} == {""}
    assert {(row["手机号码"][:3], len(row["手机号码"])) for row in sheets["党员"]} == {("120", 11)}


def test_every_kind_of_event_happens_and_is_described(sheets: Sheets) -> None:
    kinds = {row["事件类型"] for row in sheets["事件"]}
    assert kinds == {*EVENT_KINDS, "长期野外作业"}
    assert all(row["情况说明"] for row in sheets["事件"])


def test_nothing_is_recorded_after_the_last_day(sheets: Sheets) -> None:
    last = {state: max(row["谈话日期"] for row in sheets["谈话"] if row["状态"] == state)
            for state in ("已记录", "已确认", "办结", "取消")}  # fmt: skip
    assert max(last.values()) <= "2026-11-20"
    planned = [row["谈话日期"] for row in sheets["谈话"] if row["状态"] == "计划"]
    assert min(planned) == "2026-11-23"
    assert all(not row["谈话内容"] for row in sheets["谈话"] if row["状态"] in ("计划", "取消"))


def test_nobody_is_in_two_talks_at_one_time_but_for_the_case_that_an_inspector_is_to_find(
    sheets: Sheets,
) -> None:
    places: dict[tuple[str, str, str], list[str]] = {}
    for row in sheets["谈话"]:
        for code in f"{row['谈话人编号']}、{row['谈话对象编号']}".split("、"):
            if code:
                places.setdefault((code, row["谈话日期"], row["开始时间"]), []).append(row["谈话编号"])
    twice = [key for key, talks in places.items() if len(talks) > 1]
    assert [key[1:] for key in twice] == [("2026-10-14", "15:10")]


def test_one_branch_copies_and_enters_in_one_evening(sheets: Sheets) -> None:
    copied = Counter(row["谈话内容"] for row in sheets["谈话"] if row["谈话内容"]).most_common(3)
    assert copied[0][1] >= 10
    assert copied[2][1] == 1
    branches = {row["党员编号"]: row["所在组织编码"] for row in sheets["党员"]}
    copies = [row for row in sheets["谈话"] if row["谈话内容"] == copied[0][0]]
    assert {branches[row["谈话对象编号"].split("、")[0]] for row in copies} == {"SYJ-BB"}
    assert {row["录入时间"][:10] for row in copies} == {"2026-11-19"}


def test_codes_count_up(sheets: Sheets) -> None:
    assert [row["谈话编号"] for row in sheets["谈话"]] == [
        f"T{number:04d}" for number in range(1, len(sheets["谈话"]) + 1)
    ]
    days = [row["谈话日期"] for row in sheets["谈话"]]
    assert days == sorted(days)


def test_requests_stand_in_every_state(sheets: Sheets) -> None:
    states = {row["状态"] for row in sheets["约谈申请"]}
    assert states == {"待答复", "已接受", "另约", "已转交", "已谈", "已撤回"}
    known = {row["谈话编号"] for row in sheets["谈话"]}
    assert all(
        row["谈话编号"] in known for row in sheets["约谈申请"] if row["状态"] in ("已谈", "已接受", "另约")
    )
