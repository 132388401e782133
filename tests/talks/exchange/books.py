"""Workbooks for tests: written by openpyxl as a person's Excel would, imported through the service."""

# ruff: noqa: E501 (tables of cells)

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import openpyxl

from talks.excel import read_workbook, write_workbook
from talks.figures.exchange import chosen_rows, exported_sheets
from talks.services.exchange import Outcome, Reach, import_workbook
from vault.services import Actor

TODAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
MB = 1024 * 1024

# A sheet: its header and its rows.
Sheet = tuple[Sequence[str], *tuple[Sequence[Any], ...]]
Book = Mapping[str, Sequence[Sequence[Any]]]

# A committee, a branch below it, four persons, and one row of everything else: it can be imported as it is.
WHOLE: dict[str, list[list[Any]]] = {
    "党组织": [
        ["组织编码*", "组织名称*", "组织类型*", "上级组织编码", "成立日期", "撤销日期"],
        ["SYJ", "上游局党委", "党委", None, "1990-01-01", None],
        ["HC", "合川分局党支部", "党支部", "SYJ", None, None],
    ],
    "部门单位": [
        ["单位编码*", "单位名称*", "所属组织编码*"],
        ["BGS", "办公室", "SYJ"],
        ["HCK", "合川科", "HC"],
    ],
    "党员": [
        ["党员编号*", "姓名*", "党员类别*", "所在组织编码*", "转入日期", "转出日期", "性别", "出生日期",
         "手机号码", "公民身份号码", "流动党员", "备注"],
        ["P001", "江河", "正式党员", "HC", "2020-01-01", None, "男", "1975-05-01", "13800000001", None, "否", None],
        ["P002", "李敏", "正式党员", "HC", "2020-01-01", None, "女", "1980-06-02", None, None, "否", "备注"],
        ["P003", "买买提·艾力", "预备党员", "HC", "2020-01-01", None, "男", None, None, None, "是", None],
        ["P004", "赵平", "群众", "SYJ", "2020-01-01", None, None, None, None, None, None, None],
    ],
    "任职": [
        ["党员编号*", "组织编码*", "职务*", "单位编码", "班子成员", "主要负责同志", "部门主要负责人", "重点岗位",
         "任职日期*", "免职日期"],
        ["P001", "HC", "书记", None, "是", "是", "否", "否", "2020-01-01", None],
        ["P002", "HC", "委员", None, "是", "否", "否", "否", "2020-01-01", None],
        ["P004", "SYJ", "主任", "BGS", "否", "否", "是", "否", "2020-01-01", None],
    ],
    "分管": [
        ["党员编号*", "单位编码*", "开始日期*", "结束日期"],
        ["P001", "BGS", "2021-01-01", None],
    ],
    "联系党员": [
        ["支委编号*", "党员编号*", "开始日期*", "结束日期"],
        ["P002", "P003", "2021-01-01", None],
    ],
    "事件": [
        ["事件编号*", "党员编号*", "事件类型*", "发生日期*", "知悉日期", "情况说明"],
        ["E1", "P003", "家庭变故", "2026-03-02", "2026-03-05", "不便说明"],
    ],
    "会议": [
        ["组织编码*", "会议类型*", "年度*", "会议日期*", "谈话开始日期", "主题"],
        ["HC", "组织生活会", 2026, "2026-12-20", "2026-11-20", "年度组织生活会"],
    ],
    "规则": [
        ["规则代码*", "规则名称*", "适用组织编码*", "适用类型*", "触发*", "天数", "天数单位", "配对*", "谈话人",
         "一对一*", "生效日期*", "失效日期", "依据"],
        ["six-b.care", "关怀谈话", "SYJ", "全部", "事件:家庭变故,重大困难,工作挫折", 7, "自然日", "事件当事人",
         "主要负责同志", "是", "2026-01-01", None, None],
    ],
    "谈话": [
        ["谈话编号*", "谈话日期*", "开始时间", "结束时间", "谈话人编号", "外部谈话人", "谈话对象编号*", "记录人编号",
         "谈话方式", "谈话形式", "谈话类型", "谈话契机", "地点", "状态*", "主题", "谈话内容", "意见建议", "整改措施",
         "录入时间"],
        ["T1", "2026-03-06", "09:00", "10:30", "P001", None, "P003", "P002", "面对面", "一对一", "关怀", None,
         "会议室", "已记录", "家庭情况", "谈了近况", "希望多关心\n希望换班", "下周走访", "2026-03-06 12:00"],
    ],
    "约谈申请": [
        ["申请编号*", "申请人编号*", "约谈对象编号*", "申请日期*", "事由", "期望时间", "状态*", "答复日期", "谈话编号"],
        ["R1", "P003", "P001", "2026-03-01", "想谈谈", "周五下午", "已谈", "2026-03-02", "T1"],
    ],
    "免予谈话": [
        ["规则代码*", "组织编码*", "事由标识*", "谈话对象编号*", "对方编号", "理由*", "申请人编号*", "批准人编号*",
         "批准日期*"],
        ["year.committee-committee", "HC", "period:2026", "P002", "P001", "长期驻外", "P002", "P004", "2026-06-01"],
    ],
}  # fmt: skip


def copied(book: Book = WHOLE) -> dict[str, list[list[Any]]]:
    """A copy to be changed."""
    return {name: [list(row) for row in rows] for name, rows in book.items()}


def changed(
    sheet: str, column: str, value: Any, row: int = 2, book: Book = WHOLE
) -> dict[str, list[list[Any]]]:
    """The book with another value in one cell; `row` is the number that Excel shows."""
    rows = copied(book)
    rows[sheet][row - 1][place(rows, sheet, column)] = value
    return rows


def with_row(sheet: str, *cells: Any, book: Book = WHOLE) -> dict[str, list[list[Any]]]:
    """The book with one more row at the end of the sheet."""
    rows = copied(book)
    rows[sheet].append(list(cells))
    return rows


def without_column(sheet: str, column: str, book: Book = WHOLE) -> dict[str, list[list[Any]]]:
    """The book without a column."""
    rows = copied(book)
    gone = place(rows, sheet, column)
    for cells in rows[sheet]:
        del cells[gone]
    return rows


def place(book: Book, sheet: str, column: str) -> int:
    """Where a column stands."""
    return [str(header).rstrip("*") for header in book[sheet][0]].index(column)


def file_of(book: Book) -> bytes:
    """The workbook as a file."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in book.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()


def imported(
    book: Book | bytes = WHOLE, *, dry_run: bool = False, within: Reach | None = None, today: date = TODAY
) -> Outcome:
    """What the import of the book says."""
    return import_workbook(
        actor=Actor("command", ""),
        at=AT,
        today=today,
        tables=read_workbook(book if isinstance(book, bytes) else file_of(book), 50 * MB),
        dry_run=dry_run,
        within=within,
    )


def exported(*, with_content: bool = True) -> bytes:
    """The whole database as a workbook."""
    target = BytesIO()
    write_workbook(exported_sheets(chosen_rows(None), with_content=with_content), target)
    return target.getvalue()


def cells_of(file: bytes) -> dict[str, list[list[Any]]]:
    """What stands in a workbook, by sheet."""
    workbook = openpyxl.load_workbook(BytesIO(file))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.rows] for sheet in workbook}


def counts(outcome: Outcome) -> dict[str, tuple[int, int, int]]:
    """New, changed, unchanged by sheet; fails where there were errors."""
    assert outcome.errors == ()
    return {sheet.name: (sheet.new, sheet.changed, sheet.unchanged) for sheet in outcome.sheets}
