"""The compliance report as PDF: its page, its fonts, its tags, what it says and what it must not."""

import logging.config
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from fontTools.cffLib import CFFFontSet
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from weasyprint.formatting_structure import boxes

from reports.figures import ComplianceFigures
from reports.figures.papers import Paper
from reports.pdf import compliance, expected_pages, render_paper
from reports.pdf import paper as machine
from reports.pdf.fonts import PaperFonts
from reports.pdf.subsets import SmallFonts
from tests.guards import ROOT
from tests.reports.rows import an_overdue_line, some_figures

RARE = "镕堃喆珺璟㛃䶮燊"
CHINA = timezone(timedelta(hours=8))
ADDRESS = (
    "http://127.0.0.1:8000/verify/6f1f1a9e-3f0b-4b62-9a55-0f3a5be1c0de/3f9ac6d108e7b25c3f9ac6d108e7b25c/"
)


def paper(figures: ComplianceFigures | None = None, watermark: str = "顾行之　2027年1月5日") -> Paper:
    return Paper(
        number="BG-2027-0003",
        issued_at=datetime(2027, 1, 5, 9, 30, tzinfo=CHINA),
        address=ADDRESS,
        check_code="3f9ac6d108e7b25c3f9ac6d108e7b25c",
        watermark=watermark,
        figures=figures or some_figures(overdue=(an_overdue_line("梁志强"),)),
    )


def rare_paper(watermark: str = "顾行之") -> Paper:
    lines = [an_overdue_line(f"王{sign}", organisation=f"{sign}江党支部") for sign in RARE]
    return paper(some_figures(overdue=(*lines, an_overdue_line("阿卜杜拉·买买提江", "何静宜"))), watermark)


def text_of(file: bytes, tmp_path: Path) -> str:
    """The text as a reader copies it, without spaces and line breaks."""
    (tmp_path / "a.pdf").write_bytes(file)
    command = ["pdftotext", "-raw", tmp_path / "a.pdf", "-"]
    return re.sub(r"\s", "", subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def fonts_of(pdf: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """The composite fonts by name, without the six letters of a subset."""
    found = {}
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Subtype") == "/Type0":
            found[str(thing.BaseFont).lstrip("/").partition("+")[2]] = thing
    return found


def table_of(font: pikepdf.Object) -> dict[int, str]:
    """What each glyph of the font stands for, by its ToUnicode table."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    pairs = re.findall(r"<([0-9a-fA-F]+)>\s+<([0-9a-fA-F]+)>", table)
    return {int(glyph, 16): bytes.fromhex(code).decode("utf-16-be") for glyph, code in pairs}


def letters_of(font: pikepdf.Object) -> set[str]:
    """What the font draws."""
    return set(table_of(font).values())


def shapes_of(font: pikepdf.Object) -> dict[int, Any]:
    """The shapes of the embedded font by the number that the text has for them; .notdef is none of them."""
    descriptor = font.DescendantFonts[0].FontDescriptor
    outlines = descriptor.get("/FontFile3")
    if outlines is not None and outlines.Subtype == "/CIDFontType0C":
        fonts = CFFFontSet()
        fonts.decompile(BytesIO(outlines.read_bytes()), None)
        shapes = fonts[0].CharStrings
        return {
            int(name.removeprefix("cid")): shapes[name] for name in set(shapes.keys()) if name != ".notdef"
        }
    program = TTFont(BytesIO((descriptor.get("/FontFile2") or outlines).read_bytes()))
    found = program.getGlyphSet()
    return {number: found[name] for number, name in enumerate(program.getGlyphOrder()) if number}


def boxes_of(pdf: pikepdf.Pdf) -> set[tuple[str, int]]:
    """Glyphs that are drawn and are none of the embedded font's, or have no shape and are no space."""
    fonts, missing = fonts_of(pdf), set()
    shapes = {name: shapes_of(font) for name, font in fonts.items()}
    for name, glyph in set(glyphs_of(pdf)):
        pen = BoundsPen(None)
        if glyph in shapes[name]:
            shapes[name][glyph].draw(pen)
        if pen.bounds is None and table_of(fonts[name]).get(glyph, "").strip():
            missing.add((name, glyph))
    return missing


def glyphs_of(pdf: pikepdf.Pdf) -> Iterator[tuple[str, int]]:
    """Every glyph that is drawn, as (font, number); those of forms and patterns too."""
    for thing in pdf.objects:
        is_page = isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Page"
        is_form = isinstance(thing, pikepdf.Stream) and (
            thing.get("/Subtype") == "/Form" or thing.get("/PatternType") == 1
        )
        if not (is_page or is_form):
            continue
        fonts = thing.get("/Resources", {}).get("/Font", {})
        name = ""
        for operands, operator in pikepdf.parse_content_stream(thing):
            if str(operator) == "Tf":
                name = str(fonts[str(operands[0])].BaseFont).partition("+")[2]
            elif str(operator) in ("Tj", "TJ"):
                parts = operands[0] if str(operator) == "TJ" else [operands[0]]
                for part in parts:
                    if isinstance(part, pikepdf.String):
                        codes = bytes(part)
                        yield from ((name, int.from_bytes(codes[i : i + 2])) for i in range(0, len(codes), 2))


@pytest.fixture(scope="module")
def rendered() -> bytes:
    return render_paper(rare_paper())


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """A warning of WeasyPrint (a font, a property it does not know) fails the test."""

    class Loud(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise AssertionError(record.getMessage())

    logger, handler = logging.getLogger("weasyprint"), Loud(logging.WARNING)
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


@pytest.fixture
def quiet(loud: None) -> None:
    """Takes the warnings of WeasyPrint back out, where they are what is wanted."""
    logging.getLogger("weasyprint").handlers.pop()


# --- the file -----------------------------------------------------------------------------------------------


def test_it_is_a4_tagged_pdf_a_in_chinese(rendered: bytes) -> None:
    with pikepdf.open(BytesIO(rendered)) as pdf:
        sizes = {tuple(round(float(x) / 72 * 25.4) for x in page.mediabox) for page in pdf.pages}
        assert sizes == {(0, 0, 210, 297)}
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "zh-CN"
        tags = {
            str(thing.S)
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/StructElem"
        }
        assert {"/H1", "/H2", "/P", "/Table", "/THead", "/TH", "/TD", "/Caption"} <= tags


def test_every_font_is_embedded(rendered: bytes) -> None:
    with pikepdf.open(BytesIO(rendered)) as pdf:
        descriptors = [
            thing
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"
        ]
        assert len(descriptors) >= 5
        assert [
            str(thing.FontName)
            for thing in descriptors
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(thing.keys())
        ] == []


def test_the_faces_are_those_of_the_standard(rendered: bytes) -> None:
    with pikepdf.open(BytesIO(rendered)) as pdf:
        letters = {name: letters_of(font) for name, font in fonts_of(pdf).items()}
    assert {"党", "组", "织"} <= letters["Noto-Serif-CJK-SC-Bold"]  # 小标宋: the title
    assert {"一", "、", "总"} <= letters["Noto-Sans-CJK-SC"]  # 黑体: headings
    assert {"年", "度"} <= letters["FandolKai"]  # 楷体: the year
    assert {"截", "至", "项"} <= letters["FandolFang"]  # 仿宋: running text
    assert {"—", "1"} <= letters["FandolSong"]  # 宋体: page numbers


@pytest.mark.parametrize("sign", RARE)
def test_rare_characters_of_names_fall_to_the_next_font(rendered: bytes, sign: str) -> None:
    with pikepdf.open(BytesIO(rendered)) as pdf:
        drawn_by = {name for name, font in fonts_of(pdf).items() if sign in letters_of(font)}
    assert drawn_by == {"LXGW-WenKai-Light"}


def test_no_glyph_is_a_box(rendered: bytes) -> None:
    with pikepdf.open(BytesIO(rendered)) as pdf:
        assert len(list(glyphs_of(pdf))) > 1000
        assert boxes_of(pdf) == set()


def test_a_box_would_be_seen(quiet: None) -> None:
    figures = some_figures(overdue=(an_overdue_line("王\U0010ff00"),))
    with pikepdf.open(BytesIO(render_paper(paper(figures, watermark="")))) as pdf:
        assert {font for font, _ in boxes_of(pdf)} == {"FandolFang"}


def test_rare_names_are_drawn_in_the_watermark_too() -> None:
    with pikepdf.open(BytesIO(render_paper(rare_paper(watermark=f"王{RARE}　2027年1月5日")))) as pdf:
        assert boxes_of(pdf) == set()
        drawn = set().union(*(letters_of(font) for name, font in fonts_of(pdf).items() if "Sans" in name))
    assert set(RARE) <= drawn


def test_a_font_holds_the_glyphs_that_are_drawn_and_no_others(rendered: bytes) -> None:
    with pikepdf.open(BytesIO(rendered)) as pdf:
        drawn = set(glyphs_of(pdf))
        small = [name for name, font in fonts_of(pdf).items() if is_small(font)]
        assert len(small) >= 4
        for name in small:
            there = set(shapes_of(fonts_of(pdf)[name]))
            assert there == {glyph for of, glyph in drawn if of == name and glyph}


def is_small(font: pikepdf.Object) -> bool:
    outlines = font.DescendantFonts[0].FontDescriptor.get("/FontFile3")
    return outlines is not None and outlines.Subtype == "/CIDFontType0C"


def test_without_small_fonts_it_is_much_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    small = len(render_paper(paper()))
    monkeypatch.setattr(SmallFonts, "__setitem__", dict.__setitem__)
    assert len(render_paper(paper())) > small + 50_000


def test_a_reader_sees_the_characters_that_are_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of glyphs and their shapes belong together: the picture is that of the font as a whole."""

    def picture() -> bytes:
        (tmp_path / "a.pdf").write_bytes(render_paper(paper()))
        command = ["pdftoppm", "-r", "40", "-f", "1", "-l", "1", "-gray", tmp_path / "a.pdf"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    small = picture()
    monkeypatch.setattr(SmallFonts, "__setitem__", dict.__setitem__)
    assert picture() == small
    monkeypatch.undo()
    monkeypatch.setattr(SmallFonts, "embed", lambda *arguments: None)
    assert picture() != small


def test_the_same_paper_is_the_same_file(rendered: bytes) -> None:
    assert render_paper(rare_paper()) == rendered


def test_an_organisations_own_fonts_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = TTFont(ROOT / "var" / "fonts" / "FandolKai-Regular.otf")
    for record in font["name"].names:
        if record.nameID in (1, 16):
            record.string = "FangSong_GB2312"
        elif record.nameID in (4, 6):
            record.string = "OwnFangSong"
    font["CFF "].cff.fontNames = ["OwnFangSong"]
    font["CFF "].cff.topDictIndex[0].FamilyName = "FangSong_GB2312"
    font.save(tmp_path / "own.otf")
    monkeypatch.setattr(machine.settings, "FONT_DIRS", [tmp_path])
    with pikepdf.open(BytesIO(render_paper(paper()))) as pdf:
        letters = {name: letters_of(found) for name, found in fonts_of(pdf).items()}
    assert "截" not in letters.get("FandolFang", set())
    assert any("截" in drawn for name, drawn in letters.items() if "FangSong" in name)


def test_a_folder_without_fonts_does_no_harm(tmp_path: Path) -> None:
    PaperFonts([tmp_path, tmp_path / "not there"])


# --- the page -----------------------------------------------------------------------------------------------


def test_lines_stand_on_the_grid_and_end_at_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = []
    monkeypatch.setattr(machine, "justify", lambda document: documents.append(document))
    name = "中共长江上游水文水资源勘测局直属机关委员会"
    render_paper(paper(some_figures(name=name)))
    before = list(edges(documents[0]))
    monkeypatch.undo()
    machine.justify(documents[0])
    after = list(edges(documents[0]))
    assert len(after) == len(before) > 5
    assert max(before) > 5, "without justify() some lines would end early"
    assert max(map(abs, after)) < 0.1


def edges(document: object) -> Iterator[float]:
    """How far each full line of running text ends from the right edge, px."""
    for page in document.pages:  # type: ignore[attr-defined]
        for block in page._page_box.descendants():
            for line in getattr(block, "children", ()):
                if (
                    isinstance(line, boxes.LineBox)
                    and line.resume_at is not None
                    and line.style["text_align_all"] == "justify"
                ):
                    texts = [box for box in line.descendants() if isinstance(box, boxes.TextBox)]
                    yield (
                        block.content_box_x() + block.width - max(box.position_x + box.width for box in texts)
                    )


def test_28_characters_stand_in_a_line(tmp_path: Path, rendered: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(rendered)
    command = ["pdftotext", "-layout", "-l", "1", tmp_path / "a.pdf", "-"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    whole = next(line.strip() for line in lines if "项，已谈" in line or "截至" in line)
    assert len(whole) >= 26


def test_the_overdue_list_is_whole_and_its_head_stands_on_every_page(tmp_path: Path) -> None:
    lines = tuple(an_overdue_line("梁志强", days=1000 + number) for number in range(100))
    file = render_paper(paper(some_figures(overdue=lines)))
    (tmp_path / "a.pdf").write_bytes(file)
    pages = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")
    days = [int(found) for page in pages for found in re.findall(r"\b1\d{3}$", page, flags=re.MULTILINE)]
    assert days == list(range(1000, 1100))
    with_rows = [page for page in pages if re.search(r"\b1\d{3}$", page, flags=re.MULTILINE)]
    assert len(with_rows) >= 4
    assert [page for page in with_rows if "责任人" not in page] == []
    numbers = [f"第{number}页" in page.replace(" ", "") for number, page in enumerate(pages[:-1], start=1)]
    assert all(numbers)
    assert f"共{len(pages) - 1}页" in pages[0].replace(" ", "")
    assert all(f"—{number}—" in page.replace(" ", "") for number, page in enumerate(pages[:-1], start=1))


def test_pages_are_told_while_they_are_laid_out() -> None:
    # As a second django.setup() does it, when a worker loads the modules of its tasks.
    logging.config.dictConfig(settings.LOGGING)
    told: list[int] = []
    render_paper(paper(), on_page=told.append)
    assert told[:2] == [1, 2]
    assert abs(expected_pages(paper().figures) - max(told)) <= 3


def test_a_very_long_list_says_what_it_leaves_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compliance, "MOST_OVERDUE_ROWS", 3)
    lines = tuple(an_overdue_line(f"梁志{sign}") for sign in "甲乙丙丁戊")
    text = text_of(render_paper(paper(some_figures(overdue=lines))), tmp_path)
    assert "列出前3项，其余2项请在系统应谈清单中查看" in text
    assert [name in text for name in ("梁志丙", "梁志丁")] == [True, False]


@pytest.mark.parametrize(("most", "chapter"), [(2, True), (1, False)])
def test_with_many_organisations_their_rules_are_left_to_their_own_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, chapter: bool
) -> None:
    monkeypatch.setattr(compliance, "MOST_IN_DETAIL", most)
    text = text_of(render_paper(paper()), tmp_path)
    assert ("四、各党组织分项完成情况" in text, "党组织超过1个，不逐一列出" in text) == (chapter, not chapter)
    assert ("五、规则版本和依据" if chapter else "四、规则版本和依据") in text


# --- what it says -------------------------------------------------------------------------------------------


def test_it_tells_the_figures(tmp_path: Path) -> None:
    text = text_of(render_paper(paper()), tmp_path)
    for part in (
        "党组织谈心谈话合规报告（上游局党委2026年度）",
        "截至2027年1月5日，上游局党委及所属1个党组织2026年度应谈事项共11项，已谈6项（其中逾期完成2项），"
        "覆盖率54.5%；待谈0项，逾期5项。",
        "2合川分局党支部6116205054.5%",
        "每年至少一次支委和党员之间73004042.9%",
        "事件类必谈43201075.0%",
        "1合川分局党支部每年至少一次支委和党员之间梁志强陆秉川2026.12.315",
        "另有事件类必谈逾期1项，按照保密要求不列姓名和情形。",
        "系统内置2018.10.28起支部工作条例。",
        "编号：BG-2027-0003",
        "校验码：3F9AC6D108E7B25C",
        "数据截至：2027年1月5日",
        "规则版本：每年一次2018.10.28",
    ):
        assert part in text


def test_nothing_owed_is_said_without_dividing_by_it(tmp_path: Path) -> None:
    empty = some_figures()
    lonely = ComplianceFigures(
        organisation="KB",
        name="空白党支部",
        year=2026,
        as_of=empty.as_of,
        total=type(empty.total)(),
        organisations=empty.organisations[:1],
        rules=(),
        overdue=(),
        events_overdue=0,
        withheld=2,
        versions=(),
    )
    text = text_of(render_paper(paper(lonely)), tmp_path)
    assert "空白党支部2026年度没有可以分列的应谈事项。" in text
    assert "另有事件类必谈不足3项，不分列完成情况" in text
    assert "没有逾期未谈的事项" in text
    assert "2026年度没有应谈事项，未适用必谈规则。" in text
    # No table without a row.
    assert "适用的必谈规则" not in text


def test_the_watermark_is_no_text_and_names_are_not_in_the_metadata(tmp_path: Path, rendered: bytes) -> None:
    assert "顾行之" not in text_of(rendered, tmp_path)
    with pikepdf.open(BytesIO(rendered)) as pdf, pdf.open_metadata() as meta:
        told = str(meta) + str(dict(pdf.docinfo or {}))
    assert "BG-2027-0003" in told
    assert [name for name in ("顾行之", "何静宜", "王镕") if name in told] == []


def test_markup_in_names_stays_text(tmp_path: Path) -> None:
    figures = some_figures(name="<b>上游</b>&局", overdue=(an_overdue_line("<i>王</i>"),))
    text = text_of(render_paper(paper(figures, watermark="<王>&\"'")), tmp_path)
    assert "<b>上游</b>&局" in text
    assert "<i>王</i>" in text


def test_pdftotext_is_there() -> None:
    assert shutil.which("pdftotext")
