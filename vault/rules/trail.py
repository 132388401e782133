"""The chain of the audit trail: what an entry's HMAC covers, and the first entry at which a trail was
touched.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from vault.rules.envelope import Algorithm

START = "0" * 64
HASHES: dict[Algorithm, type[hashes.HashAlgorithm]] = {
    Algorithm.AES_256_GCM: hashes.SHA256,
    Algorithm.SM4_GCM: hashes.SM3,
}


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
    HEAD = "与末条登记不符"
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
    entries: Sequence[Entry] | Iterable[Entry],
    *,
    key: bytes,
    head: tuple[int, str] | None,
    file_heads: Iterable[tuple[int, str]] | None,
) -> Finding | None:
    """The first entry at which the trail was altered, removed from, inserted into, reordered or cut; None
    if whole.

    `entries` in the order of their numbers; `head` is the last number and HMAC that the database notes;
    `file_heads` the lines of the file outside it, in any order and with gaps (a line may be lost when a
    machine dies between commit and append), None where there is no such file.
    """
    chain = list(entries)
    finding = _break_in(chain, key)
    if finding:
        return finding
    last = (len(chain), chain[-1].mac if chain else START)
    noted = dict(file_heads) if file_heads is not None else {}
    latest = max([*noted, head[0] if head else 0])
    if latest > len(chain):
        return Finding(len(chain) + 1, Fault.TRUNCATED)
    for number in sorted(noted):
        if not hmac.compare_digest(noted[number], chain[number - 1].mac):
            return Finding(number, Fault.ALTERED)
    if (head or (0, START)) != last:
        return Finding(len(chain), Fault.HEAD)
    if chain and file_heads is None:
        return Finding(1, Fault.NO_HEAD_FILE)
    return None


def _break_in(chain: Sequence[Entry], key: bytes) -> Finding | None:
    """The first place where an entry does not prove itself, or does not follow the one before it."""
    previous = START
    for index, entry in enumerate(chain):
        if entry.number != index + 1:
            return Finding(index + 1, Fault.REMOVED)
        genuine = hmac.compare_digest(mac_of(entry, key), entry.mac)
        if genuine and entry.previous == previous:
            previous = entry.mac
            continue
        following = chain[index + 1] if index + 1 < len(chain) else None
        if not genuine:
            # A stranger between two neighbours: the next one still follows the one before.
            between = following is not None and following.previous == previous
            return Finding(entry.number, Fault.INSERTED if between else Fault.ALTERED)
        if any(
            other.previous == previous and mac_of(other, key) == other.mac for other in chain[index + 1 :]
        ):
            # Genuine, but out of its place: what belongs here comes later.
            repeated = any(other.mac == entry.mac for other in chain[:index])
            return Finding(entry.number, Fault.INSERTED if repeated else Fault.REORDERED)
        if any(other.mac == entry.mac for other in chain[:index]):
            return Finding(entry.number, Fault.INSERTED)
        return Finding(entry.number, Fault.REMOVED)
    return None
