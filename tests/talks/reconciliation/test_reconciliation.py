"""Duties are kept: written once, withdrawn with a reason, back again, right on every day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Organisation, Stale
from branches.rules import OrganisationKind
from branches.services import dissolve_organisation
from members.models import Affiliation, Event, Post
from members.rules import Category
from members.services import events, people, posts
from talks.figures.facts import load_facts
from talks.models import Duty, Meeting, Notice, Reconciliation, Rule, Talk
from talks.rules.keeping import keep
from talks.rules.words import MeetingKind, TalkState
from talks.services import meetings
from talks.services.reconciliation import Difference, reconcile, reconcile_due
from tests import factories
from tests.conftest import World
from vault.services import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor("tests", "")
TODAY = date(2026, 12, 1)
AT = datetime(2026, 12, 1, 2, tzinfo=UTC)


def run(today: date = TODAY) -> Difference:
    return reconcile_due(today=today, at=AT)


def of(world: World, rule: str, **more: object) -> list[Duty]:
    """The duties of the branch under the rule that stand, by persons."""
    rows = Duty.objects.standing().filter(organisation=world.branch, rule=rule, **more)
    return list(rows.order_by("year", "persons"))


def gone(world: World, rule: str) -> set[tuple[str, str]]:
    """Persons and reasons of the duties of the branch under the rule that are withdrawn."""
    rows = Duty.objects.filter(organisation=world.branch, rule=rule, year=2026).exclude(withdrawn_on=None)
    return set(rows.values_list("persons", "withdrawal"))


# --- what is written ------------------------------------------------------------------------------------


def test_each_duty_is_kept_once(world: World) -> None:
    """The branch has a secretary, a 支委 and three ordinary members: by hand from rules.md section 4."""
    run()
    this_year = [duty.persons for duty in of(world, "year.committee-member", year=2026)]
    assert this_year == ["P003", "P013", "P014"]
    assert [duty.persons for duty in of(world, "year.member-member", year=2026)] == ["P003", "P013", "P014"]
    assert [duty.persons for duty in of(world, "year.committee-committee", year=2026)] == ["P011+P012"]
    assert run() == Difference()
    assert Duty.objects.count() == len(
        {(d.organisation_id, d.version, d.anchor, d.persons) for d in Duty.objects.all()}
    )


def test_what_is_kept_is_what_the_engine_says(world: World) -> None:
    factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    factories.an_event(world.member, happened_on=date(2026, 11, 30))
    met = factories.a_talk([world.committee_member], [world.member], held_on=date(2026, 11, 30), code="T1")
    factories.a_talk([world.secretary], [world.head], held_on=TODAY, state=TalkState.PLANNED, code="T2")
    run()
    places = list(Organisation.objects.all())
    kept = keep(load_facts(places), organisations=[place.code for place in places], as_of=TODAY)
    expected = {
        (one.duty.organisation, one.duty.rule.version, one.duty.anchor, "+".join(one.duty.persons)): one.duty
        for one in kept
    }
    rows = Duty.objects.with_state(TODAY).select_related("organisation", "met_by", "planned")
    found = {(row.organisation.code, row.version, row.anchor, row.persons): row for row in rows}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        duty = expected[key]
        assert row.state == duty.state
        assert (row.opens_on, row.due_on) == (duty.opens_on, duty.due_on)
        assert (row.met_by.code if row.met_by else None) == duty.talk
    (family,) = of(world, "four.family")
    assert (family.met_by, family.met_on) == (met, date(2026, 11, 30))


def test_closed_years_stay_as_they_were(world: World) -> None:
    """Periods are kept for this year and the last; those before are left alone, not withdrawn."""
    run()
    assert set(Duty.objects.values_list("year", flat=True)) == {2025, 2026}
    before = dict(Duty.objects.filter(year=2025).values_list("pk", "due_on"))
    run(date(2027, 1, 1))
    assert dict(Duty.objects.standing().filter(year=2025).values_list("pk", "due_on")) == before
    assert set(Duty.objects.values_list("year", flat=True)) == {2025, 2026, 2027}


def test_the_number_of_questions_does_not_grow(world: World) -> None:
    """Writes go in portions of as many rows as the database takes at once."""

    def questions() -> int:
        Reconciliation.objects.all().delete()
        Duty.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            reconcile(organisations=[world.branch.pk, world.other_branch.pk], today=TODAY, at=AT)
        return sum(query["sql"].startswith("SELECT") for query in captured)

    factories.a_talk([world.stranger], [world.member], held_on=TODAY)
    few = questions()
    for number in range(30):
        member = factories.a_member(f"周{number}", world.branch)
        factories.a_talk([world.secretary], [member], held_on=TODAY)
    assert questions() == few


# --- withdrawn, and back --------------------------------------------------------------------------------


def test_a_member_transferred_in_the_middle_of_a_window(world: World) -> None:
    """What he owed here is withdrawn with the reason; in the other branch he is owed it from now on."""
    run()
    people.transfer_member(actor=ACTOR, at=AT, member=world.member, organisation=world.other_branch, on=TODAY)
    run()
    assert gone(world, "year.committee-member") == {("P013", "梁志强同志的组织关系不在本党组织")}
    there = Duty.objects.standing().filter(organisation=world.other_branch, subject=world.member, year=2026)
    assert {duty.rule for duty in there} == {"year.committee-member", "year.member-member"}


def test_it_returns_when_the_facts_return(world: World) -> None:
    run()
    (before,) = of(world, "year.committee-member", subject=world.member, year=2026)
    people.change_member(actor=ACTOR, at=AT, member=world.member, name="梁志强", category=Category.MASSES)
    run()
    before.refresh_from_db()
    assert (before.withdrawn_on, before.withdrawal) == (TODAY, "梁志强同志不是党员")
    world.member.refresh_from_db()
    people.change_member(actor=ACTOR, at=AT, member=world.member, name="梁志强", category=Category.FULL)
    assert run(TODAY + timedelta(days=1)).new == 0
    before.refresh_from_db()
    assert (before.withdrawn_on, before.withdrawal) == (None, "")


def test_a_met_duty_is_withdrawn_too_and_the_talk_stays(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 5))
    run()
    posts.appoint(
        actor=ACTOR,
        at=AT,
        member=world.member,
        organisation=world.branch,
        terms=posts.Terms(title="宣传委员", since=date(2026, 6, 1), is_team=True),
        is_confirmed=True,
    )
    run()
    assert ("P013", "梁志强同志已是班子成员") in gone(world, "year.committee-member")
    assert Talk.objects.get() == talk


def test_an_organisation_dissolved_with_duties_open(world: World) -> None:
    """Nothing whose anchor date lies on or after the day is owed: the period, begun before, stays owed."""
    factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    run()
    assert len(of(world, "life.committee-member")) == 3
    dissolve_organisation(actor=ACTOR, at=AT, organisation=world.branch, on=date(2026, 12, 10))
    run()
    assert of(world, "life.committee-member") == []
    assert {reason for _, reason in gone(world, "life.committee-member")} == {"党组织已撤销"}
    assert len(of(world, "year.committee-member", year=2026)) == 3
    dissolve_organisation(actor=ACTOR, at=AT, organisation=world.branch, on=date(2026, 1, 1))
    run()
    assert of(world, "year.committee-member", year=2026) == []


def test_a_meeting_moved_into_the_past(world: World) -> None:
    """Its duties keep their rows; their window is over, and what is unmet is overdue."""
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    run()
    before = {duty.pk for duty in of(world, "life.committee-member")}
    meetings.change_meeting(
        actor=ACTOR,
        at=AT,
        meeting=meeting,
        meeting_on=date(2026, 11, 25),
        talks_from=date(2026, 11, 1),
        theme="",
    )
    run()
    rows = Duty.objects.standing().filter(rule="life.committee-member").with_state(TODAY)
    assert {row.pk for row in rows} == before
    assert {(row.opens_on, row.due_on, row.state) for row in rows} == {
        (date(2026, 11, 1), date(2026, 11, 24), "逾期")
    }


def test_a_meeting_moved_so_that_its_talks_have_not_begun(world: World) -> None:
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    run()
    meetings.change_meeting(
        actor=ACTOR, at=AT, meeting=meeting, meeting_on=date(2027, 2, 1), talks_from=None, theme=""
    )
    run()
    assert of(world, "life.committee-member") == []
    assert {reason for _, reason in gone(world, "life.committee-member")} == {
        "会议已改期，谈话时间还没有开始"
    }
    # 30 days before the meeting they are owed again, in the same rows.
    assert run(date(2027, 1, 2)).new > 0
    assert len(of(world, "life.committee-member")) == 3


def test_a_meeting_or_an_event_that_is_deleted(world: World) -> None:
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    event = factories.an_event(world.member, happened_on=date(2026, 11, 30))
    run()
    meetings.remove_meeting(actor=ACTOR, at=AT, meeting=meeting)
    events.remove_event(actor=ACTOR, at=AT, event=event)
    run()
    assert {reason for _, reason in gone(world, "life.committee-committee")} == {"会议已删除"}
    assert gone(world, "four.family") == {("P013", "事件已删除，或当事人不属于本党组织")}


def test_a_new_version_of_a_rule_withdraws_what_the_old_one_owed(world: World) -> None:
    """A meeting on the first day of the new version or later is owed under it."""
    factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    run()
    Rule.objects.create(
        code="life.committee-member",
        title="组织生活会前 支委和党员之间",
        organisation=world.committee,
        applies_to="党支部",
        trigger="会议:组织生活会",
        pairing="committee-member",
        talker_role="team",
        one_to_one=False,
        effective_from=date(2026, 12, 1),
    )
    Stale.objects.create(organisation=world.branch, at=AT)
    found = run()
    assert (found.new, found.withdrawn) == (3, 3)
    assert {reason for _, reason in gone(world, "life.committee-member")} == {"规则已由新的版本代替"}
    assert {duty.version for duty in of(world, "life.committee-member")} == {
        "life.committee-member|SYJ|2026-12-01"
    }


# --- time alone -----------------------------------------------------------------------------------------


def test_what_changes_by_time_needs_no_mark(world: World) -> None:
    """A fact entered ahead takes effect on its day, and a window opens on its first day."""
    Affiliation.objects.filter(member=world.member).update(until=date(2026, 12, 5))
    Post.objects.filter(member=world.committee_member).update(until=date(2026, 12, 8))
    factories.a_meeting(world.branch, meeting_on=date(2027, 1, 11), talks_from=date(2026, 12, 12))
    factories.a_talk([world.secretary], [world.head], held_on=date(2026, 12, 3), state=TalkState.PLANNED)
    run()
    assert Reconciliation.objects.get(organisation=world.branch).next_on == date(2026, 12, 4)
    for day in range(2, 32):
        today = date(2026, 12, day)
        run(today)
        kept = {
            (d.rule, d.anchor, d.persons) for d in Duty.objects.standing().filter(organisation=world.branch)
        }
        engine = keep(load_facts([world.branch]), organisations=["HC"], as_of=today)
        assert kept == {
            (one.duty.rule.code, one.duty.anchor, "+".join(one.duty.persons)) for one in engine
        }, day


def test_without_the_next_day_the_transfer_would_be_missed(world: World) -> None:
    """The negative control of the test above."""
    Affiliation.objects.filter(member=world.member).update(until=date(2026, 12, 5))
    run()
    Reconciliation.objects.update(next_on=date(2030, 1, 1))
    run(date(2026, 12, 6))
    assert len(of(world, "year.committee-member", year=2026)) == 3


def test_a_day_without_changes_costs_one_look(world: World) -> None:
    run()
    with CaptureQueriesContext(connection) as captured:
        assert run(date(2026, 12, 2)) == Difference()
    assert len(captured) == 1


# --- the command ----------------------------------------------------------------------------------------


def test_run_due_tells_what_it_found(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_due", as_of="2026-12-01")
    first = capsys.readouterr().out
    assert first.startswith("截至2026年12月1日：核对5个党组织，新增")
    # Those of 2025 are overdue for months: told of with the rows, and counted.
    assert Notice.objects.exists()
    assert first.endswith(f"；新增提醒{Notice.objects.count()}条。\n")
    call_command("run_due", as_of="2026-12-01")
    assert "核对0个党组织，新增0项应谈，变动0项，其中撤销0项；新增提醒0条。" in capsys.readouterr().out


def test_an_event_known_before_it_happened_is_refused(world: World) -> None:
    with pytest.raises(Exception, match="知悉日期"):
        events.enter_event(
            actor=ACTOR,
            at=AT,
            member=world.member,
            kind="家庭变故",
            happened_on=date(2026, 11, 30),
            known_on=date(2026, 11, 29),
            today=TODAY,
            known_kinds=["家庭变故"],
        )
    assert not Event.objects.exists()


def test_a_removed_member_takes_his_duties_along(world: World) -> None:
    member = factories.a_member("误录", world.branch)
    run()
    assert Duty.objects.filter(subject=member).exists()
    people.remove_member(actor=ACTOR, at=AT, member=member)
    run()
    assert not Duty.objects.filter(persons__contains=member.code).exists()


def test_meetings_and_kinds(world: World) -> None:
    """A 民主生活会 makes pairs in the committee: the principal with the deputy, the deputy with the head."""
    factories.a_meeting(
        world.committee,
        MeetingKind.DEMOCRATIC_LIFE,
        meeting_on=date(2026, 12, 20),
        talks_from=date(2026, 11, 20),
    )
    run()
    rows = Duty.objects.filter(organisation=world.committee, anchor__startswith="meeting:")
    assert {(row.rule, row.persons) for row in rows} == {
        ("three.principal-team", "P001+P002"),
        ("three.team-heads", "P002+P003"),
    }
    assert Meeting.objects.count() == 1
    assert world.committee.kind == OrganisationKind.COMMITTEE
