"""Import and export in the browser: upload, check, confirm, number, hand out; and what it may touch."""

# ruff: noqa: E501 (tables of cells)

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Event, Member, Post
from talks.excel import read_workbook
from talks.models import Upload
from talks.services import exchange
from talks.services.exchange import reach_of
from talks.tasks import work_pending_uploads
from tests import factories
from tests.conftest import World
from tests.talks.exchange.books import AT, TODAY, Book, cells_of, counts, file_of, imported
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Account], Client]
ROSTER = ["党员编号*", "姓名*", "党员类别*", "所在组织编码*", "转入日期", "备注"]


@pytest.fixture
def client(world: World, client_of: ClientOf) -> Client:
    return client_of(world.account("staff"))


def sent(client: Client, book: Book | bytes, name: str = "名册.xlsx") -> Upload:
    """Uploads the book and gives the row."""
    file = book if isinstance(book, bytes) else file_of(book)
    response = client.post(reverse("uploads"), {"file": SimpleUploadedFile(name, file)})
    assert response.status_code == 302, response.content.decode()
    return Upload.objects.latest("pk")


def roster(*rows: list[Any]) -> dict[str, list[list[Any]]]:
    return {"党员": [ROSTER, *rows]}


def test_the_whole_way_from_upload_to_import(client: Client, world: World) -> None:
    code = world.branch.code
    upload = sent(client, roster(["N1", "王新", "正式党员", code, "2024-01-01", "新人"]))
    page = reverse("upload", args=[upload.token])
    assert upload.state == Upload.State.CHECKING
    assert "等待" in client.get(page).content.decode() or "正在检查" in client.get(page).content.decode()

    work_pending_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.done, upload.total) == (Upload.State.CHECKED, 1, 1)
    assert not Member.objects.filter(code="N1").exists()
    text = client.get(page).content.decode()
    assert "确认导入" in text
    assert f"N1 {code} 2024年1月1日" in text
    assert client.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"

    assert client.post(reverse("upload-confirm", args=[upload.token])).status_code == 302
    progress = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "正在导入" in progress
    assert "<html" not in progress
    work_pending_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.file) == (Upload.State.DONE, None)
    assert Member.objects.get(code="N1").remark == "新人"
    assert "已经写入" in client.get(page).content.decode()
    assert "新人" not in upload.outcome
    assert "N1" not in upload.outcome


def test_changes_are_shown_from_old_to_new_and_sealed_ones_without_their_text(
    client: Client, world: World
) -> None:
    member = world.member
    header = ["党员编号", "姓名", "党员类别", "所在组织编码", "备注", "手机号码"]
    row = [member.code, member.name, member.category, world.branch.code, "新备注", "13911112222"]
    upload = sent(client, {"党员": [header, row]})
    work_pending_uploads()
    text = client.get(reverse("upload", args=[upload.token])).content.decode()
    assert "<del>（空）</del> → <ins>新备注</ins>" in text
    assert "手机号码" in text
    assert "13911112222" not in text
    upload.refresh_from_db()
    assert "13911112222" not in upload.outcome


def test_errors_are_listed_and_the_file_is_deleted(client: Client, world: World) -> None:
    upload = sent(client, roster(["N1", None, "正式党员", "没有", None, None]))
    work_pending_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.file) == (Upload.State.REFUSED, None)
    text = client.get(reverse("upload", args=[upload.token])).content.decode()
    assert "党员!B2: 必填项为空" in text
    assert "党员!D2: 组织编码「没有」不存在" in text
    assert "确认导入" not in text


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "已加密"),
        ("编号,姓名".encode(), "不是Excel工作簿"),
        (b"PK\x03\x04", "已损坏"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(client: Client, file: bytes, line: str) -> None:
    upload = sent(client, file)
    work_pending_uploads()
    assert line in client.get(reverse("upload", args=[upload.token])).content.decode()


def test_another_ending_is_refused_at_once(client: Client) -> None:
    response = client.post(reverse("uploads"), {"file": SimpleUploadedFile("名册.csv", b"a,b")})
    assert "只能导入.xlsx格式" in response.content.decode()
    assert not Upload.objects.exists()


def test_a_file_above_the_limit_is_refused_at_once(client: Client, settings: Any) -> None:
    settings.WORKBOOK_MAX_BYTES = 10
    response = client.post(reverse("uploads"), {"file": SimpleUploadedFile("名册.xlsx", b"P" * 11)})
    assert "上限" in response.content.decode()
    assert not Upload.objects.exists()


def test_a_file_that_memory_did_not_take_is_called_too_large(client: Client, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    response = client.post(reverse("uploads"), {"file": SimpleUploadedFile("名册.xlsx", b"P" * 11)})
    assert "上限" in response.content.decode()
    assert not Upload.objects.exists()


def test_an_uploaded_file_is_sealed(client: Client) -> None:
    upload = sent(client, roster(["N1", "明文姓名", "正式党员", "X", None, None]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT file FROM talks_upload WHERE id = %s", [upload.pk])
        assert not bytes(cursor.fetchone()[0]).startswith(b"PK")


def test_a_discarded_upload_is_deleted_and_cannot_be_confirmed(client: Client, world: World) -> None:
    upload = sent(client, roster(["N1", "王新", "正式党员", world.branch.code, None, None]))
    work_pending_uploads()
    client.post(reverse("upload-discard", args=[upload.token]))
    upload.refresh_from_db()
    assert (upload.state, upload.file, upload.outcome) == (Upload.State.DISCARDED, None, "")
    client.post(reverse("upload-confirm", args=[upload.token]))
    work_pending_uploads()
    assert not Member.objects.filter(code="N1").exists()


def test_what_nobody_confirms_is_given_up_after_a_day(client: Client, world: World) -> None:
    upload = sent(client, roster(["N1", "王新", "正式党员", world.branch.code, None, None]))
    work_pending_uploads()
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(days=1, minutes=1))
    work_pending_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.file) == (Upload.State.DISCARDED, None)


# --- the worker --------------------------------------------------------------------------------------------


def test_an_upload_is_claimed_once_until_the_claim_lapses(client: Client) -> None:
    upload = sent(client, roster())
    now = timezone.now()
    assert exchange.claim_next_upload(now=now) == upload
    assert exchange.claim_next_upload(now=now) is None
    assert exchange.claim_next_upload(now=now + settings.CLAIM + timedelta(seconds=1)) == upload


def test_a_renewed_claim_holds_for_as_long_again(client: Client) -> None:
    sent(client, roster())
    now = timezone.now()
    upload = exchange.claim_next_upload(now=now)
    assert upload is not None
    renewed = now + settings.CLAIM - timedelta(seconds=1)
    exchange.renew_claim(upload=upload, now=renewed)
    assert exchange.claim_next_upload(now=renewed + settings.CLAIM) is None
    assert exchange.claim_next_upload(now=renewed + settings.CLAIM + timedelta(seconds=1)) == upload


def test_a_worker_that_lost_its_claim_writes_nothing(client: Client, world: World) -> None:
    sent(client, roster(["N1", "王新", "正式党员", world.branch.code, None, None]))
    work_pending_uploads()
    Upload.objects.update(state=Upload.State.IMPORTING)
    now = timezone.now()
    slow = exchange.claim_next_upload(now=now)
    assert slow is not None
    exchange.claim_next_upload(now=now + settings.CLAIM + timedelta(seconds=1))
    exchange.import_upload(upload=slow, at=now, today=TODAY, tables=_tables(slow))
    assert not Member.objects.filter(code="N1").exists()
    assert Upload.objects.get().state == Upload.State.IMPORTING


def test_work_that_breaks_off_is_told_and_stores_nothing(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(client, roster(["N1", "王新", "正式党员", world.branch.code, None, None]))

    def broken(*arguments: object, **names: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(exchange, "check_upload", broken)
    with pytest.raises(ZeroDivisionError):
        work_pending_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.file) == (Upload.State.REFUSED, None)
    assert "系统在处理时出错" in upload.outcome


def test_an_upload_that_kills_its_worker_is_given_up(client: Client) -> None:
    upload = sent(client, roster())
    Upload.objects.update(attempts=3)
    work_pending_uploads()
    upload.refresh_from_db()
    assert upload.state == Upload.State.REFUSED


def _tables(upload: Upload) -> Any:
    return read_workbook(bytes(upload.file or b""), 1_000_000)


# --- rosters without numbers -------------------------------------------------------------------------------


def test_a_roster_without_numbers_is_numbered_and_handed_back(client: Client, world: World) -> None:
    code = world.branch.code
    header = ["姓名", "党员类别", "所在组织编码", "出生日期", "公民身份号码", "转入日期", "转出日期"]
    rows = [
        ["王新", "正式党员", code, "1980-01-01", "5101", "2024-01-01", None],
        ["王新", "正式党员", code, "1981-01-01", "5102", "2024-01-01", None],
        ["刘动", "正式党员", code, "1990-01-01", None, "2020-01-01", "2022-01-01"],
        ["刘动", "正式党员", world.other_branch.code, "1990-01-01", None, "2022-01-01", None],
        [world.member.name, "正式党员", code, None, None, "2020-01-01", None],
    ]
    upload = sent(client, {"党员": [header, *rows]}, "支部名册.xlsx")
    work_pending_uploads()
    upload.refresh_from_db()
    assert upload.state == Upload.State.UNNUMBERED
    assert "编号并下载" in client.get(reverse("upload", args=[upload.token])).content.decode()

    response = client.post(reverse("upload-number", args=[upload.token]))
    file = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    numbered = cells_of(file)["党员"]
    assert numbered[0][-1] == "党员编号*"
    codes = [row[-1] for row in numbered[1:]]
    assert codes == [f"{code}-0001", f"{code}-0002", f"{code}-0003", f"{code}-0003", world.member.code]
    upload.refresh_from_db()
    assert (upload.state, upload.file) == (Upload.State.DISCARDED, None)

    again = sent(client, file)
    work_pending_uploads()
    again.refresh_from_db()
    assert again.state == Upload.State.CHECKED, again.outcome


def test_numbers_that_are_taken_are_passed_over(world: World) -> None:
    factories.a_member("张甲", world.branch, code=f"{world.branch.code}-0001")
    book = {"党员": [["党员编号", "姓名", "党员类别", "所在组织编码"],
                     [f"{world.branch.code}-0002", "张乙", "正式党员", world.branch.code],
                     [None, "张丙", "正式党员", world.branch.code]]}  # fmt: skip
    codes = exchange.number_roster(
        tables=read_workbook(file_of(book), 1_000_000),
        within=reach_of(account=world.account("staff"), today=TODAY),
    )
    assert codes == {3: f"{world.branch.code}-0003"}


# --- what an import in the browser may touch ----------------------------------------------------------------


def errors(world: World, book: Book) -> tuple[str, ...]:
    """What the staff of the committee is told."""
    return imported(book, dry_run=True, within=reach_of(account=world.account("staff"), today=TODAY)).errors


def test_a_foreign_code_does_not_exist(world: World) -> None:
    foreign = factories.a_member("外人", world.foreign_branch, code="W1")
    department = factories.a_department(world.foreign_committee, code="WD")
    branch = world.branch.code
    assert errors(world, roster(["N1", "王新", "正式党员", world.foreign_branch.code, None, None])) == (
        f"党员!D2: 组织编码「{world.foreign_branch.code}」不存在",
    )
    post = {
        "任职": [["党员编号", "组织编码", "职务", "任职日期"], [foreign.code, branch, "委员", "2026-01-01"]]
    }
    assert errors(world, post) == ("任职!A2: 党员编号「W1」不存在",)
    portfolio = {
        "分管": [["党员编号", "单位编码", "开始日期"], [world.member.code, department.code, "2026-01-01"]]
    }
    assert errors(world, portfolio) == ("分管!B2: 单位编码「WD」不存在",)
    talk = {"谈话": [["谈话编号", "谈话日期", "谈话人编号", "谈话对象编号", "状态"],
                     ["T1", "2026-03-01", world.secretary.code, "W1", "已记录"]]}  # fmt: skip
    assert errors(world, talk) == ("谈话!D2: 党员编号「W1」不存在",)


def test_a_foreign_code_as_a_new_row_cannot_be_used(world: World) -> None:
    factories.a_member("外人", world.foreign_branch, code="W1")
    factories.a_department(world.foreign_committee, code="WD")
    committee = world.committee.code
    assert errors(world, roster(["W1", "外人", "正式党员", world.branch.code, None, None])) == (
        "党员!A2: 编码不可用",
    )
    book: Book = {"党组织": [["组织编码", "组织名称", "组织类型", "上级组织编码"],
                             [world.foreign_branch.code, "抢来的支部", "党支部", committee]],
                  "部门单位": [["单位编码", "单位名称", "所属组织编码"], ["WD", "抢来的部门", committee]]}  # fmt: skip
    assert errors(world, book) == ("党组织!A2: 编码不可用", "部门单位!A2: 编码不可用")


def test_a_new_organisation_stands_below_one_of_the_mandate(world: World) -> None:
    header = ["组织编码", "组织名称", "组织类型", "上级组织编码"]
    assert errors(world, {"党组织": [header, ["NEW", "新党委", "党委", None]]}) == (
        "党组织!D2: 应填写您管理范围内的上级组织编码",
    )
    assert errors(world, {"党组织": [header, ["NEW", "新支部", "党支部", world.committee.code]]}) == ()


def test_rows_of_foreign_organisations_are_as_if_they_were_not_there(world: World) -> None:
    """Whether the post is stored or not, the answer is the same."""
    stored = Post.objects.filter(organisation=world.foreign_branch).first()
    assert stored is not None
    header = ["党员编号", "组织编码", "职务", "任职日期"]
    rows = [
        [world.member.code, world.foreign_branch.code, title, stored.since]
        for title in (stored.title, "没有的职务")
    ]
    assert [errors(world, {"任职": [header, row]}) for row in rows] == [
        (f"任职!B2: 组织编码「{world.foreign_branch.code}」不存在",)
    ] * 2


def test_a_member_who_went_elsewhere_is_no_longer_changed(world: World) -> None:
    gone = factories.a_member("去人", world.branch, code="G1", until=date(2025, 1, 1))
    factories.an_affiliation(gone, world.foreign_branch, since=date(2025, 1, 1))
    assert errors(world, roster(["G1", "去人改", "正式党员", world.branch.code, "2020-01-01", None]))[0] == (
        "党员!A2: 编码不可用"
    )


def test_an_event_that_one_may_not_know_of_is_neither_told_nor_changed(world: World) -> None:
    event = factories.an_event(world.member, happened_on=date(2026, 3, 2))
    header = ["事件编号", "党员编号", "事件类型", "发生日期"]
    assert errors(world, {"事件": [header, [event.code, world.member.code, event.kind, "2026-03-02"]]}) == (
        "事件!A2: 编码不可用",
    )


def test_an_event_that_one_imported_is_ones_own(world: World) -> None:
    within = reach_of(account=world.account("staff"), today=TODAY)
    book = {
        "事件": [
            ["事件编号", "党员编号", "事件类型", "发生日期"],
            ["NE", world.member.code, "家庭变故", "2026-03-02"],
        ]
    }
    assert counts(imported(book, within=within)) == {"事件": (1, 0, 0)}
    assert Event.objects.get(code="NE").entered_by == world.account("staff")
    assert counts(imported(book, within=within)) == {"事件": (0, 0, 1)}


# --- export ------------------------------------------------------------------------------------------------


def test_an_export_can_be_imported_again_in_the_browser_and_changes_nothing(
    client: Client, world: World
) -> None:
    factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2), content="原话")
    factories.an_event(world.member, happened_on=date(2026, 3, 2))
    response = client.post(reverse("export"), {"organisation": world.committee.pk})
    file = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    entry = TrailEntry.objects.latest("pk")
    assert (entry.action, entry.target, entry.account) == ("导出", world.committee.code, "staff")
    outcome = imported(file, within=reach_of(account=world.account("staff"), today=TODAY))
    assert outcome.errors == ()
    assert outcome.is_empty
    sheets = cells_of(file)
    assert len(sheets["党组织"]) == 4
    assert len(sheets["谈话"]) == 2
    assert len(sheets["事件"]) == 1
    assert "原话" not in str(sheets)


def test_an_export_holds_the_organisation_and_all_below_it(client: Client, world: World) -> None:
    factories.a_talk([world.chief, world.secretary], [world.member], held_on=date(2026, 3, 2))
    response = client.post(reverse("export"), {"organisation": world.branch.pk})
    sheets = cells_of(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert [row[0] for row in sheets["党组织"][1:]] == [world.branch.code]
    assert {row[3] for row in sheets["党员"][1:]} == {world.branch.code}
    assert world.chief.code not in {row[0] for row in sheets["党员"][1:]}
    assert [row[4] for row in sheets["谈话"][1:]] == ["P001、P011"]


def test_a_foreign_organisation_is_not_exported(client: Client, world: World) -> None:
    assert client.post(reverse("export"), {"organisation": world.foreign_branch.pk}).status_code == 404


def test_the_empty_workbook_can_be_imported(client: Client) -> None:
    response = client.get(reverse("upload-template"))
    file = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert imported(file).errors == ()


def test_the_list_costs_the_same_with_many_uploads(client: Client, world: World) -> None:
    costs = []
    for number in (3, 20):
        for _ in range(number):
            exchange.add_upload(
                actor=Actor("staff", ""),
                at=AT,
                account=world.account("staff"),
                file_name="名册.xlsx",
                file=b"PK",
            )
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("uploads"))
        costs.append(len(captured))
    assert costs[0] == costs[1]
