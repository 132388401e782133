"""约谈: asking and answering, by hand from rules.md section 9. It is Thursday, 2026-03-05, 10:00."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.models import Account, Member
from talks.models import Duty, Handover, Proposal, RequestNotice, Talk, TalkRequest
from talks.permissions import principal_may_read, reading_of
from talks.permissions.records import readable_talks
from talks.rules.office_hours import Slot
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from talks.services import answers, decisions, hours, requests, slots
from talks.services.hours import Span
from talks.services.reconciliation import reconcile
from talks.services.records import RecordText, record_talk
from talks.services.requests import Wish
from talks.services.talks import Circumstances, Persons, cancel_talk, change_plan
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
TODAY = date(2026, 3, 5)
ACTOR = Actor(account="tests", address="127.0.0.1")
MONDAY = date(2026, 3, 9)
SLOT = Slot(MONDAY, time(15), time(15, 30))
REASON = "意见建议\n食堂晚饭太早 😀 䶮"


def ask(
    world: World,
    asked: Member | None = None,
    *,
    by: str = "member",
    slot: Slot | None = None,
    reason: str = REASON,
    at: datetime = AT,
) -> TalkRequest:
    return requests.ask_request(
        actor=ACTOR,
        at=at,
        account=world.account(by),
        asked=asked or world.secretary,
        wish=Wish(form="面对面", slot=slot),
        reason=reason,
    )


def accept(world: World, request: TalkRequest, slot: Slot | None = None) -> Talk:
    answers.accept_request(
        actor=ACTOR, at=AT, account=world.account("secretary"), request=request, slot=slot, place="会议室"
    )
    request.refresh_from_db()
    assert request.talk is not None
    return request.talk


def refused(call: object) -> str:
    with pytest.raises(ValidationError) as caught:
        call()  # type: ignore[operator]
    return caught.value.messages[0]


# --- asking -------------------------------------------------------------------------------------------------


def test_a_request_waits_and_the_leader_is_told(world: World) -> None:
    request = ask(world)
    assert (request.code, request.state, request.asked_on) == ("Y2026-000001", "待答复", TODAY)
    assert (request.organisation, request.reason, request.form) == (world.branch, REASON, "面对面")
    notice = RequestNotice.objects.get()
    assert (notice.kind, notice.member, notice.noticed_on) == ("asked", world.secretary, TODAY)
    entry = TrailEntry.objects.get(action="申请约谈")
    assert (entry.target, "食堂" in entry.detail) == ("Y2026-000001", False)


def test_a_leader_above_may_be_asked_and_a_head_of_a_department(world: World) -> None:
    assert ask(world, world.chief).organisation == world.committee
    assert ask(world, world.head).organisation == world.committee


@pytest.mark.parametrize("asked", ["colleague", "other_secretary", "stranger", "applicant"])
def test_who_leads_nothing_of_his_is_not_asked(world: World, asked: str) -> None:
    person = getattr(world, asked)
    assert refused(lambda: ask(world, person)) == requests.NOT_ASKABLE.format(name=person.name)
    assert not TalkRequest.objects.exists()


def test_nobody_asks_himself(world: World) -> None:
    assert refused(lambda: ask(world, world.secretary, by="secretary")) == requests.ASKS_ONESELF


def test_a_leader_who_left_yesterday_is_not_asked(world: World) -> None:
    world.secretary.posts.update(until=TODAY - timedelta(days=1))
    assert refused(lambda: ask(world)) == requests.NOT_ASKABLE.format(name="陆秉川")


def test_a_second_open_request_to_the_same_leader_is_refused(world: World) -> None:
    ask(world)
    assert refused(lambda: ask(world)) == requests.OPEN_ALREADY.format(name="陆秉川")
    ask(world, world.committee_member)


def test_after_the_talk_he_may_ask_again(world: World) -> None:
    request = ask(world)
    talk = accept(world, request, SLOT)
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.RECORDED.value)
    assert ask(world).pk != request.pk


def test_a_slot_in_the_past_is_refused(world: World) -> None:
    over = Slot(TODAY, time(9, 30), time(10))
    assert refused(lambda: ask(world, slot=over)) == slots.SLOT_OVER


def test_a_slot_after_the_limit_is_refused(world: World) -> None:
    late = Slot(date(2026, 3, 21), time(9), time(9, 30))
    assert refused(lambda: ask(world, slot=late)) == slots.SLOT_LATE.format(day="2026年3月20日")
    ask(world, slot=Slot(date(2026, 3, 20), time(9), time(9, 30)))


def test_a_slot_is_kept_for_who_asked_first(world: World) -> None:
    ask(world, slot=SLOT)
    assert refused(lambda: ask(world, by="colleague", slot=SLOT)) == slots.SLOT_TAKEN
    meeting = Slot(MONDAY, time(15, 15), time(15, 45))
    assert refused(lambda: ask(world, by="colleague", slot=meeting)) == slots.SLOT_TAKEN
    ask(world, by="colleague", slot=Slot(MONDAY, time(15, 30), time(16)))


def test_what_is_booked_is_not_free(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.colleague], held_on=MONDAY, state=TalkState.PLANNED)
    Talk.objects.filter(pk=talk.pk).update(starts_at=time(15), ends_at=time(16))
    assert refused(lambda: ask(world, slot=SLOT)) == slots.SLOT_TAKEN


def test_the_next_free_times_are_those_published(world: World) -> None:
    hours.publish_hours(actor=ACTOR, at=AT, member=world.secretary, weekday=1, span=Span(time(15), time(16)))
    ask(world, by="colleague", slot=SLOT)
    found = slots.next_slots(asked=world.secretary, requester=world.member, at=AT, most=2)
    assert found == [
        Slot(MONDAY, time(15, 30), time(16)),
        Slot(date(2026, 3, 16), time(15), time(15, 30)),
    ]


def test_what_was_written_lies_sealed(world: World) -> None:
    from django.db import connection

    request = ask(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM talks_talkrequest WHERE id = %s", [request.pk])
        stored = bytes(cursor.fetchone()[0])
    assert stored
    assert "食堂".encode() not in stored


# --- taking back, writing more ------------------------------------------------------------------------------


def test_it_can_be_taken_back_for_ten_minutes(world: World) -> None:
    request = ask(world, slot=SLOT)
    requests.withdraw_request(actor=ACTOR, at=AT + timedelta(minutes=10), request=request)
    request.refresh_from_db()
    assert (request.state, request.slot_on) == ("已撤回", None)
    ask(world, slot=SLOT)


def test_afterwards_it_cannot(world: World) -> None:
    request = ask(world)
    late = AT + timedelta(minutes=10, seconds=1)
    assert refused(lambda: requests.withdraw_request(actor=ACTOR, at=late, request=request)) == (
        requests.TEN_MINUTES
    )


def test_unless_the_leader_has_left(world: World) -> None:
    request = ask(world)
    world.secretary.posts.update(until=TODAY)
    requests.withdraw_request(actor=ACTOR, at=AT + timedelta(days=1), request=request)
    request.refresh_from_db()
    assert request.state == "已撤回"


def test_words_are_added_while_it_is_open(world: World) -> None:
    request = ask(world)
    requests.add_words(actor=ACTOR, at=AT, request=request, words="还有班车")
    request.refresh_from_db()
    assert request.reason == f"{REASON}\n还有班车"
    long = "字" * 1990
    assert refused(lambda: requests.add_words(actor=ACTOR, at=AT, request=request, words=long)) == (
        requests.TOO_MANY_WORDS.format(there=len(request.reason), more=1990)
    )


# --- answering ----------------------------------------------------------------------------------------------


def test_the_slot_asked_for_is_accepted_as_it_is(world: World) -> None:
    request = ask(world, slot=SLOT)
    talk = accept(world, request)
    assert (talk.held_on, talk.starts_at, talk.ends_at) == (MONDAY, time(15), time(15, 30))
    assert (talk.state, talk.form, talk.place, talk.topic) == ("计划", "面对面", "会议室", "")
    sides = dict(talk.participants.values_list("member__code", "side"))
    assert sides == {"P011": "talker", "P013": "subject"}
    assert (request.state, request.answered_on, request.slot_on) == ("已接受", TODAY, None)
    told = RequestNotice.objects.get(kind="booked")
    assert told.member == world.member


def test_where_the_time_is_left_to_him_the_leader_says_it(world: World) -> None:
    request = ask(world)
    assert refused(lambda: accept(world, request)) == answers.TIME_MISSING
    assert accept(world, request, SLOT).held_on == MONDAY


def test_a_time_that_is_over_or_too_late_or_taken_is_no_answer(world: World) -> None:
    request = ask(world)
    ask(world, by="colleague", slot=SLOT)
    for slot, words in (
        (Slot(TODAY, time(9), time(9, 30)), slots.SLOT_OVER),
        (Slot(date(2026, 3, 21), time(9), time(9, 30)), slots.SLOT_LATE.format(day="2026年3月20日")),
        (SLOT, answers.TAKEN_TO_LEADER),
    ):
        assert refused(lambda slot=slot: accept(world, request, slot)) == words
    request.refresh_from_db()
    assert request.state == "待答复"


def test_once_the_limit_is_over_it_is_not_put_off_for_years(world: World) -> None:
    """Asked on the 5th, due on the 20th; on the 25th the last day is the 9th of April, and stays overdue."""
    request, late = ask(world), AT + timedelta(days=20)
    words = slots.SLOT_LATE.format(day="2026年4月9日")

    def propose(day: date) -> None:
        slot = Slot(day, time(9), time(9, 30))
        answers.propose_times(actor=ACTOR, at=late, request=request, slots=[slot])

    def accept_late(day: date) -> None:
        slot = Slot(day, time(9), time(9, 30))
        answers.accept_request(
            actor=ACTOR, at=late, account=world.account("secretary"), request=request, slot=slot
        )

    for answer in (propose, accept_late):
        assert refused(lambda answer=answer: answer(date(2026, 4, 10))) == words
        assert refused(lambda answer=answer: answer(date(2099, 1, 1))) == words
    accept_late(date(2026, 4, 9))


def test_what_was_proposed_is_not_picked_where_it_is_kept_for_another(world: World) -> None:
    """Who asked for the hour first has it; what is proposed keeps nothing."""
    request = ask(world)
    answers.propose_times(actor=ACTOR, at=AT, request=request, slots=[SLOT])
    ask(world, by="colleague", slot=SLOT)

    def pick() -> None:
        decisions.pick_time(
            actor=ACTOR,
            at=AT,
            account=world.account("member"),
            request=request,
            proposal=request.proposals.get().pk,
        )

    assert refused(pick) == decisions.PICKED_TAKEN
    request.refresh_from_db()
    assert (request.state, request.talk) == ("另约", None)


def test_other_times_are_proposed_and_one_is_picked(world: World) -> None:
    request = ask(world, slot=SLOT)
    other = [Slot(MONDAY, time(16), time(16, 30)), Slot(date(2026, 3, 10), time(9), time(9, 30))]
    answers.propose_times(actor=ACTOR, at=AT, request=request, slots=other)
    request.refresh_from_db()
    assert (request.state, request.answered_on, request.slot_on) == ("另约", TODAY, None)
    ask(world, by="colleague", slot=SLOT)
    second = Proposal.objects.get(held_on=date(2026, 3, 10))
    decisions.pick_time(
        actor=ACTOR, at=AT, account=world.account("member"), request=request, proposal=second.pk
    )
    request.refresh_from_db()
    assert request.talk is not None
    assert (request.state, request.talk.held_on) == ("已接受", date(2026, 3, 10))
    assert not Proposal.objects.exists()


def test_where_none_of_them_will_do_he_asks_again_and_the_limit_begins_anew(world: World) -> None:
    request = ask(world)
    answers.propose_times(actor=ACTOR, at=AT, request=request, slots=[SLOT])
    later = AT + timedelta(days=1)
    decisions.ask_again(actor=ACTOR, at=later, request=request, time="下班后")
    request.refresh_from_db()
    assert (request.state, request.since, request.wished_time) == ("待答复", date(2026, 3, 6), "下班后")
    assert request.answered_on == TODAY


def test_an_answered_request_is_not_answered_again(world: World) -> None:
    request = ask(world)
    accept(world, request, SLOT)
    assert refused(lambda: accept(world, request, SLOT)) == requests.TOO_LATE


def test_a_cancelled_talk_brings_the_request_back(world: World) -> None:
    request = ask(world)
    talk = accept(world, request, SLOT)
    cancel_talk(actor=ACTOR, at=AT, talk=talk, revision=talk.revision, reason="临时开会")
    request.refresh_from_db()
    assert (request.state, request.talk, request.since) == ("待答复", None, TODAY)
    assert set(RequestNotice.objects.filter(kind="reopened").values_list("member__code", flat=True)) == {
        "P011",
        "P013",
    }


def test_the_talk_is_not_given_to_others(world: World) -> None:
    talk = accept(world, ask(world), SLOT)
    words = refused(
        lambda: change_plan(
            actor=ACTOR,
            at=AT,
            talk=talk,
            revision=talk.revision,
            persons=Persons(talkers=[world.committee_member], subjects=[world.member]),
            circumstances=Circumstances(held_on=MONDAY),
            topic=None,
        )
    )
    assert words.startswith("这次谈话来自约谈申请")
    assert set(talk.participants.values_list("member__code", flat=True)) == {"P011", "P013"}


def test_a_talk_from_a_request_meets_what_it_would_meet_anyway(world: World) -> None:
    """The year's talk of 支委 and member; booked it is 已约, recorded 已谈."""

    def standing() -> set[tuple[str, str]]:
        reconcile(organisations=[world.branch.pk], today=MONDAY, at=AT)
        rows = Duty.objects.standing().filter(organisation=world.branch, subject=world.member)
        found = rows.filter(rule="year.committee-member", year=2026).with_state(MONDAY)
        return {(row.rule, row.state) for row in found}

    request = ask(world, world.committee_member)
    assert standing() == {("year.committee-member", "待谈")}
    answers.accept_request(
        actor=ACTOR, at=AT, account=world.account("committee_member"), request=request, slot=SLOT
    )
    assert standing() == {("year.committee-member", "已约")}
    request.refresh_from_db()
    assert request.talk is not None
    record_talk(
        actor=ACTOR,
        at=datetime(2026, 3, 9, 9, tzinfo=UTC),
        talk=request.talk,
        revision=request.talk.revision,
        today=MONDAY,
        circumstances=Circumstances(held_on=MONDAY),
        text=RecordText(content="谈了食堂"),
    )
    assert standing() == {("year.committee-member", "已谈")}


# --- handing over -------------------------------------------------------------------------------------------


def offer(request: TalkRequest, colleague: Member) -> Handover:
    return answers.offer_handover(
        actor=ACTOR, at=AT, request=request, colleague=colleague, reason="分工由组织委员负责", today=TODAY
    )


def consent(
    world: World, request: TalkRequest, *, agrees: bool = True, with_reason: bool = False
) -> TalkRequest | None:
    return decisions.answer_handover(
        actor=ACTOR,
        at=AT + timedelta(days=1),
        account=world.account("member"),
        request=request,
        offer=Handover.objects.get(request=request, answered_at=None).pk,
        agrees=agrees,
        with_reason=with_reason,
    )


@pytest.mark.parametrize("with_reason", [True, False])
def test_it_is_handed_over_with_consent_and_what_was_written_only_if_he_agrees(
    world: World, with_reason: bool
) -> None:
    request = ask(world, slot=SLOT)
    offer(request, world.committee_member)
    moved = consent(world, request, with_reason=with_reason)
    request.refresh_from_db()
    assert moved is not None
    assert (request.state, request.slot_on) == ("已转交", None)
    assert (moved.asked, moved.requester, moved.state) == (world.committee_member, world.member, "待答复")
    # The talk is still due fifteen days after the first request; the colleague has three working days.
    assert (moved.asked_on, moved.since) == (TODAY, date(2026, 3, 6))
    assert moved.reason == (REASON if with_reason else "")


def test_without_consent_it_stays_and_he_is_not_asked_about_him_again(world: World) -> None:
    request = ask(world)
    offer(request, world.committee_member)
    assert refused(lambda: offer(request, world.deputy)) == answers.OFFERED_ALREADY
    assert consent(world, request, agrees=False) is None
    request.refresh_from_db()
    assert request.state == "待答复"
    assert refused(lambda: offer(request, world.committee_member)) == answers.NOT_A_COLLEAGUE
    offer(request, world.deputy)


@pytest.mark.parametrize("colleague", ["member", "secretary", "colleague", "other_secretary"])
def test_it_goes_to_nobody_whom_the_requester_could_not_ask(world: World, colleague: str) -> None:
    request = ask(world)
    assert refused(lambda: offer(request, getattr(world, colleague))) == answers.NOT_A_COLLEAGUE


def test_handing_over_needs_a_reason(world: World) -> None:
    request = ask(world)
    words = refused(
        lambda: answers.offer_handover(
            actor=ACTOR, at=AT, request=request, colleague=world.deputy, reason="  ", today=TODAY
        )
    )
    assert words == answers.REASON_MISSING


# --- who reads ----------------------------------------------------------------------------------------------


def read(account: Account, request: TalkRequest) -> str | None:
    return answers.read_reason(actor=ACTOR, at=AT, account=account, request=request, today=TODAY)


def test_only_the_leader_asked_and_who_wrote_it_read_it(world: World) -> None:
    request = ask(world, world.committee_member)
    readers = {role for role, account in world.accounts.items() if read(account, request)}
    assert readers == {"member", "committee_member"}
    assert TrailEntry.objects.filter(action="查看约谈事由", target=request.code).count() == 2


def test_a_deputy_answers_but_does_not_read(world: World) -> None:
    request = ask(world)
    hours.name_deputy(
        actor=ACTOR,
        at=AT,
        named_by=world.account("secretary"),
        leader=world.secretary,
        deputy=world.committee_member,
        since=TODAY,
        last=MONDAY,
    )
    assert read(world.account("committee_member"), request) is None
    told = RequestNotice.objects.filter(member=world.committee_member)
    assert told.count() == 1


def test_the_principal_does_not_read_a_talk_from_a_request(world: World) -> None:
    """Its control is the same talk without the request."""
    request = ask(world, world.committee_member, at=AT)
    answers.accept_request(
        actor=ACTOR, at=AT, account=world.account("committee_member"), request=request, slot=SLOT
    )
    request.refresh_from_db()
    talk = request.talk
    assert talk is not None
    record_talk(
        actor=ACTOR,
        at=timezone.now(),
        talk=talk,
        revision=talk.revision,
        today=MONDAY,
        circumstances=Circumstances(held_on=MONDAY),
        text=RecordText(content="谈了食堂"),
    )
    talk.refresh_from_db()
    request.refresh_from_db()
    assert request.state == RequestState.HELD.value
    principal = world.account("secretary")
    assert not reading_of(principal, talk, today=MONDAY)
    assert not principal_may_read(talk)
    TalkRequest.objects.update(talk=None)
    assert readable_talks(principal, today=MONDAY).filter(pk=talk.pk).exists()


# --- hours and deputies -------------------------------------------------------------------------------------


def test_hours_that_meet_or_hold_no_slot_are_refused(world: World) -> None:
    def publish(starts_at: time, ends_at: time) -> None:
        hours.publish_hours(
            actor=ACTOR, at=AT, member=world.secretary, weekday=1, span=Span(starts_at, ends_at)
        )

    publish(time(15), time(16))
    assert refused(lambda: publish(time(15, 30), time(16, 30))) == hours.HOURS_MEET
    assert refused(lambda: publish(time(9), time(9))) == hours.ENDS_EARLY
    assert refused(lambda: publish(time(9), time(9, 20))) == hours.TOO_SHORT
    publish(time(16), time(17))


def test_a_deputy_is_another_leader_for_days_to_come(world: World) -> None:
    def name(deputy: Member, since: date = TODAY, last: date = MONDAY) -> None:
        hours.name_deputy(
            actor=ACTOR,
            at=AT,
            named_by=world.account("secretary"),
            leader=world.secretary,
            deputy=deputy,
            since=since,
            last=last,
        )

    yesterday = TODAY - timedelta(days=1)
    assert refused(lambda: name(world.secretary)) == hours.DEPUTY_ONESELF
    assert refused(lambda: name(world.colleague)) == hours.NOT_A_LEADER.format(name="吴桂兰")
    assert refused(lambda: name(world.other_secretary)) == hours.NOT_A_LEADER.format(name="邹凯")
    assert refused(lambda: name(world.deputy, MONDAY, TODAY)) == hours.UNTIL_EARLY
    # 92 days from March 5 end with June 4.
    assert refused(lambda: name(world.deputy, TODAY, date(2026, 6, 5))) == hours.AWAY_LONG
    assert refused(lambda: name(world.deputy, yesterday, yesterday)) == hours.DAY_OVER
    name(world.deputy, TODAY, date(2026, 6, 4))
    assert refused(lambda: name(world.committee_member, MONDAY, MONDAY)) == hours.AWAY_TWICE
