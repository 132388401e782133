"""合规报告：一个党委，20个党支部，1000名党员"""

import time
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from branches.models import Organisation
from branches.rules import OrganisationKind
from members.models import Member
from reports.figures import ComplianceFigures, compliance_figures
from reports.figures.papers import Paper
from reports.pdf import render_paper
from tests import factories

BRANCHES, MEMBERS = 20, 50
YEAR = 2026
# Of every so many talks that are owed one is missing.
MISSING = 10


def run() -> list[tuple[str, str]]:
    """Seconds for the figures and for the PDF of a year in which about a tenth of the talks is missing."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        committee = a_committee()
        started = time.perf_counter()
        figures = compliance_figures(committee, year=YEAR, as_of=date(YEAR + 1, 1, 5), within=None)
        counted = time.perf_counter()
        pages: list[int] = []
        file = render_paper(_paper(figures), on_page=pages.append)
        rendered = time.perf_counter()
        transaction.set_rollback(True)
    return [
        ("应谈事项、逾期事项", f"{figures.total.owed}项、{figures.total.overdue}项"),
        ("统计", f"{counted - started:.2f} s"),
        ("PDF", f"{rendered - counted:.2f} s, {max(pages)}页, {len(file) // 1000} kB"),
    ]


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


def _paper(figures: ComplianceFigures) -> Paper:
    return Paper(
        number=f"BG-{YEAR + 1}-0001",
        issued_at=datetime(YEAR + 1, 1, 5, 9, tzinfo=ZoneInfo(settings.TIME_ZONE)),
        address="http://127.0.0.1:8000/verify/6f1f1a9e-3f0b-4b62-9a55-0f3a5be1c0de/3f9ac6d108e7b25c/",
        check_code="3f9ac6d108e7b25c",
        watermark="督查员　2027年1月5日",
        figures=figures,
    )
