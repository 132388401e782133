"""The table of working days (rules.md section 3)."""

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from branches.models import Organisation, WorkingDay
from branches.rules.working_days import Change, NamedDay, compare
from branches.services.stale import mark_stale
from vault.services import Actor, enter_trail

YEAR_UNKNOWN = "{year}年的放假安排还没有录入，请先导入该年的通知。"
DAY_TAKEN = "这一天已有安排，请在列表中修改。"
NO_DAY_OF_YEAR = "没有读出{year}年的日期，请核对年度和内容。"


@transaction.atomic
def replace_working_days(
    *, actor: Actor, at: datetime, year: int, days: Collection[NamedDay]
) -> tuple[Change, ...]:
    """Stores the calendar of a year in the place of what stood there; gives what was written.

    Refuses with ValidationError what `planned_changes` refuses.
    """
    changes = tuple(change for change in planned_changes(year=year, days=days) if change.is_change)
    wanted = [change.new for change in changes if change.new]
    WorkingDay.objects.filter(day__in=[change.day for change in changes if change.new is None]).delete()
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=new.day, is_working=new.is_working, name=new.name) for new in wanted],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["is_working", "name"],
    )
    if changes:
        _finish(actor, at, "导入", str(year), changes)
    return changes


def planned_changes(*, year: int, days: Collection[NamedDay]) -> tuple[Change, ...]:
    """What storing the calendar of a year would make of the days, the unchanged among them; reads only.

    Days of December before, with which a holiday may begin, come to those of their own year: refused with
    ValidationError where that is not known, as it would count as known from then on. So are days none of
    which is of the year itself.
    """
    if not any(day.day.year == year for day in days):
        raise ValidationError(NO_DAY_OF_YEAR.format(year=year))
    before = [day.day for day in days if day.day.year != year]
    if before:
        _require_known(year - 1)
    stored = WorkingDay.objects.of_year(year) | WorkingDay.objects.filter(day__in=before)
    return compare([row.named for row in stored], days, year)


@transaction.atomic
def add_working_day(*, actor: Actor, at: datetime, day: date, is_working: bool, name: str) -> WorkingDay:
    """One day more of a year that is known; refused with ValidationError where it is not, or has the day."""
    _require_known(day.year)
    try:
        with transaction.atomic():
            row = WorkingDay.objects.create(day=day, is_working=is_working, name=name.strip())
    except IntegrityError as error:
        raise ValidationError({"day": DAY_TAKEN}) from error
    _finish(actor, at, "新增", f"{day}", [Change(day, None, row.named)])
    return row


@transaction.atomic
def change_working_day(
    *, actor: Actor, at: datetime, working_day: WorkingDay, is_working: bool, name: str
) -> WorkingDay:
    """Whether one works on the day, and what it is called."""
    row = WorkingDay.objects.select_for_update().get(pk=working_day.pk)
    old = row.named
    row.is_working, row.name = is_working, name.strip()
    if row.named != old:
        row.save(update_fields=["is_working", "name"])
        _finish(actor, at, "修改", f"{row.day}", [Change(row.day, old, row.named)])
    return row


@transaction.atomic
def remove_working_day(*, actor: Actor, at: datetime, working_day: WorkingDay) -> None:
    """The day counts by its weekday again; without its last day a year is not known any more."""
    old = working_day.named
    working_day.delete()
    _finish(actor, at, "删除", f"{old.day}", [Change(old.day, old, None)])


def _require_known(year: int) -> None:
    if not WorkingDay.objects.of_year(year).exists():
        raise ValidationError(YEAR_UNKNOWN.format(year=year))


def _finish(actor: Actor, at: datetime, action: str, target: str, changes: Collection[Change]) -> None:
    """Limits in working days may have moved, for everybody; and the trail tells what was written."""
    if any(change.moves_limits for change in changes):
        mark_stale(organisations=Organisation.objects.all(), at=at)
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind=str(WorkingDay._meta.verbose_name),
        target=target,
        detail={f"{change.day}": f"{_told(change.old)}→{_told(change.new)}" for change in changes},
    )


def _told(day: NamedDay | None) -> str:
    return f"{'上班' if day.is_working else '放假'}{day.name}" if day else "无"
