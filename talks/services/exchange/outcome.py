"""What an import did, or would do: per sheet, with the first examples, and the errors in order."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any, Self

from talks.rules.exchange.cells import Value

MOST_ERRORS = 200
MOST_EXAMPLES = 8
MORE = "另有 {count} 处错误"


@dataclass(frozen=True, slots=True)
class Change:
    """One column of a row that would change; sealed texts are named without what stands in them."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Example:
    """One row that is new, or would change, by its cell address and what it is known by."""

    cell: str
    known_by: str
    is_new: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """The rows of one sheet by what became of them."""

    name: str
    new: int
    changed: int
    unchanged: int
    examples: tuple[Example, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: 新增 {self.new}，更改 {self.changed}，不变 {self.unchanged}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole: where there are errors, nothing was stored. `notes` are not errors."""

    sheets: tuple[SheetOutcome, ...] = ()
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unnumbered: bool = field(default=False)

    @property
    def error_lines(self) -> tuple[str, ...]:
        """The first errors, and how many more there are."""
        return at_most(self.errors)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is new or changed."""
        return not any(sheet.new or sheet.changed for sheet in self.sheets)

    def as_plain(self) -> dict[str, Any]:
        """As plain values, for keeping; errors as they are shown."""
        return asdict(self) | {"errors": list(self.error_lines)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """The reverse of `as_plain`."""
        sheets = tuple(
            SheetOutcome(
                **sheet
                | {
                    "examples": tuple(
                        Example(
                            **example | {"changes": tuple(Change(**change) for change in example["changes"])}
                        )
                        for example in sheet["examples"]
                    )
                }
            )
            for sheet in plain["sheets"]
        )
        return cls(sheets, tuple(plain["errors"]), tuple(plain["notes"]), plain["unnumbered"])


def at_most(errors: Sequence[str]) -> tuple[str, ...]:
    """At most 200 errors and then how many more."""
    if len(errors) <= MOST_ERRORS:
        return tuple(errors)
    return (*errors[:MOST_ERRORS], MORE.format(count=len(errors) - MOST_ERRORS))


def shown(value: Value) -> str:
    """A value as a person reads it."""
    if value is None or value == "" or value == ():
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(value)
    if isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日 {value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)
