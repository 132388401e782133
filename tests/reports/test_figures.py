"""Figures of an organisation and all below it, worked out by hand from the world of conftest.py.

For 2026 the rules 每年至少一次 ask, of the branches alone: in 合川 (team 陆秉川, 沈若楠; ordinary 谭晓峰,
梁志强, 吴桂兰) 1 pair of the team, 3 talks of the team with members, 3 among members; in 沿江 (team 邹凯;
ordinary 郑远航, 何静宜, 马建国) no pair, 3 and 3. That is 13; all are overdue from 2027-01-01 on.
"""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Organisation
from branches.rules import OrganisationKind
from members.permissions import reported_organisations
from reports.figures import ComplianceFigures, OrganisationLine, RequestSums, compliance_figures
from reports.rules import Tally
from talks.models import Rule, Waiver
from tests import factories
from tests.conftest import World
from tests.reports.rows import an_overdue_line, some_figures

NEW_YEAR = date(2027, 1, 5)
MIDSUMMER = date(2026, 7, 1)


def figures(organisation: Organisation, *, as_of: date = NEW_YEAR) -> ComplianceFigures:
    return compliance_figures(organisation, year=2026, as_of=as_of, within=None)


def line(found: ComplianceFigures, code: str) -> OrganisationLine:
    return next(line for line in found.organisations if line.code == code)


def some_talks_and_a_waiver(world: World) -> None:
    """One talk in the team, one with a member, one member waived: 12 owed, 2 met, 1 waived."""
    factories.a_talk([world.secretary], [world.committee_member], held_on=date(2026, 3, 2))
    factories.a_talk([world.committee_member], [world.member], held_on=date(2026, 4, 7))
    Waiver.objects.create(
        rule="year.member-member",
        organisation=world.branch,
        anchor="period:2026",
        subject=world.colleague,
        persons=world.colleague.code,
        reason="长期住院",
        asked_by=world.committee_member,
        approved_by=world.secretary,
        approved_on=date(2026, 5, 6),
    )


def test_by_organisation(world: World) -> None:
    some_talks_and_a_waiver(world)
    found = figures(world.committee)
    assert [(row.code, row.depth, row.party, row.tally) for row in found.organisations] == [
        ("SYJ", 0, None, Tally()),
        ("HC", 1, 5, Tally(owed=6, met=2, overdue=4, waived=1)),
        ("YJ", 1, 4, Tally(owed=6, met=0, overdue=6)),
    ]
    assert (found.name, found.branches) == ("上游局党委", 2)


def test_by_rule(world: World) -> None:
    some_talks_and_a_waiver(world)
    found = figures(world.committee)
    assert [(row.code, row.tally) for row in found.rules] == [
        ("year.committee-committee", Tally(owed=1, met=1)),
        ("year.committee-member", Tally(owed=6, met=1, overdue=5)),
        ("year.member-member", Tally(owed=5, overdue=5, waived=1)),
    ]
    assert [(row.code, row.tally) for row in line(found, "HC").rules] == [
        ("year.committee-committee", Tally(owed=1, met=1)),
        ("year.committee-member", Tally(owed=3, met=1, overdue=2)),
        ("year.member-member", Tally(owed=2, overdue=2, waived=1)),
    ]
    assert (found.total, found.total.coverage) == (Tally(owed=12, met=2, overdue=10, waived=1), "16.7%")


def test_before_the_end_of_the_year_nothing_is_overdue(world: World) -> None:
    found = figures(world.branch, as_of=date(2026, 12, 31))
    assert (found.total, found.overdue) == (Tally(owed=7), ())
    assert found.total.pending == 7


def test_what_is_overdue_is_listed_by_name_with_whom_to_turn_to(world: World) -> None:
    some_talks_and_a_waiver(world)
    rows = [
        (row.organisation, row.title, row.persons, row.due_on, row.days, row.responsible)
        for row in figures(world.branch).overdue
    ]
    # With the team: 梁志强 has been talked with; for 吴桂兰 and 谭晓峰, who have no liaison, the principal.
    # Among members the lowest code that is not the subject's own: 谭晓峰 P003, and for him 梁志强 P013.
    due = (date(2026, 12, 31), 5)
    branch, team, ordinary = "合川分局党支部", "每年至少一次 支委和党员之间", "每年至少一次 党员和党员之间"
    assert rows == [
        (branch, team, ("谭晓峰",), *due, "陆秉川"),
        (branch, team, ("吴桂兰",), *due, "陆秉川"),
        (branch, ordinary, ("谭晓峰",), *due, "梁志强"),
        (branch, ordinary, ("梁志强",), *due, "谭晓峰"),
    ]


def test_an_overdue_pair_names_both(world: World) -> None:
    pairs = [row.persons for row in figures(world.branch).overdue if "支委之间" in row.title]
    assert pairs == [("陆秉川", "沈若楠")]


def test_nothing_owed(world: World) -> None:
    lonely = factories.an_organisation("空白党支部", superior=world.committee, code="KB")
    found = figures(lonely)
    assert (found.total, found.total.coverage, found.rules, found.overdue) == (Tally(), "—", (), ())
    assert line(found, "KB").party == 0


def test_a_branch_that_was_dissolved_before_the_year_is_not_told_of(world: World) -> None:
    for code, until in (("A1", date(2025, 12, 31)), ("A2", date(2026, 2, 1))):
        factories.an_organisation("旧党支部", superior=world.committee, code=code, dissolved=until)
    factories.an_organisation("新党支部", superior=world.committee, code="A3", established=date(2027, 2, 1))
    assert [row.code for row in figures(world.committee).organisations] == ["SYJ", "A2", "HC", "YJ"]


def test_below_comes_after_above_and_siblings_by_code(world: World) -> None:
    group = factories.an_organisation(
        "机关党总支", OrganisationKind.GENERAL_BRANCH, world.committee, code="ZZ"
    )
    factories.an_organisation("机关二支部", superior=group, code="B2")
    factories.an_organisation("机关一支部", superior=group, code="B1")
    assert [(row.code, row.depth) for row in figures(world.committee).organisations] == [
        *(("SYJ", 0), ("HC", 1), ("YJ", 1), ("ZZ", 1), ("B1", 2), ("B2", 2)),
    ]


# --- event duties (design.md section 4) ---------------------------------------------------------------------


def a_family_event(world: World, *members: object) -> None:
    """家庭变故, known on Monday 2026-03-02: due on the third working day after, Thursday the 5th."""
    for member in members:
        factories.an_event(member, "家庭变故", happened_on=date(2026, 3, 2))  # type: ignore[arg-type]


def test_three_event_duties_of_a_branch_are_one_line_without_kinds_or_names(world: World) -> None:
    a_family_event(world, world.member, world.colleague)
    factories.an_event(world.head, "组织处理", happened_on=date(2026, 3, 2))
    factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 4))
    factories.a_talk([world.secretary], [world.colleague], held_on=date(2026, 3, 9))
    found = figures(world.branch, as_of=MIDSUMMER)
    assert [(row.code, row.title, row.tally) for row in found.rules if not row.code] == [
        ("", "事件类必谈", Tally(owed=3, met=2, late=1, overdue=1))
    ]
    assert (found.overdue, found.events_overdue, found.withheld) == ((), 1, 0)
    text = found.to_text()
    assert [name for name in ("梁志强", "吴桂兰", "谭晓峰", "event:") if name in text] == []


def test_two_are_withheld_from_every_sum(world: World) -> None:
    a_family_event(world, world.member, world.colleague)
    found = figures(world.branch, as_of=MIDSUMMER)
    assert (found.withheld, found.events_overdue) == (2, 0)
    assert found.total == Tally(owed=7, met=0)
    assert all(row.code for row in found.rules)


def test_an_event_about_the_reader_is_not_in_his_figures(world: World) -> None:
    """A principal knows the events of his organisation but those about himself: one more would be his own."""
    for member in (world.member, world.colleague, world.head, world.secretary):
        factories.an_event(member, happened_on=date(2026, 3, 2))
    seen = compliance_figures(world.branch, year=2026, as_of=NEW_YEAR, within=None, reader=world.secretary)
    assert line(seen, "HC").rules[-1].tally == Tally(owed=3, overdue=3)
    assert line(figures(world.branch), "HC").rules[-1].tally == Tally(owed=4, overdue=4)


def test_that_one_is_withheld_does_not_tell_him_either(world: World) -> None:
    factories.an_event(world.secretary, happened_on=date(2026, 3, 2))
    seen = compliance_figures(world.branch, year=2026, as_of=NEW_YEAR, within=None, reader=world.secretary)
    assert (seen.withheld, figures(world.branch).withheld) == (0, 1)


def test_small_figures_are_told_together_where_they_are_three(world: World) -> None:
    a_family_event(world, world.member, world.colleague, world.other_member)
    found = figures(world.committee, as_of=MIDSUMMER)
    assert line(found, "SYJ").pooled == Tally(owed=3, overdue=3)
    assert [row.pooled for row in found.organisations[1:]] == [None, None]
    assert [row.tally.owed for row in found.organisations] == [0, 7, 6]
    assert found.total == Tally(owed=16, overdue=3)
    assert (found.events_overdue, found.withheld) == (3, 0)


def test_the_rule_versions_do_not_tell_which_events_there_were(world: World) -> None:
    before = figures(world.branch, as_of=MIDSUMMER).versions
    a_family_event(world, world.member, world.colleague)
    assert figures(world.branch, as_of=MIDSUMMER).versions == before
    assert {"four.family", "four.discipline", "join.applicant"} <= {version.code for version in before}


# --- rules, scope, storage ----------------------------------------------------------------------------------


def test_versions_name_maker_day_and_basis(world: World) -> None:
    Rule.objects.create(
        code="year.committee-member",
        title="每年两次 支委和党员",
        organisation=world.committee,
        applies_to="全部",
        trigger="周期:6",
        pairing="committee-member",
        talker_role="team",
        one_to_one=False,
        effective_from=date(2026, 3, 1),
        basis="局党委2026年3号文",
    )
    found = figures(world.committee)
    told = [
        (row.title, row.maker, row.since, row.basis)
        for row in found.versions
        if row.code == "year.committee-member"
    ]
    # It began in the middle of the first half, so that it applies from the second on; of the year both held.
    assert told[-1] == ("每年两次 支委和党员", "上游局党委", date(2026, 3, 1), "局党委2026年3号文")
    assert told[0][1:3] == ("系统内置", date(2018, 10, 28))


def test_organisations_one_may_not_be_told_of_are_left_out_and_counted(world: World) -> None:
    inspector = world.account("inspector")
    inspector.member = factories.a_member("顾行之", world.other_branch)
    inspector.save()
    within = reported_organisations(inspector, today=NEW_YEAR)
    found = compliance_figures(world.committee, year=2026, as_of=NEW_YEAR, within=within)
    assert [row.code for row in found.organisations] == ["SYJ", "HC"]
    assert (found.excluded, found.total) == (1, Tally(owed=7, overdue=7))
    with pytest.raises(PermissionDenied):
        compliance_figures(world.other_branch, year=2026, as_of=NEW_YEAR, within=within)


def test_figures_are_stored_and_read_back(world: World) -> None:
    some_talks_and_a_waiver(world)
    a_family_event(world, world.member, world.colleague, world.other_member)
    for found in (figures(world.committee), some_figures(overdue=(an_overdue_line("郑远航", "何静宜"),))):
        assert ComplianceFigures.from_text(found.to_text()) == found


def test_the_text_changes_with_each_figure(world: World) -> None:
    found = figures(world.branch)
    assert found.to_text() == figures(world.branch).to_text()
    assert found.to_text() != replace(found, total=replace(found.total, met=1)).to_text()


def test_the_queries_do_not_grow_with_the_rows(world: World) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        figures(world.committee)
    for number in range(10):
        branch = factories.an_organisation(superior=world.committee)
        secretary = factories.a_member(organisation=branch)
        factories.a_post(secretary, branch, is_principal=True)
        for _ in range(3):
            member = factories.a_member(organisation=branch)
            factories.an_event(member, happened_on=date(2026, 3, 2))
            factories.a_talk([secretary], [member], held_on=date(2026, 4, 1 + number))
    with CaptureQueriesContext(connection) as many:
        figures(world.committee)
    assert len(many) == len(few)


def test_requests_are_numbers_of_their_own(world: World) -> None:
    """Two asked on Monday, 2026-02-02 (answer due on the 5th, talk on the 17th), one answered on the 6th."""
    for number, (requester, state, answered_on) in enumerate(
        ((world.member, "待答复", None), (world.colleague, "另约", date(2026, 2, 6)))
    ):
        factories.a_request(
            requester,
            world.secretary,
            code=f"Y{number}",
            asked_on=date(2026, 2, 2),
            state=state,
            answered_on=answered_on,
            reason="意见",
        )
    figures = compliance_figures(world.committee, year=2026, as_of=date(2026, 2, 18), within=None)
    expected = RequestSums(asked=2, waiting=1, answered_late=1, answer_overdue=1, hold_overdue=2)
    assert figures.requests == expected
    assert ComplianceFigures.from_text(figures.to_text()).requests == expected
    before = compliance_figures(world.committee, year=2026, as_of=date(2026, 2, 1), within=None)
    assert before.requests == RequestSums()
