"""Importing a workbook: planned as a whole, then stored as a whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from talks.rules.exchange.tables import Sheet, Table, understand
from talks.services.exchange.book import Book, Progress
from talks.services.exchange.marks import mark_concerned
from talks.services.exchange.matters import EventPlan, MeetingPlan, RequestPlan
from talks.services.exchange.organisations import DepartmentPlan, OrganisationPlan
from talks.services.exchange.outcome import Outcome
from talks.services.exchange.people import MemberPlan
from talks.services.exchange.plan import SheetPlan
from talks.services.exchange.posts import LiaisonPlan, PortfolioPlan, PostPlan
from talks.services.exchange.reach import Reach
from talks.services.exchange.rules import RulePlan
from talks.services.exchange.talks import TalkPlan
from talks.services.exchange.waivers import WaiverPlan
from vault.services import Actor, enter_trail

# In the order in which they lean on each other.
PLANS: tuple[type[SheetPlan], ...] = (
    OrganisationPlan,
    DepartmentPlan,
    MemberPlan,
    PostPlan,
    PortfolioPlan,
    LiaisonPlan,
    EventPlan,
    MeetingPlan,
    RulePlan,
    TalkPlan,
    RequestPlan,
    WaiverPlan,
)

NO_KNOWN_SHEET = "工作簿中没有可导入的工作表，应至少有一个：{names}"
SHEET_TWICE = "工作表「{name}」出现两次"
UNKNOWN_SHEET = "工作表「{name}」无法识别，未读取"
UNKNOWN_COLUMN = "{sheet}: 列「{column}」无法识别，未读取"
CHANGED_MEANWHILE = "数据在导入期间被他人更改，本次没有写入任何内容，请重新导入"


def import_workbook(
    *,
    actor: Actor,
    at: datetime,
    today: date,
    tables: Sequence[Table],
    dry_run: bool,
    within: Reach | None = None,
    progress: Progress | None = None,
    settled: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Compares the workbook with what is stored and, unless `dry_run`, stores it: all of it or nothing.

    `within` limits the import to what somebody's mandate covers. `progress` is told how many of how many
    rows are compared; `settled` is called when all is written or its refusal is entered, in the same
    transaction, and may undo it by raising. Errors are in the outcome, in the order of the workbook; nothing
    is raised for them.
    """
    sheets, errors, notes = _understand(tables)
    unnumbered = not errors and _is_unnumbered(sheets)
    try:
        if errors:
            outcome = Outcome(errors=errors, notes=notes)
        elif dry_run:
            outcome, _ = _planned(Book(sheets, today=today, at=at, reach=within, progress=progress), notes)
        else:
            with transaction.atomic():
                book = Book(sheets, today=today, at=at, reach=within, progress=progress)
                outcome, plans = _planned(book, notes)
                if not outcome.errors:
                    _write(actor, at, plans)
                    mark_concerned(plans=plans, at=at)
                    if settled is not None:
                        settled(outcome)
    except IntegrityError:
        outcome = Outcome(errors=(CHANGED_MEANWHILE,), notes=notes)
    if outcome.errors and not dry_run:
        detail: dict[str, object] = {"错误": len(outcome.errors)}
        with transaction.atomic(durable=True):
            _enter(actor, at, detail, succeeded=False)
            if settled is not None:
                settled(outcome)
    return Outcome(outcome.sheets, outcome.errors, outcome.notes, unnumbered)


def _understand(tables: Sequence[Table]) -> tuple[list[Sheet], tuple[str, ...], tuple[str, ...]]:
    sheets: dict[str, Sheet] = {}
    errors: list[str] = []
    notes: list[str] = []
    for table in tables:
        sheet = understand(table)
        if sheet is None:
            notes.append(UNKNOWN_SHEET.format(name=table.name))
        elif sheet.form.name in sheets:
            errors.append(SHEET_TWICE.format(name=sheet.form.name))
        else:
            sheets[sheet.form.name] = sheet
            notes += [UNKNOWN_COLUMN.format(sheet=sheet.form.name, column=name) for name in sheet.unknown]
    if not sheets:
        names = "、".join(plan.form.name for plan in PLANS)
        errors.append(NO_KNOWN_SHEET.format(names=names))
    return sorted(sheets.values(), key=lambda sheet: sheet.order), tuple(errors), tuple(notes)


def _is_unnumbered(sheets: Sequence[Sheet]) -> bool:
    """Whether the sheet 党员 is a roster whose members have no code yet."""
    members = next((sheet for sheet in sheets if sheet.form.name == "党员"), None)
    return members is not None and any(not row.text("党员编号") for row in members.rows)


def _planned(book: Book, notes: tuple[str, ...]) -> tuple[Outcome, list[SheetPlan]]:
    plans = [plan(book) for plan in PLANS]
    for plan in plans:
        plan.plan()
    faults = sorted(book.faults, key=lambda fault: fault.order)
    errors = tuple(dict.fromkeys(str(fault) for fault in faults))
    said = tuple(text for _, text in sorted(book.notes))
    outcomes = () if errors else tuple(found for plan in plans if (found := plan.outcome()) is not None)
    return Outcome(outcomes, errors, (*notes, *said)), plans


def _write(actor: Actor, at: datetime, plans: Sequence[SheetPlan]) -> None:
    for plan in plans:
        plan.write()
    detail = {plan.form.name: trail for plan in plans if (trail := plan.trail())}
    _enter(actor, at, detail, succeeded=True)


def _enter(actor: Actor, at: datetime, detail: Mapping[str, object], *, succeeded: bool) -> None:
    enter_trail(
        actor=actor,
        at=at,
        action="导入",
        target_kind="交换工作簿",
        target="全部",
        detail=detail,
        succeeded=succeeded,
    )
