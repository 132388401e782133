"""rules.md section 3: which version of a rule holds where and when, and who may make which."""

import re
from dataclasses import replace
from datetime import date

import pytest

from talks.rules import versions
from talks.rules.facts import EventTrigger, Meeting, PeriodTrigger, Rule
from talks.rules.versions import Refusal, refusals, rules_of
from talks.rules.words import DayUnit, Pairing, TalkerRole
from tests.talks.rules.worlds import day, event, on_event, owed, party, persons, post, preset, world, yearly

SUPERIORS = {"T": None, "M": "T", "B": "M", "C": "T", "S": None}
KINDS_OF_BRANCH = frozenset({"党支部"})
PERSONS = (*party("x", "B"), *party("y", "C"))


def made(code: str, organisation: str, since: str, **changes: object) -> Rule:
    """A version of a built-in or switchable rule made by the organisation."""
    return preset(code, organisation=organisation, effective_from=day(since), **changes)


def due(*rules: Rule, on: str = "5-1") -> dict[str, int | None]:
    """The days of the rule that holds, by organisation, for events known on the day in B and C."""
    facts = world(*rules, *PERSONS, event("E1", "x", "其他", on), event("E2", "y", "其他", on))
    return {duty.organisation: duty.rule.days for duty in owed(facts, "2027-12-31", year=day(on).year)}


OWN = on_event(TalkerRole.PRINCIPAL, 7)


@pytest.mark.parametrize(
    ("rules", "on", "expected"),
    [
        ([OWN], "5-1", {"B": 7, "C": 7}),  # made by T, above both
        ([replace(OWN, organisation="B")], "5-1", {"B": 7}),
        ([replace(OWN, organisation="M")], "5-1", {"B": 7}),
        ([replace(OWN, organisation="S")], "5-1", {}),  # of another tree
        ([replace(OWN, applies_to=frozenset({"党委"}))], "5-1", {}),
        ([replace(OWN, effective_from=day("5-2"))], "5-1", {}),
        ([replace(OWN, effective_from=day("5-1"))], "5-1", {"B": 7, "C": 7}),
        ([replace(OWN, effective_to=day("5-1"))], "5-1", {}),
        ([replace(OWN, effective_to=day("5-2"))], "5-1", {"B": 7, "C": 7}),
        # a lower organisation's version holds there from its day on; the superior's goes on elsewhere
        ([OWN, replace(OWN, organisation="M", days=5, effective_from=day("5-1"))], "4-30", {"B": 7, "C": 7}),
        ([OWN, replace(OWN, organisation="M", days=5, effective_from=day("5-1"))], "5-1", {"B": 5, "C": 7}),
        # a later version of the superior's replaces that again
        (
            [
                OWN,
                replace(OWN, organisation="B", days=5, effective_from=day("3-1")),
                replace(OWN, days=4, effective_from=day("5-1")),
            ],
            "5-1",
            {"B": 4, "C": 4},
        ),
        # after the end of a version nothing comes back
        (
            [OWN, replace(OWN, days=5, effective_from=day("3-1"), effective_to=day("5-1"))],
            "4-30",
            {"B": 5, "C": 5},
        ),
        ([OWN, replace(OWN, days=5, effective_from=day("3-1"), effective_to=day("5-1"))], "5-1", {}),
        # a version for other kinds replaces as well
        ([OWN, replace(OWN, applies_to=frozenset({"党委"}), effective_from=day("3-1"))], "5-1", {}),
        # a built-in rule is replaced like another
        (
            [replace(OWN, organisation=None), replace(OWN, days=3, effective_from=day("3-1"))],
            "5-1",
            {"B": 3, "C": 3},
        ),
    ],
)
def test_the_version_in_force(rules: list[Rule], on: str, expected: dict[str, int]) -> None:
    assert due(*rules, on=on) == expected


def test_two_versions_never_owe_for_one_anchor() -> None:
    """The version is that of the anchor date: an event keeps its rule however late it is looked at."""
    facts = world(
        OWN, replace(OWN, days=3, effective_from=day("5-2")), *PERSONS, event("E", "x", "其他", "5-1")
    )
    assert [duty.due_on for duty in owed(facts, "12-31")] == [day("5-8")]


def test_a_period_rule_begun_in_a_period_first_applies_to_the_next() -> None:
    quarterly = yearly(Pairing.COMMITTEE_COMMITTEE, 3, effective_from=day("2-1"))
    facts = world(quarterly, post("a", "B", "p"), post("b", "B", "t"))
    assert [duty.anchor for duty in owed(facts, "12-31", "B")] == [
        "period:2026-Q2",
        "period:2026-Q3",
        "period:2026-Q4",
    ]


def test_a_period_rule_that_changes_its_period() -> None:
    year = yearly(Pairing.COMMITTEE_COMMITTEE)
    half = replace(year, trigger=PeriodTrigger(6), effective_from=day("3-1"))
    facts = world(year, half, post("a", "B", "p"), post("b", "B", "t"))
    assert [duty.anchor for duty in owed(facts, "12-31", "B")] == ["period:2026", "period:2026-H2"]


def test_a_report_on_the_past_stays_the_same() -> None:
    parts = (OWN, *PERSONS, event("E", "x", "其他", "5-1"))
    before = owed(world(*parts), "12-31")
    assert owed(world(*parts, replace(OWN, days=1, effective_from=day("6-1"))), "12-31") == before


def test_rules_of_an_organisation() -> None:
    facts = world(OWN, replace(OWN, organisation="M", days=5, effective_from=day("5-1")))
    assert [rule.days for rule in rules_of(facts, "B", day("5-1"))] == [5]
    assert [rule.days for rule in rules_of(facts, "C", day("5-1"))] == [7]
    with pytest.raises(KeyError):
        rules_of(facts, "nowhere", day("5-1"))


# Who may make what: `refusals`


def refused(version: Rule, *others: Rule) -> list[str]:
    """The reasons, by the names of their constants."""
    patterns = {
        name: re.sub(r"\\{\w+\\}", ".+", re.escape(text))
        for name, text in vars(versions).items()
        if name.isupper() and isinstance(text, str)
    }
    return [
        name
        for reason in refusals(version, others=others, superiors=SUPERIORS)
        for name, pattern in patterns.items()
        if re.fullmatch(pattern, reason.text)
    ]


SIGNS = "four.signs"  # built in: 3 working days, principal, one-to-one, from 2019-01-01


@pytest.mark.parametrize(
    ("version", "others", "expected"),
    [
        # the topmost organisation counts as the maker of a built-in rule
        (made(SIGNS, "T", "5-1", days=9), [], []),
        (
            made(
                SIGNS, "T", "5-1", days=9, unit=DayUnit.NATURAL, one_to_one=False, talker_role=TalkerRole.TEAM
            ),
            [],
            [],
        ),
        (made(SIGNS, "T", "5-1", trigger=EventTrigger(("其他",)), applies_to=KINDS_OF_BRANCH), [], []),
        (made(SIGNS, "T", "5-1", effective_to=day("6-1")), [], []),
        (made(SIGNS, "T", "5-1", pairing=Pairing.CANDIDATE), [], ["PAIRING_FIXED"]),
        (made(SIGNS, "S", "5-1", days=9), [], []),  # the top of another tree
        # any other organisation: title, basis and fewer days of the same unit
        (made(SIGNS, "B", "5-1"), [], []),
        (made(SIGNS, "B", "5-1", title="提醒", basis="本级规定", days=2), [], []),
        (made(SIGNS, "B", "5-1", days=4), [], ["DAYS_ONLY_FEWER"]),
        (made(SIGNS, "B", "5-1", days=2, unit=DayUnit.NATURAL), [], ["NOT_THE_MAKER"]),
        (made(SIGNS, "B", "5-1", one_to_one=False), [], ["NOT_THE_MAKER"]),
        (made(SIGNS, "B", "5-1", talker_role=TalkerRole.TEAM), [], ["NOT_THE_MAKER"]),
        (made(SIGNS, "B", "5-1", trigger=EventTrigger(("其他",))), [], ["NOT_THE_MAKER"]),
        (made(SIGNS, "B", "5-1", applies_to=KINDS_OF_BRANCH), [], ["NOT_THE_MAKER"]),
        (made(SIGNS, "B", "5-1", effective_to=day("6-1")), [], ["NOT_THE_MAKER"]),  # that would remove it
        (made(SIGNS, "M", "5-1", days=4), [], ["DAYS_ONLY_FEWER"]),
        # compared with what held there before
        (made(SIGNS, "B", "5-1", days=2), [made(SIGNS, "T", "3-1", days=1)], ["DAYS_ONLY_FEWER"]),
        (made(SIGNS, "B", "5-1", days=8), [made(SIGNS, "T", "3-1", days=9)], []),
        (made(SIGNS, "B", "5-1", days=8), [made(SIGNS, "T", "6-1", days=9)], ["DAYS_ONLY_FEWER"]),
        (made(SIGNS, "B", "5-1", days=3), [made(SIGNS, "C", "3-1", days=1)], []),
        (made(SIGNS, "B", "5-1"), [made(SIGNS, "T", "3-1", effective_to=day("4-1"))], ["ENDED"]),
        (made(SIGNS, "T", "5-1"), [made(SIGNS, "T", "3-1", effective_to=day("4-1"))], []),
        # a new version begins after the one it replaces
        (made(SIGNS, "T", "2019-1-1"), [], ["NOT_AFTER"]),
        (made(SIGNS, "T", "2018-1-1"), [], ["NOT_AFTER"]),
        (made(SIGNS, "T", "2019-1-2"), [], []),
        (made(SIGNS, "B", "5-1"), [made(SIGNS, "T", "5-1")], ["NOT_AFTER"]),
        (made(SIGNS, "T", "5-1"), [made(SIGNS, "B", "5-1")], ["NOT_AFTER"]),
        (made(SIGNS, "B", "5-1"), [made(SIGNS, "C", "5-1")], []),
        (made(SIGNS, "B", "5-1"), [made(SIGNS, "B", "5-1")], []),  # itself, as it stands in the table
        # a preset of the second list: whoever switches it on is its maker
        (made("six-b.care", "B", "5-1", days=20, one_to_one=False), [], []),
        (made("six-b.care", "B", "5-1", pairing=Pairing.CANDIDATE), [], ["PAIRING_FIXED"]),
        (made("six-b.care", "B", "5-1", days=20), [made("six-b.care", "M", "3-1")], ["DAYS_ONLY_FEWER"]),
        (made("six-b.care", "M", "5-1", days=20), [made("six-b.care", "B", "3-1")], []),
        # a rule of one's own
        (OWN, [], []),
        (replace(OWN, days=20, effective_from=day("5-1")), [OWN], []),
        (replace(OWN, organisation="B", days=8, effective_from=day("5-1")), [OWN], ["DAYS_ONLY_FEWER"]),
        (replace(OWN, pairing=Pairing.CANDIDATE, effective_from=day("5-1")), [OWN], ["PAIRING_FIXED"]),
    ],
)
def test_who_may_change_what(version: Rule, others: list[Rule], expected: list[str]) -> None:
    assert refused(version, *others) == expected


PERIOD = yearly(Pairing.COMMITTEE_COMMITTEE)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (PERIOD, []),
        (replace(PERIOD, effective_to=date(2020, 1, 1)), ["RANGE_EMPTY"]),
        (replace(PERIOD, effective_to=date(2020, 1, 2)), []),
        (replace(PERIOD, days=7), ["DAYS_ONLY_WITH_EVENT"]),
        (replace(PERIOD, unit=DayUnit.NATURAL), ["DAYS_ONLY_WITH_EVENT"]),
        (replace(OWN, days=None), ["EVENT_NEEDS_DAYS"]),
        (replace(OWN, unit=None), ["EVENT_NEEDS_DAYS"]),
        (replace(OWN, days=0), ["EVENT_NEEDS_DAYS"]),
        (replace(OWN, days=1), []),
        (replace(OWN, days=366), []),
        (replace(OWN, days=367), ["EVENT_NEEDS_DAYS"]),
        (replace(PERIOD, pairing=Pairing.EVENT, talker_role=TalkerRole.TEAM), ["PAIRING_NEEDS_EVENT"]),
        (replace(PERIOD, pairing=Pairing.CANDIDATE, talker_role=TalkerRole.TEAM), ["PAIRING_NEEDS_EVENT"]),
        (replace(OWN, pairing=Pairing.KEY_POST), ["EVENT_NEEDS_PAIRING"]),
        (replace(PERIOD, talker_role=TalkerRole.TEAM), ["PAIR_HAS_NO_ROLE"]),
        (replace(PERIOD, pairing=Pairing.COMMITTEE_MEMBER), []),
        (replace(PERIOD, pairing=Pairing.COMMITTEE_MEMBER, talker_role=TalkerRole.TEAM), []),
        (replace(PERIOD, pairing=Pairing.COMMITTEE_MEMBER, talker_role=TalkerRole.LIAISON), ["ROLE_FIXED"]),
        (replace(PERIOD, pairing=Pairing.MEMBER_MEMBER, talker_role=TalkerRole.TEAM), ["ROLE_FIXED"]),
        (replace(PERIOD, pairing=Pairing.PORTFOLIO_STAFF, talker_role=TalkerRole.TEAM), ["ROLE_FIXED"]),
        (replace(PERIOD, pairing=Pairing.KEY_POST), ["ROLE_MISSING"]),
        (replace(OWN, talker_role=None), ["ROLE_MISSING"]),
        (replace(OWN, talker_role=TalkerRole.LIAISON), []),
    ],
)
def test_the_shape_of_a_version(version: Rule, expected: list[str]) -> None:
    assert refused(version) == expected


def test_a_refusal_says_what_to_do() -> None:
    version = made(SIGNS, "B", "5-1", days=4)
    assert refusals(version, others=(), superiors=SUPERIORS) == (
        Refusal("days", "规则「four.signs」由上级党组织制定，天数只能减少：应不多于3个工作日"),
    )


def test_the_pairing_of_a_code_is_the_same_up_and_down_the_tree() -> None:
    lower = yearly(Pairing.COMMITTEE_COMMITTEE, organisation="B", effective_from=day("1-1"))
    upper = yearly(Pairing.TEAM_TEAM, organisation="T", effective_from=day("5-1"))
    assert refused(upper, lower) == ["PAIRING_FIXED"]
    assert refused(replace(upper, organisation="C"), lower) == []
    assert persons(owed(world(lower, post("a", "B", "p"), post("b", "B", "t")), "5-1", "B")) == ["b-a"]


@pytest.mark.parametrize(("since", "owes"), [("12-1", True), ("12-20", True), ("12-21", False)])
def test_the_anchor_date_of_a_meeting_is_its_own_day(since: str, owes: bool) -> None:
    """Talks from 20 November, meeting on 20 December: a version begun between the two holds."""
    rule = made("life.committee-committee", "T", since)
    meeting = Meeting("B", "组织生活会", 2026, day("12-20"))
    facts = world(rule, meeting, post("a", "B", "p"), post("b", "B", "t"))
    assert (persons(owed(facts, "12-31", "B")) == ["b-a"]) is owes


# --- who would hear of more events -------------------------------------------------------------------------

SEATED = frozenset({TalkerRole.ORDINARY, TalkerRole.TEAM})
BY_TEAM = on_event(TalkerRole.TEAM, 7)


@pytest.mark.parametrize(
    ("version", "before", "expected"),
    [
        (BY_TEAM, None, True),
        (replace(BY_TEAM, talker_role=TalkerRole.ORDINARY), None, True),
        # of another role, or of no event, he hears nothing
        (OWN, None, False),
        (replace(BY_TEAM, talker_role=TalkerRole.LEADER), None, False),
        (yearly(Pairing.KEY_POST, talker_role=TalkerRole.TEAM), None, False),
        # what he hears as it is may stay, go sooner or ask for more haste
        (BY_TEAM, BY_TEAM, False),
        (replace(BY_TEAM, days=3, title="尽快谈"), BY_TEAM, False),
        (replace(BY_TEAM, effective_to=day("7-1")), BY_TEAM, False),
        (BY_TEAM, replace(BY_TEAM, effective_to=day("7-1")), True),
        # the role, the kinds of organisations or of events that were not his
        (BY_TEAM, OWN, True),
        (BY_TEAM, replace(BY_TEAM, applies_to=KINDS_OF_BRANCH), True),
        (replace(BY_TEAM, applies_to=KINDS_OF_BRANCH), BY_TEAM, False),
        (replace(BY_TEAM, trigger=EventTrigger(("其他", "家庭变故"))), BY_TEAM, True),
        (BY_TEAM, replace(BY_TEAM, trigger=EventTrigger(("其他", "家庭变故"))), False),
        (BY_TEAM, yearly(Pairing.KEY_POST, talker_role=TalkerRole.TEAM), True),
    ],
)
def test_who_is_in_the_role_hears_of_more_or_not(version: Rule, before: Rule | None, expected: bool) -> None:
    assert versions.tells_of_more(version, before, SEATED) is expected


@pytest.mark.parametrize(
    ("others", "days"),
    [
        ([], None),
        ([replace(OWN, days=5)], 5),
        # the same organisation's is what it replaces, on the same day too; another branch's is not
        ([replace(OWN, days=5), replace(OWN, organisation="B", days=4, effective_from=day("3-1"))], 4),
        ([replace(OWN, days=5), replace(OWN, organisation="B", days=4, effective_from=day("5-1"))], 4),
        ([replace(OWN, days=5), replace(OWN, organisation="C", days=4, effective_from=day("3-1"))], 5),
        # one that began later, or has ended, or is of another code
        ([replace(OWN, organisation="B", days=4, effective_from=day("5-2"))], None),
        ([replace(OWN, days=5, effective_to=day("5-1"))], None),
        ([replace(OWN, days=5, code="other")], None),
    ],
)
def test_what_a_version_replaces(others: list[Rule], days: int | None) -> None:
    version = replace(OWN, organisation="B", effective_from=day("5-1"))
    found = versions.replaced_by(version, others=others, superiors=SUPERIORS)
    assert (found.days if found else None) == days


def test_a_version_of_a_built_in_rule_replaces_that() -> None:
    version = made("four.family", "B", "5-1", days=2)
    found = versions.replaced_by(version, others=[], superiors=SUPERIORS)
    assert found is not None
    assert (found.organisation, found.days) == (None, 3)
