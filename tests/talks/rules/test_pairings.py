"""rules.md section 4: who owes whom."""

from datetime import date

import pytest

from talks.rules.facts import Department, Meeting, Member, Portfolio
from talks.rules.words import Pairing, TalkerRole
from tests.talks.rules.worlds import (
    Fact,
    day,
    event,
    on_event,
    owed,
    party,
    persons,
    post,
    preset,
    world,
    yearly,
)

TEAM = (post("a", "B", "p"), post("b", "B", "t"), post("c", "B", "t"), post("d", "B", "t"))
TWO = (post("a", "B", "p"), post("b", "B", "p"), post("c", "B", "t"))
MEMBERS = party("a b c d x y", "B")


@pytest.mark.parametrize(
    ("pairing", "parts", "expected"),
    [
        (Pairing.PRINCIPAL_TEAM, TEAM, ["b-a", "c-a", "d-a"]),
        (Pairing.PRINCIPAL_TEAM, TWO, ["b-a", "c-a", "c-b"]),  # two principals: one duty for the pair
        (Pairing.PRINCIPAL_TEAM, TEAM[1:], []),
        (Pairing.PRINCIPAL_TEAM, TEAM[:1], []),
        (Pairing.TEAM_TEAM, TEAM, ["c-b", "d-b", "d-c"]),
        (Pairing.TEAM_TEAM, TWO, []),
        (Pairing.COMMITTEE_COMMITTEE, TEAM, ["b-a", "c-a", "c-b", "d-a", "d-b", "d-c"]),
        (Pairing.COMMITTEE_COMMITTEE, TEAM[:1], []),
        (Pairing.COMMITTEE_MEMBER, (*TEAM, *MEMBERS), ["x", "y"]),
        (Pairing.COMMITTEE_MEMBER, MEMBERS, ["a", "b", "c", "d", "x", "y"]),
        (Pairing.COMMITTEE_MEMBER, TEAM, []),
        (Pairing.MEMBER_MEMBER, (*TEAM, *MEMBERS), ["x", "y"]),
        (Pairing.MEMBER_MEMBER, (*TEAM, *party("a b x", "B")), []),  # only one
        (Pairing.KEY_POST, (post("x", "B", "k"), post("y", "B"), post("z", "C", "k")), ["x"]),
        (Pairing.KEY_POST, (post("x", "B", "k"), post("x", "B", "tk")), ["x"]),  # two posts, one duty
        (Pairing.KEY_POST, (post("x", "B", "k", until="5-1"), post("y", "B", "k", since="5-2")), []),
        (Pairing.KEY_POST, (post("x", "B", "k"), Member("x", "甲", "群众")), []),
        (Pairing.KEY_POST, (post("x", "B", "k"), *party("x", "C")), ["x"]),  # affiliated elsewhere
    ],
)
def test_pairings_within_a_branch(pairing: Pairing, parts: tuple[Fact, ...], expected: list[str]) -> None:
    rule = yearly(pairing, talker_role=TalkerRole.TEAM)
    assert persons(owed(world(rule, *parts), "5-1", "B")) == expected


@pytest.mark.parametrize(
    ("pairing", "given", "role"),
    [
        (Pairing.COMMITTEE_MEMBER, None, "team"),
        (Pairing.COMMITTEE_MEMBER, TalkerRole.PRINCIPAL, "team"),  # always
        (Pairing.MEMBER_MEMBER, None, "ordinary"),
        (Pairing.KEY_POST, TalkerRole.AUTHORITY, "authority"),
        (Pairing.COMMITTEE_COMMITTEE, None, None),
    ],
)
def test_a_role_duty_names_its_role(pairing: Pairing, given: TalkerRole | None, role: str | None) -> None:
    facts = world(yearly(pairing, talker_role=given), *TEAM, *MEMBERS, post("x", "B", "k"))
    assert {duty.role for duty in owed(facts, "5-1", "B")} == {role}


def test_a_pair_is_ordered_by_code_point() -> None:
    facts = world(
        yearly(Pairing.COMMITTEE_COMMITTEE), post("P10", "B", "p"), post("P9", "B", "t"), post("a", "B", "t")
    )
    assert persons(owed(facts, "5-1", "B")) == ["P9-P10", "a-P10", "a-P9"]


D1, D2 = Department("D1", "一科", "T"), Department("D2", "二科", "T")
LEADERS = (post("t1", "T", "p"), post("t2", "T", "t"), D1, D2)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Portfolio("t2", "D1"), post("h", "T", "h", "D1")), ["t2-h"]),
        ((Portfolio("t1", "D1"), Portfolio("t2", "D1"), post("h", "T", "h", "D1")), ["t1-h", "t2-h"]),
        ((Portfolio("t2", "D1"), post("h", "T", "h", "D1"), post("i", "T", "h", "D1")), ["t2-h", "t2-i"]),
        ((Portfolio("t2", "D1"), post("h", "T", "", "D1")), []),  # not its head
        ((Portfolio("t2", "D1"), post("t2", "T", "h", "D1")), []),  # himself
        ((Portfolio("o", "D1"), post("h", "T", "h", "D1")), []),  # o is not in the team
        ((Portfolio("t2", "D1", day("5-2")), post("h", "T", "h", "D1")), []),
        ((Portfolio("t2", "D1"), post("h", "T", "h", "D1", until="5-1")), []),
        (
            # two departments with one head, and the head of the one leads the other: one pair
            (
                Portfolio("t2", "D1"),
                Portfolio("t2", "D2"),
                post("t1", "T", "h", "D1"),
                post("t1", "T", "h", "D2"),
            ),
            ["t2-t1"],
        ),
        (
            (
                Portfolio("t1", "D1"),
                Portfolio("t2", "D2"),
                post("t2", "T", "h", "D1"),
                post("t1", "T", "h", "D2"),
            ),
            ["t2-t1"],
        ),
        ((Portfolio("t2", "DM"), Department("DM", "外科", "M"), post("h", "M", "h", "DM")), []),
    ],
)
def test_team_and_heads(parts: tuple[Fact, ...], expected: list[str]) -> None:
    assert persons(owed(world(yearly(Pairing.TEAM_HEADS), *LEADERS, *parts), "5-1", "T")) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Portfolio("t2", "D1"), post("s", "T", "", "D1"), post("r", "T", "k", "D1")), ["r", "s"]),
        ((Portfolio("t2", "D1"), post("s", "T", "h", "D1")), []),  # its head
        ((Portfolio("t2", "D1"), post("s", "T", "h", "D2"), post("s", "T", "", "D1")), ["s"]),
        ((Portfolio("t2", "D1"), post("t1", "T", "", "D1")), []),  # a team member
        ((Portfolio("t2", "D1"), post("s", "T", "", "D2")), []),
        ((Portfolio("o", "D1"), post("s", "T", "", "D1")), []),
        ((Portfolio("t1", "D1"), Portfolio("t2", "D1"), post("s", "T", "", "D1")), ["s"]),
        ((Portfolio("t2", "D1"), post("s", "T", "", "D1"), Member("s", "甲", "群众")), ["s"]),
    ],
)
def test_staff_of_the_portfolios(parts: tuple[Fact, ...], expected: list[str]) -> None:
    duties = owed(world(yearly(Pairing.PORTFOLIO_STAFF), *LEADERS, *parts), "5-1", "T")
    assert persons(duties) == expected
    assert {duty.role for duty in duties} <= {TalkerRole.LEADER}


@pytest.mark.parametrize(
    ("pairing", "who", "expected"),
    [
        (Pairing.EVENT, party("x", "B"), ["B"]),
        (Pairing.EVENT, [*party("x", "B", until="5-1"), *party("x", "C", since="5-1")], ["C"]),
        (Pairing.EVENT, [*party("x", "B", until="5-2"), *party("x", "C", since="5-2")], ["B"]),
        (Pairing.EVENT, [Member("x", "甲", "入党申请人"), *party("x", "B")], []),
        (Pairing.EVENT, [Member("x", "甲", "预备党员", date(2026, 5, 2)), *party("x", "B")], []),
        (Pairing.EVENT, [Member("x", "甲", "预备党员", date(2026, 5, 1)), *party("x", "B")], ["B"]),
        (Pairing.EVENT, [post("x", "B", "t")], []),  # a post is no affiliation
        (Pairing.CANDIDATE, [Member("x", "甲", "入党申请人"), *party("x", "B")], ["B"]),
        (Pairing.CANDIDATE, [Member("x", "甲", "群众"), *party("x", "B", until="5-1")], []),
        (Pairing.CANDIDATE, party("x", "B"), ["B"]),
    ],
)
def test_events_of_affiliated_members(pairing: Pairing, who: list[Fact], expected: list[str]) -> None:
    rule = on_event(TalkerRole.TEAM, pairing=pairing)
    duties = owed(world(rule, *who, event("E", "x", "其他", "4-20", "5-1")), "12-31")
    assert [duty.organisation for duty in duties] == expected
    assert persons(duties) == ["x"] * len(expected)


def test_one_duty_for_each_event_and_only_for_the_kinds_named() -> None:
    facts = world(
        on_event(TalkerRole.TEAM, kind="表彰"),
        *party("x", "B"),
        event("E1", "x", "表彰", "5-1"),
        event("E2", "x", "表彰", "5-1"),
        event("E3", "x", "重用", "5-1"),
    )
    assert [duty.anchor for duty in owed(facts, "6-1")] == ["event:E1", "event:E2"]


def test_the_same_pair_owes_under_each_rule_and_anchor() -> None:
    meeting = Meeting("B", "组织生活会", 2026, day("12-20"))
    facts = world(preset("life.committee-committee"), preset("year.committee-committee"), meeting, *TEAM[:2])
    assert [(duty.rule.code, duty.subject, duty.counterpart) for duty in owed(facts, "12-31")] == [
        ("life.committee-committee", "b", "a"),
        ("year.committee-committee", "b", "a"),
    ]


def test_the_key_of_a_duty_tells_it_from_all_others() -> None:
    facts = world(preset("year.committee-committee"), preset("year.committee-member"), *TEAM[:2], *MEMBERS)
    assert [duty.key for duty in owed(facts, "5-1", "B")] == [
        "year.committee-committee|B|period:2026|a+b",
        "year.committee-member|B|period:2026|c",
        "year.committee-member|B|period:2026|d",
        "year.committee-member|B|period:2026|x",
        "year.committee-member|B|period:2026|y",
    ]
