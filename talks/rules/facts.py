"""The facts of rules.md section 1 as plain values, and the triggers of section 3."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date

from talks.rules.calendar import Calendar
from talks.rules.words import DayUnit, MeetingKind, Pairing, TalkerRole, TalkState, split_list


@dataclass(frozen=True, slots=True)
class Organisation:
    """A 党组织; `kind` is one of branches.rules.OrganisationKind."""

    code: str
    name: str
    kind: str
    superior: str | None = None
    established: date | None = None
    dissolved: date | None = None


@dataclass(frozen=True, slots=True)
class Department:
    code: str
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Member:
    code: str
    name: str
    category: str
    joined_on: date | None = None


@dataclass(frozen=True, slots=True)
class Affiliation:
    member: str
    organisation: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Post:
    member: str
    organisation: str
    department: str | None
    title: str
    team: bool = False
    principal: bool = False
    head: bool = False
    key: bool = False
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    member: str
    department: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Liaison:
    committee_member: str
    member: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    code: str
    member: str
    kind: str
    happened_on: date
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    organisation: str
    kind: str
    year: int
    meeting_on: date
    talks_from: date | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    code: str
    held_on: date
    state: TalkState
    talkers: tuple[str, ...]
    subjects: tuple[str, ...]
    external_talker: bool = False
    recorder: str | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """An approved waiver; of a pair `subject` and `counterpart` may stand in either order."""

    rule: str
    organisation: str
    anchor: str
    subject: str
    counterpart: str | None
    approved_on: date


@dataclass(frozen=True, slots=True)
class MeetingTrigger:
    """会议:KIND."""

    kinds: tuple[MeetingKind, ...]


@dataclass(frozen=True, slots=True)
class PeriodTrigger:
    """周期:MONTHS (1, 3, 6 or 12)."""

    months: int


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """事件:KIND,KIND; the days and their unit stand in the rule."""

    kinds: tuple[str, ...]


Trigger = MeetingTrigger | PeriodTrigger | EventTrigger
PERIODS = (1, 3, 6, 12)
TRIGGER_UNREADABLE = "触发应写作「会议:民主生活会」「周期:12」或「事件:家庭变故,工作挫折」"


def parse_trigger(text: str) -> Trigger:
    """触发 as written in the workbook (会议:…, 周期:…, 事件:…). ValueError, in Chinese, for anything else."""
    kind, _, rest = (part.strip() for part in text.replace("：", ":").partition(":"))
    parts = split_list(rest)
    if not parts:
        raise ValueError(TRIGGER_UNREADABLE)
    if kind == "会议":
        unknown = [part for part in parts if part not in list(MeetingKind)]
        if unknown:
            raise ValueError(f"会议类型「{unknown[0]}」不存在")
        return MeetingTrigger(tuple(MeetingKind(part) for part in parts))
    if kind == "周期":
        months = unicodedata.normalize("NFKC", rest)
        if months not in {str(period) for period in PERIODS}:
            raise ValueError("周期应为1、3、6或12个月")
        return PeriodTrigger(int(months))
    if kind == "事件":
        return EventTrigger(parts)
    raise ValueError(TRIGGER_UNREADABLE)


def format_trigger(trigger: Trigger) -> str:
    """The reverse of `parse_trigger`."""
    match trigger:
        case MeetingTrigger(kinds):
            return f"会议:{','.join(kinds)}"
        case PeriodTrigger(months):
            return f"周期:{months}"
        case EventTrigger(kinds):
            return f"事件:{','.join(kinds)}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. `organisation` is its maker; None for the built-in ones, which hold all over."""

    code: str
    title: str
    organisation: str | None
    applies_to: frozenset[str]
    trigger: Trigger
    days: int | None
    unit: DayUnit | None
    pairing: Pairing
    talker_role: TalkerRole | None
    one_to_one: bool
    effective_from: date
    effective_to: date | None = None
    basis: str = ""

    @property
    def heading(self) -> str:
        """The title as a screen shows it: an ideographic space between its two parts."""
        return self.title.replace(" ", "　")

    @property
    def version(self) -> str:
        """What the version is known by: `code|maker|first day`; a built-in rule has no maker."""
        return f"{self.code}|{self.organisation or ''}|{self.effective_from.isoformat()}"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Facts:
    """Everything that an evaluation reads; the order within the tuples means nothing.

    Compared by identity: an index over them is kept for as long as they live (talks.rules.index).
    """

    organisations: tuple[Organisation, ...] = ()
    departments: tuple[Department, ...] = ()
    members: tuple[Member, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    posts: tuple[Post, ...] = ()
    portfolios: tuple[Portfolio, ...] = ()
    liaisons: tuple[Liaison, ...] = ()
    events: tuple[Event, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    rules: tuple[Rule, ...] = ()
    talks: tuple[Talk, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
