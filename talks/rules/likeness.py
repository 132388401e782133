"""How much the words of two records resemble each other (domain.md, what inspectors fault).

Names of those who took part, dates, hours and punctuation are taken out before: a record that was copied
differs in these alone. What is left is compared by its runs of three characters.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SIZE = 3

_NUMBER = "[0-9〇零一二三四五六七八九十]"
# After NFKC: full-width digits and colons are plain ones.
DATES = re.compile(
    # What one can begin with, told first: most characters are passed over at once.
    r"(?=[0-9〇零一二三四五六七八九十星礼周上中下晚])(?:"
    # 2026年3月5日, 二〇二六年, 3月, 三月份; 三年 and 3个月 are no dates.
    rf"[0-9〇零一二三四五六七八九]{{4}}年度?(?:{_NUMBER}{{1,3}}月(?:份|{_NUMBER}{{1,3}}[日号])?)?"
    rf"|{_NUMBER}{{1,3}}月(?:份|{_NUMBER}{{1,3}}[日号])?"
    r"|[0-9]{1,2}日"
    r"|[0-9]{4}[-/.][0-9]{1,2}(?:[-/.][0-9]{1,2})?"
    # 星期三, 周三; not 一周三次.
    r"|(?:星期|礼拜|(?<![0-9一二两三四五六七八九十每])周)[一二三四五六日天]"
    # 10:30, 下午3点, 3点半, 15时20分; 提了3点意见 is no hour.
    r"|(?:上午|中午|下午|晚上)?[0-9]{1,2}:[0-9]{2}"
    r"|(?:上午|中午|下午|晚上)[0-9]{1,2}[时点](?:半|整|[0-9]{1,2}分?)?"
    r"|[0-9]{1,2}[时点](?:半|整|[0-9]{1,2}分))"
)
NOT_WORDS = re.compile(r"[\W_]+")
# Between the parts of a name: 买买提·热合曼 is written with many dots.
BETWEEN = r"[\W_]*"


class Degree(StrEnum):
    """How near two records are, the nearest first."""

    IDENTICAL = "完全相同"
    VERY_NEAR = "高度相似"
    NEAR = "比较相似"


@dataclass(frozen=True, slots=True)
class Words:
    """A text made ready to be compared: what is left of it, and its runs of characters."""

    text: str
    shingles: frozenset[str]


def words_of(content: str, names: Iterable[str] = ()) -> Words:
    """The text without the names (of those who took part), dates, hours, punctuation and letter case."""
    text = normalised(content, names)
    return Words(text, shingles(text))


def normalised(content: str, names: Iterable[str] = ()) -> str:
    """The letters, characters and digits of the text, without the names, the dates and the hours."""
    text = unicodedata.normalize("NFKC", content).casefold()
    patterns = [_pattern(name) for name in sorted(names, key=lambda name: (-len(name), name))]
    if patterns := [pattern for pattern in patterns if pattern]:
        text = re.sub("|".join(patterns), " ", text)
    return NOT_WORDS.sub("", DATES.sub(" ", text))


def shingles(text: str) -> frozenset[str]:
    """The runs of three characters; of a shorter text the text itself, of an empty one none."""
    if len(text) <= SIZE:
        return frozenset({text} if text else ())
    return frozenset(text[start : start + SIZE] for start in range(len(text) - SIZE + 1))


def likeness(one: Words, other: Words) -> float:
    """From 0 (nothing in common) to 1: the runs in common by all runs (Jaccard); 0 where one is empty."""
    common, together = _overlap(one, other)
    return common / together if together else 0.0


def degree_of(one: Words, other: Words, *, near: int, very_near: int) -> Degree | None:
    """How near the two are, by the limits in percent, which themselves are near; None where they are not."""
    if not one.text or not other.text:
        return None
    if one.text == other.text:
        return Degree.IDENTICAL
    common, together = _overlap(one, other)
    if common * 100 >= very_near * together:
        return Degree.VERY_NEAR
    return Degree.NEAR if common * 100 >= near * together else None


def _overlap(one: Words, other: Words) -> tuple[int, int]:
    common = len(one.shingles & other.shingles)
    return common, len(one.shingles) + len(other.shingles) - common


def _pattern(name: str) -> str:
    letters = NOT_WORDS.sub("", unicodedata.normalize("NFKC", name).casefold())
    return BETWEEN.join(map(re.escape, letters))
