"""Both limits of a 约谈 are chased as duties are. Asked on Thursday, 2026-03-05: answer due on Tuesday the
10th, talk due on Friday the 20th.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talks.figures.requests import request_notice_lines, unread_requests
from talks.models import Chase, Delivery, RequestNotice, TalkRequest
from talks.rules.office_hours import Slot
from talks.rules.words import TalkState
from talks.services import answers, hours, requests
from talks.services.chasing import chase_due
from talks.services.deliveries import message_of
from talks.services.request_notices import chase_requests, read_request_notices
from talks.services.requests import Wish
from tests import factories
from tests.conftest import World
from vault.services import Actor

AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
ACTOR = Actor("tests", "")
NOTICES = ("kind", "step", "member__code")


def ask(world: World, by: str = "member") -> TalkRequest:
    return requests.ask_request(
        actor=ACTOR, at=AT, account=world.account(by), asked=world.secretary, wish=Wish(), reason="意见"
    )


def sweep(day: date) -> set[tuple[str, int, str]]:
    """What the sweep of the day makes."""
    before = set(RequestNotice.objects.values_list("pk", flat=True))
    chase_requests(today=day, at=datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
    return set(RequestNotice.objects.exclude(pk__in=before).values_list(*NOTICES))


def march(day: int) -> date:
    return date(2026, 3, day)


def test_the_leader_is_reminded_of_both_limits_on_the_days(world: World) -> None:
    ask(world)
    told = {day: sweep(march(day)) for day in range(5, 32)}
    mine = {day: {row[:2] for row in rows if row[2] == "P011"} for day, rows in told.items()}
    assert {day: rows for day, rows in mine.items() if rows} == {
        7: {("answer", -3)},
        9: {("answer", -1)},
        11: {("answer", 1)},
        13: {("answer", 3), ("hold", -7)},
        17: {("answer", 7), ("hold", -3)},
        19: {("hold", -1)},
        21: {("hold", 1)},
        23: {("hold", 3)},
        24: {("answer", 14)},
        27: {("hold", 7)},
        31: {("answer", 21)},
    }
    # The principal of the branch is the leader himself; the 书记 above hears on the seventh day.
    above = {(day, kind, step) for day, rows in told.items() for kind, step, code in rows if code == "P001"}
    assert above == {(17, "answer", 7), (24, "answer", 14), (27, "hold", 7), (31, "answer", 21)}


def test_the_principal_of_the_branch_hears_on_the_third_day_overdue(world: World) -> None:
    requests.ask_request(
        actor=ACTOR, at=AT, account=world.account("member"), asked=world.committee_member, wish=Wish()
    )
    assert ("answer", 1, "P011") not in sweep(march(11))
    assert ("answer", 3, "P011") in sweep(march(13))


def test_days_that_were_missed_are_not_made_up(world: World) -> None:
    ask(world)
    assert {(kind, step) for kind, step, _ in sweep(march(25))} == {("answer", 14), ("hold", 3)}


def test_run_again_it_tells_nothing_twice(world: World) -> None:
    ask(world)
    assert sweep(march(11))
    assert sweep(march(11)) == set()


def test_what_is_settled_is_not_chased(world: World) -> None:
    request = ask(world)
    slot = Slot(march(16), time(9), time(9, 30))
    answers.accept_request(actor=ACTOR, at=AT, account=world.account("secretary"), request=request, slot=slot)
    assert sweep(march(11)) == set()
    assert {kind for kind, _, _ in sweep(march(21))} == {"hold"}
    request.refresh_from_db()
    assert request.talk is not None
    request.talk.state = TalkState.RECORDED.value
    request.talk.save()
    assert sweep(march(27)) == set()
    request.refresh_from_db()
    assert request.state == "已谈"


def test_who_is_to_pick_a_time_is_reminded_too(world: World) -> None:
    request = ask(world)
    slot = Slot(march(16), time(9), time(9, 30))
    answers.propose_times(actor=ACTOR, at=AT, request=request, slots=[slot])
    assert sweep(march(13)) == {("hold", -7, "P011"), ("hold", -7, "P013")}


def test_the_deputy_is_reminded_while_the_leader_is_away(world: World) -> None:
    ask(world)
    hours.name_deputy(
        actor=ACTOR,
        at=AT,
        named_by=world.account("secretary"),
        leader=world.secretary,
        deputy=world.deputy,
        since=march(5),
        last=march(9),
    )
    assert ("answer", -1, "P002") in sweep(march(9))
    assert ("answer", 1, "P002") not in sweep(march(11))


@pytest.mark.parametrize("role", ["chief", "secretary"])
def test_who_oversees_is_told_neither_whose_nor_why(world: World, role: str) -> None:
    requests.ask_request(
        actor=ACTOR,
        at=AT,
        account=world.account("member"),
        asked=world.committee_member,
        wish=Wish(),
        reason="意见",
    )
    sweep(march(17))
    (line,) = request_notice_lines(world.account(role), today=march(17), most=9)
    assert line.sentence == "所属党组织有约谈申请超过期限没有答复"


def test_the_sweep_of_the_day_chases_requests(world: World) -> None:
    ask(world)
    chase_due(today=march(11), at=AT + timedelta(days=6))
    assert RequestNotice.objects.filter(kind="answer", step=1).exists()


def test_who_begins_to_stand_in_is_told_once_of_what_waits(world: World) -> None:
    """From the sixth on; on the seventh the first step of the limit comes, for both."""
    ask(world)
    ask(world, "committee_member")  # nobody answers his own
    hours.name_deputy(
        actor=ACTOR,
        at=AT,
        named_by=world.account("secretary"),
        leader=world.secretary,
        deputy=world.committee_member,
        since=march(6),
        last=march(8),
    )
    mine = {day: {row[:2] for row in sweep(march(day)) if row[2] == "P012"} for day in range(5, 8)}
    assert mine == {5: set(), 6: {("asked", 0)}, 7: {("answer", -3)}}
    assert not {row for row in sweep(march(7)) if row[2] == "P012"}


def test_a_message_carries_a_count_and_a_link(world: World) -> None:
    account = world.account("secretary")
    account.email = "shuji@example.com"
    account.save()
    ask(world)
    delivery = Delivery.objects.get()
    assert timezone.localtime(delivery.due_at).date() == march(6)  # the summary of the next day
    Chase.objects.create(pk=1, day=march(6))
    text = message_of(delivery=delivery, now=AT, address="/notices/")
    assert text == "您有1项约谈，请登录系统查看：/notices/"
    read_request_notices(account=account, at=AT)
    assert unread_requests(account, today=march(20)) == 0
    assert message_of(delivery=delivery, now=AT, address="/notices/") == ""


def test_the_sweep_costs_the_same_with_many(world: World) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            person = factories.a_member("新人", world.branch)
            factories.a_request(person, world.secretary, code=person.code, asked_on=march(5))

    def cost(day: int) -> int:
        with CaptureQueriesContext(connection) as found:
            assert sweep(march(day))
        return len(found)

    more(3)
    few = cost(17)
    more(27)
    assert cost(24) == few
