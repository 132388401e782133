"""`make_report` as workbook.md names it."""

import subprocess
from datetime import date
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest
from django.core.management import CommandError, call_command

from reports.models import Report
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry


def make(kind: str, file: Path | str, **options: str) -> str:
    out = StringIO()
    call_command("make_report", kind, output=str(file), stdout=out, **options)
    return out.getvalue()


def text_of(file: Path) -> str:
    run = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True)
    return run.stdout


def test_it_writes_the_report_and_tells_its_number(world: World, tmp_path: Path) -> None:
    file = tmp_path / "报告.pdf"
    said = make("compliance", file, organisation="SYJ", year="2026", as_of="2027-01-05")
    report = Report.objects.get()
    assert said == f"已生成合规报告{report.number}：{file}\n"
    assert file.read_bytes() == bytes(report.file or b"")
    # 13 duties of the two branches, all overdue: see test_figures.py.
    assert "应谈事项共13项" in text_of(file).replace("\n", "").replace(" ", "")
    assert (report.state, report.requested_by) == (Report.State.DONE, None)
    assert list(TrailEntry.objects.order_by("pk").values_list("account", "action", "target")) == [
        ("command", "申请报告", report.number),
        ("system", "生成报告", report.number),
        ("command", "下载", report.number),
    ]


def test_the_year_is_that_of_the_day_unless_it_is_given(world: World, tmp_path: Path) -> None:
    make("compliance", tmp_path / "a.pdf", organisation="HC", as_of="2025-06-30")
    report = Report.objects.get()
    assert (report.year, report.as_of.isoformat()) == (2025, "2025-06-30")


def test_who_had_an_event_is_nowhere_in_the_file(world: World, tmp_path: Path) -> None:
    for member, kind in ((world.member, "家庭变故"), (world.colleague, "组织处理"), (world.head, "岗位变动")):
        factories.an_event(member, kind, happened_on=date(2026, 3, 2), code=f"SJ-{member.code}")
    file = tmp_path / "a.pdf"
    make("compliance", file, organisation="SYJ", year="2026", as_of="2026-07-01")
    with pikepdf.open(file) as pdf, pdf.open_metadata() as meta:
        told = text_of(file) + str(meta) + str(dict(pdf.docinfo or {}))
    assert "另有" not in told
    assert "事件类必谈逾期3项" in told.replace("\n", "").replace(" ", "")
    assert [word for word in ("梁志强", "吴桂兰", "谭晓峰", "SJ-", "P013") if word in told] == []


@pytest.mark.parametrize(
    ("kind", "file", "options", "line"),
    [
        (
            "statistics",
            "a.pdf",
            {},
            "没有「statistics」这种报告，可以选择：talk（记录表）、ledger（台账）、compliance（合规报告）、",
        ),
        ("ledger", "a.docx", {}, "台账不能生成为「.docx」，文件名应以.pdf、.xlsx结尾。"),
        ("talk", "a.pdf", {}, "请用 --talk 写明谈话编号。"),
        ("talk", "a.pdf", {"talk": "T0"}, "没有编号为「T0」的谈话。"),
        ("meeting", "a.pdf", {}, "合川分局党支部没有2026年度的会议。"),
        ("compliance", "a.docx", {}, "合规报告不能生成为「.docx」，文件名应以.pdf结尾。"),
        ("compliance", "a", {}, "合规报告不能生成为「」，文件名应以.pdf结尾。"),
        ("compliance", "a.pdf", {"organisation": "XX"}, "组织编码「XX」不存在。"),
        ("compliance", "a.pdf", {"organisation": ""}, "请用 --organisation 写明组织编码。"),
        ("compliance", "a.pdf", {"year": "二〇二六"}, "年度「二〇二六」无法识别"),
        ("compliance", "a.pdf", {"as_of": "2026-02-30"}, "日期「2026-02-30」无法识别"),
        ("compliance", "a.pdf", {"talk": "T1"}, "--talk 只用于记录表，合规报告不需要。"),
        ("compliance", "no/such/a.pdf", {}, "不存在，请先建立。"),
        ("compliance", "", {}, "请用 --output 写明要写入的文件。"),
    ],
)
def test_what_cannot_be_made_is_a_line_and_leaves_nothing(
    world: World, tmp_path: Path, kind: str, file: str, options: dict[str, str], line: str
) -> None:
    output = str(tmp_path / file) if file else ""
    with pytest.raises(CommandError) as refused:
        make(kind, output, **{"organisation": "HC", "year": "2026"} | options)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Report.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_every_kind_is_made_and_says_nothing_that_is_sealed(world: World, tmp_path: Path) -> None:
    factories.a_meeting(world.branch, meeting_on=date(2026, 12, 1))
    talk = factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=date(2026, 3, 5),
        code="T-9",
        content="鹤鸣",
        remedies=["鲸落"],
    )
    for kind, ending in (
        *(("ledger", "xlsx"), ("rectification", "pdf"), ("meeting", "pdf"), ("meeting", "docx")),
        *(("talk", "pdf"), ("talk", "docx")),
    ):
        file = tmp_path / f"{kind}.{ending}"
        options = {"talk": talk.code} if kind == "talk" else {"organisation": "HC"}
        make(kind, file, year="2026", as_of="2026-12-31", **options)
        words = text_of(file) if ending == "pdf" else inside(file)
        assert [word for word in ("鹤鸣", "鲸落") if word in words] == []
        assert Report.objects.latest("pk").number in words


def inside(file: Path) -> str:
    """The parts of a container as one text."""
    with ZipFile(file) as container:
        return "".join(container.read(name).decode("utf-8", "replace") for name in container.namelist())
