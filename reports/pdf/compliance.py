"""合规报告 as PDF."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

from reports.figures import BUILT_IN, ComplianceFigures
from reports.pdf.fonts import PaperFonts
from reports.pdf.justify import justify
from reports.pdf.marks import qr_code, watermark_sheet
from reports.rules import set_name

VARIANT = "pdf/a-2a"
TEMPLATE = "reports/pdf/compliance.html"
SHEETS = ("gbt9704.css", "compliance.css")
SHEET_FOLDER = Path(__file__).resolve().parent.parent.parent / "templates" / "reports" / "pdf"
# A list of 1,500 rows takes WeasyPrint 11 s and 0.5 GB; the paper says so when it leaves rows out.
MOST_OVERDUE_ROWS = 1500

# With more organisations each one's rules are left to its own report.
MOST_IN_DETAIL = 100

OnPage = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the paper besides the figures.

    `address` is what the QR code leads to, `check_code` the beginning of the figures' HMAC, `watermark` the
    text behind the pages (empty: none). `issued_at` is in local time.
    """

    number: str
    issued_at: datetime
    address: str
    check_code: str
    watermark: str
    figures: ComplianceFigures


def render_compliance(paper: Paper, *, on_page: OnPage | None = None) -> bytes:
    """The paper as PDF/A-2a, tagged; the same bytes for the same paper and fonts.

    `on_page` is told the number of each page that is laid out, some of them more than once.
    """
    fonts = PaperFonts((*settings.FONT_DIRS, settings.VAR / "fonts"))
    # Nothing is fetched: what the paper needs is in it.
    fetcher = URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    html = HTML(string=render_to_string(TEMPLATE, _context(paper)), url_fetcher=fetcher)
    sheets = [CSS(SHEET_FOLDER / name, font_config=fonts, url_fetcher=fetcher) for name in SHEETS]
    if paper.watermark:
        sheets.append(CSS(string=watermark_sheet(paper.watermark), font_config=fonts, url_fetcher=fetcher))
    with _watched(on_page):
        document = html.render(font_config=fonts, stylesheets=sheets, pdf_variant=VARIANT)
    justify(document)
    # The variant is asked for twice: given to render() alone, the file comes out untagged.
    return bytes(document.write_pdf(pdf_variant=VARIANT))


def _context(paper: Paper) -> dict[str, object]:
    figures = paper.figures
    several = bool(figures.branches)
    in_detail = several and bool(figures.rules) and len(figures.organisations) <= MOST_IN_DETAIL
    chapters = ["summary", "overdue", *(["detail"] if in_detail else []), "versions", "notes"]
    tables = [
        *(["organisations"] if several else []),
        *(["rules"] if figures.rules else []),
        *(["overdue"] if figures.overdue else []),
        *(["detail"] if in_detail else []),
        "versions",
    ]
    return {
        "paper": paper,
        "figures": figures,
        "overdue": [
            (line, _parts("、".join(line.persons)), _parts(line.responsible))
            for line in figures.overdue[:MOST_OVERDUE_ROWS]
        ],
        "left_out": len(figures.overdue[MOST_OVERDUE_ROWS:]),
        "most_in_detail": MOST_IN_DETAIL,
        "chapters": dict(zip(chapters, "一二三四五", strict=False)),
        "tables": {name: number for number, name in enumerate(tables, start=1)},
        "pooled": [line for line in figures.organisations if line.pooled],
        "party": sum(line.party or 0 for line in figures.organisations),
        "sets": _sets(figures),
        "qr_code": qr_code(paper.address),
        "check_code": " ".join(paper.check_code[i : i + 4].upper() for i in range(0, 16, 4)),
    }


def _parts(names: str) -> list[str]:
    """Pieces of names that stay in one line: a break comes after 「、」 and after the dot of a long name."""
    return re.findall(r"[^、·]+[、·]?", names)


SETS_PER_LINE = 3


def _sets(figures: ComplianceFigures) -> list[str]:
    """The rule versions in the two lines of the foot: built-in sets with their day, then how many are own."""
    built_in = [version for version in figures.versions if version.maker == BUILT_IN]
    days: dict[str, list[str]] = {}
    for version in built_in:
        day = f"{version.since.year}.{version.since.month}.{version.since.day}"
        found = days.setdefault(set_name(version.code), [])
        if day not in found:
            found.append(day)
    parts = [f"{name}{'、'.join(found)}" for name, found in days.items()]
    own = len(figures.versions) - len(built_in)
    parts += [f"另有党组织制定的{own}条"] if own else []
    lines = ["　".join(parts[i : i + SETS_PER_LINE]) for i in range(0, len(parts), SETS_PER_LINE)]
    return [("规则版本：" if not number else "　　　　　") + line for number, line in enumerate(lines)]


_listener: ContextVar[OnPage | None] = ContextVar("listener", default=None)


class _PageHandler(logging.Handler):
    """Hands the page numbers, of which WeasyPrint speaks only in its log, to whoever listens."""

    def emit(self, record: logging.LogRecord) -> None:
        on_page = _listener.get()
        if on_page and record.msg == "Step 5 - Creating layout - Page %d" and isinstance(record.args, tuple):
            on_page(int(str(record.args[0])))


_progress = logging.getLogger("weasyprint.progress")
_pages = _PageHandler()


@contextmanager
def _watched(on_page: OnPage | None) -> Iterator[None]:
    # Each time: whoever configures logging anew, as the start of a worker may, takes handler and level away.
    _progress.setLevel(logging.INFO)
    _progress.propagate = False
    _progress.addHandler(_pages)
    token = _listener.set(on_page)
    try:
        yield
    finally:
        _listener.reset(token)


# Measured: rows to a page of each table, and what stands around them.
ROWS_TO_A_PAGE = 24
PAGES_AROUND = 4


def expected_pages(figures: ComplianceFigures) -> int:
    """About how many pages the paper will have, to tell how far its rendering has come."""
    organisations = figures.organisations if 1 < len(figures.organisations) <= MOST_IN_DETAIL else ()
    detail = sum(1 + len(line.rules) for line in organisations)
    rows = len(figures.organisations) + min(len(figures.overdue), MOST_OVERDUE_ROWS) + detail
    return PAGES_AROUND + rows // ROWS_TO_A_PAGE
