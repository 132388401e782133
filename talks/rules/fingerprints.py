"""Fingerprints: how much the words of two records resemble each other, without a word of either (MinHash).

A fingerprint is made of the runs of three characters that likeness.py compares. Of 256 orders in which all
runs could stand, each drawn from the key, it notes which run of the record comes first, as one byte; two
records agree in about as many bytes as they have runs in common (Jaccard). The records stay closed.

What a stolen fingerprint tells. It is sealed as content is: without the vault's key nothing, not even which
records are alike. Who also had the key under which it was opened, but not the one it was made with: which
records are alike, and no word, for a byte is all that is left of a run (256 runs share it, so that a table
of guessed runs does not lead back) and all records have the same length. Who has both keys can try out
whether a text that he guesses as a whole was recorded; he could open the record itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, shake_256

import numpy as np
import numpy.typing as npt

from talks.rules.likeness import Degree, Words

# Counted up when fingerprints are made in another way: older ones are then made anew.
VERSION = 1
VALUES = 256
DIGEST = 8
# Two records meet where a band of values is the same: of those 0.9 alike 1 in 60 million never meets,
# of those 0.8 alike 3 in 1,000.
BAND = 8
# With how many records before it, in each band, a record is compared: a text of thousands costs no more.
REACH = 8
# An estimate errs, at 0.8 by 0.025 (one in three by more): what is told is near all the same.
MARGIN = 0.03

Rows = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Near:
    """Of two records, by their place in the order of age, the younger and the one it resembles most."""

    older: int
    younger: int
    percent: int
    degree: Degree


def fingerprint_of(words: Words, key: bytes, *, is_thin: bool) -> bytes:
    """The fingerprint: a mark, the digest of the whole text, and the values; empty of an empty text.

    `is_thin`: what checks.py says of the text, which cannot be asked of it afterwards.
    """
    if not words.text:
        return b""
    multiplier, summand = _orders(key)
    runs = b"".join(_hash(run, key) for run in sorted(words.shingles))
    first: Numbers = (np.frombuffer(runs, np.uint64)[:, None] * multiplier + summand).min(axis=0)
    # The first one of an order is a small number: its low digits tell it apart, brought to the top.
    values: Rows = ((first * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56)).astype(np.uint8)
    return bytes([is_thin]) + _hash(words.text, key) + values.tobytes()


def is_thin(fingerprint: bytes) -> bool:
    """Whether nothing but set phrases was in the text, or it was very short without an end of the talk."""
    return bool(fingerprint[:1].strip(b"\0"))


def near_ones(
    fingerprints: Sequence[bytes], *, near: int, very_near: int, margin: float = MARGIN
) -> list[Near]:
    """Of each record that resembles an older one, the older one that it resembles most.

    `fingerprints` in the order of age, the oldest first; `near` and `very_near` in percent. An empty one
    resembles nothing. Time grows with their number only, however many are alike.
    """
    places = np.array([place for place, one in enumerate(fingerprints) if one], np.int64)
    if not places.size:
        return []
    rows = np.frombuffer(b"".join(filter(None, fingerprints)), np.uint8).reshape(len(places), -1)
    digests = np.ascontiguousarray(rows[:, 1 : 1 + DIGEST]).view(np.uint64).ravel()
    _, first, group = np.unique(digests, return_index=True, return_inverse=True)
    # Of records with the same words only the oldest is compared with others.
    oldest = np.sort(first)
    found = [
        Near(int(places[first[group[place]]]), int(places[place]), 100, Degree.IDENTICAL)
        for place in np.setdiff1d(np.arange(len(rows)), oldest)
    ]
    for older, younger, alike in _nearest(
        np.ascontiguousarray(rows[oldest, 1 + DIGEST :]), near / 100 + margin
    ):
        degree = Degree.VERY_NEAR if alike * 100 >= very_near else Degree.NEAR
        # Not the same words, however near: 100 % is said of identical ones only.
        percent = min(round(alike * 100), 99)
        found.append(Near(int(places[oldest[older]]), int(places[oldest[younger]]), percent, degree))
    return sorted(found, key=lambda one: one.younger)


def _nearest(rows: Rows, least: float) -> Iterator[tuple[int, int, float]]:
    """Older, younger and their likeness, of each row that has an older one at least so much alike."""
    best, partner = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
    for band in rows.view(np.uint64).T:
        # Stable: rows with the same band stay in the order of age.
        order = np.argsort(band, kind="stable")
        bands = band[order]
        for step in range(1, min(REACH, len(rows) - 1) + 1):
            same = np.flatnonzero(bands[step:] == bands[:-step])
            if not same.size:
                break
            older, younger = order[same], order[same + step]
            alike = _likeness(rows, older, younger)
            better = alike > best[younger]
            best[younger[better]], partner[younger[better]] = alike[better], older[better]
    for place in np.flatnonzero(best >= least).tolist():
        yield int(partner[place]), place, float(best[place])


def _likeness(
    rows: Rows, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The share of the values in which they agree, less what agrees by chance, one in 256."""
    agree = np.concatenate(
        [
            np.count_nonzero(rows[one[start : start + 20_000]] == rows[other[start : start + 20_000]], axis=1)
            for start in range(0, len(one), 20_000)
        ]
    )
    return (agree / VALUES - 1 / 256) / (1 - 1 / 256)


@lru_cache(maxsize=2)
def _orders(key: bytes) -> tuple[Numbers, Numbers]:
    """What is multiplied and added to put the runs into each of the orders."""
    drawn = np.frombuffer(shake_256(b"orders" + key).digest(VALUES * 16), np.uint64)
    return drawn[:VALUES] | np.uint64(1), drawn[VALUES:]


def _hash(text: str, key: bytes) -> bytes:
    return blake2b(text.encode(), digest_size=DIGEST, key=key).digest()
