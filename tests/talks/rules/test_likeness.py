"""Likeness of words, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talks.rules.likeness import Degree, degree_of, likeness, normalised, shingles, words_of

TEXTS = st.text(alphabet=st.sampled_from("值班排错开测站老人住院,。 3月5日周一abＡ１·"), max_size=60)


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("谈到测站值班，希望排班能错开。", (), "谈到测站值班希望排班能错开"),
        ("２０２６年３月５日　下午３：３０，江平同志谈到值班", ("江平",), "同志谈到值班"),
        ("二〇二六年三月五日与沈若楠谈。", ("沈若楠",), "与谈"),
        ("2026-03-05 10:30 谈", (), "谈"),
        ("3月5日（周四）3点半谈", (), "谈"),
        ("3月份谈过，5日又谈", (), "谈过又谈"),
        ("2025年度的计划", (), "的计划"),
        # These are no dates.
        ("工作三年来提了3点意见，一周三次巡查，3个月一次", (), "工作三年来提了3点意见一周三次巡查3个月一次"),
        ("有一点想法", (), "有一点想法"),
        # A long name is taken out before a short one that stands in it.
        ("江平安谈", ("江平", "江平安"), "谈"),
        ("买买提•热合曼谈", ("买买提·热合曼",), "谈"),
        ("ABC abc", (), "abcabc"),
        ("……！", (), ""),
        ("", ("江平",), ""),
        # A name that is nothing but punctuation takes nothing out.
        ("谈", ("·", ""), "谈"),
    ],
)
def test_what_is_left_of_a_text(text: str, names: tuple[str, ...], left: str) -> None:
    assert normalised(text, names) == left


def test_runs_of_three() -> None:
    assert shingles("值班排班") == {"值班排", "班排班"}
    assert shingles("值班") == {"值班"}
    assert shingles("") == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # abc bcd cde / abc bcd cdf: 2 of 4.
        ("abcde", "abcdf", 2 / 4),
        # abc bcd cde def efg / bcd cde def: 3 of 5.
        ("abcdefg", "bcdef", 3 / 5),
        ("abcde", "vwxyz", 0.0),
        ("值班", "值班。", 1.0),
        ("", "", 0.0),
        ("", "值班", 0.0),
    ],
)
def test_likeness_by_hand(one: str, other: str, expected: float) -> None:
    assert likeness(words_of(one), words_of(other)) == expected


# 22 different letters have 20 runs; with the last cut off k runs less are in common.
LETTERS = "abcdefghijklmnopqrstuv"


@pytest.mark.parametrize(
    ("other", "degree"),
    [
        (LETTERS, Degree.IDENTICAL),
        # 19 of 20: exactly 0.95.
        (LETTERS[:-1], Degree.VERY_NEAR),
        # 18 of 20 = 0.90, 16 of 20 exactly 0.80, 15 of 20 = 0.75.
        (LETTERS[:-2], Degree.NEAR),
        (LETTERS[:-4], Degree.NEAR),
        (LETTERS[:-5], None),
        # The last letter another: 19 of 21 = 0.905.
        (LETTERS[:-1] + "z", Degree.NEAR),
        ("", None),
    ],
)
def test_the_limits_belong_to_the_degree(other: str, degree: Degree | None) -> None:
    assert degree_of(words_of(LETTERS), words_of(other), near=80, very_near=95) == degree


def test_the_same_runs_are_not_yet_the_same_text() -> None:
    assert likeness(words_of("哈哈哈"), words_of("哈哈哈哈")) == 1.0
    assert degree_of(words_of("哈哈哈"), words_of("哈哈哈哈"), near=80, very_near=95) == Degree.VERY_NEAR


def test_nothing_is_not_identical_with_nothing() -> None:
    assert degree_of(words_of("。"), words_of(""), near=80, very_near=95) is None


def test_two_copies_with_other_persons_and_days_are_identical() -> None:
    """「除了谈话人员和谈话时间不一样,谈话内容居然一字不差」."""
    one = words_of("2025年3月5日，谢立红与江平谈话。谈到值班，希望错开。", ("谢立红", "江平"))
    other = words_of("2026年11月12日,谢立红与沈若楠谈话；谈到值班，希望错开", ("谢立红", "沈若楠"))
    assert degree_of(one, other, near=80, very_near=95) == Degree.IDENTICAL


@pytest.mark.parametrize(
    "other",
    [
        # Half-width for full-width, white space and lines, an ideographic space, another quotation mark.
        "谈到测站值班,希望排班能错开.说:“错开就好”",
        "  谈到测站值班，\n\n希望　排班能错开。\t说：「错开就好」",
        "谈到测站值班、希望排班能错开！！说——‘错开就好’……",
        # Names: of two letters with a space between as in lists, with an official's 同志 on both sides.
        "谈到测站值班，江　平希望排班能错开。沈若楠说：「错开就好」",
        "2025年3月5日（星期三）上午9点，谈到测站值班，希望排班能错开。说：「错开就好」",
    ],
)
def test_how_it_is_set_out_makes_no_other_text(other: str) -> None:
    names = ("江平", "沈若楠")
    one = words_of("谈到测站值班，希望排班能错开。说：「错开就好」", names)
    assert degree_of(one, words_of(other, names), near=80, very_near=95) == Degree.IDENTICAL


def test_names_swapped_make_no_other_text() -> None:
    """Who talked with whom is all that differs: each text without the names of its own talk."""
    one = words_of("江平说家里老人住院，沈若楠答应调班。", ("江平", "沈若楠"))
    swapped = words_of("沈若楠说家里老人住院，江平答应调班。", ("沈若楠", "江平"))
    others = words_of("陆秉川说家里老人住院，谢立红答应调班。", ("陆秉川", "谢立红"))
    for other in (swapped, others):
        assert degree_of(one, other, near=80, very_near=95) == Degree.IDENTICAL


def test_another_matter_in_the_same_words_around_it_is_no_copy() -> None:
    """By hand: 7 runs before the comma (谈到值班, 9 letters) are in common, 6 and 6 are not: 7 of 19."""
    one = words_of("谈到测站值班的事情，老人住院想换班")
    other = words_of("谈到测站值班的事情，孩子高考想请假")
    assert degree_of(one, other, near=80, very_near=95) is None


@given(TEXTS, TEXTS)
def test_likeness_is_symmetric_and_lies_between_0_and_1(one: str, other: str) -> None:
    first, second = words_of(one), words_of(other)
    assert likeness(first, second) == likeness(second, first)
    assert 0.0 <= likeness(first, second) <= 1.0
    assert degree_of(first, second, near=80, very_near=95) == degree_of(second, first, near=80, very_near=95)


@given(TEXTS)
def test_a_text_is_identical_with_itself_however_it_is_punctuated(text: str) -> None:
    words = words_of(text)
    assert likeness(words, words_of(text + "。")) == (1.0 if words.text else 0.0)
    assert degree_of(words, words, near=80, very_near=95) == (Degree.IDENTICAL if words.text else None)


@given(TEXTS, st.integers(1, 100), st.integers(1, 100))
def test_a_lower_limit_finds_no_less(text: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    words, base = words_of(text), words_of("谈到测站值班希望排班能错开")
    if degree_of(words, base, near=high, very_near=100):
        assert degree_of(words, base, near=low, very_near=100)
