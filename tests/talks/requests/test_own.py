"""我的: what becomes of one's opinions, one's data, and who has read one's records out of the trail."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account, MandateKind
from talks.models import GatheredOpinion, Talk
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor, enter_trail

HELD = date(2026, 3, 2)
ClientOf = Callable[[Account], Client]


@pytest.fixture
def talk(world: World) -> Talk:
    return factories.a_talk(
        [world.committee_member],
        [world.member],
        held_on=HELD,
        content="谈了食堂",
        opinions=["晚饭太早"],
        remedies=["推迟半小时"],
    )


def page(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


def test_an_opinion_and_what_became_of_it(world: World, talk: Talk, client_of: ClientOf) -> None:
    client = client_of(world.account("member"))
    html = page(client, "own-opinions")
    assert "晚饭太早" in html
    assert "谈话人尚未转交组织" in html
    assert "推迟半小时" in html
    assert TrailEntry.objects.filter(account="member", action="查看谈话内容", target=talk.code).exists()
    GatheredOpinion.objects.create(
        meeting=factories.a_meeting(world.branch, meeting_on=date(2026, 12, 1)),
        number=1,
        text="供餐时间",
        channel="谈心谈话",
        opinion=talk.opinions.get(),
        released_by=world.committee_member,
        released_at=timezone.now(),
    )
    assert "已转交组织，用于2026年组织生活会" in page(client, "own-opinions")


def test_nobody_sees_the_opinions_of_others(world: World, talk: Talk, client_of: ClientOf) -> None:
    for role in ("committee_member", "secretary", "colleague"):
        assert "晚饭太早" not in page(client_of(world.account(role)), "own-opinions")


def test_who_has_read(world: World, talk: Talk, client_of: ClientOf) -> None:
    client_of(world.account("secretary")).get(reverse("talk", args=[talk.code]))
    client_of(world.account("colleague")).get(reverse("talk", args=[talk.code]))  # 404: nothing was read
    client = client_of(world.account("member"))
    client.get(reverse("talk", args=[talk.code]))  # one's own reading is left out
    html = page(client, "own-readings")
    assert "共1次" in html
    assert "陆秉川" in html
    assert "查看谈话内容：2026年3月2日的谈话" in html
    assert "共0次" in page(client_of(world.account("colleague")), "own-readings")


def test_the_lists_cost_the_same_with_many(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("member"))

    def costs() -> list[int]:
        found = []
        for name in ("own", "own-opinions", "own-readings"):
            with CaptureQueriesContext(connection) as asked:
                page(client, name)
            # Each talk read is an entry of its own in the trail, in a savepoint.
            reads = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
            found.append(sum('FROM "vault_trail' not in sql or name == "own-readings" for sql in reads))
        return found

    def more(number: int) -> None:
        for _ in range(number):
            talk = factories.a_talk(
                [world.secretary], [world.member], held_on=HELD, opinions=["晚饭"], remedies=["推迟"]
            )
            enter_trail(
                actor=Actor("secretary", ""),
                at=timezone.now(),
                action="查看谈话内容",
                target_kind="谈话",
                target=talk.code,
            )
            factories.a_request(world.member, world.secretary, code=talk.code, asked_on=HELD)

    more(3)
    few = costs()
    more(27)
    assert costs() == few


def workbook(client: Client) -> dict[str, list[tuple[object, ...]]]:
    response = client.post(reverse("own-data"))
    assert response.status_code == 200
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    return {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}


def test_ones_own_data_and_nobody_elses(world: World, talk: Talk, client_of: ClientOf) -> None:
    world.member.phone = "13800000000"
    world.member.save()
    row = talk.participants.get(member=world.committee_member)
    row.private_notes = "情绪不好"
    row.save()
    factories.a_request(world.member, world.secretary, asked_on=HELD, reason="想谈谈")
    other = factories.a_talk([world.secretary], [world.colleague], held_on=HELD, content="别人的谈话")
    book = workbook(client_of(world.account("member")))
    assert ("手机号码", "13800000000") in book["本人信息"]
    (mine,) = book["我的谈话"]
    assert (mine[0], mine[8]) == (talk.code, "谈了食堂")
    assert book["约谈申请"][0][5] == "想谈谈"
    text = str(book)
    assert "情绪不好" not in text
    assert "别人的谈话" not in text
    assert other.code not in text
    entry = TrailEntry.objects.get(action="下载本人数据")
    assert (entry.account, entry.target) == ("member", "P013")


@pytest.mark.parametrize("reads", [True, False])
def test_who_has_an_office_takes_no_text_with_him(
    world: World, talk: Talk, client_of: ClientOf, reads: bool
) -> None:
    """Of an account that has both from before the rule; without the office each text is in it."""
    account = world.account("committee_member")
    row = talk.participants.get(member=world.committee_member)
    row.private_notes = "情绪不好"
    row.save()
    factories.a_request(world.committee_member, world.secretary, asked_on=HELD, reason="想谈谈")
    if not reads:
        factories.a_mandate(account, MandateKind.SECURITY)
    text = str(workbook(client_of(account)))
    assert talk.code in text
    assert [words in text for words in ("谈了食堂", "情绪不好", "想谈谈")] == [reads] * 3


def test_a_subject_of_a_group_talk_gets_only_what_he_said(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk(
        [world.secretary], [world.member, world.colleague], held_on=HELD, content="全体的内容"
    )
    for who, said in ((world.member, "我说的"), (world.colleague, "她说的")):
        row = talk.participants.get(member=who)
        row.said = said
        row.save()
    text = str(workbook(client_of(world.account("member"))))
    assert "我说的" in text
    assert "她说的" not in text
    assert "全体的内容" not in text
