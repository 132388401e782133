"""Asking for documents: what is offered and told before, limits, files that expire, the same file twice."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account
from reports import services, tasks
from reports.figures.ledger import ledger_figures
from reports.models import Report
from reports.rules.documents import DOCUMENTS, Format, Kind
from talks.models import Remedy
from talks.rules.words import MeetingKind
from tests import factories
from tests.conftest import World
from tests.reports.papers import AT, TODAY, asked, made, order_of, words_of
from vault.models import TrailEntry
from vault.services import Actor

ClientOf = Callable[[Account], Client]
ACTOR = Actor("secretary", "")


@pytest.fixture(autouse=True)
def _that_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def offered(text: str) -> list[str]:
    """The kinds in the list of the page."""
    return re.findall(r'<option value="([a-z]+)"(?: selected)?>', text.split('name="file_format"')[0])


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("secretary", [kind for kind in DOCUMENTS if kind != Kind.RECORD]),
        ("inspector", ["compliance", "statistics", "ledger", "rectification", "situation", "overview"]),
        ("committee_member", ["rectification", "personal"]),
        ("member", ["personal"]),
    ],
)
def test_each_is_offered_what_he_may_ask_for(
    world: World, client_of: ClientOf, role: str, kinds: list[str]
) -> None:
    factories.a_meeting(world.branch, MeetingKind.ORGANISATION_LIFE, meeting_on=date(2026, 12, 1))
    text = client_of(world.account(role)).get(reverse("reports")).content.decode()
    assert offered(text) == [str(kind) for kind in kinds]


def test_the_form_of_a_talk_begins_at_the_talk(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 5), code="T-9")
    page = client_of(world.account("secretary")).get(reverse("reports"), {"talk": talk.code}).content.decode()
    assert "列出谈话内容" in page
    page = client_of(world.account("inspector")).get(reverse("reports"), {"talk": talk.code}).content.decode()
    assert ("谈心谈话记录表" in page, "列出谈话内容" in page) == (True, False)
    stranger = client_of(world.account("stranger"))
    assert stranger.get(reverse("reports"), {"talk": talk.code}).status_code == 404


def test_what_it_will_contain_is_told_before(world: World, client_of: ClientOf) -> None:
    for day in (3, 4):
        factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, day))
    factories.a_talk([world.secretary], [world.member], held_on=date(2025, 3, 5))
    client = client_of(world.account("secretary"))
    chosen = {
        "kind": "ledger",
        "organisation": world.branch.pk,
        "since": "2026-01-01",
        "until": "2026-03-03",
        "with_below": "on",
    }
    text = client.get(reverse("report-contents"), chosen).content.decode()
    for part in ("合川分局党支部", "2026年1月1日至2026年3月3日", "1次"):
        assert part in text
    whole = client.get(reverse("reports"), {"kind": "ledger"}).content.decode()
    assert "<dd>2次</dd>" in whole
    wrong = client.get(reverse("report-contents"), chosen | {"since": "2026-04-01"}).content.decode()
    assert "选择完整后" in wrong


def test_events_are_in_no_number_that_is_told_before(world: World, client_of: ClientOf) -> None:
    factories.keep_duties(TODAY)
    address, chosen = reverse("report-contents"), {"kind": "compliance", "organisation": world.branch.pk}
    chosen |= {"year": "2026", "as_of": "2026-04-10"}
    client = client_of(world.account("inspector"))
    before = client.get(address, chosen).content.decode()
    factories.an_event(world.member, happened_on=date(2026, 4, 1))
    factories.keep_duties(TODAY)
    assert client.get(address, chosen).content.decode() == before
    assert "7项，事件类必谈另行统计" in before


def test_of_more_organisations_than_a_paper_holds_nothing_is_counted(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = client_of(world.account("chief")), reverse("report-contents")
    chosen = {"kind": "compliance", "year": "2026", "as_of": "2026-03-03"}
    large = chosen | {"organisation": world.committee.pk}
    assert "应谈" in client.get(address, large).content.decode()
    monkeypatch.setattr("reports.figures.orders.MOST_ORGANISATIONS", 2)
    text = client.get(address, large).content.decode()
    assert "上游局党委及所属2个党组织" in text
    assert "超过2个，请选择下级党组织" in text
    assert "应谈" not in text
    assert "应谈" in client.get(address, chosen | {"organisation": world.branch.pk}).content.decode()


def test_a_day_has_a_limit_and_what_waits_already_counts_once(
    world: World, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REPORT_DAILY = 2  # type: ignore[attr-defined]
    account = world.account("secretary")

    def ask(year: int) -> Report:
        order = order_of(Kind.STATISTICS, organisation=world.branch, year=year)
        return services.ask_for_report(actor=ACTOR, at=AT, today=TODAY, account=account, order=order)

    assert ask(2026) == ask(2026)
    ask(2025)
    with pytest.raises(ValidationError, match="您今天已申请2份"):
        ask(2024)
    Report.objects.update(requested_at=AT - timedelta(hours=10))
    assert ask(2024)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.LEDGER, "file_format": Format.WORD},
        {"kind": Kind.LEDGER, "since": date(2026, 4, 2), "until": date(2026, 4, 1)},
        {"kind": Kind.LEDGER, "until": TODAY + timedelta(days=1)},
    ],
)
def test_what_cannot_be_is_refused(world: World, changes: dict[str, object]) -> None:
    kind = Kind(str(changes.pop("kind")))
    with pytest.raises(ValidationError):
        asked(world.account("secretary"), kind, organisation=world.branch, **changes)
    assert not Report.objects.exists()


def test_a_ledger_that_is_too_long_for_paper_is_refused_as_paper(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(services.MOST_TALKS, Format.PDF, 2)
    for day in range(1, 4):
        factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, day))
    account, where = world.account("secretary"), {"organisation": world.branch}
    with pytest.raises(ValidationError, match="超过2次，请缩短期间，或者选择Excel格式"):
        asked(account, Kind.LEDGER, **where)
    assert asked(account, Kind.LEDGER, file_format=Format.EXCEL, **where)
    assert asked(account, Kind.LEDGER, until=date(2026, 3, 2), **where)


def test_a_file_is_gone_after_its_time_and_its_digest_stays(world: World) -> None:
    report = made(
        world.account("secretary"), Kind.LEDGER, organisation=world.branch, file_format=Format.EXCEL
    )
    digest = sha256(bytes(report.file or b"")).hexdigest()
    assert report.expires_at == AT + timedelta(hours=24)
    later = AT + timedelta(hours=24)
    with pytest.raises(ValidationError, match=services.EXPIRED):
        services.open_report_file(actor=ACTOR, at=later, report=report)
    with time_machine.travel(later - timedelta(seconds=1), tick=False):
        tasks.render_pending()
    assert Report.objects.get().state == Report.State.DONE
    with time_machine.travel(later, tick=False):
        tasks.render_pending()
        tasks.render_pending()
    report = Report.objects.get()
    assert (report.file, report.state, report.digest) == (None, Report.State.EXPIRED, digest)
    with pytest.raises(ValidationError, match=services.EXPIRED):
        services.open_report_file(actor=ACTOR, at=later, report=report)


def test_a_download_stands_in_the_trail_with_the_digest_and_ends_the_notice(
    world: World, client_of: ClientOf
) -> None:
    account = world.account("secretary")
    report = made(account, Kind.LEDGER, organisation=world.branch, file_format=Format.EXCEL)
    client = client_of(account)
    assert "报告已生成" in client.get(reverse("reports")).content.decode()
    assert "报告已生成" not in client_of(world.account("chief")).get(reverse("reports")).content.decode()
    answer = client.get(reverse("report-file", args=[report.number]))
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"].endswith(f"{report.number}.xlsx")
    entry = TrailEntry.objects.filter(action="下载").get()
    assert report.digest in str(entry.detail)
    assert "报告已生成" not in client.get(reverse("reports")).content.decode()


@pytest.mark.parametrize("file_format", [Format.PDF, Format.EXCEL])
def test_the_same_request_gives_the_same_file_but_for_number_and_watermark(
    world: World, file_format: Format, tmp_path: Path
) -> None:
    factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 5), code="T-1")
    texts = []
    for hours in (0, 2):
        with time_machine.travel(AT + timedelta(hours=hours), tick=False):
            report = made(
                world.account("secretary"), Kind.LEDGER, organisation=world.branch, file_format=file_format
            )
        marks = [report.number, report.figures_mac[:16].upper(), report.figures_mac[:32], str(report.token)]
        words = words_of(report, tmp_path)
        for mark in marks:
            words = words.replace(mark, "")
        # What draws a file anew: identifiers of PDF in XMP.
        texts.append(re.sub(r"uuid:[0-9a-f-]+", "", words))
    assert texts[0] == texts[1]
    assert "陆秉川" in texts[0]


def test_text_that_begins_like_a_formula_stays_text(world: World) -> None:
    talk = factories.a_talk(
        [world.secretary], [world.member], held_on=date(2026, 3, 5), remedies=["措施"], code="T-1"
    )
    Remedy.objects.filter(talk=talk).update(
        organisation=world.branch, released_by=world.secretary, released_on=date(2026, 3, 6)
    )
    remedy = Remedy.objects.get()
    remedy.released_text = '=HYPERLINK("a","b")'
    remedy.save()
    report = made(
        world.account("secretary"),
        Kind.RECTIFICATION,
        organisation=world.branch,
        with_content=True,
        file_format=Format.EXCEL,
    )
    file = BytesIO(bytes(report.file or b""))
    cell = next(
        cell
        for row in openpyxl.load_workbook(file).active.iter_rows()
        for cell in row
        if cell.value and "HYPERLINK" in str(cell.value)
    )
    assert (cell.data_type, cell.quotePrefix, cell.number_format) == ("s", True, "@")
    with ZipFile(file) as container:
        assert [name for name in container.namelist() if b"<f>" in container.read(name)] == []


def test_a_ledger_of_many_talks_costs_no_more_queries(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            ledger_figures(
                world.branch,
                [world.branch],
                since=date(2026, 1, 1),
                until=TODAY,
                as_of=TODAY,
                account=world.account("secretary"),
                today=TODAY,
            )
        return len(found)

    for day in range(1, 4):
        factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, day))
    few = queries()
    for day in range(1, 28):
        factories.a_talk([world.committee_member], [world.colleague], held_on=date(2026, 2, day))
    assert queries() == few


def test_the_papers_of_a_meeting_are_ordered_from_its_page(world: World, client_of: ClientOf) -> None:
    """By who gathers its opinions; the link leads to the form with the meeting chosen."""
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20))
    address = f"{reverse('reports')}?kind=meeting&amp;meeting={meeting.pk}"
    page = reverse("meeting", args=[meeting.pk])
    secretary = client_of(world.account("secretary"))
    assert address in secretary.get(page).content.decode()
    form = secretary.get(address.replace("&amp;", "&")).content.decode()
    assert f'<option value="{meeting.pk}" selected' in form
    assert "会前材料" not in client_of(world.account("committee_member")).get(page).content.decode()
