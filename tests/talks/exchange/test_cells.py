"""How a cell is read: every form that workbook.md names, and what it is not."""

# ruff: noqa: DTZ001 (a workbook knows no zones; tables of cells)

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from branches.rules.cells import CellError, clean_header
from talks.figures.exchange import AFFILIATION_FIELDS, FIELDS, MEMBER_FIELDS
from talks.rules.exchange.cells import read_cell
from talks.rules.exchange.columns import SHEETS, Column, Shape
from talks.rules.exchange.tables import letters

NOON = datetime(2026, 3, 5, 12, 30)
THE_DAY = date(2026, 3, 5)

READ: list[tuple[Shape, Any, Any]] = [
    # codes: text, a whole number as its digits, trimmed, in NFKC form
    (Shape.CODE, "P001", "P001"),
    (Shape.CODE, 100, "100"),
    (Shape.CODE, 100.0, "100"),
    (Shape.CODE, "100.0", "100.0"),
    (Shape.CODE, "　P001 ", "P001"),
    (Shape.CODE, "Ｐ００１", "P001"),
    (Shape.CODE, "=P1", "=P1"),
    (Shape.CODE, None, ""),
    # several codes, in whatever order, each once
    (Shape.CODES, "B、A", ("A", "B")),
    (Shape.CODES, "A,B，C;D；E\nF", ("A", "B", "C", "D", "E", "F")),
    (Shape.CODES, " A 、 A ", ("A",)),
    (Shape.CODES, 7, ("7",)),
    (Shape.CODES, None, ()),
    # dates
    (Shape.DATE, "2026-03-05", THE_DAY),
    (Shape.DATE, "2026/3/5", THE_DAY),
    (Shape.DATE, "2026.3.5", THE_DAY),
    (Shape.DATE, "20260305", THE_DAY),
    (Shape.DATE, 20260305, THE_DAY),
    (Shape.DATE, 20260305.0, THE_DAY),
    (Shape.DATE, "2026年3月5日", THE_DAY),
    (Shape.DATE, "２０２６年３月５日", THE_DAY),
    (Shape.DATE, " 2026-3-05　", THE_DAY),
    (Shape.DATE, datetime(2026, 3, 5), THE_DAY),
    (Shape.DATE, NOON, THE_DAY),
    (Shape.DATE, THE_DAY, THE_DAY),
    (Shape.DATE, "", None),
    # times
    (Shape.TIME, "09:05", time(9, 5)),
    (Shape.TIME, "9:05", time(9, 5)),
    (Shape.TIME, "９：０５", time(9, 5)),
    (Shape.TIME, time(9, 5, 59), time(9, 5)),
    (Shape.TIME, timedelta(hours=9, minutes=5), time(9, 5)),
    (Shape.TIME, NOON, time(12, 30)),
    (Shape.TIME, None, None),
    (Shape.MOMENT, NOON, NOON),
    (Shape.MOMENT, "2026-03-05 12:30", NOON),
    (Shape.MOMENT, "2026年3月5日 12:30:00", NOON),
    (Shape.MOMENT, "2026-03-05T12:30", NOON),
    (Shape.MOMENT, "2026/3/5", datetime(2026, 3, 5)),
    (Shape.MOMENT, datetime(2026, 3, 5, 12, 29, 59, 999_600), NOON),
    # yes and no
    *[(Shape.YES_NO, yes, True) for yes in ("是", "有", "√", "1", 1, 1.0, True, "TRUE", "true", "１")],
    *[(Shape.YES_NO, no, False) for no in ("否", "无", "", None, "　", "0", 0, 0.0, False, "FALSE", "空白")],
    # numbers
    (Shape.NUMBER, 2026, 2026),
    (Shape.NUMBER, "２０２６", 2026),
    (Shape.NUMBER, 2026.0, 2026),
    (Shape.NUMBER, None, None),
    # names and texts
    (Shape.NAME, "张 三", "张三"),
    (Shape.NAME, "欧阳　修", "欧阳修"),
    (Shape.NAME, "买买提·艾力", "买买提·艾力"),
    (Shape.NAME, "John  Smith", "John Smith"),
    (Shape.TEXT, "　前后　", "前后"),
    (Shape.TEXT, "两 端", "两 端"),
    (Shape.TEXT, "一\r\n二", "一\n二"),
    (Shape.TEXT, "一_x000D_\n二", "一\n二"),
    (Shape.TEXT, 100.0, "100"),
    (Shape.TEXT, 1.5, "1.5"),
    (Shape.TEXT, 110101199001011234, "110101199001011234"),
    (Shape.TEXT, "=1+1", "=1+1"),
    (Shape.TEXT, "ＡＢ", "ＡＢ"),
    (Shape.TEXT, datetime(2026, 3, 5), "2026-03-05"),
    (Shape.TEXT, NOON, "2026-03-05 12:30"),
]
REFUSED: list[tuple[Shape, Any]] = [
    (Shape.DATE, "2026-02-30"),
    (Shape.DATE, "2026-3/5"),
    (Shape.DATE, "26-3-5"),
    (Shape.DATE, "2026-03"),
    (Shape.DATE, 46000),
    (Shape.DATE, 2026.3),
    (Shape.DATE, True),
    (Shape.DATE, "0026-03-05"),
    (Shape.DATE, time(9)),
    (Shape.TIME, "24:00"),
    (Shape.TIME, "9点"),
    (Shape.TIME, 0.5),
    (Shape.TIME, timedelta(days=2)),
    (Shape.MOMENT, "昨天"),
    (Shape.MOMENT, "2026-03-05 25:00"),
    (Shape.YES_NO, "也许"),
    (Shape.YES_NO, 2),
    (Shape.NUMBER, "1.5"),
    (Shape.NUMBER, -1),
    (Shape.NUMBER, "五"),
    (Shape.CODE, "A、B"),
    (Shape.CODE, 1e17),
]


@pytest.mark.parametrize(("shape", "raw", "value"), READ)
def test_a_cell_is_read(shape: Shape, raw: Any, value: Any) -> None:
    read = read_cell(raw, Column("列", shape))
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(("shape", "raw"), REFUSED)
def test_a_cell_is_refused(shape: Shape, raw: Any) -> None:
    with pytest.raises(CellError):
        read_cell(raw, Column("列", shape))


@pytest.mark.parametrize("shape", Shape)
def test_an_empty_required_cell_is_refused(shape: Shape) -> None:
    with pytest.raises(CellError, match="必填项为空"):
        read_cell("　", Column("列", shape, required=True))


def test_no_is_an_answer_to_a_required_question() -> None:
    assert read_cell("否", Column("列", Shape.YES_NO, required=True)) is False


@pytest.mark.parametrize(
    ("header", "name"),
    [("姓名*", "姓名"), (" 姓 名 ＊", "姓名"), ("　姓名", "姓名"), ("姓名**", "姓名"), (None, ""), (7, "7")],
)
def test_a_header_is_cleaned(header: Any, name: str) -> None:
    assert clean_header(header) == name


def test_columns_have_letters() -> None:
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_the_columns_are_those_of_the_page() -> None:
    """The first sheet and the last, typed from workbook.md, and the numbers of the others."""
    columns = {form.name: [column.name + "*" * column.required for column in form.columns] for form in SHEETS}
    assert columns["党组织"] == [
        "组织编码*",
        "组织名称*",
        "组织类型*",
        "上级组织编码",
        "成立日期",
        "撤销日期",
    ]
    assert columns["免予谈话"] == (
        [
            "规则代码*",
            "组织编码*",
            "事由标识*",
            "谈话对象编号*",
            "对方编号",
            "理由*",
            "申请人编号*",
            "批准人编号*",
            "批准日期*",
        ]
    )
    assert {name: len(names) for name, names in columns.items()} == {
        "党组织": 6, "部门单位": 3, "党员": 19, "任职": 10, "分管": 4, "联系党员": 4, "事件": 6, "会议": 6,
        "规则": 13, "谈话": 19, "约谈申请": 9, "免予谈话": 9,
    }  # fmt: skip


def test_every_column_has_its_attribute() -> None:
    for form in SHEETS:
        fields = FIELDS.get(form.name, MEMBER_FIELDS + AFFILIATION_FIELDS)
        apart = {"谈话人编号", "谈话对象编号", "意见建议", "整改措施"} if form.name == "谈话" else set()
        assert {field.column for field in fields} | apart == {column.name for column in form.columns}
