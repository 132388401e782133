"""党组织 and 部门单位."""

from collections.abc import Hashable, Sequence
from typing import Any

from branches.models import Department, Organisation
from branches.rules import BRANCH_KINDS, OrganisationKind
from branches.services import rebuild_paths
from members.models import Post
from talks.figures.exchange import FIELDS
from talks.rules.exchange.columns import DEPARTMENTS, ORGANISATIONS
from talks.rules.exchange.tables import Row
from talks.services.exchange.book import portions
from talks.services.exchange.plan import BATCH, Entry, SheetPlan

CIRCLE = "上级组织编码「{code}」使上下级关系成环"
BRANCH_SUPERIOR = "上级组织「{code}」是{kind}，不能有下级组织"
HAS_SUBORDINATES = "该组织有下级组织，组织类型不能改为{kind}"
TOP_NOT_ALLOWED = "应填写您管理范围内的上级组织编码"
DEPARTMENT_IN_USE = "该单位已有任职，不能改属其他组织"


class OrganisationPlan(SheetPlan):
    """The tree; afterwards it has no circle, and branches have nothing below them."""

    form = ORGANISATIONS
    model = Organisation
    fields = FIELDS[ORGANISATIONS.name]
    references = {"上级组织编码": Organisation}
    concerns = {"组织编码": Organisation}
    reaches_below = True
    words = {"组织类型": [kind.value for kind in OrganisationKind]}
    range = ("成立日期", "撤销日期")
    has_code = True

    def load(self, rows: Sequence[Row]) -> None:
        self.codes = self.book.codes[Organisation]

    def stored(self, key: Hashable) -> Any | None:
        return self.codes.stored.get(_single(key))

    def new(self, row: Row) -> Any:
        return self.codes.new.get(row.text("组织编码")) or Organisation()

    def reachable(self, target: Any) -> bool:
        return target.code not in self.codes.hidden

    def judge(self, entry: Entry) -> None:
        is_top = not entry.text("上级组织编码") and entry.has("上级组织编码")
        if self.book.reach is not None and is_top and (entry.is_new or "上级组织编码" in entry.changed):
            self.fault(entry, "上级组织编码", TOP_NOT_ALLOWED)

    def judge_together(self) -> None:
        superiors = {
            code: row.superior.code if row.superior else "" for code, row in self.codes.stored.items()
        }
        kinds = {code: row.kind for code, row in self.codes.stored.items()}
        for entry in self.entries:
            code = entry.text("组织编码")
            superiors[code] = entry.text("上级组织编码")
            kinds[code] = entry.text("组织类型")
        lower: dict[str, int] = {}
        for superior in superiors.values():
            lower[superior] = lower.get(superior, 0) + 1
        in_circles = _in_circles(superiors)
        told: set[str] = set()
        for entry in self.entries:
            code, superior = entry.text("组织编码"), entry.text("上级组织编码")
            if code in in_circles:
                self.fault(entry, "上级组织编码", CIRCLE.format(code=superior))
            elif superior not in self.codes.hidden and kinds.get(superior) in BRANCH_KINDS:
                told.add(superior)
                text = BRANCH_SUPERIOR.format(code=superior, kind=kinds[superior])
                self.fault(entry, "上级组织编码", text)
        for entry in self.entries:
            code, kind = entry.text("组织编码"), entry.text("组织类型")
            if kind in BRANCH_KINDS and lower.get(code) and code not in told and entry.has("组织类型"):
                self.fault(entry, "组织类型", HAS_SUBORDINATES.format(kind=kind))

    def write(self) -> None:
        """In steps of which each leaves a right tree: no superiors, then kinds, then superiors."""
        new = [entry for entry in self.entries if entry.is_new]
        changed = [entry for entry in self.entries if not entry.is_new and entry.differs()]
        for entry in (*new, *changed):
            self.apply(entry)
        moved = [entry for entry in changed if "上级组织编码" in entry.changed]
        superiors = {entry.target.code: entry.target.superior for entry in (*new, *moved)}
        for entry in (*new, *moved):
            entry.target.superior = None
        objects = Organisation.objects
        objects.bulk_update([entry.target for entry in moved], ["superior"], batch_size=BATCH)
        objects.bulk_create([entry.target for entry in new], batch_size=BATCH)
        others = self.attributes(changed) - {"superior"}
        if others:
            objects.bulk_update([entry.target for entry in changed], sorted(others), batch_size=BATCH)
        placed = []
        for entry in (*new, *moved):
            entry.target.superior = superiors[entry.target.code]
            if entry.target.superior is not None:
                placed.append(entry.target)
        objects.bulk_update(placed, ["superior"], batch_size=BATCH)
        if new or moved:
            rebuild_paths()


class DepartmentPlan(SheetPlan):
    """Departments; one that holds posts stays with its organisation."""

    form = DEPARTMENTS
    model = Department
    fields = FIELDS[DEPARTMENTS.name]
    references = {"所属组织编码": Organisation}
    concerns = {"所属组织编码": Organisation}
    has_code = True

    def load(self, rows: Sequence[Row]) -> None:
        self.codes = self.book.codes[Department]

    def stored(self, key: Hashable) -> Any | None:
        return self.codes.stored.get(_single(key))

    def new(self, row: Row) -> Any:
        return self.codes.new.get(row.text("单位编码")) or Department()

    def reachable(self, target: Any) -> bool:
        return target.code not in self.codes.hidden

    def judge(self, entry: Entry) -> None:
        known = entry.links.get("所属组织编码") is not None
        self.book.homes[entry.text("单位编码")] = entry.text("所属组织编码") if known else ""

    def judge_together(self) -> None:
        moved = {
            entry.target.pk: entry
            for entry in self.entries
            if not entry.is_new and "所属组织编码" in entry.changed
        }
        for portion in portions(values=moved):
            holding = (
                Post.objects.filter(department__in=portion).order_by().values_list("department_id", flat=True)
            )
            for department in sorted(set(holding)):
                self.fault(moved[department], "所属组织编码", DEPARTMENT_IN_USE)


def _single(key: Hashable) -> str:
    assert isinstance(key, tuple)
    return str(key[0])


def _in_circles(superiors: dict[str, str]) -> set[str]:
    """The codes that lie on a circle of superiors."""
    found: set[str] = set()
    done: set[str] = set()
    for start in superiors:
        path: list[str] = []
        code = start
        while code and code in superiors and code not in done and code not in path:
            path.append(code)
            code = superiors[code]
        if code in path:
            found.update(path[path.index(code) :])
        done.update(path)
    return found
