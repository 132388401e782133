"""rules.md section 4, its last paragraph: whom reminders reach first."""

import pytest

from talks.rules.duties import responsible
from talks.rules.facts import Department, Liaison, Portfolio
from talks.rules.words import Pairing, TalkerRole
from tests.talks.rules.worlds import Fact, day, event, on_event, owed, party, post, world, yearly

TEAM = (post("c", "B", "p"), post("b", "B", "t"), post("a", "B", "t"))


def who(parts: tuple[Fact, ...], subject: str, today: str = "5-1", at: str = "B") -> list[str]:
    facts = world(*parts)
    (duty,) = [duty for duty in owed(facts, today, at) if duty.subject == subject]
    return sorted(responsible(facts, duty, today=day(today)))


DEPARTMENTS = (Department("D1", "一科", "B"), Department("D2", "二科", "B"))


@pytest.mark.parametrize(
    ("pairing", "parts", "subject", "expected"),
    [
        (Pairing.PRINCIPAL_TEAM, (post("a", "B", "p"), post("b", "B", "t")), "b", ["a"]),
        (Pairing.PRINCIPAL_TEAM, (post("a", "B", "t"), post("b", "B", "p")), "b", ["b"]),
        (Pairing.PRINCIPAL_TEAM, (post("a", "B", "p"), post("b", "B", "p")), "b", ["a"]),
        (Pairing.TEAM_TEAM, TEAM, "b", ["a"]),  # of one rank: the lower code
        (Pairing.COMMITTEE_COMMITTEE, (post("a", "B", "t"), post("b", "B", "p")), "b", ["b"]),
        # the leader of the department, even where its head is the principal or has the lower code
        (
            Pairing.TEAM_HEADS,
            (*DEPARTMENTS, post("b", "B", "t"), Portfolio("b", "D1"), post("a", "B", "h", "D1")),
            "b",
            ["b"],
        ),
        (
            Pairing.TEAM_HEADS,
            (
                *DEPARTMENTS,
                post("b", "B", "t"),
                Portfolio("b", "D1"),
                post("c", "B", "p"),
                post("c", "B", "h", "D1"),
            ),
            "c",
            ["b"],
        ),
        # each leads the other's department: by rank
        (
            Pairing.TEAM_HEADS,
            (
                *DEPARTMENTS,
                *(post("a", "B", "t"), post("b", "B", "p")),
                *(Portfolio("a", "D1"), Portfolio("b", "D2")),
                *(post("b", "B", "h", "D1"), post("a", "B", "h", "D2")),
            ),
            "b",
            ["b"],
        ),
    ],
)
def test_of_a_pair(pairing: Pairing, parts: tuple[Fact, ...], subject: str, expected: list[str]) -> None:
    assert who((yearly(pairing), *parts), subject) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (TEAM, ["c"]),  # a principal of O, before the lower code
        ((*TEAM, Liaison("b", "x")), ["b"]),  # the liaison, as he is in the role
        ((*TEAM, Liaison("y", "x")), ["c"]),  # a liaison who is not in the role team
        ((*TEAM[1:],), ["a"]),  # no principal: the lowest code
        ((post("m1", "M", "t"), post("m9", "M", "p")), ["m9"]),  # a principal of the nearest above
        ((post("t1", "T", "p"),), ["t1"]),
        ((), []),  # nobody anywhere: the 党务管理员
    ],
)
def test_of_a_role(parts: tuple[Fact, ...], expected: list[str]) -> None:
    assert who((yearly(Pairing.COMMITTEE_MEMBER), *party("x", "B"), *parts), "x") == expected


def test_the_role_is_that_of_today() -> None:
    parts = (*party("x", "B"), post("a", "B", "p", until="5-1"), post("b", "B", "p", since="5-1"))
    assert who((yearly(Pairing.COMMITTEE_MEMBER), *parts), "x", "4-30") == ["a"]
    assert who((yearly(Pairing.COMMITTEE_MEMBER), *parts), "x", "5-1") == ["b"]


@pytest.mark.parametrize(
    ("parts", "subject", "expected"),
    [
        # nobody is ordinary any more: the principals above, all of them, else those of O
        (
            (post("b", "B", "p"), post("m1", "M", "p"), post("m2", "M", "p"), post("t", "T", "p")),
            "x",
            ["m1", "m2"],
        ),
        ((post("b", "B", "p"), post("t", "T", "p")), "x", ["t"]),
        ((post("b", "B", "p"),), "x", ["b"]),
        ((post("b", "B", "p"), post("x", "M", "p")), "x", ["b"]),  # not he himself
        ((), "x", []),
    ],
)
def test_where_nobody_is_in_the_role(parts: tuple[Fact, ...], subject: str, expected: list[str]) -> None:
    rule = on_event(TalkerRole.ORDINARY)
    assert who((rule, *party("x", "B"), event("E", "x", "其他", "5-1"), *parts), subject) == expected


def test_the_head_of_the_topmost_organisation_is_left_to_another_principal_or_the_staff() -> None:
    alone = (
        on_event(TalkerRole.PRINCIPAL),
        *party("t1", "T"),
        event("E", "t1", "其他", "5-1"),
        post("t1", "T", "p"),
    )
    assert who(alone, "t1", at="T") == []
    assert who((*alone, post("t2", "T", "p")), "t1", at="T") == ["t2"]


def test_ordinary_members_take_the_lowest_code() -> None:
    parts = (yearly(Pairing.MEMBER_MEMBER), *TEAM, *party("x y z", "B"))
    assert who(parts, "x") == ["y"]
    assert who(parts, "z") == ["x"]
