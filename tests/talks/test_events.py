"""Events on screen: who enters and sees them, and what each sets off."""

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import WorkingDay
from members.models import Account, Event, Post
from members.rules import Category
from members.services.events import KNOWN_BEFORE
from talks.figures.events import (
    NO_PARTY_MEMBER,
    NO_RULE,
    NOT_AFFILIATED,
    duties_of_event,
    event_kinds,
    outlooks,
)
from talks.models import Rule
from talks.rules.presets import EVENT_KINDS
from tests import factories as make
from tests.conftest import World
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
TODAY = date(2026, 3, 5)  # a Thursday
MONDAY = date(2026, 3, 2)


# --- what an event sets off --------------------------------------------------------------------------------


def test_an_event_of_a_party_member_sets_off_its_talk(world: World) -> None:
    event = make.an_event(world.member, "家庭变故", happened_on=MONDAY, known_on=date(2026, 3, 3))
    duties, reason = duties_of_event(event, as_of=TODAY)
    # 3 working days after Tuesday: Wednesday, Thursday, Friday.
    assert [
        (one.duty.rule.code, one.duty.organisation, one.duty.subject, one.duty.due_on) for one in duties
    ] == [("four.family", "HC", "P013", date(2026, 3, 6))]
    assert [one.note for one in duties] == [""]
    assert reason == ""


def test_a_limit_in_a_year_without_a_calendar_says_how_it_was_reckoned(
    world: World, client_of: Browser
) -> None:
    # 3 working days after Wednesday, 30 December 2026: Thursday, and, holidays not known, Friday and Monday.
    event = make.an_event(world.member, "家庭变故", happened_on=date(2026, 12, 30), code="E-YEAR")
    address = reverse("event", args=["E-YEAR"])
    told = '（<a href="/working-days/?year=2027">暂按周一至周五</a>）'
    with time_machine.travel("2026-12-30 10:00+08:00", tick=False):
        duties, _ = duties_of_event(event, as_of=date(2026, 12, 30))
        assert [(one.duty.due_on, one.note) for one in duties] == [(date(2027, 1, 4), "暂按周一至周五")]
        page = client_of(world.account("secretary")).get(address).content.decode()
        assert told in page
        # New Year's Day off: Thursday, Monday, Tuesday; and nothing is provisional.
        WorkingDay.objects.create(day=date(2027, 1, 1), is_working=False, name="元旦")
        page = client_of(world.account("secretary")).get(address).content.decode()
        assert "2027年1月5日" in page
        assert "暂按" not in page


def test_the_duties_of_another_event_are_not_told(world: World) -> None:
    make.an_event(world.member, "岗位变动", happened_on=MONDAY)
    event = make.an_event(world.member, "家庭变故", happened_on=MONDAY)
    duties, _ = duties_of_event(event, as_of=TODAY)
    assert [one.duty.rule.code for one in duties] == ["four.family"]


def test_who_enters_one_that_sets_off_nothing_is_told_why(world: World) -> None:
    nowhere = make.a_member(organisation=world.branch, until=MONDAY)
    gone = make.an_event(nowhere, "家庭变故", happened_on=MONDAY)
    applicant = make.an_event(world.applicant, "家庭变故", happened_on=MONDAY)
    other = make.an_event(world.member, "其他", happened_on=MONDAY)
    later = make.a_member(
        organisation=world.branch, category=Category.PROBATIONARY, joined_on=date(2026, 3, 3)
    )
    not_yet = make.an_event(later, "家庭变故", happened_on=MONDAY)
    assert duties_of_event(gone, as_of=TODAY) == ((), NOT_AFFILIATED)
    assert duties_of_event(applicant, as_of=TODAY) == ((), NO_PARTY_MEMBER)
    assert duties_of_event(other, as_of=TODAY) == ((), NO_RULE)
    assert duties_of_event(not_yet, as_of=TODAY) == ((), NO_PARTY_MEMBER)


def test_an_application_is_owed_to_one_who_is_no_member_yet(world: World) -> None:
    event = make.an_event(world.applicant, "递交入党申请", happened_on=MONDAY)
    duties, reason = duties_of_event(event, as_of=TODAY)
    assert [one.duty.rule.code for one in duties] == ["join.applicant"]
    assert reason == ""


def own_rule(world: World, code: str, organisation: Any, trigger: str) -> None:
    Rule.objects.create(
        code=code,
        title=code,
        organisation=organisation,
        applies_to="全部",
        trigger=trigger,
        days=7,
        unit="自然日",
        pairing="event",
        talker_role="principal",
        one_to_one=True,
        effective_from=date(2026, 1, 1),
    )


def test_the_kinds_are_those_of_the_sets_and_of_own_rules_here_and_above(world: World) -> None:
    own_rule(world, "syj.own", world.committee, "事件:防汛值守,家庭变故")
    own_rule(world, "hc.own", world.branch, "事件:驻站轮换")
    own_rule(world, "wb.own", world.foreign_committee, "事件:外埠自定")
    assert event_kinds([world.branch]) == (*EVENT_KINDS, "驻站轮换", "防汛值守")
    assert event_kinds([world.other_branch]) == (*EVENT_KINDS, "防汛值守")
    assert "其他" in EVENT_KINDS


# --- pages -------------------------------------------------------------------------------------------------


@pytest.fixture
def secretary(world: World, client_of: Browser) -> Client:
    return client_of(world.account("secretary"))


VALUES = {"member": "lzq", "kind": "家庭变故", "happened_on": "2026-03-02", "note": "父亲病重住院"}


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_a_principal_enters_an_event_and_is_told_what_it_sets_off(world: World, secretary: Client) -> None:
    response = secretary.post(reverse("event-add"), VALUES, follow=True)
    event = Event.objects.get()
    assert (event.member, event.known_on, event.entered_by) == (
        world.member,
        MONDAY,
        world.account("secretary"),
    )
    assert response.redirect_chain == [(reverse("event", args=[event.code]), 302)]
    text = response.content.decode()
    assert "发生家庭变故必谈" in text
    assert "2026年3月5日" in text  # Monday and 3 working days
    assert "父亲病重住院" not in text
    # Neither the note nor who or what travels in a cookie.
    assert "梁志强" not in str(response.wsgi_request.COOKIES)
    assert "事件已录入" in text


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_an_event_that_sets_off_nothing_says_so(world: World, secretary: Client) -> None:
    asked = secretary.post(reverse("event-add"), {**VALUES, "kind": "其他"})
    text = asked.content.decode()
    assert "1人不产生应谈事项，还没有录入" in text
    assert "没有规则涉及这种事件" in text
    assert "父亲病重住院" in text
    assert not Event.objects.exists()
    seen = re.search(r'name="seen" value="([^"]*)"', text)
    assert seen
    values = {**VALUES, "kind": "其他", "seen": html.unescape(seen[1])}
    # What was confirmed is this kind and this day.
    again = secretary.post(reverse("event-add"), {**values, "happened_on": "2026-03-03"})
    assert "还没有录入" in again.content.decode()
    assert not Event.objects.exists()
    response = secretary.post(reverse("event-add"), values, follow=True)
    assert NO_RULE in response.content.decode()
    assert Event.objects.count() == 1
    assert "不产生应谈事项" in secretary.get(reverse("events")).content.decode()


# --- many at once ------------------------------------------------------------------------------------------

REFORM = {"kind": "岗位变动", "happened_on": "2026-03-02", "note": "机构改革"}


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_an_event_is_entered_for_many_at_once(world: World, secretary: Client) -> None:
    values = {**REFORM, "chosen": ["P012", "P013", "P014"]}
    response = secretary.post(reverse("event-add"), values, follow=True)
    assert "已录入3项事件。" in response.content.decode()
    events = Event.objects.order_by("member__code")
    assert [(one.member.code, one.kind, one.note) for one in events] == [
        (code, "岗位变动", "机构改革") for code in ("P012", "P013", "P014")
    ]
    assert len({one.code for one in events}) == 3
    assert (
        list(TrailEntry.objects.filter(action="新增").values_list("target_kind", flat=True)) == ["事件"] * 3
    )
    assert response.content.decode().count("已列入") == 3


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_one_typed_besides_those_ticked_is_entered_too(world: World, secretary: Client) -> None:
    secretary.post(reverse("event-add"), {**REFORM, "chosen": ["P012"], "member": "lzq"})
    assert set(Event.objects.values_list("member__code", flat=True)) == {"P012", "P013"}


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_nobody_is_entered_where_one_is_a_stranger_or_nobody_is_named(
    world: World, secretary: Client
) -> None:
    for more in (
        {"chosen": ["P013", "P021"]},
        {"chosen": []},
        {"chosen": ["P013"], "known_on": "2026-03-01"},
    ):
        response = secretary.post(reverse("event-add"), {**REFORM, **more})
        assert response.status_code == 200
        assert "机构改革" in response.content.decode()
    assert not Event.objects.exists()
    assert not TrailEntry.objects.exists()


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_a_search_keeps_who_is_ticked_and_what_is_typed(world: World, secretary: Client) -> None:
    values = {**REFORM, "happened_on": "", "chosen": ["P012"], "member": "w", "find": "1"}
    text = secretary.post(reverse("event-add"), values).content.decode()
    assert re.findall(r'name="chosen" value="(P\d+)" checked', text) == ["P012"]
    assert re.findall(r'name="chosen" value="(P\d+)">', text) == ["P014"]
    assert "机构改革" in text
    assert "请填写日期" not in text
    assert not Event.objects.exists()


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_of_many_those_are_named_who_are_owed_nothing(world: World, secretary: Client) -> None:
    values = {**REFORM, "chosen": ["P013", "P015"]}
    text = secretary.post(reverse("event-add"), values).content.decode()
    assert "1人不产生应谈事项，还没有录入" in text
    assert "孙雨晴：" in text
    assert "四个必谈①　岗位变动必谈" in text
    assert "不是正式党员或预备党员" in text
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', text)[1])  # type: ignore[index]
    response = secretary.post(reverse("event-add"), {**values, "seen": seen}, follow=True)
    assert "已录入2项事件，其中1项不产生应谈事项" in response.content.decode()
    assert Event.objects.count() == 2


def test_many_cost_as_many_queries_as_a_few(world: World) -> None:
    def cost(members: list[Any]) -> int:
        with CaptureQueriesContext(connection) as found:
            assert len(outlooks(members, kind="岗位变动", known_on=MONDAY)) == len(members)
        return len(found)

    few = cost([world.member, world.applicant, world.colleague])
    more = [make.a_member(f"江{number}", world.branch) for number in range(30)]
    assert cost([world.member, world.applicant, world.colleague, *more]) == few


def test_the_outlook_says_what_the_engine_then_owes(world: World) -> None:
    own_rule(world, "syj.own", world.committee, "事件:防汛值守")
    nowhere = make.a_member("江远", world.branch, until=MONDAY)
    people = [world.member, world.applicant, nowhere]
    for kind in ("岗位变动", "递交入党申请", "表彰", "其他", "防汛值守"):
        for one in outlooks(people, kind=kind, known_on=MONDAY):
            event = make.an_event(one.member, kind, happened_on=MONDAY)
            duties, _ = duties_of_event(event, as_of=TODAY)
            assert sorted(one.owed) == sorted(each.duty.rule.heading for each in duties), (kind, one)
            event.delete()


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(world: World, secretary: Client) -> None:
    response = secretary.post(reverse("event-add"), {**VALUES, "known_on": "2026-03-01"})
    text = response.content.decode()
    assert KNOWN_BEFORE in text
    assert "父亲病重住院" in text
    assert not Event.objects.exists()


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_events_are_entered_about_the_members_of_ones_organisation_only(
    world: World, secretary: Client
) -> None:
    for code in ("P021", "P091"):
        response = secretary.post(reverse("event-add"), {**VALUES, "member": code})
        assert "没有找到" in response.content.decode()
    assert not Event.objects.exists()


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_the_note_is_shown_on_a_click_that_leaves_an_entry(world: World, secretary: Client) -> None:
    event = make.an_event(world.member, happened_on=MONDAY, note="父亲病重住院")
    assert "父亲病重住院" not in secretary.get(reverse("event", args=[event.code])).content.decode()
    assert not TrailEntry.objects.exists()
    response = secretary.post(reverse("event-note", args=[event.code]))
    assert "父亲病重住院" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    entry = TrailEntry.objects.get()
    assert (entry.account, entry.action, entry.target) == ("secretary", "查看情况说明", event.code)


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_the_form_of_a_change_shows_the_note_to_a_reader_and_the_trail_knows(
    world: World, secretary: Client
) -> None:
    event = make.an_event(world.member, happened_on=MONDAY, note="父亲病重住院")
    text = secretary.get(reverse("event-change", args=[event.code])).content.decode()
    assert "父亲病重住院" in text
    assert TrailEntry.objects.get().action == "查看情况说明"
    values = {"kind": "岗位变动", "happened_on": "2026-03-01", "known_on": "2026-03-02", "note": "已更正"}
    secretary.post(reverse("event-change", args=[event.code]), values)
    event.refresh_from_db()
    assert (event.kind, event.happened_on, event.known_on, event.note) == (
        "岗位变动",
        date(2026, 3, 1),
        MONDAY,
        "已更正",
    )


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_a_principal_who_waits_for_confirmation_neither_reads_nor_overwrites_the_note(
    world: World, client_of: Browser
) -> None:
    make.a_post(world.committee_member, world.branch, "副书记", is_principal=True, confirmed_at=None)
    event = make.an_event(world.member, happened_on=MONDAY, note="父亲病重住院")
    browser = client_of(world.account("committee_member"))
    assert browser.get(reverse("event", args=[event.code])).status_code == 200
    assert browser.post(reverse("event-note", args=[event.code])).status_code == 404
    assert 'name="note"' not in browser.get(reverse("event-change", args=[event.code])).content.decode()
    values = {"kind": "家庭变故", "happened_on": "2026-03-01", "known_on": "", "note": "看不到的改动"}
    browser.post(reverse("event-change", args=[event.code]), values)
    event.refresh_from_db()
    assert (event.happened_on, event.note) == (date(2026, 3, 1), "父亲病重住院")


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_an_event_entered_by_mistake_is_deleted(world: World, secretary: Client) -> None:
    event = make.an_event(world.member, happened_on=MONDAY)
    response = secretary.post(reverse("event-remove", args=[event.code]), follow=True)
    assert response.redirect_chain == [(reverse("events"), 302)]
    assert not Event.objects.exists()
    assert "还没有录入事件" in response.content.decode()


@time_machine.travel("2026-03-05T09:00:00+08:00")
def test_the_list_holds_the_events_one_may_know_of(world: World, client_of: Browser) -> None:
    make.an_event(world.member, "家庭变故", happened_on=MONDAY)
    make.an_event(world.other_member, "苗头性问题", happened_on=MONDAY)
    text = client_of(world.account("secretary")).get(reverse("events")).content.decode()
    assert "梁志强" in text
    assert "马建国" not in text
    assert "没有可以查看的事件" in client_of(world.account("staff")).get(reverse("events")).content.decode()
    text = client_of(world.account("secretary")).get(reverse("events") + "?q=wgl").content.decode()
    assert "没有符合条件的事件" in text


@time_machine.travel("2026-03-05T09:00:00+08:00")
@pytest.mark.parametrize("address", ["/events/", "/events/add/"])
def test_a_list_of_30_costs_the_queries_of_3(
    world: World, secretary: Client, address: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        make.an_event(make.a_member(organisation=world.branch), happened_on=MONDAY)
    with django_assert_max_num_queries(100) as of_three:
        assert secretary.get(address).status_code == 200
    for _ in range(27):
        make.an_event(make.a_member(organisation=world.branch), happened_on=MONDAY)
    assert Post.objects.exists()
    with django_assert_max_num_queries(len(of_three)):
        assert secretary.get(address).status_code == 200


@pytest.mark.parametrize(
    ("role", "page", "change"),
    [("secretary", 200, 404), ("colleague", 200, 200), ("chief", 404, 404)],
)
def test_a_former_principal_sees_what_he_entered_and_changes_it_no_more(
    world: World, client_of: Browser, role: str, page: int, change: int
) -> None:
    """陆秉川 entered it as 书记; 吴桂兰 has followed him."""
    event = make.an_event(world.member, happened_on=MONDAY, entered_by=world.account("secretary"), code="E1")
    Post.objects.filter(member=world.secretary).update(until=date(2026, 3, 1))
    make.a_post(world.colleague, world.branch, "支部书记", is_principal=True, since=date(2026, 3, 1))
    client = client_of(world.account(role))
    shown = client.get(reverse("event", args=["E1"]))
    assert shown.status_code == page
    address = reverse("event-change", args=["E1"])
    assert (address in shown.content.decode()) is (change == 200)
    assert client.get(address).status_code == change
    assert client.get(reverse("event-remove", args=["E1"])).status_code == change
    removed = client.post(reverse("event-remove", args=["E1"])).status_code
    assert removed == (302 if change == 200 else 404)
    assert Event.objects.filter(pk=event.pk).exists() is (change != 200)
