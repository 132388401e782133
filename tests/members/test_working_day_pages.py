"""工作日 as a browser sees it: leafing through, one day, a notice or a workbook on its way to the table."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.forms.working_days import NOT_AS_SHOWN, ONE_OF_THEM, OTHER_YEAR, TEXT_OR_FILE
from branches.models import Stale, WorkingDay
from members.models import Account
from tests.conftest import World
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
NOTICE = """国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。
三、清明节：4月5日（周二）放假。"""


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel("2026-11-05 10:00+08:00", tick=False):
        yield


@pytest.fixture
def system(world: World, client_of: Browser) -> Client:
    return client_of(world.account("system"))


def page(client: Client, query: str = "", name: str = "working-days") -> str:
    response = client.get(reverse(name) + query)
    assert response.status_code == 200
    return response.content.decode()


def check(client: Client, **values: object) -> str:
    response = client.post(reverse("working-days-import"), {"year": "2027", **values})
    assert response.status_code == 200
    return response.content.decode()


def shown(text: str) -> dict[str, str]:
    """The hidden fields of the page: what would be sent to store it."""
    page = text[text.index('action="/working-days/replace/"') :]
    found = {}
    for name in ("year", "rows"):
        part = page[page.index(f'name="{name}" value="') + len(f'name="{name}" value="') :]
        found[name] = part[: part.index('"')]
    return found


def test_the_names_of_the_holidays_came_with_the_seed() -> None:
    names = dict(WorkingDay.objects.of_year(2026).values_list("day", "name"))
    assert names[date(2026, 1, 1)] == "元旦"
    assert names[date(2026, 2, 14)] == "春节"
    assert names[date(2026, 4, 6)] == "清明节"
    assert not WorkingDay.objects.filter(name="").exists()


def test_everybody_looks_and_only_the_keeper_is_offered_changes(
    world: World, client_of: Browser, system: Client
) -> None:
    text = page(client_of(world.account("member")))
    # 3 + 9 + 3 + 5 + 3 + 3 + 7 days off and 6 at work in 2026.
    assert "放假33天，调休上班6天" in text
    assert text.count("<tr>") == 1 + 39
    assert "2026年1月4日</time>（星期日）" in text
    assert "新增安排" not in text
    assert "修改" not in text
    assert "新增安排" in page(system)
    assert 'aria-label="修改1月4日的安排"' in page(system)


def test_the_navigation_leads_the_keeper_there(world: World, client_of: Browser, system: Client) -> None:
    assert '<a href="/working-days/" aria-current="page">工作日</a>' in page(system)
    assert ">工作日</a>" not in page(client_of(world.account("secretary")), name="workbench")


def test_a_year_that_is_not_known_says_so(world: World, client_of: Browser) -> None:
    text = page(client_of(world.account("member")), "?year=2027")
    assert "2027年的放假安排还没有录入" in text
    assert "暂按周一至周五" in text


@pytest.mark.parametrize(
    "query", ["?year=", "?year=x", "?year=9999", "?year=0000", "?year=٢٠٢٦", "?year=2²26"]
)
def test_a_year_that_is_none_is_this_year(system: Client, query: str) -> None:
    assert "<h1>2026年工作日</h1>" in page(system, query)


def test_as_many_queries_for_3_days_as_for_30(system: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(system)
        return len(found)

    WorkingDay.objects.exclude(day__in=[date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4)]).delete()
    three = queries()
    WorkingDay.objects.bulk_create(
        WorkingDay(day=date(2026, 6, 1) + timedelta(n), is_working=False) for n in range(27)
    )
    assert WorkingDay.objects.count() == 30
    assert queries() == three


# --- one day -----------------------------------------------------------------------------------------------


def test_a_day_is_added_changed_and_removed(system: Client) -> None:
    def send(address: str, /, *args: object, **values: object) -> str:
        response = system.post(reverse(address, args=args), values, follow=True)
        return str(response.content.decode())

    assert "已新增2026年9月3日的安排。" in send(
        "working-day-add", day="2026-09-03", is_working="False", name="纪念日"
    )
    row = WorkingDay.objects.get(day="2026-09-03")
    assert (row.is_working, row.name) == (False, "纪念日")
    assert "2026年9月3日的安排已修改。" in send("working-day-change", row.pk, is_working="True", name="照常")
    row.refresh_from_db()
    assert (row.is_working, row.name) == (True, "照常")
    assert "已删除2026年9月3日的安排。" in send("working-day-remove", row.pk)
    assert not WorkingDay.objects.filter(pk=row.pk).exists()
    assert [entry.action for entry in TrailEntry.objects.all()][-3:] == ["新增", "修改", "删除"]


def test_what_was_typed_stays_beside_the_refusal(system: Client) -> None:
    typed = {"day": "2026-01-01", "is_working": "True", "name": "补班"}
    text = system.post(reverse("working-day-add"), typed).content.decode()
    assert "这一天已有安排，请在列表中修改。" in text
    assert 'value="补班"' in text
    text = system.post(reverse("working-day-add"), typed | {"day": "2027-01-01"}).content.decode()
    assert "2027年的放假安排还没有录入，请先导入该年的通知。" in text
    text = system.post(reverse("working-day-add"), {"day": "", "is_working": "", "name": ""}).content.decode()
    assert "请填写日期" in text
    assert "请选择上班或放假" in text


# --- a year ------------------------------------------------------------------------------------------------


def test_a_notice_is_shown_first_and_stored_when_confirmed(world: World, system: Client) -> None:
    Stale.objects.all().delete()
    assert 'value="2027"' in page(system, name="working-days-import")
    text = check(system, text=NOTICE)
    assert not WorkingDay.objects.of_year(2027).exists()
    assert '2027年的安排<span class="n">11天，其中11天有变化</span>' in text
    assert "2027年2月14日</time>（星期日）" in text
    # 5 April 2027 is a Monday: the sentence is named and its day left out.
    assert "「三、清明节：4月5日（周二）放假」：2027年4月5日是星期一" in text
    assert "2027年4月5日</time>" not in text
    # What was typed is still there.
    assert "二、春节：2月5日（周五）至11日（周四）放假调休" in text

    response = system.post(reverse("working-days-replace"), shown(text), follow=True)
    assert "已保存2027年的安排，写入11天。" in response.content.decode()
    assert "<h1>2027年工作日</h1>" in response.content.decode()
    days = dict(WorkingDay.objects.of_year(2027).values_list("day", "is_working"))
    assert days == {
        **{date(2027, 1, day): False for day in (1, 2, 3)},
        **{date(2027, 2, day): False for day in range(5, 12)},
        date(2027, 2, 14): True,
    }
    entry = TrailEntry.objects.latest("number")
    assert (entry.account, entry.action, entry.target) == ("system", "导入", "2027")
    assert Stale.objects.values("organisation").distinct().count() == 5
    assert 'value="2028"' in page(system, name="working-days-import")
    assert "与已有的安排一致，不需要保存。" in check(system, text=NOTICE)


def test_a_workbook_is_shown_first_and_stored_when_confirmed(system: Client) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["日期", "状态", "说明"],
        [date(2027, 1, 1), "放假", "元旦\n（一）"],
        ["2027-01-99", "放假", ""],
    ):
        book.active.append(row)
    target = BytesIO()
    book.save(target)
    text = check(system, file=SimpleUploadedFile("安排.xlsx", target.getvalue()))
    assert "第3行：日期「2027-01-99」无法识别" in text
    assert not WorkingDay.objects.of_year(2027).exists()
    system.post(reverse("working-days-replace"), shown(text))
    assert [row.name for row in WorkingDay.objects.of_year(2027)] == ["元旦 (一)"]


def test_a_year_that_has_days_shows_what_becomes_of_them(system: Client) -> None:
    text = check(system, year="2026", text="一、元旦：1月1日至4日放假。")
    # 39 days stood; 1 to 3 January are among them, 4 January was a working day.
    assert '2026年的安排<span class="n">39天，其中36天有变化</span>' in text
    assert '更改<span class="soft">，原为上班（元旦）</span>' in text
    assert text.count("不再列出") == 35


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, TEXT_OR_FILE),
        ({"year": "", "text": "1月1日放假。"}, "请填写年度"),
        ({"year": "27", "text": "1月1日放假。"}, "请填写四位数的年度"),
        ({"year": "2026", "text": NOTICE}, OTHER_YEAR.format(year=2027)),
        ({"text": "今年照旧。"}, "没有读出2027年的日期，请核对年度和内容。"),
        ({"text": "1月1日放假", "file": SimpleUploadedFile("a.xlsx", b"x")}, ONE_OF_THEM),
        ({"file": SimpleUploadedFile("a.xlsx", b"x")}, "文件不是Excel工作簿（.xlsx），无法读取"),
        ({"file": SimpleUploadedFile("a.csv", b"x")}, "只能导入.xlsx格式的工作簿"),
    ],
)
def test_what_cannot_be_checked_says_what_to_do(
    system: Client, values: dict[str, object], error: str
) -> None:
    text = check(system, **values)
    assert error in text
    assert "working-days/replace" not in text


def test_what_was_not_read_is_not_taken_for_notices_to_read(system: Client) -> None:
    """The bar of every page counts those; once it showed the sentences instead."""
    text = check(system, text=NOTICE)  # the 5th of April is a Monday
    assert "有1处没有读出" in text
    assert "项未读" not in text.partition("<main")[0]


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "2027-01-01\t放假",
        "2027-01-01\t休\t元旦",
        "2025-01-01\t放假\t元旦",
        "2027-01-01\t放假\t元旦\n2027-01-01\t上班\t元旦",
    ],
)
def test_what_is_not_as_it_was_shown_is_not_stored(system: Client, rows: str) -> None:
    before = list(WorkingDay.objects.values_list())
    response = system.post(reverse("working-days-replace"), {"year": "2027", "rows": rows}, follow=True)
    assert NOT_AS_SHOWN in response.content.decode()
    assert list(WorkingDay.objects.values_list()) == before
