"""Which report a file says it is, altered or not: by the number in its description."""

import re
import zlib
from collections.abc import Iterator

PLAIN = re.compile(rb"BG-[0-9]{4}-[0-9]{4,8}")
# The same as UTF-16, in which PDF writes Chinese: every second byte is a zero.
WIDE = re.compile(rb"B\0G\0-\0(?:[0-9]\0){4}-\0(?:[0-9]\0){3,7}[0-9]")
STREAM = re.compile(rb"stream\r?\n")
# Where a document of Word or Excel describes itself: the head of this member of the container to its name.
CONTAINER = b"PK\x03\x04"
DESCRIPTION = re.compile(rb"PK\x03\x04.{4}(?P<method>..).{16}..(?P<extra>..)docProps/core\.xml", re.DOTALL)
STORED, DEFLATED = 0, 8
# A file that unfolds to more is looked through no further: it comes from anybody.
MOST_DESCRIBED, MOST_DESCRIPTIONS = 64 << 10, 10
MOST_UNFOLDED, MOST_OF_ONE, MOST_FOLDED, MOST_STREAMS = 32 << 20, 1 << 20, 256 << 10, 2000


def number_in(file: bytes) -> str:
    """The number that the file names, in the open or in what it has folded up; empty where it names none."""
    for part in _parts(file):
        found = PLAIN.search(part) or WIDE.search(part)
        if found:
            return found.group().replace(b"\0", b"").decode()
    return ""


def _parts(file: bytes) -> Iterator[bytes]:
    if file.startswith(CONTAINER):
        yield from _descriptions(file)
        return
    yield file
    left = MOST_UNFOLDED
    for count, start in enumerate(STREAM.finditer(file)):
        if left <= 0 or count == MOST_STREAMS:
            return
        try:
            # What is behind the stream is copied by zlib: it gets little of it.
            folded = memoryview(file)[start.end() : start.end() + MOST_FOLDED]
            part = zlib.decompressobj().decompress(folded, min(MOST_OF_ONE, left))
        except zlib.error:
            continue
        left -= len(part)
        yield part


def _descriptions(file: bytes) -> Iterator[bytes]:
    """What a document of Word or Excel says of itself; nothing else in the container is unfolded."""
    for found, _ in zip(DESCRIPTION.finditer(file), range(MOST_DESCRIPTIONS), strict=False):
        extra = int.from_bytes(found["extra"], "little")
        member = memoryview(file)[found.end() + extra :][:MOST_FOLDED]
        method = int.from_bytes(found["method"], "little")
        if method == STORED:
            yield bytes(member[:MOST_DESCRIBED])
        elif method == DEFLATED:
            try:
                yield zlib.decompressobj(-zlib.MAX_WBITS).decompress(member, MOST_DESCRIBED)
            except zlib.error:
                continue
