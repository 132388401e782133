"""「为什么」: what a duty says about itself."""

from datetime import date

import pytest

from talks.rules.calendar import Calendar
from talks.rules.duties import Explanation, NearMiss, explain
from talks.rules.facts import Meeting, Talk, Waiver
from talks.rules.words import DayUnit, Pairing, TalkerRole, TalkState
from tests.talks.rules.worlds import (
    Fact,
    day,
    event,
    on_event,
    owed,
    party,
    post,
    preset,
    talk,
    world,
    yearly,
)

PAIR = (
    preset("life.committee-committee", effective_from=date(2018, 10, 28)),
    Meeting("B", "组织生活会", 2026, day("12-20")),
    post("a", "B", "p"),
    post("b", "B", "t"),
)
EVENT = (
    on_event(TalkerRole.PRINCIPAL, 3, DayUnit.WORKING, one_to_one=True),
    *party("x y", "B"),
    post("a", "B", "p"),
    event("E", "x", "其他", "5-1", "5-4"),
)
KNOWN = Calendar(known_years=frozenset({2026}))


def explained(parts: tuple[Fact, ...], as_of: str, calendar: Calendar = KNOWN) -> Explanation:
    facts = world(*parts, calendar=calendar)
    (duty,) = owed(facts, as_of, "B")
    return explain(facts, duty, as_of=day(as_of))


def test_a_pair_before_a_meeting() -> None:
    found = explained(PAIR, "12-1")
    assert found == Explanation(
        rule_title="组织生活会前　支委之间",
        version="内置，2018年10月28日起",
        basis="《中国共产党支部工作条例（试行）》第十七条：组织生活会会前认真学习，谈心谈话，听取意见。",
        trigger="2026年度组织生活会定于2026年12月20日召开，会前谈话自2026年11月20日开始。",
        persons=("a", "b"),
        holders=("a", "b"),
        holders_note="",
        until="2026年12月19日前（含当日）",
        met_by=None,
        met_line="还没有符合要求的谈话。",
        near_misses=(),
        calendar_note="",
    )


def test_an_event() -> None:
    found = explained(EVENT, "5-5")
    assert (found.rule_title, found.version) == ("本级事件规则", "总局党委制定，2020年1月1日起")
    assert found.trigger == "2026年5月4日知悉：其他（2026年5月1日发生）。"
    assert (found.persons, found.holders) == (("x",), ("a",))
    assert found.until == "2026年5月7日前（含当日），即知悉后3个工作日内；逾期仍应谈话"


def test_an_event_known_the_same_day_and_a_version_that_ends() -> None:
    rule = on_event(TalkerRole.TEAM, effective_to=day("6-1"))
    found = explained((rule, *party("x", "B"), event("E", "x", "其他", "5-1")), "5-5")
    assert found.trigger == "2026年5月1日知悉：其他。"
    assert found.version == "总局党委制定，2020年1月1日起，2026年6月1日失效"


@pytest.mark.parametrize(
    ("months", "trigger"),
    [
        (1, "每月一次：本期为2026年1月1日至2026年1月31日。"),
        (3, "每季度一次：本期为2026年1月1日至2026年3月31日。"),
        (6, "每半年一次：本期为2026年1月1日至2026年6月30日。"),
        (12, "每年一次：本期为2026年1月1日至2026年12月31日。"),
    ],
)
def test_a_period(months: int, trigger: str) -> None:
    parts = (yearly(Pairing.COMMITTEE_COMMITTEE, months), post("a", "B", "p"), post("b", "B", "t"))
    assert explained(parts, "1-15").trigger == trigger


@pytest.mark.parametrize(
    ("calendar", "known_on", "note"),
    [
        (KNOWN, "5-4", ""),
        (KNOWN, "12-31", "暂按周一至周五"),  # the third working day lies in 2027
        (Calendar(), "5-4", "暂按周一至周五"),
    ],
)
def test_a_year_without_a_calendar_is_said(calendar: Calendar, known_on: str, note: str) -> None:
    parts = (*EVENT[:-1], event("E", "x", "其他", known_on))
    assert explained(parts, "12-31", calendar).calendar_note == note


def test_natural_days_need_no_calendar() -> None:
    parts = (on_event(TalkerRole.PRINCIPAL), *EVENT[1:])
    assert explained(parts, "5-5", Calendar()).calendar_note == ""


@pytest.mark.parametrize(
    ("parts", "holders", "note"),
    [
        ((post("x", "B", "p"),), (), "由上级党组织谈话"),
        ((post("x", "B", "p"), post("m", "M", "p")), ("m",), "由上级党组织「中心党总支」谈话"),
        ((post("b", "B", "p"), post("m", "M", "p")), ("b",), ""),
    ],
)
def test_who_can_meet_it(parts: tuple[Fact, ...], holders: tuple[str, ...], note: str) -> None:
    rule = on_event(TalkerRole.PRINCIPAL)
    found = explained((rule, *party("x", "B"), event("E", "x", "其他", "5-1"), *parts), "5-5")
    assert (found.holders, found.holders_note) == (holders, note)


def test_no_other_ordinary_member() -> None:
    rule = on_event(TalkerRole.ORDINARY)
    found = explained((rule, *party("x", "B"), event("E", "x", "其他", "5-1")), "5-5")
    assert (found.holders, found.holders_note) == ((), "支部内没有其他普通党员")


@pytest.mark.parametrize(
    ("parts", "as_of", "met_by", "line"),
    [
        ((), "12-19", None, "还没有符合要求的谈话。"),
        ((), "12-20", None, "已逾期，没有符合要求的谈话。"),
        ((talk("T1", "12-2", "a", "b"),), "12-20", "T1", "由2026年12月2日的谈话（T1）完成。"),
        (
            (talk("T1", "12-2", "a", "b", TalkState.PLANNED),),
            "12-1",
            None,
            "已约2026年12月2日谈话（T1），谈后记录即完成。",
        ),
        (
            (Waiver("life.committee-committee", "B", "meeting:组织生活会:2026", "a", "b", day("12-1")),),
            "12-20",
            None,
            "已批准免予谈话。",
        ),
    ],
)
def test_what_met_it(parts: tuple[Fact, ...], as_of: str, met_by: str | None, line: str) -> None:
    found = explained((*PAIR, *parts), as_of)
    assert (found.met_by, found.met_line) == (met_by, line)


def test_what_met_it_late() -> None:
    found = explained((*EVENT, talk("T1", "5-8", "a", "x")), "5-31")
    assert (found.met_by, found.met_line) == ("T1", "由2026年5月8日的谈话（T1）完成，已过期限。")


P = TalkState.PLANNED


@pytest.mark.parametrize(
    ("talks", "expected"),
    [
        ([talk("T1", "12-2", "a", "b y")], [("T1", "12-2", "一对多，不计入一对一")]),
        ([talk("T1", "12-21", "a", "b")], [("T1", "12-21", "日期在会后")]),
        ([talk("T1", "12-20", "a", "b")], [("T1", "12-20", "日期在会议当天，应在会前")]),
        ([talk("T1", "11-1", "a", "b")], [("T1", "11-1", "日期早于会前谈话开始日期")]),
        ([talk("T1", "12-2", "a b", "y")], [("T1", "12-2", "双方在谈话的同一方，不是相互谈话")]),
        ([talk("T1", "12-2", "a", "y", recorder="b")], [("T1", "12-2", "记录人不计为谈话人")]),
        ([talk("T1", "12-2", "a", "b", P)], [("T1", "12-2", "已过约定日期，尚未记录")]),
        ([talk("T1", "12-2", "a", "b", TalkState.HELD)], [("T1", "12-2", "已谈，尚未记录")]),
        ([talk("T1", "12-2", "a", "b", TalkState.CANCELLED)], [("T1", "12-2", "谈话已取消")]),
        ([talk("T1", "12-2", "a", "y"), talk("T2", "12-2", "y", "b")], []),  # nothing between the two
        # of those that miss by their date alone, the nearest before and the nearest after
        (
            [talk(f"T{n}", text, "a", "b") for n, text in enumerate(["10-1", "11-1", "12-22", "12-23"])],
            [("T1", "11-1", "日期早于会前谈话开始日期"), ("T2", "12-22", "日期在会后")],
        ),
        ([talk("T1", "11-1", "a", "b y"), talk("T2", "11-2", "a", "b", TalkState.CANCELLED)], []),
    ],
)
def test_near_misses_of_a_pair(talks: list[Talk], expected: list[tuple[str, str, str]]) -> None:
    found = explained((*PAIR, *talks), "12-31").near_misses
    assert found == tuple(NearMiss(code, day(text), reason) for code, text, reason in expected)


def test_near_misses_of_a_role() -> None:
    talks = (
        talk("T1", "5-5", "y", "x"),
        talk("T2", "5-5", "a", "x y"),
        talk("T3", "5-2", "a", "x"),
        talk("T4", "5-6", "a", "y"),
        talk("T5", "6-30", "a", "x"),
    )
    found = explained((*EVENT, *talks), "5-31").near_misses
    assert [(miss.talk, miss.reason) for miss in found] == [
        ("T3", "日期早于知悉日期"),
        ("T1", "另一方当日不是规定的谈话人（主要负责同志）"),
        ("T2", "一对多，不计入一对一"),
        ("T5", "谈话日期在统计日期之后"),
    ]


def test_a_duty_met_in_time_has_no_near_misses_and_one_met_late_has() -> None:
    group = talk("T1", "12-2", "a", "b y")
    assert explained((*PAIR, group, talk("T2", "12-3", "a", "b")), "12-31").near_misses == ()
    late = explained((*EVENT, talk("T1", "5-5", "a", "x y"), talk("T2", "5-8", "a", "x")), "5-31")
    assert [miss.talk for miss in late.near_misses] == ["T1"]


def test_the_booked_talk_is_no_near_miss() -> None:
    assert explained((*PAIR, talk("T1", "12-2", "a", "b", P)), "12-1").near_misses == ()
