"""Booking, recording and reading a talk on screen, and the list of talks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Member
from talks.forms.people import UNKNOWN, PeopleField
from talks.models import Duty, Side, Talk
from talks.rules.words import TalkState
from talks.services import life
from talks.services.records import FOLLOWS_EARLY
from talks.services.talks import BOOKED_ALREADY
from talks.views.booking import DAY_IS_OVER, NOT_YET_HELD, NOT_YOURS
from talks.views.records import COPY_FIRST
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry

ClientOf = Callable[[Account], Client]
SAID = "谈到测站值班，希望排班能错开。"


def today_text() -> str:
    """Today, as a form sends it."""
    return timezone.localdate().isoformat()


def handle(world: World, rule: str = "year.committee-member", subject: str = "P013") -> int:
    """The address of a duty of the branch."""
    factories.keep_duties(timezone.localdate())
    return Duty.objects.get(rule=rule, subject__code=subject, year=timezone.localdate().year).pk


def typed(**more: object) -> dict[str, object]:
    """What a talk of the 书记 with the member is booked with."""
    return {"talkers": ["陆秉川"], "subjects": ["梁志强"], "held_on": today_text(), "form": "面对面", **more}


def record_data(talk: Talk, **more: object) -> dict[str, object]:
    """A record as the form sends it."""
    return {
        "revision": talk.revision,
        "held_on": talk.held_on.isoformat(),
        "content": SAID,
        "opinions-TOTAL_FORMS": "2",
        "opinions-INITIAL_FORMS": "0",
        "opinions-0-text": "主题党日放到测站开",
        "opinions-0-about": "支委会",
        "opinions-0-category": "组织生活",
        "remedies-TOTAL_FORMS": "1",
        "remedies-INITIAL_FORMS": "0",
        "remedies-0-text": "每季度一次",
        "remedies-0-owner": "沈若楠",
        "remedies-0-due_on": today_text(),
        **more,
    }


@pytest.fixture
def booked(world: World) -> Talk:
    """The 支委 is to talk with the member today."""
    return factories.a_talk(
        [world.committee_member], [world.member], held_on=timezone.localdate(), state=TalkState.PLANNED
    )


# --- booking ---------------------------------------------------------------------------------------------


def test_from_a_duty_everything_is_filled_in(world: World, client_of: ClientOf) -> None:
    """The day is the next working day: of a Friday the Monday."""
    friday = datetime(2026, 11, 27, 1, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        client = client_of(world.account("committee_member"))
        html = client.get(reverse("talk-book") + f"?duty={handle(world)}").content.decode()
    assert re.search(r'name="talkers" value="沈若楠"', html)
    assert re.search(r'name="subjects" value="梁志强"', html)
    assert 'name="held_on" value="2026-11-30"' in html
    assert '<option value="面对面" selected>' in html


def test_beside_the_form_stands_whether_the_rule_wants_one_to_one(world: World, client_of: ClientOf) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate())
    client = client_of(world.account("secretary"))
    for rule, wanted in (("four.family", "一对一"), ("year.committee-member", "不限一对一")):
        html = client.get(reverse("talk-book") + f"?duty={handle(world, rule)}").content.decode()
        assert f"<dt>要求</dt><dd>{wanted}</dd>" in html


def test_a_principal_books_for_the_one_who_is_responsible(world: World, client_of: ClientOf) -> None:
    # The member is in liaison with the 支委: she is responsible, but the 书记 is in the role himself.
    client = client_of(world.account("secretary"))
    html = client.get(reverse("talk-book") + f"?duty={handle(world)}").content.decode()
    assert 'name="talkers" value="陆秉川"' in html
    # Between ordinary members he is not: the form proposes one of those who are.
    html = client.get(reverse("talk-book") + f"?duty={handle(world, 'year.member-member')}").content.decode()
    assert 'name="talkers" value="陆秉川"' not in html
    assert 'name="subjects" value="梁志强"' in html


def test_a_duty_that_is_not_ones_own_cannot_be_booked_from(world: World, client_of: ClientOf) -> None:
    for role in ("member", "chief", "deputy", "other_secretary"):
        address = reverse("talk-book") + f"?duty={handle(world)}"
        assert client_of(world.account(role)).get(address).status_code == 404


def test_a_booked_talk_is_shown(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    response = client.post(reverse("talk-book"), typed(starts_at="15:00", topic="近况"), follow=True)
    talk = Talk.objects.get()
    assert response.redirect_chain == [(reverse("talk", args=[talk.code]), 302)]
    assert (talk.state, talk.booked_by) == (TalkState.PLANNED, world.account("secretary"))
    html = response.content.decode()
    assert f"已约{talk.held_on.month}月{talk.held_on.day}日15:00与梁志强谈话。" in html
    assert "谈后计入" in html
    assert "近况" in html


def test_a_talk_that_would_not_count_is_booked_and_the_booker_told(world: World, client_of: ClientOf) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate())
    client = client_of(world.account("secretary"))
    response = client.post(reverse("talk-book"), typed(subjects=["梁志强", "吴桂兰"]), follow=True)
    assert Talk.objects.get().mode == "一对多"
    html = response.content.decode()
    assert "这次谈话不计入“四个必谈③　发生家庭变故必谈”（梁志强）：一对多，不计入一对一" in html


def test_a_duty_that_was_in_view_and_would_not_be_met_is_named(world: World, client_of: ClientOf) -> None:
    # From 党员之间 the 书记 books a talk of his own: it counts for another duty, and not for this one.
    address = reverse("talk-book") + f"?duty={handle(world, 'year.member-member')}"
    html = client_of(world.account("secretary")).post(address, typed(), follow=True).content.decode()
    assert "不计入“每年至少一次　党员和党员之间”：另一方当日不是规定的谈话人（普通党员）" in html
    assert "谈后计入" in html


def test_a_booking_sent_twice_is_booked_once(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    client.post(reverse("talk-book"), typed())
    assert BOOKED_ALREADY in client.post(reverse("talk-book"), typed()).content.decode()
    assert Talk.objects.count() == 1
    # Another hour, another day, more persons or the other way round are other talks.
    tomorrow = timezone.localdate() + timedelta(days=1)
    others = (
        {"starts_at": "15:00"},
        {"held_on": tomorrow.isoformat()},
        {"subjects": ["梁志强", "吴桂兰"]},
        {"talkers": ["梁志强"], "subjects": ["陆秉川"]},
    )
    for other in others:
        client.post(reverse("talk-book"), typed(**other))
    assert Talk.objects.count() == 5


def test_already_held_goes_on_to_the_record(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    response = client.post(reverse("talk-book"), typed(record="1"))
    assert response.headers["Location"] == reverse("talk-record", args=[Talk.objects.get().code])


def test_what_was_typed_stays(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    response = client.post(
        reverse("talk-book"), typed(subjects=["梁志强", "无此人"], place="测站", held_on="")
    )
    html = response.content.decode()
    assert UNKNOWN % {"name": "无此人"} in html
    assert 'value="无此人"' in html
    assert 'value="测站"' in html
    assert "请填写谈话日期。" in html
    assert not Talk.objects.exists()


def test_others_cannot_be_named(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    for names in (["马建国"], ["P022"], ["马建国（P022）"]):
        assert "没有找到" in client.post(reverse("talk-book"), typed(subjects=names)).content.decode()
    response = client_of(world.account("member")).post(
        reverse("talk-book"), typed(talkers=["陆秉川"], subjects=["吴桂兰"])
    )
    assert NOT_YOURS in response.content.decode()
    assert not Talk.objects.exists()


def test_namesakes_are_told_apart(world: World, client_of: ClientOf) -> None:
    factories.a_member("梁志强", world.branch, code="P099")
    client = client_of(world.account("secretary"))
    assert "有2位“梁志强”" in client.post(reverse("talk-book"), typed()).content.decode()
    client.post(reverse("talk-book"), typed(subjects=["梁志强（P099）"]))
    assert Talk.objects.get().participants.get(side=Side.SUBJECT).member.code == "P099"


def test_of_very_many_organisations_everybody_is_named_with_his_number(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_of(world.account("chief"))
    assert '<option value="马建国">' in browser.get(reverse("talk-book")).content.decode()
    monkeypatch.setattr("talks.permissions.bookings.MOST_BEGUN_WITH", 2)
    code = Member.objects.get(name="马建国").code
    text = browser.get(reverse("talk-book")).content.decode()
    assert f'<option value="马建国（{code}）">' in text
    assert '<option value="马建国">' not in text


def test_the_same_person_on_both_sides_is_refused(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    html = client.post(reverse("talk-book"), typed(subjects=["陆秉川"])).content.decode()
    assert "同一人不能既是谈话人又是谈话对象。" in html


def test_a_plan_is_changed_by_who_may(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("secretary"))
    address = reverse("talk-change", args=[booked.code])
    html = client.get(address).content.decode()
    assert 'name="talkers" value="沈若楠"' in html
    # The topic is the talkers': a principal who arranges does not see it, and does not lose it.
    assert 'name="topic"' not in html
    Talk.objects.filter(pk=booked.pk).update(place="旧址")
    client.post(address, typed(talkers=["沈若楠"], revision=1, place="新址"))
    booked.refresh_from_db()
    assert (booked.place, booked.revision) == ("新址", 2)


@pytest.mark.parametrize(
    ("role", "talkers", "subjects", "goes"),
    [
        # A member who booked his own talk does not book for others by changing it.
        ("member", ["陆秉川"], ["沈若楠"], False),
        ("member", [], ["吴桂兰"], False),
        ("member", ["吴桂兰"], ["梁志强"], False),
        ("member", ["梁志强"], ["沈若楠"], True),
        ("member", ["梁志强", "陆秉川"], ["吴桂兰"], True),
        # The principal books for others of his branch.
        ("secretary", ["沈若楠"], ["吴桂兰"], True),
    ],
)
def test_a_change_puts_nobody_together_whom_one_could_not_book(
    world: World, client_of: ClientOf, role: str, talkers: list[str], subjects: list[str], goes: bool
) -> None:
    """Else the talk owed by others would stand as booked, and they would find it among their own."""
    talk = factories.a_talk(
        [world.member],
        [world.colleague],
        held_on=timezone.localdate(),
        state=TalkState.PLANNED,
        booked_by=world.account("member"),
    )
    outside = {} if talkers else {"external_talker": "上级党委组织员"}
    answer = client_of(world.account(role)).post(
        reverse("talk-change", args=[talk.code]),
        typed(talkers=talkers, subjects=subjects, revision=1, **outside),
    )
    there = {(row.member.name, row.side) for row in talk.participants.select_related("member")}
    wanted = {(name, Side.TALKER) for name in talkers} | {(name, Side.SUBJECT) for name in subjects}
    before = {("梁志强", Side.TALKER), ("吴桂兰", Side.SUBJECT)}
    assert there == (wanted if goes else before)
    assert (NOT_YOURS in answer.content.decode()) is not goes


def test_who_is_out_of_reach_may_stay_in_a_talk_that_is_changed(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk(
        [world.secretary], [world.other_member], held_on=timezone.localdate(), state=TalkState.PLANNED
    )
    client_of(world.account("secretary")).post(
        reverse("talk-change", args=[talk.code]), typed(subjects=["马建国"], revision=1, place="新址")
    )
    talk.refresh_from_db()
    assert talk.place == "新址"


def test_cancelling_asks_for_the_reason(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    address = reverse("talk-cancel", args=[booked.code])
    assert "请填写取消原因。" in client.post(address, {"revision": 1, "reason": ""}).content.decode()
    client.post(address, {"revision": 1, "reason": "对方出差"})
    booked.refresh_from_db()
    assert booked.state == TalkState.CANCELLED
    # 「后退」, or a second window: what has become of it, not that there is nothing.
    assert life.ALREADY_CANCELLED in client.get(address, follow=True).content.decode()
    again = client.post(reverse("talk-change", args=[booked.code]), typed(revision=1), follow=True)
    assert life.ALREADY_CANCELLED in again.content.decode()
    for role in ("member", "inspector"):
        assert client_of(world.account(role)).get(address).status_code == 404


def test_a_cancelled_talk_says_who_can_read_why(world: World, client_of: ClientOf, booked: Talk) -> None:
    Talk.objects.filter(pk=booked.pk).update(state=TalkState.CANCELLED)
    html = client_of(world.account("committee_member")).get(reverse("talk", args=[booked.code])).content
    assert "加密保存，谈话人可见" in html.decode()
    assert "限参与人查看</button>" not in html.decode()


def test_a_day_that_is_over_cannot_be_booked(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    yesterday, tomorrow = (timezone.localdate() + timedelta(days=days) for days in (-1, 1))
    html = client.post(reverse("talk-book"), typed(held_on=yesterday.isoformat())).content.decode()
    assert DAY_IS_OVER in html
    html = client.post(reverse("talk-book"), typed(held_on=tomorrow.isoformat(), record="1")).content.decode()
    assert NOT_YET_HELD in html
    assert not Talk.objects.exists()
    client.post(reverse("talk-book"), typed(held_on=yesterday.isoformat(), record="1"))
    assert Talk.objects.get().held_on == yesterday


# --- recording -------------------------------------------------------------------------------------------


def test_a_record_meets_the_duty(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    response = client.post(
        reverse("talk-record", args=[booked.code]), record_data(booked, private_notes="下次问问"), follow=True
    )
    html = response.content.decode()
    assert SAID in html
    assert "下次问问" in html
    booked.refresh_from_db()
    assert booked.state == TalkState.RECORDED
    assert booked.opinions.get().about == "支委会"
    remedy = booked.remedies.get()
    assert (remedy.text, remedy.owner, remedy.due_on) == (
        "每季度一次",
        world.committee_member,
        timezone.localdate(),
    )
    panel = client.get(reverse("duty", args=[handle(world)])).content.decode()
    assert booked.code in panel


def test_a_draft_is_found_again(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    address = reverse("talk-record", args=[booked.code])
    client.post(address, record_data(booked, later="1"))
    booked.refresh_from_db()
    assert booked.state == TalkState.HELD
    html = client.get(address).content.decode()
    assert SAID in html
    assert 'value="主题党日放到测站开"' in html
    assert 'value="沈若楠"' in html
    # A draft is the writer's: the subject does not read it yet.
    member = client_of(world.account("member"))
    assert SAID not in member.get(reverse("talk", args=[booked.code])).content.decode()


def test_who_was_slower_keeps_what_he_typed(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    Talk.objects.filter(pk=booked.pk).update(revision=2)
    response = client.post(reverse("talk-record", args=[booked.code]), record_data(booked))
    html = response.content.decode()
    assert life.STALE in html
    assert SAID in html
    assert 'value="主题党日放到测站开"' in html
    booked.refresh_from_db()
    assert booked.state == TalkState.PLANNED


def test_a_second_window_keeps_what_was_typed_for_a_record(
    world: World, client_of: ClientOf, booked: Talk
) -> None:
    client = client_of(world.account("committee_member"))
    address = reverse("talk-record", args=[booked.code])
    client.post(address, record_data(booked))
    html = client.post(address, record_data(booked, content="另一个窗口里写的")).content.decode()
    assert life.ALREADY_RECORDED in html
    assert COPY_FIRST in html
    assert "另一个窗口里写的" in html
    booked.refresh_from_db()
    assert booked.content == SAID
    assert life.ALREADY_RECORDED in client.get(address, follow=True).content.decode()
    for role in ("member", "secretary"):
        assert client_of(world.account(role)).post(address, record_data(booked)).status_code == 404


def test_a_held_draft_offers_no_change_of_persons(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    address = reverse("talk-record", args=[booked.code])
    assert "修改人员" in client.get(address).content.decode()
    client.post(address, record_data(booked, later="1"))
    assert "修改人员" not in client.get(address).content.decode()


def test_the_next_talk_comes_after_this_one(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    address = reverse("talk-record", args=[booked.code])
    html = client.post(address, record_data(booked, follow_up_on=today_text())).content.decode()
    assert FOLLOWS_EARLY in html
    tomorrow = timezone.localdate() + timedelta(days=1)
    client.post(address, record_data(booked, follow_up_on=tomorrow.isoformat()))
    booked.refresh_from_db()
    assert booked.follow_up_on == tomorrow


def test_errors_stand_at_their_fields(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    data = record_data(booked, content="", starts_at="10:00", ends_at="9:00")
    data["remedies-0-owner"] = "无此人"
    html = client.post(reverse("talk-record", args=[booked.code]), data).content.decode()
    assert "没有找到“无此人”" in html
    # The field is far down: the head of the form says that nothing was saved, and nothing is lost.
    data = record_data(booked)
    data["remedies-0-owner"] = "无此人"
    html = client.post(reverse("talk-record", args=[booked.code]), data).content.decode()
    assert "记录没有保存，您填写的内容都还在" in html
    data = record_data(booked, content="")
    assert (
        "请填写谈话内容。" in client.post(reverse("talk-record", args=[booked.code]), data).content.decode()
    )
    data = record_data(booked, starts_at="10:00", ends_at="9:00")
    assert (
        "结束时间不能早于开始时间。"
        in client.post(reverse("talk-record", args=[booked.code]), data).content.decode()
    )


def test_another_row_is_had_without_javascript(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    response = client.post(reverse("talk-record", args=[booked.code]), record_data(booked, more="opinions"))
    html = response.content.decode()
    assert html.count("条意见内容") == 3
    assert SAID in html
    booked.refresh_from_db()
    assert booked.state == TalkState.PLANNED


# --- reading ---------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(world: World) -> Talk:
    """A record of the 支委 with the member."""
    return factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=timezone.localdate() - timedelta(days=1),
        topic="近况",
        content=SAID,
        opinions=["放到测站开"],
        remedies=["每季度一次"],
    )


SECRETS = (SAID, "近况", "放到测站开", "每季度一次")


@pytest.mark.parametrize("role", ["inspector", "staff", "chief"])
def test_metadata_are_seen_without_content(
    world: World, client_of: ClientOf, recorded: Talk, role: str
) -> None:
    html = client_of(world.account(role)).get(reverse("talk", args=[recorded.code])).content.decode()
    assert "沈若楠" in html
    assert [secret for secret in SECRETS if secret in html] == []
    assert not TrailEntry.objects.filter(action="查看谈话内容").exists()


def test_reading_stands_in_the_trail(world: World, client_of: ClientOf, recorded: Talk) -> None:
    html = client_of(world.account("member")).get(reverse("talk", args=[recorded.code])).content.decode()
    assert [secret for secret in SECRETS if secret not in html] == []
    entry = TrailEntry.objects.get(action="查看谈话内容")
    assert (entry.account, entry.target) == ("member", recorded.code)


def test_in_a_group_one_reads_ones_own_words(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk(
        [world.committee_member],
        [world.member, world.colleague],
        held_on=timezone.localdate(),
        content=SAID,
        opinions=["放到测站开"],
    )
    for row in talk.participants.filter(side=Side.SUBJECT):
        row.said = f"{row.member.name}说的话"
        row.save()
    html = client_of(world.account("member")).get(reverse("talk", args=[talk.code])).content.decode()
    assert "梁志强说的话" in html
    assert [text for text in (SAID, "放到测站开", "吴桂兰说的话") if text in html] == []


def test_private_notes_are_shown_to_nobody_else(world: World, client_of: ClientOf, recorded: Talk) -> None:
    row = recorded.participants.get(side=Side.TALKER)
    row.private_notes = "对方有顾虑"
    row.save()
    for role, is_shown in (("committee_member", True), ("member", False), ("secretary", False)):
        html = client_of(world.account(role)).get(reverse("talk", args=[recorded.code])).content.decode()
        assert ("对方有顾虑" in html) is is_shown


def test_the_subject_confirms(world: World, client_of: ClientOf, recorded: Talk) -> None:
    client = client_of(world.account("member"))
    assert "内容属实，确认" in client.get(reverse("talk", args=[recorded.code])).content.decode()
    response = client.post(
        reverse("talk-confirm", args=[recorded.code]), {"revision": recorded.revision}, follow=True
    )
    assert "已确认谈话记录。" in response.content.decode()
    recorded.refresh_from_db()
    assert recorded.state == TalkState.CONFIRMED
    assert "内容属实，确认" not in response.content.decode()


def test_confirming_an_older_text_is_refused(world: World, client_of: ClientOf, recorded: Talk) -> None:
    response = client_of(world.account("member")).post(
        reverse("talk-confirm", args=[recorded.code]), {"revision": "7"}, follow=True
    )
    assert life.STALE in response.content.decode()


# --- the list --------------------------------------------------------------------------------------------


def test_the_list_is_filtered(world: World, client_of: ClientOf, booked: Talk, recorded: Talk) -> None:
    factories.a_talk([world.secretary], [world.colleague], held_on=timezone.localdate())
    client = client_of(world.account("secretary"))

    def found(query: str) -> int:
        html = client.get(reverse("talks") + query).content.decode()
        return len(re.findall(r'<th scope="row"><a', html))

    assert found("") == 3
    assert found("?state=计划") == 1
    assert found("?who=lzq") == 2
    assert found("?mine=on") == 1
    assert found("?organisation=HC") == 3
    assert found(f"?until={recorded.held_on.isoformat()}") == 1
    assert found("?state=nonsense") == 3


@pytest.mark.parametrize("role", ["secretary", "inspector", "member"])
def test_three_talks_and_thirty_cost_the_same(world: World, client_of: ClientOf, role: str) -> None:
    client = client_of(world.account(role))

    def queries(address: str) -> int:
        # The first time the vault makes its key for handles.
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def make(number: int) -> None:
        for _ in range(number):
            factories.a_talk([world.secretary], [world.member], held_on=timezone.localdate())
            factories.a_talk(
                [world.secretary],
                [world.member],
                held_on=timezone.localdate() + timedelta(days=2),
                state=TalkState.PLANNED,
            )

    make(3)
    few = {address: queries(address) for address in (reverse("talks"), reverse("workbench"))}
    make(27)
    assert {address: queries(address) for address in few} == few


# --- meetings --------------------------------------------------------------------------------------------


def test_a_meeting_is_entered_and_changed(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    day = timezone.localdate() + timedelta(days=20)
    data = {
        "organisation": world.branch.pk,
        "kind": "组织生活会",
        "year": day.year,
        "meeting_on": day.isoformat(),
        "talks_from": "",
        "theme": "主题",
    }
    html = client.post(reverse("meeting-add"), data, follow=True).content.decode()
    assert f"{day.year}年度组织生活会" in html
    again = client.post(reverse("meeting-add"), data).content.decode()
    assert "这个党组织本年度的这次会议已经录入" in again
    meeting = world.branch.meetings.get()
    address = reverse("meeting-change", args=[meeting.pk])
    wrong = client.post(address, {**data, "talks_from": day.isoformat()}).content.decode()
    assert "谈话开始日期应早于会议日期。" in wrong
    client.post(address, {**data, "theme": "新主题"})
    meeting.refresh_from_db()
    assert (meeting.theme, meeting.meeting_on) == ("新主题", day)


def test_a_meeting_entered_by_mistake_is_deleted_after_a_question(world: World, client_of: ClientOf) -> None:
    meeting = factories.a_meeting(world.branch, meeting_on=timezone.localdate() + timedelta(days=20))
    client = client_of(world.account("secretary"))
    address = reverse("meeting-remove", args=[meeting.pk])
    assert address in client.get(reverse("meeting-change", args=[meeting.pk])).content.decode()
    assert "删除会议" in client.get(address).content.decode()
    assert world.branch.meetings.exists()
    html = client.post(address, follow=True).content.decode()
    assert "会议已删除。" in html
    assert not world.branch.meetings.exists()


def test_an_empty_meeting_is_refused_in_words(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    html = client.get(reverse("meeting-add")).content.decode()
    assert '<option value="组织生活会" selected>' in html
    assert "---" not in html
    html = client.post(reverse("meeting-add"), {"kind": "组织生活会"}).content.decode()
    for words in ("请选择党组织。", "请填写会议所属年度。", "请填写会议日期。", "您填写的内容都还在"):
        assert words in html
    chief = client_of(world.account("chief")).get(reverse("meeting-add")).content.decode()
    assert '<option value="民主生活会" selected>' in chief


def test_a_meeting_of_another_cannot_be_entered(world: World, client_of: ClientOf) -> None:
    data = {
        "organisation": world.other_branch.pk,
        "kind": "组织生活会",
        "year": 2026,
        "meeting_on": "2026-12-20",
    }
    response = client_of(world.account("secretary")).post(reverse("meeting-add"), data)
    assert response.status_code == 200
    assert not world.other_branch.meetings.exists()


@pytest.mark.parametrize(
    ("state", "standing"), [("已记录", "尚未确认"), ("已确认", "已确认"), ("办结", "已确认")]
)
def test_a_record_that_came_confirmed_does_not_read_as_waiting(
    world: World, client_of: ClientOf, state: str, standing: str
) -> None:
    """An imported talk is confirmed on paper: there is no day on which its subject did so on screen."""
    talk = factories.a_talk(
        talkers=[world.secretary],
        subjects=[world.member],
        held_on=timezone.localdate(),
        state=TalkState(state),
    )
    html = client_of(world.account("secretary")).get(f"/talks/{talk.code}/").content.decode()
    assert f"<dd>梁志强　{standing}</dd>" in html


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "typed"), [("Anna Li", "Anna  Li"), ("李明", "李　明")])
def test_a_name_is_found_as_it_is_kept(name: str, typed: str) -> None:
    member = factories.a_member(name)
    field = PeopleField()
    field.people = Member.objects.all()
    assert field.clean([typed]) == [member]
