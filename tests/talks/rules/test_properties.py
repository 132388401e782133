"""What holds in every world: repeated, reordered, divided and enlarged."""

import random
from dataclasses import fields, replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from talks.rules.duties import Duty, evaluate, meets, responsible, role_holders
from talks.rules.facts import (
    Affiliation,
    Department,
    Event,
    Facts,
    Liaison,
    Meeting,
    Member,
    Portfolio,
    Post,
    Talk,
    Waiver,
)
from talks.rules.presets import BUILT_IN, SWITCHABLE, switched_on
from talks.rules.words import DutyState, MeetingKind, Pairing, TalkerRole, TalkState
from tests.talks.rules.worlds import TREE, on_event, yearly

CODES = ("T", "M", "B", "C")
PEOPLE = ("a", "b", "c", "d", "e")
DEPARTMENTS = (Department("D1", "一科", "T"), Department("D2", "二科", "M"))
ORIGIN = date(2026, 1, 1)
RULES = (
    *BUILT_IN,
    *(switched_on(rule.code, organisation="T", effective_from=date(2026, 1, 1)) for rule in SWITCHABLE),
    *(yearly(pairing, 3, code=f"q.{pairing}") for pairing in (Pairing.PRINCIPAL_TEAM, Pairing.TEAM_HEADS)),
    *(on_event(role, kind="家庭变故", code=f"e.{role}") for role in TalkerRole),
    on_event(
        TalkerRole.TEAM, 3, kind="家庭变故", code="e.team", organisation="B", effective_from=date(2026, 3, 1)
    ),
)

person = st.sampled_from(PEOPLE)
organisation = st.sampled_from(CODES)
some_day = st.integers(-60, 420).map(lambda number: ORIGIN + timedelta(days=number))


@st.composite
def spans(draw: st.DrawFn) -> tuple[date | None, date | None]:
    since, length = draw(st.none() | some_day), draw(st.none() | st.integers(1, 300))
    return since, (since or ORIGIN) + timedelta(days=length) if length else None


@st.composite
def posts(draw: st.DrawFn) -> Post:
    at = draw(organisation)
    team = draw(st.booleans())
    department = {"T": "D1", "M": "D2"}.get(at) if draw(st.booleans()) else None
    return Post(
        draw(person),
        at,
        department,
        "职务",
        team=team,
        principal=team and draw(st.booleans()),
        head=department is not None and draw(st.booleans()),
        key=draw(st.booleans()),
        since=(span := draw(spans()))[0],
        until=span[1],
    )


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    order = draw(st.permutations(PEOPLE))
    talkers, subjects = draw(st.integers(0, 2)), draw(st.integers(1, 2))
    return Talk(
        f"T{draw(st.integers(0, 10**6))}",
        draw(some_day),
        draw(st.sampled_from([TalkState.RECORDED] * 4 + list(TalkState))),
        tuple(order[:talkers]),
        tuple(order[talkers : talkers + subjects]),
        external_talker=talkers == 0 or draw(st.booleans()),
        recorder=draw(st.none() | st.just(order[4])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> Facts:
    def some(strategy: st.SearchStrategy, most: int) -> tuple:  # type: ignore[type-arg]
        return tuple(draw(st.lists(strategy, max_size=most)))

    categories = st.sampled_from(["正式党员", "正式党员", "预备党员", "入党申请人"])
    kinds = st.sampled_from(["家庭变故", "岗位变动", "递交入党申请", "苗头性问题", "表彰"])
    members = tuple(Member(code, code, draw(categories), draw(st.none() | some_day)) for code in PEOPLE)
    affiliations = []
    for code in PEOPLE:
        since, until = draw(spans())
        affiliations.append(Affiliation(code, draw(organisation), since, until))
        if until and draw(st.booleans()):
            affiliations.append(Affiliation(code, draw(organisation), until))
    events = []
    for number in range(draw(st.integers(0, 3))):
        happened_on = draw(some_day)
        known_on = draw(
            st.none() | st.integers(0, 20).map(lambda days, first=happened_on: first + timedelta(days))
        )
        events.append(Event(f"E{number}", draw(person), draw(kinds), happened_on, known_on))
    meetings = tuple(
        Meeting(code, kind, 2026, draw(some_day))
        for code, kind in (("T", MeetingKind.DEMOCRATIC_LIFE), ("B", MeetingKind.ORGANISATION_LIFE))
        if draw(st.booleans())
    )
    found = {talk.code: talk for talk in some(talks(), 8)}
    liaison = st.builds(lambda pair, span: Liaison(pair[0], pair[1], *span), st.permutations(PEOPLE), spans())
    portfolio = st.builds(
        lambda who, where, span: Portfolio(who, where, *span), person, st.sampled_from(["D1", "D2"]), spans()
    )
    waiver = st.builds(
        lambda code, at, who, on: Waiver(code, at, "period:2026", who, None, on),
        st.sampled_from(["year.committee-member", "year.member-member"]),
        organisation,
        person,
        some_day,
    )
    return Facts(
        organisations=TREE,
        departments=DEPARTMENTS,
        members=members,
        affiliations=tuple(affiliations),
        posts=some(posts(), 9),
        portfolios=some(portfolio, 3),
        liaisons=some(liaison, 3),
        events=tuple(events),
        meetings=meetings,
        rules=RULES,
        talks=tuple(found.values()),
        waivers=some(waiver, 3),
    )


def duties(facts: Facts, as_of: date, year: int | None = None) -> tuple[Duty, ...]:
    # Not year by year from 2018 on: the worlds lie around 2026.
    if year is None:
        return tuple(duty for each in (2025, 2026, 2027) for duty in duties(facts, as_of, each))
    return evaluate(facts, organisations=CODES, as_of=as_of, year=year)


def shuffled(facts: Facts, seed: int) -> Facts:
    mixed = random.Random(seed)
    changes = {}
    for field in fields(facts):
        rows = getattr(facts, field.name)
        if isinstance(rows, tuple):
            changes[field.name] = tuple(mixed.sample(rows, len(rows)))
    return replace(facts, **changes)


everywhere = settings(max_examples=60, deadline=None)


@everywhere
@given(worlds(), some_day)
def test_evaluating_twice_gives_the_same(facts: Facts, as_of: date) -> None:
    first = duties(facts, as_of)
    assert duties(facts, as_of) == first
    assert duties(replace(facts), as_of) == first


@everywhere
@given(worlds(), some_day, st.integers())
def test_the_order_of_the_facts_does_not_matter(facts: Facts, as_of: date, seed: int) -> None:
    assert duties(shuffled(facts, seed), as_of) == duties(facts, as_of)


@everywhere
@given(worlds(), some_day)
def test_organisations_are_judged_each_for_itself(facts: Facts, as_of: date) -> None:
    one_by_one = [
        duty for code in CODES for duty in evaluate(facts, organisations=[code], as_of=as_of, year=2026)
    ]
    assert tuple(sorted(one_by_one, key=lambda duty: duty.order)) == duties(facts, as_of, 2026)


@everywhere
@given(worlds(), some_day)
def test_a_duty_never_names_one_person_twice_and_no_duty_stands_twice(facts: Facts, as_of: date) -> None:
    found = duties(facts, as_of)
    assert len({duty.key for duty in found}) == len(found)
    for duty in found:
        assert len(set(duty.persons)) == len(duty.persons)
        assert (duty.role is None) is duty.is_pair
        if duty.role is not None:
            holders = role_holders(
                facts, subject=duty.subject, organisation=duty.organisation, role=duty.role, day=as_of
            )
            assert duty.subject not in holders
            assert duty.subject not in responsible(facts, duty, today=as_of)
        else:
            assert responsible(facts, duty, today=as_of) < set(duty.persons)


@everywhere
@given(worlds(), talks(), some_day)
def test_another_talk_never_unmeets_a_duty(facts: Facts, more: Talk, as_of: date) -> None:
    more = replace(more, code="U1", state=TalkState.RECORDED)
    larger = replace(facts, talks=(*facts.talks, more))
    before, after = duties(facts, as_of), duties(larger, as_of)
    assert [duty.key for duty in before] == [duty.key for duty in after]
    for old, new in zip(before, after, strict=True):
        counts = meets(larger, more, new).counts and more.held_on <= as_of
        if old.state in (DutyState.DONE, DutyState.WAIVED):
            assert new.state == old.state
        elif old.is_met or counts:
            assert new.is_met
        else:
            assert new == old


@everywhere
@given(worlds(), some_day)
def test_states_agree_with_windows_and_with_the_verdict_on_each_talk(facts: Facts, as_of: date) -> None:
    for duty in duties(facts, as_of):
        assert duty.opens_on <= as_of
        assert duty.opens_on <= duty.due_on
        assert duty.opens_on <= duty.ref <= duty.due_on
        counting = sorted(
            (talk.held_on, talk.code)
            for talk in facts.talks
            if talk.held_on <= as_of and meets(facts, talk, duty).counts
        )
        if duty.state == DutyState.WAIVED:
            assert duty.talk is None
            continue
        assert (duty.held_on, duty.talk) == (counting[0] if counting else (None, None))
        if duty.held_on is not None:
            assert duty.held_on >= duty.opens_on
            assert (duty.state == DutyState.LATE) is (duty.held_on > duty.due_on)
            assert duty.is_event or duty.held_on <= duty.due_on
        else:
            assert (duty.state == DutyState.OVERDUE) is (as_of > duty.due_on)
            booked = duty.planned is not None and as_of <= duty.due_on
            assert (duty.state == DutyState.SCHEDULED) is booked
