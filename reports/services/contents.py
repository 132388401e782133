"""What stands in a document: read under the rights of who asked, sealed text only with its trail entry."""

from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account
from members.permissions import reported_organisations
from reports.figures.compliance import compliance_figures
from reports.figures.ledger import ledger_figures
from reports.figures.lines import ComplianceFigures
from reports.figures.opinions import opinions_figures
from reports.figures.orders import Order, talks_told
from reports.figures.overview import meeting_duties, overview_figures
from reports.figures.personal import personal_figures
from reports.figures.record import Said, record_figures
from reports.figures.rectification import listed_remedies, rectification_figures
from reports.figures.sheets import Bundle, Sheet
from reports.figures.situation import situation_figures
from reports.figures.statistics import statistics_figures
from reports.models import Approval, Report
from reports.permissions import orderable_organisations, visible_findings, visible_reports
from reports.rules.documents import Kind, is_bulk
from talks.models import Meeting, Talk
from talks.permissions import ledger_remedies
from talks.services.opinions import open_gathered
from talks.services.preparations import open_preparation
from talks.services.records import Opened, open_record
from talks.services.remedies import read_remedies
from vault.services import Actor

Figures = ComplianceFigures | Sheet


def contents_of(*, report: Report, at: datetime, today: date) -> Figures:
    """What the document says, for who asked for it (nobody: the command line, which reads no sealed text).

    PermissionDenied where the account has lost the right to it since it asked, and where it holds the texts
    of many talks that nobody approved.
    """
    account = report.requested_by
    if account and not visible_reports(account, today=today).filter(pk=report.pk).exists():
        raise PermissionDenied
    if account and not _is_let(report, account, today):
        raise PermissionDenied
    return CONTENTS[Kind(report.kind)](report, at, today)


def _is_let(report: Report, account: Account, today: date) -> bool:
    """Whether a second person approved the document, where it holds the texts of many talks.

    Asked again where they are read: whatever way a document came to be made, none holds them without.
    """
    if Approval.objects.filter(report=report, outcome=Approval.Outcome.APPROVED).exists():
        return True
    order = Order(**{name: getattr(report, name) for name in Order.__slots__} | {"kind": Kind(report.kind)})
    talks = talks_told(order, account, today=today)
    return not is_bulk(
        talks=talks, before=0, since=report.since, until=report.until, most=settings.BULK_TALKS
    )


def places_of(*, report: Report, today: date) -> list[Organisation]:
    """The organisation of a report and, where it asks for them, those below it that may be told of."""
    assert report.organisation is not None, "this kind of document has one"
    places = Organisation.objects.below(report.organisation)
    if not report.with_below:
        return [report.organisation]
    if report.requested_by:
        allowed = orderable_organisations(report.requested_by, Kind(report.kind), today=today)
        places = allowed.filter(path__startswith=report.organisation.path)
    return list(places.order_by("path"))


def _compliance(report: Report, at: datetime, today: date) -> ComplianceFigures:
    account = report.requested_by
    assert report.organisation is not None
    return compliance_figures(
        report.organisation,
        year=report.year,
        as_of=report.as_of,
        within=reported_organisations(account, today=today) if account else None,
        reader=account.member if account else None,
        findings=visible_findings(account, today=today) if account else None,
    )


def _statistics(report: Report, at: datetime, today: date) -> Sheet:
    account = report.requested_by
    assert report.organisation is not None
    return statistics_figures(
        report.organisation,
        year=report.year,
        as_of=report.as_of,
        within=reported_organisations(account, today=today) if account else None,
        reader=account.member if account else None,
    )


def _ledger(report: Report, at: datetime, today: date) -> Sheet:
    since, until = _period(report)
    assert report.organisation is not None
    return ledger_figures(
        report.organisation,
        places_of(report=report, today=today),
        since=since,
        until=until,
        as_of=report.as_of,
        account=report.requested_by,
        today=today,
    )


def _rectification(report: Report, at: datetime, today: date) -> Sheet:
    account = report.requested_by
    since, until = _period(report)
    assert report.organisation is not None
    places = places_of(report=report, today=today)
    found = listed_remedies(places, since=since, until=until, account=account, today=today)
    remedies = list(found.in_order().select_related("owner", "organisation", "talk"))
    texts: dict[int, str] = {}
    if account and report.with_content:
        keys = [remedy.pk for remedy in remedies]
        released = ledger_remedies(account, today=today).filter(pk__in=keys).order_by()
        texts = read_remedies(
            actor=_actor(report),
            at=at,
            remedies=remedies,
            # Who reads the original sees in a ledger what was released all the same.
            originals=(),
            released=frozenset(released.values_list("pk", flat=True)),
        )
    return rectification_figures(
        report.organisation, places, remedies, texts=texts, since=since, until=until, as_of=report.as_of
    )


def _overview(report: Report, at: datetime, today: date) -> Sheet:
    return overview_figures(meeting_duties(_meeting(report), as_of=report.as_of))


def _situation(report: Report, at: datetime, today: date) -> Sheet:
    return situation_figures(meeting_duties(_meeting(report), as_of=report.as_of), today=today)


def _opinions(report: Report, at: datetime, today: date) -> Sheet:
    meeting = _meeting(report)
    assert report.requested_by is not None, "the command line reads no opinions"
    open_gathered(actor=_actor(report), at=at, meeting=meeting)
    return opinions_figures(meeting, account=report.requested_by, as_of=report.as_of, today=today)


def _bundle(report: Report, at: datetime, today: date) -> Sheet:
    """情况报告, 一览表 and, for who gathers them, the opinions."""
    meeting = _meeting(report)
    found = meeting_duties(meeting, as_of=report.as_of)
    situation = situation_figures(found, today=today)
    parts = [situation, overview_figures(found)]
    if report.requested_by:
        parts.append(_opinions(report, at, today))
    return Bundle(
        title=f"{meeting.organisation.name}{meeting}会前谈心谈话材料",
        subtitle="",
        left="",
        right="",
        as_of=report.as_of,
        versions=situation.versions,
        parts=tuple(parts),
    )


def _personal(report: Report, at: datetime, today: date) -> Sheet:
    assert report.requested_by is not None, "the list is somebody's own"
    return personal_figures(report.requested_by, today=today)


def _record(report: Report, at: datetime, today: date) -> Sheet:
    talk = report.talk
    if talk is None:
        raise PermissionDenied
    said = _said(report, talk, at, today) if report.with_content else None
    return record_figures(talk, account=report.requested_by, said=said, as_of=report.as_of, today=today)


def _said(report: Report, talk: Talk, at: datetime, today: date) -> Said | None:
    """What the account may read of the talk, in no more words than its page shows; never private notes."""
    account, actor = report.requested_by, _actor(report)
    if account is None:
        return None
    opened = open_record(actor=actor, at=at, account=account, talk=talk, today=today)
    if opened is None:
        raise PermissionDenied
    prepared = open_preparation(actor=actor, at=at, account=account, talk=talk, today=today)
    is_talker = opened.reading.notes is not None
    return Said(
        content=opened.content,
        topic=opened.topic,
        opinions=tuple(row.text for row in opened.opinions),
        remedies=tuple(_remedy_line(row.text, row.owner, row.due_on) for row in opened.remedies),
        parts=tuple(opened.said),
        amendments=_amendments(opened),
        outline=tuple(prepared.question_lines) if prepared else () if is_talker else None,
    )


def _remedy_line(text: str, owner: object, due_on: date | None) -> str:
    limit = f"{chinese_date(due_on)}前" if due_on else ""
    more = "，".join(filter(None, [getattr(owner, "name", ""), limit]))
    return f"{text.rstrip('。')}（{more}）" if more else text


def _amendments(opened: Opened) -> tuple[str, ...]:
    return tuple(
        f"{chinese_date(timezone.localtime(row.at).date())}{row.by.name}补正：{row.text}"
        for row in opened.amendments
    )


def _period(report: Report) -> tuple[date, date]:
    assert report.since is not None, "this kind of document has a period"
    assert report.until is not None, "to its end"
    return report.since, report.until


def _meeting(report: Report) -> Meeting:
    """The meeting; PermissionDenied where it was deleted since."""
    if report.meeting is None:
        raise PermissionDenied
    return report.meeting


def _actor(report: Report) -> Actor:
    """Who reads: the account that asked, by the worker."""
    return Actor(report.requested_by.username if report.requested_by else "command", "")


CONTENTS: dict[Kind, Callable[[Report, datetime, date], Figures]] = {
    Kind.COMPLIANCE: _compliance,
    Kind.STATISTICS: _statistics,
    Kind.LEDGER: _ledger,
    Kind.RECTIFICATION: _rectification,
    Kind.MEETING: _bundle,
    Kind.SITUATION: _situation,
    Kind.OVERVIEW: _overview,
    Kind.OPINIONS: _opinions,
    Kind.PERSONAL: _personal,
    Kind.RECORD: _record,
}
