"""load_demonstration: into an empty database only, or as a workbook."""

from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import override_settings

from branches.models import Organisation
from members.models import Account
from talks.figures.opinions import opinion_count
from talks.management.demonstration.signins import PASSWORD
from talks.models import Meeting, Talk

pytestmark = pytest.mark.django_db


def test_it_is_never_laid_over_other_data() -> None:
    Organisation.objects.create(code="A", name="甲党支部", kind="党支部", path="/1/")
    out = StringIO()
    call_command("load_demonstration", yes=True, stdout=out)
    assert "未载入" in out.getvalue()
    assert PASSWORD not in out.getvalue()
    assert Organisation.objects.count() == 1
    assert not Account.objects.exists()


@override_settings(EMBEDDED=False)
def test_another_database_than_the_embedded_one_asks_for_yes() -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("load_demonstration", stdout=StringIO())
    assert not Organisation.objects.exists()


@time_machine.travel("2026-01-01 10:00+08:00", tick=True)
def test_on_a_clock_that_is_behind_it_loads_all_the_same() -> None:
    call_command("load_demonstration", yes=True, stdout=StringIO())
    assert Talk.objects.filter(held_on__gt=date(2026, 1, 1), state="已记录").exists()


def test_opinions_are_gathered_before_a_meeting_and_some_are_still_to_be_merged() -> None:
    call_command("load_demonstration", yes=True, stdout=StringIO())
    meeting = Meeting.objects.get(organisation__code="SYJ-HC", kind="组织生活会", year=2026)
    count = opinion_count(meeting)
    assert count.sentence == "共征求意见建议15条，梳理为5条"
    # The training, the reviews of papers and the wish for outposts stand alone.
    assert count.unmerged == 3
    assert all(row.persons.exists() for row in meeting.merged_opinions.all())


def test_it_can_be_written_as_a_workbook_without_a_database(tmp_path: Path) -> None:
    path = tmp_path / "演示.xlsx"
    call_command("load_demonstration", workbook=path, stdout=StringIO())
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()), read_only=True)
    assert len(book.sheetnames) == 12
    assert not Organisation.objects.exists()
