"""The table of working days: what is written or refused, who is looked at again, what the trail tells."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from branches import services
from branches.excel.containers import DAMAGED, NOT_A_WORKBOOK, Unreadable
from branches.excel.working_days import NO_TABLE, TOO_LONG, read_working_days
from branches.models import Organisation, Stale, WorkingDay
from branches.rules import OrganisationKind
from branches.rules.working_days import NamedDay
from branches.services.working_days import DAY_TAKEN, NO_DAY_OF_YEAR, YEAR_UNKNOWN
from tests.factories import an_organisation
from vault.models import TrailEntry
from vault.services import Actor

pytestmark = pytest.mark.django_db

WHO: dict[str, Any] = {
    "actor": Actor("system", "10.0.0.1"),
    "at": datetime(2026, 11, 5, 2, 0, tzinfo=UTC),
}
MEGABYTE = 1024 * 1024


def off(day: str, name: str = "元旦") -> NamedDay:
    return NamedDay(date.fromisoformat(day), False, name)


def on(day: str, name: str = "元旦") -> NamedDay:
    return NamedDay(date.fromisoformat(day), True, name)


def stored(year: int) -> list[NamedDay]:
    return [row.named for row in WorkingDay.objects.of_year(year)]


def entries() -> list[tuple[str, str, str]]:
    return list(TrailEntry.objects.values_list("action", "target", "detail"))


@pytest.fixture(autouse=True)
def calendar() -> None:
    """2026 is known by three days: Thursday and Friday off, Sunday at work; 2027 is not."""
    WorkingDay.objects.all().delete()
    WorkingDay.objects.create(day=date(2026, 1, 1), is_working=False, name="元旦")
    WorkingDay.objects.create(day=date(2026, 1, 2), is_working=False, name="元旦")
    WorkingDay.objects.create(day=date(2026, 1, 4), is_working=True, name="元旦")
    top = an_organisation("上游局党委", OrganisationKind.COMMITTEE)
    an_organisation("合川分局党支部", superior=top)
    Stale.objects.all().delete()


# --- a year ------------------------------------------------------------------------------------------------


def test_a_year_is_replaced_and_others_stay() -> None:
    WorkingDay.objects.create(day=date(2025, 1, 1), is_working=False, name="元旦")
    wanted = [off("2026-01-01"), off("2026-01-04"), off("2026-05-01", "劳动节")]
    assert [
        (f"{change.day}", change.word) for change in services.planned_changes(year=2026, days=wanted)
    ] == [
        ("2026-01-01", "不变"),
        ("2026-01-02", "删除"),
        ("2026-01-04", "更改"),
        ("2026-05-01", "新增"),
    ]
    written = services.replace_working_days(**WHO, year=2026, days=wanted)
    assert [change.word for change in written] == ["删除", "更改", "新增"]
    assert stored(2026) == wanted
    assert stored(2025) == [off("2025-01-01")]
    assert entries() == [
        (
            "导入",
            "2026",
            '{"2026-01-02":"放假元旦→无","2026-01-04":"上班元旦→放假元旦","2026-05-01":"无→放假劳动节"}',
        )
    ]
    assert set(Stale.objects.values_list("organisation", flat=True)) == set(
        Organisation.objects.values_list("pk", flat=True)
    )


def test_the_same_year_again_writes_nothing() -> None:
    assert services.replace_working_days(**WHO, year=2026, days=stored(2026)) == ()
    assert (entries(), Stale.objects.count()) == ([], 0)


def test_a_name_or_a_free_saturday_moves_no_limit() -> None:
    days = [off("2026-01-01", "新年"), off("2026-01-02"), off("2026-01-03"), on("2026-01-04")]
    assert len(services.replace_working_days(**WHO, year=2026, days=days)) == 2
    assert Stale.objects.count() == 0
    assert len(entries()) == 1


def test_december_before_is_added_to_its_own_year() -> None:
    days = [off("2026-12-31"), off("2027-01-01")]
    services.replace_working_days(**WHO, year=2027, days=days)
    assert [day.day for day in stored(2026)] == [
        date(2026, 1, 1),
        date(2026, 1, 2),
        date(2026, 1, 4),
        date(2026, 12, 31),
    ]
    # Of 2027 again, without it: it belongs to 2026 and stays.
    services.replace_working_days(**WHO, year=2027, days=[off("2027-01-01"), off("2027-01-02")])
    assert len(stored(2026)) == 4


def test_december_of_a_year_that_is_not_known_does_not_make_it_known() -> None:
    with pytest.raises(ValidationError) as error:
        services.replace_working_days(**WHO, year=2028, days=[off("2027-12-31"), off("2028-01-01")])
    assert error.value.messages == [YEAR_UNKNOWN.format(year=2027)]
    assert WorkingDay.objects.known_years() == {2026}


def test_a_year_is_not_emptied() -> None:
    for days in ([], [off("2026-12-31")]):
        with pytest.raises(ValidationError) as error:
            services.replace_working_days(**WHO, year=2027, days=days)
        assert error.value.messages == [NO_DAY_OF_YEAR.format(year=2027)]


# --- a day -------------------------------------------------------------------------------------------------


def test_a_day_is_added_changed_and_removed() -> None:
    row = services.add_working_day(**WHO, day=date(2026, 9, 3), is_working=False, name=" 纪念日 ")
    assert (row.name, Stale.objects.count()) == ("纪念日", 2)
    services.change_working_day(**WHO, working_day=row, is_working=True, name="纪念日")
    # A Thursday at work and one that is not named are the same: no more marks.
    assert Stale.objects.count() == 4
    services.remove_working_day(**WHO, working_day=WorkingDay.objects.get(pk=row.pk))
    assert (len(stored(2026)), Stale.objects.count()) == (3, 4)
    assert entries() == [
        ("新增", "2026-09-03", '{"2026-09-03":"无→放假纪念日"}'),
        ("修改", "2026-09-03", '{"2026-09-03":"放假纪念日→上班纪念日"}'),
        ("删除", "2026-09-03", '{"2026-09-03":"上班纪念日→无"}'),
    ]


def test_saving_without_a_change_leaves_no_entry() -> None:
    row = WorkingDay.objects.get(day="2026-01-01")
    services.change_working_day(**WHO, working_day=row, is_working=False, name="元旦")
    assert (entries(), Stale.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("day", "refusal"),
    [(date(2026, 1, 1), DAY_TAKEN), (date(2027, 1, 1), YEAR_UNKNOWN.format(year=2027))],
)
def test_a_day_that_stands_or_whose_year_is_not_known_is_refused(day: date, refusal: str) -> None:
    with pytest.raises(ValidationError) as error:
        services.add_working_day(**WHO, day=day, is_working=False, name="")
    assert error.value.messages == [refusal]
    assert (len(stored(2026)), stored(2027), entries()) == (3, [], [])


# --- the workbook ------------------------------------------------------------------------------------------


def book(*rows: list[Any], name: str = "Sheet1", first: list[list[Any]] | None = None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in first or []:
        sheet.append(row)
    if first is not None:
        sheet = made.create_sheet(name)
    for row in rows:
        sheet.append(row)
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def test_the_columns_are_found_in_any_order_and_on_any_sheet() -> None:
    data = book(
        ["说明", "备注", " 状态*", "日期"],
        ["元旦", "x", "放假", datetime(2027, 1, 1)],  # noqa: DTZ001 - as a workbook has it
        [None, None, None, None],
        [None, None, "上班", "2027-01-03"],
        first=[["填写说明"]],
    )
    assert read_working_days(data, MEGABYTE) == [
        (2, [datetime(2027, 1, 1), "放假", "元旦"]),  # noqa: DTZ001
        (4, ["2027-01-03", "上班", None]),
    ]


def test_the_column_for_names_may_be_missing() -> None:
    data = book(["日期", "状态"], ["2027-01-01", "放假"])
    assert read_working_days(data, MEGABYTE) == [(2, ["2027-01-01", "放假", None])]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"PK\x03\x04 and then nothing", DAMAGED),
        ("日期,状态".encode(), NOT_A_WORKBOOK),
        (book(["日期", "说明"], ["2027-01-01", "元旦"]), NO_TABLE),
        (book(), NO_TABLE),
        (book(["日期", "状态"], *([["2027-01-01", "放假"]] * 1000)), TOO_LONG),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes, refusal: str) -> None:
    with pytest.raises(Unreadable, match=refusal):
        read_working_days(data, MEGABYTE)
