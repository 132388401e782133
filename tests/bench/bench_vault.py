"""保险库：每秒密封、打开、换钥多少个值

Ratios to hashing the same text with SHA-256, since the machine is shared.
"""

import hashlib
from collections.abc import Callable
from time import perf_counter

from vault.rules.envelope import Algorithm, Place, rewrap, seal, unseal
from vault.rules.keys import KeyRing, key_of

TIMES = 5_000
TEXT = "谈话内容" * 100


def run() -> list[tuple[str, str]]:
    """What was measured, and the figure."""
    plain = TEXT.encode()
    old, new = key_of(bytes(32)), key_of(bytes(range(32)))
    place = Place("talks_talk", "content", "T2026-000123")
    rows: list[tuple[str, str]] = []
    base = _seconds(lambda: hashlib.sha256(plain).digest())
    for algorithm in Algorithm:
        envelope = seal(plain, place=place, key=old, algorithm=algorithm)
        keys = KeyRing((new, old))
        for what, act in (
            ("密封", lambda a=algorithm: seal(plain, place=place, key=new, algorithm=a)),
            ("打开", lambda e=envelope, k=keys: unseal(e, place=place, keys=k)),
            ("换钥", lambda e=envelope, k=keys, a=algorithm: rewrap(e, place=place, keys=k, algorithm=a)),
        ):
            seconds = _seconds(act)
            rows.append(
                (
                    f"{algorithm.name} {what}（{len(plain)} 字节）",
                    f"{TIMES / seconds:,.0f} 个/秒，SHA-256 的 {seconds / base:.0f} 倍",
                )
            )
    return rows


def _seconds(act: Callable[[], object]) -> float:
    """The best of three runs."""
    best = float("inf")
    for _ in range(3):
        start = perf_counter()
        for _ in range(TIMES):
            act()
        best = min(best, perf_counter() - start)
    return best
