"""The chain of the audit trail: what an entry's HMAC covers, and the first entry at which a trail was
touched.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.hazmat.primitives.hmac import HMAC

from vault.rules.envelope import HASHES, Algorithm

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is chained. `detail` is the canonical JSON text, `previous` the HMAC of the entry
    before.
    """

    number: int
    at: datetime
    account: str
    address: str
    action: str
    target_kind: str
    target: str
    detail: str
    succeeded: bool
    algorithm: Algorithm
    previous: str
    mac: str


class Fault(StrEnum):
    """What was done to a trail."""

    ALTERED = "被修改"
    REMOVED = "被删除"
    INSERTED = "是插入的"
    REORDERED = "被调换了次序"
    TRUNCATED = "及以后的条目被截去"
    REGROWN = "及以后的条目曾被截去，后又重写"
    HEAD = "与末条登记不符"
    NO_SECRET = "起无法校验：审计链末端的记录缺失"
    NO_HEAD_FILE = "起的外部登记文件缺失"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first entry, by number, at which the trail is not what was written."""

    number: int
    fault: Fault

    def __str__(self) -> str:
        return f"第 {self.number} 条{self.fault}"


def canonical(detail: Mapping[str, object] | None) -> str:
    """The text of an entry's details: the same for the same details, whatever their order."""
    return json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def mac_of(entry: Entry, key: bytes) -> str:
    """The HMAC (SHA-256, or SM3 beside SM4) over everything in the entry but its number, and the one before
    it.

    The number follows from the place in the chain; without it an entry that was moved still proves itself,
    which tells a change of order from a change of text.
    """
    fields = [
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.account,
        entry.address,
        entry.action,
        entry.target_kind,
        entry.target,
        entry.detail,
        entry.succeeded,
        int(entry.algorithm),
        entry.previous,
    ]
    mac = HMAC(key, HASHES[entry.algorithm]())
    mac.update(json.dumps(fields, ensure_ascii=False).encode())
    return mac.finalize().hex()


def first_fault(
    entries: Iterable[Entry],
    *,
    key: bytes,
    head: tuple[int, str] | None,
    file_heads: Iterable[tuple[int, str]] | None,
) -> Finding | None:
    """The first entry at which the trail was altered, removed from, inserted into, reordered or cut; None
    if whole.

    `entries` in the order of their numbers, read one by one; `head` is the last number and HMAC that the
    database notes; `file_heads` the lines of the file outside it, in any order and with gaps (a line may be
    lost when a machine dies between commit and append), None where there is no such file.
    """
    noted, regrown = _lines(file_heads or ())
    count, last, strange = 0, START, 0
    seen: set[str] = set()
    stream = iter(entries)
    for entry in stream:
        if entry.number != count + 1 or entry.previous != last or not _is_genuine(entry, key):
            return _break_at(entry, stream, seen, number=count + 1, previous=last, key=key)
        count, last = entry.number, entry.mac
        seen.add(last)
        if not strange and noted.get(count, last) != last:
            strange = count
    if max([*noted, head[0] if head else 0]) > count:
        return Finding(count + 1, Fault.TRUNCATED)
    if regrown and (not strange or regrown <= strange):
        return Finding(regrown, Fault.REGROWN)
    if strange:
        return Finding(strange, Fault.ALTERED)
    if (head or (0, START)) != (count, last):
        return Finding(count, Fault.HEAD)
    if count and file_heads is None:
        return Finding(1, Fault.NO_HEAD_FILE)
    return None


def _lines(file_heads: Iterable[tuple[int, str]]) -> tuple[dict[int, str], int]:
    """What the file notes by number, and the first number that it notes twice and differently (0: none).

    One number is entered once in the life of a trail. Two HMACs tell that its tail was cut and has grown
    again, which neither the chain nor the head shows.
    """
    noted: dict[int, str] = {}
    regrown = 0
    for number, mac in file_heads:
        if noted.setdefault(number, mac) != mac:
            regrown = min(regrown or number, number)
    return noted, regrown


def _is_genuine(entry: Entry, key: bytes) -> bool:
    return hmac.compare_digest(mac_of(entry, key), entry.mac)


def _break_at(
    entry: Entry, following: Iterator[Entry], seen: Set[str], *, number: int, previous: str, key: bytes
) -> Finding:
    """What was done to an entry that does not prove itself, or does not follow the one before it.

    `seen` are the HMACs of the entries before, `number` and `previous` what was expected of this one.
    """
    if entry.number != number:
        return Finding(number, Fault.REMOVED)
    rest = list(following)
    if not _is_genuine(entry, key):
        # A stranger between two neighbours: the next one still follows the one before.
        between = bool(rest) and rest[0].previous == previous
        return Finding(number, Fault.INSERTED if between else Fault.ALTERED)
    if entry.mac in seen:
        return Finding(number, Fault.INSERTED)
    # Genuine, but out of its place: does what belongs here come later?
    later = any(other.previous == previous and _is_genuine(other, key) for other in rest)
    return Finding(number, Fault.REORDERED if later else Fault.REMOVED)
