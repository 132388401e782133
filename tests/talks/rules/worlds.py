"""Small worlds for the tests of the engine: facts written in a line each.

The tree is T (党委) > M (党总支) > B (党支部), and C (党支部) under T. Whoever is mentioned and not described
is a 正式党员 without 入党日期.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from talks.rules.calendar import Calendar
from talks.rules.duties import Duty, evaluate
from talks.rules.facts import (
    Affiliation,
    Department,
    Event,
    EventTrigger,
    Facts,
    Liaison,
    Meeting,
    Member,
    Organisation,
    PeriodTrigger,
    Portfolio,
    Post,
    Rule,
    Talk,
    Waiver,
)
from talks.rules.presets import ALL, BUILT_IN, PRESETS
from talks.rules.words import DayUnit, Pairing, TalkerRole, TalkState

TREE = (
    Organisation("T", "总局党委", "党委"),
    Organisation("M", "中心党总支", "党总支", "T"),
    Organisation("B", "一支部", "党支部", "M"),
    Organisation("C", "二支部", "党支部", "T"),
)
SHELVES: dict[type, str] = {
    Organisation: "organisations",
    Department: "departments",
    Member: "members",
    Affiliation: "affiliations",
    Post: "posts",
    Portfolio: "portfolios",
    Liaison: "liaisons",
    Event: "events",
    Meeting: "meetings",
    Rule: "rules",
    Talk: "talks",
    Waiver: "waivers",
}
Fact = (
    Organisation
    | Department
    | Member
    | Affiliation
    | Post
    | Portfolio
    | Liaison
    | Event
    | Meeting
    | Rule
    | Talk
    | Waiver
)


def day(text: str) -> date:
    """A day of 2026 as `3-5`, or any as `2025-3-5`."""
    parts = [int(part) for part in text.split("-")]
    return date(*parts) if len(parts) == 3 else date(2026, *parts)


def maybe(text: str | None) -> date | None:
    return day(text) if text else None


def world(*parts: Fact, built_in: bool = False, calendar: Calendar | None = None) -> Facts:
    """The tree and the parts as facts; an organisation given replaces the one of its code in the tree."""
    shelves: dict[str, list[Any]] = {name: [] for name in SHELVES.values()}
    for part in parts:
        shelves[SHELVES[type(part)]].append(part)
    own = {organisation.code for organisation in shelves["organisations"]}
    shelves["organisations"] += [organisation for organisation in TREE if organisation.code not in own]
    known = {member.code for member in shelves["members"]}
    mentioned: set[str] = set()
    for name in ("affiliations", "posts", "portfolios", "liaisons", "events"):
        mentioned |= {fact.member for fact in shelves[name]}
    mentioned |= {fact.committee_member for fact in shelves["liaisons"]}
    for talk in shelves["talks"]:
        mentioned |= {*talk.talkers, *talk.subjects}
    shelves["members"] += [Member(code, f"{code}同志", "正式党员") for code in sorted(mentioned - known)]
    if built_in:
        shelves["rules"] += BUILT_IN
    return Facts(**{name: tuple(rows) for name, rows in shelves.items()}, calendar=calendar or Calendar())


def party(codes: str, organisation: str, since: str = "", until: str = "") -> list[Affiliation]:
    """Affiliations of the members, whose codes stand with spaces between them."""
    return [Affiliation(code, organisation, maybe(since), maybe(until)) for code in codes.split()]


def post(
    code: str,
    organisation: str,
    flags: str = "",
    department: str | None = None,
    since: str = "",
    until: str = "",
) -> Post:
    """`flags`: letters of t(eam) p(rincipal, who is of the team) h(ead) k(ey)."""
    return Post(
        code,
        organisation,
        department,
        f"{flags}职",
        team="t" in flags or "p" in flags,
        principal="p" in flags,
        head="h" in flags,
        key="k" in flags,
        since=maybe(since) or date(2000, 1, 1),
        until=maybe(until),
    )


def talk(
    code: str,
    held_on: str,
    talkers: str,
    subjects: str,
    state: TalkState = TalkState.RECORDED,
    *,
    external: bool = False,
    recorder: str | None = None,
) -> Talk:
    return Talk(
        code, day(held_on), state, tuple(talkers.split()), tuple(subjects.split()), external, recorder
    )


def event(code: str, member: str, kind: str, happened_on: str, known_on: str = "") -> Event:
    return Event(code, member, kind, day(happened_on), maybe(known_on))


def preset(code: str, **changes: Any) -> Rule:
    """A built-in or switchable rule, changed; by default in force from 2016 on."""
    changes.setdefault("effective_from", date(2016, 1, 1))
    return replace(PRESETS[code], **changes)


def yearly(pairing: Pairing, months: int = 12, **changes: Any) -> Rule:
    """A period rule of T's own, for all kinds, from 2020 on."""
    rule = Rule(
        code="own.period",
        title="本级周期规则",
        organisation="T",
        applies_to=frozenset(ALL),
        trigger=PeriodTrigger(months),
        days=None,
        unit=None,
        pairing=pairing,
        talker_role=None,
        one_to_one=False,
        effective_from=date(2020, 1, 1),
    )
    return replace(rule, **changes)


def on_event(
    role: TalkerRole, days: int = 7, unit: DayUnit = DayUnit.NATURAL, kind: str = "其他", **changes: Any
) -> Rule:
    """An event rule of T's own, for all kinds, from 2020 on."""
    rule = yearly(
        Pairing.EVENT,
        code="own.event",
        title="本级事件规则",
        trigger=EventTrigger((kind,)),
        days=days,
        unit=unit,
        talker_role=role,
    )
    return replace(rule, **changes)


def owed(facts: Facts, as_of: str, *organisations: str, year: int | None = 2026) -> tuple[Duty, ...]:
    """The duties at `as_of`, of all organisations of the facts where none is named."""
    codes = organisations or tuple(organisation.code for organisation in facts.organisations)
    return evaluate(facts, organisations=codes, as_of=day(as_of), year=year)


def persons(duties: tuple[Duty, ...]) -> list[str]:
    """Whom the duties name, as `subject` or `subject-counterpart`, in their order."""
    return [f"{duty.subject}-{duty.counterpart}" if duty.is_pair else duty.subject for duty in duties]
