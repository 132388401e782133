"""党员: one row for each affiliation, the other columns of a member being the same in all of them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import F

from branches.models import Organisation
from members.models import Affiliation, Member
from members.rules import Category, pinyin_of
from talks.figures.exchange import AFFILIATION_FIELDS, MEMBER_FIELDS, values_of
from talks.rules.exchange.cells import Value, empty_value
from talks.rules.exchange.columns import MEMBERS
from talks.rules.exchange.tables import Row
from talks.rules.index import in_force
from talks.services.exchange.book import CODE_TAKEN, Codes, portions
from talks.services.exchange.plan import BATCH, Entry, SheetPlan

ROWS_DISAGREE = "与第{number}行同一党员的「{column}」不一致"
OVERLAP = "与同一党员的另一段组织关系时间重叠，同一天只能有一个组织关系"

# Without a day an affiliation began first, on every database: PostgreSQL by itself puts it last.
FROM_THE_BEGINNING = F("since").asc(nulls_first=True)
_AFFILIATION = ("所在组织编码", "转入日期", "转出日期")
_PERSONAL = tuple(field.column for field in MEMBER_FIELDS)
_SEALED = tuple(column.name for column in MEMBERS.columns if column.withheld)
_PERSONAL_FIELDS = tuple(field for field in MEMBER_FIELDS if field.column != "党员编号")


class MemberPlan(SheetPlan):
    """Affiliations by row, and behind them the members."""

    form = MEMBERS
    model = Affiliation
    fields = AFFILIATION_FIELDS
    references = {"所在组织编码": Organisation}
    concerns = {"党员编号": Member}
    words = {"党员类别": [category.value for category in Category]}
    range = ("转入日期", "转出日期")

    def load(self, rows: Sequence[Row]) -> None:
        self.codes: Codes = self.book.codes[Member]
        self.lead: dict[str, Entry] = {}
        self.affiliations: dict[str, list[Affiliation]] = defaultdict(list)
        ids = [self.codes.stored[code].pk for code in _stored_codes(rows, self.codes)]
        for portion in portions(values=ids):
            found = list(Affiliation.objects.filter(member__in=portion).order_by(FROM_THE_BEGINNING, "pk"))
            self.book.attach(found, "member")
            self.book.attach(found, "organisation")
            for affiliation in found:
                self.affiliations[affiliation.member.code].append(affiliation)
        kept: set[int] | None = None
        if self.book.reach is not None:
            kept = set()
            for portion in portions(values=ids):
                rows_kept = self.book.reach.kept_members.filter(pk__in=portion)
                kept.update(rows_kept.order_by().values_list("pk", flat=True))
        self.kept = kept

    def key(self, row: Row) -> Hashable | None:
        if row.broken.intersection(self.form.key):
            return None
        return (row.text("党员编号"), row.text("所在组织编码"), row.values.get("转入日期"))

    def stored(self, key: Hashable) -> Any | None:
        assert isinstance(key, tuple)
        code, organisation, since = key
        there = [row for row in self.affiliations[code] if row.organisation.code == organisation]
        if self.sheet is not None and "转入日期" not in self.sheet.places:
            # The roster does not say since when: it means the affiliation of today, else the last one.
            today = self.book.today
            now = [row for row in there if in_force(row, today)]
            return next(iter(now or reversed(there)), None)
        return next((row for row in there if row.since == since), None)

    def entry(self, row: Row, key: Hashable | None) -> Entry | None:
        code = row.text("党员编号")
        if code in self.codes.hidden:
            self.book.fault(row, "党员编号", CODE_TAKEN)
            return None
        entry = super().entry(row, key)
        if entry is None:
            return None
        lead = self.lead.get(code)
        if lead is None:
            lead = self._lead(row, code)
            if code:
                self.lead[code] = lead
        else:
            self._agree(row, lead)
        entry.links["党员编号"] = lead.target
        # The personal columns belong to the member; the row shows them as its own.
        personal = {column: value for column, value in lead.before.items() if column not in entry.before}
        entry.before.update(personal)
        for column in _PERSONAL:
            entry.after[column] = lead.after.get(column)
        if not entry.is_new:
            own = tuple(column for column in entry.changed if column in _AFFILIATION)
            entry.changed = (*own, *lead.changed)
        return entry

    def stored_values(self, target: Any, columns: Iterable[str]) -> dict[str, Value]:
        member = self.codes.stored[target.member.code]
        values = values_of(member, self.form, MEMBER_FIELDS, tuple(columns))
        return values | values_of(target, self.form, AFFILIATION_FIELDS, tuple(columns))

    def named(self, entry: Entry) -> str:
        return f"{entry.text('姓名')} {self.known_by(entry)}"

    def judge_together(self) -> None:
        by_member: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.links.get("所在组织编码") and entry.has(*_AFFILIATION):
                by_member[entry.text("党员编号")].append(entry)
        for code, entries in by_member.items():
            named = {entry.target.pk for entry in entries if not entry.is_new}
            ranges: list[tuple[date, date, Entry | None]] = [
                (entry.day("转入日期") or date.min, entry.day("转出日期") or date.max, entry)
                for entry in entries
            ]
            ranges += [
                (row.since or date.min, row.until or date.max, None)
                for row in self.affiliations[code]
                if row.pk not in named
            ]
            ranges.sort(key=lambda item: item[:2])
            for (_, until, first), (since, _, second) in pairwise(ranges):
                named_here = second or first
                if since < until and named_here:
                    self.fault(named_here, "转入日期" if second else "转出日期", OVERLAP)

    def write(self) -> None:
        """Members first; then affiliations that end, then new ones: no two are in force at any moment."""
        leads = [self.lead[code] for code in sorted({entry.text("党员编号") for entry in self.entries})]
        new = [lead for lead in leads if lead.is_new]
        changed = [lead for lead in leads if not lead.is_new and lead.changed]
        for lead in (*new, *changed):
            lead.assign(_PERSONAL_FIELDS)
            member = lead.target
            member.pinyin, member.initials = pinyin_of(member.name)
        Member.objects.bulk_create([lead.target for lead in new], batch_size=BATCH)
        columns = {column for lead in changed for column in lead.changed}
        attributes = {field.attribute for field in _PERSONAL_FIELDS if field.column in columns}
        if "name" in attributes:
            attributes |= {"pinyin", "initials"}
        if attributes:
            targets = [lead.target for lead in changed]
            Member.objects.bulk_update(targets, sorted(attributes), batch_size=BATCH)
        self._write_affiliations()

    def _write_affiliations(self) -> None:
        ended = [entry for entry in self.entries if not entry.is_new and "转出日期" in entry.changed]
        for entry in ended:
            entry.target.until = entry.after["转出日期"]
        Affiliation.objects.bulk_update([entry.target for entry in ended], ["until"], batch_size=BATCH)
        rows = [
            Affiliation(
                member=entry.links["党员编号"],
                organisation=entry.links["所在组织编码"],
                since=entry.day("转入日期"),
                until=entry.day("转出日期"),
            )
            for entry in self.entries
            if entry.is_new
        ]
        Affiliation.objects.bulk_create(rows, batch_size=BATCH)

    def _lead(self, row: Row, code: str) -> Entry:
        """The member of the row beside what is stored of him."""
        target = self.codes.stored.get(code)
        given = {column: row.values[column] for column in _PERSONAL if column in row.values}
        if target is None:
            after = {
                column.name: empty_value(column) for column in self.form.columns if column.name in _PERSONAL
            } | given
            return Entry(row, self.codes.new.get(code) or Member(), True, {}, after, tuple(given))
        before = values_of(target, self.form, MEMBER_FIELDS, _PERSONAL)
        changed = tuple(column for column in given if given[column] != before[column])
        foreign = self.kept is not None and target.pk not in self.kept
        # A number that is guessed right would be told by being no change.
        if foreign and (changed or any(given.get(column) for column in _SEALED)):
            self.book.fault(row, "党员编号", CODE_TAKEN)
        return Entry(row, target, False, before, before | given, changed)

    def _agree(self, row: Row, lead: Entry) -> None:
        """All rows of a member say the same of him."""
        for column in _PERSONAL:
            both = column in row.values and column in lead.row.values
            if both and row.values[column] != lead.row.values[column]:
                text = ROWS_DISAGREE.format(number=lead.row.number, column=column)
                self.book.fault(row, column, text)


def _stored_codes(rows: Sequence[Row], codes: Codes) -> set[str]:
    return {code for row in rows if (code := row.text("党员编号")) in codes.stored}
