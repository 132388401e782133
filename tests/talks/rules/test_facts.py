"""rules.md section 1: facts in force on a day, party members, teams, heads, organisations that end."""

from datetime import date

import pytest

from talks.rules.facts import Affiliation, Department, Member, Organisation, Portfolio
from talks.rules.index import Index, in_force
from talks.rules.words import Pairing
from tests.talks.rules.worlds import day, owed, party, persons, post, preset, world, yearly


@pytest.mark.parametrize(
    ("since", "until", "on", "expected"),
    [
        ("3-1", "6-1", "2-28", False),
        ("3-1", "6-1", "3-1", True),
        ("3-1", "6-1", "5-31", True),
        ("3-1", "6-1", "6-1", False),
        ("3-1", "", "2030-1-1", True),
        ("", "6-1", "1900-1-1", True),
        ("", "", "3-1", True),
    ],
)
def test_a_fact_is_in_force_from_its_first_day_until_before_its_last(
    since: str, until: str, on: str, expected: bool
) -> None:
    fact = Affiliation("a", "B", day(since) if since else None, day(until) if until else None)
    assert in_force(fact, day(on)) is expected


@pytest.mark.parametrize(
    ("category", "joined_on", "expected"),
    [
        ("正式党员", None, True),
        ("预备党员", None, True),
        ("正式党员", date(2026, 5, 1), True),
        ("正式党员", date(2026, 5, 2), False),
        ("发展对象", None, False),
        ("入党积极分子", None, False),
        ("入党申请人", None, False),
        ("群众", date(2000, 1, 1), False),
    ],
)
def test_party_members_on_a_day(category: str, joined_on: date | None, expected: bool) -> None:
    index = Index(world(Member("a", "甲", category, joined_on), *party("a", "B")))
    assert ("a" in index.party("B", day("5-1"))) is expected
    assert index.is_ordinary("a", "B", day("5-1")) is expected


def test_team_principals_party_and_ordinary() -> None:
    index = Index(
        world(
            *party("a b c", "B"),
            *party("d", "B", until="5-1"),
            *party("e", "C"),
            post("a", "B", "p"),
            post("b", "B", "t", until="5-1"),
            post("x", "B", "t"),
            post("c", "B", "k"),
            post("e", "C", "p"),
        )
    )
    assert index.team("B", day("4-30")) == {"a", "b", "x"}
    assert index.team("B", day("5-1")) == {"a", "x"}
    assert index.principals("B", day("5-1")) == {"a"}
    assert index.party("B", day("4-30")) == {"a", "b", "c", "d"}
    assert index.ordinary("B", day("4-30")) == {"c", "d"}
    assert index.ordinary("B", day("5-1")) == {"b", "c"}


def test_heads_hold_the_post_of_the_department_on_the_day() -> None:
    index = Index(
        world(
            Department("D", "一科", "T"),
            post("a", "T", "h", "D", until="5-1"),
            post("b", "T", "h", "D", since="5-1"),
            post("c", "T", "", "D"),
        )
    )
    assert index.heads("D", day("4-30")) == {"a"}
    assert index.heads("D", day("5-1")) == {"b"}


def test_a_portfolio_counts_while_its_holder_is_in_the_team() -> None:
    index = Index(
        world(Department("D", "一科", "T"), Portfolio("a", "D"), Portfolio("b", "D"), post("a", "T", "t"))
    )
    assert [fact.member for fact in index.portfolios("T", day("5-1"))] == ["a"]


@pytest.mark.parametrize(
    ("established", "dissolved", "quarters"),
    [
        (None, None, ["Q1", "Q2", "Q3", "Q4"]),
        (None, "7-1", ["Q1", "Q2"]),  # the anchor date of Q3 lies on the day it was dissolved
        (None, "7-2", ["Q1", "Q2", "Q3"]),
        ("6-30", None, ["Q2", "Q3", "Q4"]),  # due on the day it was established
        ("7-1", None, ["Q3", "Q4"]),
        ("3-31", "4-1", ["Q1"]),
    ],
)
def test_an_organisation_owes_while_it_exists(
    established: str | None, dissolved: str | None, quarters: list[str]
) -> None:
    branch = Organisation(
        "B",
        "一支部",
        "党支部",
        "M",
        day(established) if established else None,
        day(dissolved) if dissolved else None,
    )
    facts = world(branch, yearly(Pairing.COMMITTEE_COMMITTEE, 3), post("a", "B", "p"), post("b", "B", "t"))
    assert [duty.anchor for duty in owed(facts, "2026-12-31", "B")] == [
        f"period:2026-{quarter}" for quarter in quarters
    ]


def test_dissolution_ends_no_post() -> None:
    branch = Organisation("B", "一支部", "党支部", "M", dissolved=day("7-1"))
    facts = world(branch, yearly(Pairing.COMMITTEE_COMMITTEE), post("a", "B", "p"), post("b", "B", "t"))
    assert persons(owed(facts, "12-1", "B")) == ["b-a"]


def test_one_person_may_hold_posts_in_several_organisations_without_affiliation() -> None:
    facts = world(
        preset("year.committee-committee"),
        post("a", "B", "p"),
        post("b", "B", "t"),
        post("a", "C", "t"),
        post("c", "C", "p"),
    )
    assert [(duty.organisation, duty.subject, duty.counterpart) for duty in owed(facts, "6-1")] == [
        ("B", "b", "a"),
        ("C", "c", "a"),
    ]
