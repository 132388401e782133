"""会前谈心谈话: persons × persons, who sees which cell, and in which state."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account
from talks.figures.matrix import Cell, Matrix, matrix_of
from talks.models import Meeting, Waiver
from talks.rules.words import MeetingKind, TalkState
from tests import factories
from tests.conftest import World

ClientOf = Callable[[Account], Client]
# 2026-12-20; the talks from 2026-11-20 (30 days before) to 2026-12-19 (the day before).
MEETING_ON = date(2026, 12, 20)
TODAY = date(2026, 12, 1)


@pytest.fixture
def democratic(world: World) -> Meeting:
    """民主生活会 of the committee.

    Its team: 郑远航 (principal), 何静宜 (in charge of 谭晓峰's office), 高建业.
    """
    third = factories.a_member("高建业", world.other_branch, code="P004")
    factories.a_post(third, world.committee, "副局长", is_team=True)
    return factories.a_meeting(world.committee, MeetingKind.DEMOCRATIC_LIFE, meeting_on=MEETING_ON)


def seen_by(world: World, role: str, meeting: Meeting, today: date = TODAY) -> Matrix:
    """The matrix as the account of the role sees it, reconciled."""
    factories.keep_duties(today)
    return matrix_of(world.account(role), meeting, today=today)


def told(cell: Cell | None) -> tuple[str, str, str] | None:
    """Who with whom, and the state."""
    return (cell.who.name, cell.whom.name, cell.line.tone) if cell else None


def test_each_pair_has_one_cell(world: World, democratic: Meeting) -> None:
    matrix = seen_by(world, "chief", democratic)
    assert [row.member.name for row in matrix.rows] == ["郑远航", "何静宜", "高建业"]
    assert [row.title for row in matrix.rows] == ["党委书记", "党委委员", "副局长"]
    assert [[told(cell) for cell in row.cells] for row in matrix.rows] == [
        [],
        [("何静宜", "郑远航", "pending")],
        [("高建业", "郑远航", "pending"), ("高建业", "何静宜", "pending")],
    ]
    # 三必谈③ stands in the row of whoever is in charge.
    assert [[told(cell) for cell in row.heads] for row in matrix.rows] == [
        [],
        [("何静宜", "谭晓峰", "pending")],
        [],
    ]
    assert matrix.rows[1].heads[0].place == "办公室"
    assert [(row.met, row.owed) for row in matrix.rows] == [(0, 2), (0, 3), (0, 2)]
    assert (matrix.owed, matrix.met, matrix.unbooked) == (4, 0, 4)
    assert not matrix.is_done


def test_the_state_is_that_of_the_day(world: World, democratic: Meeting) -> None:
    held = factories.a_talk([world.chief], [world.deputy], held_on=date(2026, 11, 30))
    booked = factories.a_talk(
        [world.deputy], [world.head], held_on=date(2026, 12, 10), state=TalkState.PLANNED
    )
    matrix = seen_by(world, "chief", democratic)
    (done,), (booked_cell,) = matrix.rows[1].cells, matrix.rows[1].heads
    assert done
    assert (done.line.tone, done.talk, done.state) == ("done", held.code, "已谈")
    # A head is neither of the team nor affiliated: the talk stands in no ledger of the chief's.
    assert (booked_cell.line.tone, booked_cell.state) == ("scheduled", "已约")
    assert booked_cell.talk == ""
    assert booked_cell.line.duty.planned_id == booked.pk
    assert (matrix.owed, matrix.met, matrix.unbooked) == (4, 1, 2)
    assert [(tally.tone, tally.number) for tally in matrix.legend] == [
        ("pending", 2),
        ("scheduled", 1),
        ("done", 1),
    ]
    # Within seven days of 2026-12-19 it is 临期, from 2026-12-20 on 逾期, whatever was booked before.
    near = seen_by(world, "chief", democratic, date(2026, 12, 12))
    assert {cell.line.tone for cell in near.rows[2].cells if cell} == {"near"}
    late = seen_by(world, "chief", democratic, date(2026, 12, 20))
    assert {cell.line.tone for cell in late.rows[2].cells if cell} == {"overdue"}
    assert late.rows[1].heads[0].line.tone == "overdue"


def test_what_is_waived_is_not_owed(world: World, democratic: Meeting) -> None:
    factories.a_waiver(
        world.committee,
        world.deputy,
        asked_by=world.chief,
        rule="three.principal-team",
        anchor="meeting:民主生活会:2026",
        counterpart=world.chief,
        persons="P001+P002",
        approved_by=world.stranger,
        asked_on=date(2026, 11, 25),
    )
    assert Waiver.objects.count() == 1
    matrix = seen_by(world, "chief", democratic)
    cell = matrix.rows[1].cells[0]
    assert cell
    assert cell.line.tone == "waived"
    assert (matrix.owed, matrix.rows[0].owed, matrix.rows[1].owed) == (3, 1, 2)


def test_it_is_done_when_every_talk_is_held(world: World, democratic: Meeting) -> None:
    team = [world.chief, world.deputy, democratic.organisation.posts.get(title="副局长").member]
    for who, whom in ((team[0], team[1]), (team[0], team[2]), (team[2], team[1]), (team[1], world.head)):
        factories.a_talk([who], [whom], held_on=date(2026, 11, 25))
    matrix = seen_by(world, "chief", democratic)
    assert (matrix.owed, matrix.met, matrix.unbooked, matrix.is_done) == (4, 4, 0, True)


@pytest.mark.parametrize(
    ("role", "cells"),
    [
        ("chief", 4),
        ("staff", 4),
        ("inspector", 4),
        # A team member knows of his own: with the principal, the third and his head.
        ("deputy", 3),
        ("head", 1),
        ("member", 0),
    ],
)
def test_everybody_sees_his_own_cells_only(world: World, democratic: Meeting, role: str, cells: int) -> None:
    assert seen_by(world, role, democratic).owed == cells


def test_a_branch_lists_those_whom_somebody_in_a_role_is_to_talk_to(world: World) -> None:
    meeting = factories.a_meeting(world.branch, meeting_on=MEETING_ON)
    matrix = seen_by(world, "secretary", meeting)
    assert [row.member.name for row in matrix.rows] == ["陆秉川", "沈若楠"]
    assert matrix.rules == ("组织生活会前　支委和党员之间", "组织生活会前　党员和党员之间")
    # 谭晓峰, 梁志强, 吴桂兰 are the ordinary members; the applicant is none.
    assert [single.member.code for single in matrix.singles] == ["P003", "P013", "P014"]
    assert all(cell is not None for single in matrix.singles for cell in single.cells)
    assert matrix.owed == 1 + 3 + 3


# --- the page ---------------------------------------------------------------------------------------------


def test_the_page_says_how_it_stands_and_each_cell_names_both(
    world: World, democratic: Meeting, client_of: ClientOf, time_machine: object
) -> None:
    html = _page(client_of(world.account("chief")), democratic)
    assert "应谈4项，已谈0项" in html
    assert "何静宜与郑远航，三必谈①　主要负责同志和班子成员必谈，待谈" in html


def _page(client: Client, meeting: Meeting) -> str:
    response = client.get(reverse("meeting", args=[meeting.pk]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(name="time_machine")
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page asks for the day once; here it is TODAY."""
    monkeypatch.setattr("talks.views.matrix.timezone.localdate", lambda value=None: TODAY)


def test_the_panel_offers_to_book_or_to_open(
    world: World, democratic: Meeting, client_of: ClientOf, time_machine: object
) -> None:
    client = client_of(world.account("chief"))
    held = factories.a_talk([world.chief], [world.deputy], held_on=date(2026, 11, 30))
    matrix = seen_by(world, "chief", democratic)
    done, open_one = matrix.rows[1].cells[0], matrix.rows[2].cells[0]
    assert done
    assert open_one
    panel = client.get(reverse("meeting-pair", args=[democratic.pk, done.line.duty.pk])).content.decode()
    assert f'href="/talks/{held.code}/"' in panel
    assert "预约谈话" not in panel
    panel = client.get(reverse("meeting-pair", args=[democratic.pk, open_one.line.duty.pk])).content.decode()
    assert f'href="/talks/book/?duty={open_one.line.duty.pk}"' in panel


def test_a_pair_of_another_meeting_is_not_opened_here(
    world: World, democratic: Meeting, client_of: ClientOf, time_machine: object
) -> None:
    other = factories.a_meeting(world.branch, meeting_on=MEETING_ON)
    duty = seen_by(world, "chief", democratic).rows[1].heads[0].line.duty
    response = client_of(world.account("chief")).get(reverse("meeting-pair", args=[other.pk, duty.pk]))
    assert response.status_code == 404


def test_the_page_is_refreshed_as_a_part(
    world: World, democratic: Meeting, client_of: ClientOf, time_machine: object
) -> None:
    client = client_of(world.account("chief"))
    address = reverse("meeting", args=[democratic.pk])
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="matrix"' in part
    assert 'hx-trigger="every 20s"' in part
    assert 'data-state="done"' not in part
    # What somebody else records meanwhile is there the next time, though no background runs.
    factories.a_talk([world.chief], [world.deputy], held_on=date(2026, 11, 30))
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'data-state="done"' in part


@pytest.mark.usefixtures("time_machine")
def test_thirty_persons_cost_no_more_queries_than_three(
    world: World, democratic: Meeting, client_of: ClientOf
) -> None:
    client = client_of(world.account("chief"))
    factories.a_talk([world.chief], [world.deputy], held_on=TODAY)
    factories.keep_duties(TODAY)
    _page(client, democratic)
    with CaptureQueriesContext(connection) as few:
        _page(client, democratic)
    for number in range(12):
        person = factories.a_member(f"周{number}", world.other_branch)
        factories.a_post(person, world.committee, "委员", is_team=True)
        factories.a_portfolio(person, world.division)
        factories.a_talk([world.chief], [person], held_on=TODAY - timedelta(days=number % 5))
    for number in range(3):
        head = factories.a_member(f"吴{number}", world.branch)
        factories.a_post(head, world.committee, "科长", department=world.division, is_head=True)
    factories.keep_duties(TODAY)
    _page(client, democratic)
    with CaptureQueriesContext(connection) as many:
        html = _page(client, democratic)
    assert html.count('class="cell') > 100
    assert len(many) == len(few)
