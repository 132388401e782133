"""应谈清单: rows, filters that stay in the address, what is masked, and why something is owed."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from members.services.people import transfer_member
from talks.models import Duty
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World
from vault.services import Actor

ClientOf = Callable[[Account], Client]


def page(client: Client, query: str = "") -> str:
    """The list."""
    response = client.get(reverse("duties") + query)
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> list[str]:
    """Whom the rows are about."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', html)


def handles(html: str) -> list[str]:
    """The addresses of the duties on the page."""
    return re.findall(r'href="/duties/([0-9]+)/" hx-get', html)


def count_of(html: str, tone: str) -> int:
    """The number on the toggle of a state."""
    found = re.search(rf'for="st-{tone}".*?<span>(\d+)</span>', html)
    assert found
    return int(found[1])


@pytest.fixture
def family(world: World) -> str:
    """Two weeks ago something befell the member: the duty is overdue. The code of the event."""
    return factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14)).code


def test_the_most_urgent_is_seen_first(world: World, client_of: ClientOf, family: str) -> None:
    html = page(client_of(world.account("secretary")))
    assert rows(html)[0] == "梁志强"
    assert "四个必谈③" in html.partition("<tbody>")[2].partition("</tr>")[0]


@pytest.mark.parametrize("role", ["member", "colleague", "head", "inspector", "staff", "chief", "deputy"])
def test_nobody_else_finds_the_event_duty(world: World, client_of: ClientOf, family: str, role: str) -> None:
    client = client_of(world.account(role))
    for query in ("", "?who=梁志强", "?state=overdue", "?rule=four.family", "?who=lzq&state=overdue"):
        html = page(client, query)
        assert "家庭变故" not in html
        assert "four.family" not in html
        assert family not in html
        assert count_of(html, "overdue") == 0


def test_it_is_masked_for_those_who_answer_for_the_branch(
    world: World, client_of: ClientOf, family: str
) -> None:
    for member in (world.colleague, world.head):
        factories.an_event(member, happened_on=timezone.localdate() - timedelta(days=14))
    for role in ("inspector", "staff", "chief"):
        client = client_of(world.account(role))
        assert "另有事件类必谈3项，" in page(client)
        assert "另有事件类必谈3项（已谈0项，逾期3项），" in page(client, "?organisation=HC")
    for role in ("secretary", "member"):
        assert "另有事件类必谈" not in page(client_of(world.account(role)))


def test_fewer_than_three_are_not_counted_out(world: World, client_of: ClientOf, family: str) -> None:
    for query in ("", "?organisation=HC"):
        assert "另有事件类必谈不足3项，" in page(client_of(world.account("inspector")), query)


def test_a_principal_is_not_told_in_a_sum_about_himself(world: World, client_of: ClientOf) -> None:
    factories.an_event(world.secretary, "苗头性问题", happened_on=timezone.localdate())
    assert "另有事件类必谈" not in page(client_of(world.account("secretary")))
    assert "另有事件类必谈不足3项，" in page(client_of(world.account("staff")))


def test_an_address_tells_nothing_of_the_duty(world: World, client_of: ClientOf, family: str) -> None:
    found = handles(page(client_of(world.account("secretary"))))
    assert len(found) == len(set(found)) > 1
    assert all(re.fullmatch(r"[0-9]+", handle) for handle in found)


@pytest.mark.parametrize("typed", ["梁志强", "梁", "liangzhi", "lzq", "P013"])
def test_a_person_is_found_by_name_pinyin_and_number(world: World, client_of: ClientOf, typed: str) -> None:
    html = page(client_of(world.account("secretary")), f"?who={typed}")
    assert set(rows(html)) == {"梁志强"}
    assert f'value="{typed}"' in html


def test_who_is_shown_only_some_of_a_name_is_told(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who believes that he sees all whom he searched would forget the others."""
    factories.a_member("梁甲", world.branch)
    factories.keep_duties(timezone.localdate())
    monkeypatch.setattr("talks.permissions.duties.MOST_COUNTED", 0)
    client = client_of(world.account("staff"))
    told = "这里只列出其中1人的应谈事项"
    assert told not in page(client, "?who=梁")
    monkeypatch.setattr("talks.figures.many.MOST_PERSONS", 1)
    html = page(client, "?who=梁")
    assert told in html
    assert len(set(rows(html))) == 1
    assert told not in page(client, "?who=梁志强")


def test_filters_go_together_and_stay_on_the_next_page(world: World, client_of: ClientOf) -> None:
    for number in range(30):
        factories.a_member(f"周{number}", world.branch)
    query = "?state=pending&rule=year.committee-member&organisation=HC"
    html = page(client_of(world.account("secretary")), query)
    # 30 new ones, the member, the colleague, and the head of the office, who is no 支委.
    assert "共33项，每页25项" in html
    assert len(rows(html)) == 25
    following = re.search(r'href="(\?[^"]+page=2)"', html)
    assert following
    html = page(client_of(world.account("secretary")), following[1].replace("&amp;", "&"))
    assert len(rows(html)) == 8
    assert 'value="pending" id="st-pending" checked' in html
    assert '<option value="year.committee-member" selected>' in html


def test_a_family_of_rules_is_one_choice(world: World, client_of: ClientOf, family: str) -> None:
    client = client_of(world.account("secretary"))
    factories.a_meeting(world.branch, meeting_on=timezone.localdate() + timedelta(days=4))
    html = page(client, "?rule=year.*")
    # A pair of 支委, three ordinary members each with a 支委 and with one another.
    assert len(rows(html)) == 7
    assert '<option value="year.*" selected>每年至少一次（全部）</option>' in html
    assert rows(page(client, "?rule=four.*")) == ["梁志强"]
    assert rows(page(client, "?rule=life.committee-committee")) == ["陆秉川、沈若楠"]
    # Whoever may not know of the event is not told by a choice either, and what is no choice is left out.
    other = client_of(world.account("head"))
    html = page(other)
    assert "four" not in html
    assert rows(page(other, "?rule=four.*")) == rows(html)


def test_a_rule_of_ones_own_is_in_a_family_of_its_own(world: World, client_of: ClientOf) -> None:
    factories.a_rule(world.branch, "hc.duty", title="防汛值守")
    client = client_of(world.account("secretary"))
    html = page(client, "?rule=others.*")
    assert set(re.findall(r"<td>(防汛值守|每年[^<]*)<", html)) == {"防汛值守"}
    assert '<optgroup label="本组织自定规则">' in html
    assert "防汛值守" not in re.findall(r"<td>([^<]*)<", page(client, "?rule=year.*"))


@pytest.mark.parametrize(
    ("due", "days"),
    [("past", [-1]), ("week", [0, 7]), ("month", [8, 30]), ("later", [31])],
)
def test_what_is_due_when(world: World, client_of: ClientOf, due: str, days: list[int]) -> None:
    today = timezone.localdate()
    client = client_of(world.account("secretary"))
    page(client)
    found = list(Duty.objects.filter(organisation=world.branch, year=today.year).order_by("pk")[:6])
    Duty.objects.exclude(pk__in=[duty.pk for duty in found]).delete()
    for duty, number in zip(found, (-1, 0, 7, 8, 30, 31), strict=True):
        Duty.objects.filter(pk=duty.pk).update(due_on=today + timedelta(days=number))
    html = page(client, f"?due={due}")
    assert sorted(int(pk) for pk in handles(html)) == sorted(
        duty.pk for duty, number in zip(found, (-1, 0, 7, 8, 30, 31), strict=True) if number in days
    )


def test_the_filter_is_kept_for_the_next_visit_and_there_is_a_way_back(
    world: World, client_of: ClientOf, family: str
) -> None:
    client = client_of(world.account("secretary"))
    everything = rows(page(client))
    # What a link of another page names is not kept.
    page(client, "?state=overdue&mine=on")
    assert rows(page(client)) == everything
    chosen = page(client, "?kept=on&who=lzq&rule=&state=overdue&page=1")
    assert rows(chosen) == ["梁志强"]
    assert "已沿用您上次的筛选条件" not in chosen
    response = client.get(reverse("duties"))
    assert response.headers["Location"] == "/duties/?kept=last&who=lzq&state=overdue"
    again = page(client, "?" + response.headers["Location"].partition("?")[2])
    assert rows(again) == ["梁志强"]
    assert '<a href="/duties/?kept=on">显示全部</a>' in again
    assert 'value="lzq"' in again
    # The way back: all, and on the next visit all again.
    assert rows(page(client, "?kept=on")) == everything
    assert rows(page(client)) == everything
    # Of another account nothing is kept.
    page(client, "?kept=on&who=lzq")
    assert client_of(world.account("committee_member")).get(reverse("duties")).status_code == 200


def test_no_filter_tells_of_an_event_duty(world: World, client_of: ClientOf, family: str) -> None:
    """The sum does not change with what is searched, so that no search tells of whom it is made up."""
    for member in (world.colleague, world.head):
        factories.an_event(member, happened_on=timezone.localdate() - timedelta(days=14))
    client = client_of(world.account("inspector"))
    for query in ("?who=lzq", "?due=past", "?rule=others.*", "?state=overdue", "?kept=on&who=吴桂兰"):
        html = page(client, query)
        assert "另有事件类必谈3项，" in html, query
        assert count_of(html, "overdue") == 0
        assert "家庭变故" not in html


def test_only_mine(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("committee_member"))
    everything, mine = page(client), page(client, "?mine=on")
    assert "每年至少一次　支委和党员之间" in mine
    assert "每年至少一次　党员和党员之间" not in mine
    assert len(rows(mine)) <= len(rows(everything))
    # For the 书记 all of his branch is his to see to.
    secretary = client_of(world.account("secretary"))
    assert rows(page(secretary)) == rows(page(secretary, "?mine=on"))


def test_a_filter_that_cannot_be_read_is_left_out(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("secretary"))
    for query in ("?state=nonsense", "?year=abc", "?organisation=YJ", "?page=zero", "?rule=four.family"):
        assert rows(page(client, query)) == rows(page(client))


def test_last_year_is_another_list(world: World, client_of: ClientOf) -> None:
    last = timezone.localdate().year - 1
    html = page(client_of(world.account("secretary")), f"?year={last}")
    # Nobody was talked to: what the year owed is overdue since its last day.
    assert count_of(html, "overdue") == len(rows(html)) > 0
    assert f"{last}年12月31日" in html


def test_a_row_offers_what_the_account_may_do(world: World, client_of: ClientOf) -> None:
    assert "talks/book/?duty=" in page(client_of(world.account("secretary")))
    assert "talks/book/?duty=" not in page(client_of(world.account("inspector")))


def test_what_is_booked_is_not_offered_again(world: World, client_of: ClientOf, family: str) -> None:
    client = client_of(world.account("secretary"))
    factories.a_talk([world.secretary], [world.member], held_on=timezone.localdate(), state=TalkState.PLANNED)
    html = page(client, "?state=overdue")
    assert rows(html) == ["梁志强"]
    assert "已预约" in html
    assert "talks/book/?duty=" not in html


# --- why -------------------------------------------------------------------------------------------------


def test_why_it_is_owed(world: World, client_of: ClientOf, family: str) -> None:
    client = client_of(world.account("secretary"))
    handle = handles(page(client, "?state=overdue"))[0]
    for headers in ({}, {"HX-Request": "true"}):
        response = client.get(reverse("duty", args=[handle]), headers=headers)
        html = response.content.decode()
        assert ("<html" in html) is not bool(headers)
        for told in ("知悉：家庭变故", "四个必谈③", "2019年1月1日起", "陆秉川、沈若楠", "一对一", "逾期完成"):
            assert told in html
        assert family not in html


def test_what_almost_met_it_is_told_where_one_may_see_that_talk(
    world: World, client_of: ClientOf, family: str
) -> None:
    held_on = timezone.localdate() - timedelta(days=13)
    factories.a_talk([world.committee_member], [world.member, world.colleague], held_on=held_on)
    factories.a_talk([world.secretary], [world.member, world.colleague], held_on=held_on)
    handle = handles(page(client_of(world.account("secretary")), "?state=overdue"))[0]

    def told(role: str) -> int:
        response = client_of(world.account(role)).get(reverse("duty", args=[handle]))
        return response.content.decode().count("一对多，不计入一对一")

    assert (told("secretary"), told("committee_member")) == (2, 1)


def test_a_handle_of_another_is_not_found(world: World, client_of: ClientOf, family: str) -> None:
    handle = handles(page(client_of(world.account("secretary")), "?state=overdue"))[0]
    for role in ("member", "inspector", "staff", "chief", "stranger", "other_secretary"):
        assert client_of(world.account(role)).get(reverse("duty", args=[handle])).status_code == 404


# --- queries ---------------------------------------------------------------------------------------------


def queries(client: Client, address: str) -> int:
    """How many queries the page costs, once what it shows is reconciled."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("role", ["secretary", "inspector", "member"])
def test_three_members_and_thirty_cost_the_same(world: World, client_of: ClientOf, role: str) -> None:
    client = client_of(world.account(role))
    few = queries(client, reverse("duties"))
    for number in range(30):
        member = factories.a_member(f"周{number}", world.branch)
        factories.an_event(member, happened_on=date(timezone.localdate().year, 1, 5))
        factories.a_liaison(world.committee_member, member)
        factories.a_talk([world.secretary], [member], held_on=timezone.localdate())
    assert queries(client, reverse("duties")) == few


@pytest.mark.parametrize("query", ["?kept=on&rule=year.*&organisation=HC", "?mine=on&state=pending"])
def test_three_rows_and_three_hundred_cost_the_same(world: World, client_of: ClientOf, query: str) -> None:
    client = client_of(world.account("secretary"))
    few = queries(client, reverse("duties") + query)
    for number in range(150):
        factories.a_member(f"周{number}", world.branch)
    assert queries(client, reverse("duties") + query) == few
    this_year = Duty.objects.filter(year=timezone.localdate().year)
    assert this_year.filter(subject__name__startswith="周").count() == 300


def test_what_is_withdrawn_says_why(world: World, client_of: ClientOf) -> None:
    """It is not among the others; its own filter shows it, and its page tells the reason."""
    client = client_of(world.account("secretary"))
    page(client)
    transfer_member(
        actor=Actor("tests", ""),
        at=timezone.now(),
        member=world.member,
        organisation=world.other_branch,
        on=timezone.localdate(),
    )
    assert "梁志强" not in rows(page(client))
    html = page(client, "?state=withdrawn")
    assert set(rows(html)) == {"梁志强"}
    assert count_of(html, "withdrawn") == 2
    told = client.get(reverse("duty", args=[handles(html)[0]])).content.decode()
    assert "梁志强同志的组织关系不在本党组织" in told
    assert "预约谈话" not in told.partition("<h1>")[2]
