"""rules.md section 2: who is in a talker role, and where it falls to those above."""

import pytest

from talks.rules.duties import role_holders
from talks.rules.facts import Department, Event, Facts, Liaison, Organisation, Portfolio
from talks.rules.words import TalkerRole
from tests.talks.rules.worlds import day, event, party, post, world

FULL = (
    post("t1", "T", "p"),
    post("t2", "T", "t"),
    post("m1", "M", "p"),
    post("m2", "M", "t"),
    post("b1", "B", "p"),
    post("b2", "B", "t"),
    *party("b1 b2 x y", "B"),
)


def who(
    facts: Facts, role: TalkerRole, subject: str, at: str = "B", on: str = "5-1", about: Event | None = None
) -> str:
    found = role_holders(facts, subject=subject, organisation=at, role=role, day=day(on), event=about)
    return " ".join(sorted(found))


@pytest.mark.parametrize(
    ("parts", "subject", "expected"),
    [
        (FULL, "x", "b1"),
        (FULL, "b2", "b1"),
        (FULL, "b1", "m1"),  # himself the principal: the nearest above
        ((*FULL, post("b3", "B", "p")), "x", "b1 b3"),
        ((*FULL, post("b3", "B", "p")), "b1", "m1"),  # the other principal of O does not count
        ((post("m1", "M", "p"), post("b2", "B", "t")), "x", "m1"),  # O has none
        ((post("t1", "T", "p"),), "x", "t1"),  # nor has M
        ((post("b1", "B", "p"), post("b1", "M", "p"), post("t1", "T", "p")), "b1", "t1"),
        ((post("b1", "B", "p"), post("b1", "M", "p"), post("m2", "M", "p")), "b1", "m2"),
        ((post("b1", "B", "p"),), "b1", ""),  # nobody all the way up
        ((post("c1", "C", "p"),), "x", ""),  # a sister organisation is not above
        ((post("b1", "B", "p", until="5-1"), post("b3", "B", "p", since="5-1")), "x", "b3"),
    ],
)
def test_principal(parts: tuple[object, ...], subject: str, expected: str) -> None:
    assert who(world(*parts), TalkerRole.PRINCIPAL, subject) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "subject", "expected"),
    [
        (FULL, "x", "b1 b2"),
        (FULL, "b2", "b1"),
        (FULL, "b1", "m1 m2"),  # a principal of O: the team of O does not count
        ((post("b2", "B", "t"), post("m2", "M", "t")), "b2", "m2"),  # nobody else in the team
        ((post("t2", "T", "t"),), "x", "t2"),
        (
            (post("b1", "B", "p"), post("b1", "M", "t"), post("t2", "T", "t")),
            "b1",
            "t2",
        ),  # M has only himself
        ((post("b1", "B", "p"), post("b1", "M", "p"), post("m2", "M", "t")), "b1", "m2"),
        ((post("b2", "B", "t"),), "b2", ""),
    ],
)
def test_team(parts: tuple[object, ...], subject: str, expected: str) -> None:
    assert who(world(*parts), TalkerRole.TEAM, subject) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "on", "expected"),
    [
        ((Liaison("b2", "x", day("1-1")),), "5-1", "b2"),
        ((Liaison("b2", "x", day("1-1")), Liaison("b1", "x", day("1-1"))), "5-1", "b1 b2"),
        ((Liaison("y", "x", day("1-1")),), "5-1", "y"),  # leaving the team does not end a liaison
        ((Liaison("b2", "x", day("5-2")),), "5-1", "b1 b2"),  # not yet: as team
        ((Liaison("b2", "x", day("1-1"), day("5-1")),), "5-1", "b1 b2"),  # over: as team
        ((Liaison("b2", "y", day("1-1")),), "5-1", "b1 b2"),  # another's liaison
    ],
)
def test_liaison(parts: tuple[Liaison, ...], on: str, expected: str) -> None:
    assert who(world(*FULL, *parts), TalkerRole.LIAISON, "x", on=on) == expected


def test_liaison_of_a_principal_without_one_is_the_team_above() -> None:
    assert who(world(*FULL), TalkerRole.LIAISON, "b1") == "m1 m2"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [("x", "y z"), ("b1", "x y z"), ("stranger", "x y z")],
)
def test_ordinary(subject: str, expected: str) -> None:
    facts = world(*FULL, *party("z", "B", until="6-1"), *party("w", "B", since="6-1"), *party("c", "C"))
    assert who(facts, TalkerRole.ORDINARY, subject) == expected


def test_ordinary_does_not_fall_upwards() -> None:
    assert (
        who(world(post("t1", "T", "p"), *party("x", "B"), *party("v", "T")), TalkerRole.ORDINARY, "x") == ""
    )


DEPARTMENTS = (Department("D1", "一科", "T"), Department("D2", "二科", "T"), Department("DM", "外科", "M"))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Portfolio("t2", "D1"), post("s", "T", "", "D1")), "t2"),
        (
            (
                Portfolio("t2", "D1"),
                Portfolio("t3", "D2"),
                post("s", "T", "", "D1"),
                post("s", "T", "", "D2"),
            ),
            "t2 t3",
        ),
        ((Portfolio("t2", "D2"), post("s", "T", "", "D1")), "t1 t2 t3"),  # nobody leads D1: as team
        ((Portfolio("o", "D1"), post("s", "T", "", "D1")), "t1 t2 t3"),  # o is not in the team
        ((Portfolio("t2", "D1", None, day("5-1")), post("s", "T", "", "D1")), "t1 t2 t3"),
        ((Portfolio("t2", "D1"), post("s", "T", "", "D1", until="5-1")), "t1 t2 t3"),
        ((Portfolio("t2", "D1"), post("s", "T", "h", "D1")), "t2"),  # a head is led as well
        ((Portfolio("t2", "DM"), post("s", "M", "", "DM")), "t1 t2 t3"),  # DM is no department of T
    ],
)
def test_leader(parts: tuple[object, ...], expected: str) -> None:
    facts = world(*DEPARTMENTS, post("t1", "T", "p"), post("t2", "T", "t"), post("t3", "T", "t"), *parts)  # type: ignore[arg-type]
    assert who(facts, TalkerRole.LEADER, "s", "T") == expected


def test_leader_is_not_oneself() -> None:
    facts = world(
        *DEPARTMENTS,
        Portfolio("t2", "D1"),
        post("t1", "T", "p"),
        post("t2", "T", "t"),
        post("t2", "T", "", "D1"),
    )
    assert who(facts, TalkerRole.LEADER, "t2", "T") == "t1"


CHANGE = event("E", "x", "岗位变动", "5-1", "5-3")


@pytest.mark.parametrize(
    ("parts", "about", "expected"),
    [
        ((), CHANGE, "b1"),  # no such post: X is O
        ((post("x", "B", "t"),), CHANGE, "b1"),  # a branch is no committee
        ((post("x", "M", "t"),), CHANGE, "m1"),
        ((post("x", "M", "h", "DM"),), CHANGE, "m1"),
        ((post("x", "M", "k"),), CHANGE, "b1"),  # neither team nor head
        ((post("x", "M", "t"), post("x", "T", "h", "D1")), CHANGE, "t1"),  # the highest
        ((post("x", "M", "p"),), CHANGE, "t1"),  # a principal of X: the one above
        ((post("x", "M", "t", until="5-1"),), CHANGE, "m1"),  # in force on 30 April, the day before
        ((post("x", "M", "t", until="4-30"),), CHANGE, "b1"),  # over before that day
        ((post("x", "M", "t", until="5-1"),), None, "b1"),  # without an event only the day of the talk counts
        ((post("x", "M", "t", since="5-5"),), CHANGE, "m1"),  # begun by the day of the talk
        ((post("x", "M", "t", since="5-6"),), CHANGE, "b1"),
        ((post("x", "M", "p", until="5-1"),), CHANGE, "t1"),  # the post just left makes him a principal of X
        ((post("x", "B", "p", until="5-1"),), CHANGE, "m1"),  # likewise where X is O
        ((post("x", "B", "p", until="5-1"),), None, "b1"),
        (
            (post("x", "T", "p"),),
            CHANGE,
            "",
        ),  # with t1 a principal of the topmost organisation: the others there do not count
    ],
)
def test_authority(parts: tuple[object, ...], about: Event | None, expected: str) -> None:
    facts = world(*DEPARTMENTS, *FULL, *parts)  # type: ignore[arg-type]
    assert who(facts, TalkerRole.AUTHORITY, "x", on="5-5", about=about) == expected


def test_authority_of_two_committees_of_one_height_is_the_lower_code() -> None:
    facts = world(
        Organisation("N", "另一总支", "党总支", "T"),
        post("m1", "M", "p"),
        post("n1", "N", "p"),
        post("x", "N", "t"),
        post("x", "M", "t"),
        *party("x", "B"),
    )
    assert who(facts, TalkerRole.AUTHORITY, "x") == "m1"
