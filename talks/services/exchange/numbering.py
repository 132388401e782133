"""Numbers for a roster whose members have none: whoever is known already keeps his."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from members.models import Affiliation, Member
from talks.rules.exchange.columns import MEMBERS
from talks.rules.exchange.tables import Row, Table, understand
from talks.services.exchange.reach import Reach

# Before the number, where a row does not say to which organisation it belongs.
NOWHERE = "DY"


def number_roster(*, tables: Sequence[Table], within: Reach) -> dict[int, str]:
    """A code for each row of the sheet 党员 that has none, by the number of the row.

    Somebody who is stored already keeps his code: he is known by his identity number, by name and date of
    birth, or by a name that occurs once in his organisation and once in the roster. Rows that are one person
    by the first two get one code. New codes are the organisation's with a number after it, each given once.
    """
    sheets = (sheet for table in tables if (sheet := understand(table)) and sheet.form is MEMBERS)
    rows = [row for sheet in sheets for row in sheet.rows]
    known = _known(rows, within)
    once = Counter(_place(row) for row in rows)
    given: dict[tuple[str, ...], str] = {}
    fresh = _Fresh({row.text("党员编号") for row in rows})
    codes: dict[int, str] = {}
    for row in rows:
        if row.text("党员编号"):
            continue
        marks = list(_marks(row))
        places = [_place(row)] if once[_place(row)] == 1 else []
        found = [known[mark] for mark in (*marks, *places) if known.get(mark)]
        found += [given[mark] for mark in marks if mark in given]
        code = found[0] if found else fresh.code(row.text("所在组织编码") or NOWHERE)
        given.update((mark, code) for mark in marks)
        codes[row.number] = code
    return codes


def _marks(row: Row) -> Iterator[tuple[str, ...]]:
    """What tells a person: the identity number; name and date of birth."""
    if row.text("公民身份号码"):
        yield ("number", row.text("公民身份号码"))
    born = row.values.get("出生日期")
    if isinstance(born, date) and row.text("姓名"):
        yield ("born", row.text("姓名"), born.isoformat())


def _place(row: Row) -> tuple[str, ...]:
    return ("place", row.text("姓名"), row.text("所在组织编码"))


def _known(rows: Sequence[Row], within: Reach) -> dict[tuple[str, ...], str]:
    """The codes of members within reach by what tells them; "" where two would be meant."""
    organisations = {row.text("所在组织编码") for row in rows}
    members = within.kept_members.filter(affiliations__organisation__code__in=organisations).distinct()
    known: dict[tuple[str, ...], str] = {}

    def learn(mark: tuple[str, ...], code: str) -> None:
        known[mark] = code if known.get(mark, code) == code else ""

    by_pk = {member.pk: member for member in members.order_by("code")}
    for member in by_pk.values():
        if member.identity_number:
            learn(("number", member.identity_number), member.code)
        if member.born_on:
            learn(("born", member.name, member.born_on.isoformat()), member.code)
    affiliations = Affiliation.objects.filter(organisation__code__in=organisations, member__in=list(by_pk))
    for pk, organisation in affiliations.order_by().values_list("member_id", "organisation__code"):
        learn(("place", by_pk[pk].name, organisation), by_pk[pk].code)
    return known


class _Fresh:
    """Codes that nobody has."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.last: dict[str, int] = {}

    def code(self, prefix: str) -> str:
        """The next code with the prefix."""
        if prefix not in self.last:
            self.last[prefix] = 0
            stored = Member.objects.filter(code__startswith=f"{prefix}-").order_by()
            self.taken.update(stored.values_list("code", flat=True))
        while True:
            self.last[prefix] += 1
            code = f"{prefix}-{self.last[prefix]:04}"
            if code not in self.taken:
                self.taken.add(code)
                return code
