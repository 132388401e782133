"""A sheet as it was found in a file, and its rows as they are understood."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from branches.rules.cells import CellError, Raw, clean_header
from talks.rules.exchange.cells import Value, read_cell
from talks.rules.exchange.columns import SHEETS, Column, SheetForm

# A cell that holds an error (#REF!) or a formula without a stored value comes as what is to be said of it.
Found = Raw | CellError

COLUMN_TWICE = "列「{column}」出现两次"
COLUMN_MISSING = "缺少列「{column}」"


@dataclass(slots=True)
class Table:
    """A sheet of a file: its name, its header and the rows below with their numbers."""

    name: str
    header: Sequence[Found] = ()
    rows: list[tuple[int, Sequence[Found]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of the workbook. `column` is "" where the whole sheet is meant."""

    sheet: str
    cell: str
    text: str
    order: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}: {self.text}" if self.cell else f"{self.sheet}: {self.text}"


@dataclass(slots=True)
class Row:
    """One row as understood: the values of the columns that are there and could be read.

    `broken` are columns whose cell could not be read, which is already reported.
    """

    sheet: "Sheet"
    number: int
    values: dict[str, Value]
    broken: frozenset[str] = frozenset()

    def address(self, column: str) -> str:
        """`B7`; the first column of the sheet where the one asked for is not there."""
        return f"{letters(self.sheet.places.get(column, self.sheet.first))}{self.number}"

    def text(self, column: str) -> str:
        """The value of a text or code column; empty where it is not there."""
        value = self.values.get(column)
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Sheet:
    """A known sheet: where its columns are, its rows, and what is wrong with it by itself."""

    form: SheetForm
    places: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The place of the leftmost known column."""
        return min(self.places.values(), default=0)

    @property
    def order(self) -> int:
        """The place of the sheet among the sheets of the workbook."""
        return SHEETS.index(self.form)

    def fault(self, row: Row | None, column: str, text: str) -> Fault:
        """An error at a cell, or of the whole sheet."""
        if row is None:
            return Fault(self.form.name, "", text, (self.order, 0, 0))
        place = self.places.get(column, self.first)
        return Fault(self.form.name, row.address(column), text, (self.order, row.number, place))


def letters(place: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def understand(table: Table) -> Sheet | None:
    """The rows of a table by the form of its name; None for a sheet that the workbook does not know.

    All faults of single cells are collected in the sheet. Rows without any value are passed over.
    """
    form = next((form for form in SHEETS if form.name == clean_header(table.name)), None)
    if form is None:
        return None
    sheet = Sheet(form, {})
    unknown = []
    for place, header in enumerate(table.header):
        name = "" if isinstance(header, Exception) else clean_header(header)
        if name in sheet.places:
            sheet.faults.append(sheet.fault(None, "", COLUMN_TWICE.format(column=name)))
        elif form.column(name):
            sheet.places[name] = place
        elif name:
            unknown.append(name)
    sheet.unknown = tuple(unknown)
    columns = [(column, sheet.places[column.name]) for column in form.columns if column.name in sheet.places]
    if table.header or table.rows:
        required = (column.name for column in form.columns if column.required)
        sheet.missing = tuple(name for name in required if name not in sheet.places)
    sheet.rows.extend(_rows(sheet, columns, table.rows))
    return sheet


def _rows(
    sheet: Sheet, columns: Sequence[tuple[Column, int]], rows: Iterable[tuple[int, Sequence[Found]]]
) -> Iterator[Row]:
    for number, cells in rows:
        found = [(column, cells[place] if place < len(cells) else None) for column, place in columns]
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for _, cell in found):
            continue
        values: dict[str, Value] = {}
        broken: dict[str, str] = {}
        for column, cell in found:
            try:
                if isinstance(cell, CellError):
                    raise cell
                values[column.name] = read_cell(cell, column)
            except CellError as error:
                broken[column.name] = str(error)
        row = Row(sheet, number, values, frozenset(broken))
        sheet.faults.extend(sheet.fault(row, column, text) for column, text in broken.items())
        yield row
