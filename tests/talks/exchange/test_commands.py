"""import_workbook and export_workbook, as somebody types them."""

import stat
from pathlib import Path

import pytest
from django.core.management import call_command

from branches.models import Organisation
from members.models import Member
from tests.talks.exchange.books import WHOLE, cells_of, changed, file_of, imported
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

Output = pytest.CaptureFixture[str]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(file_of(WHOLE))
    return file


def refused(*arguments: str | Path) -> int:
    """The exit status of a command that is refused."""
    with pytest.raises(SystemExit) as ended:
        call_command(*map(str, arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_an_import_prints_a_line_for_each_sheet(book: Path, capsys: Output) -> None:
    call_command("import_workbook", str(book))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "党组织: 新增 2，更改 0，不变 0",
        "部门单位: 新增 2，更改 0，不变 0",
        "党员: 新增 4，更改 0，不变 0",
    ]
    assert len(lines) == 12


def test_the_second_import_says_that_nothing_changed(book: Path, capsys: Output) -> None:
    call_command("import_workbook", str(book))
    capsys.readouterr()
    call_command("import_workbook", str(book))
    assert capsys.readouterr().out.splitlines()[-1] == "没有变化。"


def test_a_dry_run_stores_nothing(book: Path, capsys: Output) -> None:
    call_command("import_workbook", str(book), "--dry-run")
    assert "党员: 新增 4，更改 0，不变 0" in capsys.readouterr().out
    assert not Member.objects.exists()


def test_errors_are_lines_of_their_own_and_the_status_is_1(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "错.xlsx"
    file.write_bytes(file_of(changed("党员", "姓名", None, book=changed("任职", "组织编码", "SYJ99", 3))))
    assert refused("import_workbook", file) == 1
    assert capsys.readouterr().err.splitlines() == [
        "党员!B2: 必填项为空",
        "任职!B3: 组织编码「SYJ99」不存在",
    ]
    assert not Organisation.objects.exists()
    entry = TrailEntry.objects.latest("pk")
    assert (entry.action, entry.succeeded) == ("导入", False)


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04rest"])
def test_a_file_that_is_no_workbook_is_one_line(tmp_path: Path, content: bytes, capsys: Output) -> None:
    file = tmp_path / "坏.xlsx"
    file.write_bytes(content)
    assert refused("import_workbook", file) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("坏.xlsx: 文件")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: Output) -> None:
    assert refused("import_workbook", tmp_path / "没有.xlsx") == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_export_is_for_its_owner_alone_and_in_the_trail(tmp_path: Path, capsys: Output) -> None:
    imported()
    target = tmp_path / "导出.xlsx"
    call_command("export_workbook", str(target))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "谈话: 1" in capsys.readouterr().out.splitlines()
    assert "谈话内容" not in cells_of(target.read_bytes())["谈话"][0]
    entry = TrailEntry.objects.latest("pk")
    assert (entry.action, entry.target, entry.account) == ("导出", "全部", "command")
    assert [path.name for path in tmp_path.iterdir()] == ["导出.xlsx"]


def test_an_export_with_content_takes_the_place_of_an_older_file(tmp_path: Path) -> None:
    imported()
    target = tmp_path / "导出.xlsx"
    target.write_bytes(b"older")
    target.chmod(0o644)
    call_command("export_workbook", str(target), "--with-content")
    assert "谈话内容" in cells_of(target.read_bytes())["谈话"][0]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_export_of_one_organisation_names_others_by_their_codes(tmp_path: Path, capsys: Output) -> None:
    imported()
    target = tmp_path / "导出.xlsx"
    call_command("export_workbook", str(target), "--organisation", "HC")
    sheets = cells_of(target.read_bytes())
    assert [row[0] for row in sheets["党组织"][1:]] == ["HC"]
    assert sheets["党组织"][1][3] == "SYJ"
    assert [row[0] for row in sheets["党员"][1:]] == ["P001", "P002", "P003"]
    assert [row[1] for row in sheets["任职"][1:]] == ["HC", "HC"]
    assert sheets["分管"][1:] == []
    assert sheets["规则"][1:] == []
    assert sheets["免予谈话"][1][-2] == "P004"
    capsys.readouterr()
    call_command("import_workbook", str(target))
    assert capsys.readouterr().out.splitlines()[-1] == "没有变化。"


def test_an_unknown_organisation_is_refused(tmp_path: Path, capsys: Output) -> None:
    assert refused("export_workbook", tmp_path / "x.xlsx", "--organisation", "没有") == 1
    assert capsys.readouterr().err == "组织编码「没有」不存在\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, capsys: Output) -> None:
    assert refused("export_workbook", tmp_path / "没有" / "x.xlsx") == 1
    assert capsys.readouterr().err.startswith("无法写入文件")
