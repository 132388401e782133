"""文书：一个党委，20个党支部，1000名党员；一次谈话；5000行"""

import time
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from statistics import median
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from weasyprint import HTML

from branches.models import Organisation
from branches.rules import OrganisationKind
from members.models import Member
from reports.figures import ComplianceFigures, compliance_figures
from reports.figures.ledger import ledger_figures
from reports.figures.papers import Paper
from reports.figures.sheets import Sheet
from reports.figures.statistics import statistics_figures
from reports.pdf import render_paper
from reports.pdf.marks import watermark_sheet
from reports.pdf.paper import SHEET_FOLDER, SHEETS, VARIANT, page_of
from tests import factories
from tests.bench.registers import ROWS, alone
from tests.reports.test_sheets import a_record
from tests.reports.test_sheets import paper as paper_of

BRANCHES, MEMBERS = 20, 50
YEAR = 2026
# Of every so many talks that are owed one is missing.
MISSING = 10
# Of a record, beside the same by WeasyPrint alone.
TIMES = 7


def run() -> list[tuple[str, str]]:
    """Seconds for the papers of a year in which a tenth of the talks is missing; a record and a long ledger
    beside WeasyPrint alone, in seconds of the processor, in one run."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        committee = a_committee()
        started = time.perf_counter()
        figures = compliance_figures(committee, year=YEAR, as_of=date(YEAR + 1, 1, 5), within=None)
        counted = time.perf_counter()
        pages: list[int] = []
        file = render_paper(_paper(figures), on_page=pages.append)
        rendered = time.perf_counter()
        branch = Organisation.objects.get(name="第1党支部")
        papers = [_of_branch(branch, kind) for kind in ("ledger", "statistics", "compliance")]
        transaction.set_rollback(True)
    record = a_record_beside_weasyprint()
    ours, naive = alone("ours"), alone("naive")
    return [
        ("应谈事项、逾期事项", f"{figures.total.owed}项、{figures.total.overdue}项"),
        ("统计", f"{counted - started:.2f} s"),
        ("PDF", f"{rendered - counted:.2f} s, {max(pages)}页, {len(file) // 1000} kB"),
        *((f"一个支部全年的{name}（要求3 s以内）", f"{taken:.2f} s，{rows}") for name, taken, rows in papers),
        (
            "谈心谈话记录表与同一HTML单用WeasyPrint之比（要求1.2以内）",
            f"{record[0]:.2f}，{record[1]} kB（要求150 kB以内）",
        ),
        (f"{ROWS}行台账", f"{ours[0]:.1f} s，最多占内存{ours[1]} MB（要求600 MB以内），{ours[2]} kB"),
        ("同样各行的一张WeasyPrint自动列宽表", f"{naive[0]:.1f} s，{naive[1]} MB，{naive[2]} kB"),
        ("快多少倍（要求4倍以上）", f"{naive[0] / ours[0]:.1f}"),
    ]


def _of_branch(branch: Organisation, kind: str) -> tuple[str, float, str]:
    """What it is called, the seconds from the figures to the file, and how many rows or duties it has."""
    started = time.perf_counter()
    last = date(YEAR, 12, 31)
    figures: ComplianceFigures | Sheet
    if kind == "ledger":
        figures = ledger_figures(
            branch, [branch], since=date(YEAR, 1, 1), until=last, as_of=last, account=None, today=last
        )
    elif kind == "statistics":
        figures = statistics_figures(branch, year=YEAR, as_of=last, within=None, reader=None)
    else:
        figures = compliance_figures(branch, year=YEAR, as_of=last, within=None)
    render_paper(_paper(figures))
    taken = time.perf_counter() - started
    rows = figures.rows_count if isinstance(figures, Sheet) else figures.total.owed
    return (
        {"ledger": "台账", "statistics": "统计表", "compliance": "合规报告"}[kind],
        taken,
        f"{rows}行或者项",
    )


def a_record_beside_weasyprint() -> tuple[float, int]:
    """How many times as long a record takes as WeasyPrint for its HTML (medians), and its size in kB."""
    record = paper_of(a_record())
    house = "".join((SHEET_FOLDER / name).read_text() for name in SHEETS)
    sheets = house + watermark_sheet(record.watermark)
    html = page_of(record).replace("</head>", f"<style>{sheets}</style></head>")
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMES):
        for taken, make in zip(
            times,
            (lambda: render_paper(record), lambda: HTML(string=html).write_pdf(pdf_variant=VARIANT)),
            strict=True,
        ):
            started = time.process_time()
            make()
            taken.append(time.process_time() - started)
    return median(times[0]) / median(times[1]), len(render_paper(record)) // 1000


def a_committee() -> Organisation:
    """The committee with its branches, members and the talks of the year."""
    committee = factories.an_organisation("测量局党委", OrganisationKind.COMMITTEE)
    for number in range(1, BRANCHES + 1):
        branch = factories.an_organisation(f"第{number}党支部", superior=committee)
        people = [factories.a_member(f"党员{number}之{n}", branch) for n in range(1, MEMBERS + 1)]
        for place, member in enumerate(people[:4]):
            factories.a_post(member, branch, is_team=True, is_principal=place == 0)
        _talks(people[:4], people[4:], skip=number)
    return committee


def _talks(team: list[Member], others: list[Member], skip: int) -> None:
    pairs = [*combinations(team, 2), *((team[n % 4], other) for n, other in enumerate(others))]
    pairs += [*pairwise(others), (others[-1], others[0])]
    for number, (talker, subject) in enumerate(pairs):
        if (number + skip) % MISSING:
            held_on = date(YEAR, 1, 10) + timedelta(days=number * 3 % 300)
            factories.a_talk([talker], [subject], held_on=held_on)


def _paper(figures: ComplianceFigures | Sheet) -> Paper:
    return Paper(
        number=f"BG-{YEAR + 1}-0001",
        issued_at=datetime(YEAR + 1, 1, 5, 9, tzinfo=ZoneInfo(settings.TIME_ZONE)),
        address="http://127.0.0.1:8000/verify/6f1f1a9e-3f0b-4b62-9a55-0f3a5be1c0de/3f9ac6d108e7b25c/",
        check_code="3f9ac6d108e7b25c",
        watermark="督查员　2027年1月5日",
        figures=figures,
    )
