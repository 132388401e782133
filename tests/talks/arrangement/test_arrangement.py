"""The engine of 一键排谈: what it lays where, what it leaves, and what it says is wanting."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talks.rules.arrangement import (
    Arrangement,
    Crowded,
    Pair,
    Shortage,
    Terms,
    arrange,
    rank_of,
    shortage_of,
)
from talks.rules.slots import Busy, Slot, are_apart, minutes, slots_of
from tests.bench.bench_arrangement import DAYS, HOURS, TEAM, pairs_of_a_meeting, terms_of_a_meeting

HOUR = 3600
MONDAY = date(2026, 11, 2)


def slots(number: int, days: int = 1) -> tuple[Slot, ...]:
    """So many half hours from nine on, on each of the days, half an hour apart."""
    return tuple(
        Slot(MONDAY + timedelta(day), (9 + place) * HOUR, (9 + place) * HOUR + HOUR // 2)
        for day in range(days)
        for place in range(number)
    )


def pair(one: str, other: str, rank: int = 0) -> Pair:
    return Pair(rank, f"{one}+{other}", one, other)


def all_of(persons: str) -> list[Pair]:
    """Each with each."""
    return [pair(one, other) for one, other in combinations(persons, 2)]


def star(number: int) -> list[Pair]:
    """The principal with so many others."""
    return [pair("p", f"t{place:02}") for place in range(number)]


def extra(number: int) -> tuple[Slot, ...]:
    """Extra slots, each on a Saturday of its own."""
    saturday = MONDAY + timedelta(days=5)
    return tuple(
        Slot(saturday + timedelta(weeks=week), 9 * HOUR, 10 * HOUR, is_extra=True) for week in range(number)
    )


def short(pairs: Sequence[Pair], terms: Terms) -> Shortage | None:
    return shortage_of(pairs, terms, arrange(pairs, terms))


def faults_of(pairs: Sequence[Pair], terms: Terms, found: Arrangement) -> list[str]:
    """What is wrong with an arrangement, found in the plainest way."""
    faults = []
    by_key = {one.key: one for one in pairs}
    if {one.key for one in found.left} | set(found.placed) != set(by_key):
        faults.append("a pair is lost")
    if {one.key for one in found.left} & set(found.placed):
        faults.append("a pair is placed and left")
    engaged: dict[str, list[Slot]] = {}
    for key, slot in found.placed.items():
        if slot not in terms.slots:
            faults.append("outside the slots")
        for person in (by_key[key].one, by_key[key].other):
            engaged.setdefault(person, []).append(slot)
            if any(one.person == person and one.meets(slot, terms.gap) for one in terms.busy):
                faults.append("engaged already")
    for person, mine in engaged.items():
        if any(not are_apart(one, other, terms.gap) for one, other in combinations(mine, 2)):
            faults.append("in two places")
        days = Counter(slot.day for slot in mine if not slot.is_extra)
        days.update({one.day: 1 for one in terms.busy if one.person == person and one.counts})
        if any(number > terms.daily_limit for day, number in days.items() if day in {s.day for s in mine}):
            faults.append("above the daily limit")
    return faults


def can_all_be_placed(pairs: Sequence[Pair], terms: Terms) -> bool:
    """Every possibility gone through, with nothing of the engine."""
    shut = {
        (one.person, slot)
        for one in terms.busy
        for slot in terms.slots
        if one.day == slot.day and one.begins < slot.ends + terms.gap and slot.begins < one.ends + terms.gap
    }
    talks = Counter((one.person, one.day) for one in terms.busy if one.counts)

    def descend(rest: Sequence[Pair], taken: frozenset[tuple[str, Slot]]) -> bool:
        if not rest:
            return True
        for slot in terms.slots:
            wanted = {(rest[0].one, slot), (rest[0].other, slot)}
            if wanted & (taken | shut):
                continue
            later = taken | wanted
            if all(
                slot.is_extra
                or talks[person, slot.day]
                + sum(
                    (person, one) in later for one in terms.slots if one.day == slot.day and not one.is_extra
                )
                <= terms.daily_limit
                for person, _ in wanted
            ) and descend(rest[1:], later):
                return True
        return False

    return descend(pairs, frozenset())


# --- slots -------------------------------------------------------------------------------------------------


def test_slots_follow_each_other_with_the_gap_between() -> None:
    # 9:00-9:30, 9:40-10:10, 10:20-10:50 in the morning; 14:00-14:30 and 14:40-15:10 in the afternoon.
    found = slots_of(
        [MONDAY],
        [(9 * HOUR, 11 * HOUR), (14 * HOUR, 15 * HOUR + minutes(10))],
        length=minutes(30),
        gap=minutes(10),
    )
    assert [(one.begins // 60, one.ends // 60) for one in found] == [
        (540, 570),
        (580, 610),
        (620, 650),
        (840, 870),
        (880, 910),
    ]


def test_the_gap_holds_over_adjoining_stretches_of_hours() -> None:
    found = slots_of([MONDAY], [(9 * HOUR, 10 * HOUR), (10 * HOUR, 11 * HOUR)], length=HOUR, gap=minutes(15))
    assert [one.begins for one in found] == [9 * HOUR]
    assert slots_of([MONDAY], [(9 * HOUR, 10 * HOUR)], length=2 * HOUR, gap=0) == ()


# --- laying ------------------------------------------------------------------------------------------------


def test_key_pairs_come_first_in_the_window_and_where_room_is_short() -> None:
    # Two slots, which the pairs of the principal a take; b and d talk while a talks with c.
    pairs = [pair("b", "c", 1), pair("a", "c", 0), pair("a", "b", 0), pair("b", "d", 2)]
    found = arrange(pairs, Terms(slots(1, days=2)))
    assert {key: slot.day.day for key, slot in found.placed.items()} == {"a+b": 2, "a+c": 3, "b+d": 3}
    assert [one.key for one in found.left] == ["b+c"]
    assert rank_of("principal-team") < rank_of("team-team") < rank_of("team-heads") < rank_of("year")


def test_they_are_spread_over_the_window() -> None:
    # Four days, a principal and four others: one talk a day, though a day has room for all.
    found = arrange(star(4), Terms(slots(6, days=4), daily_limit=6))
    assert sorted(slot.day for slot in found.placed.values()) == [MONDAY + timedelta(day) for day in range(4)]


def test_who_is_engaged_is_left_alone_and_his_talks_count() -> None:
    # a is busy at nine; his talk at eleven fills his limit of two with one more.
    busy = (
        Busy("a", MONDAY, 9 * HOUR, 10 * HOUR - minutes(15)),
        Busy("a", MONDAY, 11 * HOUR, 11 * HOUR + HOUR // 2, counts=True),
    )
    found = arrange(
        [pair("a", "b"), pair("a", "c", 1)], Terms(slots(4), busy, gap=minutes(10), daily_limit=2)
    )
    assert [slot.begins for slot in found.placed.values()] == [10 * HOUR]
    assert [one.key for one in found.left] == ["a+c"]


def test_a_talk_keeps_the_gap_to_what_is_booked() -> None:
    busy = (Busy("a", MONDAY, 10 * HOUR - minutes(20), 10 * HOUR - minutes(5)),)
    assert arrange([pair("a", "b")], Terms(slots(2)[1:], busy, gap=minutes(10))).placed == {}
    assert len(arrange([pair("a", "b")], Terms(slots(2)[1:], busy, gap=minutes(5))).placed) == 1


def test_eleven_talk_with_each_other_in_eleven_slots_and_in_no_fewer() -> None:
    """55 talks, five in a slot: it fits without a hole, though nobody has more than ten."""
    pairs = all_of("abcdefghijk")
    found = arrange(pairs, Terms(slots(11), daily_limit=20))
    assert found.left == ()
    assert faults_of(pairs, Terms(slots(11), daily_limit=20), found) == []
    assert short(pairs, Terms(slots(10), daily_limit=20)) == Shortage(1, 1, None, ())


# --- what is wanting ---------------------------------------------------------------------------------------

# Worked out by hand: (pairs, slots a day, days, daily limit) -> so many extra slots are wanted.
WANTING = {
    "seven talks of one person, four slots": (star(7), 4, 1, 20, 3),
    "three persons, two slots": (all_of("abc"), 2, 1, 20, 1),
    "five persons, three slots: ten talks, two in a slot": (all_of("abcde"), 3, 1, 20, 2),
    "four persons, two slots: a round of two each": (all_of("abcd"), 2, 1, 20, 1),
    "six talks of one person, two days, two a day": (star(6), 3, 2, 2, 2),
    "three persons, one day, one a day: one talk of three": (all_of("abc"), 5, 1, 1, 2),
}


@pytest.mark.parametrize("case", WANTING)
def test_with_so_many_more_slots_it_works_and_with_one_fewer_it_does_not(case: str) -> None:
    pairs, number, days, limit, wanting = WANTING[case]
    terms = Terms(slots(number, days), daily_limit=limit)
    told = short(pairs, terms)
    assert told
    assert (told.least, told.enough) == (wanting, wanting)
    with_so_many = Terms((*terms.slots, *extra(wanting)), daily_limit=limit)
    with_one_fewer = Terms((*terms.slots, *extra(wanting - 1)), daily_limit=limit)
    assert arrange(pairs, with_so_many).left == ()
    assert len(arrange(pairs, with_one_fewer).left) > 0
    assert not can_all_be_placed(pairs, with_one_fewer)


def test_a_pair_that_is_never_free_together_needs_a_slot_of_its_own() -> None:
    nine, ten = slots(2)
    busy = (Busy("a", MONDAY, nine.begins, nine.ends), Busy("b", MONDAY, ten.begins, ten.ends))
    told = short([pair("a", "b"), pair("a", "c"), pair("b", "c")], Terms((nine, ten), busy))
    assert told
    assert (told.least, told.enough) == (1, 1)


def test_it_names_who_has_too_much_and_the_limit_that_would_do() -> None:
    # Two days of five slots, two talks a day: room for four of the principal's six. Three a day would do.
    told = short(star(6), Terms(slots(5, days=2), daily_limit=2))
    assert told == Shortage(2, 2, 3, (Crowded("p", 6, 4),))
    # Five slots are five talks, whatever the limit.
    told = short(star(6), Terms(slots(5), daily_limit=2))
    assert told == Shortage(4, 4, None, (Crowded("p", 6, 2),))


def test_nothing_is_wanting_where_all_is_placed() -> None:
    assert short(star(3), Terms(slots(3))) is None
    assert short([], Terms(())) is None
    assert short(star(2), Terms(())) == Shortage(
        2, 2, None, (Crowded("p", 2, 0), Crowded("t00", 1, 0), Crowded("t01", 1, 0))
    )


# --- what always holds -------------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn, persons: str = "abcde", most: int = 6) -> tuple[list[Pair], Terms]:
    """A few persons, pairs and slots; some of them engaged, some slots extra."""
    edges = draw(st.lists(st.sampled_from(list(combinations(persons, 2))), unique=True, max_size=most))
    pairs = [pair(one, other, draw(st.integers(0, 2))) for one, other in edges]
    days = draw(st.integers(1, 2))
    found = slots(draw(st.integers(0, 4 - days)), days)
    found += extra(draw(st.integers(0, 1)))
    busy = [
        Busy(person, slot.day, slot.begins, slot.ends, counts=draw(st.booleans()))
        for person in persons
        for slot in found
        if draw(st.integers(0, 5)) == 0
    ]
    return pairs, Terms(found, tuple(busy), minutes(10), draw(st.integers(1, 3)))


@given(cases())
@settings(max_examples=150, deadline=None)
def test_a_tiny_case_is_solved_exactly(case: tuple[list[Pair], Terms]) -> None:
    pairs, terms = case
    found = arrange(pairs, terms)
    assert faults_of(pairs, terms, found) == []
    assert (found.left == ()) == can_all_be_placed(pairs, terms)
    # Whoever is left could not have been added to those before him.
    for one in found.left:
        before = [other for other in sorted(pairs) if other < one and other.key in found.placed]
        assert not can_all_be_placed([*before, one], terms)


@given(cases(persons="abcd", most=5))
@settings(max_examples=60, deadline=None)
def test_the_number_of_slots_wanted_is_the_least(case: tuple[list[Pair], Terms]) -> None:
    pairs, terms = case
    told = short(pairs, terms)
    if told is None:
        return
    assert told.least == told.enough
    apart = [Slot(MONDAY + timedelta(weeks=60 + week), 0, HOUR, is_extra=True) for week in range(told.enough)]
    enough = Terms((*terms.slots, *apart), terms.busy, terms.gap, terms.daily_limit)
    assert arrange(pairs, enough).left == ()
    fewer = Terms((*terms.slots, *apart[1:]), terms.busy, terms.gap, terms.daily_limit)
    assert not can_all_be_placed(pairs, fewer)
    if told.daily_limit:
        assert can_all_be_placed(pairs, Terms(terms.slots, terms.busy, terms.gap, told.daily_limit))


@given(cases(persons="abcdefgh", most=20), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_it_is_sound_and_the_same_whatever_the_order(case: tuple[list[Pair], Terms], random: object) -> None:
    pairs, terms = case
    found = arrange(pairs, terms)
    assert faults_of(pairs, terms, found) == []
    assert arrange(pairs[::-1], terms) == found


def test_a_whole_meeting_fits_and_is_sound() -> None:
    """A team of eleven and forty heads in fifteen working days."""
    pairs, terms = pairs_of_a_meeting(), terms_of_a_meeting()
    assert (len(pairs), len({slot.day for slot in terms.slots})) == (TEAM * (TEAM - 1) // 2 + 40, DAYS)
    assert len(HOURS) == 2
    found = arrange(pairs, terms)
    assert found.left == ()
    assert faults_of(pairs, terms, found) == []
    # Spread: no day has more than twice what an even share would be.
    share = len(pairs) / DAYS
    assert max(Counter(slot.day for slot in found.placed.values()).values()) <= 2 * share
