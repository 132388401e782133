"""rules.md section 5: what meets a duty, and in which words the rest is told that it does not."""

import pytest

from talks.rules.duties import Duty, meets
from talks.rules.facts import Facts, Liaison, Meeting, Rule, Talk
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

TEAM = (post("a", "B", "p"), post("b", "B", "t"), post("c", "B", "t"))
MEMBERS = party("a b c x y z", "B")


def the_duty(facts: Facts, subject: str, as_of: str = "12-31") -> Duty:
    (duty,) = [duty for duty in owed(facts, as_of, "B") if duty.subject == subject]
    return duty


def reason(parts: tuple[Fact, ...], rule: Rule, subject: str, judged: Talk) -> str:
    """Why the talk does not meet the duty of the subject; empty where it does."""
    facts = world(rule, *parts, judged)
    verdict = meets(facts, judged, the_duty(facts, subject))
    assert verdict.counts is not bool(verdict.reason)
    return verdict.reason


@pytest.mark.parametrize(
    ("talkers", "subjects", "more", "expected"),
    [
        ("a", "b", {}, ""),
        ("b", "a", {}, ""),  # in either direction
        ("a b", "x", {}, "双方在谈话的同一方，不是相互谈话"),
        ("x", "a b", {}, "双方在谈话的同一方，不是相互谈话"),
        ("a", "x", {"recorder": "b"}, "记录人不计为谈话人"),
        ("a", "x", {}, "应谈人员未参加"),
        ("x", "y", {}, "应谈人员未参加"),
        ("a", "b x", {}, "一对多，不计入一对一"),
        ("a x", "b", {}, "多对一，不计入一对一"),
        ("a x", "b y", {}, "多对多，不计入一对一"),
        ("a", "b", {"external": True}, "多对一，不计入一对一"),  # an external talker counts as one
        ("a", "b", {"recorder": "x"}, ""),  # the recorder never counts
    ],
)
def test_a_pair_one_to_one(talkers: str, subjects: str, more: dict[str, object], expected: str) -> None:
    rule = yearly(Pairing.COMMITTEE_COMMITTEE, one_to_one=True)
    judged = talk("T1", "5-1", talkers, subjects, **more)  # type: ignore[arg-type]
    assert reason((*TEAM[:2], *MEMBERS), rule, "b", judged) == expected


@pytest.mark.parametrize(
    ("talkers", "subjects", "external", "counts"),
    [
        ("a", "b x", False, True),
        ("a x", "b y", False, True),
        ("a", "b", True, True),
        ("a b", "x", False, False),
    ],
)
def test_a_pair_that_need_not_be_alone(talkers: str, subjects: str, external: bool, counts: bool) -> None:
    rule = yearly(Pairing.COMMITTEE_COMMITTEE, one_to_one=False)
    judged = talk("T1", "5-1", talkers, subjects, external=external)
    assert (reason((*TEAM[:2], *MEMBERS), rule, "b", judged) == "") is counts


@pytest.mark.parametrize(
    ("talkers", "subjects", "more", "expected"),
    [
        ("a", "x", {}, ""),
        ("c", "x", {}, ""),
        ("x", "c", {}, ""),  # the other way round
        ("y", "x", {}, "另一方当日不是规定的谈话人（班子成员）"),
        ("x", "y", {}, "另一方当日不是规定的谈话人（班子成员）"),
        ("y", "x", {"recorder": "a"}, "记录人不计为谈话人"),
        ("a", "y", {"recorder": "x"}, "记录人不计为谈话人"),
        ("a x", "y", {}, "另一方当日不是规定的谈话人（班子成员）"),  # a stands on his side
        ("a", "y", {}, "应谈人员未参加"),
        ("y", "x", {"external": True}, "当日有规定的谈话人（班子成员），外部谈话人不计入"),
        ("", "x", {"external": True}, "当日有规定的谈话人（班子成员），外部谈话人不计入"),
        ("y a", "x", {}, "多对一，不计入一对一"),
        ("a", "x y", {}, "一对多，不计入一对一"),
    ],
)
def test_a_role_one_to_one(talkers: str, subjects: str, more: dict[str, object], expected: str) -> None:
    rule = yearly(Pairing.COMMITTEE_MEMBER, one_to_one=True)
    judged = talk("T1", "5-1", talkers, subjects, **more)  # type: ignore[arg-type]
    assert reason((*TEAM, *MEMBERS), rule, "x", judged) == expected


@pytest.mark.parametrize(
    ("talkers", "subjects", "counts"),
    [("y", "x", True), ("x", "y", True), ("a", "x y", False), ("z y", "x", True), ("w", "x", False)],
)
def test_members_among_themselves(talkers: str, subjects: str, counts: bool) -> None:
    """With talker a and subjects x and y, x and y stand on one side: no talk between them. w is of C."""
    rule = yearly(Pairing.MEMBER_MEMBER, one_to_one=False)
    parts = (*TEAM, *MEMBERS, *party("w", "C"))
    assert (reason(parts, rule, "x", talk("T1", "5-1", talkers, subjects)) == "") is counts


@pytest.mark.parametrize(
    ("held_on", "talker", "counts"),
    [("4-30", "old", True), ("5-1", "old", False), ("4-30", "new", False), ("5-1", "new", True)],
)
def test_the_role_is_held_on_the_day_of_the_talk(held_on: str, talker: str, counts: bool) -> None:
    parts = (post("old", "B", "p", until="5-1"), post("new", "B", "p", since="5-1"), *party("x y", "B"))
    rule = yearly(Pairing.COMMITTEE_MEMBER)
    assert (reason(parts, rule, "x", talk("T1", held_on, talker, "x")) == "") is counts


@pytest.mark.parametrize(
    ("held_on", "talkers", "counts"),
    [
        ("5-10", "", True),
        ("5-10", "y", True),  # not one-to-one: others may sit by
        ("6-1", "", False),  # on 1 June m is there
        ("6-1", "m", True),
    ],
)
def test_an_external_talker_where_nobody_holds_the_role(held_on: str, talkers: str, counts: bool) -> None:
    parts = (
        post("x", "B", "p"),
        post("m", "M", "p", since="6-1"),
        *party("x y", "B"),
        event("E", "x", "其他", "5-1"),
    )
    rule = on_event(TalkerRole.PRINCIPAL)
    judged = talk("T1", held_on, talkers, "x", external=talkers != "m")
    assert (reason(parts, rule, "x", judged) == "") is counts


def test_the_external_talker_talks_with_the_subject_not_beside_him() -> None:
    parts = (post("x", "B", "p"), *party("x y", "B"), event("E", "x", "其他", "5-1"))
    judged = talk("T1", "5-2", "x", "y", external=True)
    assert reason(parts, on_event(TalkerRole.PRINCIPAL), "x", judged) != ""


@pytest.mark.parametrize("role", ["principal", "team", "liaison", "leader", "authority"])
def test_each_falling_role_may_be_met_by_an_external_talker(role: str) -> None:
    parts = (post("x", "B", "p"), *party("x", "B"), event("E", "x", "其他", "5-1"))
    judged = talk("T1", "5-2", "", "x", external=True)
    assert reason(parts, on_event(TalkerRole(role), one_to_one=True), "x", judged) == ""


def test_no_external_talker_is_an_ordinary_member() -> None:
    parts = (*party("x", "B"), event("E", "x", "其他", "5-1"))
    judged = talk("T1", "5-2", "", "x", external=True)
    assert (
        reason(parts, on_event(TalkerRole.ORDINARY), "x", judged) == "另一方当日不是规定的谈话人（普通党员）"
    )


def test_the_liaison_of_the_day() -> None:
    parts = (
        *TEAM,
        *party("x", "B"),
        Liaison("b", "x", day("1-1"), day("5-5")),
        event("E", "x", "其他", "5-1"),
    )
    rule = on_event(TalkerRole.LIAISON)
    assert reason(parts, rule, "x", talk("T1", "5-4", "c", "x")) == "另一方当日不是规定的谈话人（联系支委）"
    assert reason(parts, rule, "x", talk("T1", "5-4", "b", "x")) == ""
    assert reason(parts, rule, "x", talk("T1", "5-5", "c", "x")) == ""


@pytest.mark.parametrize(
    ("held_on", "expected"),
    [
        ("11-19", "日期早于会前谈话开始日期"),
        ("11-20", ""),
        ("12-19", ""),
        ("12-20", "日期在会议当天，应在会前"),
        ("12-21", "日期在会后"),
    ],
)
def test_the_window_of_a_meeting(held_on: str, expected: str) -> None:
    parts = (*TEAM[:2], Meeting("B", "组织生活会", 2026, day("12-20")))
    assert reason(parts, preset("life.committee-committee"), "b", talk("T1", held_on, "a", "b")) == expected


@pytest.mark.parametrize(
    ("held_on", "expected"),
    [("2025-12-31", "日期早于本期"), ("1-1", ""), ("12-31", ""), ("2027-1-1", "日期晚于本期")],
)
def test_the_window_of_a_period(held_on: str, expected: str) -> None:
    rule = yearly(Pairing.COMMITTEE_COMMITTEE)
    assert reason(TEAM[:2], rule, "b", talk("T1", held_on, "a", "b")) == expected


@pytest.mark.parametrize(
    ("held_on", "expected"),
    [("5-2", "日期早于知悉日期"), ("5-3", ""), ("5-10", ""), ("5-11", ""), ("2027-5-11", "")],
)
def test_the_window_of_an_event(held_on: str, expected: str) -> None:
    """Happened on 1 May, known on the 3rd; after the 10th it is met late."""
    parts = (*TEAM, *party("x", "B"), event("E", "x", "其他", "5-1", "5-3"))
    assert reason(parts, on_event(TalkerRole.PRINCIPAL), "x", talk("T1", held_on, "a", "x")) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (TalkState.RECORDED, ""),
        (TalkState.CONFIRMED, ""),
        (TalkState.CLOSED, ""),
        (TalkState.PLANNED, "已预约，尚未谈话"),
        (TalkState.HELD, "已谈，尚未记录"),
        (TalkState.CANCELLED, "谈话已取消"),
    ],
)
def test_states_that_count(state: TalkState, expected: str) -> None:
    judged = talk("T1", "5-1", "a", "b", state)
    assert reason(TEAM[:2], yearly(Pairing.COMMITTEE_COMMITTEE), "b", judged) == expected


@pytest.mark.parametrize(("talker", "counts"), [("m", True), ("a", False)])
def test_authority_over_a_post_just_left(talker: str, counts: bool) -> None:
    """x left the team of M on the day of the event: its principal talks with him, not that of the branch."""
    parts = (post("a", "B", "p"), post("m", "M", "p"), post("x", "M", "t", until="5-1"), *party("x", "B"))
    about = event("E", "x", "岗位变动", "5-1")
    judged = talk("T1", "5-3", talker, "x")
    assert (reason((*parts, about), preset("four.post-change"), "x", judged) == "") is counts
