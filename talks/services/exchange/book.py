"""What one import knows while it is planned: the sheets, the codes, the errors."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models

from branches.models import Department, Organisation
from members.models import Event, Member
from talks.models import Talk
from talks.rules.exchange.columns import Shape
from talks.rules.exchange.tables import Fault, Row, Sheet
from talks.services.exchange.reach import Reach

# Both databases take so many values in one IN (…).
PORTION = 10_000

# Told how many of how many rows are done.
Progress = Callable[[int, int], None]
TOLD_EVERY = 500

CODE_MISSING = "{kind}「{code}」不存在"
CODE_TAKEN = "编码不可用"
ROW_TWICE = "与第{number}行重复"

# What a code of another sheet is called, by the model it leads to.
KINDS: dict[type[models.Model], str] = {
    Organisation: "组织编码",
    Department: "单位编码",
    Member: "党员编号",
    Event: "事件编号",
    Talk: "谈话编号",
}
# Where codes of these models are defined, and the columns that refer to them: sheet, column.
DEFINED: dict[type[models.Model], tuple[str, str]] = {
    Department: ("部门单位", "单位编码"),
    Member: ("党员", "党员编号"),
    Event: ("事件", "事件编号"),
    Talk: ("谈话", "谈话编号"),
}
REFERRING: dict[type[models.Model], tuple[tuple[str, str], ...]] = {
    Department: (("任职", "单位编码"), ("分管", "单位编码")),
    Member: (
        ("任职", "党员编号"),
        ("分管", "党员编号"),
        ("联系党员", "支委编号"),
        ("联系党员", "党员编号"),
        ("事件", "党员编号"),
        ("谈话", "谈话人编号"),
        ("谈话", "谈话对象编号"),
        ("谈话", "记录人编号"),
        ("约谈申请", "申请人编号"),
        ("约谈申请", "约谈对象编号"),
        ("免予谈话", "谈话对象编号"),
        ("免予谈话", "对方编号"),
        ("免予谈话", "申请人编号"),
        ("免予谈话", "批准人编号"),
    ),
    Event: (),
    Talk: (("约谈申请", "谈话编号"),),
}


def portions(*, values: Iterable[Any]) -> Iterator[list[Any]]:
    """The values in lists that fit into one query."""
    ordered = sorted(values)
    for start in range(0, len(ordered), PORTION):
        yield ordered[start : start + PORTION]


@dataclass(slots=True)
class Codes:
    """The rows of one model by code: stored ones, new ones of the workbook, and those out of reach."""

    model: type[Any]
    stored: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def get(self, code: str) -> Any | None:
        """The row, stored or new; None where there is none within reach."""
        if code in self.hidden:
            return None
        return self.stored.get(code) or self.new.get(code)


class Book:
    """The workbook, what its codes stand for, and the errors found so far."""

    def __init__(
        self,
        sheets: Sequence[Sheet],
        *,
        today: date,
        at: datetime,
        reach: Reach | None,
        progress: Progress | None = None,
    ) -> None:
        self.sheets = {sheet.form.name: sheet for sheet in sheets}
        self.today = today
        self.at = at
        self.reach = reach
        self.progress = progress
        self.done, self.total = 0, sum(len(sheet.rows) for sheet in sheets)
        self.faults: list[Fault] = [fault for sheet in sheets for fault in sheet.faults]
        self.notes: list[tuple[tuple[int, int, int], str]] = []
        self.codes: dict[type[Any], Codes] = {Organisation: self._organisations()}
        for model in DEFINED:
            self.codes[model] = self._codes(model)
        # Of the departments that stand in the workbook: to which organisation they belong afterwards.
        self.homes: dict[str, str] = {}
        # Primary keys of the talks that the workbook cancels, and of those that it records.
        self.cancelled: list[int] = []
        self.recorded: list[int] = []

    def rows(self, sheet: str) -> list[Row]:
        """The rows of a sheet; none where it is not there."""
        found = self.sheets.get(sheet)
        return found.rows if found else []

    def count(self) -> None:
        """One row more is compared."""
        self.done += 1
        if self.progress and (self.done % TOLD_EVERY == 0 or self.done == self.total):
            self.progress(self.done, self.total)

    def fault(self, row: Row, column: str, text: str) -> None:
        """An error at a cell."""
        self.faults.append(row.sheet.fault(row, column, text))

    def note(self, row: Row, column: str, text: str) -> None:
        """Something that is said and is no error."""
        fault = row.sheet.fault(row, column, text)
        self.notes.append((fault.order, str(fault)))

    def refer(self, row: Row, column: str, model: type[Any], *, before: str = "") -> Any | None:
        """The row that the code in the cell stands for; an error where there is none within reach.

        `before` is the code that is stored: naming it again is always right.
        """
        code = row.text(column)
        return self.find(row, column, model, code, known={before}) if code else None

    def find(self, row: Row, column: str, model: type[Any], code: str, *, known: Iterable[str]) -> Any | None:
        """The row with the code; `known` are codes that may be named although they are out of reach."""
        codes = self.codes[model]
        found = codes.stored.get(code) if code in known else codes.get(code)
        if found is None:
            self.fault(row, column, CODE_MISSING.format(kind=KINDS[model], code=code))
        return found

    def attach(self, rows: Sequence[Any], name: str) -> None:
        """Gives the rows what they refer to under the name, from what is loaded already where it is."""
        if not rows:
            return
        relation = rows[0]._meta.get_field(name)
        known = {row.pk: row for row in self.codes[relation.related_model].stored.values()}
        lacking = {pk for row in rows if (pk := getattr(row, relation.attname)) is not None} - known.keys()
        for portion in portions(values=lacking):
            known |= relation.related_model._default_manager.in_bulk(portion)
        for row in rows:
            pk = getattr(row, relation.attname)
            if pk is not None:
                setattr(row, name, known[pk])

    def within(self, model: type[Any], field: str, values: Iterable[Any]) -> set[Any] | None:
        """Of the values, those of rows within reach; None where the reach has no limit."""
        if self.reach is None:
            return None
        found: set[Any] = set()
        for portion in portions(values=values):
            rows = self.reach.rows_of(model).filter(**{f"{field}__in": portion})
            found.update(rows.order_by().values_list(field, flat=True))
        return found

    def _organisations(self) -> Codes:
        rows = Organisation.objects.select_related("superior").order_by()
        codes = Codes(Organisation, stored={row.code: row for row in rows})
        self._hide(codes)
        self._define(codes, "党组织", "组织编码")
        return codes

    def _codes(self, model: type[Any]) -> Codes:
        wanted = {
            code
            for sheet, column in (DEFINED[model], *REFERRING[model])
            for row in self.rows(sheet)
            for code in _named(row, column)
        }
        if model is Event:
            anchors = (row.text("事由标识") for row in self.rows("免予谈话"))
            wanted |= {anchor.removeprefix("event:") for anchor in anchors if anchor.startswith("event:")}
        codes = Codes(model)
        related = {Department: ("organisation",), Event: ("member",), Talk: ("recorder",)}
        for portion in portions(values=wanted):
            rows = model._default_manager.filter(code__in=portion).select_related(*related.get(model, ()))
            if model is Talk:
                rows = rows.prefetch_related(
                    *("participants__member", "opinions", "remedies__progress", "remedies__settlements")
                )
            codes.stored.update((row.code, row) for row in rows.order_by())
        self._hide(codes)
        self._define(codes, *DEFINED[model])
        return codes

    def _hide(self, codes: Codes) -> None:
        seen = self.within(codes.model, "code", codes.stored)
        if seen is not None:
            codes.hidden = set(codes.stored) - seen

    def _define(self, codes: Codes, sheet: str, column: str) -> None:
        for row in self.rows(sheet):
            code = row.text(column)
            if code and code not in codes.stored:
                codes.new.setdefault(code, codes.model(code=code))


def _named(row: Row, column: str) -> tuple[str, ...]:
    form = row.sheet.form.column(column)
    value = row.values.get(column)
    if form is not None and form.shape is Shape.CODES:
        return value if isinstance(value, tuple) else ()
    return (value,) if isinstance(value, str) and value else ()
