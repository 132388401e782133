"""A roster on its way in, in Chromium: uploaded, checked, confirmed; one with errors; one without numbers."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from members.models import Member
from talks.tasks import work_pending_uploads
from tests.browser.test_path import DESK, PHONE, fits, found_by_axe, sign_in
from tests.conftest import World
from tests.talks.exchange.books import Book, cells_of, file_of

HEADER = ["党员编号", "姓名", "党员类别", "所在组织编码", "备注"]


def upload(page: Page, live_server: LiveServer, folder: Path, name: str, book: Book) -> None:
    """Chooses the file, sends it, and has it worked on."""
    file = folder / name
    file.write_bytes(file_of(book))
    page.goto(f"{live_server.url}/uploads/")
    page.get_by_label("工作簿").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("正在检查").first).to_be_visible()
    work_pending_uploads()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["1200", "390"])
def test_a_roster_comes_in(
    browser: Browser, live_server: LiveServer, world: World, tmp_path: Path, size: ViewportSize
) -> None:
    # Our own policy would keep axe out of the page.
    page = browser.new_context(bypass_csp=True, viewport=size).new_page()
    sign_in(page, live_server, "staff")
    page.goto(f"{live_server.url}/uploads/")
    assert found_by_axe(page) == []
    assert fits(page)

    known = [world.member.code, world.member.name, "正式党员", "HC", "困难帮扶对象"]
    book = {"党员": [HEADER, ["N1", "王新", "正式党员", "HC", None], known]}
    upload(page, live_server, tmp_path, "名册.xlsx", book)
    # The page asks for itself and finds that the check is over.
    expect(page.get_by_role("button", name="确认导入")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("备注：（空） → 困难帮扶对象")).to_be_visible()
    assert found_by_axe(page) == []
    assert fits(page)
    assert not Member.objects.filter(code="N1").exists()

    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("正在导入").first).to_be_visible()
    work_pending_uploads()
    expect(page.get_by_role("heading", name="已经写入")).to_be_visible(timeout=10_000)
    assert Member.objects.get(code="N1").name == "王新"

    upload(page, live_server, tmp_path, "错.xlsx", {"党员": [HEADER, ["N2", None, "正式党员", "HC", None]]})
    expect(page.get_by_text("党员!B2: 必填项为空")).to_be_visible(timeout=10_000)
    assert found_by_axe(page) == []
    assert fits(page)
    page.context.close()


def test_a_roster_without_numbers_is_handed_back_with_them(
    page: Page, live_server: LiveServer, world: World, tmp_path: Path
) -> None:
    sign_in(page, live_server, "staff")
    book = {"党员": [["姓名", "党员类别", "所在组织编码"], ["李一", "正式党员", "HC"]]}
    upload(page, live_server, tmp_path, "支部名册.xlsx", book)
    button = page.get_by_role("button", name="编号并下载")
    expect(button).to_be_visible(timeout=10_000)
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "支部名册（已编号）.xlsx"
    rows = cells_of(Path(download.value.path()).read_bytes())["党员"]
    assert [row[-1] for row in rows] == ["党员编号*", "HC-0001"]
