"""docs/security.md names tests that exist, and for each guard a control."""

import re
from pathlib import Path

from django.apps import apps
from django.db import models

from vault.models import SealedModel

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


# What the paper says that a database administrator sees, beside numbers and days: numbers and codes of ours,
# the roster, and of talks these. Whatever else is typed about a talk is sealed.
OPEN = {
    *(
        "Talk.code",
        "Talk.external_talker",
        "Talk.form",
        "Talk.mode",
        "Talk.kind",
        "Talk.occasion",
        "Talk.place",
    ),
    *("TalkRequest.code", "TalkRequest.form"),
    *("Waiver.rule", "Waiver.anchor", "Waiver.persons", "Upload.file_name"),
    *("Report.number", "Report.digest", "Report.figures_mac"),
}


def _open_columns() -> set[str]:
    """Columns of text that are not sealed, where something of the row is; no choices of a few words."""
    sealed = [
        model
        for model in apps.get_models()
        if issubclass(model, SealedModel) and model._meta.app_label in ("talks", "reports")
    ]
    return {
        f"{model.__name__}.{column.name}"
        for model in sealed
        for column in model._meta.local_fields
        if type(column) in (models.CharField, models.TextField) and not column.choices
    }


def test_beside_what_is_sealed_stands_in_clear_what_the_paper_says() -> None:
    assert _open_columns() == OPEN
    for told in ("how many opinions were noted", "when and where", "of which kind"):
        assert told in PAPER.replace("\n  ", " ")
