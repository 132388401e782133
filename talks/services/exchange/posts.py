"""任职, 分管 and 联系党员."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any, ClassVar

from branches.models import Department, Organisation
from members.models import Liaison, Member, Portfolio, Post
from talks.figures.exchange import FIELDS
from talks.rules.exchange.columns import LIAISONS, PORTFOLIOS, POSTS
from talks.rules.exchange.tables import Row
from talks.services.exchange.book import portions
from talks.services.exchange.plan import Entry, SheetPlan

PRINCIPAL_NOT_TEAM = "主要负责同志应同时是班子成员"
HEAD_WITHOUT_DEPARTMENT = "部门主要负责人应填写单位编码"
FOREIGN_DEPARTMENT = "单位「{department}」不属于组织「{organisation}」"
OWN_POST = "本人的任职应由其他党务管理员录入或修改"
OWN_PORTFOLIO = "本人的分管应由其他党务管理员录入或修改"
OWN_LIAISON = "由本人联系的党员应由其他党务管理员录入或修改"
ONESELF = "支委和党员不能是同一人"


class DatedPlan(SheetPlan):
    """Rows that are known by codes and the day on which they begin.

    `person`: by which member they are looked for; `place`: what must be within reach.
    """

    related: ClassVar[tuple[str, ...]]
    person: ClassVar[tuple[str, str]]
    place: ClassVar[str]

    def load(self, rows: Sequence[Row]) -> None:
        column, attribute = self.person
        codes = self.book.codes[Member].stored
        ids = {codes[code].pk for row in rows if (code := row.text(column)) in codes}
        self.found: dict[Hashable, Any] = {}
        for portion in portions(values=ids):
            found = list(self.model._default_manager.filter(**{f"{attribute}__in": portion}).order_by())
            for name in self.related:
                self.book.attach(found, name)
            for row in found:
                values = self.stored_values(row, self.form.key)
                self.found[tuple(values[name] for name in self.form.key)] = row

    def stored(self, key: Hashable) -> Any | None:
        return self.found.get(key)

    def reachable(self, target: Any) -> bool:
        where = getattr(target, self.place)
        return where.code not in self.book.codes[type(where)].hidden


class PostPlan(DatedPlan):
    """Posts. A principal's post that was entered here is confirmed by nobody yet."""

    form = POSTS
    model = Post
    fields = FIELDS[POSTS.name]
    references = {"党员编号": Member, "组织编码": Organisation, "单位编码": Department}
    concerns = {"党员编号": Member}
    reaches_others = True
    range = ("任职日期", "免职日期")
    related = ("member", "organisation", "department")
    person = ("党员编号", "member")
    place = "organisation"

    def judge(self, entry: Entry) -> None:
        if entry.has("班子成员", "主要负责同志") and entry.yes("主要负责同志") and not entry.yes("班子成员"):
            self.fault(entry, "主要负责同志", PRINCIPAL_NOT_TEAM)
        importer = self.book.reach.account.member if self.book.reach else None
        if importer and entry.differs() and entry.text("党员编号") == importer.code:
            # A seat in the team shows the events of its members.
            self.fault(entry, "党员编号", OWN_POST)
        if not entry.has("单位编码"):
            return
        if entry.yes("部门主要负责人") and not entry.text("单位编码"):
            self.fault(entry, "单位编码", HEAD_WITHOUT_DEPARTMENT)
        department = entry.links.get("单位编码")
        if department is not None:
            organisation, home = entry.text("组织编码"), self._home(department)
            if home and organisation and home != organisation:
                text = FOREIGN_DEPARTMENT.format(department=department.code, organisation=organisation)
                self.fault(entry, "单位编码", text)

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        if not entry.is_new and ("主要负责同志" in entry.changed or _lasts_longer(entry)):
            entry.target.confirmed_at = None

    def attributes(self, changed: Sequence[Entry]) -> set[str]:
        attributes = super().attributes(changed)
        return attributes | {"confirmed_at"} if attributes & {"is_principal", "until"} else attributes

    def _home(self, department: Any) -> str:
        """The code of the organisation to which the department belongs after the import."""
        if department.code in self.book.homes:
            return self.book.homes[department.code]
        return str(department.organisation.code) if department.pk else ""


def _lasts_longer(entry: Entry) -> bool:
    """Whether a post holds days that were not confirmed with it; its first day is a part of its key."""
    before, after = entry.before["免职日期"], entry.day("免职日期")
    return isinstance(before, date) and (after is None or after > before)


class PortfolioPlan(DatedPlan):
    """分管, within reach where the department is."""

    form = PORTFOLIOS
    model = Portfolio
    fields = FIELDS[PORTFOLIOS.name]
    references = {"党员编号": Member, "单位编码": Department}
    concerns = {"单位编码": Department}
    range = ("开始日期", "结束日期")
    related = ("member", "department")
    person = ("党员编号", "member")
    place = "department"

    def judge(self, entry: Entry) -> None:
        importer = self.book.reach.account.member if self.book.reach else None
        if importer and entry.differs() and entry.text("党员编号") == importer.code:
            # Who is in charge of a department hears of the events of its people.
            self.fault(entry, "党员编号", OWN_PORTFOLIO)


class LiaisonPlan(DatedPlan):
    """联系党员."""

    form = LIAISONS
    model = Liaison
    fields = FIELDS[LIAISONS.name]
    references = {"支委编号": Member, "党员编号": Member}
    concerns = {"党员编号": Member}
    range = ("开始日期", "结束日期")
    related = ("committee_member", "member")
    person = ("党员编号", "member")
    place = "member"

    def judge(self, entry: Entry) -> None:
        if entry.text("支委编号") == entry.text("党员编号"):
            self.fault(entry, "支委编号", ONESELF)
        importer = self.book.reach.account.member if self.book.reach else None
        if importer and entry.differs() and entry.text("支委编号") == importer.code:
            # Where a rule lets those in contact talk, they hear of the events.
            self.fault(entry, "支委编号", OWN_LIAISON)
