"""工作日: the calendar of a year, kept by 系统管理员, looked at by everybody."""

from datetime import date
from itertools import count

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from branches import services
from branches.excel.containers import Unreadable
from branches.excel.working_days import read_working_days
from branches.forms.workbooks import WorkbookField
from branches.forms.working_days import NOT_AS_SHOWN, NoticeForm, WorkingDayForm, YearForm
from branches.models import WorkingDay
from branches.rules.cells import EARLIEST, LATEST
from branches.rules.dates import chinese_date
from branches.rules.notices import Reading, read_notice, read_rows
from members.permissions import may_change_working_days
from members.views import account_of, actor_of, file_was_too_large
from members.views.entries import Entry, Question, asked, entry_page, kept


@require_safe
def working_days_page(request: HttpRequest) -> HttpResponse:
    """The days of a year that its calendar names."""
    account, today = account_of(request), timezone.localdate()
    year = _year(request, today)
    rows = list(WorkingDay.objects.of_year(year))
    context = {
        "year": year,
        "years": (year - 1, year, year + 1),
        "rows": rows,
        "holidays": sum(not row.is_working for row in rows),
        "workdays": sum(row.is_working for row in rows),
        "may_change": may_change_working_days(account, today=today),
    }
    return render(request, "members/working_days.html", context)


def working_day_add_page(request: HttpRequest) -> HttpResponse:
    """One day more."""
    _require_keeper(request)
    form = WorkingDayForm(request.POST or None)
    if form.is_valid():
        made = kept(
            form,
            lambda: services.add_working_day(actor=actor_of(request), at=timezone.now(), **form.cleaned_data),
        )
        if made:
            messages.success(request, f"已新增{chinese_date(made.day)}的安排。")
            return redirect(_list_of(made.day.year))
    back = _list_of(_year(request, timezone.localdate()))
    return entry_page(request, form, Entry("新增工作日安排", "新增安排", back))


def working_day_change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether one works on the day, and its name."""
    _require_keeper(request)
    row = get_object_or_404(WorkingDay, pk=pk)
    form = WorkingDayForm(request.POST or None, instance=row)
    if form.is_valid():
        services.change_working_day(
            actor=actor_of(request), at=timezone.now(), working_day=row, **form.cleaned_data
        )
        messages.success(request, f"{chinese_date(row.day)}的安排已修改。")
        return redirect(_list_of(row.day.year))
    removal = reverse("working-day-remove", args=[row.pk])
    entry = Entry(f"修改{chinese_date(row.day)}的安排", "保存修改", _list_of(row.day.year), removal=removal)
    return entry_page(request, form, entry)


def working_day_remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The day counts by its weekday again."""
    _require_keeper(request)
    row = get_object_or_404(WorkingDay, pk=pk)
    question = Question(
        ask=f"删除{chinese_date(row.day)}的安排？",
        says="删除后，这一天按星期几计算：周一至周五上班，周六、周日不上班。以工作日计的期限随之重新计算。",
        keep="保留",
        verb="删除安排",
        back=_list_of(row.day.year),
    )
    return asked(
        request,
        question,
        lambda: services.remove_working_day(actor=actor_of(request), at=timezone.now(), working_day=row),
        done=f"已删除{chinese_date(row.day)}的安排。",
        forward=_list_of(row.day.year),
    )


def working_days_import_page(request: HttpRequest) -> HttpResponse:
    """Reads a notice or a workbook, and shows what would be stored; nothing is stored here."""
    _require_keeper(request)
    initial = {"year": _next_year(timezone.localdate())}
    form = NoticeForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and file_was_too_large(request):
        form.add_error("file", WorkbookField.too_large())
    context = {"form": form} | (_preview(form) if form.is_valid() else {})
    return render(request, "members/working_days_import.html", context)


@require_POST
def working_days_replace_page(request: HttpRequest) -> HttpResponse:
    """Stores the days that were shown, in the place of what the year had."""
    _require_keeper(request)
    form = YearForm(request.POST)
    written = None
    if form.is_valid():
        written = kept(
            form,
            lambda: services.replace_working_days(
                actor=actor_of(request), at=timezone.now(), **form.cleaned_data
            ),
        )
    if written is None:
        messages.warning(request, str((form.non_field_errors() or [NOT_AS_SHOWN])[0]))
        return redirect("working-days-import")
    year = form.cleaned_data["year"]
    messages.success(request, f"已保存{year}年的安排，写入{len(written)}天。")
    return redirect(_list_of(year))


def _preview(form: NoticeForm) -> dict[str, object]:
    """What would be stored, and what could not be read; nothing where the file is refused as a whole."""
    year = form.cleaned_data["year"]
    reading = _read(form, year)
    if reading is None:
        return {}
    changes = kept(form, lambda: services.planned_changes(year=year, days=reading.days)) or ()
    return {
        "year": year,
        "unread": reading.unread,
        "changes": changes,
        "writes": sum(change.is_change for change in changes),
        "confirm": YearForm(initial=YearForm.initial_for(year, reading.days)),
    }


def _read(form: NoticeForm, year: int) -> Reading | None:
    file = form.cleaned_data["file"]
    if not file:
        return read_notice(form.cleaned_data["text"], year)
    try:
        return read_rows(read_working_days(file.read(), settings.WORKBOOK_MAX_BYTES), year)
    except Unreadable as error:
        form.add_error("file", str(error))
        return None


def _require_keeper(request: HttpRequest) -> None:
    if not may_change_working_days(account_of(request), today=timezone.localdate()):
        raise Http404


def _year(request: HttpRequest, today: date) -> int:
    """The year that is asked for; this year where it cannot be read."""
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == len("2026") else today.year
    return year if EARLIEST < year < LATEST else today.year


def _next_year(today: date) -> int:
    """The first year from this one on whose calendar is not known."""
    known = WorkingDay.objects.known_years()
    return next(year for year in count(today.year) if year not in known)


def _list_of(year: int) -> str:
    return f"{reverse('working-days')}?year={year}"
