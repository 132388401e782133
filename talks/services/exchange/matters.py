"""事件, 会议 and 约谈申请."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from branches.models import Organisation
from members.models import Event, Member
from talks.figures.exchange import FIELDS
from talks.models import Meeting, Rule, Talk, TalkRequest
from talks.models.requests import REQUEST_STATES, was_held
from talks.rules.exchange.cells import Value
from talks.rules.exchange.columns import EVENTS, MEETINGS, REQUESTS, RULES
from talks.rules.exchange.tables import Row
from talks.rules.facts import EventTrigger, parse_trigger
from talks.rules.presets import EVENT_KINDS
from talks.rules.requests import RequestState
from talks.rules.words import MeetingKind, TalkState
from talks.services.appointments import reopen
from talks.services.exchange.book import Book, portions
from talks.services.exchange.plan import Entry, SheetPlan
from talks.services.meetings import EARLIEST_YEAR, LATEST_YEAR

KIND_UNKNOWN = "事件类型「{kind}」不存在；可填{kinds}，以及本单位规则的触发中写明的类型"
KNOWN_TOO_EARLY = "知悉日期不能早于发生日期"
YEAR_UNREADABLE = f"年度「{{year}}」应在{EARLIEST_YEAR}至{LATEST_YEAR}之间"
TALKS_TOO_LATE = "谈话开始日期应早于会议日期"
ASKS_ONESELF = "不能向自己申请约谈"
ASKED_TOO_LATE = "申请日期不能晚于今天"
ANSWERED_TOO_EARLY = "答复日期不能早于申请日期"
TALK_OVER = "所填的谈话已经谈过或取消，申请保持系统中的状态「{stored}」"
# What was written would travel without consent, or a request end that nobody may refuse; nor is who asked to
# be pressed to end it himself.
ASKED_ON_SCREEN = "在系统中提出的约谈申请不能用导入更改，请在“约谈”页面办理"
NOT_BY_BROWSER = (
    "已有的约谈申请，请在“约谈”页面办理；原由工作簿录入、需要更正的，应由系统管理员在服务器上导入"
)
NOT_READDRESSED = "已有的约谈申请不能改换申请人和约谈对象；转交须经申请人同意，请在“约谈”页面办理"


class EventPlan(SheetPlan):
    """Events; the day on which one became known is the day it happened where nothing is said."""

    form = EVENTS
    model = Event
    fields = FIELDS[EVENTS.name]
    references = {"党员编号": Member}
    concerns = {"党员编号": Member}
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

    def entry(self, row: Row, key: Hashable | None) -> Entry | None:
        if row.values.get("知悉日期", "") is None and "发生日期" in row.values:
            row.values["知悉日期"] = row.values["发生日期"]
        entry = super().entry(row, key)
        if entry is not None and entry.after.get("知悉日期") is None:
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
    concerns = {"组织编码": Organisation}
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
        if isinstance(year, int) and not EARLIEST_YEAR <= year <= LATEST_YEAR:
            self.fault(entry, "年度", YEAR_UNREADABLE.format(year=year))
        starts, meets = entry.day("谈话开始日期"), entry.day("会议日期")
        if entry.has("谈话开始日期", "会议日期") and starts and meets and starts >= meets:
            column = "谈话开始日期" if "谈话开始日期" in entry.row.values else "会议日期"
            self.fault(entry, column, TALKS_TOO_LATE)


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

    def refine(self, row: Row, before: Mapping[str, Value]) -> None:
        """A row from before its talk was recorded or cancelled says nothing of what came after."""
        talk = self.book.codes[Talk].get(row.text("谈话编号"))
        if talk is None or row.text("状态") != RequestState.ACCEPTED or row.text("状态") == before["状态"]:
            return
        is_same = talk.code == before["谈话编号"]
        is_noted = is_same and talk.counts and before["状态"] == RequestState.HELD
        if is_noted or (not is_same and talk.state == TalkState.CANCELLED):
            self.book.note(row, "状态", TALK_OVER.format(stored=before["状态"]))
            row.values["状态"], row.values["谈话编号"] = before["状态"], before["谈话编号"]

    def judge(self, entry: Entry) -> None:
        for column in entry.changed if not entry.is_new else ():
            if entry.target.sent_at:
                self.fault(entry, column, ASKED_ON_SCREEN)
            elif self.book.reach:
                is_readdressed = column in ("申请人编号", "约谈对象编号")
                self.fault(entry, column, NOT_READDRESSED if is_readdressed else NOT_BY_BROWSER)
        asker = entry.text("申请人编号")
        if entry.has("申请人编号", "约谈对象编号") and asker and asker == entry.text("约谈对象编号"):
            self.fault(entry, "约谈对象编号", ASKS_ONESELF)
        asked, answered = entry.day("申请日期"), entry.day("答复日期")
        # One of a day to come would wait unchased, and keep its requester from asking himself meanwhile.
        if self.book.reach and entry.is_new and asked and asked > self.book.today:
            self.fault(entry, "申请日期", ASKED_TOO_LATE)
        if entry.has("申请日期", "答复日期") and asked and answered and answered < asked:
            self.fault(entry, "答复日期", ANSWERED_TOO_EARLY)

    def write(self) -> None:
        """Then what the workbook leaves with a talk that it cancels waits for an answer again."""
        super().write()
        for portion in portions(values=self.book.cancelled):
            reopen(talks=portion, at=self.book.at)
        for portion in portions(values=self.book.recorded):
            # What a workbook brought in is taken as it is.
            asked = TalkRequest.objects.filter(was_held(), talk__in=portion, sent_at__isnull=False)
            asked.update(state=RequestState.HELD.value)


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
