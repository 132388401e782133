"""What a draft of a rule would owe, worked out by hand.

B (党支部, under M) has the principal p, t in its team, x and y ordinary; C (under T) q and ordinary z.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from talks.rules.drafts import Draft, added, changed, ended, switched_on
from talks.rules.effects import Effect, effects_of, looked_at_on
from talks.rules.facts import EventTrigger, Facts, Meeting, MeetingTrigger, PeriodTrigger, Rule
from talks.rules.words import MeetingKind, Pairing, TalkerRole
from tests.talks.rules.worlds import Fact, day, event, on_event, party, post, preset, world, yearly

TODAY = day("3-5")
PEOPLE: tuple[Fact, ...] = (
    *party("p t x y", "B"),
    *party("q z", "C"),
    *(post("p", "B", "p"), post("t", "B", "t"), post("q", "C", "p")),
)
ONE_FOR_EACH = yearly(Pairing.COMMITTEE_MEMBER, applies_to=frozenset({"党支部"}))  # x, y in B; z in C


def effect(draft: Draft, facts: Facts, known: Iterable[str] = ()) -> tuple[str, dict[str, tuple[int, ...]]]:
    """As of which day, and by organisation what comes, goes, and stays under another version."""
    assert draft.reasons == ()
    as_of = looked_at_on(draft, facts)
    codes = [organisation.code for organisation in facts.organisations]
    found = effects_of(draft, facts, organisations=codes, as_of=as_of, known_events=set(known))
    assert found == tuple(sorted(found, key=lambda one: codes.index(one.organisation)))
    return as_of.isoformat(), {
        one.organisation: (one.added, one.removed, one.carried) for one in found if isinstance(one, Effect)
    }


def own(rule: Rule, since: str, *facts: Fact) -> tuple[str, dict[str, tuple[int, ...]]]:
    standing = world(*PEOPLE, *facts)
    return effect(
        added(standing, replace(rule, effective_from=day(since)), own_roles=(), today=TODAY), standing
    )


@pytest.mark.parametrize(
    ("months", "since", "as_of"),
    [
        (12, "3-5", "2027-01-01"),
        (12, "2027-1-1", "2027-01-01"),
        (6, "3-5", "2026-07-01"),
        (3, "3-5", "2026-04-01"),
        (3, "4-1", "2026-04-01"),
        (1, "12-2", "2027-01-01"),
    ],
)
def test_a_period_rule_owes_from_the_first_whole_period_on(months: int, since: str, as_of: str) -> None:
    rule = replace(ONE_FOR_EACH, trigger=PeriodTrigger(months))
    assert own(rule, since) == (as_of, {"B": (2, 0, 0), "C": (1, 0, 0)})


def test_who_has_left_by_then_is_not_owed() -> None:
    standing = world(*party("p t x", "B"), *party("y", "B", until="2026-12-31"), *PEOPLE[6:])
    draft = added(standing, replace(ONE_FOR_EACH, effective_from=day("3-5")), own_roles=(), today=TODAY)
    assert effect(draft, standing) == ("2027-01-01", {"B": (1, 0, 0)})


def test_a_rule_of_the_branch_reaches_nobody_else() -> None:
    draft = replace(ONE_FOR_EACH, organisation="B")
    assert own(draft, "3-5") == ("2027-01-01", {"B": (2, 0, 0)})


def test_an_end_takes_away_what_the_next_period_would_owe() -> None:
    standing = world(*PEOPLE, ONE_FOR_EACH)
    draft = ended(standing, "T", ONE_FOR_EACH.code, effective_to=day("7-1"), today=TODAY)
    assert effect(draft, standing) == ("2027-01-01", {"B": (0, 2, 0), "C": (0, 1, 0)})


def test_the_end_of_what_is_built_in_does_not_tell_of_its_last_day() -> None:
    """The version of one day would stand for the period that begins on it: that is no change."""
    standing = world(*PEOPLE, built_in=True)
    code = "year.committee-member"
    draft = ended(standing, "T", code, effective_to=day("2027-1-2"), today=TODAY)
    assert effect(draft, standing) == ("2028-01-01", {"B": (0, 2, 0), "C": (0, 1, 0)})


def test_another_version_below_goes_on() -> None:
    lower = replace(ONE_FOR_EACH, organisation="B", title="本级", effective_from=day("2-1"))
    standing = world(*PEOPLE, ONE_FOR_EACH, lower)
    draft = ended(standing, "T", ONE_FOR_EACH.code, effective_to=day("7-1"), today=TODAY)
    assert effect(draft, standing) == ("2027-01-01", {"C": (0, 1, 0)})


def test_a_shorter_period_owes_more_and_the_running_one_stays() -> None:
    standing = world(*PEOPLE, ONE_FOR_EACH)
    draft = changed(
        standing,
        *("T", ONE_FOR_EACH.code),
        effective_from=day("3-5"),
        terms={"trigger": PeriodTrigger(6)},
        own_roles=(),
        today=TODAY,
    )
    assert effect(draft, standing) == ("2026-07-01", {"B": (2, 0, 0), "C": (1, 0, 0)})


def test_other_kinds_of_organisations_come_and_go() -> None:
    standing = world(*PEOPLE, *party("m", "M"), ONE_FOR_EACH)
    draft = changed(
        standing,
        *("T", ONE_FOR_EACH.code),
        effective_from=day("3-5"),
        terms={"applies_to": frozenset({"党总支"})},
        own_roles=(),
        today=TODAY,
    )
    as_of, effects = effect(draft, standing)
    assert effects == {"M": (1, 0, 0), "B": (0, 2, 0), "C": (0, 1, 0)}
    assert as_of == "2027-01-01"


MEETING = Meeting("B", "组织生活会", 2026, day("12-20"))  # talks from 20 November


@pytest.mark.parametrize(
    ("since", "as_of", "effects"),
    [
        ("3-5", "2026-11-20", {"B": (0, 0, 2)}),
        ("11-25", "2026-11-25", {"B": (0, 0, 2)}),
        ("12-20", "2026-12-20", {"B": (0, 0, 2)}),
        ("12-21", "2026-12-21", {}),  # the meeting is before it
    ],
)
def test_a_meeting_that_is_entered_shows_its_talks(
    since: str, as_of: str, effects: dict[str, tuple[int, ...]]
) -> None:
    """x and y owe each other's talk before; they owe it by the new version then."""
    standing = world(*PEOPLE, MEETING, built_in=True)
    draft = changed(
        standing,
        *("T", "life.member-member"),
        effective_from=day(since),
        terms={"one_to_one": True},
        own_roles=(),
        today=TODAY,
    )
    assert effect(draft, standing) == (as_of, effects)


def test_a_meeting_rule_of_ones_own() -> None:
    rule = replace(ONE_FOR_EACH, trigger=MeetingTrigger((MeetingKind.ORGANISATION_LIFE,)))
    assert own(rule, "3-5") == ("2026-03-05", {})
    assert own(rule, "3-5", MEETING) == ("2026-11-20", {"B": (2, 0, 0)})
    other = replace(MEETING, kind="民主生活会")
    assert own(rule, "3-5", other) == ("2026-03-05", {})


def test_a_meeting_of_another_century_is_not_waited_for() -> None:
    """Until then a monthly rule that it replaces would owe thousands of talks, all of them reckoned."""
    monthly = replace(ONE_FOR_EACH, trigger=PeriodTrigger(1))
    far = Meeting("C", "组织生活会", 2100, date(2199, 12, 20))
    standing = world(*PEOPLE, MEETING, far, monthly)
    draft = changed(
        standing,
        *("T", monthly.code),
        effective_from=day("3-5"),
        terms={"trigger": MeetingTrigger((MeetingKind.ORGANISATION_LIFE,))},
        own_roles=(),
        today=TODAY,
    )
    # From April to November eight months for x, y and z; the meeting of B for x and y.
    assert effect(draft, standing) == ("2026-11-20", {"B": (2, 16, 0), "C": (0, 8, 0)})


def test_an_event_is_counted_only_for_who_may_know_of_it() -> None:
    rule = on_event(TalkerRole.PRINCIPAL, kind="家庭变故", effective_from=day("3-5"))
    standing = world(*PEOPLE, event("E1", "x", "家庭变故", "3-5"), event("E2", "z", "家庭变故", "3-5"))
    draft = added(standing, rule, own_roles=(), today=TODAY)
    assert effect(draft, standing) == ("2026-03-05", {})
    assert effect(draft, standing, ["E1"]) == ("2026-03-05", {"B": (1, 0, 0)})
    assert effect(draft, standing, ["E1", "E2"]) == ("2026-03-05", {"B": (1, 0, 0), "C": (1, 0, 0)})


def test_events_known_before_the_change_stay_as_they_are() -> None:
    standing = world(*PEOPLE, event("E1", "x", "家庭变故", "3-4"), built_in=True)
    draft = changed(
        standing,
        "T",
        "four.family",
        effective_from=day("3-5"),
        terms={"days": 1},
        own_roles=(),
        today=TODAY,
    )
    assert effect(draft, standing, ["E1"]) == ("2026-03-05", {})


def test_a_preset_of_the_second_list() -> None:
    standing = world(*PEOPLE, event("E1", "x", "工作挫折", "3-5"))
    draft = switched_on(standing, "T", "six-b.care", effective_from=TODAY, today=TODAY)
    assert effect(draft, standing, ["E1"]) == ("2026-03-05", {"B": (1, 0, 0)})


def test_a_trigger_of_another_sort() -> None:
    """Before meetings instead of yearly: what the meetings entered would owe comes."""
    standing = world(*PEOPLE, MEETING, ONE_FOR_EACH)
    draft = changed(
        standing,
        *("T", ONE_FOR_EACH.code),
        effective_from=day("3-5"),
        terms={"trigger": MeetingTrigger((MeetingKind.ORGANISATION_LIFE,))},
        own_roles=(),
        today=TODAY,
    )
    assert effect(draft, standing) == ("2026-11-20", {"B": (2, 0, 0)})


def test_only_the_rule_in_question_is_compared() -> None:
    standing = world(*PEOPLE, MEETING, event("E1", "x", "家庭变故", "3-5"), built_in=True)
    rule = yearly(Pairing.KEY_POST, talker_role=TalkerRole.TEAM, effective_from=day("3-5"))
    assert effect(added(standing, rule, own_roles=(), today=TODAY), standing, ["E1"]) == ("2027-01-01", {})


def test_the_facts_are_left_as_they_are() -> None:
    rule = preset("six-b.care", organisation="T", effective_from=date(2020, 1, 1))
    standing = world(*PEOPLE, rule)
    draft = ended(standing, "T", rule.code, effective_to=TODAY, today=TODAY)
    effect(draft, standing)
    assert standing.rules == (rule,)
    assert isinstance(rule.trigger, EventTrigger)
