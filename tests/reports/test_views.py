"""Pages of reports: who sees which, progress, figures, download, verification."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from reports.models import Report
from tests.conftest import World
from tests.reports.rows import MAC, a_report, an_issued_report, an_overdue_line, some_figures
from vault.models import TrailEntry

ClientOf = Callable[[Account], Client]
NUMBER = "BG-2027-0001"


def page(client: Client, name: str, *arguments: object, **query: object) -> str:
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


# --- list and form ------------------------------------------------------------------------------------------


def test_the_form_offers_the_highest_organisation_this_year_and_today(
    world: World, client_of: ClientOf
) -> None:
    text = page(client_of(world.account("inspector")), "reports")
    today = timezone.localdate()
    options = re.findall(r"<option value=\"\d+\"( selected)?>(.*?)</option>", text)
    assert options == [(" selected", "上游局党委"), ("", "　合川分局党支部"), ("", "　沿江支队党支部")]
    assert f'value="{today.year}"' in text
    assert f'value="{today.isoformat()}"' in text
    assert "还没有生成过报告" in text


def test_one_click_asks_and_shows_the_progress(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("inspector"))
    today = timezone.localdate()
    answer = client.post(
        reverse("report-ask"),
        {"organisation": world.committee.pk, "year": today.year, "as_of": today.isoformat()},
    )
    report = Report.objects.get()
    assert answer.headers["Location"] == reverse("report", args=[report.number])
    assert (report.organisation, report.as_of, report.requested_by) == (
        world.committee,
        today,
        world.account("inspector"),
    )
    assert "等待生成报告" in page(client, "report", report.number)


def test_what_was_typed_is_still_there_after_a_mistake(world: World, client_of: ClientOf) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = client_of(world.account("chief")).post(
        reverse("report-ask"),
        {"organisation": world.branch.pk, "year": 2025, "as_of": tomorrow.isoformat()},
    )
    text = answer.content.decode()
    assert "数据截至日期不能晚于今天" in text
    assert f'value="{tomorrow.isoformat()}"' in text
    assert f'<option value="{world.branch.pk}" selected>' in text
    assert not Report.objects.exists()


@pytest.mark.parametrize("year", ["", "今年", "1999", "2101"])
def test_a_year_that_cannot_be_is_refused_in_words(world: World, client_of: ClientOf, year: str) -> None:
    answer = client_of(world.account("chief")).post(
        reverse("report-ask"), {"organisation": world.branch.pk, "year": year, "as_of": "2026-01-01"}
    )
    text = answer.content.decode()
    assert "请填写年度，如2026" in text or f"年度应在2000年至{timezone.localdate().year + 1}年之间" in text
    assert not Report.objects.exists()


def test_another_tree_is_not_among_the_choices(world: World, client_of: ClientOf) -> None:
    answer = client_of(world.account("chief")).post(
        reverse("report-ask"),
        {"organisation": world.foreign_committee.pk, "year": 2026, "as_of": "2026-03-05"},
    )
    assert answer.status_code == 200
    assert not Report.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "system", "security"])
def test_who_may_ask_for_nothing_finds_no_reports(world: World, client_of: ClientOf, role: str) -> None:
    client = client_of(world.account(role))
    assert client.get(reverse("reports")).status_code == 404
    assert client.post(reverse("report-ask"), {"organisation": world.branch.pk}).status_code == 404


def test_the_list_costs_the_same_for_3_and_for_25(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("chief"))
    for number in range(3):
        an_issued_report(world, number=f"BG-2026-{number:04}")
    page(client, "reports")
    with CaptureQueriesContext(connection) as few:
        page(client, "reports")
    for number in range(3, 30):
        an_issued_report(world, number=f"BG-2026-{number:04}")
    with CaptureQueriesContext(connection) as many:
        text = page(client, "reports")
    assert len(many) == len(few)
    # Files of half a megabyte each stay where they are.
    assert [query["sql"] for query in many if '"reports_report"."file"' in query["sql"]] == []
    assert text.count("/reports/BG-2026-") == 25


# --- one report ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "report-file"])
@pytest.mark.parametrize("role", ["staff", "inspector", "secretary", "member", "stranger", "auditor"])
def test_a_report_is_there_for_its_owner_alone(
    world: World, client_of: ClientOf, name: str, role: str
) -> None:
    an_issued_report(world)
    assert client_of(world.account(role)).get(reverse(name, args=[NUMBER])).status_code == 404
    assert client_of(world.account("chief")).get(reverse(name, args=[NUMBER])).status_code == 200


def test_who_leads_no_more_loses_his_reports(world: World, client_of: ClientOf) -> None:
    an_issued_report(world, account=world.account("secretary"))
    Report.objects.update(organisation=world.branch)
    client = client_of(world.account("secretary"))
    assert client.get(reverse("report", args=[NUMBER])).status_code == 200
    world.secretary.posts.update(until=timezone.localdate())
    assert client.get(reverse("report", args=[NUMBER])).status_code == 404


def test_the_progress_asks_for_itself_until_there_is_a_report(world: World, client_of: ClientOf) -> None:
    report = a_report(world.committee, world.account("chief"))
    client = client_of(world.account("chief"))
    Report.objects.update(done=3, total=12)
    address = reverse("report", args=[report.number])
    answer = client.get(address, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "已排版3页，预计共12页。可以离开本页" in text
    assert f'hx-get="{address}"' in text
    assert "<html" not in text
    Report.objects.update(state=Report.State.FAILED)
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "重新生成" in page(client, "report", report.number)


def test_a_failed_report_is_put_in_the_queue_again(world: World, client_of: ClientOf) -> None:
    report = a_report(world.committee, world.account("chief"), state=Report.State.FAILED)
    client = client_of(world.account("chief"))
    client.post(reverse("report-retry", args=[report.number]))
    report.refresh_from_db()
    assert report.state == Report.State.PENDING
    assert (
        client_of(world.account("staff")).post(reverse("report-retry", args=[report.number])).status_code
        == 404
    )


def test_the_page_shows_what_the_paper_shows(world: World, client_of: ClientOf) -> None:
    an_issued_report(world)
    text = page(client_of(world.account("chief")), "report", NUMBER)
    assert "应谈11项，已谈6项，覆盖率54.5%；" in text
    assert "逾期5项" in text
    assert "梁志强" in text
    assert "其中事件类必谈1项，按照保密要求不列姓名和情形" in text


def test_the_overdue_list_has_pages_of_25(world: World, client_of: ClientOf) -> None:
    report = an_issued_report(world)
    lines = tuple(an_overdue_line(f"党员{number:02}") for number in range(30))
    report.figures = some_figures(overdue=lines).to_text()
    report.save()
    client = client_of(world.account("chief"))
    first, second = page(client, "report", NUMBER), page(client, "report", NUMBER, page=2)
    names = [re.findall(r"<b>(党员\d\d)</b>", text) for text in (first, second)]
    assert [len(found) for found in names] == [25, 5]
    assert names[1][-1] == "党员29"


def test_the_file_comes_with_a_chinese_name_and_is_in_the_trail(world: World, client_of: ClientOf) -> None:
    an_issued_report(world)
    answer = client_of(world.account("chief")).get(reverse("report-file", args=[NUMBER]))
    name = quote(f"上游局党委谈心谈话合规报告（2026年度）{NUMBER}.pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content == b"%PDF-1.7 sealed"
    entry = TrailEntry.objects.get()
    assert (entry.account, entry.action, entry.target) == ("chief", "下载", NUMBER)


def test_a_file_that_is_not_there_yet_leads_back(world: World, client_of: ClientOf) -> None:
    a_report(world.committee, world.account("chief"))
    answer = client_of(world.account("chief")).get(reverse("report-file", args=[NUMBER]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("report", args=[NUMBER])
    assert "报告尚未生成，请稍候。" in answer.content.decode()


# --- verification -------------------------------------------------------------------------------------------


def test_a_genuine_paper_is_recognised_without_a_sign_in(world: World) -> None:
    report = an_issued_report(world)
    text = page(Client(), "verify", report.token, MAC[:32])
    assert "本系统签发过这份报告" in text
    assert [NUMBER in text, "上游局党委" in text, "2027年1月5日" in text] == [True] * 3
    assert [word for word in ("梁志强", "郑远航", "54.5%") if word in text] == []


@pytest.mark.parametrize(
    ("token", "mac"),
    [(None, "f" * 32), (None, MAC), (None, MAC[:31]), (uuid.uuid4(), MAC[:32])],
    ids=["another mac", "the whole mac", "a shorter mac", "another token"],
)
def test_any_other_is_not(world: World, token: uuid.UUID | None, mac: str) -> None:
    report = an_issued_report(world)
    answer = Client().get(reverse("verify", args=[token or report.token, mac]))
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "查不到这份报告" in text
    assert NUMBER not in text


def test_a_report_on_its_way_is_not_genuine_yet(world: World) -> None:
    report = a_report(world.committee, None)
    assert Client().get(reverse("verify", args=[report.token, MAC[:32]])).status_code == 404


@pytest.mark.parametrize(("met", "answer"), [(6, "三个数字与签发时相同"), (11, "数字与签发时不同")])
def test_figures_changed_on_the_paper_are_found_out(world: World, met: int, answer: str) -> None:
    report = an_issued_report(world)
    assert answer in page(Client(), "verify", report.token, MAC[:32], owed=11, met=met, overdue=5)
