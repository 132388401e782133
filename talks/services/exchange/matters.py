"""事件, 会议, 规则, 约谈申请 and 免予谈话."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from branches.models import Organisation
from members.models import Event, Member
from talks.figures.exchange import FIELDS
from talks.figures.facts import rule_value
from talks.models import Meeting, Rule, Talk, TalkRequest, Waiver
from talks.models.requests import REQUEST_STATES
from talks.rules import facts
from talks.rules.exchange.cells import Value
from talks.rules.exchange.columns import EVENTS, MEETINGS, REQUESTS, RULES, WAIVERS
from talks.rules.exchange.tables import Row
from talks.rules.facts import EventTrigger, format_trigger, parse_trigger
from talks.rules.presets import EVENT_KINDS, PRESETS
from talks.rules.versions import refusals
from talks.rules.words import (
    FIXED_ROLES,
    PAIRING_NAMES,
    ROLE_NAMES,
    DayUnit,
    MeetingKind,
    format_kinds,
    parse_kinds,
    parse_pairing,
    parse_role,
)
from talks.services.exchange.book import CODE_MISSING, CODE_TAKEN, KINDS, Book, portions
from talks.services.exchange.plan import Entry, SheetPlan

KIND_UNKNOWN = "事件类型「{kind}」不存在；可填{kinds}，以及本单位规则的触发中写明的类型"
KNOWN_TOO_EARLY = "知悉日期不能早于发生日期"
YEAR_UNREADABLE = "年度「{year}」应在1950至2100之间"
TALKS_TOO_LATE = "谈话开始日期应早于会议日期"
DAYS_OUT_OF_RANGE = "天数应为1至366"
ASKS_ONESELF = "不能向自己申请约谈"
ANSWERED_TOO_EARLY = "答复日期不能早于申请日期"
RULE_UNKNOWN = "规则代码「{code}」不存在"
ANCHOR_UNREADABLE = (
    "事由标识「{anchor}」应写作meeting:民主生活会:2026、period:2026、period:2026-H1、period:2026-Q3、"
    "period:2026-07或event:事件编号"
)
SAME_PERSON = "谈话对象和对方不能是同一人"
OWN_WAIVER = "免予谈话不能由申请人自己批准"
WAIVER_OF_APPROVER = "免予谈话不能由谈话对象本人批准"

_ANCHOR = re.compile(
    rf"meeting:(?:{'|'.join(MeetingKind)}):[0-9]{{4}}"
    r"|period:[0-9]{4}(?:-(?:H[12]|Q[1-4]|0[1-9]|1[0-2]))?"
    r"|event:.+"
)


class EventPlan(SheetPlan):
    """Events; the day on which one became known is the day it happened where nothing is said."""

    form = EVENTS
    model = Event
    fields = FIELDS[EVENTS.name]
    references = {"党员编号": Member}
    has_code = True

    def load(self, rows: Sequence[Row]) -> None:
        self.codes = self.book.codes[Event]
        self.kinds = {*EVENT_KINDS, *_kinds_of_own_rules(self.book)}

    def stored(self, key: Hashable) -> Any | None:
        assert isinstance(key, tuple)
        return self.codes.stored.get(key[0])

    def new(self, row: Row) -> Any:
        event = self.codes.new.get(row.text("事件编号")) or Event()
        event.entered_by = self.book.reach.account if self.book.reach else None
        return event

    def reachable(self, target: Any) -> bool:
        return target.code not in self.codes.hidden

    def entry(self, row: Row, key: Hashable | None) -> Entry:
        if row.values.get("知悉日期", "") is None and "发生日期" in row.values:
            row.values["知悉日期"] = row.values["发生日期"]
        entry = super().entry(row, key)
        if entry.after.get("知悉日期") is None:
            entry.after["知悉日期"] = entry.after.get("发生日期")
        return entry

    def judge(self, entry: Entry) -> None:
        kind = entry.text("事件类型")
        if "事件类型" in entry.changed and kind and kind not in self.kinds:
            self.fault(entry, "事件类型", KIND_UNKNOWN.format(kind=kind, kinds="、".join(EVENT_KINDS)))
        happened, known = entry.day("发生日期"), entry.day("知悉日期")
        if entry.has("发生日期", "知悉日期") and happened and known and known < happened:
            self.fault(entry, "知悉日期", KNOWN_TOO_EARLY)


class MeetingPlan(SheetPlan):
    """Meetings."""

    form = MEETINGS
    model = Meeting
    fields = FIELDS[MEETINGS.name]
    references = {"组织编码": Organisation}
    words = {"会议类型": [kind.value for kind in MeetingKind]}

    def load(self, rows: Sequence[Row]) -> None:
        codes = {row.text("组织编码") for row in rows}
        years = {year for row in rows if isinstance(year := row.values.get("年度"), int)}
        found = Meeting.objects.filter(year__in=years).select_related("organisation").order_by()
        self.found: dict[Hashable, Any] = {
            (row.organisation.code, row.kind, row.year): row
            for row in found
            if row.organisation.code in codes
        }

    def stored(self, key: Hashable) -> Any | None:
        return self.found.get(key)

    def reachable(self, target: Any) -> bool:
        return target.organisation.code not in self.book.codes[Organisation].hidden

    def judge(self, entry: Entry) -> None:
        year = entry.after.get("年度")
        if isinstance(year, int) and not 1950 <= year <= 2100:
            self.fault(entry, "年度", YEAR_UNREADABLE.format(year=year))
        starts, meets = entry.day("谈话开始日期"), entry.day("会议日期")
        if entry.has("谈话开始日期", "会议日期") and starts and meets and starts >= meets:
            column = "谈话开始日期" if "谈话开始日期" in entry.row.values else "会议日期"
            self.fault(entry, column, TALKS_TOO_LATE)


class RulePlan(SheetPlan):
    """Versions of rules; whether one may be made is for talks.rules.versions to say."""

    form = RULES
    model = Rule
    fields = FIELDS[RULES.name]
    references = {"适用组织编码": Organisation}
    words = {"天数单位": [unit.value for unit in DayUnit]}

    def load(self, rows: Sequence[Row]) -> None:
        stored = Rule.objects.select_related("organisation").order_by()
        self.found: dict[Hashable, Any] = {
            (row.code, row.organisation.code, row.effective_from): row for row in stored
        }
        self.versions: dict[Hashable, facts.Rule] = {key: rule_value(row) for key, row in self.found.items()}

    def stored(self, key: Hashable) -> Any | None:
        return self.found.get(key)

    def reachable(self, target: Any) -> bool:
        return target.organisation.code not in self.book.codes[Organisation].hidden

    def entry(self, row: Row, key: Hashable | None) -> Entry:
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
                self.versions[(version.code, version.organisation, version.effective_from)] = version

    def judge_together(self) -> None:
        superiors = _superiors_after(self.book)
        others = tuple(self.versions.values())
        for entry in self.entries:
            key = (entry.text("规则代码"), entry.text("适用组织编码"), entry.day("生效日期"))
            version = self.versions.get(key)
            if version is not None and (entry.is_new or entry.differs()):
                for reason in refusals(version, others=others, superiors=superiors):
                    self.fault(entry, "规则代码", reason)

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


class RequestPlan(SheetPlan):
    """约谈申请."""

    form = REQUESTS
    model = TalkRequest
    fields = FIELDS[REQUESTS.name]
    references = {"申请人编号": Member, "约谈对象编号": Member, "谈话编号": Talk}
    words = {"状态": REQUEST_STATES}
    has_code = True

    def load(self, rows: Sequence[Row]) -> None:
        self.found: dict[str, Any] = {}
        for portion in portions(values={code for row in rows if (code := row.text("申请编号"))}):
            requests = TalkRequest.objects.filter(code__in=portion)
            for request in requests.select_related("requester", "asked", "talk").order_by():
                self.found[request.code] = request
        self.seen = self.book.within(TalkRequest, "code", self.found)

    def stored(self, key: Hashable) -> Any | None:
        assert isinstance(key, tuple)
        return self.found.get(key[0])

    def new(self, row: Row) -> Any:
        return TalkRequest(code=row.text("申请编号"))

    def reachable(self, target: Any) -> bool:
        return self.seen is None or target.code in self.seen

    def judge(self, entry: Entry) -> None:
        asker = entry.text("申请人编号")
        if entry.has("申请人编号", "约谈对象编号") and asker and asker == entry.text("约谈对象编号"):
            self.fault(entry, "约谈对象编号", ASKS_ONESELF)
        asked, answered = entry.day("申请日期"), entry.day("答复日期")
        if entry.has("申请日期", "答复日期") and asked and answered and answered < asked:
            self.fault(entry, "答复日期", ANSWERED_TOO_EARLY)


class WaiverPlan(SheetPlan):
    """免予谈话; of a pair the lower code is stored as the counterpart, in whichever order they came."""

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

    def load(self, rows: Sequence[Row]) -> None:
        organisations = self.book.codes[Organisation].stored
        ids = {organisations[code].pk for row in rows if (code := row.text("组织编码")) in organisations}
        self.found: dict[Hashable, Any] = {}
        for portion in portions(values=ids):
            waivers = Waiver.objects.filter(organisation__in=portion).select_related(
                "organisation", "subject", "counterpart", "asked_by", "approved_by"
            )
            for row in waivers.order_by():
                self.found[(row.rule, row.organisation.code, row.anchor, row.persons)] = row
        self.seen = self.book.within(Waiver, "pk", [row.pk for row in self.found.values()])
        self.rules = {*PRESETS, *Rule.objects.order_by().values_list("code", flat=True)}
        self.rules |= {row.text("规则代码") for row in self.book.rows(RULES.name)}

    def key(self, row: Row) -> Hashable | None:
        if row.broken.intersection(self.form.key):
            return None
        return (row.text("规则代码"), row.text("组织编码"), row.text("事由标识"), _persons(row))

    def stored(self, key: Hashable) -> Any | None:
        return self.found.get(key)

    def reachable(self, target: Any) -> bool:
        return target.organisation.code not in self.book.codes[Organisation].hidden

    def entry(self, row: Row, key: Hashable | None) -> Entry:
        if row.text("对方编号") > row.text("谈话对象编号") and row.text("谈话对象编号"):
            row.values["对方编号"], row.values["谈话对象编号"] = (
                row.values["谈话对象编号"],
                row.values["对方编号"],
            )
        entry = super().entry(row, key)
        if not entry.is_new and self.seen is not None and entry.target.pk not in self.seen:
            self.fault(entry, "规则代码", CODE_TAKEN)
        return entry

    def judge(self, entry: Entry) -> None:
        rule, anchor = entry.text("规则代码"), entry.text("事由标识")
        if rule and rule not in self.rules:
            self.fault(entry, "规则代码", RULE_UNKNOWN.format(code=rule))
        if anchor and not _ANCHOR.fullmatch(anchor):
            self.fault(entry, "事由标识", ANCHOR_UNREADABLE.format(anchor=anchor))
        event = anchor.removeprefix("event:")
        if event != anchor and entry.is_new and self.book.codes[Event].get(event) is None:
            self.fault(entry, "事由标识", CODE_MISSING.format(kind=KINDS[Event], code=event))
        subject, approver = entry.text("谈话对象编号"), entry.text("批准人编号")
        if subject and subject == entry.text("对方编号"):
            self.fault(entry, "对方编号", SAME_PERSON)
        if approver and entry.has("申请人编号", "批准人编号"):
            if approver == entry.text("申请人编号"):
                self.fault(entry, "批准人编号", OWN_WAIVER)
            elif approver == subject and not entry.text("对方编号") and entry.has("对方编号"):
                self.fault(entry, "批准人编号", WAIVER_OF_APPROVER)

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        entry.target.persons = "+".join(
            sorted(filter(None, (entry.text("谈话对象编号"), entry.text("对方编号"))))
        )


def _persons(row: Row) -> str:
    return "+".join(sorted(filter(None, (row.text("谈话对象编号"), row.text("对方编号")))))


def _kinds_of_own_rules(book: Book) -> set[str]:
    """The kinds of events that rules of organisations name, stored ones and those of the workbook."""
    triggers = [*Rule.objects.order_by().values_list("trigger", flat=True)]
    triggers += [row.text("触发") for row in book.rows(RULES.name)]
    kinds: set[str] = set()
    for text in triggers:
        try:
            trigger = parse_trigger(text)
        except ValueError:
            continue
        if isinstance(trigger, EventTrigger):
            kinds.update(trigger.kinds)
    return kinds


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
