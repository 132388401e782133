"""抽查: a random sample that anybody can draw again by its seed."""

from collections.abc import Iterable
from hashlib import sha256
from heapq import nsmallest

MOST = 50


def drawn(codes: Iterable[str], *, size: int, seed: str) -> list[str]:
    """So many of the codes, by chance that the seed alone decides; in the order in which they were drawn.

    The place of a code is the SHA-256 of seed and code: the same seed draws the same again in whatever order
    the codes come, and a code more or less moves no other.
    """
    return nsmallest(size, codes, key=lambda code: sha256(f"{seed}\n{code}".encode()).digest())
