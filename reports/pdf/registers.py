"""Long registers, laid out by Typst a part at a time: the pages of WeasyPrint stay in memory.

Measured with 5,000 rows of a ledger on two cores (tests/bench/bench_report.py): one WeasyPrint table takes
about 38 ms of a processor a row with automatic layout, fixed columns save a sixth of it, and 1,500 rows fill
half a gigabyte; Typst takes 2 ms a row and 650 MB in one piece, and 4 ms and 550 MB in parts, each laid out
twice since the foot tells how many pages there are in all. So what is longer than LONG rows goes this way.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
import typst
from django.conf import settings
from fontTools.ttLib import TTCollection, TTFont

from branches.rules.dates import chinese_date
from reports.figures import ComplianceFigures
from reports.figures.papers import Paper
from reports.figures.sheets import Cell, Overview, Register, Sheet, Table
from reports.pdf.binding import bind
from reports.rules.cells import printed, together

OnPage = Callable[[int], None]
SOURCE = Path(__file__).resolve().parent.parent.parent / "templates" / "reports" / "pdf"
# The standard of the other papers, as Typst calls it.
STANDARD: Final = "a-2a"
# More rows than this are laid out by Typst: WeasyPrint takes two seconds for so many, five for the talks
# of a branch's year.
LONG = 40
# Rows that are laid out at once.
PART = 200
# Typst keeps what it has laid out until it was not asked for it in ten compilations; nothing else makes it
# forget: with these it holds two parts, without them all of them, and a worker would never shrink.
FORGETTING = 5
# A full-width character of a list in mm, and how many lines of them stand on a page for sure.
CHARACTER, TALL = 3.6, 22
# Printed for a sign that no font has, as printers do.
MISSING_SIGN = "〓"
# A run without a place to break gets one after each of its signs.
UNBROKEN = re.compile(r"[!-~]{12,}")
BREAK = "\u200b"
FACES = re.compile(r"--(\w+): ([^;]+);")


def is_long(figures: ComplianceFigures | Sheet) -> bool:
    """Whether the paper is one table with more rows than WeasyPrint is asked to lay out."""
    return (
        isinstance(figures, Register)
        and not isinstance(figures, Overview)
        and len(figures.tables) == 1
        and len(figures.tables[0].rows) > LONG
    )


def render_register(paper: Paper, trail: Sequence[str], *, on_page: OnPage | None, expected: int) -> bytes:
    """The register as PDF/A-2a, tagged; the same bytes for the same paper and fonts.

    `trail` are the lines of the foot, `expected` about how many pages it will have: `on_page` hears how many
    of these are done.
    """
    figures = paper.figures
    assert isinstance(figures, Register), "is_long said so"
    table = figures.tables[0]
    tell = on_page or (lambda page: None)
    setter = _Setter(paper, figures, table, trail)
    counts: list[tuple[int, int]] = []
    start, pages = 0, 0
    while start < len(table.rows):
        rows, used = setter.count(start)
        counts.append((rows, used))
        start, pages = start + rows, pages + used
        tell(expected * start // (2 * len(table.rows)))
    files, start, before = [], 0, 0
    for rows, used in counts:
        files.append(setter.compile(start, rows, before, pages))
        start, before = start + rows, before + used
        tell(expected * (len(table.rows) + start) // (2 * len(table.rows)))
    return bind(files, pages)


class _Setter:
    """The register and everything that its parts have in common."""

    def __init__(self, paper: Paper, figures: Register, table: Table, trail: Sequence[str]) -> None:
        self.fonts, self.table = _fonts(tuple(settings.FONT_DIRS), settings.VAR / "fonts"), table
        self.source = SOURCE / "register.typ"
        self.day = paper.issued_at
        self.notes = figures.notes
        code = BytesIO()
        segno.make(paper.address, error="m", micro=False).save(code, kind="svg", border=4, light="#fff")
        as_of = chinese_date(figures.as_of)
        self.common: dict[str, Any] = {
            "title": figures.title,
            "lines": figures.title_lines,
            "subtitle": figures.subtitle,
            "left": figures.left,
            "right": figures.right,
            "description": paper.described,
            "day": {"year": self.day.year, "month": self.day.month, "day": self.day.day},
            "trail": [f"编号：{paper.number}　校验码：{paper.code_printed}", f"数据截至：{as_of}", *trail],
            "wide": figures.is_wide,
            "watermark": paper.watermark,
            "address": f"核验二维码：{paper.address}",
            "qr": code.getvalue().decode(),
            "fonts": _faces(self.fonts),
            "columns": [{"name": one.name, "width": one.width, "align": one.align} for one in table.columns],
        }

    def count(self, start: int) -> tuple[int, int]:
        """How many rows from the given one fill whole pages (at the end: all that are left), and how many."""
        shown = self.table.rows[start : start + PART]
        places, pages = self._run(self._data(start, len(shown), 1 if start else 0, 0), counting=True)
        if start + len(shown) < len(self.table.rows):
            for cut in range(len(shown) - 1, 0, -1):
                # The page before is full: this row found no room on it.
                if places[cut] > places[cut - 1] and not self._is_tall(shown[cut - 1]):
                    return cut, places[cut] - 1
        return len(shown), pages

    def compile(self, start: int, rows: int, before: int, pages: int) -> bytes:
        """The rows as a file whose pages follow so many others, of so many in all."""
        made: bytes = self._run(self._data(start, rows, before, pages), counting=False)
        return made

    def _data(self, start: int, rows: int, before: int, pages: int) -> dict[str, Any]:
        table, is_last = self.table, start + rows == len(self.table.rows)
        shown = table.rows[start : start + rows]
        aligns = [column.align for column in table.columns]
        return self.common | {
            "before": before,
            "pages": pages,
            "rows": [
                [
                    together(cell) if align == "names" else _text(cell)
                    for align, cell in zip(aligns, row, strict=True)
                ]
                for row in shown
            ],
            "tall": [place for place, row in enumerate(shown) if self._is_tall(row)],
            "sums": [_text(cell) for cell in table.sums] if table.sums and is_last else None,
            "notes": self.notes if is_last else (),
        }

    def _is_tall(self, row: Sequence[Cell]) -> bool:
        """Whether the row may need more than a page: only such a one is cut."""
        return any(
            len(_text(cell)) * CHARACTER > TALL * column.width
            for column, cell in zip(self.table.columns, row, strict=True)
        )

    def _run(self, data: dict[str, Any], *, counting: bool) -> Any:
        try:
            return self._typst(json.dumps(data, ensure_ascii=False), counting=counting)
        except typst.TypstError:
            # PDF/A has no room for a sign without a glyph.
            drawn = _drawn_signs(tuple(sorted({one.path for one in self.fonts.fonts() if one.path})))
            text = json.dumps(data, ensure_ascii=False)
            signs = {sign for sign in set(text) if ord(sign) not in drawn or "\ue000" <= sign <= "\uf8ff"}
            return self._typst(
                text.translate(dict.fromkeys(map(ord, signs), MISSING_SIGN)), counting=counting
            )

    def _typst(self, text: str, *, counting: bool) -> Any:
        inputs = {"data": text, "counting": "yes" if counting else "no"}
        try:
            if counting:
                found = typst.query(
                    self.source,
                    "<pages>",
                    field="value",
                    one=True,
                    root=SOURCE,
                    font_paths=self.fonts,
                    sys_inputs=inputs,
                )
                return json.loads(found)
            midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=self.day.tzinfo)
            return typst.compile(
                self.source,
                format="pdf",
                # Text is handed over as data and never read as markup; were it, it could open nothing else.
                root=SOURCE,
                font_paths=self.fonts,
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=int(midnight.timestamp()),
            )
        finally:
            for number in range(FORGETTING):
                typst.compile(f"#{number}".encode(), format="pdf", font_paths=self.fonts)


def _text(cell: Cell) -> str:
    return UNBROKEN.sub(lambda found: BREAK.join(found.group()), printed(cell))


@cache
def _fonts(own: Iterable[Path], shipped: Path) -> typst.Fonts:
    """The machine's fonts, and those in the folders; found once by a process."""
    return typst.Fonts(include_embedded_fonts=False, font_paths=[*own, shipped])


def _faces(fonts: typst.Fonts) -> dict[str, list[str]]:
    """The families of each role that are there, in the order of the style sheet, as Typst calls them."""
    there = {name.lower(): name for name in fonts.families()}
    faces = {}
    for role, names in FACES.findall((SOURCE / "gbt9704.css").read_text()):
        families = [name.strip().strip("'") for name in names.split(",")]
        found = [
            there[one.lower()]
            for name in families
            # Typst takes the weight for no part of the name, except where a font hides it.
            for one in (name, f"{name} R", name.removesuffix(" Light"))
            if one.lower() in there
        ]
        faces[role] = list(dict.fromkeys(found))
    return faces


@cache
def _drawn_signs(files: tuple[str, ...]) -> frozenset[int]:
    """The code points that any of the fonts draws."""
    drawn: set[int] = set()
    for file in files:
        fonts = (
            TTCollection(file, lazy=True).fonts[:1] if file.endswith(".ttc") else [TTFont(file, lazy=True)]
        )
        for font in fonts:
            drawn.update(font.getBestCmap() or ())
    return frozenset(drawn)
