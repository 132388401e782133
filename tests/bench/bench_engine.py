"""必谈规则：20 个支部、每支部 1,000 名党员、全部内置规则，一年的应谈事项

The facts are made here, without a database: what is measured is the engine alone.
"""

from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter
from typing import TypeVar

from talks.rules.duties import evaluate, explain, responsible
from talks.rules.facts import (
    Affiliation,
    Event,
    Facts,
    Liaison,
    Meeting,
    Member,
    Organisation,
    Post,
    Talk,
)
from talks.rules.index import index_of
from talks.rules.presets import BUILT_IN, EVENT_KINDS
from talks.rules.words import TalkState

BRANCHES, MEMBERS, TEAM = 20, 1_000, 7
YEAR = 2026
AS_OF = date(YEAR, 12, 31)

Result = TypeVar("Result")


def facts(branches: int = BRANCHES, members: int = MEMBERS) -> Facts:
    """A committee and its branches: half the members have had their talks, one in ten an event."""
    organisations = [Organisation("T", "党委", "党委")]
    people: list[Member] = []
    affiliations: list[Affiliation] = []
    posts: list[Post] = [Post("P", "T", None, "书记", team=True, principal=True)]
    liaisons: list[Liaison] = []
    events: list[Event] = []
    meetings: list[Meeting] = []
    talks: list[Talk] = []
    for branch in range(branches):
        at = f"B{branch:03}"
        organisations.append(Organisation(at, f"第{branch}党支部", "党支部", "T"))
        meetings.append(Meeting(at, "组织生活会", YEAR, date(YEAR, 12, 20)))
        codes = [f"{at}-{number:04}" for number in range(members)]
        people += [Member(code, code, "正式党员") for code in codes]
        affiliations += [Affiliation(code, at) for code in codes]
        team, ordinary = codes[:TEAM], codes[TEAM:]
        posts += [
            Post(code, at, None, "支委", team=True, principal=number == 0) for number, code in enumerate(team)
        ]
        for number, code in enumerate(ordinary):
            talker = team[number % TEAM]
            liaisons.append(Liaison(talker, code))
            held_on = date(YEAR, 1, 5) + timedelta(days=number % 350)
            if number % 2:
                talks.append(Talk(f"T{code}", held_on, TalkState.RECORDED, (talker,), (code,)))
                talks.append(Talk(f"U{code}", held_on, TalkState.CONFIRMED, (code,), (ordinary[number - 1],)))
            if number % 10 == 0:
                kind = EVENT_KINDS[number // 10 % len(EVENT_KINDS)]
                events.append(Event(f"E{code}", code, kind, held_on))
    return Facts(
        organisations=tuple(organisations),
        members=tuple(people),
        affiliations=tuple(affiliations),
        posts=tuple(posts),
        liaisons=tuple(liaisons),
        events=tuple(events),
        meetings=tuple(meetings),
        rules=BUILT_IN,
        talks=tuple(talks),
    )


def timed(what: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds, and what came out."""
    start = perf_counter()
    result = what()
    return perf_counter() - start, result


def run() -> list[tuple[str, str]]:
    """Seconds for the index, for all duties of the year, and for what is said about one of them."""
    given = facts()
    codes = [organisation.code for organisation in given.organisations]
    indexing, _ = timed(lambda: index_of(given))
    judging, duties = timed(lambda: evaluate(given, organisations=codes, as_of=AS_OF, year=YEAR))
    again, _ = timed(lambda: evaluate(given, organisations=codes, as_of=AS_OF, year=YEAR))
    sample = duties[:: max(1, len(duties) // 1_000)]
    telling, _ = timed(lambda: [explain(given, duty, as_of=AS_OF) for duty in sample])
    asking, _ = timed(lambda: [responsible(given, duty, today=AS_OF) for duty in sample])
    half = facts(BRANCHES // 2)
    halved, _ = timed(
        lambda: evaluate(half, organisations=codes[: BRANCHES // 2 + 1], as_of=AS_OF, year=YEAR)
    )
    return [
        ("党员、谈话、应谈事项", f"{len(given.members):,} / {len(given.talks):,} / {len(duties):,}"),
        ("建立索引", f"{indexing:.2f} 秒"),
        ("一年的全部应谈事项", f"{judging:.2f} 秒（再算一遍 {again:.2f} 秒，一半支部 {halved:.2f} 秒）"),
        ("说明一项的来由", f"{telling / len(sample) * 1000:.2f} 毫秒"),
        ("查明一项的责任人", f"{asking / len(sample) * 1000:.2f} 毫秒"),
    ]
