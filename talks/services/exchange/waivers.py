"""免予谈话."""

import re
from collections.abc import Hashable, Sequence
from typing import Any

from branches.models import Organisation
from members.models import Event, Member
from talks.figures.exchange import FIELDS
from talks.models import Rule, Waiver
from talks.rules.exchange.columns import RULES, WAIVERS
from talks.rules.exchange.tables import Row
from talks.rules.presets import PRESETS
from talks.rules.words import MeetingKind, WaiverState
from talks.services.exchange.book import CODE_MISSING, KINDS, portions
from talks.services.exchange.plan import Entry, SheetPlan

RULE_UNKNOWN = "规则代码「{code}」不存在"
ANCHOR_UNREADABLE = (
    "事由标识「{anchor}」应写作meeting:民主生活会:2026、period:2026、period:2026-H1、period:2026-Q3、"
    "period:2026-07或event:事件编号"
)
SAME_PERSON = "谈话对象和对方不能是同一人"
OWN_WAIVER = "免予谈话不能由申请人自己批准"
WAIVER_OF_APPROVER = "免予谈话不能由谈话对象本人批准"
WAITING = "这项应谈已在系统中申请免予谈话，请在“免予谈话”页面办理后再导入"
REVOKED = "这项免予谈话的批准已经撤回，不能由导入更改；需要的，请重新申请"

_ANCHOR = re.compile(
    rf"meeting:(?:{'|'.join(MeetingKind)}):[0-9]{{4}}"
    r"|period:[0-9]{4}(?:-(?:H[12]|Q[1-4]|0[1-9]|1[0-2]))?"
    r"|event:.+"
)


class WaiverPlan(SheetPlan):
    """免予谈话; of a pair the lower code is stored as the counterpart, in whichever order they came.

    A row is the waiver in force. It is one that was revoked where the day of its approval says so: an old
    workbook does not bring it back. Requests that were declined or taken back are none of its business.
    """

    form = WAIVERS
    model = Waiver
    fields = FIELDS[WAIVERS.name]
    references = {
        "组织编码": Organisation,
        "谈话对象编号": Member,
        "对方编号": Member,
        "申请人编号": Member,
        "批准人编号": Member,
    }
    concerns = {"组织编码": Organisation}

    def load(self, rows: Sequence[Row]) -> None:
        organisations = self.book.codes[Organisation].stored
        ids = {organisations[code].pk for row in rows if (code := row.text("组织编码")) in organisations}
        stored: dict[Hashable, list[Waiver]] = {}
        for portion in portions(values=ids):
            waivers = Waiver.objects.filter(organisation__in=portion).select_related(
                "organisation", "subject", "counterpart", "asked_by", "approved_by"
            )
            for waiver in waivers.order_by("number"):
                key = (waiver.rule, waiver.organisation.code, waiver.anchor, waiver.persons)
                stored.setdefault(key, []).append(waiver)
        self.numbers = {key: waivers[-1].number for key, waivers in stored.items()}
        self.found: dict[Hashable, Waiver] = {}
        for row in rows:
            own = self.key(row)
            target = _meant(stored.get(own, ()), row.values.get("批准日期"))
            if target is not None:
                self.found[own] = target
        self.seen = self.book.within(Waiver, "pk", [waiver.pk for waiver in self.found.values()])
        self.rules = {*PRESETS, *Rule.objects.order_by().values_list("code", flat=True)}
        self.rules |= {row.text("规则代码") for row in self.book.rows(RULES.name)}

    def key(self, row: Row) -> Hashable | None:
        if row.broken.intersection(self.form.key):
            return None
        return (row.text("规则代码"), row.text("组织编码"), row.text("事由标识"), _persons(row))

    def stored(self, key: Hashable) -> Any | None:
        found = self.found.get(key)
        if found is not None and self.is_hidden(found) and self._event_is_unknown(found.anchor):
            # Answered like a new one: that there is a waiver would tell of the event, and whose it is.
            return None
        return found

    def reachable(self, target: Any) -> bool:
        return target.organisation.code not in self.book.codes[Organisation].hidden

    def is_hidden(self, target: Any) -> bool:
        return self.seen is not None and target.pk not in self.seen

    def entry(self, row: Row, key: Hashable | None) -> Entry | None:
        if row.text("对方编号") > row.text("谈话对象编号") and row.text("谈话对象编号"):
            row.values["对方编号"], row.values["谈话对象编号"] = (
                row.values["谈话对象编号"],
                row.values["对方编号"],
            )
        entry = super().entry(row, key)
        if entry is None:
            return None
        if entry.is_new:
            entry.target.number = self.numbers.get(key, 0) + 1
        elif entry.target.state is WaiverState.WAITING:
            self.fault(entry, "规则代码", WAITING)
        elif entry.target.state is WaiverState.REVOKED and entry.differs():
            self.fault(entry, "规则代码", REVOKED)
        return entry

    def judge(self, entry: Entry) -> None:
        rule, anchor = entry.text("规则代码"), entry.text("事由标识")
        if rule and rule not in self.rules:
            self.fault(entry, "规则代码", RULE_UNKNOWN.format(code=rule))
        if anchor and not _ANCHOR.fullmatch(anchor):
            self.fault(entry, "事由标识", ANCHOR_UNREADABLE.format(anchor=anchor))
        if entry.is_new and self._event_is_unknown(anchor):
            code = anchor.removeprefix("event:")
            self.fault(entry, "事由标识", CODE_MISSING.format(kind=KINDS[Event], code=code))
        subject, approver = entry.text("谈话对象编号"), entry.text("批准人编号")
        if subject and subject == entry.text("对方编号"):
            self.fault(entry, "对方编号", SAME_PERSON)
        if approver and entry.has("申请人编号", "批准人编号"):
            if approver == entry.text("申请人编号"):
                self.fault(entry, "批准人编号", OWN_WAIVER)
            elif approver in _named(entry):
                self.fault(entry, "批准人编号", WAIVER_OF_APPROVER)

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        entry.target.persons = "+".join(
            sorted(filter(None, (entry.text("谈话对象编号"), entry.text("对方编号"))))
        )

    def _event_is_unknown(self, anchor: str) -> bool:
        code = anchor.removeprefix("event:")
        return code != anchor and self.book.codes[Event].get(code) is None


def _named(entry: Entry) -> tuple[str, ...]:
    """Who may not approve, being named; of a pair only where it was asked for on screen."""
    pair = (entry.text("谈话对象编号"), entry.text("对方编号"))
    if entry.target.asked_on or (entry.has("对方编号") and not pair[1]):
        return pair
    return ()


def _meant(waivers: Sequence[Waiver], day: object) -> Waiver | None:
    """Of the waivers of one duty the one that a row with that 批准日期 is about; None where it is new."""
    live = next((waiver for waiver in waivers if not waiver.ending), None)
    if live is not None and live.approved_on == day:
        return live
    revoked = (waiver for waiver in waivers if waiver.state is WaiverState.REVOKED)
    return next((waiver for waiver in revoked if waiver.approved_on == day), live)


def _persons(row: Row) -> str:
    return "+".join(sorted(filter(None, (row.text("谈话对象编号"), row.text("对方编号")))))
