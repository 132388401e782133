"""A workbook in the browser ends no 约谈 and tells of none; the operator's may end a talk, not a request.

It is Tuesday, 2026-11-24. 梁志强 (P013) has asked 沈若楠 (P012) for a talk, which is booked for the 26th.
"""

from datetime import time, timedelta
from typing import Any

import pytest

from members.models import MandateKind
from talks.models import RequestNotice, Talk, TalkRequest
from talks.rules.office_hours import Slot
from talks.rules.words import TalkState
from talks.services import answers, requests
from talks.services.exchange import Outcome, reach_of
from talks.services.requests import Wish
from tests import factories
from tests.conftest import World
from tests.talks.exchange.books import AT, TODAY, Book, cells_of, counts, exported, imported, place
from vault.services import Actor

pytestmark = pytest.mark.django_db

THURSDAY = TODAY + timedelta(days=2)
ARRANGEMENT = [
    ("状态", "取消"),
    ("状态", "已记录"),
    ("谈话日期", "2026-11-24"),
    ("谈话日期", "2026-12-24"),
    ("开始时间", "08:00"),
    ("结束时间", "16:00"),
    ("谈话方式", "电话"),
    ("谈话形式", "一对多"),
    ("外部谈话人", "上级某同志"),
    ("地点", "别处"),
    ("录入时间", "2026-11-20 09:00"),
]

OF_REQUEST = [
    *(("状态", "已撤回"), ("状态", "已谈"), ("状态", "已转交"), ("事由", "没有事"), ("谈话编号", "T1")),
    *(("申请日期", "2026-11-20"), ("答复日期", "2026-11-20"), ("期望时间", "年底")),
]


def by(world: World, role: str, book: Book, *, dry_run: bool = False) -> Outcome:
    return imported(book, within=reach_of(account=world.account(role), today=TODAY), dry_run=dry_run)


def of_request(world: World) -> Talk:
    """The talk that answers the request."""
    actor = Actor("tests", "")
    request = requests.ask_request(
        actor=actor,
        at=AT,
        account=world.account("member"),
        asked=world.committee_member,
        wish=Wish(form="面对面", slot=Slot(THURSDAY, time(15), time(15, 30))),
        reason="食堂",
    )
    answers.accept_request(actor=actor, at=AT, account=world.account("committee_member"), request=request)
    request.refresh_from_db()
    assert request.talk is not None
    return request.talk


def of_themselves(world: World) -> Talk:
    """One that the talker booked himself."""
    talk = factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=THURSDAY,
        state=TalkState.PLANNED,
        booked_by=world.account("committee_member"),
    )
    Talk.objects.filter(pk=talk.pk).update(
        starts_at=time(15), ends_at=time(15, 30), form="面对面", mode="一对一"
    )
    talk.refresh_from_db()
    return talk


def row_of(talk: Talk, column: str, value: Any) -> Book:
    """The talk as it stands, one cell changed."""
    cells = {
        "谈话编号": talk.code,
        "谈话日期": talk.held_on.isoformat(),
        "谈话人编号": "P012",
        "谈话对象编号": "P013",
        "状态": talk.state,
    }
    cells[column] = value
    return {"谈话": [list(cells), list(cells.values())]}


def state(talk: Talk) -> dict[str, Any]:
    plain = [
        field.name for field in Talk._meta.fields if field.name not in ("topic", "content", "cancel_reason")
    ]
    return Talk.objects.values(*plain).get(pk=talk.pk)


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_participants_settled_is_theirs_and_of_which_sort_it_is_is_not_told(
    world: World, dry_run: bool
) -> None:
    """The answer to a 约谈 and what a talker booked himself are refused in the same words."""
    told = []
    for make in (of_request, of_themselves):
        talk = make(world)
        before, words = state(talk), []
        for column, value in ARRANGEMENT:
            outcome = by(world, "staff", row_of(talk, column, value), dry_run=dry_run)
            words.append([line.split(": ")[1] for line in outcome.errors])
            assert f"谈话已在系统中，「{column}」只能由参加人在页面上更改" in words[-1]
        assert state(talk) == before
        told.append(words)
        Talk.objects.filter(pk=talk.pk).update(state=TalkState.CANCELLED)  # out of the way of the next
    assert told[0] == told[1]


def test_nothing_is_written_into_it(world: World) -> None:
    told = []
    for make in (of_request, of_themselves):
        talk = make(world)
        for column in ("主题", "谈话内容", "意见建议", "整改措施"):
            outcome = by(world, "staff", row_of(talk, column, "编的"))
            assert counts(outcome) == {"谈话": (0, 0, 1)}
            told.append([line.split(": ")[1] for line in outcome.notes])
        talk.refresh_from_db()
        assert (talk.topic, talk.content, talk.opinions.count(), talk.remedies.count()) == ("", "", 0, 0)
        Talk.objects.filter(pk=talk.pk).update(state=TalkState.CANCELLED)  # out of the way of the next
    assert [len(notes) for notes in told] == [1] * 8
    assert told[:4] == told[4:]


def test_nobody_confirms_its_record_by_a_workbook(world: World) -> None:
    """Who asked could not have it corrected any more."""
    talk = of_request(world)
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.RECORDED.value, held_on=TODAY)
    talk.refresh_from_db()
    for given in ("已确认", "办结"):
        outcome = by(world, "staff", row_of(talk, "状态", given))
        assert outcome.errors == ("谈话!E2: 谈话已在系统中，「状态」只能由参加人在页面上更改",)


def test_the_leader_asked_does_not_end_it_as_staff(world: World) -> None:
    talk = of_request(world)
    factories.a_mandate(world.account("committee_member"), MandateKind.STAFF, world.branch)
    for given in ("取消", "已记录"):
        outcome = by(world, "committee_member", row_of(talk, "状态", given))
        assert "谈话!E2: 谈话已在系统中，「状态」只能由参加人在页面上更改" in outcome.errors


def test_a_talk_that_came_by_a_workbook_or_was_booked_for_others_is_still_changed(world: World) -> None:
    for booked_by in (None, world.account("secretary")):
        talk = of_themselves(world)
        Talk.objects.filter(pk=talk.pk).update(booked_by=booked_by)
        assert counts(by(world, "staff", row_of(talk, "状态", "取消"))) == {"谈话": (0, 1, 0)}


def test_as_it_was_exported_it_changes_nothing(world: World) -> None:
    of_request(world)
    outcome = by(world, "staff", {"谈话": row_of(Talk.objects.get(), "地点", None)["谈话"]})
    assert counts(outcome) == {"谈话": (0, 0, 1)}


# --- the operator's command ---------------------------------------------------------------------------------


def test_the_command_may_cancel_and_the_request_waits_again(world: World) -> None:
    talk = of_request(world)
    assert counts(imported(row_of(talk, "状态", "取消"))) == {"谈话": (0, 1, 0)}
    request = TalkRequest.objects.get()
    assert (request.state, request.talk, request.waiting_since) == ("待答复", None, TODAY)
    told = RequestNotice.objects.filter(kind="reopened").values_list("member__code", flat=True)
    assert set(told) == {"P012", "P013"}


def test_a_dry_run_reopens_nothing(world: World) -> None:
    talk = of_request(world)
    assert counts(imported(row_of(talk, "状态", "取消"), dry_run=True)) == {"谈话": (0, 1, 0)}
    assert TalkRequest.objects.get().state == "已接受"


def whole_with(talk: Talk, given: str) -> dict[str, list[list[Any]]]:
    """The whole export, another state of the talk."""
    book = cells_of(exported())
    for row in book["谈话"]:
        if talk.code in row:
            row[place(book, "谈话", "状态")] = given
    return book


@pytest.mark.parametrize("sent", [True, False])
def test_the_same_workbook_twice_changes_nothing(world: World, sent: bool) -> None:
    """Its row of the request still says 已接受 with the talk that the same workbook cancels."""
    talk = of_request(world)
    if not sent:
        TalkRequest.objects.update(sent_at=None)
    book = whole_with(talk, "取消")
    first = counts(imported(book))
    assert (first["谈话"], first["约谈申请"]) == ((0, 1, 0), (0, 0, 1))
    assert TalkRequest.objects.get().state == "待答复"
    again = imported(book)
    assert again.errors == ()
    assert again.is_empty
    assert TalkRequest.objects.get().state == "待答复"


def test_what_the_workbook_says_of_a_request_holds(world: World) -> None:
    """One that came by a workbook: its talk is cancelled, and it is taken back, in one go."""
    talk = of_request(world)
    TalkRequest.objects.update(sent_at=None)
    code = TalkRequest.objects.get().code
    book = row_of(talk, "状态", "取消")
    header = ["申请编号", "申请人编号", "约谈对象编号", "申请日期", "状态"]
    book = {**book, "约谈申请": [header, [code, "P013", "P012", "2026-11-24", "已撤回"]]}
    assert counts(imported(book)) == {"谈话": (0, 1, 0), "约谈申请": (0, 1, 0)}
    assert TalkRequest.objects.get().state == "已撤回"
    assert imported(book).is_empty


def test_the_command_may_record(world: World) -> None:
    talk = of_request(world)
    assert imported(row_of(talk, "谈话日期", "2026-11-24")).errors == ()
    talk.refresh_from_db()
    assert imported(row_of(talk, "状态", "已记录")).errors == ()
    assert not TalkRequest.objects.open().exists()


# --- requests that a workbook brought -----------------------------------------------------------------------


@pytest.mark.parametrize("role", ["committee_member", "member"])
def test_in_the_browser_nobody_ends_or_changes_a_request(world: World, role: str) -> None:
    """Neither the leader asked, who could brush it off, nor who asked, who could be pressed."""
    factories.a_talk([world.committee_member], [world.member], held_on=TODAY, code="T1")
    factories.a_request(
        world.member, world.committee_member, code="R1", asked_on=TODAY - timedelta(days=5), reason="食堂"
    )

    def stored() -> tuple[object, ...]:
        request = TalkRequest.objects.get()
        return (request.state, request.reason, request.talk, request.asked_on, request.answered_on)

    before = stored()
    factories.a_mandate(world.account(role), MandateKind.STAFF, world.branch)
    stands = {
        "申请编号": "R1",
        "申请人编号": "P013",
        "约谈对象编号": "P012",
        "申请日期": "2026-11-19",
        "状态": "待答复",
    }
    for column, value in OF_REQUEST:
        cells = {**stands, column: value}
        book = {"约谈申请": [list(cells), list(cells.values())]}
        outcome = by(world, role, book)
        assert any("请在“约谈”页面办理" in line for line in outcome.errors), outcome
        assert stored() == before
        assert imported(book, dry_run=True).errors == ()


@pytest.mark.parametrize("given", ["取消", "已记录"])
def test_nor_does_the_leader_by_way_of_its_talk(world: World, given: str) -> None:
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=TODAY, state=TalkState.PLANNED, code="T1"
    )
    factories.a_request(
        world.member, world.committee_member, code="R1", asked_on=TODAY, state="已接受", talk=talk
    )
    for role in ("committee_member", "secretary"):
        factories.a_mandate(world.account(role), MandateKind.STAFF, world.branch)
    outcome = by(world, "committee_member", row_of(talk, "状态", given), dry_run=True)
    assert outcome.errors == ("谈话!E2: 谈话已在系统中，「状态」只能由参加人在页面上更改",)
    # Who keeps the roster goes on bringing in what was agreed and held on paper.
    assert counts(by(world, "secretary", row_of(talk, "状态", given))) == {"谈话": (0, 1, 0)}
    assert TalkRequest.objects.open().exists() == (given == "取消")
