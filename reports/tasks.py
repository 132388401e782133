"""Reports on their way: what waits is claimed, counted, rendered and issued."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from branches.rules.dates import chinese_date
from reports import services
from reports.excel import render_workbook
from reports.figures.papers import Paper
from reports.models import Report
from reports.pdf import expected_pages, render_paper
from reports.rules import MAC_PRINTED
from reports.rules.documents import Format
from reports.services import findings
from reports.services.approvals import lapse_approvals
from reports.services.contents import contents_of
from reports.word import render_word
from vault.tasks import GivingUp, claim_kept

BY_COMMAND = "命令行生成"


@shared_task  # type: ignore[untyped-decorator]
def render_pending() -> None:
    """Renders every report that waits, deletes files and ends requests whose time is over.

    Run again, or twice at once, it does nothing twice.
    """
    services.erase_expired(now=timezone.now())
    lapse_approvals(now=timezone.now())
    while report := services.claim_next_report(now=timezone.now()):
        render_report(report)


@shared_task  # type: ignore[untyped-decorator]
def sweep_findings() -> None:
    """Checks the records of all years, once a day. Run again, or twice at once, it does nothing twice."""
    now = timezone.now()
    if not findings.is_swept(day=timezone.localdate(now)):
        findings.sweep_findings(today=timezone.localdate(now), at=now)


def render_report(report: Report) -> bool:
    """Renders and issues one claimed report; False where another worker took it over meanwhile.

    An error marks it 未能生成 and goes on to the log. A worker that is stopped leaves it to the next.
    """
    with (
        GivingUp(partial(services.fail_report, report=report)),
        claim_kept(partial(services.renew_claim, report=report)),
    ):
        account, now = report.requested_by, timezone.localtime()
        figures = contents_of(report=report, at=timezone.now(), today=now.date())
        mac = services.figures_mac(number=report.number, figures=figures)
        paper = Paper(
            number=report.number,
            issued_at=now,
            address=settings.PUBLIC_URL + reverse("verify", args=[report.token, mac[:MAC_PRINTED]]),
            check_code=mac,
            watermark=_watermark(account.name if account else BY_COMMAND, now),
            figures=figures,
        )
        total = expected_pages(figures) + 1

        def on_page(page: int) -> None:
            services.note_progress(report=report, done=min(page, total - 1), total=total)

        on_page(0)
        file = _rendered(paper, Format(report.file_format), on_page)
        return services.issue_report(report=report, at=timezone.now(), figures=figures, mac=mac, file=file)


def _rendered(paper: Paper, file_format: Format, on_page: Callable[[int], None]) -> bytes:
    if file_format is Format.PDF:
        return render_paper(paper, on_page=on_page)
    return render_word(paper) if file_format is Format.WORD else render_workbook(paper)


def _watermark(name: str, now: datetime) -> str:
    return f"{name}　{chinese_date(now)}"
