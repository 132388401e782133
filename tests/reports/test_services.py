"""Reports asked for, claimed, rendered, issued, downloaded."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from members.models import Account
from reports import services, tasks
from reports.figures import ComplianceFigures
from reports.figures.papers import Paper
from reports.models import Report, ReportQuerySet
from reports.rules import Tally
from reports.rules.documents import Kind
from tests import factories
from tests.conftest import World
from tests.reports.rows import AT, MAC, a_report, an_issued_report, some_figures
from vault.models import TrailEntry
from vault.services import Actor

TODAY = date(2027, 1, 5)
ACTOR = Actor("chief", "127.0.0.1")


def ask(world: World, account: Account | None, **changes: object) -> Report:
    at = changes.pop("at", AT)
    wanted: dict[str, object] = {
        "kind": Kind.COMPLIANCE,
        "organisation": world.committee,
        "year": 2026,
        "as_of": TODAY,
    }
    order = services.Order(**wanted | changes)  # type: ignore[arg-type]
    return services.ask_for_report(actor=ACTOR, at=at, today=TODAY, account=account, order=order)  # type: ignore[arg-type]


def trail() -> list[tuple[str, str, str]]:
    return list(TrailEntry.objects.order_by("pk").values_list("account", "action", "target"))


# --- asking -------------------------------------------------------------------------------------------------


def test_asking_numbers_the_report_and_tells_the_trail(world: World) -> None:
    first = ask(world, world.account("chief"))
    second = ask(world, world.account("chief"), year=2025)
    assert [first.number, second.number] == ["BG-2027-0001", "BG-2027-0002"]
    assert (first.state, first.requested_by) == (Report.State.PENDING, world.account("chief"))
    assert trail() == [("chief", "申请报告", "BG-2027-0001"), ("chief", "申请报告", "BG-2027-0002")]


def test_numbers_begin_anew_each_year(world: World) -> None:
    a_report(world.committee, None, number="BG-2026-0041")
    assert ask(world, None).number == "BG-2027-0001"


def test_the_year_of_a_number_is_that_of_the_calendar_here(world: World) -> None:
    half_past_midnight = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert ask(world, None, at=half_past_midnight).number == "BG-2027-0001"


def test_asking_again_while_it_waits_gives_the_same_report(world: World) -> None:
    first = ask(world, world.account("chief"))
    assert ask(world, world.account("chief")) == first
    assert ask(world, world.account("staff")) != first
    Report.objects.update(state=Report.State.DONE)
    assert ask(world, world.account("chief")) != first


@pytest.mark.parametrize("role", ["member", "committee_member", "secretary", "stranger", "auditor"])
def test_figures_of_what_one_does_not_lead_are_refused(world: World, role: str) -> None:
    with pytest.raises(ValidationError, match=services.NOT_REPORTED):
        ask(world, world.account(role))
    assert not Report.objects.exists()


def test_a_day_to_come_is_refused_but_not_to_the_command_line(world: World) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(ValidationError, match=services.AS_OF_IN_FUTURE):
        ask(world, world.account("chief"), as_of=tomorrow)
    assert ask(world, None, as_of=tomorrow).as_of == tomorrow


def test_more_organisations_than_a_paper_holds_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_ORGANISATIONS", 2)
    assert ask(world, world.account("chief"), organisation=world.branch)
    for account in (world.account("chief"), None):
        with pytest.raises(ValidationError, match="超过2个，请选择下级党组织"):
            ask(world, account)


# --- claims -------------------------------------------------------------------------------------------------


def test_a_report_is_claimed_once(world: World) -> None:
    report = a_report(world.committee, None)
    claimed = services.claim_next_report(now=AT)
    assert claimed == report
    assert services.claim_next_report(now=AT + settings.CLAIM) is None


def test_the_oldest_comes_first(world: World) -> None:
    a_report(world.committee, None, number="BG-2027-0002", requested_at=AT + timedelta(hours=1))
    older = a_report(world.committee, None, number="BG-2027-0001")
    assert services.claim_next_report(now=AT + timedelta(hours=2)) == older


def test_a_claim_that_lapses_goes_to_another_and_the_first_can_write_nothing(world: World) -> None:
    a_report(world.committee, None)
    first = services.claim_next_report(now=AT)
    later = AT + settings.CLAIM + timedelta(seconds=1)
    second = services.claim_next_report(now=later)
    assert first is not None
    assert second is not None
    assert not services.note_progress(report=first, done=1, total=2)
    assert not services.renew_claim(report=first, now=later)
    assert not issue(first, b"first")
    services.fail_report(report=first)
    assert issue(second, b"second")
    report = Report.objects.get()
    assert (report.state, bytes(report.file or b"")) == (Report.State.DONE, b"second")


def test_a_renewed_claim_holds_for_as_long_again(world: World) -> None:
    a_report(world.committee, None)
    report = services.claim_next_report(now=AT)
    assert report is not None
    renewed = AT + settings.CLAIM - timedelta(seconds=1)
    assert services.renew_claim(report=report, now=renewed)
    assert services.claim_next_report(now=renewed + settings.CLAIM) is None
    assert services.claim_next_report(now=renewed + settings.CLAIM + timedelta(seconds=1)) == report


def test_a_report_that_loses_its_workers_is_given_up(world: World, caplog: pytest.LogCaptureFixture) -> None:
    report = a_report(world.committee, None)
    now = AT
    for _ in range(services.MOST_ATTEMPTS):
        assert services.claim_next_report(now=now) == report
        now += settings.CLAIM + timedelta(seconds=1)
    assert services.claim_next_report(now=now) is None
    report.refresh_from_db()
    assert report.state == Report.State.FAILED
    assert "BG-2027-0001 given up" in caplog.text


def issue(report: Report, file: bytes) -> bool:
    return services.issue_report(report=report, at=AT, figures=some_figures(), mac=MAC, file=file)


def test_issuing_stores_file_figures_and_digest_sealed(world: World) -> None:
    a_report(world.committee, world.account("chief"))
    report = services.claim_next_report(now=AT)
    assert report is not None
    assert issue(report, b"%PDF")
    report = Report.objects.get()
    assert bytes(report.file or b"") == b"%PDF"
    assert report.digest == sha256(b"%PDF").hexdigest()
    assert ComplianceFigures.from_text(report.figures) == some_figures()
    assert (report.figures_mac, report.issued_at, report.claimed_until) == (MAC, AT, None)
    assert trail() == [("system", "生成报告", "BG-2027-0001")]
    assert services.claim_next_report(now=AT) is None


def test_a_failed_report_is_tried_again_when_asked(world: World) -> None:
    report = a_report(world.committee, world.account("chief"), state=Report.State.FAILED)
    assert services.claim_next_report(now=AT) is None
    services.retry_report(actor=ACTOR, at=AT, report=report)
    assert services.claim_next_report(now=AT) == report
    with pytest.raises(ValidationError, match=services.NOT_FAILED):
        services.retry_report(actor=ACTOR, at=AT, report=report)


# --- download -----------------------------------------------------------------------------------------------


def test_a_download_stands_in_the_trail(world: World) -> None:
    report = an_issued_report(world)
    assert services.open_report_file(actor=ACTOR, at=AT, report=report) == b"%PDF-1.7 sealed"
    assert trail() == [("chief", "下载", "BG-2027-0001")]


def test_what_is_not_issued_cannot_be_downloaded(world: World) -> None:
    report = a_report(world.committee, world.account("chief"))
    with pytest.raises(ValidationError, match=services.NOT_ISSUED):
        services.open_report_file(actor=ACTOR, at=AT, report=report)


def test_without_its_trail_entry_nothing_is_given_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class TrailIsFullError(RuntimeError):
        pass

    def refuse(**entry: object) -> None:
        raise TrailIsFullError

    report = an_issued_report(world)
    monkeypatch.setattr(services, "enter_trail", refuse)
    with pytest.raises(TrailIsFullError):
        services.open_report_file(actor=ACTOR, at=AT, report=report)


def test_the_mac_is_bound_to_the_number_and_to_every_figure(db: None) -> None:
    figures = some_figures()
    mac = services.figures_mac(number="BG-2027-0001", figures=figures)
    assert mac == services.figures_mac(number="BG-2027-0001", figures=some_figures())
    assert mac != services.figures_mac(number="BG-2027-0002", figures=figures)
    assert mac != services.figures_mac(number="BG-2027-0001", figures=some_figures(name="上游局机关党委"))


# --- the task -----------------------------------------------------------------------------------------------


class Renderer:
    """Stands in for WeasyPrint: keeps the papers, may do something in the middle of one."""

    def __init__(self) -> None:
        self.papers: list[Paper] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, paper: Paper, *, on_page: Callable[[int], None]) -> bytes:
        self.papers.append(paper)
        on_page(1)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return b"%PDF by " + paper.number.encode()


@pytest.fixture
def renderer(monkeypatch: pytest.MonkeyPatch) -> Renderer:
    renderer = Renderer()
    monkeypatch.setattr(tasks, "render_paper", renderer)
    return renderer


def test_the_task_renders_what_waits_and_then_nothing(world: World, renderer: Renderer) -> None:
    for number in ("BG-2027-0001", "BG-2027-0002"):
        a_report(world.branch, world.account("chief"), number=number)
    tasks.render_pending()
    tasks.render_pending()
    assert [paper.number for paper in renderer.papers] == ["BG-2027-0001", "BG-2027-0002"]
    report = Report.objects.get(number="BG-2027-0002")
    assert (report.state, bytes(report.file or b"")) == (Report.State.DONE, b"%PDF by BG-2027-0002")
    assert report.done == report.total > 1


def test_the_paper_bears_the_figures_the_mac_and_the_name_of_who_asked(
    world: World, renderer: Renderer
) -> None:
    a_report(world.branch, world.account("chief"))
    tasks.render_pending()
    report, paper = Report.objects.get(), renderer.papers[0]
    assert paper.figures.total == Tally(owed=7, overdue=7)
    assert paper.watermark.startswith("郑远航　")
    assert f"/verify/{report.token}/{report.figures_mac[:32]}/" in paper.address
    assert report.figures_mac == services.figures_mac(number=report.number, figures=paper.figures)


def test_two_workers_at_once_render_a_report_once(world: World, renderer: Renderer) -> None:
    a_report(world.branch, None)
    renderer.meanwhile = tasks.render_pending
    tasks.render_pending()
    assert len(renderer.papers) == 1


def test_without_the_claim_they_would_render_it_twice(
    world: World, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting(self: ReportQuerySet, now: datetime) -> ReportQuerySet:
        return self.filter(Q(state=Report.State.PENDING))

    monkeypatch.setattr(ReportQuerySet, "waiting", waiting)
    a_report(world.branch, None)
    renderer.meanwhile = tasks.render_pending
    tasks.render_pending()
    assert len(renderer.papers) == 2
    # Even so the file of the one who lost the claim is thrown away.
    assert trail() == [("system", "生成报告", "BG-2027-0001")]


def test_a_killed_worker_is_made_good_by_the_next_sweep(world: World, renderer: Renderer) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    report = a_report(world.branch, None)
    renderer.meanwhile = die
    with pytest.raises(Killed):
        tasks.render_pending()
    report.refresh_from_db()
    assert report.state == Report.State.PENDING
    tasks.render_pending()
    assert len(renderer.papers) == 1, "the claim has not lapsed yet"
    Report.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    tasks.render_pending()
    report.refresh_from_db()
    assert (len(renderer.papers), report.state, report.attempts) == (2, Report.State.DONE, 2)


def test_an_error_marks_the_report_and_leaves_a_line_without_content(
    world: World, renderer: Renderer, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble() -> None:
        raise ValueError("郑远航")

    report = a_report(world.branch, None)
    renderer.meanwhile = stumble
    with pytest.raises(ValueError, match="郑远航"):
        tasks.render_pending()
    report.refresh_from_db()
    assert (report.state, report.file) == (Report.State.FAILED, None)
    assert "report BG-2027-0001 could not be rendered" in caplog.text
    assert "郑远航" not in caplog.text


def test_who_has_lost_the_right_meanwhile_is_not_given_the_figures(world: World, renderer: Renderer) -> None:
    a_report(world.committee, world.account("member"))
    with pytest.raises(PermissionDenied):
        tasks.render_pending()
    assert Report.objects.get().state == Report.State.FAILED
    assert renderer.papers == []


def test_the_paper_holds_nothing_of_events_about_who_asked(world: World, renderer: Renderer) -> None:
    for member in (world.member, world.colleague, world.head, world.secretary):
        factories.an_event(member, happened_on=date(2026, 3, 2))
    a_report(world.branch, world.account("secretary"))
    a_report(world.branch, world.account("chief"), number="BG-2027-0002")
    tasks.render_pending()
    assert [paper.figures.rules[-1].tally.owed for paper in renderer.papers] == [3, 4]
