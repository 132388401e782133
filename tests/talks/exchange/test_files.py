"""Files as they come: hidden sheets, formulas, wrong sizes, and those that are no workbook at all."""

# ruff: noqa: E501 (a workbook knows no zones; tables of cells)

import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from talks.excel import Unreadable, number_workbook, read_workbook, write_workbook
from talks.rules.exchange.columns import ORGANISATIONS, SHEETS
from tests.talks.exchange.books import MB, cells_of, file_of

HEADER = ["组织编码*", "组织名称*", "组织类型*"]
SMALL = {"党组织": [HEADER, ["A", "甲党委", "党委"]]}


def rows(file: bytes) -> list[tuple[int, tuple[Any, ...]]]:
    """The rows of the first sheet with their numbers; refused cells as their text."""
    table = read_workbook(file, MB)[0]
    return [
        (number, tuple(str(c) if isinstance(c, ValueError) else c for c in cells))
        for number, cells in table.rows
    ]


def rewritten(file: bytes, **parts: Any) -> bytes:
    """The file with some parts made anew: `sheet1` and so on, by a function from text to text."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(file)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = parts.get(Path(name).stem)
            data = old.read(name)
            new.writestr(name, change(data.decode()) if change else data)
    return target.getvalue()


def test_rows_come_with_their_numbers_and_empty_ones_are_left_out() -> None:
    book = {"党组织": [HEADER, [None], ["A", "甲", "党委"], ["　"], ["B", None, "党委"]]}
    assert rows(file_of(book)) == [(3, ("A", "甲", "党委")), (4, ("　",)), (5, ("B", None, "党委"))]


def test_hidden_sheets_and_rows_are_read() -> None:
    workbook = openpyxl.load_workbook(BytesIO(file_of(SMALL | {"党员": [["姓名"], ["江河"]]})))
    workbook["党组织"].row_dimensions[2].hidden = True
    workbook["党员"].sheet_state = "veryHidden"
    target = BytesIO()
    workbook.save(target)
    tables = read_workbook(target.getvalue(), MB)
    assert [len(table.rows) for table in tables] == [1, 1]


def test_a_wrong_size_of_the_sheet_is_not_believed() -> None:
    file = rewritten(file_of(SMALL), sheet1=lambda text: text.replace('ref="A1:C2"', 'ref="A1:A1"'))
    assert rows(file) == [(2, ("A", "甲党委", "党委"))]


def test_a_formula_counts_with_its_stored_value() -> None:
    file = file_of({"党组织": [HEADER, ["=1+1", "甲", "党委"]]})
    file = rewritten(
        file, sheet1=lambda text: text.replace("<v></v>", "<v>2</v>").replace("<v />", "<v>2</v>")
    )
    assert rows(file) == [(2, (2, "甲", "党委"))]


def test_a_formula_that_gave_an_empty_text_is_an_empty_cell() -> None:
    file = file_of({"党组织": [HEADER, ["A", "甲", "党委", "=1+1"]]})
    file = rewritten(file, sheet1=lambda text: text.replace('<c r="D2">', '<c r="D2" t="str">'))
    assert rows(file) == [(2, ("A", "甲", "党委"))]


def test_a_formula_without_a_stored_value_is_refused() -> None:
    assert rows(file_of({"党组织": [HEADER, ["A", "=B1", "党委"]]})) == [
        (2, ("A", "公式没有保存计算结果，请在Excel中重新计算并保存，或改填数值", "党委"))
    ]


def test_an_error_value_is_refused() -> None:
    workbook = openpyxl.load_workbook(BytesIO(file_of(SMALL)))
    workbook["党组织"]["B2"].value = "#REF!"
    workbook["党组织"]["B2"].data_type = "e"
    target = BytesIO()
    workbook.save(target)
    assert rows(target.getvalue()) == [(2, ("A", "单元格中是错误值「#REF!」", "党委"))]


def test_text_that_looks_like_a_formula_stays_text_both_ways() -> None:
    signs = ("=1+1", "+86", "-5", "@党委", "'x")
    target = BytesIO()
    found = [{"组织编码": sign, "组织名称": sign} for sign in signs]
    write_workbook([(ORGANISATIONS, ORGANISATIONS.columns, found)], target)
    assert [cells for _, cells in rows(target.getvalue())] == [(sign, sign) for sign in signs]
    sheet = openpyxl.load_workbook(BytesIO(target.getvalue()))["党组织"]
    assert [sheet.cell(row, 2).data_type for row in range(2, 7)] == ["s"] * 5
    assert sheet["B2"].quotePrefix


def test_a_written_sheet_has_a_frozen_header_that_says_what_is_required() -> None:
    target = BytesIO()
    write_workbook([(form, form.columns, ()) for form in SHEETS], target)
    workbook = openpyxl.load_workbook(target)
    assert workbook.sheetnames == [form.name for form in SHEETS]
    assert [cell.value for cell in workbook["党组织"][1]] == [*HEADER, "上级组织编码", "成立日期", "撤销日期"]
    assert workbook["党组织"].freeze_panes == "A2"
    assert workbook["党组织"]["A1"].font.bold


# --- files that are refused as a whole ---------------------------------------------------------------------


def bomb() -> bytes:
    """A workbook of a few kilobytes that would unpack to 32 MB."""
    filler = "<!-- " + " " * (32 * MB) + " -->"
    return rewritten(file_of(SMALL), sheet1=lambda text: text.replace("<sheetData>", f"{filler}<sheetData>"))


def many_small_bombs() -> bytes:
    """Each part stays below what one part may be; all together would unpack to more than eight times the limit."""
    target = BytesIO(file_of(SMALL))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/media/{number}.xml", b" " * (4 * MB))
    return target.getvalue()


def with_entities() -> bytes:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    return rewritten(
        file_of(SMALL), sheet1=lambda text: text.replace("<worksheet", f"{entities}<worksheet", 1)
    )


def with_utf16_entities() -> bytes:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'
    target = BytesIO(file_of(SMALL))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/more.xml", text.encode("utf-16"))
    return target.getvalue()


def locked_zip() -> bytes:
    """The flag of an encrypted entry in the zip's own directory."""
    file = bytearray(file_of(SMALL))
    start = file.index(b"PK\x01\x02")
    file[start + 8] |= 1
    return bytes(file)


def plain_zip() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("名单.txt", "江河")
    return target.getvalue()


def no_sheet_part() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(file_of(SMALL))) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if "sheet1" not in name:
                new.writestr(name, old.read(name))
    return target.getvalue()


def with_lost_text(text: str) -> str:
    """Cells that refer to a text that the file does not hold."""
    return text.replace('t="inlineStr"', 't="s"').replace("<is>", "<v>99</v><is>")


BOMB = bomb()
REFUSED = [
    (b"", "文件不是Excel工作簿"),
    ("党员编号,姓名\nP001,江河\n".encode(), "文件不是Excel工作簿"),
    ("党员编号,姓名\n".encode("gb18030"), "文件不是Excel工作簿"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "文件已加密"),
    (plain_zip(), "文件不是Excel工作簿"),
    (locked_zip(), "文件已加密"),
    (b"\0" * (MB + 1), "文件超过1MB的上限"),
    (BOMB, "文件解压后过大"),
    (many_small_bombs(), "文件解压后过大"),
    (with_entities(), "文件内含有不允许的XML声明"),
    (with_utf16_entities(), "文件内含有不允许的XML声明"),
    (file_of(SMALL)[:-100], "文件已损坏"),
    (file_of(SMALL)[:1000], "文件已损坏"),
    (no_sheet_part(), "文件已损坏"),
    (rewritten(file_of(SMALL), sheet1=lambda text: text[: len(text) // 2]), "文件已损坏"),
    (rewritten(file_of(SMALL), sheet1=with_lost_text), "文件已损坏"),
    (rewritten(file_of(SMALL), workbook=lambda text: "<nothing/>"), "文件已损坏"),
]


@pytest.mark.parametrize(("file", "reason"), REFUSED)
def test_a_file_is_refused_with_one_line(file: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_workbook(file, MB)
    assert str(refusal.value).startswith(reason)
    assert "\n" not in str(refusal.value)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *arguments, **names: opened.append(arguments))
    with pytest.raises(Unreadable):
        read_workbook(BOMB, MB)
    assert opened == []


def test_a_damaged_byte_is_noticed() -> None:
    """Whatever byte is turned over, the file is read or refused, and nothing else happens."""
    file = file_of(SMALL)
    for place in range(0, len(file), 37):
        spoilt = bytearray(file)
        spoilt[place] ^= 0xFF
        with suppress(Unreadable):
            assert isinstance(read_workbook(bytes(spoilt), MB), list)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="文件不存在"):
        read_workbook(tmp_path / "none.xlsx", MB)
    with pytest.raises(Unreadable, match="文件不存在"):
        read_workbook(tmp_path, MB)


# --- numbering ---------------------------------------------------------------------------------------------


def test_a_roster_is_numbered_and_keeps_the_rest() -> None:
    book = {"党员": [["姓名", "自填"], ["江河", "=1"], ["李敏", None]], "别的": [["x"], [7]]}
    file = file_of({"党员": [["姓名", "自填"], ["江河", "一"], ["李敏", None]], "别的": book["别的"]})
    numbered = cells_of(number_workbook(file, {2: "HC-0001", 3: "HC-0002"}))
    assert numbered == {
        "党员": [["姓名", "自填", "党员编号*"], ["江河", "一", "HC-0001"], ["李敏", None, "HC-0002"]],
        "别的": [["x"], [7]],
    }


def test_a_column_of_codes_that_is_there_is_filled_in() -> None:
    file = file_of({"党员": [["党员编号*", "姓名"], ["P1", "江河"], [None, "李敏"]]})
    numbered = cells_of(number_workbook(file, {3: "P2"}))
    assert numbered == {"党员": [["党员编号*", "姓名"], ["P1", "江河"], ["P2", "李敏"]]}
