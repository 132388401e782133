"""`/verify/`: the numbers of a paper or a file, held against what was issued; without an account."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from time import process_time
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reports.excel import render_workbook
from reports.figures.papers import Paper
from reports.models import Report
from reports.pdf import render_paper
from reports.rules import numbers
from reports.rules.numbers import number_in
from reports.views import verification
from reports.word import render_word
from tests.conftest import World
from tests.reports.rows import MAC, an_issued_report, some_figures
from tests.reports.test_sheets import a_ledger, an_essay, paper

NUMBER = "BG-2027-0001"
FILE = b"%PDF-1.7 \xe7\xbc\x96\xe5\x8f\xb7BG-2027-0001 sealed"
PERSONS = ("梁志强", "郑远航", "陆秉川")


@pytest.fixture(autouse=True)
def _nobody_has_asked() -> None:
    cache.clear()


@pytest.fixture
def report(world: World) -> Report:
    report = an_issued_report(world)
    report.file, report.digest = FILE, sha256(FILE).hexdigest()
    report.save()
    return report


def ask(**given: object) -> str:
    answer = Client().post(reverse("verify-ask"), given)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert [name for name in PERSONS if name in text] == []
    return text


def the_file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("报告.pdf", content, "application/pdf")


@pytest.mark.usefixtures("report")
def test_the_file_as_it_was_issued() -> None:
    text = ask(file=the_file(FILE))
    assert "本系统签发过这份报告，文件没有改动" in text
    assert [part in text for part in (NUMBER, "上游局党委", "2027年1月5日")] == [True] * 3


@pytest.mark.usefixtures("report")
def test_the_file_after_its_download_is_gone() -> None:
    """The digest stays when the file is deleted."""
    Report.objects.update(file=None)
    assert "文件没有改动" in ask(file=the_file(FILE))


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("changed", [FILE + b" ", FILE.replace(b"sealed", b"forged"), b"x" * 70_000 + FILE])
def test_an_altered_file_names_a_report_that_it_is_not(changed: bytes) -> None:
    text = ask(file=the_file(changed))
    assert "文件与签发时不同" in text
    # Whoever writes a number into a file learns no more than that it was given out.
    assert [part for part in ("上游局党委", "2027年1月5日") if part in text] == []


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("content", [b"%PDF-1.7 BG-2027-0002", b"", b"\0" * 100])
def test_a_file_that_is_none_of_ours(content: bytes) -> None:
    text = ask(file=the_file(content))
    assert ("查不到这份报告" in text) is True


def test_a_real_paper_names_its_number() -> None:
    issued_at = datetime(2027, 1, 5, 9, tzinfo=UTC)
    paper = Paper(NUMBER, issued_at, "http://testserver/verify/", MAC, "", some_figures())
    assert number_in(render_paper(paper)) == NUMBER


@pytest.mark.parametrize("render", [render_workbook, render_word])
def test_an_altered_workbook_or_document_names_the_report_that_it_was(
    world: World, render: Callable[[Paper], bytes]
) -> None:
    """Opened and saved by another program: another file, which bears the number of the first."""
    report = an_issued_report(world)
    figures = a_ledger(3) if render is render_workbook else an_essay()
    file = render(replace(paper(figures), number=NUMBER))
    report.file, report.digest = file, sha256(file).hexdigest()
    report.save()
    assert "文件没有改动" in ask(file=the_file(file))
    changed = resaved(file)
    assert changed != file
    text = ask(file=the_file(changed))
    assert "文件与签发时不同" in text
    assert [part for part in ("上游局党委", "2027年1月5日") if part in text] == []


def resaved(file: bytes) -> bytes:
    """The same container with a cell or a sentence changed."""
    target = BytesIO()
    with ZipFile(BytesIO(file)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("谈".encode(), "论".encode()))
    return target.getvalue()


def a_container(description: bytes, *, method: int = ZIP_DEFLATED, more: int = 0) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", method) as container:
        for number in range(more):
            container.writestr(f"xl/{number}.xml", b"0" * 10_000_000)
        container.writestr("docProps/core.xml", description)
    return target.getvalue()


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_only_what_describes_a_container_is_unfolded(method: int) -> None:
    described = b"<dc:identifier>BG-2027-0001</dc:identifier>"
    assert number_in(a_container(described, method=method)) == NUMBER
    assert number_in(a_container(b" " * numbers.MOST_DESCRIBED + described, method=method)) == ""
    # 200 MB of noughts beside it are not looked at.
    started = process_time()
    assert number_in(a_container(described)[:-1] + a_container(b"", more=20)) == NUMBER
    spent = process_time() - started
    assert number_in(b"PK\x03\x04" + b"\0" * 26 + b"docProps/core.xml") == ""
    assert spent < 5


def test_what_a_file_has_folded_up_is_unfolded_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    folded = b"stream\n" + zlib.compress(b"a" * 5000 + NUMBER.encode("utf-16-be"))
    assert number_in(b"%PDF " + folded) == NUMBER
    assert number_in(b"%PDF stream\nspoilt" + folded) == NUMBER
    monkeypatch.setattr(numbers, "MOST_UNFOLDED", 5000)
    assert number_in(b"%PDF " + folded) == ""


@pytest.mark.parametrize("code", ["0123456789abcdef", "0123 4567 89AB CDEF", "０１２３ 4567 89ab cdef"])
def test_the_numbers_of_a_paper_lead_to_its_page(report: Report, code: str) -> None:
    answer = Client().post(reverse("verify-ask"), {"number": f" {NUMBER.lower()}", "code": code})
    assert answer.headers["Location"] == reverse("verify", args=[report.token, MAC[:32]])
    assert "本系统签发过这份报告" in Client().get(answer.headers["Location"]).content.decode()


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize(
    ("number", "code"), [(NUMBER, "0123456789abcdee"), ("BG-2027-0002", "0123456789abcdef")]
)
def test_a_number_alone_tells_nothing(number: str, code: str) -> None:
    text = ask(number=number, code=code)
    assert "查不到这份报告" in text
    assert "上游局党委" not in text
    assert "请填写编号和校验码" in ask(number=NUMBER)


def test_a_report_on_its_way_is_not_issued(report: Report) -> None:
    Report.objects.update(state=Report.State.FAILED)
    assert "查不到这份报告" in ask(file=the_file(FILE))
    assert "查不到这份报告" in ask(number=NUMBER, code=report.figures_mac[:16])


def test_what_was_typed_stays(report: Report) -> None:
    text = ask(number=NUMBER, code="0123")
    assert f'value="{NUMBER}"' in text
    assert "16位数字和字母" in text


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MOST_BYTES", 1000)
    monkeypatch.setattr(verification, "AROUND", 0)

    def never(*arguments: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr(verification, "VerifyForm", lambda *given: never() if given else FORM())
    answer = Client().post(reverse("verify-ask"), {"file": the_file(b"x" * 1001)})
    assert answer.status_code == 413
    assert "文件超过" in answer.content.decode()


FORM = verification.VerifyForm


@pytest.mark.usefixtures("report")
def test_who_asks_too_often_waits() -> None:
    def ask_from(address: str) -> int:
        given = {"number": NUMBER, "code": "0" * 16}
        return Client().post(reverse("verify-ask"), given, REMOTE_ADDR=address).status_code

    assert [ask_from("10.0.0.1") for _ in range(22)] == [200] * 20 + [429] * 2
    assert ask_from("10.0.0.2") == 200


@pytest.mark.django_db
def test_a_page_for_whoever_comes(client: Client) -> None:
    assert "不需要登录" in client.get(reverse("verify-ask")).content.decode()
