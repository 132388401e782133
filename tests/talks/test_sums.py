"""Figures out of the sums that are kept say what counting the duties says."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q

from branches.models import Organisation, Stale
from members.models import Affiliation, Mandate, MandateKind, Post
from talks.figures.desk import overview, total
from talks.figures.keeping import counted_sums, is_out_of_date, out_of_date, stored_sums
from talks.figures.many import first_persons_like
from talks.figures.sums import SummedOverview, summed_tally, tally_of_all
from talks.figures.worklist import TONES, Worklist
from talks.models import Duty, DutySum, Reconciliation, Reliance, Talk
from talks.permissions import duties as rights
from talks.permissions import (
    may_ask_waiver,
    may_be_told_kind,
    may_record,
    named_events,
    own_duties,
    seen_talk,
    told_kind,
    visible_duties,
    visible_talks,
    waivable_duties,
    writes_record,
    written_by,
)
from talks.permissions.talks import is_own_talk
from talks.rules.words import DutyState, TalkState
from talks.services.sums import write_sums
from talks.views.duties import choices, found_duties
from tests import factories
from tests.conftest import PERSONAS, World

TODAY = date(2026, 6, 17)
AT = datetime(2026, 6, 17, 1, tzinfo=UTC)


@pytest.fixture
def mixed(world: World) -> World:
    """Duties in every state, of this year and the last, with events known and not known by name."""
    for member in (world.member, world.colleague, world.head, world.other_member):
        factories.an_event(member, happened_on=TODAY - timedelta(days=14))
    factories.an_event(
        world.other_member, happened_on=TODAY - timedelta(days=9), entered_by=world.account("staff")
    )
    factories.a_liaison(world.other_secretary, world.colleague)
    factories.a_meeting(world.branch, meeting_on=TODAY + timedelta(days=4))
    factories.a_meeting(world.other_branch, meeting_on=TODAY - timedelta(days=4))
    factories.a_talk([world.secretary], [world.member], held_on=TODAY - timedelta(days=3))
    factories.a_talk(
        [world.secretary],
        [world.colleague],
        held_on=TODAY + timedelta(days=2),
        state=TalkState.PLANNED,
    )
    factories.keep_duties(TODAY)
    pair = Duty.objects.filter(year=2026, rule="year.member-member").order_by("pk")[0]
    Duty.objects.filter(pk=pair.pk).update(waived_on=TODAY - timedelta(days=1))
    gone = Duty.objects.filter(year=2026, rule="year.member-member", met_on=None).order_by("-pk")[0]
    Duty.objects.filter(pk=gone.pk).update(withdrawn_on=TODAY, withdrawal="不再应谈")
    write_sums(organisations=list(Organisation.objects.values_list("pk", flat=True)))
    return world


def test_every_state_is_there(mixed: World) -> None:
    rows = Duty.objects.standing().filter(is_event=False, year=2026).with_state(TODAY)
    found = Counter(rows.values_list("state", flat=True))
    assert {DutyState(state) for state in found} == set(DutyState) - {DutyState.LATE}
    assert sum(found.values()) == sum(row.owed + row.waived for row in DutySum.objects.filter(year=2026))


def test_reconciliation_keeps_them(world: World) -> None:
    """Nine people of two branches; a talk, a newcomer and the next year change the sums with the rows."""
    keys = [world.branch.pk, world.other_branch.pk, world.committee.pk]

    def kept() -> bool:
        stored = {key: row.values for key, row in stored_sums(keys).items()}
        return bool(stored) and stored == counted_sums(keys)

    factories.keep_duties(TODAY)
    assert kept()
    before = dict(stored_sums(keys))
    factories.a_talk([world.secretary], [world.member], held_on=TODAY)
    factories.a_member("新转入", world.branch)
    factories.keep_duties(TODAY)
    assert kept()
    assert dict(stored_sums(keys)) != before
    factories.keep_duties(date(2027, 1, 1))
    assert kept()
    assert DutySum.objects.filter(organisation=world.branch, year=2027).exists()


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=1), date(2026, 12, 31), date(2027, 1, 1)])
@pytest.mark.parametrize("role", ["staff", "inspector", "chief", "secretary", "deputy", "member", "system"])
def test_sums_say_what_counting_says(
    mixed: World, role: str, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on later days, on which more is overdue, of rows that nobody has looked at since."""
    # What is planned for the 19th is not ahead any more then, and reconciliation has its turn before.
    if day > TODAY + timedelta(days=1):
        Duty.objects.filter(planned_on__lt=day).update(planned_on=None, planned=None)
        write_sums(organisations=list(Organisation.objects.values_list("pk", flat=True)))
    account = mixed.account(role)
    counted = Worklist(account, today=day, year=day.year)
    monkeypatch.setattr(rights, "MOST_COUNTED", 0)
    summed = Worklist(account, today=day, year=day.year)
    assert summed.is_wide == (role in ("staff", "inspector", "chief", "secretary"))

    def by_state(rows: object) -> Counter[tuple[str, date, DutyState]]:
        return Counter({(rule, due, state): number for rule, due, state, number in rows})  # type: ignore[attr-defined]

    monkeypatch.setattr(rights, "MOST_COUNTED", 12)
    assert by_state(summed_tally(summed)) == by_state(tally_of_all(counted))
    assert total(summed_tally(summed)) == total(tally_of_all(counted))
    if not summed.is_wide:
        return
    rows = overview(account, counted, today=day)
    shown = SummedOverview(summed)
    assert len(shown) == len(rows)
    assert tuple(shown[:50]) == rows
    assert [tuple(shown[place : place + 1]) for place in range(len(rows))] == [(row,) for row in rows]
    assert set(summed.mine.values_list("pk", "mine", "about_me", "tone")) == set(
        counted.mine.values_list("pk", "mine", "about_me", "tone")
    )
    assert summed.sums == counted.sums


def test_who_inspects_but_belongs_to_one_has_no_figures_of_that(mixed: World) -> None:
    """A mandate over the committee, of somebody affiliated with one of its branches."""
    account = mixed.account("head")
    Mandate.objects.create(
        account=account, kind=MandateKind.INSPECTOR, organisation=mixed.committee, since=TODAY
    )
    worklist = Worklist(account, today=TODAY, year=2026)
    shown = SummedOverview(worklist)[:50]
    assert tuple(shown) == overview(account, worklist, today=TODAY)
    assert [row.organisation for row in shown] == [mixed.other_branch]


@pytest.mark.parametrize("role", PERSONAS)
def test_what_is_found_by_itself_is_a_part_of_what_is_known(mixed: World, role: str) -> None:
    Post.objects.filter(member=mixed.committee_member).update(until=TODAY - timedelta(days=1))
    account = mixed.account(role)
    known = visible_duties(account, today=TODAY)
    posts = Post.objects.in_force(TODAY).filter(member=account.member_id or 0, is_principal=True)
    led = set(posts.values_list("organisation", flat=True))
    mine = known.filter(Q(mine=True) | Q(organisation__in=led, about_me=False))
    assert set(own_duties(account, today=TODAY)) == set(mine)
    assert set(named_events(account, today=TODAY)) == set(known.filter(is_event=True))
    waivable = set(waivable_duties(account, today=TODAY))
    assert {duty for duty in known if may_ask_waiver(account, duty, today=TODAY)} == waivable


@pytest.mark.parametrize("role", PERSONAS)
def test_one_talk_is_judged_as_all_are(world: World, role: str) -> None:
    """The same rights, asked of one row and of all talks at once."""
    account, people = (
        world.account(role),
        (world.secretary, world.member, world.colleague, world.other_member),
    )
    for talker in people:
        for subject in people:
            if talker != subject:
                for state in (TalkState.PLANNED, TalkState.RECORDED):
                    factories.a_talk([talker], [subject], held_on=TODAY, state=state)
    for recorder in (None, world.committee_member):
        for booked_by in (None, *(world.account(one) for one in ("secretary", "chief", "staff", "member"))):
            factories.a_talk(
                [],
                [world.member],
                held_on=TODAY,
                state=TalkState.PLANNED,
                external_talker="上级领导",
                recorder=recorder,
                booked_by=booked_by,
            )
    talks = list(Talk.objects.all())
    seen = set(visible_talks(account, today=TODAY))
    assert {one for one in talks if seen_talk(account, one.code, today=TODAY)} == seen
    assert {one for one in talks if is_own_talk(account, one)} <= seen
    written = set(Talk.objects.filter(written_by(account, today=TODAY)))
    assert {one for one in talks if writes_record(account, one, today=TODAY)} == written
    assert {one for one in talks if may_record(account, one, today=TODAY)} == {
        one for one in written if one.is_open
    }
    told = set(told_kind(account, today=TODAY))
    assert {one for one in talks if may_be_told_kind(account, one, today=TODAY)} == told


FILTERS = (
    {},
    {"rule": "year.*"},
    {"rule": "year.member-member"},
    {"organisation": "HC"},
    {"due": "past"},
    {"due": "later", "rule": "year.*", "organisation": "YJ"},
    {"mine": True},
    {"who": "梁"},
    {"who": "梁", "mine": True},
)


@pytest.mark.parametrize("role", ["staff", "inspector", "chief", "secretary"])
@pytest.mark.parametrize("chosen", FILTERS)
def test_the_list_of_many_is_the_list(
    mixed: World, role: str, chosen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same duties with the same tones and numbers, whatever is chosen, the urgent tones first."""
    account = mixed.account(role)

    def listed(states: set[str]) -> tuple[dict[int, str], Counter[str], list[str]]:
        worklist = Worklist(account, today=TODAY, year=2026)
        counts, shown = found_duties(worklist, chosen, states)
        rows = [duty for start in range(0, len(shown), 4) for duty in shown[start : start + 4]]
        assert len(rows) == len(shown)
        return {duty.pk: duty.tone for duty in rows}, +counts, [duty.tone for duty in rows]

    for states in (set(), {"overdue"}, {"near", "pending"}, {"scheduled", "done"}, {"waived", "withdrawn"}):
        monkeypatch.setattr(rights, "MOST_COUNTED", 12)
        few, counted, _ = listed(states)
        monkeypatch.setattr(rights, "MOST_COUNTED", 0)
        many, summed, tones = listed(states)
        assert (many, summed) == (few, counted)
        assert tones == sorted(tones, key=TONES.index)
    monkeypatch.setattr(rights, "MOST_COUNTED", 12)
    counted = listed(set())[1]
    assert counted or chosen


def test_of_very_many_persons_of_a_name_the_first_of_the_rosters_are_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the tree; where the rosters hold fewer, all who are owed a talk there."""
    here, there, strange = (
        factories.a_member(name, place).pk
        for name, place in (
            ("王甲", world.branch),
            ("王乙", world.other_branch),
            ("王丙", world.foreign_branch),
        )
    )
    in_order = [here, there] if world.branch.path < world.other_branch.path else [there, here]
    factories.keep_duties(TODAY)
    worklist = Worklist(world.account("staff"), today=TODAY, year=2026)

    def found(most: int) -> Q:
        monkeypatch.setattr("talks.figures.many.MOST_PERSONS", most)
        return first_persons_like(worklist, "王")

    def named(*keys: int) -> Q:
        return Q(subject__in=list(keys)) | Q(counterpart__in=list(keys))

    assert found(1) == named(in_order[0])
    assert found(2) == named(*in_order)
    assert found(3) == named(*sorted([here, there, strange]))
    Affiliation.objects.filter(member=there).update(until=TODAY)
    assert Duty.objects.filter(subject=there).exists()
    assert found(2) == named(*sorted([here, there]))


def test_many_can_choose_the_same_rules(mixed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worklist = Worklist(mixed.account("staff"), today=TODAY, year=2026)
    places, rules = choices(worklist, "")
    monkeypatch.setattr(rights, "MOST_COUNTED", 0)
    wide = Worklist(mixed.account("staff"), today=TODAY, year=2026)
    found, titles = choices(wide, "")
    assert set(places) <= set(found)
    assert "four.family" in dict(rules)
    assert titles == rules


def test_one_organisation_is_judged_as_all_are(mixed: World) -> None:
    """None reconciled yet, marked, relying on one that is marked, due by time, of a day ahead, or right."""
    places = [factories.an_organisation(f"第{number}党支部") for number in range(6)]
    new, marked, relying, due, ahead, _ = places
    Stale.objects.all().delete()
    Reconciliation.objects.all().delete()
    for place in places[1:]:
        as_of = TODAY + timedelta(days=place == ahead)
        next_on = TODAY if place == due else TODAY + timedelta(days=9)
        Reconciliation.objects.create(organisation=place, as_of=as_of, at=AT, next_on=next_on)
    Stale.objects.create(organisation=marked, reaches_others=True, at=AT)
    Reliance.objects.create(organisation=relying, on=marked)
    behind = set(out_of_date(TODAY))
    assert behind & set(places) == {new, marked, relying, due, ahead}
    for place in Organisation.objects.all():
        assert is_out_of_date(place.pk, TODAY) == (place in behind), place
