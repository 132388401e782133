"""The shapes that papers have in common: a head, tables, running text, a form. Plain values."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from reports.figures.versions import Version

Cell = str | int | date | None
Align = Literal["left", "centre", "number", "names"]
# So many characters of a title stand in a line.
LONGEST_TITLE = 20
BlockKind = Literal["h2", "h3", "p", "prompt"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The head of a paper: title, a line in brackets below it, what stands left and right above the rest."""

    title: str
    subtitle: str
    left: str
    right: str
    as_of: date
    versions: tuple[Version, ...]

    def to_text(self) -> str:
        """All that is printed as one text, the same for the same figures: the HMAC is over it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=date.isoformat)

    @property
    def rows_count(self) -> int:
        """How many rows or paragraphs it has, to tell how long it takes."""
        return 1

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The title; one that is longer than a line is broken where its words allow."""
        if len(self.title) <= LONGEST_TITLE:
            return (self.title,)
        first, word, rest = self.title.partition("谈心谈话")
        return (first, word + rest) if first and word else (self.title,)

    @property
    def page(self) -> str:
        """The kind of its pages, as the style sheet names it."""
        return ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width on paper in mm, how its cells stand."""

    name: str
    width: float
    align: Align = "centre"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one head; `empty` is said where there are none."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    sums: tuple[Cell, ...] = ()

    @property
    def width(self) -> float:
        """Of all columns, in mm."""
        return sum(column.width for column in self.columns)

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each cell with how it stands."""
        aligns = [column.align for column in self.columns]
        return [list(zip(aligns, row, strict=True)) for row in self.rows]

    @property
    def summed(self) -> list[tuple[str, Cell]]:
        """The last row likewise."""
        return list(zip([column.align for column in self.columns], self.sums, strict=True))


@dataclass(frozen=True, slots=True)
class Register(Sheet):
    """Tables, and notes below them."""

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    is_wide: bool = False

    @property
    def page(self) -> str:
        """Across, where the columns need it."""
        return "wide" if self.is_wide else ""

    @property
    def rows_count(self) -> int:
        """Of all tables."""
        return sum(len(table.rows) for table in self.tables)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph; a prompt is a paragraph that somebody has still to write."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Essay(Sheet):
    """Running text: to whom, the blocks, who signs it and when."""

    addressee: str
    blocks: tuple[Block, ...]
    signer: str
    signed_on: date

    @property
    def rows_count(self) -> int:
        """Blocks."""
        return len(self.blocks)


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a form: one line, boxes of which the `value` is ticked, or text (`flow`)."""

    name: str
    value: str = ""
    choices: tuple[str, ...] = ()
    flow: tuple[str, ...] = ()
    is_flow: bool = False


@dataclass(frozen=True, slots=True)
class RecordSheet(Sheet):
    """谈心谈话记录表: pairs of short fields side by side, then the others, then the signatures."""

    pairs: tuple[tuple[Field, Field], ...]
    fields: tuple[Field, ...]
    signatures: tuple[str, ...]
    note: str

    @property
    def page(self) -> str:
        """With a head of its own from the second page on."""
        return "record"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A person of the matrix with a cell for every other: a sign and the day beside it."""

    name: str
    post: str
    cells: tuple[tuple[str, str] | None, ...]
    met: str


@dataclass(frozen=True, slots=True)
class Overview(Register):
    """会前谈心谈话一览表: the list, and before it persons × persons, drawn where they are not too many."""

    names: tuple[str, ...] = ()
    matrix: tuple[MatrixRow, ...] = ()
    matrix_caption: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Bundle(Sheet):
    """Several papers bound as one."""

    parts: tuple[Sheet, ...]

    @property
    def rows_count(self) -> int:
        """Of all parts."""
        return sum(part.rows_count for part in self.parts)
