"""`python manage.py make_report`: a report into a file (workbook.md)."""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from branches.models import Organisation
from reports import services
from reports.models import Report
from reports.rules.documents import DOCUMENTS, Format, Kind, Scope
from reports.tasks import render_report
from talks.management.commands.duties import NO_ORGANISATION, read_day, read_year
from talks.models import Meeting, Talk
from vault.services import Actor

KINDS = {
    "talk": "记录表",
    "ledger": "台账",
    "compliance": "合规报告",
    "meeting": "民主生活会谈心谈话材料",
    "rectification": "整改台账",
}
# What each is made as, by the ending of the file.
DOCUMENT_KINDS = {
    "talk": {".pdf": Kind.RECORD, ".docx": Kind.RECORD},
    "ledger": {".pdf": Kind.LEDGER, ".xlsx": Kind.LEDGER},
    "compliance": {".pdf": Kind.COMPLIANCE},
    "meeting": {".pdf": Kind.MEETING, ".docx": Kind.SITUATION, ".xlsx": Kind.OVERVIEW},
    "rectification": {".pdf": Kind.RECTIFICATION, ".xlsx": Kind.RECTIFICATION},
}

UNKNOWN_KIND = "没有「{kind}」这种报告，可以选择：{kinds}。"
WRONG_FORMAT = "{name}不能生成为「{ending}」，文件名应以{endings}结尾。"
NO_ORGANISATION_GIVEN = "请用 --organisation 写明组织编码。"
NO_OUTPUT = "请用 --output 写明要写入的文件。"
NO_TALK = "--talk 只用于记录表，{name}不需要。"
NO_TALK_GIVEN = "请用 --talk 写明谈话编号。"
TALK_UNKNOWN = "没有编号为「{code}」的谈话。"
NO_MEETING = "{name}没有{year}年度的会议。"
NO_FOLDER = "文件夹「{folder}」不存在，请先建立。"
NOT_WRITTEN = "文件「{file}」无法写入：{reason}。"
WRITTEN = "已生成{name}{number}：{file}"

ACTOR = Actor("command", "")


class Command(BaseCommand):
    """Asks for a report, renders it as the worker does, and writes the file. Any mistake: status 1."""

    help = (
        "生成一份报告并写入文件，例如 make_report compliance --organisation SYJ --year 2026 --output 报告.pdf"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is missing is said in Chinese by handle()."""
        parser.add_argument("kind", metavar="KIND", help="、".join(f"{k}（{v}）" for k, v in KINDS.items()))
        parser.add_argument("--organisation", metavar="CODE", help="组织编码，含其下级党组织")
        parser.add_argument("--year", metavar="YYYY", help="年度；不填为统计日期所在年度")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="统计日期；不填为今天")
        parser.add_argument("--talk", metavar="CODE", help="谈话编号，只用于记录表")
        parser.add_argument("--output", metavar="FILE", help="写入的文件，扩展名决定格式")

    def handle(self, *args: Any, **options: Any) -> None:
        """Renders the report and tells its number."""
        kind, file = self._wanted(options)
        order = self._order(kind, file.suffix.lower(), options)
        try:
            report = _claimed(order)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        if not render_report(report):
            raise CommandError(services.NOT_ISSUED)
        report.refresh_from_db()
        try:
            file.write_bytes(services.open_report_file(actor=ACTOR, at=timezone.now(), report=report))
        except OSError as error:
            raise CommandError(NOT_WRITTEN.format(file=file, reason=error.strerror)) from error
        self.stdout.write(WRITTEN.format(name=KINDS[kind], number=report.number, file=file))

    def _wanted(self, options: dict[str, Any]) -> tuple[str, Path]:
        """The kind and the file; refuses what cannot be made before anything is done."""
        kind = str(options["kind"])
        if kind not in KINDS:
            made = "、".join(f"{kind}（{name}）" for kind, name in KINDS.items())
            raise CommandError(UNKNOWN_KIND.format(kind=kind, kinds=made))
        if options["talk"] and kind != "talk":
            raise CommandError(NO_TALK.format(name=KINDS[kind]))
        if not options["output"]:
            raise CommandError(NO_OUTPUT)
        file = Path(options["output"])
        if file.suffix.lower() not in DOCUMENT_KINDS[kind]:
            endings = "、".join(DOCUMENT_KINDS[kind])
            raise CommandError(WRONG_FORMAT.format(name=KINDS[kind], ending=file.suffix, endings=endings))
        if not file.parent.is_dir():
            raise CommandError(NO_FOLDER.format(folder=file.parent))
        return kind, file

    def _order(self, kind: str, ending: str, options: dict[str, Any]) -> services.Order:
        """What is asked for; of sealed text the command line is told nothing."""
        as_of = read_day(options["as_of"]) if options["as_of"] else timezone.localdate()
        year = read_year(options["year"]) if options["year"] else as_of.year
        document = DOCUMENT_KINDS[kind][ending]
        order = services.Order(kind=document, year=year, as_of=as_of, file_format=Format(ending[1:]))
        if document is Kind.RECORD:
            return replace(order, talk=self._talk(options["talk"]))
        organisation = self._organisation(options["organisation"])
        if DOCUMENTS[document].scope is Scope.MEETING:
            return replace(order, meeting=self._meeting(organisation, year))
        order = replace(order, organisation=organisation)
        if DOCUMENTS[document].scope is Scope.PERIOD:
            order = replace(order, since=date(year, 1, 1), until=date(year, 12, 31))
        return order

    def _organisation(self, code: str | None) -> Organisation:
        if not code:
            raise CommandError(NO_ORGANISATION_GIVEN)
        organisation = Organisation.objects.filter(code=code).first()
        if organisation is None:
            raise CommandError(NO_ORGANISATION.format(code=code))
        return organisation

    def _talk(self, code: str | None) -> Talk:
        if not code:
            raise CommandError(NO_TALK_GIVEN)
        talk = Talk.objects.filter(code=code).first()
        if talk is None:
            raise CommandError(TALK_UNKNOWN.format(code=code))
        return talk

    def _meeting(self, organisation: Organisation, year: int) -> Meeting:
        meeting = organisation.meetings.filter(year=year).order_by("-meeting_on").first()
        if meeting is None:
            raise CommandError(NO_MEETING.format(name=organisation.name, year=year))
        return meeting


def _claimed(order: services.Order) -> Report:
    """A new report under a claim of ours: in one transaction, so that no worker takes it first."""
    now = timezone.now()
    with transaction.atomic():
        asked = services.ask_for_report(
            actor=ACTOR, at=now, today=timezone.localdate(), account=None, order=order
        )
        report = services.claim_report(pk=asked.pk, now=now)
    assert report is not None, "nobody else has seen it yet"
    return report
