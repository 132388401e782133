"""Importing twice, exporting and importing again, and what a changed row does."""

# ruff: noqa: DTZ001, E501 (a workbook knows no zones; tables of cells)

from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branches.models import Organisation
from members.models import Event, Member, Post
from talks.models import Meeting, Opinion, Participant, Remedy, Rule, Talk, TalkRequest, Waiver
from talks.models.records import Side
from talks.rules.exchange.columns import SHEETS
from talks.rules.words import TalkState, WaiverState
from tests.talks.exchange.books import (
    AT,
    WHOLE,
    cells_of,
    changed,
    copied,
    counts,
    exported,
    imported,
    place,
    with_row,
    without_column,
)
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

NOTHING_NEW = {name: (0, 0, len(rows) - 1) for name, rows in WHOLE.items()}


def test_everything_is_stored_as_it_stands() -> None:
    assert counts(imported()) == {name: (len(rows) - 1, 0, 0) for name, rows in WHOLE.items()}
    branch = Organisation.objects.get(code="HC")
    assert branch.path == f"/{branch.superior_id}/{branch.pk}/"
    assert branch.superior is not None
    assert branch.superior.established == date(1990, 1, 1)
    member = Member.objects.get(code="P003")
    assert (member.name, member.category, member.is_floating) == ("买买提·艾力", "预备党员", True)
    river = Member.objects.get(code="P001")
    assert (river.pinyin, river.initials, river.phone) == ("jianghe", "jh", "13800000001")
    head = Post.objects.get(member__code="P004")
    assert (head.title, head.is_head, head.is_team, head.department.code) == ("主任", True, False, "BGS")  # type: ignore[union-attr]
    assert Post.objects.get(title="书记").confirmed_at is None
    event = Event.objects.get()
    assert (event.happened_on, event.known_on, event.note) == (date(2026, 3, 2), date(2026, 3, 5), "不便说明")
    meeting = Meeting.objects.get()
    assert (meeting.year, meeting.opens_on) == (2026, date(2026, 11, 20))
    rule = Rule.objects.get()
    assert (rule.trigger, rule.pairing, rule.talker_role) == (
        "事件:家庭变故,重大困难,工作挫折",
        "event",
        "principal",
    )
    talk = Talk.objects.get()
    assert (talk.starts_at, talk.ends_at, talk.state) == (time(9), time(10, 30), TalkState.RECORDED)
    assert (talk.topic, talk.content, talk.entered_at) == ("家庭情况", "谈了近况", AT)
    assert talk.stated_entry is not None
    assert talk.stated_entry.isoformat() == "2026-03-06T04:00:00+00:00"
    sides = Participant.objects.values_list("member__code", "side").order_by("member__code")
    assert list(sides) == [("P001", Side.TALKER), ("P003", Side.SUBJECT)]
    assert [(row.number, row.text) for row in Opinion.objects.all()] == [(1, "希望多关心"), (2, "希望换班")]
    assert [row.text for row in Remedy.objects.all()] == ["下周走访"]
    assert TalkRequest.objects.get().talk == talk
    waiver = Waiver.objects.get()
    assert (waiver.subject.code, waiver.counterpart.code, waiver.persons) == ("P002", "P001", "P001+P002")  # type: ignore[union-attr]


def test_the_lower_code_of_a_pair_is_the_counterpart_in_whichever_order_it_came() -> None:
    book = changed("免予谈话", "谈话对象编号", "P001", book=changed("免予谈话", "对方编号", "P002"))
    imported(book)
    waiver = Waiver.objects.get()
    assert (waiver.subject.code, waiver.counterpart.code) == ("P002", "P001")  # type: ignore[union-attr]
    assert counts(imported())["免予谈话"] == (0, 0, 1)


def test_importing_twice_changes_nothing_and_says_so() -> None:
    imported()
    before = Talk.objects.get()
    outcome = imported()
    assert counts(outcome) == NOTHING_NEW
    assert outcome.is_empty
    after = Talk.objects.get()
    assert (after.revision, after.entered_at) == (before.revision, before.entered_at)


@pytest.mark.parametrize("with_content", [True, False])
def test_importing_an_export_changes_nothing(with_content: bool) -> None:
    imported()
    assert counts(imported(exported(with_content=with_content))) == NOTHING_NEW


def test_an_export_can_be_imported_into_an_empty_database() -> None:
    imported()
    file = exported()
    for model in (Waiver, TalkRequest, Talk, Rule, Meeting, Event):
        model._default_manager.all().delete()
    assert counts(imported(file))["谈话"] == (1, 0, 0)
    assert cells_of(exported()) == cells_of(file)


def test_an_export_has_dates_as_dates_and_codes_as_text() -> None:
    imported()
    sheets = cells_of(exported())
    assert sheets["谈话"][1] == [
        "T1", datetime(2026, 3, 6), time(9), time(10, 30), "P001", None, "P003", "P002", "面对面", "一对一", "关怀",
        None, "会议室", "已记录", "家庭情况", "谈了近况", "希望多关心\n希望换班", "下周走访", datetime(2026, 3, 6, 12),
    ]  # fmt: skip
    assert sheets["党员"][1][:5] == ["P001", "江河", "正式党员", "HC", datetime(2020, 1, 1)]
    assert sheets["规则"][1][7:10] == ["事件当事人", "主要负责同志", "是"]


def test_without_content_the_named_columns_are_left_out_entirely() -> None:
    imported()
    left_out = {
        "党员": {"手机号码", "公民身份号码"},
        "事件": {"情况说明"},
        "会议": {"主题"},
        "谈话": {"主题", "谈话内容", "意见建议", "整改措施"},
        "约谈申请": {"事由"},
        "免予谈话": {"理由"},
    }
    whole, slim = cells_of(exported()), cells_of(exported(with_content=False))
    for form in SHEETS:
        gone = set(whole[form.name][0]) - set(slim[form.name][0])
        assert {name.rstrip("*") for name in gone} == left_out.get(form.name, set())
    texts = " ".join(str(cell) for rows in slim.values() for row in rows for cell in row)
    assert [secret for secret in ("谈了近况", "家庭情况", "希望换班", "下周走访", "想谈谈", "不便说明", "长期驻外",
                                  "13800000001", "年度组织生活会") if secret in texts] == []  # fmt: skip


CHANGES = [
    ("党组织", "组织名称", "新名称", 2),
    ("部门单位", "单位名称", "综合科", 2),
    ("党员", "备注", "新备注", 3),
    ("党员", "转出日期", "2026-05-01", 3),
    ("任职", "免职日期", "2026-05-01", 3),
    ("任职", "班子成员", "否", 3),
    ("分管", "结束日期", "2026-05-01", 2),
    ("联系党员", "结束日期", "2026-05-01", 2),
    ("事件", "情况说明", "另有说明", 2),
    ("会议", "会议日期", "2026-12-21", 2),
    ("规则", "天数", 5, 2),
    ("谈话", "谈话日期", "2026-03-07", 2),
    ("谈话", "谈话人编号", "P002", 2),
    ("谈话", "意见建议", "希望换班", 2),
    ("谈话", "录入时间", "2026-03-06 13:00", 2),
    ("约谈申请", "状态", "另约", 2),
    ("免予谈话", "理由", "另有理由", 2),
]


@pytest.mark.parametrize(("sheet", "column", "value", "row"), CHANGES)
def test_a_changed_cell_changes_its_row_and_no_other(sheet: str, column: str, value: Any, row: int) -> None:
    book = changed("谈话", "记录人编号", "P004")
    imported(book)
    book = changed(sheet, column, value, row, book)
    expected = NOTHING_NEW | {sheet: (0, 1, NOTHING_NEW[sheet][2] - 1)}
    assert counts(imported(book)) == expected
    assert counts(imported(book)) == NOTHING_NEW
    assert counts(imported(exported())) == NOTHING_NEW


def test_rows_missing_from_the_workbook_are_left_as_they_are() -> None:
    imported()
    book = {"党员": WHOLE["党员"][:2]}
    assert counts(imported(book)) == {"党员": (0, 0, 1)}
    assert Member.objects.count() == 4


def test_a_missing_column_leaves_what_is_stored_and_an_empty_cell_empties_it() -> None:
    imported()
    imported(without_column("党员", "手机号码"))
    assert Member.objects.get(code="P001").phone == "13800000001"
    imported(changed("党员", "手机号码", None))
    assert Member.objects.get(code="P001").phone == ""


def test_a_roster_that_does_not_say_since_when_means_the_affiliation_of_today() -> None:
    imported()
    assert counts(imported({"党员": without_column("党员", "转入日期")["党员"]})) == {"党员": (0, 0, 4)}


def test_who_stays_in_a_talk_keeps_his_notes() -> None:
    imported()
    note = Participant.objects.get(member__code="P003")
    note.said = "我说过的话"
    note.save()
    imported(changed("谈话", "谈话人编号", "P001、P004"))
    assert Participant.objects.get(member__code="P003").said == "我说过的话"
    assert Participant.objects.count() == 3


def test_an_opinion_keeps_what_was_entered_beside_its_text() -> None:
    imported()
    opinion = Opinion.objects.get(number=1)
    opinion.about = "支委会"
    opinion.save()
    imported(changed("谈话", "意见建议", "希望多关心\n\n希望换岗\n希望培训"))
    assert [(row.number, row.text, row.about) for row in Opinion.objects.all()] == [
        (1, "希望多关心", "支委会"), (2, "希望换岗", ""), (3, "希望培训", "")
    ]  # fmt: skip


def test_organisations_can_change_places() -> None:
    book = with_row("党组织", "ZZ", "党总支", "党总支", "SYJ")
    imported(book)
    book = changed("党组织", "上级组织编码", "ZZ", 2, book)
    book = changed("党组织", "上级组织编码", None, 4, book)
    assert counts(imported(book))["党组织"] == (0, 2, 1)
    paths = dict(Organisation.objects.values_list("code", "path"))
    assert paths["SYJ"].startswith(paths["ZZ"])
    assert paths["HC"].startswith(paths["SYJ"])


def test_sheets_and_columns_may_come_in_any_order() -> None:
    book = {name: [row[::-1] for row in rows] for name, rows in reversed(WHOLE.items())}
    assert counts(imported(book)) == {name: (len(rows) - 1, 0, 0) for name, rows in WHOLE.items()}


def test_unknown_sheets_and_columns_are_reported_and_left_alone() -> None:
    book = copied() | {"说明": [["请先看这里"]]}
    book["党员"] = [[*row, "=1+1"] for row in book["党员"]]
    book["党员"][0][-1] = "工号"
    outcome = imported(book)
    assert outcome.errors == ()
    assert outcome.notes == ("党员: 列「工号」无法识别，未读取", "工作表「说明」无法识别，未读取")


def test_headers_may_have_spaces_and_stars() -> None:
    book = {name: [[f" {header} " for header in rows[0]], *rows[1:]] for name, rows in WHOLE.items()}
    assert imported(book).errors == ()


# --- the state of a talk -----------------------------------------------------------------------------------

STATES = [
    # stored, in the workbook, afterwards
    ("计划", "已记录", "已记录"),
    ("计划", "取消", "取消"),
    ("计划", "已谈", "已谈"),
    ("已谈", "计划", "已谈"),
    ("已记录", "计划", "已记录"),
    ("已记录", "取消", "已记录"),
    ("已记录", "已确认", "已确认"),
    ("已确认", "已记录", "已确认"),
    ("办结", "已记录", "办结"),
    ("办结", "计划", "办结"),
    ("取消", "计划", "取消"),
    ("取消", "已记录", "取消"),
]


@pytest.mark.parametrize(("stored", "given_state", "after"), STATES)
def test_an_import_never_moves_a_talk_backwards(stored: str, given_state: str, after: str) -> None:
    imported(changed("谈话", "状态", stored))
    outcome = imported(changed("谈话", "状态", given_state))
    assert outcome.errors == ()
    assert Talk.objects.get().state == after
    assert counts(outcome)["谈话"] == ((0, 0, 1) if stored == after else (0, 1, 0))


def test_a_row_from_before_the_record_does_not_empty_it() -> None:
    imported()
    book = changed("谈话", "状态", "计划", book=changed("谈话", "谈话内容", None))
    imported(changed("谈话", "意见建议", None, book=book))
    assert Talk.objects.get().content == "谈了近况"
    assert Opinion.objects.count() == 2


@pytest.mark.parametrize("state", ["已确认", "办结"])
@pytest.mark.parametrize(
    ("column", "value"), [("谈话内容", "别的"), ("谈话内容", None), ("意见建议", "别的"), ("地点", "别处")]
)
def test_another_text_for_a_confirmed_talk_is_refused(state: str, column: str, value: Any) -> None:
    book = changed("谈话", "状态", state)
    imported(book)
    assert imported(changed("谈话", column, value, book=book)).errors == (
        f"谈话!{'ABCDEFGHIJKLMNOPQRS'[place(WHOLE, '谈话', column)]}2: "
        f"谈话已经确认，不能通过导入更改「{column}」，请在页面上补正",
    )
    assert imported(book).is_empty


# --- nothing half, nothing slow ----------------------------------------------------------------------------


def test_a_dry_run_says_the_same_and_stores_nothing() -> None:
    entries = TrailEntry.objects.count()
    dry = imported(dry_run=True)
    assert not Organisation.objects.exists()
    assert TrailEntry.objects.count() == entries
    assert counts(dry) == counts(imported())


def test_an_import_is_entered_in_the_trail_without_any_text() -> None:
    imported()
    entry = TrailEntry.objects.latest("pk")
    assert (entry.action, entry.target_kind, entry.account) == ("导入", "交换工作簿", "command")
    assert "T1" in str(entry.detail)
    assert [word for word in ("谈了近况", "江河", "想谈谈") if word in str(entry.detail)] == []


def many(number: int) -> dict[str, list[list[Any]]]:
    """A book with that many more members, each with a post, a liaison, an event and a talk."""
    book = copied()
    for count in range(number):
        code = f"Q{count}"
        book["党员"].append([code, "王海", "正式党员", "HC"])
        book["任职"].append([code, "HC", "干事", None, None, None, None, None, "2020-01-01"])
        book["联系党员"].append(["P002", code, "2021-01-01"])
        book["事件"].append([f"E{code}", code, "新提拔", "2026-01-05"])
        book["谈话"].append(
            [
                f"T{code}",
                "2026-03-06",
                None,
                None,
                "P001",
                None,
                code,
                *[None] * 6,
                "已记录",
                None,
                "谈",
                "一\n二",
                "三",
            ]
        )
    return book


@pytest.mark.parametrize("again", [False, True])
def test_queries_do_not_grow_with_the_rows(again: bool) -> None:
    """Planning reads each sheet as a whole; what is written goes in portions of 500 rows at most."""
    queries = []
    for number in (3, 40):
        book = many(number)
        if again:
            imported(book)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            imported(book, dry_run=True)
        queries.append(len(captured))
    assert queries[0] == queries[1]


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
dates = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    remark=texts,
    job=texts,
    born=dates,
    phone=texts,
    title=texts.filter(lambda text: text.strip("\u200b\u200c\u200d\ufeff \u3000\xa0") != ""),
    content=st.text(max_size=60),
)
def test_whatever_is_stored_comes_back_the_same(
    remark: str, job: str, born: date, phone: str, title: str, content: str
) -> None:
    imported()
    Member.objects.filter(code="P001").update(remark=remark, job=job, born_on=born)
    member = Member.objects.get(code="P001")
    member.phone = phone
    member.save()
    talk = Talk.objects.get()
    talk.content = content.replace("\0", "")
    talk.save()
    assert counts(imported(exported())) == NOTHING_NEW


# --- waivers that were asked for on screen ---------------------------------------------------------------


def a_step(waiver: Waiver, **columns: Any) -> None:
    Waiver.objects.filter(pk=waiver.pk).update(**columns)


def people(*codes: str) -> list[Member]:
    return [Member.objects.get(code=code) for code in codes]


def ended(word: WaiverState, by: Member) -> dict[str, Any]:
    return {"ending": word.value, "ended_by": by, "ended_on": date(2026, 6, 9)}


def test_a_request_that_waits_is_not_exported_and_no_workbook_decides_it() -> None:
    imported()
    waiver = Waiver.objects.get()
    a_step(waiver, asked_on=date(2026, 5, 30), approved_by=None, approved_on=None)
    assert len(cells_of(exported())["免予谈话"]) == 1
    assert imported().errors == (
        "免予谈话!A2: 这项应谈已在系统中申请免予谈话，请在“免予谈话”页面办理后再导入",
    )
    assert Waiver.objects.get().state is WaiverState.WAITING


def test_an_old_workbook_does_not_bring_back_what_was_revoked() -> None:
    imported()
    old = exported()
    a_step(Waiver.objects.get(), **ended(WaiverState.REVOKED, *people("P003")))
    assert len(cells_of(exported())["免予谈话"]) == 1
    assert counts(imported(old))["免予谈话"] == (0, 0, 1)
    assert imported(changed("免予谈话", "理由", "另有理由")).errors == (
        "免予谈话!A2: 这项免予谈话的批准已经撤回，不能由导入更改；需要的，请重新申请",
    )
    assert Waiver.objects.get().state is WaiverState.REVOKED


@pytest.mark.parametrize("word", [WaiverState.DECLINED, WaiverState.TAKEN_BACK, WaiverState.REVOKED])
def test_after_an_end_a_row_of_another_day_is_a_waiver_of_its_own(word: WaiverState) -> None:
    imported()
    first = Waiver.objects.get()
    asker, approver = people("P002", "P003")
    undecided = {} if word is WaiverState.REVOKED else {"approved_by": None, "approved_on": None}
    a_step(first, **undecided, **ended(word, asker if word is WaiverState.TAKEN_BACK else approver))
    book = changed("免予谈话", "批准日期", "2026-06-20")
    assert counts(imported(book))["免予谈话"] == (1, 0, 0)
    told = [(row.number, row.state, row.reason) for row in Waiver.objects.order_by("number")]
    assert told == [(1, word, "长期驻外"), (2, WaiverState.APPROVED, "长期驻外")]
    assert counts(imported(exported()))["免予谈话"] == (0, 0, 1)


@pytest.mark.parametrize("approver", ["P001", "P002"])
def test_no_workbook_lets_one_of_the_pair_approve_what_was_asked_for_on_screen(approver: str) -> None:
    imported()
    a_step(Waiver.objects.get(), asked_on=date(2026, 5, 30), asked_by=people("P003")[0])
    book = changed("免予谈话", "申请人编号", "P003")
    assert counts(imported(book))["免予谈话"] == (0, 0, 1)
    book = changed("免予谈话", "批准人编号", approver, book=book)
    assert imported(book).errors == ("免予谈话!H2: 免予谈话不能由谈话对象本人批准",)
