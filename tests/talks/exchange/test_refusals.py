"""Every refusal of workbook.md, by the line that it prints; nothing is stored where there is one."""

# ruff: noqa: E501 (tables of cells)

from typing import Any

import pytest

from branches.models import Organisation
from members.models import Member
from talks.models import Talk
from tests.talks.exchange.books import WHOLE, changed, copied, counts, imported, with_row, without_column

pytestmark = pytest.mark.django_db

BUILT_IN_ROW = ["four.family", "家庭变故必谈", "SYJ", "全部", "事件:家庭变故", 2, "工作日", "event", "team", "是",
                "2026-01-01", None, None]  # fmt: skip
HC_ROW = ["four.family", "家庭变故必谈", "HC", "全部", "事件:家庭变故", 2, "工作日", "event", "team", "是",
          "2026-02-01", None, None]  # fmt: skip


def rule(**cells: Any) -> dict[str, list[list[Any]]]:
    """The book with other cells in its rule."""
    book = copied()
    for column, value in cells.items():
        book = changed("规则", column, value, book=book)
    return book


# What is done to the book, and the beginning of the line that must be among the errors.
ONE_CELL = [
    # --- required, codes, dates, words, whatever the sheet
    ("党员", "姓名", None, 2, "党员!B2: 必填项为空"),
    ("党员", "姓名", "　", 2, "党员!B2: 必填项为空"),
    ("规则", "一对一", None, 2, "规则!J2: 必填项为空"),
    ("谈话", "谈话对象编号", "、", 2, "谈话!G2: 必填项为空"),
    ("任职", "组织编码", "SYJ99", 2, "任职!B2: 组织编码「SYJ99」不存在"),
    ("任职", "党员编号", "P999", 2, "任职!A2: 党员编号「P999」不存在"),
    ("任职", "单位编码", "D9", 4, "任职!D4: 单位编码「D9」不存在"),
    ("部门单位", "所属组织编码", "X", 2, "部门单位!C2: 组织编码「X」不存在"),
    ("党员", "所在组织编码", "X", 3, "党员!D3: 组织编码「X」不存在"),
    ("谈话", "谈话人编号", "P001、P777", 2, "谈话!E2: 党员编号「P777」不存在"),
    ("约谈申请", "谈话编号", "T9", 2, "约谈申请!I2: 谈话编号「T9」不存在"),
    ("党组织", "上级组织编码", "X", 3, "党组织!D3: 组织编码「X」不存在"),
    ("党员", "党员编号", "P001", 3, "党员!A3: 与第2行重复"),
    ("党组织", "组织编码", "SYJ", 3, "党组织!A3: 与第2行重复"),
    ("党员", "党员编号", "P0,01", 2, "党员!A2: 编码「P0,01」中不能有"),
    ("党员", "出生日期", "2026-13-01", 2, "党员!H2: 日期「2026-13-01」无法识别"),
    ("党员", "出生日期", "去年", 2, "党员!H2: 日期「去年」无法识别"),
    ("党员", "出生日期", 46000, 2, "党员!H2: 日期「46000」无法识别"),
    ("党员", "流动党员", "也许", 2, "党员!K2: 「也许」应为「是」或「否」"),
    ("党员", "备注", "长" * 301, 2, "党员!L2: 文字过长，最多300个字"),
    ("党员", "公民身份号码", 1.1010119900101e17, 2, "党员!J2: 数字超过15位"),
    ("党员", "党员类别", "老党员", 2, "党员!C2: 「老党员」不在可填范围内"),
    ("党组织", "组织类型", "小组", 2, "党组织!C2: 「小组」不在可填范围内"),
    # --- ranges
    ("党组织", "撤销日期", "1990-01-01", 2, "党组织!F2: 「撤销日期」应晚于「成立日期」"),
    ("党员", "转出日期", "2020-01-01", 2, "党员!F2: 「转出日期」应晚于「转入日期」"),
    ("任职", "免职日期", "2019-12-31", 2, "任职!J2: 「免职日期」应晚于「任职日期」"),
    ("分管", "结束日期", "2021-01-01", 2, "分管!D2: 「结束日期」应晚于「开始日期」"),
    ("联系党员", "结束日期", "2020-01-01", 2, "联系党员!D2: 「结束日期」应晚于「开始日期」"),
    ("规则", "失效日期", "2026-01-01", 2, "规则!L2: 失效日期应晚于生效日期"),
    # --- the tree, posts, liaisons
    ("党组织", "上级组织编码", "SYJ", 2, "党组织!D2: 上级组织编码「SYJ」使上下级关系成环"),
    ("党组织", "上级组织编码", "HC", 2, "党组织!D2: 上级组织编码「HC」使上下级关系成环"),
    ("党组织", "组织类型", "党支部", 2, "党组织!D3: 上级组织「SYJ」是党支部，不能有下级组织"),
    ("任职", "班子成员", "否", 2, "任职!F2: 主要负责同志应同时是班子成员"),
    ("任职", "单位编码", None, 4, "任职!D4: 部门主要负责人应填写单位编码"),
    ("任职", "单位编码", "HCK", 4, "任职!D4: 单位「HCK」不属于组织「SYJ」"),
    ("联系党员", "支委编号", "P003", 2, "联系党员!A2: 支委和党员不能是同一人"),
    # --- events, meetings
    ("事件", "事件类型", "搬家", 2, "事件!C2: 事件类型「搬家」不存在"),
    ("事件", "知悉日期", "2026-03-01", 2, "事件!E2: 知悉日期不能早于发生日期"),
    ("会议", "会议类型", "座谈会", 2, "会议!B2: 「座谈会」不在可填范围内"),
    ("会议", "年度", "二〇二六", 2, "会议!C2: 「二〇二六」不是整数"),
    ("会议", "谈话开始日期", "2026-12-20", 2, "会议!E2: 谈话开始日期应早于会议日期"),
    # --- talks
    ("谈话", "开始时间", "25:00", 2, "谈话!C2: 时间「25:00」无法识别"),
    ("谈话", "结束时间", "08:59", 2, "谈话!D2: 结束时间不能早于开始时间"),
    ("谈话", "谈话人编号", None, 2, "谈话!E2: 应填写谈话人编号或外部谈话人"),
    ("谈话", "谈话人编号", "P001,P003", 2, "谈话!G2: 「P003」同时是谈话人和谈话对象"),
    ("谈话", "记录人编号", "P001", 2, "谈话!H2: 记录人不能同时是谈话人或谈话对象"),
    ("谈话", "记录人编号", "P003", 2, "谈话!H2: 记录人不能同时是谈话人或谈话对象"),
    ("谈话", "谈话日期", "2026-11-25", 2, "谈话!B2: 谈话日期在今天之后，状态不能是「已记录」"),
    ("谈话", "状态", "完成", 2, "谈话!N2: 「完成」不在可填范围内"),
    ("谈话", "录入时间", "昨天", 2, "谈话!S2: 时间「昨天」无法识别"),
    # --- requests and waivers
    ("约谈申请", "状态", "拒绝", 2, "约谈申请!G2: 「拒绝」不在可填范围内"),
    ("约谈申请", "约谈对象编号", "P003", 2, "约谈申请!C2: 不能向自己申请约谈"),
    ("约谈申请", "答复日期", "2026-02-28", 2, "约谈申请!H2: 答复日期不能早于申请日期"),
    ("免予谈话", "批准人编号", "P002", 2, "免予谈话!H2: 免予谈话不能由申请人自己批准"),
    ("免予谈话", "对方编号", "P002", 2, "免予谈话!E2: 谈话对象和对方不能是同一人"),
    ("免予谈话", "规则代码", "no.such", 2, "免予谈话!A2: 规则代码「no.such」不存在"),
    ("免予谈话", "事由标识", "2026年", 2, "免予谈话!C2: 事由标识「2026年」应写作"),
    ("免予谈话", "事由标识", "event:E9", 2, "免予谈话!C2: 事件编号「E9」不存在"),
    ("免予谈话", "理由", None, 2, "免予谈话!F2: 必填项为空"),
]


@pytest.mark.parametrize(("sheet", "column", "value", "row", "line"), ONE_CELL)
def test_one_wrong_cell_is_named_and_nothing_is_stored(
    sheet: str, column: str, value: Any, row: int, line: str
) -> None:
    outcome = imported(changed(sheet, column, value, row))
    assert [error for error in outcome.errors if error.startswith(line)], outcome.errors
    assert outcome.sheets == ()
    assert not Organisation.objects.exists()
    assert not Member.objects.exists()


def test_the_book_itself_is_not_refused() -> None:
    """What makes the refusals above mean something."""
    assert set(counts(imported())) == set(WHOLE)


RULES = [
    (rule(触发="开会"), "规则!E2: 触发应写作"),
    (rule(触发="周期:5"), "规则!E2: 周期应为1、3、6或12个月"),
    (rule(适用类型="小组"), "规则!D2: 组织类型「小组」不存在"),
    (rule(配对="大家"), "规则!H2: 配对「大家」不存在"),
    (rule(谈话人="群众"), "规则!I2: 谈话人「群众」不存在"),
    (rule(天数=None), "规则!F2: 事件触发的规则应填写天数"),
    (rule(天数单位=None), "规则!G2: 事件触发的规则应填写天数"),
    (rule(谈话人=None), "规则!I2: 配对「事件当事人」应填写谈话人"),
    (rule(天数=367), "规则!F2: 天数应为1至366"),
    (rule(天数=0), "规则!F2: 天数应为1至366"),
    (rule(天数="3.5"), "规则!F2: 「3.5」不是整数"),
    (rule(天数单位="周"), "规则!G2: 「周」不在可填范围内"),
    (rule(配对="班子成员之间", 谈话人=None), "规则!H2: 事件触发的规则，配对应为"),
    (rule(规则代码="own.period", 触发="周期:12", 配对="重点岗位"), "规则!F2: 只有事件触发的规则才填写天数"),
    (
        with_row("规则", *BUILT_IN_ROW[:7], "candidate", *BUILT_IN_ROW[8:]),
        "规则!H3: 规则「four.family」的配对",
    ),
    (with_row("规则", *HC_ROW[:5], 4, *HC_ROW[6:]), "规则!F3: 规则「four.family」由上级党组织制定"),
    (with_row("规则", *HC_ROW[:9], "否", *HC_ROW[10:]), "规则!J3: 规则「four.family」由上级党组织制定"),
    (
        with_row("规则", *BUILT_IN_ROW[:10], "2018-01-01", None, None),
        "规则!K3: 规则「four.family」的新版本应晚于",
    ),
]


@pytest.mark.parametrize(("book", "line"), RULES)
def test_a_version_that_may_not_be_made_is_refused(book: dict[str, list[list[Any]]], line: str) -> None:
    errors = imported(book).errors
    assert [error for error in errors if error.startswith(line)], errors


@pytest.mark.parametrize("row", [BUILT_IN_ROW, HC_ROW])
def test_a_version_that_may_be_made_is_not_refused(row: list[Any]) -> None:
    assert counts(imported(with_row("规则", *row)))["规则"] == (2, 0, 0)


MISSING = [
    (without_column("任职", "职务"), "任职: 缺少列「职务」"),
    (without_column("党员", "党员编号"), "党员: 缺少列「党员编号」"),
    (without_column("免予谈话", "理由"), "免予谈话: 缺少列「理由」"),
    (
        without_column("谈话", "外部谈话人", without_column("谈话", "谈话人编号")),
        "谈话: 缺少列「谈话人编号」",
    ),
    # the header is row 1: below an empty one nothing can be read
    ({"部门单位": [[], *WHOLE["部门单位"]]}, "部门单位: 缺少列「单位编码」"),
]


@pytest.mark.parametrize(("book", "line"), MISSING)
def test_a_missing_column_is_named(book: dict[str, list[list[Any]]], line: str) -> None:
    assert line in imported(book).errors


FOLLOWED = [
    changed("部门单位", "所属组织编码", "X"),
    without_column("谈话", "外部谈话人", without_column("谈话", "谈话人编号")),
]


@pytest.mark.parametrize("book", FOLLOWED)
def test_one_error_is_not_told_twice(book: dict[str, list[list[Any]]]) -> None:
    """What only follows from it, like a post in the department whose organisation is unknown, is no error."""
    assert len(imported(book).errors) == 1


def test_two_affiliations_in_force_at_once_are_refused() -> None:
    book = with_row(
        "党员", "P001", "江河", "正式党员", "SYJ", "2022-01-01", None, "男", "1975-05-01", "13800000001"
    )
    assert imported(book).errors[0].startswith("党员!E6: 与同一党员的另一段组织关系时间重叠")


def test_an_affiliation_that_overlaps_a_stored_one_is_refused() -> None:
    imported()
    book = {"党员": [["党员编号", "姓名", "党员类别", "所在组织编码", "转入日期"],
                     ["P001", "江河", "正式党员", "SYJ", "2022-01-01"]]}  # fmt: skip
    assert imported(book).errors[0].startswith("党员!E2: 与同一党员的另一段组织关系时间重叠")


def test_one_who_moved_has_two_rows() -> None:
    book = changed("党员", "转出日期", "2022-01-01")
    book = with_row("党员", "P001", "江河", "正式党员", "SYJ", "2022-01-01", None, "男", "1975.5.1", "13800000001",
                    None, "否", book=book)  # fmt: skip
    assert counts(imported(book))["党员"] == (5, 0, 0)
    assert Member.objects.get(code="P001").affiliations.count() == 2
    assert counts(imported(book))["党员"] == (0, 0, 5)


def test_rows_of_one_member_must_agree() -> None:
    book = changed("党员", "转出日期", "2022-01-01")
    book = with_row("党员", "P001", "江海", "正式党员", "SYJ", "2022-01-01", None, "男", "1975-05-01", "13800000001",
                    book=book)  # fmt: skip
    assert imported(book).errors == ("党员!B6: 与第2行同一党员的「姓名」不一致",)


def test_one_does_not_approve_the_waiver_of_a_talk_with_oneself() -> None:
    book = changed("免予谈话", "对方编号", None)
    book = changed(
        "免予谈话", "批准人编号", "P002", book=changed("免予谈话", "申请人编号", "P001", book=book)
    )
    assert imported(book).errors == ("免予谈话!H2: 免予谈话不能由谈话对象本人批准",)


def test_a_pair_in_the_other_order_is_the_same_waiver() -> None:
    book = with_row("免予谈话", "year.committee-committee", "HC", "period:2026", "P001", "P002", "又一次", "P002",
                    "P004", "2026-06-02")  # fmt: skip
    assert imported(book).errors == ("免予谈话!A3: 与第2行重复",)


def test_an_organisation_with_subordinates_does_not_become_a_branch() -> None:
    imported()
    book = {"党组织": [["组织编码", "组织名称", "组织类型"], ["SYJ", "上游局党委", "党支部"]]}
    assert imported(book).errors == ("党组织!C2: 该组织有下级组织，组织类型不能改为党支部",)


def test_a_circle_through_stored_organisations_is_refused() -> None:
    imported(with_row("党组织", "ZZ", "党总支", "党总支", "SYJ"))
    book = {
        "党组织": [["组织编码", "组织名称", "组织类型", "上级组织编码"], ["SYJ", "上游局党委", "党委", "ZZ"]]
    }
    assert imported(book).errors == ("党组织!D2: 上级组织编码「ZZ」使上下级关系成环",)


def test_a_department_with_posts_stays_where_it_is() -> None:
    imported()
    book = {"部门单位": [["单位编码", "单位名称", "所属组织编码"], ["BGS", "办公室", "HC"]]}
    assert imported(book).errors == ("部门单位!C2: 该单位已有任职，不能改属其他组织",)


def test_all_errors_come_in_one_pass_in_the_order_of_the_workbook() -> None:
    book = changed(
        "谈话", "状态", "完成", book=changed("党员", "姓名", None, book=changed("任职", "组织编码", "X"))
    )
    assert [error.split(":")[0] for error in imported(book).errors] == ["党员!B2", "任职!B2", "谈话!N2"]


def test_a_bad_cell_in_a_row_does_not_make_its_code_unknown() -> None:
    assert imported(changed("党员", "出生日期", "去年", 2)).errors == (
        "党员!H2: 日期「去年」无法识别，请写作2026-03-05",
    )


def test_at_most_200_errors_are_printed() -> None:
    book = copied()
    book["党员"] += [[f"Q{number}", None, "正式党员", "HC"] for number in range(205)]
    outcome = imported(book)
    assert len(outcome.errors) == 205
    assert len(outcome.error_lines) == 201
    assert outcome.error_lines[-1] == "另有 5 处错误"


def test_one_bad_cell_leaves_the_database_as_before() -> None:
    imported()
    book = changed("党员", "姓名", "江海", book=changed("谈话", "状态", "完成"))
    book = changed("党组织", "组织名称", "改名党委", book=book)
    assert imported(book).errors
    assert Member.objects.get(code="P001").name == "江河"
    assert Organisation.objects.get(code="SYJ").name == "上游局党委"
    assert Talk.objects.count() == 1


def test_the_date_of_today_may_be_recorded() -> None:
    assert imported(changed("谈话", "谈话日期", "2026-11-24")).errors == ()


def test_a_plan_may_lie_ahead() -> None:
    assert (
        imported(changed("谈话", "状态", "计划", book=changed("谈话", "谈话日期", "2027-01-05"))).errors == ()
    )


def test_a_kind_that_a_rule_of_ones_own_names_is_no_error() -> None:
    book = changed("事件", "事件类型", "搬家", book=rule(规则代码="own.moving", 触发="事件：搬家"))
    assert imported(book).errors == ()


def test_none_of_the_sheets_is_refused() -> None:
    assert imported({"名单": [["姓名"], ["江河"]]}).errors[0].startswith("工作簿中没有可导入的工作表")


def planned(code: str, talker: str, subject: str, start: str | None, end: str | None = None) -> list[Any]:
    """A row of a talk that is booked for 2026-12-10."""
    return [code, "2026-12-10", start, end, talker, None, subject, None, None, None, None, None, None, "计划",
            None, None, None, None, None]  # fmt: skip


def test_nobody_is_booked_for_two_talks_at_one_time() -> None:
    """Within the workbook, and beside what stands: said at the cell, with the name of nobody else's talk."""
    book = with_row("谈话", *planned("T2", "P001", "P003", "09:00", "10:00"))
    late = with_row("谈话", *planned("T3", "P002", "P003", "09:30"), book=book)
    told = "谈话!C4: 「P003」在这段时间已有其他谈话安排，请改为其他时间"
    assert imported(late, dry_run=True).errors == (told,)
    assert imported(late).errors == (told,)
    assert not Talk.objects.exists()
    after = with_row("谈话", *planned("T3", "P002", "P003", "10:00"), book=book)
    assert counts(imported(after))["谈话"] == (3, 0, 0)
    assert counts(imported(after))["谈话"] == (0, 0, 3)
    assert imported(late).errors == (told,)
    other = with_row("谈话", *planned("T4", "P003", "P002", "09:59"), book=copied())
    assert imported(other).errors == (told.replace("C4", "C3"),)
    # Two rows that change places with one another, and one without an hour, clash with nobody.
    swapped = with_row("谈话", *planned("T2", "P001", "P003", "10:00", "11:00"))
    swapped = with_row("谈话", *planned("T3", "P002", "P003", "09:00", "10:00"), book=swapped)
    swapped = with_row("谈话", *planned("T5", "P001", "P003", None), book=swapped)
    assert counts(imported(swapped))["谈话"] == (1, 2, 1)
