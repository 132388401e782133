"""Lists, running text and the form as paper: measured on the page that a reader would hold in his hand."""

import logging
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pikepdf
import pytest
from docx import Document

from reports.excel import render_workbook
from reports.figures.ledger import COLUMNS, EMPTY, NOTES
from reports.figures.papers import Paper
from reports.figures.sheets import (
    Block,
    Essay,
    Field,
    MatrixRow,
    Overview,
    RecordSheet,
    Register,
    Sheet,
    Table,
)
from reports.figures.versions import Version
from reports.pdf import render_paper
from reports.word import render_word
from tests.reports.test_paper import ADDRESS, boxes_of, fonts_of, letters_of, table_of

CHINA = timezone(timedelta(hours=8))
MM = 72 / 25.4
RARE = "镕堃喆珺璟㛃䶮"
LONG = "阿卜杜拉·买买提江"
AS_OF = date(2026, 4, 10)
VERSIONS = (Version("year.committee-member", "每年至少一次", "系统内置", date(2018, 10, 28), "条例。"),)
PITCH, CELL = 28.99, 15.79


def paper(figures: Sheet) -> Paper:
    return Paper(
        number="BG-2026-0007",
        issued_at=datetime(2026, 4, 10, 9, tzinfo=CHINA),
        address=ADDRESS,
        check_code="3f9ac6d108e7b25c3f9ac6d108e7b25c",
        watermark="陆秉川　2026年4月10日",
        figures=figures,
    )


def head(title: str, **more: str) -> dict[str, object]:
    return {
        "title": title,
        "subtitle": more.get("subtitle", ""),
        "left": more.get("left", ""),
        "right": more.get("right", ""),
        "as_of": AS_OF,
        "versions": VERSIONS,
    }


def an_essay() -> Essay:
    """Two pages of full lines, headings of each level, and the rare names among them."""
    line = "谈心谈话要坦诚相见交流思想交换意见做到知无不言言无不尽有则改之无则加勉共同进步不断提高"
    names = "、".join(f"王{sign}" for sign in RARE) + f"和{LONG}同志都参加了谈话。"
    blocks = [Block("h2", "一、开展情况"), Block("h3", "（一）总体情况"), Block("p", names)]
    blocks += [Block("p", line * 4 + "。") for _ in range(8)]
    blocks += [Block("prompt", "（请结合实际填写。）")]
    return Essay(
        **head("上游局党委2026年度民主生活会谈心谈话情况报告"),  # type: ignore[arg-type]
        addressee="江源水务局党组：",
        blocks=tuple(blocks),
        signer="上游局党委",
        signed_on=AS_OF,
    )


def a_ledger(rows: int) -> Register:
    """A wide list; the names of some rows are rare, long, or both."""
    names = [*(f"王{sign}（组织委员）" for sign in RARE), f"{LONG}（支部书记）"]
    lines = tuple(
        (
            1000 + number,
            f"2026.{number % 12 + 1}.{number % 28 + 1}　上午9:30",
            "合川水文站二楼会议室",
            names[number % len(names)],
            "梁志强、吴桂兰",
            "交流",
            "每年至少一次　支委和党员之间；组织生活会前　支委和党员之间",
            "面对面",
            "沈若楠",
            "已记录",
        )
        for number in range(rows)
    )
    return Register(
        **head("谈心谈话台账", subtitle="合川分局党支部", left="2026年1月1日至2026年4月10日", right="次"),  # type: ignore[arg-type]
        tables=(Table("台账", "", COLUMNS, lines, EMPTY),),
        notes=NOTES,
        is_wide=True,
    )


def a_record() -> RecordSheet:
    """A record whose content runs over the page."""
    text = tuple("谈了一年来的思想和工作，提出了意见建议，双方交换了看法。" * 3 for _ in range(14))
    return RecordSheet(
        **head("谈心谈话记录表", left="谈话编号：T-1", right="状态：已记录"),  # type: ignore[arg-type]
        pairs=((Field("谈话人", "陆秉川"), Field("单位职务", "支部书记")),),
        fields=(
            Field("谈话方式", "面对面", ("面对面", "电话", "视频")),
            Field("谈话内容", flow=text, is_flow=True),
            Field("对象态度"),
        ),
        signatures=("谈话人（签名）：", "谈话对象（签名）："),
        note="",
    )


def an_overview() -> Overview:
    names = ("沈怀远", "梁镕", LONG)
    rows = tuple(
        MatrixRow(
            name, "党委委员", tuple(None if name == other else ("√", "12.16") for other in names), "2/2"
        )
        for name in names
    )
    return Overview(
        **head("2026年度民主生活会会前谈心谈话一览表"),  # type: ignore[arg-type]
        tables=(),
        names=names,
        matrix=rows,
        matrix_caption="表1　班子成员相互之间（3对）",
        key="√ 已谈",
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter on a page: left, top, right and bottom in pt from the upper left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    text: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A rendered paper and its words with their boxes."""

    file: bytes
    words: tuple[Letter, ...]
    sizes: tuple[tuple[float, float], ...]

    @property
    def pages(self) -> int:
        return len(self.sizes)

    def inside(self, page: int) -> list[Letter]:
        """The words of the 版心 of a page, without foot and head of continuation."""
        width, height = self.sizes[page - 1]
        top, bottom = (27 * MM, height - 25.9 * MM) if width > height else (36 * MM, height - 34.9 * MM)
        return [word for word in self.words if word.page == page and top <= word.y0 and word.y1 <= bottom + 3]


def printed(figures: Sheet, folder: Path) -> Printed:
    """The paper with the box of each word, as poppler finds them."""
    file = render_paper(paper(figures))
    path = folder / "a.pdf"
    path.write_bytes(file)
    found = subprocess.run(
        ["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    words: list[Letter] = []
    sizes: list[tuple[float, float]] = []
    for line in found.splitlines():
        numbers = [float(number) for number in re.findall(r'="([\d.-]+)"', line)]
        if "<page " in line:
            sizes.append((numbers[0], numbers[1]))
        elif "<word " in line:
            text = re.sub(r"<[^>]+>", "", line).strip()
            words.append(Letter(len(sizes), *numbers, text))
    return Printed(file, tuple(words), tuple(sizes))


@pytest.fixture(scope="session")
def essay(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return printed(an_essay(), tmp_path_factory.mktemp("essay"))


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return printed(a_ledger(60), tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return printed(a_record(), tmp_path_factory.mktemp("record"))


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


def lines_of(words: list[Letter]) -> dict[float, list[Letter]]:
    """The words by the middle of their line, from above."""
    found: dict[float, list[Letter]] = {}
    for word in sorted(words, key=lambda word: (word.y0 + word.y1) / 2):
        middle = (word.y0 + word.y1) / 2
        near = next((key for key in found if abs(key - middle) < 4), middle)
        found.setdefault(near, []).append(word)
    return found


# --- running text: 22 lines of 28 characters ----------------------------------------------------------------


def test_a_page_of_running_text_has_22_lines_of_28_characters(essay: Printed) -> None:
    lines = lines_of(essay.inside(2))
    texts = [
        "".join(word.text for word in sorted(found, key=lambda word: word.x0)) for found in lines.values()
    ]
    assert len(texts) == 22
    # A paragraph of 169 characters and two of indent has six full lines, the first with 26 in it.
    assert sorted(map(len, texts))[-14:] == [28] * 14
    middles = sorted(lines)
    assert (middles[0] - 37 * MM - PITCH / 2) / MM == pytest.approx(0, abs=1)
    assert (37 * MM + 22 * PITCH - PITCH / 2 - middles[-1]) / MM == pytest.approx(0, abs=1)
    assert min(word.x0 for word in essay.inside(2)) / MM == pytest.approx(28, abs=1)
    assert max(word.x1 for word in essay.inside(2)) / MM == pytest.approx(184, abs=1)
    full = next(found for found in lines.values() if sum(len(word.text) for word in found) == 28)
    width = max(word.x1 for word in full) - min(word.x0 for word in full)
    assert width / 28 == pytest.approx(CELL, abs=0.1)


def test_lines_stand_on_the_grid(essay: Printed) -> None:
    for page in (1, 2):
        middles = sorted(lines_of([word for word in essay.inside(page) if word.y1 - word.y0 < 26]))
        steps = [later - earlier for earlier, later in pairwise(middles)]
        # 22 pt of the title and the faces of headings stand otherwise in their boxes, never the baseline.
        assert [step for step in steps if abs(step / PITCH - round(step / PITCH)) > 0.08] == []


@pytest.mark.parametrize("name", ["essay", "record"])
def test_nothing_stands_outside_the_type_area(name: str, request: pytest.FixtureRequest) -> None:
    found: Printed = request.getfixturevalue(name)
    for page, (width, height) in enumerate(found.sizes, 1):
        assert (round(width / MM), round(height / MM)) == (210, 297)
        inside = found.inside(page)
        assert min(word.x0 for word in inside) / MM > 27
        assert max(word.x1 for word in inside) / MM < 185
        assert min(word.y0 for word in inside) / MM > 36
        assert max(word.y1 for word in inside) / MM < 263


def test_a_wide_list_has_the_type_area_turned(ledger: Printed) -> None:
    for page, (width, height) in enumerate(ledger.sizes, 1):
        assert (round(width / MM), round(height / MM)) == (297, 210)
        inside = ledger.inside(page)
        assert min(word.x0 for word in inside) / MM > 34
        assert max(word.x1 for word in inside) / MM < 261
        assert min(word.y0 for word in inside) / MM > 27
        assert max(word.y1 for word in inside) / MM < 185


# --- fonts, marks, tags -------------------------------------------------------------------------------------


def test_each_face_has_its_role_and_is_embedded_as_a_subset(essay: Printed) -> None:
    with pikepdf.open(BytesIO(essay.file)) as pdf:
        letters = {name: letters_of(font) for name, font in fonts_of(pdf).items()}
        names = [
            str(thing.FontName)
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"
        ]
        bare = [
            str(thing.FontName)
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary)
            and thing.get("/Type") == "/FontDescriptor"
            and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(thing.keys())
        ]
    assert bare == []
    assert [name for name in names if not re.match(r"/[A-Z]{6}\+", name)] == []
    assert {"报", "告"} <= letters["Noto-Serif-CJK-SC-Bold"]
    assert {"一", "开", "展"} <= letters["Noto-Sans-CJK-SC"]
    assert {"总", "体", "填"} <= letters["FandolKai"]
    assert {"谈", "坦"} <= letters["FandolFang"]
    assert {"—", "1"} <= letters["FandolSong"]
    assert set(RARE) <= letters["LXGW-WenKai-Light"]


@pytest.mark.parametrize("name", ["essay", "ledger", "record"])
def test_no_glyph_is_a_box_and_the_file_is_tagged_pdf_a(name: str, request: pytest.FixtureRequest) -> None:
    found: Printed = request.getfixturevalue(name)
    with pikepdf.open(BytesIO(found.file)) as pdf:
        assert boxes_of(pdf) == set()
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "zh-CN"
        assert any("·" in table_of(font).values() for font in fonts_of(pdf).values()) or name == "record"
        tags = {
            str(thing.S)
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/StructElem"
        }
    assert {"/H1", "/P"} <= tags
    assert name == "essay" or {"/Table", "/TH", "/TD"} <= tags


@pytest.mark.parametrize("sign", RARE)
def test_rare_characters_are_seen_as_ink(essay: Printed, tmp_path: Path, sign: str) -> None:
    word = next(word for word in essay.words if sign in word.text and word.page == 1)
    each = (word.x1 - word.x0) / len(word.text)
    x = word.x0 + each * word.text.index(sign)
    (tmp_path / "a.pdf").write_bytes(essay.file)
    box = [round(value / 72 * 300) for value in (x, word.y0, each, word.y1 - word.y0)]
    command = ["pdftoppm", "-r", "300", "-gray", "-f", "1", "-l", "1", "-x", str(box[0]), "-y", str(box[1])]
    command += ["-W", str(box[2]), "-H", str(box[3]), str(tmp_path / "a.pdf")]
    image = subprocess.run(command, capture_output=True, check=True).stdout
    width, height = (int(number) for number in image.split(b"\n")[1].split())
    pixels = image[-width * height :]
    ink = sum(pixel < 128 for pixel in pixels) / len(pixels)
    middle = [
        pixels[row * width + width // 4 : row * width + 3 * width // 4]
        for row in range(height // 4, 3 * height // 4)
    ]
    assert ink > 0.03
    assert sum(pixel < 128 for row in middle for pixel in row) > 30


@pytest.mark.parametrize("name", ["essay", "ledger", "record"])
def test_every_page_has_its_number_and_its_marks(name: str, request: pytest.FixtureRequest) -> None:
    found: Printed = request.getfixturevalue(name)
    for page in range(1, found.pages + 1):
        text = "".join(word.text for word in found.words if word.page == page)
        for part in (f"—{page}—", "BG-2026-0007", f"第{page}页", f"共{found.pages}页", "2026年4月10日"):
            assert part in text
        height = found.sizes[page - 1][1]
        dashes = [
            word for word in found.words if word.page == page and "—" in word.text and word.y0 > height - 100
        ]
        side = dashes[0].x0 > found.sizes[page - 1][0] / 2
        assert side is (page % 2 == 1)


# --- tables -------------------------------------------------------------------------------------------------


def test_a_long_list_repeats_its_head_and_cuts_no_row(ledger: Printed) -> None:
    assert ledger.pages >= 4
    numbers: list[int] = []
    for page in range(1, ledger.pages + 1):
        words = ledger.inside(page)
        rows = [word for word in words if re.fullmatch(r"10\d\d", word.text)]
        if rows:
            assert any("谈话时间" in word.text for word in words)
        numbers += [int(word.text) for word in sorted(rows, key=lambda word: word.y0)]
        # The last column of a row stands on its page too.
        assert len([word for word in words if word.text == "已记录"]) == len(rows)
        assert len([word for word in words if word.text == "沈若楠"]) == len(rows)
    assert numbers == list(range(1000, 1060))


def test_a_record_that_runs_over_says_so_on_the_next_page(record: Printed) -> None:
    assert record.pages == 2
    text = {page: "".join(word.text for word in record.words if word.page == page) for page in (1, 2)}
    assert ("谈心谈话记录表（续）" in text[1], "谈心谈话记录表（续）" in text[2]) == (False, True)
    assert text[2].count("（签名）") == 2


def test_a_record_is_a_small_file(record: Printed) -> None:
    assert len(record.file) < 150_000


def test_an_empty_period_is_a_page_that_says_so(tmp_path: Path) -> None:
    found = printed(a_ledger(0), tmp_path)
    text = "".join(word.text for word in found.words)
    assert found.pages == 1
    assert "本期没有已记录的谈话。" in text
    assert "谈话时间" not in text


def test_the_matrix_is_drawn(tmp_path: Path) -> None:
    found = printed(an_overview(), tmp_path)
    text = "".join(word.text for word in found.words)
    assert text.count("√") == 7
    assert text.count("12.16") == 6
    assert found.pages == 1


# --- Word and Excel -----------------------------------------------------------------------------------------


def test_word_has_the_page_the_faces_and_the_text(essay: Printed) -> None:
    file = render_word(paper(an_essay()))
    document = Document(BytesIO(file))
    section = document.sections[0]
    assert [round(side.mm) for side in (section.top_margin, section.left_margin, section.right_margin)] == [
        37,
        28,
        26,
    ]
    faces = {run.font.name for paragraph in document.paragraphs for run in paragraph.runs}
    assert {"仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"} <= faces
    assert "（请结合实际填写。）" in [paragraph.text for paragraph in document.paragraphs]
    assert document.core_properties.author == "谈心谈话系统"
    assert render_word(paper(an_essay())) == file


def test_the_form_can_be_edited_in_word() -> None:
    document = Document(BytesIO(render_word(paper(a_record()))))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert "☑面对面　□电话　□视频" in cells
    assert [cell for cell in cells if "（签名）" in cell] != []


def test_the_same_list_is_the_same_workbook() -> None:
    assert render_workbook(paper(a_ledger(3))) == render_workbook(paper(a_ledger(3)))
    other = replace(paper(a_ledger(3)), number="BG-2026-0008")
    assert render_workbook(other) != render_workbook(paper(a_ledger(3)))


def test_a_workbook_is_as_high_and_wide_as_its_text() -> None:
    figures = a_ledger(3)
    table = figures.tables[0]
    long = (*table.rows[0][:6], "很长的事由" * 20, *table.rows[0][7:])
    register = replace(figures, tables=(replace(table, rows=(long, *table.rows[1:])),))
    book = openpyxl.load_workbook(BytesIO(render_workbook(paper(register))))
    sheet = book["台账"]
    # 100 characters in a column of 25 widths: 12 to a line.
    assert sheet.row_dimensions[4].height >= 9 * 13
    assert 13 <= sheet.row_dimensions[3].height <= 32
    assert sheet.column_dimensions["G"].width == pytest.approx(41 * 0.62)
    assert sheet.print_title_rows == "$3:$3"


def test_a_workbook_is_one_that_offices_open_without_a_word() -> None:
    """No name, sign, or formula that Excel, WPS or LibreOffice would mend or warn of."""
    rows = [(1, AS_OF, "=1+1", "+2", "-3", "@a", "\x07坏\ufffe字", "a" * 40_000, None, "http://127.0.0.1/")]
    columns = tuple(replace(column, name=f"列{number}") for number, column in enumerate(COLUMNS))
    register = replace(a_ledger(0), tables=(Table("台账", "", columns, tuple(rows), EMPTY),))
    file = render_workbook(paper(register))
    with ZipFile(BytesIO(file)) as container:
        names = container.namelist()
        sheet = container.read("xl/worksheets/sheet1.xml").decode()
        for name in names:
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(container.read(name))
    assert [name for name in names if "vba" in name or "externalLink" in name or "drawing" in name] == []
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    order = [sheet.index(f"<{tag}") for tag in ("sheetPr", "sheetViews", "cols", "sheetData", "pageSetup")]
    assert order == sorted(order)
    book = openpyxl.load_workbook(BytesIO(file))
    assert [len(title) <= 31 for title in book.sheetnames] == [True]
    cells = next(book.active.iter_rows(min_row=4, max_row=4))
    assert [cell.data_type for cell in cells[:7]] == ["n", "d", "s", "s", "s", "s", "s"]
    assert cells[1].number_format == "yyyy-mm-dd"
    assert cells[6].value == "坏字"
    assert len(cells[7].value) <= 32_767


def test_what_is_no_list_is_no_workbook() -> None:
    with pytest.raises(TypeError):
        render_workbook(paper(an_essay()))
    with pytest.raises(TypeError):
        render_word(paper(a_ledger(1)))
