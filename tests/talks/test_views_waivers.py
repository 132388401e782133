"""免予谈话 on screen: asked for, decided by somebody else, a number of its own, the reason sealed."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Member
from reports.figures import compliance_figures
from talks.forms.waivers import STATES
from talks.models import Duty, Waiver
from talks.rules.words import WaiverState
from talks.services import waivers as services
from tests import factories
from tests.conftest import World
from tests.talks.test_views_duties import count_of
from vault.models import TrailEntry
from vault.services import Actor

TODAY = date(2026, 6, 15)
REASON = "长期住院，意识不清，无法谈话。"

ClientOf = Callable[[Account], Client]


@pytest.fixture(autouse=True)
def midsummer() -> Iterator[None]:
    with time_machine.travel("2026-06-15 10:00+08:00"):
        yield


def duty_of(member: Member, rule: str = "year.committee-member") -> Duty:
    factories.keep_duties(TODAY)
    return Duty.objects.get(rule=rule, subject=member, year=2026)


def text(client: Client, name: str, *arguments: object, query: str = "") -> str:
    response = client.get(reverse(name, args=arguments) + query)
    assert response.status_code == 200
    return response.content.decode()


def posted(client: Client, name: str, *arguments: object, **values: str) -> str:
    """The page to which one comes by it."""
    response = client.post(reverse(name, args=arguments), values, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> list[tuple[str, str]]:
    """Whom the rows of the list are about, and how far each has come."""
    found = re.findall(
        r'<th scope="row"><a [^>]*>([^<]+)</a>.*?class="chip"[^>]*>.*?</svg>([^<]+)</span>', html, re.DOTALL
    )
    return [(whom, state) for whom, state in found]


def a_waiver(world: World, **more: Any) -> Waiver:
    return factories.a_waiver(world.branch, world.member, asked_by=world.secretary, reason=REASON, **more)


# --- the whole way ---------------------------------------------------------------------------------------


def test_from_asking_to_the_figures_and_back(world: World, client_of: ClientOf) -> None:
    secretary, chief = client_of(world.account("secretary")), client_of(world.account("chief"))
    duty = duty_of(world.member)

    def told() -> tuple[dict[str, int], int, tuple[int, int], tuple[str, ...]]:
        """Of 2026: the command's sums, the list's, the report's, the branch's row in the overview."""
        out = StringIO()
        call_command("duties", "--year", "2026", "--organisation", "HC", "--format", "json", stdout=out)
        total = compliance_figures(world.branch, year=2026, as_of=TODAY, within=None).total
        row = text(chief, "workbench").partition(">合川分局党支部<")[2].partition("</tr>")[0]
        numbers = re.findall(r'<td class="num">(?:<[^>]+>)?(\d+|—)', row)
        return (
            json.loads(out.getvalue())["summary"],
            count_of(text(secretary, "duties"), "waived"),
            (total.owed, total.waived),
            tuple(numbers),
        )

    # One pair of the team, three with a 支委, three among members (tests/reports/test_figures.py).
    before = (
        {"owed": 7, "met": 0, "overdue": 0, "waived": 0},
        0,
        (7, 0),
        ("7", "0", "0", "—", "0", "0"),
    )
    after = (
        {"owed": 6, "met": 0, "overdue": 0, "waived": 1},
        1,
        (6, 1),
        ("6", "0", "0", "—", "0", "1"),
    )
    assert told() == before
    assert reverse("duty-waive", args=[duty.pk]) in text(secretary, "duty", duty.pk)

    asked = posted(secretary, "duty-waive", duty.pk, reason=REASON)
    waiver = Waiver.objects.get()
    assert "已申请免予谈话，等待批准；批准以前仍然应谈。" in asked
    assert told() == before
    assert "我申请的免予谈话" in text(secretary, "workbench")
    desk = text(chief, "workbench")
    assert "审批梁志强的免予谈话" in desk
    assert "陆秉川6月15日申请，每年至少一次 支委和党员之间，2026年" in desk
    assert REASON in text(chief, "waiver", waiver.pk)

    assert "这项应谈自今天起免予谈话" in posted(chief, "waiver-approve", waiver.pk)
    assert told() == after
    assert "审批" not in text(chief, "workbench")
    assert "郑远航2026年6月15日批准" in re.sub(r"<[^>]+>", "", text(secretary, "duty", duty.pk))
    assert "另有免予谈话1" in text(secretary, "workbench")
    assert "梁志强" in text(secretary, "duties", query="?state=waived")

    assert "这项应谈恢复" in posted(chief, "waiver-revoke", waiver.pk, reason="已经出院。")
    assert told() == before
    assert "已经出院。" in text(secretary, "waiver", waiver.pk)
    assert "重新申请" in text(secretary, "duty", duty.pk)


def test_a_refusal_comes_back_to_who_asked(world: World, client_of: ClientOf) -> None:
    waiver = a_waiver(world)
    chief, secretary = client_of(world.account("chief")), client_of(world.account("secretary"))
    assert "请填写理由" in posted(chief, "waiver-decline", waiver.pk, reason=" ")
    assert "已告知申请人不予批准" in posted(chief, "waiver-decline", waiver.pk, reason="可以到医院谈。")
    assert "不予批准" in text(secretary, "workbench").partition("我申请的免予谈话")[2]
    assert "可以到医院谈。" in text(secretary, "waiver", waiver.pk)


def test_who_asked_takes_it_back(world: World, client_of: ClientOf) -> None:
    waiver = a_waiver(world)
    secretary = client_of(world.account("secretary"))
    assert "保留申请" in text(secretary, "waiver-take-back", waiver.pk)
    assert "已撤回申请" in posted(secretary, "waiver-take-back", waiver.pk)
    assert Waiver.objects.get().state is WaiverState.TAKEN_BACK
    assert "我申请的免予谈话" not in text(secretary, "workbench")


@pytest.mark.parametrize("step", ["waiver-approve", "waiver-decline", "waiver-revoke"])
def test_who_comes_second_is_told(world: World, client_of: ClientOf, step: str) -> None:
    """Somebody else has decided since the page was opened: nothing is done, and the page shows what is."""
    waiver = a_waiver(world)
    services.take_back_waiver(
        actor=Actor("tests", ""),
        at=timezone.now(),
        waiver=waiver,
        taken_back_by=world.secretary,
    )
    html = posted(client_of(world.account("chief")), step, waiver.pk, reason="理由")
    assert services.TOO_LATE in html
    assert Waiver.objects.get().state is WaiverState.TAKEN_BACK


def test_what_was_met_meanwhile_is_not_waived_and_what_was_typed_stays(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    secretary = client_of(world.account("secretary"))
    duty = duty_of(world.member)
    ask = services.ask_waiver

    def after_a_talk(**given: Any) -> Waiver:
        factories.a_talk([world.committee_member], [world.member], held_on=TODAY)
        return ask(**given)

    monkeypatch.setattr("talks.views.waivers.ask_waiver", after_a_talk)
    html = posted(secretary, "duty-waive", duty.pk, reason=REASON)
    assert services.SETTLED in html
    assert REASON in html
    assert not Waiver.objects.exists()


def test_a_second_request_leads_to_the_first(world: World, client_of: ClientOf) -> None:
    duty, waiver = duty_of(world.member), a_waiver(world)
    secretary = client_of(world.account("secretary"))
    response = secretary.get(reverse("duty-waive", args=[duty.pk]))
    assert response.headers["Location"] == reverse("waiver", args=[waiver.pk])
    assert "等待批准" in text(secretary, "duty", duty.pk)


def test_where_nobody_else_may_approve_it_is_said(world: World, client_of: ClientOf) -> None:
    """The 党委书记 asks, and nobody is above him."""
    factories.a_post(world.member, world.committee, "纪委书记", is_team=True)
    factories.keep_duties(TODAY)
    factories.an_event(world.member, "新提拔", happened_on=TODAY)
    factories.a_meeting(world.committee, "民主生活会", meeting_on=date(2026, 6, 30))
    factories.keep_duties(TODAY)
    duty = Duty.objects.get(rule="three.team-team")
    html = text(client_of(world.account("chief")), "duty-waive", duty.pk)
    assert "目前没有其他主要负责同志可以批准" in html
    factories.a_post(world.stranger, world.committee, "党委副书记", is_principal=True)
    assert "石磊可以批准" in text(client_of(world.account("chief")), "duty-waive", duty.pk)


# --- what is told to whom --------------------------------------------------------------------------------


def test_the_reason_is_read_by_who_may_and_every_reading_is_on_the_trail(
    world: World, client_of: ClientOf
) -> None:
    waiver = a_waiver(world, approved_by=world.chief)
    found = {}
    for role in ("secretary", "chief", "staff", "inspector"):
        found[role] = REASON in text(client_of(world.account(role)), "waiver", waiver.pk)
    assert found == {"secretary": True, "chief": True, "staff": False, "inspector": False}
    readings = TrailEntry.objects.filter(action="查看理由").order_by("number")
    assert list(readings.values_list("account", flat=True)) == ["secretary", "chief"]


@pytest.mark.parametrize("role", ["secretary", "chief", "staff", "inspector", "member"])
def test_no_list_tells_a_reason(world: World, client_of: ClientOf, role: str) -> None:
    factories.keep_duties(TODAY)
    a_waiver(world)
    client = client_of(world.account(role))
    for name in ("waivers", "workbench", "duties"):
        assert REASON not in text(client, name)


def test_an_event_stays_without_name_and_kind_to_who_approves_it(world: World, client_of: ClientOf) -> None:
    factories.an_event(world.member, happened_on=TODAY, code="E1")
    waiver = a_waiver(world, rule="four.family", anchor="event:E1")
    chief = client_of(world.account("chief"))
    for html in (
        text(chief, "workbench"),
        text(chief, "waivers"),
        text(chief, "waiver", waiver.pk),
        text(chief, "waiver-decline", waiver.pk),
    ):
        assert "事件类必谈" in html
        assert not re.search("梁志强|家庭变故|four.family|event:E1|E1<", html)
    assert "审批合川分局党支部一项事件类必谈的免予谈话" in text(chief, "workbench")
    # A search must not tell what the row does not.
    assert rows(text(chief, "waivers", query="?who=梁志强")) == []
    assert rows(text(chief, "waivers")) == [("事件类必谈", "待批准")]
    secretary = client_of(world.account("secretary"))
    assert rows(text(secretary, "waivers", query="?who=梁志强")) == [("梁志强", "待批准")]
    posted(chief, "waiver-approve", waiver.pk)
    assert "梁志强" not in text(chief, "waiver", waiver.pk)


def test_who_may_approve_does_not_tell_whom_an_event_concerns(world: World, client_of: ClientOf) -> None:
    """Of the principals of 合川 the one who is missing would be the one whom it is about."""
    factories.a_post(world.colleague, world.branch, "支部副书记", is_principal=True)
    factories.an_event(world.colleague, happened_on=TODAY, code="E1")
    waiver = factories.a_waiver(
        world.branch,
        world.colleague,
        asked_by=world.secretary,
        reason=REASON,
        rule="four.family",
        anchor="event:E1",
    )
    html = text(client_of(world.account("chief")), "waiver", waiver.pk)
    assert "批准免予谈话" in html
    assert "可以批准" not in html
    assert "可以批准" in text(client_of(world.account("secretary")), "waiver", waiver.pk)


def test_of_event_duties_without_names_the_waived_are_told_where_the_others_are(
    world: World, client_of: ClientOf
) -> None:
    people = [world.member, world.colleague, world.head, world.committee_member]
    for number, member in enumerate(people, 1):
        factories.an_event(member, happened_on=TODAY, code=f"E{number}")
    factories.a_waiver(
        world.branch,
        world.member,
        asked_by=world.secretary,
        approved_by=world.stranger,
        rule="four.family",
        anchor="event:E1",
    )
    inspector = client_of(world.account("inspector"))
    alone = text(inspector, "duties", query="?organisation=HC")
    assert "另有事件类必谈3项（已谈0项，逾期0项，另有免予谈话1项），" in alone
    assert "另有事件类必谈3项，" in text(inspector, "duties")
    # Of two nothing is split, and the waived one is not told.
    factories.a_waiver(
        world.branch,
        world.colleague,
        asked_by=world.secretary,
        approved_by=world.stranger,
        rule="four.family",
        anchor="event:E2",
    )
    assert "另有事件类必谈不足3项，" in text(inspector, "duties", query="?organisation=HC")


# --- the list --------------------------------------------------------------------------------------------


def a_waiver_of_each_state(world: World) -> None:
    day, chief = date(2026, 5, 4), world.chief
    ended = {"ended_by": chief, "ended_on": day}
    a_waiver(world, ending="不予批准", **ended)
    a_waiver(world, number=2, ending="申请已撤回", ended_by=world.secretary, ended_on=day)
    a_waiver(world, number=3, approved_by=chief, ending="批准已撤回", **ended)
    a_waiver(world, number=4, approved_by=chief)
    a_waiver(world, rule="year.member-member")
    factories.a_waiver(world.other_branch, world.other_member, asked_by=world.other_secretary)


def test_the_list_is_narrowed_by_state_person_organisation_and_scope(
    world: World, client_of: ClientOf
) -> None:
    a_waiver_of_each_state(world)
    chief = client_of(world.account("chief"))
    html = text(chief, "waivers")
    assert sorted(rows(html)) == sorted(
        [("马建国", "待批准"), *[("梁志强", state.value) for state in WaiverState]]
    )
    assert [state for _, state in rows(html)][:2] == ["待批准", "待批准"]
    counts = {name: count_of(html, name) for name in STATES}
    assert counts == {"waiting": 2, "approved": 1, "declined": 1, "taken_back": 1, "revoked": 1}
    for query, number in (
        ("?state=waiting", 2),
        ("?state=waiting&state=revoked", 3),
        ("?who=mjg", 1),
        ("?organisation=HC", 5),
        ("?scope=decide", 2),
        ("?scope=asked", 0),
        ("?state=nonsense&organisation=WB1&scope=all", 6),
    ):
        assert len(rows(text(chief, "waivers", query=query))) == number, query
    assert len(rows(text(client_of(world.account("secretary")), "waivers", query="?scope=asked"))) == 5
    assert "没有符合筛选条件的免予谈话" in text(chief, "waivers", query="?who=无此人")
    assert "没有申请过免予谈话" in text(client_of(world.account("stranger")), "waivers")


def test_filters_stay_on_the_next_page(world: World, client_of: ClientOf) -> None:
    for number in range(30):
        factories.a_waiver(
            world.branch, factories.a_member(f"周{number}", world.branch), asked_by=world.secretary
        )
    chief = client_of(world.account("chief"))
    html = text(chief, "waivers", query="?state=waiting&organisation=HC")
    assert len(rows(html)) == 25
    following = re.search(r'href="(\?[^"]+page=2)"', html)
    assert following
    assert len(rows(text(chief, "waivers", query=following[1].replace("&amp;", "&")))) == 5


@pytest.mark.parametrize("role", ["chief", "secretary", "inspector"])
@pytest.mark.parametrize("name", ["waivers", "workbench", "duties"])
def test_three_waivers_and_thirty_cost_the_same(
    world: World, client_of: ClientOf, role: str, name: str
) -> None:
    members = [factories.a_member(f"周{number}", world.branch) for number in range(30)]
    client = client_of(world.account(role))

    def queries() -> int:
        factories.keep_duties(TODAY)
        text(client, name)
        with CaptureQueriesContext(connection) as captured:
            text(client, name)
        return len(captured)

    for member in members[:3]:
        factories.a_waiver(world.branch, member, asked_by=world.secretary)
    few = queries()
    for member in members[3:]:
        factories.a_waiver(world.branch, member, asked_by=world.secretary)
    assert queries() == few


def test_more_than_five_that_wait_are_one_line_on_the_first_screen(world: World, client_of: ClientOf) -> None:
    for number in range(7):
        factories.a_waiver(
            world.branch, factories.a_member(f"周{number}", world.branch), asked_by=world.secretary
        )
    html = text(client_of(world.account("chief")), "workbench")
    assert len(re.findall("审批周[0-9]的免予谈话</a>", html)) == 5
    assert "另有2项免予谈话待批准" in html
    asked = text(client_of(world.account("secretary")), "workbench").partition("我申请的免予谈话")[2]
    assert len(re.findall("周[0-9]　每年至少一次", asked.partition("</ul>")[0])) == 5
    assert '?scope=asked">另有2项</a>' in asked
