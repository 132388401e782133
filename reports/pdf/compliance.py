"""合规报告 as PDF: what its template is given, and how many pages it will have."""

from reports.figures import ComplianceFigures
from reports.rules import Tally

# A list of 1,500 rows takes WeasyPrint 11 s and 0.5 GB; the paper says so when it leaves rows out.
MOST_OVERDUE_ROWS = 1500

# With more organisations each one's rules are left to its own report.
MOST_IN_DETAIL = 100


def compliance_context(figures: ComplianceFigures) -> dict[str, object]:
    """The lists of the template, its chapters and its tables in their order."""
    several = bool(figures.branches)
    in_detail = several and bool(figures.rules) and len(figures.organisations) <= MOST_IN_DETAIL
    chapters = [
        "summary",
        *(["ranks"] if figures.ranks else []),
        "overdue",
        "requests",
        *(["findings"] if figures.findings is not None else []),
        *(["detail"] if in_detail else []),
        "versions",
        "notes",
    ]
    tables = [
        *(["organisations"] if several else []),
        *(["rules"] if figures.rules else []),
        *(["trend"] if figures.last_year is not None else []),
        *(["ranks"] if figures.ranks else []),
        *(["overdue"] if figures.overdue else []),
        *(["detail"] if in_detail else []),
        *(["versions"] if figures.versions else []),
    ]
    return {
        "figures": figures,
        "trend": _trend(figures),
        "overdue": figures.overdue[:MOST_OVERDUE_ROWS],
        "left_out": len(figures.overdue[MOST_OVERDUE_ROWS:]),
        "most_in_detail": MOST_IN_DETAIL,
        "chapters": dict(zip(chapters, "一二三四五六七八", strict=False)),
        "tables": {name: number for number, name in enumerate(tables, start=1)},
        "pooled": [line for line in figures.organisations if line.pooled],
        "party": sum(line.party or 0 for line in figures.organisations),
    }


def _trend(figures: ComplianceFigures) -> list[tuple[str, object, object, str]]:
    """This year beside the year before, on the same day, and the difference; nothing where unknown."""
    if figures.last_year is None:
        return []
    now, before = figures.total, figures.last_year
    rows: list[tuple[str, object, object, str]] = [
        (name, here, there, f"{here - there:+d}".replace("-", "－").replace("+0", "0").replace("+", "＋"))
        for name, here, there in (
            ("应谈（项）", now.owed, before.owed),
            ("已谈（项）", now.met, before.met),
            ("逾期（项）", now.overdue, before.overdue),
            ("免予谈话（项）", now.waived, before.waived),
        )
    ]
    return [*rows[:2], ("覆盖率", now.coverage, before.coverage, _points(now, before)), *rows[2:]]


def _points(now: Tally, before: Tally) -> str:
    """The difference of the two rates in points of a hundred."""
    if not (now.owed and before.owed):
        return "—"
    points = 100 * now.met / now.owed - 100 * before.met / before.owed
    return f"{points:+.1f}".replace("-", "－").replace("+", "＋") + "个百分点"


# Measured: rows to a page of each table, and what stands around them.
ROWS_TO_A_PAGE = 24
PAGES_AROUND = 4


def compliance_pages(figures: ComplianceFigures) -> int:
    """About how many pages the paper will have, to tell how far its rendering has come."""
    organisations = figures.organisations if 1 < len(figures.organisations) <= MOST_IN_DETAIL else ()
    detail = sum(1 + len(line.rules) for line in organisations)
    rows = len(figures.organisations) + min(len(figures.overdue), MOST_OVERDUE_ROWS) + detail
    return PAGES_AROUND + rows // ROWS_TO_A_PAGE
