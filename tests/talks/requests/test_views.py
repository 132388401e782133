"""约谈 on screen: three taps, the answer, handing over, numbers, and what is refused with words kept."""

import re
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from talks.models import OfficeHours, Talk, TalkRequest
from talks.rules.office_hours import Slot
from talks.services import answers, requests, slots
from talks.services.requests import Wish
from tests import factories
from tests.conftest import World
from vault.services import Actor

ClientOf = Callable[[Account], Client]
TODAY = date(2026, 3, 5)
WORDS = "食堂晚饭太早 😀 䶮㛃"


@pytest.fixture(autouse=True)
def thursday() -> Iterator[None]:
    """Thursday, 10:00."""
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        yield


@pytest.fixture
def member(world: World, client_of: ClientOf) -> Client:
    return client_of(world.account("member"))


@pytest.fixture
def secretary(world: World, client_of: ClientOf) -> Client:
    return client_of(world.account("secretary"))


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def sent(client: Client, address: str, **values: str) -> str:
    response = client.post(address, values, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def ask(world: World, by: str = "member") -> TalkRequest:
    return requests.ask_request(
        actor=Actor("tests", ""),
        at=timezone.now(),
        account=world.account(by),
        asked=world.secretary,
        wish=Wish(form="面对面"),
        reason=f"意见建议\n{WORDS}",
    )


def about(world: World) -> str:
    return reverse("request-about", args=[world.secretary.code])


def said_to(html: str) -> str:
    """What stands in the field for words."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", html, re.DOTALL)
    assert found
    return found[1]


# --- asking in three taps ---------------------------------------------------------------------------------


def test_three_taps(world: World, member: Client) -> None:
    OfficeHours.objects.create(member=world.secretary, weekday=1, starts_at=time(15), ends_at=time(16))
    first = page(member, reverse("request-ask"))
    assert "陆秉川" in first
    assert "最近有空：3月9日15:00，3月9日15:30" in re.sub(r"<[^>]+>", "", first)
    assert first.index("沈若楠") < first.index("陆秉川")  # his 联系委员 stands first
    assert "您的联系委员" in first
    second = page(member, reverse("request-when", args=[world.secretary.code]))
    link = re.search(r'href="([^"]+about/\?when=2026-03-09[^"]+)"', second)
    assert link
    third = page(member, link[1])
    assert "2026年3月9日（星期一）15:00" in third
    html = sent(member, link[1], when="2026-03-09T15:00/15:30", form="面对面", topic="意见建议", words=WORDS)
    request = TalkRequest.objects.get()
    assert (request.slot_on, request.reason) == (date(2026, 3, 9), f"意见建议\n{WORDS}")
    assert "2026年3月10日</time>前" in html  # the answer
    assert "2026年3月20日</time>前谈" in html
    assert "撤回申请" in html


def test_leaving_the_words_out_and_the_time_to_the_leader(world: World, member: Client) -> None:
    sent(member, about(world), when="any", form="电话", topic="见面再说", words="")
    request = TalkRequest.objects.get()
    assert (request.reason, request.wished_time, request.form) == ("见面再说", "由对方定时间", "电话")


def test_a_slot_just_taken_offers_the_next_and_keeps_the_words(world: World, member: Client) -> None:
    OfficeHours.objects.create(member=world.secretary, weekday=1, starts_at=time(15), ends_at=time(16))
    slot = slots.next_slots(asked=world.secretary, requester=world.colleague, at=timezone.now(), most=1)[0]
    requests.ask_request(
        actor=Actor("tests", ""),
        at=timezone.now(),
        account=world.account("colleague"),
        asked=world.secretary,
        wish=Wish(slot=slot),
    )
    html = sent(
        member, about(world), when="2026-03-09T15:00/15:30", form="面对面", topic="意见建议", words=WORDS
    )
    assert slots.SLOT_TAKEN in html
    assert 'value="2026-03-09T15:30/16:00" checked' in html
    assert said_to(html) == WORDS
    assert TalkRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("when", "words", "says"),
    [
        ("2026-03-05T09:00/09:30", WORDS, slots.SLOT_OVER),
        ("any", "字" * 50_000, "最多可以写2000字，现有50000字，请精简。"),
        ("tomorrow", WORDS, "请选择时间。"),
    ],
)
def test_what_is_refused_keeps_the_words(
    world: World, member: Client, when: str, words: str, says: str
) -> None:
    html = sent(member, about(world), when=when, form="面对面", topic="意见建议", words=words)
    assert says in html
    assert said_to(html) == words
    assert not TalkRequest.objects.exists()


def test_a_leader_who_left_yesterday_is_told_and_the_words_are_kept(world: World, member: Client) -> None:
    world.secretary.posts.update(until=TODAY - timedelta(days=1))
    assert "陆秉川" not in page(member, reverse("request-ask"))
    html = sent(member, about(world), when="any", form="面对面", topic="意见建议", words=WORDS)
    assert requests.NOT_ASKABLE.format(name="陆秉川") in html
    assert said_to(html) == WORDS
    there = member.get(reverse("request-when", args=["P011"]), follow=True).content.decode()
    assert requests.NOT_ASKABLE.format(name="陆秉川") in there


def test_a_second_open_request_is_told_and_the_words_are_kept(world: World, member: Client) -> None:
    ask(world)
    html = sent(member, about(world), when="any", form="面对面", topic="意见建议", words=WORDS)
    assert requests.OPEN_ALREADY.format(name="陆秉川") in html
    assert said_to(html) == WORDS


def test_a_request_that_goes_on_is_told_as_soon_as_the_leader_is_chosen(world: World, member: Client) -> None:
    """Before anything is written: it leads to that request, where more can be added."""
    request = ask(world)
    response = member.get(reverse("request-when", args=["P011"]))
    assert response.headers["Location"] == reverse("request", args=[request.code])
    assert "您约陆秉川同志的申请还没有办完" in page(member, reverse("request", args=[request.code]))
    assert member.get(reverse("request-when", args=["P012"])).status_code == 200


def test_nobody_asks_himself(secretary: Client, world: World) -> None:
    html = secretary.get(reverse("request-when", args=["P011"]), follow=True).content.decode()
    assert "不能向自己申请约谈" in html


def test_script_tags_are_words(world: World, member: Client, secretary: Client) -> None:
    bad = "<script>alert(1)</script>"
    sent(member, about(world), when="any", form="面对面", topic="意见建议", words=bad)
    html = page(secretary, reverse("request", args=[TalkRequest.objects.get().code]))
    assert bad not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


# --- answering --------------------------------------------------------------------------------------------


def test_the_leader_accepts_and_the_talk_is_booked(world: World, member: Client, secretary: Client) -> None:
    request = ask(world)
    assert "梁志强申请约谈" in page(secretary, reverse("requests"))
    html = page(secretary, reverse("request", args=[request.code]))
    assert WORDS in html
    assert "拒绝" not in html
    values = {"day": "2026-03-09", "starts_at": "15:00", "ends_at": "", "place": "会议室"}
    sent(secretary, reverse("request-accept", args=[request.code]), **values)
    talk = Talk.objects.get()
    assert (talk.held_on, talk.starts_at, talk.ends_at) == (date(2026, 3, 9), time(15), time(15, 30))
    html = page(member, reverse("request", args=[request.code]))
    assert "定于3月9日15:00谈" in html
    assert reverse("talk", args=[talk.code]) in html


@pytest.mark.parametrize("step", ["request-accept", "request-propose", "request-hand-over"])
def test_a_second_tap_is_told_how_it_stands(
    world: World, secretary: Client, client_of: ClientOf, step: str
) -> None:
    """What was kept the first time is no missing page the second; who stood in learns nothing of it."""
    request = ask(world)
    talk_at = {"day": "2026-03-09", "starts_at": "15:00"}
    sent(secretary, reverse("request-accept", args=[request.code]), **talk_at)
    address = reverse(step, args=[request.code])
    html = sent(secretary, address, **talk_at)
    assert "这项约谈已经答复过，现在的情况如下。" in html
    assert "3月9日" in html
    assert Talk.objects.count() == 1
    assert client_of(world.account("committee_member")).post(address, talk_at).status_code == 404
    assert client_of(world.account("member")).post(address, talk_at).status_code == 404


def test_an_impossible_time_keeps_what_was_typed(world: World, secretary: Client) -> None:
    request = ask(world)
    values = {"day": "2026-03-21", "starts_at": "15:00", "place": "会议室"}
    html = sent(secretary, reverse("request-accept", args=[request.code]), **values)
    assert "约谈应在2026年3月20日前进行" in html
    assert 'value="2026-03-21"' in html
    assert 'value="会议室"' in html


def test_other_times_are_proposed_and_one_is_picked(world: World, member: Client, secretary: Client) -> None:
    request = ask(world)
    values = {"day1": "2026-03-09", "starts1": "15:00", "day2": "2026-03-10", "starts2": "9:00"}
    sent(secretary, reverse("request-propose", args=[request.code]), **values)
    html = page(member, reverse("request", args=[request.code]))
    assert "陆秉川同志另约的时间，请选一个" in html
    chosen = re.findall(r'name="proposal" value="(\d+)"', html)[1]
    sent(member, reverse("request-pick", args=[request.code]), proposal=chosen)
    assert Talk.objects.get().held_on == date(2026, 3, 10)


def test_none_of_the_times_will_do(world: World, member: Client, secretary: Client) -> None:
    """Another wish is chosen, not written: whoever answers for the leader would read it."""
    request = ask(world)
    sent(secretary, reverse("request-propose", args=[request.code]), day1="2026-03-09", starts1="15:00")
    address = reverse("request-again", args=[request.code])
    assert "请选择时间。" in sent(member, address, time="体检以后")
    request.refresh_from_db()
    assert request.state == "另约"
    sent(member, address, time="下班后或周末")
    request.refresh_from_db()
    assert (request.state, request.wished_time) == ("待答复", "下班后或周末")


def test_a_time_asked_for_that_is_over_leads_to_other_times(world: World, secretary: Client) -> None:
    """There is nothing to change in the form, and no way to leave it unanswered."""
    request = ask(world)
    TalkRequest.objects.update(
        slot_on=date(2026, 3, 5), slot_starts_at=time(9, 30), slot_ends_at=time(9, 55), sent_at=timezone.now()
    )
    html = sent(secretary, reverse("request-accept", args=[request.code]), place="会议室")
    assert f"没有接受：{slots.SLOT_OVER}" in html
    assert "给梁志强同志另约时间" in html


@pytest.mark.parametrize(
    ("values", "says", "kept"),
    [
        ({"starts1": "15:00"}, "请填写日期。", "15:00"),
        ({"day1": "2026-03-09", "starts1": "25:00"}, "请填写0:00至23:59之间的时间，例如15:00。", "25:00"),
        ({"day1": "2026-03-04", "starts1": "15:00"}, slots.SLOT_OVER, "2026-03-04"),
        ({"day1": "2026-03-09", "starts1": "15:00", "day2": "2026-03-10"}, "请填写开始时间。", "2026-03-10"),
    ],
)
def test_bad_times_are_told_and_stay(
    world: World, secretary: Client, values: dict[str, str], says: str, kept: str
) -> None:
    request = ask(world)
    html = sent(secretary, reverse("request-propose", args=[request.code]), **values)
    assert says in html
    assert f'value="{kept}"' in html
    request.refresh_from_db()
    assert request.state == "待答复"


def test_a_reason_too_long_for_handing_over_stays(world: World, secretary: Client) -> None:
    request = ask(world)
    long = "分" * 501
    html = sent(secretary, reverse("request-hand-over", args=[request.code]), colleague="P012", reason=long)
    assert "最多可以写500字，现有501字，请精简。" in html
    assert said_to(html) == long


def test_it_is_handed_over_without_the_words(
    world: World, member: Client, secretary: Client, client_of: ClientOf
) -> None:
    request = ask(world)
    values = {"colleague": "P012", "reason": "分工由组织委员负责"}
    sent(secretary, reverse("request-hand-over", args=[request.code]), **values)
    html = page(member, reverse("request", args=[request.code]))
    assert "分工由组织委员负责" in html
    found = re.search(r'name="offer" value="(\d+)"', html)
    assert found
    sent(member, reverse("request-consent", args=[request.code]), agrees="yes", offer=found[1])
    moved = TalkRequest.objects.get(asked=world.committee_member)
    other = client_of(world.account("committee_member"))
    assert WORDS not in page(other, reverse("request", args=[moved.code]))
    assert other.get(reverse("request", args=[request.code])).status_code == 404


def test_a_deputy_answers_without_reading(world: World, secretary: Client, client_of: ClientOf) -> None:
    request = ask(world)
    values = {"which": "deputy", "deputy": "P012", "since": "2026-03-05", "last": "2026-03-09"}
    sent(secretary, reverse("request-hours"), **values)
    other = client_of(world.account("committee_member"))
    html = page(other, reverse("request", args=[request.code]))
    assert "您代为答复，不查看事由" in html
    assert WORDS not in html
    values = {"day": "2026-03-10", "starts_at": "15:00", "place": ""}
    sent(other, reverse("request-accept", args=[request.code]), **values)
    assert set(Talk.objects.get().participants.values_list("member__code", flat=True)) == {"P011", "P013"}


def test_hours_are_published_and_taken_away(world: World, secretary: Client) -> None:
    address = reverse("request-hours")
    html = sent(
        secretary, address, which="hours", weekday="1", starts_at="15:00", ends_at="14:00", minutes="30"
    )
    assert "结束时间应晚于开始时间" in html
    assert 'value="15:00"' in html
    sent(secretary, address, which="hours", weekday="1", starts_at="15:00", ends_at="16:00", minutes="30")
    sent(secretary, address, which="exception", day="2026-03-09", starts_at="", ends_at="")
    html = page(secretary, address)
    assert "星期一　15:00至16:00" in html
    assert 'aria-label="删除星期一15:00的时间"' in html
    hours = OfficeHours.objects.get()
    sent(secretary, reverse("request-hours-remove", args=[hours.pk]))
    assert not OfficeHours.objects.exists()


def test_free_times_are_filled_in_for_the_leader(world: World, secretary: Client) -> None:
    OfficeHours.objects.create(member=world.secretary, weekday=1, starts_at=time(15), ends_at=time(16))
    request = ask(world)
    html = page(secretary, reverse("request-propose", args=[request.code]))
    filled = re.findall(r'value="(2026-03-\d\d|\d\d:\d\d)"', html)
    assert filled == ["2026-03-09", "15:00", "2026-03-09", "15:30", "2026-03-16", "15:00"]
    html = page(secretary, reverse("request-accept", args=[request.code]))
    assert re.findall(r'value="(2026-03-\d\d|\d\d:\d\d)"', html) == ["2026-03-09", "15:00", "15:30"]


def test_what_has_waited_longest_comes_first(world: World, secretary: Client) -> None:
    ask(world, "colleague")
    with time_machine.travel("2026-03-02 10:00+08:00", tick=False):
        ask(world)
    html = page(secretary, reverse("requests"))
    assert html.index("梁志强申请约谈") < html.index("吴桂兰申请约谈")


# --- numbers ----------------------------------------------------------------------------------------------


def figures(client: Client) -> list[str]:
    html = page(client, reverse("request-figures"))
    return re.findall(r'data-name="[^"]+">(\d+)<', html)


def test_numbers_are_shown_above_and_to_the_inspector_and_nothing_else(
    world: World, client_of: ClientOf
) -> None:
    with time_machine.travel("2026-02-02 10:00+08:00", tick=False):
        ask(world)
        accepted = ask(world, "colleague")
    with time_machine.travel("2026-02-10 10:00+08:00", tick=False):  # due on the 5th
        answers.propose_times(
            actor=Actor("tests", ""),
            at=timezone.now(),
            request=accepted,
            slots=[Slot(date(2026, 2, 16), time(9), time(9, 30))],
        )
    for role in ("chief", "inspector", "staff", "secretary"):
        client = client_of(world.account(role))
        html = page(client, reverse("request-figures"))
        assert "梁志强" not in html
        # 申请 待答复 逾期未答复 逾期答复 已谈 超期谈 超期未谈 转交 撤回
        assert figures(client) == ["2", "1", "1", "1", "0", "0", "2", "0", "0"]
    assert figures(client_of(world.account("stranger"))) == []


def test_the_lists_cost_the_same_with_many(world: World, secretary: Client) -> None:
    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as found:
            page(secretary, reverse(name))
        return len(found)

    def more(number: int) -> None:
        for _ in range(number):
            person = factories.a_member("新人", world.branch)
            factories.a_request(
                person, world.secretary, code=person.code, organisation=world.branch, asked_on=TODAY
            )

    more(3)
    few = cost("requests"), cost("request-figures"), cost("notices"), cost("request-ask")
    more(27)
    assert (cost("requests"), cost("request-figures"), cost("notices"), cost("request-ask")) == few
