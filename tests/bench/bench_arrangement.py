"""一键排谈：领导班子 11 人、部门单位主要负责同志 40 人，15 个工作日，5 秒以内

The engine alone, without a database. Measured with one person in charge of each department, as it is; with
everybody talking to every head, which is the most there can be; and where that cannot be done.
"""

from datetime import date, timedelta
from itertools import combinations

from talks.rules.arrangement import Pair, Terms, arrange, shortage_of
from talks.rules.slots import minutes, slots_of
from tests.bench.bench_engine import timed

TEAM, HEADS, DAYS = 11, 40, 15
HOURS = ((minutes(9 * 60), minutes(12 * 60)), (minutes(14 * 60), minutes(17 * 60 + 30)))


def pairs_of_a_meeting(*, everybody: bool = False) -> list[Pair]:
    """三必谈: the principal with the team, the team among themselves, each with his heads."""
    team = [f"T{number:02}" for number in range(TEAM)]
    pairs = [
        Pair(0 if one == team[0] else 1, f"{one}+{other}", one, other) for one, other in combinations(team, 2)
    ]
    for number in range(HEADS):
        over = team if everybody else [team[1 + number % (TEAM - 1)]]
        pairs += [Pair(3, f"{one}+H{number:02}", one, f"H{number:02}") for one in over]
    return pairs


def terms_of_a_meeting(*, daily_limit: int = 4) -> Terms:
    """Three weeks, half an hour for a talk, ten minutes between two."""
    monday = date(2026, 11, 2)
    days = [monday + timedelta(weeks=number // 5, days=number % 5) for number in range(DAYS)]
    slots = slots_of(days, HOURS, length=minutes(30), gap=minutes(10))
    return Terms(slots, gap=minutes(10), daily_limit=daily_limit)


def run() -> list[tuple[str, str]]:
    """Seconds for an arrangement, and for what is said where it cannot be done."""
    rows = []
    for what, everybody, limit in (
        ("各管各的部门，每人每天至多 4 次", False, 4),
        ("每人每天至多 1 次（班子成员之间恰好排满）", False, 1),
        ("每名班子成员与每名负责同志都谈，至多 4 次", True, 4),
        ("同上，至多 3 次，排不下", True, 3),
        ("同上，至多 1 次，排不下", True, 1),
    ):
        pairs, terms = pairs_of_a_meeting(everybody=everybody), terms_of_a_meeting(daily_limit=limit)
        laying, found = timed(lambda pairs=pairs, terms=terms: arrange(pairs, terms))
        telling, short = timed(lambda pairs=pairs, terms=terms, found=found: shortage_of(pairs, terms, found))
        told = (
            f"，排不下 {len(found.left)} 次，需增加 {short.enough} 个时段（至少 {short.least} 个）"
            if short
            else ""
        )
        rows.append((f"{what}：{len(pairs)} 次", f"{laying + telling:.2f} 秒{told}"))
    return rows
