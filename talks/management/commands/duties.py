"""`python manage.py duties`: what is owed in a year, by whom, and how it stands (workbook.md)."""

import json
import unicodedata
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from branches.models import Organisation
from branches.rules.dates import chinese_date
from talks.figures.duties import duties_below
from talks.rules.anchors import chinese_anchor
from talks.rules.duties import Duty
from talks.rules.facts import Facts
from talks.rules.words import ROLE_NAMES, DutyState

NO_ORGANISATION = "组织编码「{code}」不存在。"
NO_YEAR = "年度「{text}」无法识别，应写作四位数字，例如 2026。"
NO_DATE = "日期「{text}」无法识别，应写作 2026-03-05。"
NOTHING_OWED = "没有应谈事项。"
HEADER = ("必谈规则", "党组织", "事由", "谈话对象", "对方或谈话人", "起", "止", "状态", "谈话", "谈话日期")


class Command(BaseCommand):
    """Evaluates the duties of an organisation and all below it; reads only."""

    help = "列出一个党组织及其下级党组织在一个年度的应谈事项。只读取，不写入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--year and --format are required; without --organisation: the whole installation."""
        parser.add_argument("--year", required=True, help="年度，例如 2026")
        parser.add_argument("--organisation", help="组织编码；不填为全部党组织")
        parser.add_argument("--as-of", help="统计日期，例如 2026-12-31；不填为今天")
        parser.add_argument("--format", required=True, choices=("json", "table"), help="输出格式")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the duties; an unknown organisation, year or date is a Chinese line and exit status 1."""
        year = read_year(str(options["year"]))
        as_of = read_day(options["as_of"]) if options["as_of"] else timezone.localdate()
        code: str | None = options["organisation"]
        organisation = None
        if code is not None:
            organisation = Organisation.objects.filter(code=code).first()
            if organisation is None:
                raise CommandError(NO_ORGANISATION.format(code=code))
        facts, duties = duties_below(organisation, year=year, as_of=as_of)
        if options["format"] == "json":
            answer = {"as_of": as_of.isoformat(), "year": year, "organisation": code}
            lines = {"duties": [as_json(duty) for duty in duties], "summary": summary(duties)}
            self.stdout.write(json.dumps(answer | lines, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(as_table(facts, duties))
            self.stdout.write(
                f"截至{chinese_date(as_of)}："
                + "应谈{owed}，已谈{met}，逾期{overdue}，免予谈话{waived}。".format(**summary(duties))
            )


def read_year(text: str) -> int:
    """A year of four digits, or a CommandError in Chinese."""
    if text.isascii() and text.isdigit() and MINYEAR <= int(text) <= MAXYEAR:
        return int(text)
    raise CommandError(NO_YEAR.format(text=text))


def read_day(text: str | date) -> date:
    """A date as YYYY-MM-DD, or a CommandError in Chinese."""
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise CommandError(NO_DATE.format(text=text)) from error


def as_json(duty: Duty) -> dict[str, str | None]:
    """One duty as workbook.md shows it."""
    return {
        "rule": duty.rule.code,
        "organisation": duty.organisation,
        "anchor": duty.anchor,
        "subject": duty.subject,
        "counterpart": duty.counterpart,
        "role": duty.role.value if duty.role else None,
        "opens_on": duty.opens_on.isoformat(),
        "due_on": duty.due_on.isoformat(),
        "state": duty.state.value,
        "talk": duty.talk,
        "held_on": duty.held_on.isoformat() if duty.held_on else None,
    }


def summary(duties: Sequence[Duty]) -> dict[str, int]:
    """owed: all but 免予谈话; met: 已谈 and 逾期完成; overdue: 逾期; waived: 免予谈话."""
    states = Counter(duty.state for duty in duties)
    return {
        "owed": len(duties) - states[DutyState.WAIVED],
        "met": states[DutyState.DONE] + states[DutyState.LATE],
        "overdue": states[DutyState.OVERDUE],
        "waived": states[DutyState.WAIVED],
    }


def as_table(facts: Facts, duties: Sequence[Duty]) -> str:
    """The duties in columns. Persons stand as codes: that somebody has had an event is confidential."""
    if not duties:
        return NOTHING_OWED
    names = {organisation.code: organisation.name for organisation in facts.organisations}
    rows = [HEADER]
    for duty in duties:
        rows.append(
            (
                duty.rule.title,
                names[duty.organisation],
                chinese_anchor(duty.anchor),
                duty.subject,
                duty.counterpart or (ROLE_NAMES[duty.role] if duty.role else ""),
                duty.opens_on.isoformat(),
                duty.due_on.isoformat(),
                duty.state.value,
                duty.talk or "",
                duty.held_on.isoformat() if duty.held_on else "",
            )
        )
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell + " " * (space - width(cell)) for cell, space in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
