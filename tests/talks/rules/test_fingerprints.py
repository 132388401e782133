"""Fingerprints of records: what they tell of two texts, and what they do not tell."""

from random import Random

import pytest

from talks.rules.fingerprints import Near, fingerprint_of, is_thin, near_ones
from talks.rules.likeness import Degree, Words, likeness, shingles, words_of

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
LIMITS = {"near": 80, "very_near": 95}
TEXT = "谈到测站夜间值班人手不足，希望汛期以前排班能够错开，同志表示愿意带新同志熟悉仪器。"


def made(text: str, key: bytes = KEY, *names: str) -> bytes:
    return fingerprint_of(words_of(text, names), key, is_thin=False)


def a_text(random: Random, length: int = 300) -> str:
    return "".join(chr(0x4E00 + random.randrange(3000)) for _ in range(length))


def changed(text: str, random: Random, places: int) -> str:
    signs = list(text)
    for place in random.sample(range(len(signs)), places):
        signs[place] = chr(0x4E00 + random.randrange(3000))
    return "".join(signs)


def test_the_same_words_are_identical_whatever_names_dates_and_signs_stand_between() -> None:
    one = made("2026年3月5日与沈若楠同志谈话，" + TEXT, KEY, "沈若楠")
    other = made("2026年4月9日与梁志强同志谈话：" + TEXT, KEY, "梁志强")
    assert one == other
    assert near_ones([one, other], **LIMITS) == [Near(0, 1, 100, Degree.IDENTICAL)]


def test_other_words_are_not_near() -> None:
    assert near_ones([made(TEXT), made("祝贺政治生日，回顾入党以来的经历。")], **LIMITS) == []


def test_nothing_is_near_to_an_empty_text() -> None:
    assert made("，。") == b""
    assert near_ones([b"", b"", made(TEXT), b""], **LIMITS) == []
    assert near_ones([], **LIMITS) == []


def test_each_is_told_once_with_the_one_it_resembles_most() -> None:
    random = Random(7)
    text = a_text(random)
    rather, very = changed(text, random, 8), changed(text, random, 1)
    other = a_text(random)
    found = near_ones([made(one) for one in (rather, other, text, very)], **LIMITS)
    assert [(one.older, one.younger) for one in found] == [(0, 2), (2, 3)]
    assert found[1].degree == Degree.VERY_NEAR
    # 300 signs, 298 runs, one sign changed: three runs are others, 295 of 301 in common.
    assert likeness(words_of(text), words_of(very)) == 295 / 301
    assert abs(found[1].percent - 98) <= 3


def test_not_the_same_is_never_a_hundred_percent() -> None:
    random = Random(3)
    text = a_text(random, 20_000)
    found = near_ones([made(text), made(text + "完")], **LIMITS)
    assert [(one.percent, one.degree) for one in found] == [(99, Degree.VERY_NEAR)]


def test_the_estimate_is_near_the_truth() -> None:
    random = Random(11)
    off = []
    for places in range(0, 14, 2):
        text = a_text(random)
        other = changed(text, random, places)
        found = near_ones([made(text), made(other)], near=1, very_near=95, margin=0)
        off.append(abs(found[0].percent / 100 - likeness(words_of(text), words_of(other))))
    # Three times the error of 256 values at 0.8.
    assert max(off) < 3 * 0.4 / 16
    assert sum(off) / len(off) < 0.03


def test_a_copy_of_thousands_is_found_in_each_of_them() -> None:
    random = Random(5)
    text = a_text(random, 120)
    copies = [made(changed(text, random, 1)) for _ in range(300)]
    found = near_ones(copies, **LIMITS)
    assert {one.younger for one in found} == set(range(1, 300))
    assert all(one.older < one.younger for one in found)


def test_another_key_makes_another_fingerprint_in_which_nothing_is_alike() -> None:
    assert len(made(TEXT)) == len(made(TEXT, OTHER_KEY)) == len(made("短")) == 1 + 8 + 256
    assert near_ones([made(TEXT), made(TEXT, OTHER_KEY)], near=10, very_near=95, margin=0) == []


def test_a_byte_does_not_lead_back_to_a_run() -> None:
    """Who may enter texts and look at their fingerprints cannot make a table of runs."""
    random = Random(2)
    runs = {a_text(random, 3) for _ in range(4000)}
    firsts = [fingerprint_of(Words(run, frozenset({run})), KEY, is_thin=False)[9] for run in runs]
    shared = [firsts.count(byte) for byte in range(256)]
    # 4,000 runs share 256 bytes: about 16 each.
    assert min(shared) > 0
    assert max(shared) < 40


def test_the_order_of_the_runs_makes_no_difference() -> None:
    words = words_of(TEXT)
    again = Words(words.text, frozenset(sorted(shingles(words.text), reverse=True)))
    assert fingerprint_of(words, KEY, is_thin=False) == fingerprint_of(again, KEY, is_thin=False)


@pytest.mark.parametrize("thin", [True, False])
def test_that_a_text_is_thin_is_noted(thin: bool) -> None:
    assert is_thin(fingerprint_of(words_of("表现良好"), KEY, is_thin=thin)) is thin
    assert not is_thin(b"")
