"""What no browser sends: numbers of thousands of digits, NUL, days that are none: refused in words."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import Account
from talks.models import Talk
from talks.rules.meetings import Channel
from talks.rules.words import TalkState
from talks.services.opinions import enter_opinions
from tests import factories
from tests.conftest import World
from vault.services import Actor

pytestmark = pytest.mark.django_db

# Python reads no number of more than 4300 digits, databases none of more than 19.
HUGE = ("9" * 5000, "9" * 20, "99999")


@pytest.fixture
def secretary(world: World, client_of: Callable[[Account], Client]) -> Client:
    return client_of(world.account("secretary"))


@pytest.fixture
def talk(world: World) -> Talk:
    return factories.a_talk(
        [world.secretary], [world.member], held_on=date(2026, 3, 2), state=TalkState.PLANNED
    )


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("name", ["talk-confirm", "talk-close", "talk-cancel", "talk-record", "talk-change"])
def test_a_revision(world: World, secretary: Client, talk: Talk, name: str, number: str) -> None:
    member = factories.a_talk([world.member], [world.secretary], held_on=date(2026, 3, 2), content="内容")
    confirmed = factories.a_talk(
        [world.secretary], [world.member], held_on=date(2026, 3, 2), state=TalkState.CONFIRMED
    )
    code = {"talk-confirm": member, "talk-close": confirmed}.get(name, talk).code
    typed = {"revision": number, "reason": "改期", "held_on": "2026-03-02", "content": "内容"}
    typed |= {f"{part}-TOTAL_FORMS": "0" for part in ("opinions", "remedies")}
    typed |= {f"{part}-INITIAL_FORMS": "0" for part in ("opinions", "remedies")}
    typed |= {"talkers": "陆秉川", "subjects": "梁志强"}
    assert secretary.post(reverse(name, args=[code]), typed).status_code in (200, 302)
    assert not member.participants.exclude(confirmed_at=None).exists()
    assert set(Talk.objects.values_list("state", flat=True)) == {"计划", "已记录", "已确认"}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "", "x\0"])
@pytest.mark.parametrize("hour", ["24:00", "10:00+08:00", "x"])
def test_a_day_and_an_hour_of_a_draft(secretary: Client, talk: Talk, day: str, hour: str) -> None:
    typed = {"draft_revision": "0", "held_on": day, "starts_at": hour, "ends_at": hour, "content": "内容\0"}
    assert secretary.post(reverse("talk-draft", args=[talk.code]), typed).status_code == 200


@pytest.mark.parametrize("number", HUGE)
def test_a_count_of_rows(secretary: Client, talk: Talk, number: str) -> None:
    typed = {"more": "opinions", "opinions-TOTAL_FORMS": number, "opinions-INITIAL_FORMS": "0"}
    typed |= {"remedies-TOTAL_FORMS": "0", "remedies-INITIAL_FORMS": "0"}
    assert secretary.post(reverse("talk-record", args=[talk.code]), typed).status_code == 200


@pytest.mark.parametrize("year", [*HUGE, "9999", "1"])
def test_the_year_of_a_report(world: World, secretary: Client, year: str) -> None:
    typed = {"organisation": world.branch.pk, "year": year, "as_of": "2026-03-02"}
    assert secretary.post(reverse("report-ask"), typed).status_code == 200


@pytest.mark.parametrize("code", ["\0", "HC\0"])
@pytest.mark.parametrize("name", ["member", "organisation", "talk", "event"])
def test_a_code_that_no_database_takes(secretary: Client, name: str, code: str) -> None:
    assert secretary.get(reverse(name, args=[code])).status_code == 404


@pytest.mark.parametrize("field", ["talkers", "subjects", "recorder"])
def test_a_name_that_no_database_takes(secretary: Client, field: str) -> None:
    typed = {"talkers": "陆秉川", "subjects": "梁志强", "held_on": "2026-03-02", field: "\0a"}
    assert "没有找到“a”" in secretary.post(reverse("talk-book"), typed).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/organisations/?q=%00",
        "/members/?q=%00",
        "/members/add/?organisation=%00",
        "/organisations/add/?superior=%00",
        "/organisations/HC/posts/add/?member=%00",
        "/organisations/HC/liaisons/add/?of=%00",
        "/accounts/open/?member=%00",
        "/events/add/?member=%00",
        "/talks/?who=%00&organisation=%00&since=9999-12-31&until=0001-01-01",
        "/duties/?who=%00&rule=%00&year=0",
        "/duties/?page=" + "9" * 5000,
    ],
)
def test_a_query_that_no_database_takes(
    world: World, client_of: Callable[[Account], Client], address: str
) -> None:
    for role in ("secretary", "staff"):
        assert client_of(world.account(role)).get(address).status_code in (200, 404)


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20, "-1", "", "一", "1.5", "\U0001f600"])
def test_numbers_in_the_life_of_a_talk(world: World, secretary: Client, talk: Talk, number: str) -> None:
    """Revisions, signers, subjects, questions, days: refused with the reason, or read as none."""
    recorded = factories.a_talk(
        [world.secretary], [world.member, world.colleague], held_on=date(2026, 3, 2), content="内容"
    )
    confirmed = factories.a_talk(
        [world.secretary],
        [world.member, world.colleague],
        held_on=date(2026, 3, 3),
        content="内容",
        state=TalkState.CONFIRMED,
    )
    paper = SimpleUploadedFile("签字件.pdf", b"%PDF-1.7\n%%EOF\n")
    typed = {"signers": number, "revision": number, "file": paper}
    assert secretary.post(reverse("talk-sign", args=[recorded.code]), typed).status_code == 200
    typed = {"participant": number or "9", "text": "补正"}
    assert secretary.post(reverse("talk-amend", args=[confirmed.code]), typed).status_code == 200
    typed = {"revision": number, "draft_revision": number, "content": "草" * 9}
    assert secretary.post(reverse("talk-draft", args=[talk.code]), typed).status_code == 200
    typed = {"revision": number, "purpose": "目的", "chosen": number}
    assert secretary.post(reverse("talk-prepare", args=[talk.code]), typed).status_code in (200, 302)
    typed = {"revision": number, "held_on": number, "starts_at": number}
    assert secretary.post(reverse("talk-move", args=[talk.code]), typed).status_code == 409
    assert not recorded.participants.exclude(confirmed_at=None).exists()
    assert not confirmed.amendments.exists()
    assert not recorded.attachments.exists()


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20, "-1", "", "一", "\U0001f600"])
def test_numbers_in_the_opinions_of_a_meeting(world: World, secretary: Client, number: str) -> None:
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20))
    enter_opinions(
        actor=Actor("tests", ""),
        at=datetime(2026, 12, 1, tzinfo=UTC),
        meeting=meeting,
        channel=Channel.FORUM,
        texts=["=1+1", "<script>alert(1)</script>"],
    )
    source = meeting.gathered_opinions.first()
    assert source is not None
    address = reverse("meeting-merge", args=[meeting.pk])
    assert secretary.get(address, {"source": number}).status_code == 302
    page = secretary.post(
        f"{address}?source={source.pk}", {"text": "一条", "into": number or "9", "persons": number}
    )
    assert page.status_code == 200
    assert not meeting.merged_opinions.exists()
    listed = secretary.get(reverse("meeting-opinions", args=[meeting.pk]), {"page": number})
    assert "&lt;script&gt;" in listed.content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "明天", "", "9" * 5000])
def test_days_of_the_calendar(secretary: Client, talk: Talk, day: str) -> None:
    days = {"since": day, "until": day}
    assert secretary.get(reverse("calendar-talks"), days).status_code == 400
    moved = {"revision": "1", "held_on": day, "starts_at": "09:00"}
    assert secretary.post(reverse("talk-move", args=[talk.code]), moved).status_code == 409
    talk.refresh_from_db()
    assert talk.held_on == date(2026, 3, 2)


def test_a_name_longer_than_any(secretary: Client) -> None:
    """SQLite compares with no pattern of 50,000 bytes: nobody is called so."""
    page = secretary.post(reverse("event-add"), {"member": "x" * 50_000, "find": "1"})
    assert page.status_code == 200
    assert "x" * 50_000 in page.text
