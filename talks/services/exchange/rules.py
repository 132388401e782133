"""规则: versions of rules."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from branches.models import Organisation
from talks.figures.exchange import FIELDS
from talks.figures.facts import rule_value
from talks.models import Rule
from talks.permissions import OwnRoles, own_roles
from talks.rules import facts
from talks.rules.exchange.cells import Value
from talks.rules.exchange.columns import RULES
from talks.rules.exchange.tables import Row
from talks.rules.facts import format_trigger, parse_trigger
from talks.rules.versions import refusals, replaced_by, tells_of_more
from talks.rules.words import (
    FIXED_ROLES,
    PAIRING_NAMES,
    ROLE_NAMES,
    DayUnit,
    format_kinds,
    parse_kinds,
    parse_pairing,
    parse_role,
)
from talks.services.exchange.book import Book
from talks.services.exchange.plan import Entry, SheetPlan

OWN_ROLE = (
    "谈话人为「{role}」的事件规则会使您本人得知他人的事件，"
    "应由不在其列的党务管理员办理，或由系统管理员在服务器上导入"
)
DAYS_OUT_OF_RANGE = "天数应为1至366"


class RulePlan(SheetPlan):
    """Versions of rules; whether one may be made is for talks.rules.versions to say."""

    form = RULES
    model = Rule
    fields = FIELDS[RULES.name]
    references = {"适用组织编码": Organisation}
    concerns = {"适用组织编码": Organisation}
    reaches_below = True
    words = {"天数单位": [unit.value for unit in DayUnit]}

    def load(self, rows: Sequence[Row]) -> None:
        stored = Rule.objects.select_related("organisation").order_by()
        self.found: dict[Hashable, Any] = {
            (row.code, row.organisation.code, row.effective_from): row for row in stored
        }
        self.versions: dict[Hashable, facts.Rule] = {key: rule_value(row) for key, row in self.found.items()}
        self.standing = tuple(self.versions.values())
        self.superiors = _superiors_after(self.book)
        reach = self.book.reach
        self.own = own_roles(reach.account, today=self.book.today) if reach else OwnRoles()

    def stored(self, key: Hashable) -> Any | None:
        return self.found.get(key)

    def reachable(self, target: Any) -> bool:
        return target.organisation.code not in self.book.codes[Organisation].hidden

    def entry(self, row: Row, key: Hashable | None) -> Entry | None:
        self._read_words(row)
        return super().entry(row, key)

    def stored_values(self, target: Any, columns: Iterable[str]) -> dict[str, Value]:
        values = super().stored_values(target, columns)
        role = FIXED_ROLES.get(target.pairing)
        return values | {"谈话人": ROLE_NAMES[role]} if role is not None else values

    def judge(self, entry: Entry) -> None:
        days = entry.after.get("天数")
        if isinstance(days, int) and not 1 <= days <= 366:
            self.fault(entry, "天数", DAYS_OUT_OF_RANGE)
        elif entry.has(*(column.name for column in self.form.columns)):
            version = _version(entry)
            if version is not None:
                self._refuse_own_role(entry, version)
                self.versions[(version.code, version.organisation, version.effective_from)] = version

    def _refuse_own_role(self, entry: Entry, version: facts.Rule) -> None:
        """Whoever is in the role of an event rule hears of the events; so would the importer."""
        if not entry.is_new and not entry.differs():
            return
        maker = self.book.codes[Organisation].stored.get(version.organisation or "")
        before = replaced_by(version, others=self.standing, superiors=self.superiors)
        role = version.talker_role
        if role is not None and tells_of_more(version, before, self.own.at(maker.path if maker else "")):
            self.fault(entry, "谈话人", OWN_ROLE.format(role=ROLE_NAMES[role]))

    def judge_together(self) -> None:
        columns = {field.attribute: field.column for field in self.fields}
        others = tuple(self.versions.values())
        for entry in self.entries:
            key = (entry.text("规则代码"), entry.text("适用组织编码"), entry.day("生效日期"))
            version = self.versions.get(key)
            if version is not None and (entry.is_new or entry.differs()):
                for refusal in refusals(version, others=others, superiors=self.superiors):
                    self.fault(entry, columns[refusal.field], refusal.text)

    def _read_words(self, row: Row) -> None:
        """Brings 适用类型, 触发, 配对 and 谈话人 into the form in which they are stored and exported."""
        readers: Mapping[str, Any] = {
            "适用类型": lambda text: format_kinds(parse_kinds(text)),
            "触发": lambda text: format_trigger(parse_trigger(text)),
            "配对": lambda text: PAIRING_NAMES[parse_pairing(text)],
            "谈话人": lambda text: ROLE_NAMES[parse_role(text)] if text else "",
        }
        for column, read in readers.items():
            if column in row.values:
                try:
                    row.values[column] = read(row.text(column))
                except ValueError as error:
                    del row.values[column]
                    row.broken |= {column}
                    self.book.fault(row, column, str(error))
        pairing = row.text("配对")
        role = FIXED_ROLES.get(parse_pairing(pairing)) if pairing else None
        if role is not None and not row.text("谈话人") and "谈话人" not in row.broken:
            row.values["谈话人"] = ROLE_NAMES[role]


def _superiors_after(book: Book) -> dict[str, str | None]:
    """The superior of each organisation by code, as it will be after the import."""
    superiors: dict[str, str | None] = {
        code: row.superior.code if row.superior else None
        for code, row in book.codes[Organisation].stored.items()
    }
    for row in book.rows("党组织"):
        code = row.text("组织编码")
        if code and ("上级组织编码" in row.values or code not in superiors):
            superiors[code] = row.text("上级组织编码") or None
    return superiors


def _version(entry: Entry) -> facts.Rule | None:
    """The version of the row as the engine's value; None where it is not complete."""
    since, days = entry.day("生效日期"), entry.after.get("天数")
    unit, role = entry.text("天数单位"), entry.text("谈话人")
    texts = [entry.text(column) for column in ("规则代码", "适用组织编码", "适用类型", "触发", "配对")]
    if since is None or not all(texts) or (unit and unit not in list(DayUnit)):
        return None
    code, organisation, kinds, trigger, pairing = texts
    return facts.Rule(
        code=code,
        title=entry.text("规则名称"),
        organisation=organisation,
        applies_to=parse_kinds(kinds),
        trigger=parse_trigger(trigger),
        days=days if isinstance(days, int) else None,
        unit=DayUnit(unit) if unit else None,
        pairing=parse_pairing(pairing),
        talker_role=parse_role(role) if role else None,
        one_to_one=entry.yes("一对一"),
        effective_from=since,
        effective_to=entry.day("失效日期"),
        basis=entry.text("依据"),
    )
