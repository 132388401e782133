"""The duties that one account may know of, as the lists show them: out of the rows that are kept."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Member
from members.models.people import named_like
from members.permissions.standing import among, standing_of
from talks.figures.cast import Cast
from talks.figures.coverage import coverage_of
from talks.figures.facts import rule_book
from talks.models import Duty
from talks.models.duties import ByDates, by_state, state_on
from talks.permissions import (
    EventSum,
    answers_for_many,
    masked_duties,
    named_events,
    own_duties,
    visible_duties,
)
from talks.rules import facts as values
from talks.rules.families import FAMILIES
from talks.rules.words import LEAST_TO_SPLIT, DutyState

NEAR_DAYS = 7
MONTH_DAYS = 30
# Up to so many duties are found once, and asked for by their keys from then on.
MOST_PINNED = 2000
# The look's word for a state, in the order of urgency.
TONES = ("overdue", "near", "pending", "scheduled", "late", "done", "waived", "withdrawn")
TONE_OF = {
    DutyState.OVERDUE: "overdue",
    DutyState.PENDING: "pending",
    DutyState.SCHEDULED: "scheduled",
    DutyState.LATE: "late",
    DutyState.DONE: "done",
    DutyState.WAIVED: "waived",
}
TONE_NAMES = {
    "overdue": "逾期",
    "near": "临期",
    "pending": "待谈",
    "scheduled": "已约",
    "late": "逾期完成",
    "done": "已谈",
    "waived": "免予谈话",
    "withdrawn": "撤销",
}
OPEN_TONES = frozenset({"overdue", "near", "pending"})
UNMET = (DutyState.OVERDUE, DutyState.PENDING, DutyState.SCHEDULED)
# Rule, last day, state, and how many duties.
Tally = Sequence[tuple[str, date, DutyState, int]]
# A duty with what `Worklist.known` annotates: state, tone, urgency, mine, about_me.
Seen = Any
Duties = QuerySet[Seen, Seen]
BY_CODE = ("rule", "organisation__code", "anchor", "subject__code", "persons")
ORDER = ("urgency", "due_on", *BY_CODE)


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty as a row: whom, why, by whom, until when, how it stands."""

    duty: Duty
    rule: values.Rule | None
    tone: str
    chip: str
    whom: str
    note: str
    title: str
    by: str
    sentence: str
    organisation: str
    is_booked: bool
    may_book: bool

    @property
    def is_open(self) -> bool:
        """Whether a talk is still to be booked, by this account."""
        return self.may_book and self.tone in OPEN_TONES and not self.is_booked


def tone_on(today: date) -> ByDates:
    """The look's word for the state on the day as an expression; 临期 is due within seven days."""
    near = ("near", today + timedelta(NEAR_DAYS))
    return by_state(today, TONE_OF, withdrawn="withdrawn", near=near)


def _urgency_on(today: date) -> ByDates:
    """The place of `tone_on` in TONES."""
    places = {state: TONES.index(tone) for state, tone in TONE_OF.items()}
    near = (TONES.index("near"), today + timedelta(NEAR_DAYS))
    return by_state(today, places, withdrawn=TONES.index("withdrawn"), near=near)


class Worklist:
    """What an account may know of the duties of a year; queries are made as they are asked for.

    `rows` are those of the year, and what the year before left: its meeting held this year (the year of a
    meeting is a label), and events for which the talk is still wanting.
    """

    def __init__(self, account: Account, *, today: date, year: int) -> None:
        self.account = account
        self.today = today
        self.year = year
        self.standing = standing_of(account, today)
        # Of the year, the event duties known by name; None where they are too many, or not found yet.
        self._known_events: list[int] | None = None
        # Organisation, version and rule of `rows`, each once; None where they are too many, or not found yet.
        self._owed: set[tuple[int, str, str]] | None = None
        # What talks.figures.sums has found of it.
        self.kept_sums: list[tuple[Any, ...]] | None = None
        # Of how many persons of a name, where talks.figures.many has found more than it looks for.
        self.only_persons: int | None = None

    @property
    def known(self) -> Duties:
        """All that the account may know of, of any year, as the duties stand when they are asked for."""
        return _as_seen(visible_duties(self.account, today=self.today), self.today)

    def seen(self, duties: Duties) -> Duties:
        """The duties with their state, tone and urgency of the day."""
        return _as_seen(duties, self.today)

    @cached_property
    def rows(self) -> Duties:
        """The standing duties of the year, the most urgent first, the earlier day first."""
        return self.with_withdrawn.filter(withdrawn_on=None)

    @cached_property
    def with_withdrawn(self) -> Duties:
        """As `rows`, and last what was owed and is owed no longer."""
        rows = self.known.filter(of_year(self.year))
        if self.is_wide:
            return rows.order_by(*ORDER)
        found = self._pinned(rows)
        return rows.order_by(*ORDER) if found is None else found

    def _pinned(self, rows: Duties) -> Duties | None:
        """The same by their keys: whose rights were asked once need not be asked again for each figure."""
        columns = ("pk", "mine", "about_me", "is_event", "withdrawn_on", "organisation", "version", "rule")
        found = list(rows.order_by().values_list(*columns)[: MOST_PINNED + 1])
        if len(found) > MOST_PINNED:
            return None
        if not self.is_wide:
            self._known_events = [pk for pk, _, _, is_event, *_ in found if is_event]
            self._owed = {(*key,) for _, _, _, _, withdrawn, *key in found if not withdrawn}
        pinned = Duty.objects.filter(_IsOneOf(keys=tuple(pk for pk, *_ in found))).annotate(
            mine=_IsOneOf(keys=tuple(pk for pk, mine, *_ in found if mine)),
            about_me=_IsOneOf(keys=tuple(pk for pk, _, about_me, *_ in found if about_me)),
        )
        return _as_seen(pinned, self.today).order_by(*ORDER)

    @cached_property
    def owed(self) -> set[tuple[int, str, str]]:
        """Organisation (primary key), version and rule of `rows`, each once."""
        rows = self.rows
        if self._owed is None:
            self._owed = set(rows.order_by().values_list("organisation", "version", "rule").distinct())
        return self._owed

    @cached_property
    def is_wide(self) -> bool:
        """Whether the account answers for so many organisations that figures are taken from the sums kept."""
        return answers_for_many(self.account, today=self.today)

    @cached_property
    def known_events(self) -> list[int]:
        """The event duties of any year that the account may know by name, by primary key."""
        named = named_events(self.account, today=self.today)
        return list(named.order_by().values_list("pk", flat=True))

    @property
    def mine(self) -> Duties:
        """Of `rows` those that are the account's to see to."""
        return self.mine_with_withdrawn.filter(withdrawn_on=None)

    @cached_property
    def mine_with_withdrawn(self) -> Duties:
        """As `mine`, and what was owed and is owed no longer."""
        if not self.is_wide:
            return self.with_withdrawn.filter(self.for_me)
        rows = _as_seen(own_duties(self.account, today=self.today), self.today).filter(of_year(self.year))
        found = self._pinned(rows)
        return rows.order_by(*ORDER) if found is None else found

    def about(self, persons: Collection[int]) -> Duties:
        """Of `rows` those that name nobody but these members (primary keys); asked for by themselves."""
        named = Q(Q(counterpart=None) | Q(counterpart__in=persons), subject__in=persons)
        return self.known.filter(named, of_year(self.year), withdrawn_on=None).order_by(*ORDER)

    @property
    def for_me(self) -> Q:
        """The condition that a duty is the account's to see to: he is to talk, or leads the organisation."""
        return Q(mine=True) | among(self.standing.led, "organisation__") & Q(about_me=False)

    def find(self, pk: int) -> Seen | None:
        """The duty, of any year and also where it is withdrawn, if the account may know of it."""
        return self.known.filter(pk=pk).first()

    def is_for_me(self, duty: Seen) -> bool:
        """As `for_me`, of one row."""
        leads = duty.organisation_id in {place.pk for place in self.standing.led}
        return bool(duty.mine or (leads and not duty.about_me))

    @cached_property
    def rules(self) -> dict[str, values.Rule]:
        """All versions of all rules."""
        return rule_book()

    def lines(self, duties: Iterable[Seen]) -> tuple[DutyLine, ...]:
        """The duties as rows, with a number of queries that does not grow with them."""
        given = list(duties)
        cast = Cast(given, today=self.today, rules=self.rules)
        return tuple(self._line(duty, cast) for duty in given)

    def line(self, duty: Seen) -> DutyLine:
        """One duty as a row."""
        return self.lines([duty])[0]

    def _line(self, duty: Seen, cast: Cast) -> DutyLine:
        tone = str(duty.tone)
        rule = cast.rules.get(duty.version)
        return DutyLine(
            duty=duty,
            rule=rule,
            tone=tone,
            chip=self.chip(tone, duty.due_on),
            whom="、".join(member.name for member in persons_of(duty)),
            note="" if duty.is_pair else cast.post_of(duty),
            title=(rule.title if rule else duty.rule).replace(" ", "　"),
            by=cast.by_whom(duty),
            sentence=cast.who_may(duty),
            organisation=duty.organisation.name,
            is_booked=duty.planned_on is not None and duty.planned_on >= self.today,
            may_book=self.is_for_me(duty),
        )

    def chip(self, tone: str, due_on: date) -> str:
        """State and days: 逾期2天, 临期　剩4天, 临期　今天到期."""
        days = (due_on - self.today).days
        if tone == "overdue":
            return f"逾期{-days}天"
        if tone == "near":
            return f"临期　剩{days}天" if days else "临期　今天到期"
        return TONE_NAMES[tone]

    @cached_property
    def masked(self) -> Duties:
        """The event duties of the year that the account may not know by name."""
        if not self.is_wide:
            _ = self.with_withdrawn  # finds the known ones
        else:
            self._known_events = self.known_events
        masked = masked_duties(self.account, today=self.today, known=self._known_events)
        rows: Duties = masked.with_state(self.today).filter(of_year(self.year)).order_by()
        return rows

    @cached_property
    def sums(self) -> tuple[EventSum, ...]:
        """「事件类必谈」 that the account may not know by name, by organisation."""
        return event_sums(self.masked)


def _as_seen(duties: Duties, today: date) -> Duties:
    seen: Duties = duties.annotate(
        state=state_on(today), tone=tone_on(today), urgency=_urgency_on(today)
    ).select_related("organisation", "subject", "counterpart")
    return seen


class _IsOneOf(Func):
    """Whether the primary key is among so many, written out at once: each key as a value would cost more."""

    def __init__(self, *key: F, keys: tuple[int, ...]) -> None:
        super().__init__(*key or (F("pk"),), output_field=BooleanField())
        self.keys = keys

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, _ = compiler.compile(self.get_source_expressions()[0])
        # Of an empty list SQL would say neither yes nor no.
        return f"{column} IN ({','.join(map(str, self.keys))})" if self.keys else "(1 = 0)", []


def of_year(year: int) -> Q:
    """The condition that a duty, with its state, is in the list of the year.

    The meeting of a year may be held in the next; an event of December calls for a talk in January.
    """
    first = date(year, 1, 1)
    left = Q(anchor__startswith="meeting:", due_on__gte=first, year=year - 1)
    still = Q(state__in=[state.value for state in UNMET]) | Q(due_on__gte=first)
    return Q(year=year) | left | Q(is_event=True, year__lt=year) & still


def tones(duties: Duties) -> Counter[str]:
    """How many of the duties have each tone."""
    return Counter(dict(duties.order_by().values_list("tone").annotate(number=Count("pk"))))


def tones_of(tally: Tally, today: date) -> Counter[str]:
    """How many of the duties in the tally, of which none is withdrawn, have each tone."""
    found: Counter[str] = Counter()
    for _, due_on, state, number in tally:
        is_near = state is DutyState.PENDING and due_on <= today + timedelta(NEAR_DAYS)
        found["near" if is_near else TONE_OF[state]] += number
    return found


def states(duties: Duties) -> Counter[DutyState]:
    """How many of the duties are in each state."""
    found = duties.order_by().values_list("state").annotate(number=Count("pk"))
    return Counter({DutyState(state): number for state, number in found})


def event_sums(duties: Duties) -> tuple[EventSum, ...]:
    """The event duties summed by organisation where some are owed; fewer than three are not split."""
    by_place: dict[str, Counter[DutyState]] = {}
    rows = duties.order_by().values_list("organisation__code", "state").annotate(number=Count("pk"))
    for code, state, number in rows:
        by_place.setdefault(code, Counter())[DutyState(state)] = number
    sums = (_sum(code, by_place[code]) for code in sorted(by_place))
    return tuple(one for one in sums if one.owed)


def _sum(organisation: str, found: Counter[DutyState]) -> EventSum:
    all_of_it = coverage_of(found)
    if all_of_it.owed < LEAST_TO_SPLIT:
        return EventSum(organisation, all_of_it.owed, None, None)
    return EventSum(organisation, all_of_it.owed, all_of_it.met, all_of_it.overdue, all_of_it.waived)


def persons_of(duty: Duty) -> tuple[Member, ...]:
    """Those named, the lower code first."""
    return (duty.counterpart, duty.subject) if duty.counterpart else (duty.subject,)


def of_persons_like(text: str) -> Q:
    """The condition that a duty names somebody whose name, code or pinyin is like the text."""
    return named_like(text, "subject__") | named_like(text, "counterpart__")


def of_family(family: str) -> Q:
    """The condition that a duty's rule is of the family (talks.rules.families)."""
    if family in FAMILIES:
        return Q(rule__startswith=f"{family}.")
    condition = Q()
    for known in FAMILIES:
        condition &= ~Q(rule__startswith=f"{known}.")
    return condition


def due_within(word: str, today: date) -> Q:
    """The condition that a duty is due then, whether it is met or not: past, week, month, later."""
    week, month = today + timedelta(NEAR_DAYS), today + timedelta(MONTH_DAYS)
    conditions = {
        "past": Q(due_on__lt=today),
        "week": Q(due_on__gte=today, due_on__lte=week),
        "month": Q(due_on__gt=week, due_on__lte=month),
        "later": Q(due_on__gt=month),
    }
    return conditions.get(word, Q())


def organisations_of(worklist: Worklist) -> list[Organisation]:
    """The organisations with a duty that the account may know of, in the order of the tree."""
    named = {organisation for organisation, _, _ in worklist.owed}
    masked = [one.organisation for one in worklist.sums]
    found = Organisation.objects.filter(Q(pk__in=named) | Q(code__in=masked))
    return list(found.order_by("path", "code"))
