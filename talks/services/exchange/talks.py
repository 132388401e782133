"""谈话, with who took part and what came of it."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from members.models import Member
from talks.figures.exchange import FIELDS, KINDS
from talks.figures.exchange.fields import OPINIONS, REMEDIES, SUBJECTS, TALKERS, joined, talk_values
from talks.models import Engagement, Opinion, Participant, Remedy, Talk
from talks.models.records import Side
from talks.rules.exchange.cells import Value, lines_of
from talks.rules.exchange.columns import TALKS
from talks.rules.exchange.tables import COLUMN_MISSING, Row
from talks.rules.hours import span_of
from talks.rules.words import TalkState
from talks.services.exchange.book import Book, portions
from talks.services.exchange.plan import BATCH, Entry, SheetPlan
from talks.services.fingerprints import keep_fingerprints

BOTH_SIDES = "「{codes}」同时是谈话人和谈话对象"
NO_TALKER = "应填写谈话人编号或外部谈话人"
RECORDER_TAKES_PART = "记录人不能同时是谈话人或谈话对象"
ENDS_BEFORE_START = "结束时间不能早于开始时间"
NOT_YET_HELD = "谈话日期在今天之后，状态不能是「{state}」"
CONFIRMED = "谈话已经确认，不能通过导入更改「{columns}」，请在页面上补正"
KEPT_STATE = "系统中的状态已是「{stored}」，不退回到「{state}」"
TEXTS_NOT_YOURS = "系统中已有的谈话，主题、谈话内容、意见建议和整改措施只能由参加人在页面上更改，未读取"
KINDS_NOT_YOURS = "系统中已有的谈话，谈话类型和谈话契机只能由参加人在页面上更改，未读取"
ENGAGED = "「{code}」在这段时间已有其他谈话安排，请改为其他时间"
REMEDIES_UNDER_WAY = "整改措施已有进展、已列入台账或已申请销号，请在页面上更改"
NOT_YOURS = "谈话已在系统中，「{columns}」只能由参加人在页面上更改"

# How far a talk has come; 取消 stands apart.
STAGES = (TalkState.PLANNED, TalkState.HELD, TalkState.RECORDED, TalkState.CONFIRMED, TalkState.CLOSED)
RECORDED = frozenset(STAGES[2:])
# 计划 stands for 已谈 too, and 已记录 for what follows it: such a cell says nothing new.
STANDS_FOR = {
    TalkState.PLANNED: frozenset({TalkState.HELD}),
    TalkState.RECORDED: frozenset({TalkState.CONFIRMED, TalkState.CLOSED}),
}
TEXTS = ("主题", "谈话内容", OPINIONS, REMEDIES)
# Who is one of them reads what is written.
PERSONS = (TALKERS, SUBJECTS, "记录人编号")
# When the persons of a talk are engaged; where none of it changes, a clash that stands already may stay.
ENGAGING = ("谈话日期", "开始时间", "结束时间", *PERSONS, "状态")
# What may still change once a talk is confirmed.
AFTER_CONFIRMATION = frozenset({"状态", "录入时间"})


class TalkPlan(SheetPlan):
    """Talks; the state never goes back, and what is confirmed stays as it is."""

    form = TALKS
    model = Talk
    fields = FIELDS[TALKS.name]
    references = {"记录人编号": Member}
    concerns = {TALKERS: Member, SUBJECTS: Member}
    words = {"状态": [state.value for state in TalkState]}
    has_code = True

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.hours: list[tuple[Talk, time | None]] = []

    def load(self, rows: Sequence[Row]) -> None:
        self.codes = self.book.codes[Talk]
        self.passed_over: set[str] = set()
        self.closed: set[int] = set()
        if self.book.reach is not None:
            for portion in portions(values=(talk.pk for talk in self.codes.stored.values())):
                closed = self.book.reach.closed_talks.filter(pk__in=portion).order_by()
                self.closed.update(closed.values_list("pk", flat=True))
        self.names_talkers = self.sheet is None or bool({TALKERS, "外部谈话人"} & self.sheet.places.keys())
        if self.sheet is not None and not self.names_talkers:
            text = COLUMN_MISSING.format(column=TALKERS)
            self.book.faults.append(self.sheet.fault(None, "", text))

    def stored(self, key: Hashable) -> Any | None:
        assert isinstance(key, tuple)
        return self.codes.stored.get(key[0])

    def new(self, row: Row) -> Any:
        return self.codes.new.get(row.text("谈话编号")) or Talk()

    def reachable(self, target: Any) -> bool:
        return target.code not in self.codes.hidden

    def stored_values(self, target: Any, columns: Iterable[str]) -> dict[str, Value]:
        return talk_values(target, tuple(columns))

    def refine(self, row: Row, before: Mapping[str, Value]) -> None:
        if self.book.reach is not None:
            self._pass_over(row, KINDS, KINDS_NOT_YOURS)
            is_theirs = self._is_closed(row) or before["状态"] != TalkState.PLANNED
            written = [column for column in TEXTS if before[column] or is_theirs]
            self._pass_over(row, written, TEXTS_NOT_YOURS)
        for column in (OPINIONS, REMEDIES):
            if column in row.values:
                row.values[column] = "\n".join(lines_of(row.text(column)))
        given, stored = row.text("状态"), str(before["状态"])
        if given not in list(TalkState) or given == stored:
            return
        if stored in STANDS_FOR.get(TalkState(given), ()):
            row.values["状态"] = stored
        elif _is_back(stored, given):
            self.book.note(row, "状态", KEPT_STATE.format(stored=stored, state=given))
            row.values["状态"] = stored
            # A row from before the record was made says nothing of what was recorded since.
            for column in TEXTS:
                if row.values.get(column) == "":
                    row.values[column] = before[column]

    def _pass_over(self, row: Row, columns: Sequence[str], text: str) -> None:
        """Who may not know what stands in the columns is not told by what would change; said once."""
        given = [column for column in columns if row.values.pop(column, "")]
        if given and text not in self.passed_over:
            self.passed_over.add(text)
            self.book.note(row, given[0], text)

    def link(self, entry: Entry) -> None:
        super().link(entry)
        for column in (TALKERS, SUBJECTS):
            before = entry.before.get(column, ())
            known = before if isinstance(before, tuple) and self.reachable(entry.target) else ()
            codes = entry.codes(column) if column in entry.row.values else ()
            entry.links[column] = [
                self.book.find(entry.row, column, Member, code, known=known) for code in codes
            ]

    def judge(self, entry: Entry) -> None:
        self._judge_persons(entry)
        starts, ends = entry.after.get("开始时间"), entry.after.get("结束时间")
        in_order = not (isinstance(starts, time) and isinstance(ends, time)) or starts <= ends
        if entry.has("开始时间", "结束时间") and not in_order:
            column = "结束时间" if "结束时间" in entry.row.values else "开始时间"
            self.fault(entry, column, ENDS_BEFORE_START)
        state, held_on = entry.text("状态"), entry.day("谈话日期")
        is_held = state in STAGES and state != TalkState.PLANNED
        if is_held and held_on is not None and held_on > self.book.today and entry.differs():
            self.fault(entry, "谈话日期", NOT_YET_HELD.format(state=state))
        if not entry.is_new:
            self._judge_change(entry)

    def _judge_persons(self, entry: Entry) -> None:
        talkers, subjects = entry.codes(TALKERS), entry.codes(SUBJECTS)
        if not entry.has(TALKERS, SUBJECTS):
            return
        both = sorted(set(talkers) & set(subjects))
        if both:
            self.fault(entry, SUBJECTS, BOTH_SIDES.format(codes="、".join(both)))
        nobody = not talkers and not entry.text("外部谈话人")
        if nobody and self.names_talkers and entry.has("外部谈话人"):
            self.fault(entry, TALKERS, NO_TALKER)
        if entry.text("记录人编号") in {*talkers, *subjects}:
            self.fault(entry, "记录人编号", RECORDER_TAKES_PART)

    def _judge_change(self, entry: Entry) -> None:
        stored = entry.before["状态"]
        if stored in (TalkState.CONFIRMED, TalkState.CLOSED):
            columns = [column for column in entry.changed if column not in AFTER_CONFIRMATION]
            if columns:
                self.fault(entry, columns[0], CONFIRMED.format(columns="、".join(columns)))
        elif self.book.reach is not None:
            self._refuse_outsider(entry)
        if REMEDIES in entry.changed and any(map(_is_under_way, entry.target.remedies.all())):
            self.fault(entry, REMEDIES, REMEDIES_UNDER_WAY)

    def _refuse_outsider(self, entry: Entry) -> None:
        """Who imports for an organisation has no part in what was said, and gives himself none."""
        theirs = entry.changed if self._is_closed(entry.row) else PERSONS
        columns = [column for column in theirs if column in entry.changed]
        if columns:
            self.fault(entry, columns[0], NOT_YOURS.format(columns="、".join(columns)))

    def _is_closed(self, row: Row) -> bool:
        """Whether the importer changes nothing of the stored talk."""
        return self.codes.stored[row.text("谈话编号")].pk in self.closed

    def judge_together(self) -> None:
        """Nobody is booked for two talks at one time: neither within the workbook nor beside what stands."""
        booked = [entry for entry in self.entries if _engages(entry)]
        persons = {code for entry in booked for code in self._known(entry)}
        rewritten = {entry.text("谈话编号") for entry in self.entries if _moves(entry)}
        taken = defaultdict(list)
        for portion in portions(values=persons):
            rows = Engagement.objects.filter(member__code__in=portion)
            for talk, *place, begins, ends in rows.values_list(
                "talk__code", "member__code", "held_on", "begins", "ends"
            ):
                if talk not in rewritten:
                    taken[tuple(place)].append((begins, ends))
        for entry in booked:
            begins, ends = _span(entry)
            for code in self._known(entry):
                there = taken[code, entry.day("谈话日期")]
                if any(begins < other_end and other < ends for other, other_end in there):
                    self.fault(entry, "开始时间", ENGAGED.format(code=code))
                    break
                there.append((begins, ends))

    def _known(self, entry: Entry) -> list[str]:
        """The codes of the persons, of those that the importer may name: of others he is told nothing."""
        codes: list[str] = []
        for column in PERSONS:
            linked = entry.links.get(column)
            stored = entry.codes(column) or [entry.text(column)]
            found = linked if isinstance(linked, list) else [linked]
            codes += [one.code for one in found if one] if column in entry.row.values else stored
        return [code for code in codes if code]

    # --- writing ------------------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        super().apply(entry)
        talk = entry.target
        if entry.is_new:
            talk.entered_at = self.book.at
            talk.booked_by = self.book.reach.account if self.book.reach else None
        else:
            talk.revision += 1
        if talk.state == TalkState.CANCELLED and "状态" in entry.changed and not entry.is_new:
            self.book.cancelled.append(talk.pk)
        if talk.state in RECORDED and talk.recorded_at is None:
            talk.recorded_at = self.book.at
            self.book.recorded += [] if entry.is_new else [talk.pk]
        if _engages(entry):
            self.hours.append((talk, talk.starts_at))
            talk.starts_at = None

    def attributes(self, changed: Sequence[Entry]) -> set[str]:
        return super().attributes(changed) | {"revision", "recorded_at", "starts_at"} if changed else set()

    def write(self) -> None:
        """Without their hours first, so that rows that change places do not meet half-way."""
        super().write()
        written = [entry for entry in self.entries if entry.is_new or entry.differs()]
        self._write_persons(written)
        self._write_lines(written, OPINIONS, "opinions", Opinion)
        self._write_lines(written, REMEDIES, "remedies", Remedy)
        for talk, starts_at in self.hours:
            talk.starts_at = starts_at
        Talk.objects.bulk_update([talk for talk, _ in self.hours], ["starts_at"], batch_size=BATCH)
        keep_fingerprints(talks=[entry.target for entry in written if _is_recorded_anew(entry)])

    def _write_persons(self, written: Sequence[Entry]) -> None:
        """Brings the participants to what the rows say; who stays keeps his notes."""
        gone: list[Any] = []
        turned: list[Any] = []
        added: list[Any] = []
        for entry in written:
            if not entry.is_new and not {TALKERS, SUBJECTS}.intersection(entry.changed):
                continue
            sides = {}
            for column, side in ((TALKERS, Side.TALKER), (SUBJECTS, Side.SUBJECT)):
                codes = entry.codes(column)
                if column in entry.row.values:
                    sides.update({member.code: (member, side) for member in entry.links[column]})
                else:
                    sides.update(dict.fromkeys(codes, (None, side)))
            present = (
                {} if entry.is_new else {row.member.code: row for row in entry.target.participants.all()}
            )
            for code, row in present.items():
                if code not in sides:
                    gone.append(row.pk)
                elif row.side != sides[code][1]:
                    row.side = sides[code][1].value
                    turned.append(row)
            for code, (member, side) in sides.items():
                if code not in present:
                    added.append(Participant(talk=entry.target, member=member, side=side.value))
        if gone:
            Participant.objects.filter(pk__in=gone).delete()
        Participant.objects.bulk_update(turned, ["side"], batch_size=BATCH)
        Participant.objects.bulk_create(added, batch_size=BATCH)

    def _write_lines(self, written: Sequence[Entry], column: str, name: str, model: type[Any]) -> None:
        """One row for each line of the cell: the first keep their numbers, the rest come or go."""
        gone: list[int] = []
        changed: list[Any] = []
        added: list[Any] = []
        for entry in written:
            if column not in entry.row.values or (not entry.is_new and column not in entry.changed):
                continue
            lines = lines_of(entry.text(column))
            present = (
                [] if entry.is_new else sorted(getattr(entry.target, name).all(), key=lambda row: row.number)
            )
            for row, line in zip(present, lines, strict=False):
                if joined([row]) != line:
                    row.text = line
                    changed.append(row)
            gone += [row.pk for row in present[len(lines) :]]
            last = max((row.number for row in present[: len(lines)]), default=0)
            added += [
                model(talk=entry.target, number=number, text=line)
                for number, line in enumerate(lines[len(present) :], last + 1)
            ]
        if gone:
            model._default_manager.filter(pk__in=gone).delete()
        model._default_manager.bulk_update(changed, ["text"], batch_size=BATCH)
        model._default_manager.bulk_create(added, batch_size=BATCH)


def _is_recorded_anew(entry: Entry) -> bool:
    """Whether the row brings a record, or changes what its fingerprint is made of."""
    made_of = ("谈话内容", "状态", "结束时间", *PERSONS)
    return entry.target.state in RECORDED and (entry.is_new or not set(made_of).isdisjoint(entry.changed))


def _moves(entry: Entry) -> bool:
    """Whether the row says anew when somebody is engaged."""
    return entry.is_new or not set(ENGAGING).isdisjoint(entry.changed)


def _engages(entry: Entry) -> bool:
    """Whether the row books its persons for an hour, as it did not before."""
    is_read = entry.has(*ENGAGING) and entry.day("谈话日期") is not None
    is_booked = entry.text("状态") == TalkState.PLANNED and isinstance(entry.after.get("开始时间"), time)
    return is_read and is_booked and _moves(entry)


def _span(entry: Entry) -> tuple[int, int]:
    starts, ends = entry.after.get("开始时间"), entry.after.get("结束时间")
    span = span_of(starts if isinstance(starts, time) else None, ends if isinstance(ends, time) else None)
    assert span is not None
    return span


def _is_under_way(remedy: Remedy) -> bool:
    """Whether something hangs on the remedy that would be lost with its line."""
    return remedy.is_released or bool(remedy.progress.all() or remedy.settlements.all())


def _is_back(stored: str, given: str) -> bool:
    """Whether the state given lies before the stored one, or on the other side of a talk that has ended."""
    if stored == TalkState.CANCELLED:
        return True
    if given == TalkState.CANCELLED:
        return stored in RECORDED
    return STAGES.index(TalkState(given)) < STAGES.index(TalkState(stored))
