"""What a report counts, and what it may tell of event duties (design.md section 4)."""

import pytest

from reports.rules import Tally, event_cells, set_name, set_rank, tally_of
from talks.rules.words import DutyState


def test_owed_is_all_but_the_waived_and_met_holds_the_late() -> None:
    states = [
        *[DutyState.DONE] * 4,
        *[DutyState.LATE] * 2,
        *[DutyState.OVERDUE] * 3,
        *[DutyState.SCHEDULED, DutyState.PENDING],
        *[DutyState.WAIVED] * 5,
    ]
    tally = tally_of(states)
    assert tally == Tally(owed=11, met=6, late=2, overdue=3, waived=5)
    assert (tally.pending, tally.all) == (2, 16)


@pytest.mark.parametrize(
    ("owed", "met", "coverage"),
    [
        (0, 0, "—"),
        (3, 0, "0.0%"),
        (3, 1, "33.3%"),
        (3, 2, "66.7%"),
        (3, 3, "100.0%"),
        (8, 1, "12.5%"),
        (16, 1, "6.3%"),  # 6.25, a half goes up
        (1139, 1026, "90.1%"),
        (2001, 2000, "99.9%"),  # 99.95 would read 100.0%, and one is missing
        (5000, 1, "0.1%"),  # 0.02 would read 0.0%, and one is met
    ],
)
def test_coverage(owed: int, met: int, coverage: str) -> None:
    assert Tally(owed=owed, met=met).coverage == coverage


@pytest.mark.parametrize(
    ("code", "name"),
    [("three.team-team", "三必谈"), ("six-b.care", "六必谈（按性质）"), ("own.visit", "其他规则")],
)
def test_set_of_a_rule(code: str, name: str) -> None:
    assert set_name(code) == name


def test_rules_are_told_in_the_order_of_the_page() -> None:
    codes = [
        "own.visit",
        "join.applicant",
        "four.discipline",
        "four.post-change",
        "year.x",
        "year.member-member",
    ]
    assert sorted(codes, key=set_rank) == [
        *(
            "year.member-member",
            "year.x",
            "four.post-change",
            "four.discipline",
            "join.applicant",
            "own.visit",
        ),
    ]


# 党委 A has 党总支 B (branches C, D) and branch E.
TREE = [("A", None), ("B", "A"), ("C", "B"), ("D", "B"), ("E", "A")]


def owed(number: int, met: int = 0) -> Tally:
    return Tally(owed=number, met=met, overdue=number - met)


@pytest.mark.parametrize(
    ("tallies", "own", "pooled", "withheld"),
    [
        # Three stand alone; nothing is owed elsewhere.
        ({"C": owed(3, 1)}, {"C": owed(3, 1)}, {}, 0),
        # Two and one are told together where their lines meet.
        ({"C": owed(2, 2), "D": owed(1)}, {}, {"B": owed(3, 2)}, 0),
        # What is not enough there goes on upwards.
        ({"C": owed(2, 1), "E": owed(1, 1)}, {}, {"A": owed(3, 2)}, 0),
        # The organisation above brings its own small figure along.
        ({"B": owed(1), "C": owed(2)}, {}, {"B": owed(3)}, 0),
        # Fewer than three in all: no state of any of them.
        ({"C": owed(1), "E": owed(1, 1)}, {}, {}, 2),
        # Beside one that stands alone a single one is not told by state: it would be the difference.
        ({"C": owed(5, 4), "D": owed(1)}, {"C": owed(5, 4)}, {}, 1),
        # The waived ones are not owed: they go with the others, and make no three of two.
        ({"C": Tally(owed=2, met=2, waived=1)}, {}, {}, 2),
        ({"C": Tally(owed=2, waived=1), "D": owed(1)}, {}, {"B": Tally(owed=3, overdue=1, waived=1)}, 0),
        ({"C": Tally(waived=5)}, {}, {}, 0),
        ({}, {}, {}, 0),
    ],
)
def test_event_duties_are_told_from_three_on(
    tallies: dict[str, Tally], own: dict[str, Tally], pooled: dict[str, Tally], withheld: int
) -> None:
    cells = event_cells(TREE, tallies)
    assert (cells.own, cells.pooled, cells.withheld) == (own, pooled, withheld)


def test_a_report_less_the_report_of_a_part_leaves_no_small_figure() -> None:
    tallies = {"B": owed(1), "C": owed(2), "D": owed(4, 1), "E": owed(2), "A": owed(1)}
    whole = event_cells(TREE, tallies)
    part = event_cells([("B", None), ("C", "B"), ("D", "B")], tallies)
    told = {**whole.own, **{f"{code} pooled": tally for code, tally in whole.pooled.items()}}
    assert told == {"D": owed(4, 1), "B pooled": owed(3), "A pooled": owed(3)}
    assert part.own == {"D": owed(4, 1)}
    assert part.pooled == {"B": owed(3)}


def test_the_sum_of_what_is_told_and_withheld_is_everything() -> None:
    tallies = {"C": owed(4), "D": owed(2, 1), "E": owed(1)}
    cells = event_cells(TREE, tallies)
    assert cells.total.all + cells.withheld == 7
    assert cells.total == owed(4) + owed(2, 1) + owed(1)
