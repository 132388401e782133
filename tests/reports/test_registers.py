"""Long registers: laid out in parts by another machine than the other papers, and the same page as theirs."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, NumberTree

from reports.figures.sheets import Cell, Register
from reports.pdf import paper as machine
from reports.pdf import registers, render_paper
from tests.reports.archive import things
from tests.reports.test_paper import letters_of
from tests.reports.test_sheets import MM, RARE, Printed, a_ledger, an_overview, lines_of, paper, printed

ROWS = 45


@pytest.fixture(scope="module", autouse=True)
def _small_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registers, "LONG", 10)
        patch.setattr(registers, "PART", 20)
        yield


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return printed(a_ledger(ROWS), tmp_path_factory.mktemp("register"))


def with_cell(place: int, cell: Cell, rows: int = 12) -> Register:
    """A ledger with something else in one column of its first row."""
    found = a_ledger(rows)
    table = found.tables[0]
    first = (*table.rows[0][:place], cell, *table.rows[0][place + 1 :])
    return replace(found, tables=(replace(table, rows=(first, *table.rows[1:])),))


def words(found: Printed, page: int) -> str:
    return "".join(word.text for word in found.words if word.page == page)


def test_which_paper_is_a_long_one() -> None:
    assert [registers.is_long(a_ledger(rows)) for rows in (10, 11)] == [False, True]
    table = a_ledger(11).tables[0]
    assert not registers.is_long(replace(a_ledger(11), tables=(table, table)))
    assert not registers.is_long(replace(an_overview(), tables=(table,)))


def test_every_row_stands_once_and_whole_under_the_head(register: Printed) -> None:
    numbers: list[int] = []
    for page in range(1, register.pages + 1):
        inside = register.inside(page)
        rows = sorted(
            (word for word in inside if re.fullmatch(r"10\d\d", word.text)), key=lambda word: word.y0
        )
        numbers += [int(word.text) for word in rows]
        assert "谈话时间" in "".join(word.text for word in inside)
        assert len([word for word in inside if word.text == "已记录"]) == len(rows)
    assert numbers == list(range(1000, 1000 + ROWS))


def test_where_a_part_ends_the_page_is_full(register: Printed) -> None:
    """Parts are joined where pages break: but for the first and the last all pages hold as many rows."""
    rows = [
        len([word for word in register.inside(page) if re.fullmatch(r"10\d\d", word.text)])
        for page in range(1, register.pages + 1)
    ]
    assert len(set(rows[1:-1])) == 1
    assert rows[0] <= rows[1]


def test_it_breaks_where_the_other_machine_breaks(
    register: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "LONG", 1000)
    other = printed(a_ledger(ROWS), tmp_path)
    assert other.file != register.file
    assert other.pages == register.pages
    for page in (1, 2, 3):
        here, there = (
            sorted(word.text for word in found.inside(page) if re.fullmatch(r"10\d\d", word.text))
            for found in (register, other)
        )
        assert here == there
        mine, theirs = (list(lines_of(found.inside(page)))[-1] for found in (register, other))
        assert mine == pytest.approx(theirs, abs=2 * MM)


def test_each_page_has_its_number_and_its_marks(register: Printed) -> None:
    for page in range(1, register.pages + 1):
        text = words(register, page)
        for part in (
            f"—{page}—",
            "BG-2026-0007",
            f"第{page}页",
            f"共{register.pages}页",
            "数据截至：2026年4月10日",
        ):
            assert part in text
        dash = next(
            word for word in register.words if word.page == page and word.text == "—" and word.y0 > 500
        )
        assert (dash.x0 > register.sizes[page - 1][0] / 2) is (page % 2 == 1)
    assert "陆秉川" not in "".join(word.text for word in register.words)


def test_the_type_area_is_that_of_a_wide_list(register: Printed) -> None:
    for page, (width, height) in enumerate(register.sizes, 1):
        assert (round(width / MM), round(height / MM)) == (297, 210)
        inside = register.inside(page)
        assert min(word.x0 for word in inside) / MM > 34
        assert max(word.x1 for word in inside) / MM < 261
        assert min(word.y0 for word in inside) / MM > 27
        assert max(word.y1 for word in inside) / MM < 185


def test_an_upright_list_has_the_upright_page(tmp_path: Path) -> None:
    number, *others = a_ledger(0).tables[0].columns
    columns = (number, *(replace(one, width=one.width * (156 - 10) / (225 - 10)) for one in others))
    upright = replace(a_ledger(12), is_wide=False)
    found = printed(replace(upright, tables=(replace(upright.tables[0], columns=columns),)), tmp_path)
    assert {(round(width / MM), round(height / MM)) for width, height in found.sizes} == {(210, 297)}
    assert min(word.x0 for word in found.inside(1)) / MM > 27
    assert max(word.x1 for word in found.inside(1)) / MM < 185
    assert min(word.y0 for word in found.inside(1)) / MM > 36


def test_its_faces_are_those_of_the_other_papers(register: Printed) -> None:
    with pikepdf.open(BytesIO(register.file)) as pdf:
        drawn: dict[str, set[str]] = {}
        # Each part has its subsets.
        for font in (thing for thing in things(pdf, "Font") if thing.Subtype == "/Type0"):
            name = str(font.BaseFont).partition("+")[2].removesuffix("-Identity-H")
            drawn.setdefault(name, set()).update(letters_of(font))
    assert {"台", "账"} <= drawn["NotoSerifCJKsc-Bold"]
    assert {"谈", "话", "时", "间"} <= drawn["NotoSansCJKsc-Regular"]
    assert {"支", "部"} <= drawn["FandolKai-Regular"]
    assert {"梁", "志", "强"} <= drawn["FandolFang-Regular"]
    assert set(RARE) <= drawn["LXGWWenKai-Light"]
    assert "1" in drawn["FandolSong-Regular"]


def test_its_tags_are_one_table_on_all_pages(register: Printed) -> None:
    with pikepdf.open(BytesIO(register.file)) as pdf:
        document = pdf.Root.StructTreeRoot.K[0]
        assert [str(one.S) for one in document.K][:1] == ["/H1"]
        tables = [one for one in document.K if one.S == "/Table"]
        assert len(tables) == 1
        bodies = [one for one in tables[0].K if one.S == "/TBody"]
        assert len(bodies) > 1
        cells = [[cell for cell in row.K if cell.S == "/TD"] for body in bodies for row in body.K]
        rows = [found for found in cells if found]
        assert len(rows) == ROWS
        assert {len(row) for row in rows} == {10}
        assert len(list(NumberTree(pdf.Root.StructTreeRoot.ParentTree))) == register.pages
        pages = {page.obj.objgen for page in pdf.pages}
        on = {
            thing.Pg.objgen for thing in things(pdf, "StructElem") if isinstance(thing.get("/Pg"), Dictionary)
        }
        assert on == pages
        assert f"<xmpTPg:NPages>{register.pages}<" in pdf.Root.Metadata.read_bytes().decode()


def test_the_same_register_is_the_same_file(register: Printed) -> None:
    assert render_paper(paper(a_ledger(ROWS))) == register.file
    assert render_paper(replace(paper(a_ledger(ROWS)), watermark="某人")) != register.file


def test_its_progress_rises_to_the_end() -> None:
    told: list[int] = []
    render_paper(paper(a_ledger(ROWS)), on_page=told.append)
    assert len(told) >= 6
    assert told == sorted(told)
    assert told[-1] == machine.expected_pages(a_ledger(ROWS))


@pytest.mark.parametrize("sign", ["\ue123", "\U000323b0"])
def test_a_sign_without_a_glyph_is_told_as_missing(sign: str, tmp_path: Path) -> None:
    found = printed(with_cell(2, f"王{sign}家湾"), tmp_path)
    text = words(found, 1)
    assert "王〓家湾" in text
    assert "王镕" not in text or "梁志强" in text


def test_what_looks_like_code_is_printed_as_it_is(tmp_path: Path) -> None:
    strange = '#panic("a") $x$ *b* \\u{41} <a> @b // c'
    found = printed(with_cell(2, strange), tmp_path)
    column = [word for word in found.inside(1) if 66 * MM < word.x0 < 92 * MM and word.y0 < 85 * MM]
    told = unescape("".join(word.text for word in sorted(column, key=lambda word: (round(word.y0), word.x0))))
    assert re.sub(r"\s", "", strange) in re.sub(r"[\s\u200b]", "", told)


def test_a_word_without_end_stays_in_its_column(tmp_path: Path) -> None:
    found = printed(with_cell(2, "A" * 120), tmp_path)
    long = [word for word in found.inside(1) if "A" in word.text]
    assert sum(word.text.count("A") for word in long) == 120
    left, right = (35 + 10 + 21) * MM, (35 + 10 + 21 + 26) * MM
    assert min(word.x0 for word in long) >= left
    assert max(word.x1 for word in long) <= right


def test_a_row_higher_than_a_page_is_printed_to_its_end(tmp_path: Path) -> None:
    text = "".join(f"{number:04d}号" for number in range(900))
    found = printed(with_cell(6, text, rows=30), tmp_path)
    whole = re.sub(r"\D", "", "".join(word.text for word in found.words if word.x0 > 70 * MM))
    assert "0000" in whole
    assert "0899" in whole
    numbers = [int(word.text) for word in found.words if re.fullmatch(r"10\d\d", word.text)]
    assert set(range(1001, 1030)) <= set(numbers)


def test_sums_and_notes_come_once_at_the_end(tmp_path: Path) -> None:
    found = a_ledger(ROWS)
    sums: tuple[Cell, ...] = ("", "合计", *[""] * 7, 4321)
    result = printed(replace(found, tables=(replace(found.tables[0], sums=sums),)), tmp_path)
    text = [words(result, page) for page in range(1, result.pages + 1)]
    assert [page for page, told in enumerate(text, 1) if "合计" in told or "4321" in told][-1:] != []
    assert sum("4321" in told for told in text) == 1
    assert sum("注：1." in told for told in text) == 1
    assert "注：1." in text[-1] or "注：1." in text[-2]


def test_its_qr_code_is_drawn_on_every_page(register: Printed, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(register.file)
    found = subprocess.run(
        ["pdftoppm", "-r", "50", "-gray", str(tmp_path / "a.pdf"), str(tmp_path / "p")],
        check=True,
        capture_output=True,
    )
    assert found.returncode == 0
    for number, file in enumerate(sorted(tmp_path.glob("p-*.pgm")), 1):
        _, size, _, pixels = file.read_bytes().split(b"\n", 3)
        width = int(size.split()[0])
        odd = number % 2 == 1
        x = 36 if odd else 0
        columns = (
            range(round(x * 50 / 25.4), round((x + 12) * 50 / 25.4)) if odd else range(width // 2, width)
        )
        rows = range(round(190 * 50 / 25.4), round(200 * 50 / 25.4))
        assert sum(pixels[row * width + column] < 100 for row in rows for column in columns) > 50
