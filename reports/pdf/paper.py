"""From figures to PDF/A after GB/T 9704-2012: fonts, style sheets, marks, progress."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

from reports.figures import BUILT_IN, ComplianceFigures, Version
from reports.figures.papers import Paper
from reports.figures.sheets import Bundle, Essay, Overview, RecordSheet, Register, Sheet
from reports.pdf.compliance import compliance_context, compliance_pages
from reports.pdf.fonts import PaperFonts
from reports.pdf.justify import justify
from reports.pdf.marks import qr_code, watermark_sheet
from reports.pdf.registers import is_long, render_register
from reports.pdf.subsets import SmallFonts
from reports.rules import set_name

VARIANT = "pdf/a-2a"
FOLDER = "reports/pdf/"
SHEETS = ("gbt9704.css", "compliance.css", "sheets.css")
SHEET_FOLDER = Path(__file__).resolve().parent.parent.parent / "templates" / "reports" / "pdf"
BODIES: tuple[tuple[type[Sheet], str], ...] = (
    (Overview, "_overview.html"),
    (Register, "_register.html"),
    (Essay, "_essay.html"),
    (RecordSheet, "_record.html"),
)

# QR code and watermark. A style sheet, a page or a picture of another kind is none of ours.
MARK_ADDRESS = "data:image/svg+xml"
NOT_OURS = "a paper asks for nothing but its own marks"

OnPage = Callable[[int], None]


def render_paper(paper: Paper, *, on_page: OnPage | None = None) -> bytes:
    """The paper as PDF/A-2a, tagged; the same bytes for the same paper and fonts.

    `on_page` is told the number of each page that is laid out, some of them more than once; of a long
    register, how many of the expected pages are done.
    """
    if is_long(paper.figures):
        trail, expected = _sets(paper.figures.versions), expected_pages(paper.figures)
        return render_register(paper, trail, on_page=on_page, expected=expected)
    fonts, house = _house((*settings.FONT_DIRS, settings.VAR / "fonts"))
    fetcher = _fetcher()
    html = HTML(string=page_of(paper), url_fetcher=fetcher)
    sheets = [*house]
    for text in (watermark_sheet(paper.watermark) if paper.watermark else "", _widths(paper.figures)):
        if text:
            sheets.append(CSS(string=text, font_config=fonts, url_fetcher=fetcher))
    with _watched(on_page):
        document = html.render(font_config=fonts, stylesheets=sheets, pdf_variant=VARIANT)
    justify(document)
    document.fonts = small = SmallFonts()
    # The variant is asked for twice: given to render() alone, the file comes out untagged.
    return bytes(document.write_pdf(pdf_variant=VARIANT, finisher=small.embed))


def page_of(paper: Paper) -> str:
    """The paper as HTML."""
    context = {"paper": paper, "sets": _sets(paper.figures.versions), "qr_code": qr_code(paper.address)}
    return _html(paper.figures, context)


class OwnMarks(URLFetcher):  # type: ignore[misc]
    """Opens the marks of a paper, which stand in it as data addresses: no network, no file, nothing else.

    What asks for anything else is no paper of ours, and is not made at all: FatalURLFetchingError.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> object:
        """The mark at the address; ValueError for every other address."""
        if not url.startswith(MARK_ADDRESS):
            raise ValueError(NOT_OURS)
        return super().fetch(url, headers)


def _fetcher() -> URLFetcher:
    return OwnMarks()


@cache
def _house(folders: tuple[Path, ...]) -> tuple[PaperFonts, tuple[CSS, ...]]:
    """The fonts of the folders and the style sheets of all papers: read once by a process."""
    fonts = PaperFonts(folders)
    return fonts, tuple(
        CSS(SHEET_FOLDER / name, font_config=fonts, url_fetcher=_fetcher()) for name in SHEETS
    )


def _html(figures: ComplianceFigures | Sheet, context: dict[str, object]) -> str:
    if isinstance(figures, ComplianceFigures):
        return render_to_string(FOLDER + "compliance.html", context | compliance_context(figures))
    parts = [(FOLDER + _body(part), part) for part in _parts(figures)]
    return render_to_string(FOLDER + "sheet.html", context | {"sheet": figures, "parts": parts})


def _parts(sheet: Sheet) -> tuple[Sheet, ...]:
    return sheet.parts if isinstance(sheet, Bundle) else (sheet,)


def _body(sheet: Sheet) -> str:
    return next(name for kind, name in BODIES if isinstance(sheet, kind))


def _widths(figures: ComplianceFigures | Sheet) -> str:
    """A style sheet with the widths of the columns, by part and table."""
    if isinstance(figures, ComplianceFigures):
        return ""
    rules = [
        f".part-{place} .table-{number} col:nth-child({column}) {{ width: {one.width}mm }}"
        for place, part in enumerate(_parts(figures), 1)
        if isinstance(part, Register)
        for number, table in enumerate(part.tables, 1)
        for column, one in enumerate(table.columns, 1)
    ]
    return "\n".join(rules)


SETS_PER_LINE = 3


def _sets(versions: tuple[Version, ...]) -> list[str]:
    """The rule versions in the two lines of the foot: built-in sets with their day, then how many are own."""
    built_in = [version for version in versions if version.maker == BUILT_IN]
    days: dict[str, list[str]] = {}
    for version in built_in:
        day = f"{version.since.year}.{version.since.month}.{version.since.day}"
        found = days.setdefault(set_name(version.code), [])
        if day not in found:
            found.append(day)
    parts = [f"{name}{'、'.join(found)}" for name, found in days.items()]
    own = len(versions) - len(built_in)
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


ROWS_OF_A_SHEET = 18


def expected_pages(figures: ComplianceFigures | Sheet) -> int:
    """About how many pages the paper will have, to tell how far its rendering has come."""
    if isinstance(figures, ComplianceFigures):
        return compliance_pages(figures)
    return 1 + figures.rows_count // ROWS_OF_A_SHEET
