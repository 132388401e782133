"""约谈 under attack: who would read, count, take over or brush off what is not his to."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, MandateKind, Member
from talks.excel import read_workbook
from talks.figures.requests import request_notice_lines, request_total, unread_requests
from talks.models import Deputy, Handover, RequestNotice, TalkRequest
from talks.permissions import visible_requests
from talks.rules.office_hours import Slot
from talks.rules.requests import RequestState
from talks.services import answers, decisions, feeds, request_notices, requests
from talks.services.appointments import OF_TWO
from talks.services.exchange import reach_of
from talks.services.exchange.matters import ASKED_TOO_LATE
from talks.services.request_notices import chase_requests
from talks.services.requests import Wish
from talks.services.talks import Circumstances, Persons, cancel_talk, change_plan
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.exchange.books import exported, imported
from vault.models import TrailEntry
from vault.services import Actor

ClientOf = Callable[[Account], Client]
ACTOR = Actor("tests", "")
TODAY = date(2026, 3, 5)
MONDAY = date(2026, 3, 9)
SLOT = Slot(MONDAY, time(15), time(15, 30))
SECRET = "食堂晚饭太早"
REQUESTS = ["申请编号", "申请人编号", "约谈对象编号", "申请日期", "状态"]


@pytest.fixture(autouse=True)
def thursday() -> Iterator[None]:
    """Thursday, 10:00."""
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        yield


def ask(world: World, by: str = "member", slot: Slot | None = None) -> TalkRequest:
    return requests.ask_request(
        actor=ACTOR,
        at=timezone.now(),
        account=world.account(by),
        asked=world.secretary,
        wish=Wish(form="面对面", slot=slot),
        reason=SECRET,
    )


def accept(world: World, request: TalkRequest) -> None:
    answers.accept_request(
        actor=ACTOR, at=timezone.now(), account=world.account("secretary"), request=request
    )


def stand_in(world: World, since: date, until: date) -> Deputy:
    return Deputy.objects.create(
        leader=world.secretary,
        deputy=world.committee_member,
        since=since,
        until=until,
        named_by=world.account("secretary"),
    )


def status(client: Client, request: TalkRequest, name: str = "request", **posted: str) -> int:
    address = reverse(name, args=[request.code])
    return (client.post(address, posted) if posted else client.get(address)).status_code


# --- reading ------------------------------------------------------------------------------------------------


def test_nobody_else_finds_it_by_any_page(world: World, client_of: ClientOf) -> None:
    """By address, list, count, notice or search; who answers for organisations gets numbers only."""
    request = ask(world)
    sweep = date(2026, 3, 30)
    chase_requests(today=sweep, at=datetime(2026, 3, 30, 1, tzinfo=UTC))
    pages = [
        *(reverse(name) for name in ("requests", "workbench", "duties", "notices", "talks", "calendar")),
        *(f"{reverse('request-ask')}?who=梁志强", f"{reverse('talks')}?who={SECRET}"),
    ]
    for role in PERSONAS:
        if role in ("member", "secretary"):
            continue
        client = client_of(world.account(role))
        assert status(client, request) == 404, role
        for page in pages:
            html = client.get(page).content.decode()
            assert SECRET not in html.replace(f"who={SECRET}", "").replace(f'value="{SECRET}"', "")
            assert request.code not in html, (role, page)
            assert "约谈申请已" not in html
        assert "梁志强同志的约谈" not in client.get(reverse("notices")).content.decode()


def test_no_page_is_kept_by_a_browser_or_proxy_nor_known_by_a_tag(world: World, client_of: ClientOf) -> None:
    request = ask(world)
    for role in ("member", "secretary", "colleague"):
        response = client_of(world.account(role)).get(reverse("request", args=[request.code]))
        assert "no-store" in response.headers["Cache-Control"]
        assert "ETag" not in response.headers


def test_what_was_taken_back_is_known_to_who_asked_alone(world: World, client_of: ClientOf) -> None:
    request = ask(world)
    secretary = client_of(world.account("secretary"))
    assert status(secretary, request) == 200
    requests.withdraw_request(actor=ACTOR, at=timezone.now(), request=request)
    assert status(secretary, request) == 404
    assert "梁志强" not in secretary.get(reverse("requests")).content.decode()
    assert status(client_of(world.account("member")), request) == 200


def test_a_calendar_says_the_time_and_no_more(world: World) -> None:
    request = ask(world, slot=SLOT)
    answers.accept_request(
        actor=ACTOR, at=timezone.now(), account=world.account("secretary"), request=request
    )
    for role in ("secretary", "member", "colleague"):
        secret = feeds.renew_feed(actor=ACTOR, at=timezone.now(), account=world.account(role))
        text = (feeds.fetch_feed(secret=secret, at=timezone.now(), today=TODAY, address="") or b"").decode()
        assert SECRET not in text
        assert "梁志强" not in text
        assert ("20260309T" in text) == (role != "colleague")


def test_the_trail_and_the_workbook_without_content_name_no_word(world: World) -> None:
    ask(world)
    assert not TrailEntry.objects.filter(detail__contains=SECRET[:4]).exists()
    tables = str(read_workbook(exported(with_content=False), 10_000_000))
    assert "Y2026-000001" in tables
    assert SECRET not in tables


# --- standing in --------------------------------------------------------------------------------------------


def test_who_stood_in_knows_nothing_after_the_days(world: World, client_of: ClientOf) -> None:
    """Neither by page nor list nor notice, nor of the talk that he arranged."""
    request, other = ask(world), ask(world, "colleague")
    stand_in(world, TODAY, MONDAY)
    client = client_of(world.account("committee_member"))
    assert status(client, request) == 200
    chase_requests(today=date(2026, 3, 7), at=timezone.now())
    assert unread_requests(world.account("committee_member"), today=TODAY) == 2
    values = {"day": "2026-03-10", "starts_at": "15:00", "ends_at": "", "place": ""}
    answered = client.post(reverse("request-accept", args=[request.code]), values)
    assert answered.headers["Location"] == reverse("requests")
    request.refresh_from_db()
    assert request.talk is not None
    assert client.get(reverse("talk", args=[request.talk.code])).status_code == 404
    with time_machine.travel("2026-03-10 10:00+08:00", tick=False):
        client = client_of(world.account("committee_member"))  # the session has ended meanwhile
        for one in (request, other):
            assert status(client, one) == 404
        assert "梁志强" not in client.get(reverse("requests")).content.decode()
        assert status(client, other, "request-propose", day1="2026-03-10", starts1="15:00") == 404
        account = world.account("committee_member")
        assert unread_requests(account, today=timezone.localdate()) == 0
        assert request_notice_lines(account, today=timezone.localdate(), most=25) == []


def test_who_stands_in_learns_nothing_of_what_was_settled(world: World, client_of: ClientOf) -> None:
    factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2))
    old = factories.a_request(world.member, world.secretary, asked_on=date(2026, 2, 2), state="已谈")
    stand_in(world, TODAY, MONDAY)
    client = client_of(world.account("committee_member"))
    assert status(client, old) == 404
    assert "梁志强" not in client.get(reverse("requests")).content.decode()


def test_who_stands_in_learns_nothing_of_what_is_arranged(world: World, client_of: ClientOf) -> None:
    """Neither before his days nor once he has arranged it himself: day and hour are of the two."""
    request = ask(world, slot=SLOT)
    accept(world, request)
    stand_in(world, TODAY, MONDAY)
    client = client_of(world.account("committee_member"))
    assert status(client, request) == 404
    assert "梁志强" not in client.get(reverse("requests")).content.decode()
    for name in ("workbench", "notices", "calendar"):
        html = client.get(reverse(name)).content.decode()
        assert request.code not in html, name
        assert "约谈申请" not in html, name


@pytest.mark.parametrize("place", ["other_branch", "foreign_branch"])
def test_who_leads_elsewhere_does_not_stand_in(world: World, client_of: ClientOf, place: str) -> None:
    """He was a leader of the branch when he was named; now he leads where the requester asks nobody."""
    request = ask(world)
    stand_in(world, TODAY, MONDAY)
    world.committee_member.posts.update(until=TODAY)
    factories.a_post(world.committee_member, getattr(world, place), "组织委员", is_team=True)
    assert status(client_of(world.account("committee_member")), request) == 404
    assert request_notices.answering(request=request, today=TODAY) == [world.secretary.pk]
    chase_requests(today=date(2026, 3, 9), at=timezone.now())
    assert not RequestNotice.objects.filter(member=world.committee_member).exists()


def test_who_leads_above_stands_in(world: World, client_of: ClientOf) -> None:
    """Its control: whom the requester could have asked himself."""
    request = ask(world)
    Deputy.objects.create(
        leader=world.secretary,
        deputy=world.deputy,
        since=TODAY,
        until=MONDAY,
        named_by=world.account("secretary"),
    )
    assert status(client_of(world.account("deputy")), request) == 200
    assert request_notices.answering(request=request, today=TODAY) == [world.secretary.pk, world.deputy.pk]


def test_who_stood_in_is_told_nothing_afterwards(world: World) -> None:
    """Not even that some request of some organisation is overdue: he oversees none."""
    ask(world)
    stand_in(world, TODAY, date(2026, 3, 31))
    on = date(2026, 3, 13)  # three days after Tuesday the 10th, by which it was to be answered
    chase_requests(today=on, at=datetime(2026, 3, 13, 1, tzinfo=UTC))
    told = RequestNotice.objects.filter(member=world.committee_member, kind="answer", step=3)
    assert told.exists()
    account = world.account("committee_member")
    assert unread_requests(account, today=on) == 1
    Deputy.objects.update(until=on)
    assert unread_requests(account, today=on) == 0
    assert request_notice_lines(account, today=on, most=25) == []


def test_words_about_the_time_do_not_travel_without_consent(world: World) -> None:
    """What a workbook brought in may say anything; what is chosen on the screen says little."""
    for wished, kept in (("住院前谈，地点另告", "由对方定时间"), ("下班后或周末", "下班后或周末")):
        request = ask(world)
        request.wished_time = wished
        request.save()
        offer = answers.offer_handover(
            actor=ACTOR,
            at=timezone.now(),
            request=request,
            colleague=world.committee_member,
            reason="分工",
            today=TODAY,
        )
        moved = decisions.answer_handover(
            actor=ACTOR,
            at=timezone.now(),
            account=world.account("member"),
            request=request,
            offer=offer.pk,
            agrees=True,
            with_reason=False,
        )
        assert moved is not None
        assert moved.wished_time == kept
        requests.end(request=moved, state=RequestState.TAKEN_BACK)


def test_who_stands_in_reads_no_words_about_the_time(world: World, client_of: ClientOf) -> None:
    """Of a request that a workbook brought in; the leader does."""
    request = ask(world)
    request.wished_time, request.sent_at = "住院前谈", None
    request.save()
    stand_in(world, TODAY, MONDAY)
    pages = [
        *(reverse(name, args=[request.code]) for name in ("request", "request-accept", "request-propose")),
        reverse("workbench"),
    ]
    for role, reads in (("committee_member", False), ("secretary", True)):
        client = client_of(world.account(role))
        for address in pages:
            page = client.get(address)
            assert page.status_code == 200
            assert ("住院前谈" in page.content.decode()) == reads, (role, address)


# --- a leader who left --------------------------------------------------------------------------------------


def leave(world: World, *, leads_elsewhere: bool) -> None:
    world.secretary.posts.update(until=TODAY)
    if leads_elsewhere:
        factories.a_post(world.secretary, world.other_branch, "副书记", is_team=True)


@pytest.mark.parametrize("leads_elsewhere", [True, False])
def test_who_left_neither_answers_nor_reads(world: World, client_of: ClientOf, leads_elsewhere: bool) -> None:
    request = ask(world)
    leave(world, leads_elsewhere=leads_elsewhere)
    client = client_of(world.account("secretary"))
    assert status(client, request) == 404
    assert status(client, request, "request-accept", day="2026-03-10", starts_at="15:00") == 404
    assert "梁志强" not in client.get(reverse("requests")).content.decode()
    account = world.account("secretary")
    read = answers.read_reason(actor=ACTOR, at=timezone.now(), account=account, request=request, today=TODAY)
    assert read is None


def test_who_was_raised_to_the_committee_above_goes_on(world: World, client_of: ClientOf) -> None:
    request = ask(world)
    leave(world, leads_elsewhere=False)
    factories.a_post(world.secretary, world.committee, "党委委员", is_team=True)
    assert status(client_of(world.account("secretary")), request) == 200


@pytest.mark.parametrize("leads_elsewhere", [True, False])
def test_of_who_left_the_member_is_told_and_takes_back(
    world: World, client_of: ClientOf, leads_elsewhere: bool
) -> None:
    """Also after ten minutes; nothing more is written to him."""
    request = ask(world)
    leave(world, leads_elsewhere=leads_elsewhere)
    with time_machine.travel("2026-03-06 10:00+08:00", tick=False):
        client = client_of(world.account("member"))
        html = client.get(reverse("request", args=[request.code])).content.decode()
        assert "陆秉川同志已不在您可以约谈的领导之列，请撤回申请，改约其他同志。" in html
        assert "补充几句" not in html
        with pytest.raises(ValidationError, match="改约其他同志"):
            requests.add_words(actor=ACTOR, at=timezone.now(), request=request, words="再说一句")
        assert status(client, request, "request-withdraw", confirmed="yes") == 302
    request.refresh_from_db()
    assert request.state == "已撤回"


def test_the_member_hears_that_the_leader_left(world: World) -> None:
    """By the sweep of the next day; so the request does not lie with nobody."""
    request = ask(world)
    leave(world, leads_elsewhere=True)
    chase_requests(today=date(2026, 3, 6), at=timezone.now())
    assert RequestNotice.objects.filter(request=request, kind="left", member=world.member).count() == 1
    lines = request_notice_lines(world.account("member"), today=date(2026, 3, 6), most=25)
    says = "陆秉川同志已不在您可以约谈的领导之列，请撤回申请，改约其他同志"
    assert [line.sentence for line in lines] == [says]
    chase_requests(today=date(2026, 3, 7), at=timezone.now())
    assert RequestNotice.objects.filter(request=request, kind="left").count() == 1
    assert not RequestNotice.objects.filter(request=request, member=world.secretary, kind="answer").exists()


def test_nobody_picks_a_time_of_who_left(world: World) -> None:
    """From a page that was open: the leader would read as his what he may no longer read."""
    request = ask(world)
    answers.propose_times(actor=ACTOR, at=timezone.now(), request=request, slots=[SLOT])
    leave(world, leads_elsewhere=True)
    with pytest.raises(ValidationError, match="改约其他同志"):
        decisions.pick_time(
            actor=ACTOR,
            at=timezone.now(),
            account=world.account("member"),
            request=request,
            proposal=request.proposals.get().pk,
        )
    assert not visible_requests(world.account("secretary"), today=TODAY).exists()


# --- a second round -----------------------------------------------------------------------------------------


def test_the_limit_of_a_second_round_is_chased_from_its_first_step(world: World) -> None:
    """As if it were the first: three days overdue the principal hears of it, seven days those above."""

    def told(day: int) -> set[tuple[int, str]]:
        before = set(RequestNotice.objects.values_list("pk", flat=True))
        chase_requests(today=date(2026, 3, day), at=at(date(2026, 3, day)))
        made = RequestNotice.objects.exclude(pk__in=before).filter(kind="answer")
        return set(made.values_list("step", "member__code"))

    request = ask(world, by="member")
    assert told(13) == {(3, "P011")}
    assert told(17) == {(7, "P011"), (7, "P001")}
    answers.propose_times(
        actor=ACTOR,
        at=at(date(2026, 3, 17)),
        request=request,
        slots=[Slot(date(2026, 3, 18), time(15), time(15, 30))],
    )
    decisions.ask_again(actor=ACTOR, at=at(date(2026, 3, 17)), request=request, time="上午")
    # Asked on Tuesday the 17th: Friday the 20th is the last day, Monday the 23rd the third one after it.
    assert told(20) == {(-1, "P011")}
    assert told(23) == {(3, "P011")}
    assert told(27) == {(7, "P011"), (7, "P001")}


def test_who_stands_in_hears_that_a_talk_was_cancelled(world: World) -> None:
    request = ask(world, slot=SLOT)
    accept(world, request)
    request.refresh_from_db()
    assert request.talk is not None
    stand_in(world, TODAY, MONDAY)
    cancel_talk(
        actor=ACTOR, at=timezone.now(), talk=request.talk, revision=request.talk.revision, reason="临时开会"
    )
    told = RequestNotice.objects.filter(kind="reopened").values_list("member__code", flat=True)
    assert sorted(told) == ["P011", "P012", "P013"]


# --- counting -----------------------------------------------------------------------------------------------


def late_answers(world: World, today: date) -> int:
    total = request_total(world.account("inspector"), year=2026, today=today)
    assert total is not None
    return total.answered_late


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("second", "late"),
    [
        (date(2026, 3, 11), 0),  # asked again on Friday the 6th: three working days are over on the 11th
        (date(2026, 3, 12), 1),
    ],
)
def test_a_second_answer_that_is_late_is_counted(world: World, second: date, late: int) -> None:
    request, free = ask(world), Slot(date(2026, 3, 13), time(15), time(15, 30))
    answers.propose_times(actor=ACTOR, at=at(TODAY), request=request, slots=[SLOT])
    decisions.ask_again(actor=ACTOR, at=at(date(2026, 3, 6)), request=request, time="")
    answers.propose_times(actor=ACTOR, at=at(second), request=request, slots=[free])
    assert late_answers(world, second) == late
    # A third one in time does not make it good.
    decisions.ask_again(actor=ACTOR, at=at(second), request=request, time="")
    answers.propose_times(actor=ACTOR, at=at(second), request=request, slots=[free])
    assert late_answers(world, second) == late


def test_an_answer_after_a_cancelled_talk_is_counted_by_its_own_limit(world: World) -> None:
    request, free = ask(world, slot=SLOT), Slot(date(2026, 3, 18), time(15), time(15, 30))
    accept(world, request)
    request.refresh_from_db()
    assert request.talk is not None
    cancelled = at(date(2026, 3, 6))
    cancel_talk(
        actor=ACTOR, at=cancelled, talk=request.talk, revision=request.talk.revision, reason="临时开会"
    )
    answers.propose_times(actor=ACTOR, at=at(date(2026, 3, 12)), request=request, slots=[free])
    assert late_answers(world, date(2026, 3, 12)) == 1


@pytest.mark.parametrize(("answered", "late"), [(date(2026, 3, 13), 0), (date(2026, 3, 16), 1)])
def test_a_colleague_answers_within_three_working_days_of_the_handing_over(
    world: World, answered: date, late: int
) -> None:
    """Handed over on Tuesday the 10th, in time for who was asked; his own three end on Friday the 13th."""
    request, tuesday = ask(world), at(date(2026, 3, 10))
    offer = answers.offer_handover(
        actor=ACTOR,
        at=tuesday,
        request=request,
        colleague=world.committee_member,
        reason="分工",
        today=date(2026, 3, 10),
    )
    moved = decisions.answer_handover(
        actor=ACTOR,
        at=tuesday,
        account=world.account("member"),
        request=request,
        offer=offer.pk,
        agrees=True,
        with_reason=False,
    )
    assert moved is not None
    free = Slot(date(2026, 3, 19), time(15), time(15, 30))
    answers.propose_times(actor=ACTOR, at=at(answered), request=moved, slots=[free])
    assert late_answers(world, answered) == late


def test_who_leads_nothing_any_more_does_not_stand_in(world: World, client_of: ClientOf) -> None:
    request = ask(world)
    stand_in(world, TODAY, MONDAY)
    world.committee_member.posts.update(until=TODAY)
    assert status(client_of(world.account("committee_member")), request) == 404


def test_who_stands_in_hands_over_to_nobody_not_to_himself_either(world: World, client_of: ClientOf) -> None:
    request = ask(world)
    stand_in(world, TODAY, MONDAY)
    client = client_of(world.account("committee_member"))
    values = {"colleague": "P012", "reason": "由我来谈"}
    assert status(client, request, "request-hand-over", **values) == 404
    assert "转交" not in client.get(reverse("request", args=[request.code])).content.decode()
    answers.offer_handover(
        actor=ACTOR,
        at=timezone.now(),
        request=request,
        colleague=world.deputy,
        reason="分工的原因",
        today=TODAY,
    )
    # Nor is he told that there is one, and to whom.
    html = client.get(reverse("request", args=[request.code])).content.decode()
    assert "分工的原因" not in html
    assert "何静宜" not in html


def test_nobody_answers_for_himself(world: World, client_of: ClientOf) -> None:
    request = ask(world, "committee_member")
    stand_in(world, TODAY, MONDAY)
    client = client_of(world.account("committee_member"))
    assert status(client, request, "request-accept", day="2026-03-10", starts_at="15:00") == 404


# --- taking over --------------------------------------------------------------------------------------------


def test_only_who_asked_agrees_to_a_handing_over(world: World, client_of: ClientOf) -> None:
    request = ask(world)
    answers.offer_handover(
        actor=ACTOR,
        at=timezone.now(),
        request=request,
        colleague=world.committee_member,
        reason="分工",
        today=TODAY,
    )
    for role in ("secretary", "committee_member", "chief", "staff", "colleague"):
        client = client_of(world.account(role))
        assert status(client, request, "request-consent", agrees="yes", with_reason="on") == 404
    assert status(client_of(world.account("committee_member")), request) == 404
    assert not TalkRequest.objects.filter(asked=world.committee_member).exists()


def test_agreeing_to_one_colleague_is_not_agreeing_to_the_next(world: World, client_of: ClientOf) -> None:
    """From a page that was left open, after the leader has asked about somebody else."""
    request = ask(world)

    def offer(colleague: Member) -> Handover:
        return answers.offer_handover(
            actor=ACTOR,
            at=timezone.now(),
            request=request,
            colleague=colleague,
            reason="分工",
            today=TODAY,
        )

    first = offer(world.committee_member)
    client = client_of(world.account("member"))
    assert status(client, request, "request-consent", agrees="no", offer=str(first.pk)) == 302
    second = offer(world.deputy)
    assert status(client, request, "request-consent", agrees="yes", offer=str(first.pk)) == 302
    assert status(client, request, "request-consent", agrees="yes") == 302
    assert not TalkRequest.objects.filter(asked=world.deputy).exists()
    assert status(client, request, "request-consent", agrees="yes", offer=str(second.pk)) == 302
    assert TalkRequest.objects.filter(asked=world.deputy).exists()


@pytest.mark.parametrize("way", ["talker", "recorder", "outside"])
def test_nobody_is_put_into_the_talk_of_two(world: World, way: str) -> None:
    """The principal may change a plan of his branch, and would read as talker or recorder."""
    made = requests.ask_request(
        actor=ACTOR,
        at=timezone.now(),
        account=world.account("member"),
        asked=world.committee_member,
        wish=Wish(slot=SLOT),
        reason=SECRET,
    )
    answers.accept_request(
        actor=ACTOR, at=timezone.now(), account=world.account("committee_member"), request=made
    )
    made.refresh_from_db()
    talk = made.talk
    assert talk is not None
    talkers = [world.committee_member, *([world.secretary] if way == "talker" else [])]
    persons = Persons(
        talkers=talkers,
        subjects=[world.member],
        recorder=world.secretary if way == "recorder" else None,
        external_talker="上级某同志" if way == "outside" else "",
    )
    with pytest.raises(ValidationError) as caught:
        change_plan(
            actor=ACTOR,
            at=timezone.now(),
            talk=talk,
            revision=talk.revision,
            persons=persons,
            circumstances=Circumstances(held_on=MONDAY),
            topic=None,
        )
    assert caught.value.messages == [OF_TWO]


@pytest.mark.parametrize(
    ("asked", "state"), [("P012", "待答复"), ("P011", "已撤回"), ("P011", "已谈"), ("P011", "已转交")]
)
def test_no_workbook_readdresses_or_ends_it(world: World, asked: str, state: str) -> None:
    """Neither by command nor by a leader who keeps a roster, too; the same workbook changes nothing else."""
    request = ask(world)
    book = {"约谈申请": [REQUESTS, [request.code, "P013", asked, "2026-03-05", state]]}
    factories.a_mandate(world.account("secretary"), MandateKind.STAFF, world.branch)
    for within in (None, reach_of(account=world.account("secretary"), today=TODAY)):
        outcome = imported(book, within=within)
        assert any("请在“约谈”页面办理" in line for line in outcome.errors), outcome.errors
    request.refresh_from_db()
    assert (request.asked, request.state) == (world.secretary, "待答复")


def test_in_the_browser_one_that_was_imported_is_not_readdressed(world: World) -> None:
    factories.a_request(world.member, world.secretary, code="R1", asked_on=TODAY, reason=SECRET)
    book = {"约谈申请": [REQUESTS, ["R1", "P013", "P012", "2026-03-05", "待答复"]]}
    factories.a_mandate(world.account("secretary"), MandateKind.STAFF, world.branch)
    outcome = imported(book, within=reach_of(account=world.account("secretary"), today=TODAY))
    assert any("转交须经申请人同意" in line for line in outcome.errors), outcome.errors
    assert not imported(book).errors  # the operator corrects what he imported


@pytest.mark.parametrize(
    ("asked_on", "state", "error"),
    [("2026-03-05", "已接受", ""), ("2026-03-06", "待答复", ASKED_TOO_LATE)],
)
def test_no_import_keeps_a_member_from_asking(world: World, asked_on: str, state: str, error: str) -> None:
    """Brought in as accepted without a talk, or as of a day to come, it would stand in his way for good."""
    factories.a_mandate(world.account("secretary"), MandateKind.STAFF, world.branch)
    book = {"约谈申请": [REQUESTS, ["R1", "P013", "P011", asked_on, state]]}
    reach = reach_of(account=world.account("secretary"), today=TODAY)
    outcome = imported(book, within=reach, today=TODAY)
    assert bool(outcome.errors) == bool(error)
    assert all(error in line for line in outcome.errors)
    assert TalkRequest.objects.filter(code="R1").exists() != bool(error)
    ask(world)
    with pytest.raises(ValidationError, match="还没有办完"):
        ask(world)


def test_what_was_exported_changes_nothing(world: World) -> None:
    request = ask(world, slot=SLOT)
    answers.accept_request(
        actor=ACTOR, at=timezone.now(), account=world.account("secretary"), request=request
    )
    ask(world, "colleague")
    outcome = imported(exported())
    assert outcome.errors == ()
    assert {
        (sheet.name, sheet.new, sheet.changed) for sheet in outcome.sheets if sheet.new or sheet.changed
    } == set()


def test_nobody_keeps_a_leader_busy_all_day(world: World) -> None:
    day = Slot(MONDAY, time(0, 30), time(23, 30))
    with pytest.raises(ValidationError, match="一次约谈最长4小时"):
        ask(world, slot=day)
    ask(world, slot=Slot(MONDAY, time(8), time(12)))


def test_a_notice_of_oversight_names_nobody(world: World) -> None:
    ask(world)
    chase_requests(today=date(2026, 3, 13), at=datetime(2026, 3, 13, 1, tzinfo=UTC))
    chief = world.account("chief")
    chase_requests(today=date(2026, 3, 17), at=datetime(2026, 3, 17, 1, tzinfo=UTC))
    told = RequestNotice.objects.filter(member=world.chief)
    assert told.exists()
    lines = request_notice_lines(chief, today=date(2026, 3, 17), most=25)
    assert [line.sentence for line in lines] == ["所属党组织有约谈申请超过期限没有答复"]
    assert lines[0].url == reverse("request-figures")
