"""What all sheets have in common: rows are matched with what is stored, judged, and written in bulk."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.db import models

from talks.figures.exchange.fields import Field, values_of
from talks.rules.exchange.cells import Value, empty_value, shown
from talks.rules.exchange.columns import Column, SheetForm
from talks.rules.exchange.tables import COLUMN_MISSING, Row, Sheet
from talks.services.exchange.book import CODE_TAKEN, ROW_TWICE, Book
from talks.services.exchange.outcome import MOST_EXAMPLES, Change, Example, SheetOutcome

NOT_SHOWN = "（内容不显示）"
NOT_AFTER = "「{end}」应晚于「{start}」"
NOT_A_WORD = "「{text}」不在可填范围内，应为{words}"
# Rows in one statement: an UPDATE with a CASE for each row grows slow when it grows long.
BATCH = 500


@dataclass(slots=True)
class Entry:
    """One row of the workbook beside the stored row it is about.

    `before` are the stored values (empty for a new row), `after` those that will be stored; `changed` are the
    columns that differ. A row that cannot be matched (its key is broken or stands twice) has no target.
    """

    row: Row
    target: Any
    is_new: bool
    before: dict[str, Value]
    after: dict[str, Value]
    changed: tuple[str, ...]
    links: dict[str, Any] = field(default_factory=dict)

    def has(self, *columns: str) -> bool:
        """Whether all of the columns could be read, so that they can be judged together."""
        return not self.row.broken.intersection(columns)

    def text(self, column: str) -> str:
        value = self.after.get(column)
        return value if isinstance(value, str) else ""

    def day(self, column: str) -> date | None:
        value = self.after.get(column)
        return value if isinstance(value, date) else None

    def codes(self, column: str) -> tuple[str, ...]:
        value = self.after.get(column)
        return value if isinstance(value, tuple) else ()

    def yes(self, column: str) -> bool:
        return self.after.get(column) is True

    def differs(self) -> bool:
        return bool(self.changed)

    def assign(self, fields: Iterable[Field]) -> None:
        """Sets those attributes of the target whose columns are new or changed."""
        columns = self.after.keys() if self.is_new else set(self.changed)
        for item in fields:
            if item.column not in columns:
                continue
            if item.reference:
                setattr(self.target, item.attribute, self.links.get(item.column))
            else:
                write: Callable[[Any], object] = item.write or (lambda given: given)
                setattr(self.target, item.attribute, write(self.after[item.column]))


class SheetPlan:
    """One sheet: `plan` matches and judges, `write` stores what is new and what changed."""

    form: ClassVar[SheetForm]
    model: ClassVar[type[models.Model]]
    fields: ClassVar[tuple[Field, ...]]
    # Columns that refer to rows by code, and to what.
    references: ClassVar[Mapping[str, type[models.Model]]] = {}
    # Columns that name whom a change of the row concerns; whether it may decide about the duties of other
    # organisations too (posts), or about all below (the tree, rules).
    concerns: ClassVar[Mapping[str, type[models.Model]]] = {}
    reaches_others: ClassVar[bool] = False
    reaches_below: ClassVar[bool] = False
    # Columns of which only these words are known.
    words: ClassVar[Mapping[str, Sequence[str]]] = {}
    # Whether rows have a code of their own; others are out of reach where one of their references is.
    has_code: ClassVar[bool] = False
    # Columns that begin and end a range.
    range: ClassVar[tuple[str, str] | None] = None

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheet: Sheet | None = book.sheets.get(self.form.name)
        self.entries: list[Entry] = []

    # --- matching -----------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Matches and judges all rows; errors go to the book."""
        if self.sheet is None:
            return
        self.load(self.sheet.rows)
        seen: dict[Hashable, int] = {}
        for row in self.sheet.rows:
            key = self.key(row)
            if key is not None and key in seen:
                self.book.fault(row, self.form.key[0], ROW_TWICE.format(number=seen[key]))
                key = None
            elif key is not None:
                seen[key] = row.number
            entry = self.entry(row, key)
            if entry is not None:
                self.link(entry)
                self.judge_words(entry)
            if entry is not None and key is not None:
                self.entries.append(entry)
                self.judge_range(entry)
                self.judge(entry)
            self.book.count()
        self.judge_together()
        self._judge_columns()

    def load(self, rows: Sequence[Row]) -> None:
        """Reads what is stored of the rows, with a number of queries that does not grow with them."""
        raise NotImplementedError

    def stored(self, key: Hashable) -> Any | None:
        """The stored row of the key."""
        raise NotImplementedError

    def new(self, row: Row) -> Any:
        """A row that is not stored yet."""
        return self.model()

    def key(self, row: Row) -> Hashable | None:
        """What the row is known by; None where a part of it could not be read."""
        if row.broken.intersection(self.form.key):
            return None
        return tuple(row.values.get(column) for column in self.form.key)

    def stored_values(self, target: Any, columns: Iterable[str]) -> dict[str, Value]:
        """The stored row as values of the columns."""
        return values_of(target, self.form, self.fields, tuple(columns))

    def reachable(self, target: Any) -> bool:
        """Whether the stored row may be changed by this import."""
        return True

    def is_hidden(self, target: Any) -> bool:
        """Whether the importer may not know what the stored row says."""
        return self.has_code and not self.reachable(target)

    def entry(self, row: Row, key: Hashable | None) -> Entry | None:
        """The row beside what is stored of it; None, and an error, where that is hidden from the importer.

        A hidden row is compared with nothing: what else were wrong or different would tell what it says.
        """
        target = self.stored(key) if key is not None else None
        if target is not None and self.is_hidden(target):
            self.book.fault(row, self.form.key[0], CODE_TAKEN)
            return None
        names = tuple(column.name for column in self.form.columns)
        if target is None:
            after = {name: empty_value(column) for name, column in self._optional()} | row.values
            return Entry(row, self.new(row), True, {}, after, tuple(row.values))
        before = self.stored_values(target, names)
        self.refine(row, before)
        after = before | row.values
        changed = tuple(name for name in names if name in row.values and row.values[name] != before[name])
        return Entry(row, target, False, before, after, changed)

    def refine(self, row: Row, before: Mapping[str, Value]) -> None:
        """A place to settle cells that mean what is stored already."""

    def _optional(self) -> Iterable[tuple[str, Column]]:
        return ((column.name, column) for column in self.form.columns)

    # --- judging ------------------------------------------------------------------------------------------

    def link(self, entry: Entry) -> None:
        """Finds the rows that the codes stand for."""
        for column, model in self.references.items():
            if column in entry.row.values:
                before = entry.before.get(column)
                known = isinstance(before, str) and self.reachable(entry.target)
                stored = before if known and isinstance(before, str) else ""
                entry.links[column] = self.book.refer(entry.row, column, model, before=stored)

    def judge_words(self, entry: Entry) -> None:
        """Refuses words that a column does not know."""
        for column, words in self.words.items():
            text = entry.row.text(column)
            if text and text not in words:
                self.fault(entry, column, NOT_A_WORD.format(text=text, words="、".join(words)))

    def judge_range(self, entry: Entry) -> None:
        """Refuses a range that does not cover at least one day."""
        if self.range is None or not entry.has(*self.range):
            return
        start, end = self.range
        since, until = entry.day(start), entry.day(end)
        if since is not None and until is not None and until <= since:
            column = end if end in entry.row.values else start
            self.fault(entry, column, NOT_AFTER.format(start=start, end=end))

    def judge(self, entry: Entry) -> None:
        """What else is wrong with one row."""

    def judge_together(self) -> None:
        """What is wrong with the rows together."""

    def fault(self, entry: Entry, column: str, text: str) -> None:
        """An error at a cell of the row; at its first cell where the column is not there."""
        self.book.fault(entry.row, column, text)

    def _judge_columns(self) -> None:
        """Missing columns. One that exports leave out may be missing while no row is new."""
        assert self.sheet is not None
        new = any(entry.is_new for entry in self.entries) or len(self.entries) < len(self.sheet.rows)
        for name in self.sheet.missing:
            column = self.form.column(name)
            assert column is not None
            if new or not column.withheld:
                text = COLUMN_MISSING.format(column=name)
                self.book.faults.append(self.sheet.fault(None, "", text))

    # --- writing ------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Stores what is new and what changed, in bulk."""
        new = [entry for entry in self.entries if entry.is_new]
        changed = [entry for entry in self.entries if not entry.is_new and entry.differs()]
        for entry in (*new, *changed):
            self.apply(entry)
        if new:
            self.model._default_manager.bulk_create([entry.target for entry in new], batch_size=BATCH)
        attributes = self.attributes(changed)
        if attributes:
            self.model._default_manager.bulk_update(
                [entry.target for entry in changed], sorted(attributes), batch_size=BATCH
            )

    def apply(self, entry: Entry) -> None:
        """Sets the attributes of the row."""
        entry.assign(self.fields)

    def attributes(self, changed: Sequence[Entry]) -> set[str]:
        """The attributes to be written of the rows that changed."""
        columns = {column for entry in changed for column in entry.changed}
        return {field.attribute for field in self.fields if field.column in columns}

    def concerned(self) -> dict[type[models.Model], set[str]]:
        """The codes that new and changed rows name, before and after, by model."""
        found: dict[type[models.Model], set[str]] = {model: set() for model in self.concerns.values()}
        for entry in self.entries:
            if not entry.is_new and not entry.differs():
                continue
            for column, model in self.concerns.items():
                for value in (entry.before.get(column), entry.after.get(column)):
                    codes = value if isinstance(value, tuple) else (value,)
                    found[model].update(code for code in codes if isinstance(code, str) and code)
        return found

    # --- telling ------------------------------------------------------------------------------------------

    def outcome(self) -> SheetOutcome | None:
        """The counts of the sheet and the first rows that are new or change."""
        if self.sheet is None:
            return None
        new = [entry for entry in self.entries if entry.is_new]
        changed = [entry for entry in self.entries if not entry.is_new and entry.differs()]
        half = MOST_EXAMPLES // 2
        shown_new = new[: max(half, MOST_EXAMPLES - len(changed))]
        chosen = [*changed[: MOST_EXAMPLES - len(shown_new)], *shown_new]
        return SheetOutcome(
            self.form.name,
            len(new),
            len(changed),
            len(self.entries) - len(new) - len(changed),
            tuple(self._example(entry) for entry in chosen),
        )

    def trail(self) -> dict[str, object]:
        """For the audit trail: which rows are new, and of which rows which columns changed. No values."""
        new = [self.known_by(entry) for entry in self.entries if entry.is_new]
        changed = {
            self.known_by(entry): list(entry.changed)
            for entry in self.entries
            if not entry.is_new and entry.differs()
        }
        return {"新增": new, "更改": changed} if new or changed else {}

    def known_by(self, entry: Entry) -> str:
        """What the row is known by, as text; codes and dates, no names."""
        parts = (entry.after.get(column) for column in self.form.key)
        return " ".join(shown(part) for part in parts if part not in (None, "", ()))

    def named(self, entry: Entry) -> str:
        """What the row is known by, as a person looks for it."""
        return self.known_by(entry)

    def _example(self, entry: Entry) -> Example:
        changes = () if entry.is_new else tuple(self._change(entry, column) for column in entry.changed)
        return Example(entry.row.address(self.form.key[0]), self.named(entry), entry.is_new, changes)

    def _change(self, entry: Entry, name: str) -> Change:
        column = self.form.column(name)
        if column is not None and column.withheld:
            return Change(name, NOT_SHOWN, NOT_SHOWN)
        return Change(name, shown(entry.before.get(name)), shown(entry.after.get(name)))
