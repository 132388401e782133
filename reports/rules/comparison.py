"""Two texts side by side: which passages stand in both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# So many characters in a row are a passage; fewer are words that any two records share.
LEAST = 8
# Longer texts are compared sentence by sentence: character by character it would take minutes.
MOST_CHARACTERS = 4000
SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text, and whether it stands in the other text too."""

    text: str
    is_like: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two texts in pieces that, put together, are the texts again."""

    left: tuple[Passage, ...]
    right: tuple[Passage, ...]


def side_by_side(left: str, right: str) -> SideBySide:
    """The texts with the passages marked that stand in both in the same order."""
    if max(len(left), len(right)) <= MOST_CHARACTERS:
        return _marked(left, right)
    return _marked(SENTENCE.findall(left), SENTENCE.findall(right))


def _marked(left: Sequence[str], right: Sequence[str]) -> SideBySide:
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    like = [block for block in blocks if len("".join(left[block.a : block.a + block.size])) >= LEAST]
    return SideBySide(
        left=_pieces(left, [(block.a, block.size) for block in like]),
        right=_pieces(right, [(block.b, block.size) for block in like]),
    )


def _pieces(text: Sequence[str], like: Sequence[tuple[int, int]]) -> tuple[Passage, ...]:
    pieces, at = [], 0
    for start, size in like:
        pieces += [
            Passage("".join(text[at:start]), False),
            Passage("".join(text[start : start + size]), True),
        ]
        at = start + size
    pieces.append(Passage("".join(text[at:]), False))
    return tuple(piece for piece in pieces if piece.text)
