"""Pages of the 整改台账: what each reader sees, progress, the ledger, 销号, reminders."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account
from talks.models import Notice, Remedy, Settlement, Talk
from talks.services import remedies as services
from talks.services.chasing import chase_due
from tests import factories
from tests.conftest import World
from tests.talks.test_remedies import ACTOR, RELEASED, TEXT, a_remedy, ask, release
from vault.models import TrailEntry

Browser = Callable[[Account], Client]


@pytest.fixture
def on_the_day() -> Iterator[None]:
    """Tuesday, 10 March 2026."""
    with time_machine.travel("2026-03-10T09:00:00+08:00", tick=False):
        yield


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


def page(client: Client, remedy: Remedy) -> str:
    return client.get(reverse("remedy", args=[remedy.pk])).content.decode()


def test_each_reader_sees_what_he_may(world: World, client_of: Browser) -> None:
    remedy = release(a_remedy(world), world.committee_member)
    services.note_progress(
        actor=ACTOR,
        at=datetime(2026, 3, 9, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        remedy=remedy,
        noted_by=world.member,
        noted_on=date(2026, 3, 9),
        text="检查了一次。",
    )
    originals = page(client_of(world.account("committee_member")), remedy)
    assert TEXT in originals
    assert "检查了一次。" in originals
    superior = page(client_of(world.account("chief")), remedy)
    assert RELEASED in superior
    assert TEXT not in superior
    assert "检查了一次。" not in superior
    assert "2026年3月9日" in superior
    staff = page(client_of(world.account("staff")), remedy)
    for text in (TEXT, RELEASED, "检查了一次。", remedy.talk.code):
        assert text not in staff
    assert "内容不在此显示" in staff
    # Whoever reads leaves an entry; who is shown nothing leaves none.
    assert set(TrailEntry.objects.filter(action="查看整改措施").values_list("account", flat=True)) == {
        "committee_member",
        "chief",
    }


def test_the_list_is_filtered_and_the_filter_stays(world: World, client_of: Browser) -> None:
    a_remedy(world, due_on=date(2026, 3, 8))
    a_remedy(world, owner=world.colleague, due_on=date(2026, 6, 30))
    client = client_of(world.account("committee_member"))
    text = client.get("/remedies/").content.decode()
    assert "2项尚未销号，其中1项逾期" in text
    assert text.index("逾期2天") < text.index("整改中</span>")
    only = client.get("/remedies/?state=overdue&who=lzq").content.decode()
    assert "逾期2天" in only
    assert "吴桂兰" not in only
    assert "没有符合筛选条件" in client.get("/remedies/?scope=mine").content.decode()
    assert client.get("/remedies/?state=x&organisation=y&page=z").status_code == 200


def test_progress_is_typed_and_a_refusal_keeps_it(world: World, client_of: Browser) -> None:
    remedy = a_remedy(world)
    client = client_of(world.account("member"))
    address = reverse("remedy", args=[remedy.pk])
    text = client.post(address, {"text": "检查了一次。", "noted_on": "2026-03-11"}).content.decode()
    assert services.AHEAD in text
    assert "检查了一次。" in text
    client.post(address, {"text": "检查了一次。", "noted_on": "2026-03-10"})
    assert remedy.progress.get().text == "检查了一次。"
    # The 书记 reads, and does not write.
    secretary = client_of(world.account("secretary"))
    secretary.post(address, {"text": "x", "noted_on": "2026-03-10"})
    assert remedy.progress.count() == 1


def test_from_the_ledger_to_its_settlement(world: World, client_of: Browser) -> None:
    remedy = a_remedy(world)
    talker, owner = client_of(world.account("committee_member")), client_of(world.account("member"))
    secretary = client_of(world.account("secretary"))
    there = reverse("remedy-release", args=[remedy.pk])
    assert services.NOT_REWORDED in talker.post(there, {"text": TEXT}).content.decode()
    talker.post(there, {"text": RELEASED})
    there = reverse("remedy-settle", args=[remedy.pk])
    assert "请填写完成情况" in owner.post(there, {"result": ""}).content.decode()
    owner.post(there, {"result": "已检查三次。"})
    settlement = Settlement.objects.get()
    assert "已检查三次。" in page(secretary, remedy)
    back = reverse("settlement-return", args=[settlement.pk])
    assert "请填写退回理由" in secretary.post(back, {"reason": " "}).content.decode()
    secretary.post(back, {"reason": "请补充记录。"})
    assert "退回理由：请补充记录。" in page(owner, remedy)
    owner.post(there, {"result": "记录附后。"})
    again = Settlement.objects.get(number=2)
    secretary.post(reverse("settlement-approve", args=[again.pk]))
    late = client_of(world.account("chief")).post(reverse("settlement-approve", args=[again.pk]), follow=True)
    assert services.TOO_LATE in late.content.decode()
    remedy.refresh_from_db()
    assert remedy.settled_on == date(2026, 3, 10)
    assert "已销号" in page(owner, remedy)


def test_owner_and_limit_are_named_afterwards(world: World, client_of: Browser) -> None:
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=date(2026, 3, 2), remedies=[TEXT]
    )
    remedy = talk.remedies.get()
    client = client_of(world.account("committee_member"))
    there = reverse("remedy-assign", args=[remedy.pk])
    text = client.post(there, {"owner": "无此人", "due_on": "2026-04-01"}).content.decode()
    assert "没有找到“无此人”" in text
    assert "无此人" in text
    client.post(there, {"owner": "梁志强", "due_on": "2026-04-01"})
    remedy.refresh_from_db()
    assert (remedy.owner, remedy.due_on) == (world.member, date(2026, 4, 1))
    assert client.get(there).status_code == 404


def test_reminders_say_whose_and_how_it_stands(world: World, client_of: Browser) -> None:
    remedy = a_remedy(world, due_on=date(2026, 3, 3))
    talk = factories.a_talk([world.committee_member], [world.colleague], held_on=date(2026, 3, 2))
    Talk.objects.filter(pk=talk.pk).update(follow_up_on=date(2026, 3, 9))
    chase_due(today=date(2026, 3, 10), at=datetime(2026, 3, 10, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    owner = client_of(world.account("member")).get("/notices/").content.decode()
    assert "您负责的整改措施已逾期7天" in owner
    assert reverse("remedy", args=[remedy.pk]) in owner
    talker = client_of(world.account("committee_member")).get("/notices/").content.decode()
    assert "与吴桂兰同志的回访已逾期1天" in talker
    # The 党委书记 is told at the seventh day, not of whom: it is the participants' until it is released.
    chief = client_of(world.account("chief")).get("/notices/").content.decode()
    assert "整改或回访事项" in chief
    assert "梁志强" not in chief
    release(remedy, world.committee_member)
    chief = client_of(world.account("chief")).get("/notices/").content.decode()
    assert "梁志强同志负责的整改措施已逾期7天" in chief
    notice = Notice.objects.get(member=world.chief)
    client_of(world.account("chief")).post(reverse("notice-read", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at


def test_a_record_keeps_its_remedies_when_it_is_corrected(world: World, client_of: Browser) -> None:
    remedy = a_remedy(world)
    text = client_of(world.account("committee_member")).get(reverse("talk-correct", args=[remedy.talk.code]))
    assert '<input type="hidden" name="remedies-0-number" value="1"' in text.content.decode()


def test_the_list_costs_the_same_with_many(world: World, client_of: Browser) -> None:
    client = client_of(world.account("committee_member"))

    def cost() -> int:
        client.get("/remedies/")
        with CaptureQueriesContext(connection) as found:
            assert client.get("/remedies/").status_code == 200
        return len(found)

    for _ in range(3):
        a_remedy(world)
    few = cost()
    for _ in range(27):
        ask(release(a_remedy(world), world.committee_member), world.member)
    assert cost() == few


def test_a_day_before_the_limit_is_told_as_such(world: World, client_of: Browser) -> None:
    a_remedy(world, due_on=date(2026, 3, 10) + timedelta(days=1))
    text = client_of(world.account("member")).get("/remedies/").content.decode()
    assert "临期　剩1天" in text
