"""Import Linter keeps the house in order, and each contract is seen to report when it is broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.guards import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, str] = {contract["id"]: contract["name"] for contract in PROJECT["contracts"]}
PACKAGES: list[str] = PROJECT["root_packages"]

# Contract, the module that sins, what it imports, what the report names.
SINS = [
    ("apps", "vault.models", "talks.models", "vault.models -> talks.models"),
    ("apps", "members.services", "talks.services", "members.services -> talks.services"),
    ("apps", "reports.views", "config.settings", "reports.views -> config.settings"),
    ("files", "talks.rules", "talks.models", "talks.rules -> talks.models"),
    ("files", "members.models", "members.permissions", "members.models -> members.permissions"),
    ("files", "members.permissions", "members.figures", "members.permissions -> members.figures"),
    ("files", "branches.figures", "branches.services", "branches.figures -> branches.services"),
    ("files", "talks.services", "talks.tasks", "talks.services -> talks.tasks"),
    ("files", "talks.tasks", "talks.views", "talks.tasks -> talks.views"),
    ("files", "talks.views", "talks.urls", "talks.views -> talks.urls"),
    ("files", "talks.utils", "math", "- talks.utils"),
    ("files", "reports.helpers", "math", "- reports.helpers"),
    ("config", "config.env", "config.settings", "config.env -> config.settings"),
    ("config", "config.utils", "math", "- config.utils"),
    ("facts", "talks.models", "members.services", "talks.models -> members.services"),
    ("writes", "talks.services", "members.views", "talks.services -> members.views"),
    ("rendering", "reports.pdf", "reports.services", "reports.pdf -> reports.services"),
    ("rules", "talks.rules", "django.db", "talks.rules -> django"),
    ("rules", "branches.rules", "os", "branches.rules -> os"),
    ("doors", "reports.views", "weasyprint", "reports.views -> weasyprint"),
    ("doors", "talks.services", "openpyxl", "talks.services -> openpyxl"),
    ("doors", "reports.pdf", "docx", "reports.pdf -> docx"),
    ("doors", "members.models", "cryptography", "members.models -> cryptography"),
    ("doors", "talks.services", "celery", "talks.services -> celery"),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`lint-imports` in a folder that holds the packages and pyproject.toml."""
    command = [str(LINT), "--no-cache", "--no-logo", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def source_of(house: Path, module: str) -> Path:
    """The file of a module, made where it is not there: a module may be a file or a package."""
    path = house.joinpath(*module.split("."))
    if (path / "__init__.py").exists():
        return path / "__init__.py"
    path.with_suffix(".py").touch()
    return path.with_suffix(".py")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages, to be spoilt."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_its_contracts() -> None:
    report = lint(ROOT)
    assert report.returncode == 0, report.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in report.stdout


def test_every_contract_is_broken_once_below() -> None:
    assert {contract for contract, *_ in SINS} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "sinner", "imported", "named"), SINS)
def test_a_broken_contract_is_reported(
    house: Path, contract: str, sinner: str, imported: str, named: str
) -> None:
    if imported.partition(".")[0] in PACKAGES:
        source_of(house, imported)
    with source_of(house, sinner).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")

    report = lint(house, "--contract", contract)

    assert report.returncode == 1
    assert f"{CONTRACTS[contract]} BROKEN" in report.stdout
    assert named in report.stdout
