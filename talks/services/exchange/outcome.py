"""What an import did, or would do: per sheet, with the first examples, and the errors in order."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

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
        more = len(self.errors) - MOST_ERRORS
        return (*self.errors[:MOST_ERRORS], MORE.format(count=more)) if more > 0 else self.errors

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
