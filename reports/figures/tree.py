"""督查总览: the branches of an organisation, each with all below it, beside the year before."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Left, StrIndex, Substr

from branches.models import Organisation, OrganisationQuerySet
from branches.rules.dates import chinese_date
from reports.figures.sheets import Column, Register, Table
from reports.models.findings import FindingQuerySet, FindingState
from talks.figures.coverage import Coverage
from talks.figures.sums import sums_with_below

COLUMNS = (
    Column("序号", 12, "number"),
    Column("党组织", 50, "left"),
    *(
        Column(name, 16, "number")
        for name in (
            "所属党组织",
            "应谈",
            "已谈",
            "已约",
            "覆盖率",
            "上年",
            "增减",
            "逾期",
            "免予谈话",
            "疑点",
        )
    ),
)
EMPTY = "没有下一级党组织。"
NOTES = (
    "各党组织含其所属党组织，按组织次序排列，不排名次；第一行为全部。增减为覆盖率比上年增减的百分点。",
    "不含事件类必谈；免予谈话单列，不计入覆盖率。疑点是请有关党组织说明的线索，不是结论，也不对个人计分。",
)

# By branch; a name that is missing is none.
Sums = dict[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One organisation with all below it: coverage in the year and in the one before, and open 疑点.

    `below` counts the organisations below it.
    """

    organisation: Organisation
    below: int
    coverage: Coverage
    before: Coverage
    findings: int

    @property
    def change(self) -> str:
        """By how many points of a hundred coverage rose or fell since; 「—」 where one of them is missing."""
        now, then = self.coverage, self.before
        if not now.owed or not then.owed:
            return "—"
        points = 100 * now.met / now.owed - 100 * then.met / then.owed
        return f"{points:+.1f}".replace("-", "－").replace("+", "＋")


def tree_of(
    top: Organisation,
    organisations: OrganisationQuerySet,
    findings: FindingQuerySet,
    *,
    year: int,
    today: date,
) -> tuple[TreeRow, ...]:
    """The row of the top, then one of each organisation right below it that is among the given ones.

    What is not among these is in no row; nor are duties of events. Ten queries, whatever the number: what is
    owed below each stands summed, and less those that are not among the given ones.
    """
    within = organisations.filter(path__startswith=top.path)
    rows = list(within.filter(superior=top).order_by("path"))
    keys = within.order_by().values("pk")
    told = findings.in_state(FindingState.OPEN).filter(organisation__in=keys)
    below = _by_branch(within, "path", top, {"number": Count("pk")})
    open_ones = _by_branch(told, "organisation__path", top, {"number": Count("pk")})
    others = Organisation.objects.order_by().filter(path__startswith=top.path).exclude(pk__in=keys)
    shown, out = [top.pk, *(row.pk for row in rows)], list(others.values_list("pk", flat=True))
    sums = {one: sums_with_below(shown, out, Q(year=one), today=today) for one in (year, year - 1)}
    return tuple(
        TreeRow(
            organisation=place,
            below=_total(below, branch)["number"] - 1,
            coverage=Coverage(*sums[year].get(place.pk, ())),
            before=Coverage(*sums[year - 1].get(place.pk, ())),
            findings=_total(open_ones, branch)["number"],
        )
        for place, branch in [(top, None), *((row, str(row.pk)) for row in rows)]
    )


def _by_branch(rows: QuerySet[Any], path: str, top: Organisation, counted: Mapping[str, Any]) -> Sums:
    """The sums by the branch below the top (its primary key as text; empty for the top itself); one query."""
    rest = Substr(path, len(top.path) + 1)
    found = rows.order_by().annotate(branch=Left(rest, StrIndex(rest, Value("/")) - 1))
    sums: Sums = {}
    for branch, *numbers in found.values("branch").annotate(**counted).values_list("branch", *counted):
        sums[branch] = Counter({name: n or 0 for name, n in zip(counted, numbers, strict=True)})
    return sums


def _total(sums: Sums, branch: str | None) -> Counter[str]:
    """Of the branch, or of all."""
    return sum(sums.values(), Counter()) if branch is None else sums.get(branch, Counter())


def tree_sheet(rows: tuple[TreeRow, ...], *, year: int, today: date) -> Register:
    """The level on screen as a list: what `tree_of` gave, the first row of all."""
    top = rows[0].organisation
    lines = tuple(
        (
            number,
            row.organisation.name,
            row.below,
            row.coverage.owed,
            row.coverage.met,
            row.coverage.scheduled,
            row.coverage.rate,
            row.before.rate,
            row.change,
            row.coverage.overdue,
            row.coverage.waived,
            row.findings,
        )
        for number, row in enumerate(rows, 1)
    )
    return Register(
        title="督查总览",
        subtitle=f"{top.name}　{year}年度",
        left=f"截至{chinese_date(today)}",
        right="",
        as_of=today,
        versions=(),
        tables=(Table("督查总览", "", COLUMNS, lines, EMPTY),),
        notes=NOTES,
        is_wide=True,
    )
