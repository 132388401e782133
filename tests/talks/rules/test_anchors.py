"""rules.md section 3: anchors, windows, reference days, working days."""

from datetime import date

import pytest

from talks.rules.anchors import chinese_anchor
from talks.rules.calendar import Calendar
from talks.rules.facts import Meeting, MeetingTrigger
from talks.rules.words import DayUnit, MeetingKind, Pairing, TalkerRole
from tests.talks.rules.worlds import day, event, on_event, owed, party, persons, post, preset, world, yearly

TEAM = (post("a", "B", "p"), post("b", "B", "t"), *party("a b x", "B"))

# 2026 as the State Council ordered it around the National Day; 2027 is not known yet.
CALENDAR = Calendar(
    days={date(2026, 10, number): False for number in range(1, 8)}
    | {date(2026, 9, 20): True, date(2026, 10, 10): True},
    known_years=frozenset({2026}),
)


@pytest.mark.parametrize(
    ("talks_from", "as_of", "window"),
    [
        (None, "11-19", None),  # opens 30 days before 20 December
        (None, "11-20", ("11-20", "12-19", "11-20")),
        (None, "12-31", ("11-20", "12-19", "12-19")),
        ("12-1", "11-30", None),
        ("12-1", "12-10", ("12-1", "12-19", "12-10")),
    ],
)
def test_meeting(talks_from: str | None, as_of: str, window: tuple[str, str, str] | None) -> None:
    meeting = Meeting("B", "组织生活会", 2026, day("12-20"), day(talks_from) if talks_from else None)
    duties = owed(world(*TEAM, meeting, preset("life.committee-committee")), as_of)
    found = [(duty.opens_on, duty.due_on, duty.ref, duty.anchor_on, duty.anchor) for duty in duties]
    expected = [(*map(day, window), day("12-20"), "meeting:组织生活会:2026")] if window else []
    assert found == expected


def test_the_year_of_a_meeting_is_a_label() -> None:
    meeting = Meeting("B", "组织生活会", 2025, day("1-20"))
    facts = world(*TEAM, meeting, preset("life.committee-committee"))
    assert owed(facts, "6-1", year=2026) == ()
    assert [duty.anchor for duty in owed(facts, "6-1", year=2025)] == ["meeting:组织生活会:2025"]


def test_a_meeting_of_another_kind_or_of_another_organisation_is_no_anchor() -> None:
    rule = preset("life.committee-committee")
    for meeting in (
        Meeting("B", "民主生活会", 2026, day("12-20")),
        Meeting("C", "组织生活会", 2026, day("12-20")),
    ):
        assert owed(world(*TEAM, meeting, rule), "12-31") == ()


def test_one_rule_may_name_both_kinds_of_meeting() -> None:
    kinds = MeetingTrigger((MeetingKind.DEMOCRATIC_LIFE, MeetingKind.ORGANISATION_LIFE))
    meetings = (
        Meeting("B", "民主生活会", 2026, day("12-20")),
        Meeting("B", "组织生活会", 2026, day("12-20")),
    )
    facts = world(*TEAM, *meetings, yearly(Pairing.COMMITTEE_COMMITTEE, trigger=kinds))
    assert len(owed(facts, "12-31")) == 2


@pytest.mark.parametrize(
    ("months", "as_of", "expected"),
    [
        (12, "1-1", [("period:2026", "1-1", "12-31", "1-1")]),
        (12, "2027-5-1", [("period:2026", "1-1", "12-31", "12-31")]),
        (6, "6-30", [("period:2026-H1", "1-1", "6-30", "6-30")]),
        (6, "7-1", [("period:2026-H1", "1-1", "6-30", "6-30"), ("period:2026-H2", "7-1", "12-31", "7-1")]),
        (3, "4-1", [("period:2026-Q1", "1-1", "3-31", "3-31"), ("period:2026-Q2", "4-1", "6-30", "4-1")]),
        (
            1,
            "3-15",
            [
                ("period:2026-01", "1-1", "1-31", "1-31"),
                ("period:2026-02", "2-1", "2-28", "2-28"),
                ("period:2026-03", "3-1", "3-31", "3-15"),
            ],
        ),
        (12, "2025-12-31", []),
    ],
)
def test_period(months: int, as_of: str, expected: list[tuple[str, str, str, str]]) -> None:
    facts = world(*TEAM, yearly(Pairing.COMMITTEE_COMMITTEE, months))
    found = [
        (duty.anchor, duty.opens_on, duty.due_on, duty.ref)
        for duty in owed(facts, as_of)
        if duty.organisation == "B"
    ]
    assert found == [(name, day(opens), day(due), day(ref)) for name, opens, due, ref in expected]


def test_the_second_month_of_a_leap_year() -> None:
    facts = world(*TEAM, yearly(Pairing.COMMITTEE_COMMITTEE, 1))
    assert owed(facts, "2028-2-10", year=2028)[-1].due_on == date(2028, 2, 29)


def test_without_a_year_every_anchor_that_exists() -> None:
    facts = world(*TEAM, yearly(Pairing.COMMITTEE_COMMITTEE, effective_from=date(2024, 1, 1)))
    assert [duty.anchor for duty in owed(facts, "5-1", year=None)] == [
        "period:2024",
        "period:2025",
        "period:2026",
    ]


@pytest.mark.parametrize(
    ("days", "unit", "known_on", "due_on"),
    [
        (7, DayUnit.NATURAL, "5-1", "5-8"),
        (30, DayUnit.NATURAL, "12-15", "2027-1-14"),
        (3, DayUnit.WORKING, "5-11", "5-14"),  # a Monday: Tuesday, Wednesday, Thursday
        (3, DayUnit.WORKING, "5-14", "5-19"),  # over a week-end
        (1, DayUnit.WORKING, "5-16", "5-18"),  # known on a Saturday
        (3, DayUnit.WORKING, "9-30", "10-10"),  # 8 and 9 October, and the worked Saturday
        (1, DayUnit.WORKING, "9-18", "9-20"),  # a worked Sunday
        (3, DayUnit.WORKING, "2027-9-30", "2027-10-5"),  # a year not known: Monday to Friday
        (2, DayUnit.WORKING, "12-31", "2027-1-4"),  # Friday 1 January 2027 counts, as nobody knows better
    ],
)
def test_event(days: int, unit: DayUnit, known_on: str, due_on: str) -> None:
    rule = on_event(TalkerRole.TEAM, days, unit)
    about = event("E", "x", "其他", known_on)
    year = day(known_on).year
    duties = owed(world(*TEAM, rule, about, calendar=CALENDAR), "2027-12-31", year=year)
    assert [(duty.anchor, duty.anchor_on, duty.opens_on, duty.due_on, duty.ref) for duty in duties] == [
        ("event:E", day(known_on), day(known_on), day(due_on), day(known_on))
    ]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [("1-1", "12-31", False), ("12-31", "2027-1-4", True), ("2025-12-31", "1-4", True)],
)
def test_a_year_that_the_calendar_does_not_know_is_provisional(first: str, last: str, expected: bool) -> None:
    assert CALENDAR.is_provisional(day(first), day(last)) is expected


@pytest.mark.parametrize(
    ("happened_on", "known_on", "as_of", "year", "opens"),
    [
        ("5-1", "", "4-30", 2026, []),
        ("5-1", "", "5-1", 2026, ["5-1"]),  # known the same day
        ("5-1", "5-9", "5-8", 2026, []),
        ("5-1", "5-9", "5-9", 2026, ["5-9"]),
        ("2025-12-30", "1-3", "5-1", 2026, ["1-3"]),  # the year is that in which it became known
        ("2025-12-30", "1-3", "5-1", 2025, []),
    ],
)
def test_an_event_lives_from_the_day_it_is_known(
    happened_on: str, known_on: str, as_of: str, year: int, opens: list[str]
) -> None:
    facts = world(*TEAM, on_event(TalkerRole.TEAM), event("E", "x", "其他", happened_on, known_on))
    assert [duty.opens_on for duty in owed(facts, as_of, year=year)] == [day(text) for text in opens]


def test_memberships_are_read_on_the_reference_day() -> None:
    facts = world(
        yearly(Pairing.COMMITTEE_COMMITTEE),
        post("a", "B", "p"),
        post("b", "B", "t", until="6-1"),
        post("c", "B", "t", since="6-1"),
    )
    assert persons(owed(facts, "5-31", "B")) == ["b-a"]
    assert persons(owed(facts, "6-1", "B")) == ["c-a"]
    assert persons(owed(facts, "2027-6-1", "B")) == ["c-a"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("meeting:民主生活会:2026", "2026年度民主生活会"),
        ("period:2026", "2026年"),
        ("period:2026-H1", "2026年上半年"),
        ("period:2026-H2", "2026年下半年"),
        ("period:2026-Q3", "2026年第3季度"),
        ("period:2026-07", "2026年7月"),
        ("event:E-1:7", "事件E-1:7"),
    ],
)
def test_anchors_in_chinese(name: str, expected: str) -> None:
    assert chinese_anchor(name) == expected
