"""rules.md section 6: the state at a day, and the talk that is shown (section 5)."""

import pytest

from talks.rules.facts import Meeting, Talk, Waiver
from talks.rules.words import Pairing, TalkerRole, TalkState
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

TEAM = (post("a", "B", "p"), post("b", "B", "t"))
MEETING = (*TEAM, Meeting("B", "组织生活会", 2026, day("12-20")), preset("life.committee-committee"))
EVENT = (*TEAM, *party("x", "B"), event("E", "x", "其他", "5-1"), on_event(TalkerRole.PRINCIPAL))

PLANNED = TalkState.PLANNED
Expected = tuple[str, str | None, str | None]


def state(parts: tuple[Fact, ...], as_of: str) -> Expected:
    (duty,) = owed(world(*parts), as_of, "B")
    assert (duty.held_on is None) is (duty.talk is None)
    return duty.state.value, duty.talk, duty.planned


@pytest.mark.parametrize(
    ("talks", "as_of", "expected"),
    [
        ([], "12-19", ("待谈", None, None)),
        ([], "12-20", ("逾期", None, None)),
        ([talk("T1", "12-1", "a", "b")], "11-30", ("待谈", None, None)),  # not held yet
        ([talk("T1", "12-1", "a", "b")], "12-1", ("已谈", "T1", None)),
        ([talk("T1", "12-1", "a", "b")], "12-31", ("已谈", "T1", None)),
        (
            [talk("T1", "12-20", "a", "b")],
            "12-31",
            ("逾期", None, None),
        ),  # no rule but an event's is met late
        ([talk("T1", "12-5", "a", "b", PLANNED)], "12-4", ("已约", None, "T1")),
        ([talk("T1", "12-5", "a", "b", PLANNED)], "12-5", ("已约", None, "T1")),
        ([talk("T1", "12-5", "a", "b", PLANNED)], "12-6", ("待谈", None, None)),  # the day has passed
        ([talk("T1", "12-20", "a", "b", PLANNED)], "12-4", ("待谈", None, None)),  # after the window
        ([talk("T1", "12-5", "a", "x", PLANNED)], "12-4", ("待谈", None, None)),  # another person
        ([talk("T1", "12-5", "a", "b x", PLANNED)], "12-4", ("待谈", None, None)),  # not one-to-one
        ([talk("T1", "12-5", "a", "b", TalkState.HELD)], "12-4", ("待谈", None, None)),
        ([talk("T1", "12-5", "a", "b", TalkState.CANCELLED)], "12-31", ("逾期", None, None)),
        (
            [talk("T2", "12-7", "a", "b", PLANNED), talk("T1", "12-9", "a", "b", PLANNED)],
            "12-4",
            ("已约", None, "T2"),
        ),
    ],
)
def test_before_a_meeting(talks: list[Talk], as_of: str, expected: Expected) -> None:
    assert state((*MEETING, *talks), as_of) == expected


@pytest.mark.parametrize(
    ("talks", "as_of", "expected"),
    [
        ([], "5-8", ("待谈", None, None)),
        ([], "5-9", ("逾期", None, None)),
        ([talk("T1", "5-8", "a", "x")], "5-9", ("已谈", "T1", None)),
        ([talk("T1", "5-9", "a", "x")], "5-8", ("待谈", None, None)),
        ([talk("T1", "5-9", "a", "x")], "5-9", ("逾期完成", "T1", None)),
        ([talk("T1", "2027-3-1", "a", "x")], "2027-3-1", ("逾期完成", "T1", None)),
        ([talk("T1", "5-7", "a", "x", PLANNED)], "5-6", ("已约", None, "T1")),
        ([talk("T1", "5-20", "a", "x", PLANNED)], "5-6", ("已约", None, "T1")),  # also after due_on
        ([talk("T1", "5-20", "a", "x", PLANNED)], "5-9", ("逾期", None, "T1")),  # overdue comes first
    ],
)
def test_after_an_event(talks: list[Talk], as_of: str, expected: Expected) -> None:
    assert state((*EVENT, *talks), as_of) == expected


@pytest.mark.parametrize(
    ("talks", "shown"),
    [
        ([talk("T9", "5-3", "a", "b"), talk("T1", "5-4", "a", "b")], "T9"),  # the earliest
        ([talk("T2", "5-3", "b", "a"), talk("T10", "5-3", "a", "b")], "T10"),  # then the lower code
        ([talk("T1", "4-3", "a", "b x"), talk("T2", "5-3", "a", "b")], "T2"),  # the first that counts
        ([talk("T1", "2025-12-31", "a", "b"), talk("T2", "5-3", "a", "b")], "T2"),
    ],
)
def test_the_earliest_talk_is_shown(talks: list[Talk], shown: str) -> None:
    rule = yearly(Pairing.COMMITTEE_COMMITTEE, one_to_one=True)
    (duty,) = owed(world(rule, *TEAM, *talks), "12-31", "B")
    assert (duty.talk, duty.held_on) == (shown, next(talk.held_on for talk in talks if talk.code == shown))


def test_one_talk_meets_duties_of_several_rules_and_organisations() -> None:
    facts = world(
        preset("year.committee-committee"),
        yearly(Pairing.PRINCIPAL_TEAM, one_to_one=True),
        *TEAM,
        post("a", "C", "t"),
        post("b", "C", "p"),
        talk("T1", "5-1", "a", "b"),
    )
    assert [(duty.rule.code, duty.organisation, duty.talk) for duty in owed(facts, "12-31")] == [
        ("own.period", "B", "T1"),
        ("own.period", "C", "T1"),
        ("year.committee-committee", "B", "T1"),
        ("year.committee-committee", "C", "T1"),
    ]


ANCHOR = "meeting:组织生活会:2026"
RULE = "life.committee-committee"


@pytest.mark.parametrize(
    ("waiver", "as_of", "expected"),
    [
        (Waiver(RULE, "B", ANCHOR, "b", "a", day("12-5")), "12-4", "待谈"),
        (Waiver(RULE, "B", ANCHOR, "b", "a", day("12-5")), "12-5", "免予谈话"),
        (Waiver(RULE, "B", ANCHOR, "a", "b", day("12-5")), "12-31", "免予谈话"),  # in either order
        (Waiver(RULE, "B", ANCHOR, "b", None, day("12-5")), "12-31", "逾期"),
        (Waiver(RULE, "B", ANCHOR, "b", "c", day("12-5")), "12-31", "逾期"),
        (Waiver(RULE, "C", ANCHOR, "b", "a", day("12-5")), "12-31", "逾期"),
        (Waiver(RULE, "B", "meeting:组织生活会:2025", "b", "a", day("12-5")), "12-31", "逾期"),
        (Waiver("year.committee-committee", "B", ANCHOR, "b", "a", day("12-5")), "12-31", "逾期"),
    ],
)
def test_a_waiver_counts_from_the_day_it_was_approved(waiver: Waiver, as_of: str, expected: str) -> None:
    assert state((*MEETING, waiver), as_of)[0] == expected


def test_waived_comes_before_done_and_shows_no_talk() -> None:
    waiver = Waiver(RULE, "B", ANCHOR, "b", "a", day("12-5"))
    assert state((*MEETING, waiver, talk("T1", "12-1", "a", "b")), "12-4") == ("已谈", "T1", None)
    assert state((*MEETING, waiver, talk("T1", "12-1", "a", "b")), "12-5") == ("免予谈话", None, None)


def test_a_role_duty_is_waived_by_its_subject_alone() -> None:
    waiver = Waiver("own.event", "B", "event:E", "x", None, day("5-2"))
    assert state((*EVENT, waiver), "5-2")[0] == "免予谈话"


def test_a_withdrawn_duty_returns_when_the_facts_change_back() -> None:
    with_both, alone = world(*MEETING), world(*MEETING[1:])
    assert (len(owed(with_both, "12-1", "B")), len(owed(alone, "12-1", "B"))) == (1, 0)
    assert owed(world(*MEETING), "12-1", "B") == owed(with_both, "12-1", "B")


def test_duties_are_sorted_by_code_point() -> None:
    facts = world(
        yearly(Pairing.COMMITTEE_COMMITTEE, 3, code="z"),
        yearly(Pairing.COMMITTEE_COMMITTEE, 6, code="Z"),
        *TEAM,
        post("B9", "B", "t"),
    )
    assert [
        (duty.rule.code, duty.anchor, duty.subject, duty.counterpart) for duty in owed(facts, "4-1", "B")
    ] == [
        ("Z", "period:2026-H1", "a", "B9"),
        ("Z", "period:2026-H1", "b", "B9"),
        ("Z", "period:2026-H1", "b", "a"),
        ("z", "period:2026-Q1", "a", "B9"),
        ("z", "period:2026-Q1", "b", "B9"),
        ("z", "period:2026-Q1", "b", "a"),
        ("z", "period:2026-Q2", "a", "B9"),
        ("z", "period:2026-Q2", "b", "B9"),
        ("z", "period:2026-Q2", "b", "a"),
    ]


def test_of_two_waivers_the_earlier_counts() -> None:
    waivers = [Waiver("own.event", "B", "event:E", "x", None, day(text)) for text in ("5-2", "5-4")]
    assert state((*EVENT, *waivers), "5-3")[0] == "免予谈话"
    assert state((*EVENT, *reversed(waivers)), "5-3")[0] == "免予谈话"
