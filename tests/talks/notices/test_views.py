"""提醒 and 提醒设置: what their reader sees, ticks off and chooses."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from members.models import Account
from talks.models import Chase, Delivery, Duty, Notice, NoticePreference
from talks.rules.webhooks import NOT_ALLOWED
from talks.services.chasing import chase_due
from tests import factories
from tests.conftest import World
from tests.talks.notices.sweeps import at, sweep
from vault.models import TrailEntry

ClientOf = Callable[[Account], Client]
ROBOT = "https://weixin.example.com/cgi-bin/webhook/send?key=token-of-the-robot"


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def family(world: World, today: date) -> Duty:
    """Something befell the member 40 days ago: 支委, 书记 and 党委书记 have been told, of nothing else."""
    factories.an_event(world.member, "家庭变故", happened_on=today - timedelta(days=40))
    sweep(today)
    Notice.objects.exclude(duty__is_event=True).delete()
    return Duty.objects.get(rule="four.family")


def page(client: Client, query: str = "") -> str:
    """The list."""
    return client.get(reverse("notices") + query).content.decode()


def rows(html: str) -> list[tuple[bool, str, str]]:
    """Whether it is unread, the sentence and the line below it."""
    found = re.findall(
        r"<tr( class=\"is-unread\")?>\s*<th scope=\"row\">(.*?)<small>(.*?)</small>", html, re.S
    )
    return [(bool(unread), re.sub("<[^>]*>", "", told), reason) for unread, told, reason in found]


def bar(html: str) -> str:
    """What the bar of every page says of notices."""
    text = re.search(r'<a class="btn-quiet" href="/notices/">(.*?)</a>', html, re.S)
    assert text
    return re.sub("<[^>]*>", "", text[1])


def test_who_is_told_by_name_and_who_is_not(
    world: World, client_of: ClientOf, family: Duty, today: date
) -> None:
    days = (today - family.due_on).days
    named = f"未读：与梁志强同志的谈话已逾期{days}天"
    for role in ("committee_member", "secretary"):
        html = page(client_of(world.account(role)))
        assert [(unread, told) for unread, told, _ in rows(html)] == [(True, named)]
        assert rows(html)[0][2].endswith("合川分局党支部")
        assert reverse("duty", args=[family.pk]) in html
    html = page(client_of(world.account("chief")))
    assert [told for _, told, _ in rows(html)] == ["未读：事件类必谈"]
    main = html.partition("<main")[2]
    for secret in ("梁志强", "家庭变故", "合川", f"{days}天", reverse("duty", args=[family.pk])):
        assert secret not in main
    for role in ("member", "colleague", "deputy", "staff", "inspector", "stranger"):
        html = page(client_of(world.account(role)))
        assert (rows(html), bar(html)) == ([], "提醒")


def test_the_place_of_a_masked_one_does_not_tell_its_day(
    world: World, client_of: ClientOf, family: Duty, today: date
) -> None:
    """The 党委书记 is told of it today, of another talk three days ago: it stands below all the same."""
    other = world.branch.duties.filter(rule="year.committee-member", met_on=None, withdrawn_on=None).first()
    Notice.objects.create(duty=other, step=7, member=world.chief, noticed_on=today - timedelta(days=3))
    assert [told for _, told, _ in rows(page(client_of(world.account("chief"))))][1:] == ["未读：事件类必谈"]


def test_of_one_day_what_is_longest_overdue_comes_first(
    world: World, client_of: ClientOf, family: Duty, today: date
) -> None:
    """The yearly talk is due on the last day of the year; both were noticed on one day, the event's first."""
    yearly = world.branch.duties.filter(rule="year.committee-member", year=today.year, met_on=None)[0]
    Notice.objects.all().delete()
    for duty, step in ((family, 3), (yearly, -7)):
        Notice.objects.create(duty=duty, step=step, member=world.committee_member, noticed_on=today)
    told = rows(page(client_of(world.account("committee_member"))))
    assert ["已逾期" in sentence for _, sentence, _ in told] == [True, False]


def test_one_is_ticked_off(world: World, client_of: ClientOf, family: Duty) -> None:
    """With it those of the same duty before it; the bar of any page counts what is left."""
    client = client_of(world.account("committee_member"))
    other = world.branch.duties.filter(rule="year.committee-member", met_on=None, withdrawn_on=None).first()
    for duty, step in ((family, 3), (other, -1)):
        Notice.objects.create(duty=duty, step=step, member=world.committee_member, noticed_on=family.due_on)
    assert bar(client.get(reverse("workbench")).content.decode()) == "提醒 2项未读"
    assert len(rows(page(client))) == 2
    newest = Notice.objects.of(world.account("committee_member")).newest().get(duty=family)
    answer = client.post(
        reverse("notice-read", args=[newest.pk]), {"next": reverse("notices") + "?show=unread"}
    )
    assert answer.headers["Location"] == reverse("notices") + "?show=unread"
    assert bar(client.get(reverse("workbench")).content.decode()) == "提醒 1项未读"
    assert [unread for unread, _, _ in rows(page(client))] == [True, False]
    assert len(rows(page(client, "?show=unread"))) == 1
    assert len(rows(page(client, "?show=read"))) == 1


def test_all_are_ticked_off_and_only_ones_own(world: World, client_of: ClientOf, family: Duty) -> None:
    client = client_of(world.account("committee_member"))
    html = client.post(reverse("notices-read"), follow=True).content.decode()
    assert "提醒已全部标为已读。" in html
    assert "没有未读的提醒" in html
    assert bar(html) == "提醒"
    assert "提醒 1项未读" in bar(page(client_of(world.account("secretary"))))


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com", "duty", ""])
def test_what_sends_elsewhere_is_not_followed(
    world: World, client_of: ClientOf, family: Duty, target: str
) -> None:
    newest = Notice.objects.of(world.account("secretary")).newest().get(duty=family)
    answer = client_of(world.account("secretary")).post(
        reverse("notice-read", args=[newest.pk]), {"next": target}
    )
    assert answer.headers["Location"] == reverse("notices")


@pytest.mark.parametrize(
    ("ended", "told"),
    [("met_on", "与梁志强同志的谈话已完成"), ("waived_on", "与梁志强同志的谈话已免予")],
)
def test_what_has_ended_is_not_unread(
    world: World, client_of: ClientOf, family: Duty, today: date, ended: str, told: str
) -> None:
    Duty.objects.filter(pk=family.pk).update(**{ended: today})
    html = page(client_of(world.account("committee_member")))
    assert [row[:2] for row in rows(html)] == [(False, told)]
    assert bar(html) == "提醒"


def test_who_has_left_his_post_reads_only_that(world: World, client_of: ClientOf, family: Duty) -> None:
    world.secretary.posts.update(until=timezone.localdate())
    html = page(client_of(world.account("secretary")))
    assert [told for _, told, _ in rows(html)] == ["未读：一项已不由您办理的应谈事项"]
    assert "梁志强" not in html.partition("<main")[2]


def test_an_empty_list_says_what_will_come(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("stranger"))
    assert "还没有提醒" in page(client)
    assert "没有未读的提醒" in page(client, "?show=unread")
    # What is not one of the choices shows all.
    assert "还没有提醒" in page(client, "?show=everything&page=99")


def test_three_notices_and_thirty_cost_the_same(world: World, client_of: ClientOf, today: date) -> None:
    client = client_of(world.account("secretary"))
    counts = []
    for number in (3, 20):
        for _ in range(number):
            member = factories.a_member("周平", world.branch)
            factories.an_event(member, "苗头性问题", happened_on=today - timedelta(days=30))
            factories.an_event(member, "家庭变故", happened_on=today - timedelta(days=30))
        factories.keep_duties(today)
        Chase.objects.update(day=None)
        chase_due(today=today, at=at(today))
        page(client)
        with CaptureQueriesContext(connection) as queries:
            assert len(rows(page(client))) >= min(25, 2 * number)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- 提醒设置 --------------------------------------------------------------------------------------------


def save(client: Client, **given: str) -> str:
    """Fills in the form; the page that follows."""
    values = {"email": "", "at_once": "", "hour": "8", **given}
    answer = client.post(reverse("notice-preference"), values, follow=True)
    return unescape(answer.content.decode())


def test_somebody_chooses(world: World, client_of: ClientOf, settings: Settings) -> None:
    settings.WEBHOOK_HOSTS = ["weixin.example.com"]
    account = world.account("secretary")
    client = client_of(account)
    html = save(client, email="lu@example.com", at_once="1", hour="17", webhook=ROBOT)
    assert "已保存提醒设置。" in html
    account.refresh_from_db()
    preference = NoticePreference.objects.get(pk=account.pk)
    assert (account.email, preference.at_once, preference.hour) == ("lu@example.com", True, 17)
    assert preference.webhook == ROBOT
    # The token lies sealed, is not shown again, and is not in the trail.
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhook FROM talks_noticepreference")
        assert b"token-of-the-robot" not in bytes(cursor.fetchone()[0])
    assert "token-of-the-robot" not in html
    entry = TrailEntry.objects.order_by("-pk").filter(target_kind="提醒设置").first()
    assert entry
    assert json.loads(entry.detail) == {"字段": ["电子邮箱", "随时发送", "汇总时间", "机器人地址"]}

    # Left empty it stays; ticked off it goes.
    save(client, email="lu@example.com", hour="9")
    assert NoticePreference.objects.get(pk=account.pk).webhook == ROBOT
    save(client, email="lu@example.com", hour="9", without_webhook="on")
    assert NoticePreference.objects.get(pk=account.pk).webhook == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"email": "lu@"}, "请填写完整的邮箱地址，例如 name@example.com。"),
        # Line breaks within the quotation marks, and a name too long for the domain name system.
        ({"email": '"\x0bBcc:a"@b.com'}, "请填写完整的邮箱地址，例如 name@example.com。"),
        ({"email": f"lu@{'ö' * 60}.com"}, "请填写完整的邮箱地址，例如 name@example.com。"),
        ({"webhook": "https://evil.example.com/a"}, NOT_ALLOWED.format(host="evil.example.com")),
        ({"hour": "24"}, "汇总时间"),
        ({"hour": ""}, "汇总时间"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(
    world: World, client_of: ClientOf, settings: Settings, given: dict[str, str], told: str
) -> None:
    settings.WEBHOOK_HOSTS = ["weixin.example.com"]
    client = client_of(world.account("secretary"))
    html = save(client, **{"email": "lu@example.com", "webhook": ROBOT, **given})
    assert told in html
    assert "提醒设置没有保存，您填写的内容都还在" in html
    assert f'value="{given.get("email", "lu@example.com")}"' in html
    assert not NoticePreference.objects.exists()


def test_without_allowed_hosts_there_are_no_robots(world: World, client_of: ClientOf) -> None:
    html = save(client_of(world.account("secretary")), webhook=ROBOT, hour="9")
    assert "机器人地址" not in html
    assert NoticePreference.objects.get().webhook == ""


def test_what_became_of_the_messages_is_told_to_their_addressee(
    world: World, client_of: ClientOf, today: date
) -> None:
    account = world.account("secretary")
    for number, state in enumerate(("sent", "failed")):
        Delivery.objects.create(
            account=account, channel="mail", state=state, due_at=at(today - timedelta(days=2 - number), 8)
        )
    html = client_of(account).get(reverse("notice-preference")).content.decode()
    found = re.findall(r"<li><span>邮件.*?</span><span>(.*?)</span></li>", html, re.S)
    assert found == ["没有发出", "已发送"]
    assert "的邮件没有发出，系统不会重发" in page(client_of(account))
    assert "没有发出" not in page(client_of(world.account("chief")))
    # The next one that arrives ends the hint.
    Delivery.objects.create(account=account, channel="mail", state="sent", due_at=at(today, 8))
    assert "没有发出" not in page(client_of(account))
