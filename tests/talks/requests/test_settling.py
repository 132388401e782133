"""When a 约谈 is settled: by a talk that could have been held, and not while who asked contests its record.

Asked on Thursday, 2026-03-05, 10:00, and agreed for Monday the 9th, 15:00; due on Friday the 20th.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account
from talks.figures.requests import listed_requests, request_counts, request_lines
from talks.models import Correction, RequestNotice, Talk, TalkRequest
from talks.rules.office_hours import Slot
from talks.rules.words import TalkState
from talks.services import answers, appointments, attachments, requests
from talks.services.amendments import answer_correction, ask_correction
from talks.services.moves import move_talk
from talks.services.records import RecordText, correct_record, hold_talk, record_talk
from talks.services.request_notices import chase_requests
from talks.services.requests import Wish
from talks.services.talks import Circumstances, Persons, change_plan, confirm_record
from tests import factories
from tests.conftest import World
from vault.services import Actor

ClientOf = Callable[[Account], Client]
AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
MONDAY = date(2026, 3, 9)
AGREED = datetime(2026, 3, 9, 7, tzinfo=UTC)  # 15:00 in Shanghai
BEFORE, AFTER = AGREED - timedelta(minutes=1), AGREED + timedelta(minutes=30)
ACTOR = Actor("tests", "")
REFUSED = appointments.TOO_EARLY.format(moment="3月9日15:00")


@pytest.fixture
def talk(world: World) -> Talk:
    return of_request(world)


def of_request(world: World, by: str = "member", starts_at: time = time(15)) -> Talk:
    request = requests.ask_request(
        actor=ACTOR,
        at=AT,
        account=world.account(by),
        asked=world.secretary,
        wish=Wish(slot=Slot(MONDAY, starts_at, starts_at.replace(minute=30))),
    )
    answers.accept_request(actor=ACTOR, at=AT, account=world.account("secretary"), request=request)
    request.refresh_from_db()
    assert request.talk is not None
    return request.talk


def record(talk: Talk, at: datetime, held_on: date = MONDAY, starts_at: time | None = time(15)) -> None:
    record_talk(
        actor=ACTOR,
        at=at,
        talk=talk,
        revision=talk.revision,
        today=at.date(),
        circumstances=Circumstances(held_on=held_on, starts_at=starts_at),
        text=RecordText(content="谈了食堂"),
    )


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as caught:
        call()
    return str(caught.value.messages[0])


def contested(world: World, talk: Talk, at: datetime = AFTER) -> Correction:
    return ask_correction(actor=ACTOR, at=at, talk=talk, member=world.member, text="没有谈过")


def standing(today: date) -> tuple[str, int, int, bool]:
    """The state, how many count as held and as overdue, and whether the request goes on."""
    [counts] = request_counts(TalkRequest.objects.all(), year=2026, today=today)
    request = TalkRequest.objects.get()
    return request.state, counts.held, counts.hold_overdue, TalkRequest.objects.open().exists()


# --- before its moment --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "day"), [(AT, date(2026, 3, 5)), (BEFORE, MONDAY)])
def test_what_is_still_to_be_said_is_not_recorded(talk: Talk, at: datetime, day: date) -> None:
    """Neither under today's date nor under that agreed on; nor as a draft, which writes its day, too."""
    for starts_at in (None, time(9), time(15)):
        assert refused(lambda hour=starts_at: record(talk, at, day, hour)) == REFUSED
    draft = Circumstances(held_on=day)
    assert (
        refused(
            lambda: hold_talk(
                actor=ACTOR,
                at=at,
                talk=talk,
                revision=1,
                today=at.date(),
                circumstances=draft,
                text=RecordText(),
            )
        )
        == REFUSED
    )
    assert standing(date(2026, 3, 21)) == ("已接受", 0, 1, True)


def test_from_its_moment_on_it_is(talk: Talk) -> None:
    record(talk, AGREED)
    assert standing(date(2026, 3, 21)) == ("已谈", 1, 0, False)


def test_an_ordinary_talk_is_recorded_before_its_hour(world: World) -> None:
    """The control: only what was agreed on with who asked waits for its moment."""
    talk = factories.a_talk([world.secretary], [world.member], held_on=MONDAY, state=TalkState.PLANNED)
    record(talk, AT, date(2026, 3, 5), None)


@pytest.mark.parametrize(
    ("day", "hour"), [(date(2026, 3, 6), time(15)), (MONDAY, time(14, 59)), (MONDAY, None)]
)
def test_nobody_brings_it_forward_by_himself(world: World, talk: Talk, day: date, hour: time | None) -> None:
    def move() -> None:
        move_talk(
            actor=ACTOR,
            at=AT,
            today=AT.date(),
            talk=talk,
            revision=1,
            held_on=day,
            starts_at=hour,
            ends_at=None,
        )

    def change() -> None:
        change_plan(
            actor=ACTOR,
            at=AT,
            talk=talk,
            revision=1,
            persons=Persons(talkers=[world.secretary], subjects=[world.member]),
            circumstances=Circumstances(held_on=day, starts_at=hour),
            topic=None,
        )

    assert refused(move) == refused(change) == appointments.AGREED


@pytest.mark.parametrize("way", ["move", "change"])
def test_he_puts_it_off_within_the_limit_and_the_other_is_told(world: World, talk: Talk, way: str) -> None:
    """By Friday the 20th; once that is over by fifteen days at most, and it stays overdue."""
    secretary = Actor("secretary", "")

    def put_off(day: date, revision: int, at: datetime = AT) -> None:
        if way == "move":
            move_talk(
                actor=secretary,
                at=at,
                today=at.date(),
                talk=talk,
                revision=revision,
                held_on=day,
                starts_at=time(9),
                ends_at=None,
            )
        else:
            change_plan(
                actor=secretary,
                at=at,
                talk=talk,
                revision=revision,
                persons=Persons(talkers=[world.secretary], subjects=[world.member]),
                circumstances=Circumstances(held_on=day, starts_at=time(9)),
                topic=None,
            )
        talk.refresh_from_db()

    assert refused(lambda: put_off(date(2026, 3, 21), 1)) == "约谈应在2026年3月20日前谈，请改到较早的时间。"
    talk.refresh_from_db()
    booked = RequestNotice.objects.filter(kind="booked")
    booked.delete()
    put_off(date(2026, 3, 20), talk.revision)
    assert [notice.member for notice in booked] == [world.member]
    # On the 21st the last day is the 5th of April.
    late = datetime(2026, 3, 21, 2, tzinfo=UTC)
    words = refused(lambda: put_off(date(2026, 4, 6), talk.revision, late))
    assert words == "约谈应在2026年4月5日前谈，请改到较早的时间。"
    talk.refresh_from_db()
    put_off(date(2026, 3, 24), talk.revision, late)
    assert standing(date(2026, 3, 21)) == ("已接受", 0, 1, True)


@pytest.mark.parametrize("day", [date(2026, 3, 5), date(2026, 3, 8)])
def test_no_record_puts_it_before_the_day_agreed_on(talk: Talk, day: date) -> None:
    """So a talk that was too late is not in time on paper; where who asked says so, the day is corrected."""
    words = "记录的谈话日期不能早于与对方约定的3月9日。确实需要更正的，由对方请求更正后再改。"
    assert refused(lambda: record(talk, AFTER, day, None)) == words
    record(talk, AFTER)
    talk.refresh_from_db()

    def correct() -> None:
        correct_record(
            actor=ACTOR,
            at=AFTER,
            talk=talk,
            revision=talk.revision,
            today=AFTER.date(),
            circumstances=Circumstances(held_on=day),
            text=RecordText(content="谈了食堂"),
        )

    assert refused(correct) == words
    member = talk.participants.get(side="subject").member
    ask_correction(actor=ACTOR, at=AFTER, talk=talk, member=member, text="是前几天谈的")
    talk.refresh_from_db()
    correct()
    talk.refresh_from_db()
    assert talk.held_on == day


def test_the_page_says_what_to_do_and_keeps_what_was_typed(
    world: World, talk: Talk, client_of: ClientOf
) -> None:
    with time_machine.travel("2026-03-05 10:30+08:00", tick=False):
        client = client_of(world.account("secretary"))
        sent = {
            "revision": "1",
            "held_on": "2026-03-05",
            "content": "编的",
            "opinions-TOTAL_FORMS": "0",
            "opinions-INITIAL_FORMS": "0",
            "remedies-TOTAL_FORMS": "0",
            "remedies-INITIAL_FORMS": "0",
        }
        html = client.post(reverse("talk-record", args=[talk.code]), sent).content.decode()
        assert REFUSED in html
        assert "编的" in html
        moved = client.post(
            reverse("talk-move", args=[talk.code]), {"revision": "1", "held_on": "2026-03-06"}
        )
        assert (moved.status_code, moved.json()["told"]) == (409, appointments.AGREED)


# --- contested ----------------------------------------------------------------------------------------------


def test_while_who_asked_wants_it_corrected_it_is_not_settled(world: World, talk: Talk) -> None:
    record(talk, AFTER)
    asked = contested(world, talk)
    late = date(2026, 3, 21)
    assert standing(late) == ("已接受", 0, 1, True)
    chase_requests(today=late, at=datetime(2026, 3, 21, 1, tzinfo=UTC))
    assert standing(late) == ("已接受", 0, 1, True)
    notices = TalkRequest.objects.get().notices
    assert notices.filter(kind="hold", step=1, member=world.secretary).exists()
    # One sentence of the leader's does not settle it; who asked does.
    answer_correction(actor=ACTOR, at=AFTER, correction=asked, member=world.secretary, answer="维持原记录")
    chase_requests(today=late, at=datetime(2026, 3, 21, 1, tzinfo=UTC))
    assert standing(late) == ("已接受", 0, 1, True)
    talk.refresh_from_db()
    confirm_record(actor=ACTOR, at=AFTER, talk=talk, revision=talk.revision, member=world.member)
    assert standing(late) == ("已谈", 1, 0, False)


def test_his_own_word_settles_it(world: World, talk: Talk) -> None:
    record(talk, AFTER)
    contested(world, talk)
    talk.refresh_from_db()
    confirm_record(actor=ACTOR, at=AFTER, talk=talk, revision=talk.revision, member=world.member)
    assert standing(date(2026, 3, 21)) == ("已谈", 1, 0, False)


def test_no_paper_speaks_for_who_asked_on_screen(world: World, talk: Talk) -> None:
    """He could not contest the record any more."""
    record(talk, AFTER)
    talk.refresh_from_db()

    def sign() -> None:
        attachments.attach_signed_paper(
            actor=ACTOR,
            at=AFTER,
            talk=talk,
            revision=talk.revision,
            account=world.account("secretary"),
            signers=[world.member],
            name="签字件.pdf",
            content=b"%PDF-1.7\n%%EOF\n",
        )

    assert refused(sign) == attachments.BY_HIMSELF
    TalkRequest.objects.update(sent_at=None)
    sign()


def test_where_he_has_asked_again_that_request_goes_on(world: World, talk: Talk) -> None:
    record(talk, AFTER)
    requests.ask_request(
        actor=ACTOR, at=AFTER, account=world.account("member"), asked=world.secretary, wish=Wish()
    )
    contested(world, talk)
    assert sorted(TalkRequest.objects.values_list("state", flat=True)) == ["已谈", "待答复"]


def test_while_it_is_contested_it_is_still_one(world: World, talk: Talk) -> None:
    record(talk, AFTER)
    contested(world, talk)
    words = refused(
        lambda: requests.ask_request(
            actor=ACTOR, at=AFTER, account=world.account("member"), asked=world.secretary, wish=Wish()
        )
    )
    assert words == requests.OPEN_ALREADY.format(name="陆秉川")


def test_both_see_why_it_is_not_settled_and_nobody_else(
    world: World, talk: Talk, client_of: ClientOf
) -> None:
    record(talk, AFTER)
    contested(world, talk)
    with time_machine.travel("2026-03-10 10:00+08:00", tick=False):
        for role, words in (
            ("member", "您请求过更正谈话记录，确认后办结"),
            ("secretary", "对方请求过更正谈话记录，确认后办结"),
        ):
            client = client_of(world.account(role))
            assert words in client.get(reverse("requests")).content.decode()
            code = TalkRequest.objects.get().code
            assert client.get(reverse("request", args=[code])).status_code == 200
        for role in ("chief", "committee_member", "staff"):
            assert "更正" not in client_of(world.account(role)).get(reverse("requests")).content.decode()


def test_many_contested_cost_the_same(world: World) -> None:
    account = world.account("secretary")

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            request_lines(account, listed_requests(account, today=MONDAY), today=MONDAY)
        return len(found)

    def more(number: int) -> None:
        for _ in range(number):
            person = factories.a_member("新人", world.branch)
            talk = factories.a_talk([world.secretary], [person], held_on=MONDAY)
            row = talk.participants.get(member=person)
            Correction.objects.create(participant=row, number=1, text="没有", asked_at=AFTER)
            factories.a_request(
                person,
                world.secretary,
                code=person.code,
                asked_on=AT.date(),
                state="已接受",
                sent_at=AT,
                talk=talk,
            )

    more(3)
    few = cost()
    more(27)
    assert cost() == few
