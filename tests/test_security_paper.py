"""docs/security.md names tests that exist, and for each guard a control."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAPER = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
GUARDS = PAPER.partition("| guard | test | control |\n|---|---|---|\n")[2].splitlines()


def _missing(text: str) -> list[str]:
    """The tests named in the text that there are not."""
    found = []
    for file, name in NAMED.findall(text):
        path = ROOT / file
        if not path.exists() or f"def {name}(" not in path.read_text(encoding="utf-8"):
            found.append(f"{file}::{name}")
    return found


def test_the_tests_that_it_names_exist() -> None:
    assert len(NAMED.findall(PAPER)) > 30
    assert _missing(PAPER) == []


def test_each_guard_has_a_test_and_a_control() -> None:
    assert len(GUARDS) > 15
    assert [
        row for row in GUARDS if [len(NAMED.findall(cell)) for cell in row.split("|")[1:4]] != [0, 1, 1]
    ] == []


def test_a_test_that_is_not_there_is_told() -> None:
    assert _missing("`tests/test_project.py::test_nothing_of_the_kind`") == [
        "tests/test_project.py::test_nothing_of_the_kind"
    ]
