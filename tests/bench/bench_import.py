"""导入名册：1,000 名与 20,000 名党员，每行填满，连同任职、联系党员；命令行，各在一个新的数据库

Targets (design.md section 1, the issue): 1,000 in under 20 s; 20,000 in under 5 minutes and under 500 MB.
Each command runs in a process of its own, so that its memory can be measured.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from talks.excel import write_workbook
from talks.rules.exchange.cells import Value
from talks.rules.exchange.columns import LIAISONS, MEMBERS, ORGANISATIONS, POSTS
from tests.guards import ROOT

BRANCH = 50
TEAM = 5
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "伟芳娜敏静丽强磊军洋勇艳杰涛明超兰霞平刚"

# Runs the command and then says how much memory the process ever held.
MEASURED = """
import resource, sys
from django.core.management import execute_from_command_line
try:
    execute_from_command_line(["manage.py", *sys.argv[1:]])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""

Rows = Iterator[Mapping[str, Value]]


def run() -> list[tuple[str, str]]:
    """Import, import again, export, for both sizes."""
    figures = []
    for members in (1_000, 20_000):
        with tempfile.TemporaryDirectory() as folder:
            environment = _environment(Path(folder))
            _manage(environment, "migrate", "--verbosity", "0")
            roster = Path(folder) / "roster.xlsx"
            with roster.open("wb") as file:
                write_workbook(_sheets(members), file)
            steps = {
                "检查（--dry-run）": ("import_workbook", str(roster), "--dry-run"),
                "导入": ("import_workbook", str(roster)),
                "再次导入（没有变化）": ("import_workbook", str(roster)),
                "导出": ("export_workbook", str(Path(folder) / "export.xlsx"), "--with-content"),
            }
            for step, command in steps.items():
                seconds, kilobytes = _manage(environment, *command)
                figures.append((f"{members:,} 人 {step}", f"{seconds:.1f} s，{kilobytes / 1024:.0f} MB"))
    return figures


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "VAULT_TRAIL_HEAD_FILE": str(folder / "trail.head"),
        "BROKER_FOLDER": str(folder / "broker"),
    }


def _manage(environment: dict[str, str], *command: str) -> tuple[float, int]:
    """Seconds, and kilobytes at most."""
    start = perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return perf_counter() - start, int(ended.stderr.split()[-1])


def _sheets(members: int) -> Iterator[tuple[object, object, Rows]]:
    rows = {
        ORGANISATIONS: _organisations(members),
        MEMBERS: _members(members),
        POSTS: _posts(members),
        LIAISONS: _liaisons(members),
    }
    for form, found in rows.items():
        yield form, form.columns, found


def _code(number: int) -> str:
    return f"P{number:06}"


def _branch(number: int) -> str:
    return f"B{number // BRANCH:04}"


def _organisations(members: int) -> Rows:
    yield {"组织编码": "T", "组织名称": "测量党委", "组织类型": "党委"}
    for number in range(0, members, BRANCH):
        name = f"第{number // BRANCH + 1}党支部"
        yield {
            "组织编码": _branch(number),
            "组织名称": name,
            "组织类型": "党支部",
            "上级组织编码": "T",
        }


def _members(members: int) -> Rows:
    for number in range(members):
        born = date(1960, 1, 1) + timedelta(days=number % 14_000)
        yield {
            "党员编号": _code(number),
            "姓名": SURNAMES[number % 10] + GIVEN[number // 10 % 20] + GIVEN[number // 200 % 20],
            "党员类别": "正式党员",
            "所在组织编码": _branch(number),
            "转入日期": date(2020, 1, 1),
            "性别": "男女"[number % 2],
            "民族": "汉族",
            "出生日期": born,
            "学历": "大学本科",
            "入党日期": born + timedelta(days=9_000),
            "转正日期": born + timedelta(days=9_366),
            "手机号码": f"138{number:08}",
            "公民身份号码": f"510000{born:%Y%m%d}{number % 10_000:04}",
            "工作岗位": f"第{number % 40}科科员",
            "流动党员": number % 7 == 0,
            "困难党员": number % 11 == 0,
            "年老体弱": number % 13 == 0,
            "备注": f"备注{number}",
        }


def _posts(members: int) -> Rows:
    for number in range(members):
        if number % BRANCH < TEAM:
            yield {
                "党员编号": _code(number),
                "组织编码": _branch(number),
                "职务": "书记" if number % BRANCH == 0 else "委员",
                "班子成员": True,
                "主要负责同志": number % BRANCH == 0,
                "任职日期": date(2020, 1, 1),
            }


def _liaisons(members: int) -> Rows:
    for number in range(members):
        place = number % BRANCH
        if place >= TEAM:
            yield {
                "支委编号": _code(number - place + place % TEAM),
                "党员编号": _code(number),
                "开始日期": date(2020, 1, 1),
            }
