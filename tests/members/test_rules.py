"""How names are kept and found."""

import pytest

from members.rules import is_identity_number, pinyin_of, tidy_name


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("陆秉川", "lubingchuan", "lbc"),
        # Surnames that are read otherwise than the same character elsewhere.
        ("单丹阳", "shandanyang", "sdy"),
        ("曾国强", "zengguoqiang", "zgq"),
        ("仇和", "qiuhe", "qh"),
        ("覃志刚", "qinzhigang", "qzg"),
        ("区梦洁", "oumengjie", "omj"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("查良镛", "zhaliangyong", "zly"),
        ("朴实", "piaoshi", "ps"),
        ("乐山", "yueshan", "ys"),
        ("任远", "renyuan", "ry"),
        # The same characters inside a name are read as usual.
        ("张曾", "zhangceng", "zc"),
        ("李解放", "lijiefang", "ljf"),
        # Surnames of two characters.
        ("欧阳修", "ouyangxiu", "oyx"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("单于飞", "chanyufei", "cyf"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("万俟卨", "moqixie", "mqx"),
        # With a dot the first character is no surname.
        ("单增·旺堆", "danzengwangdui", "dzwd"),
        ("买买提·艾力", "maimaitiaili", "mmtal"),
        # Rare characters, ü, letters.
        ("张镕堃", "zhangrongkun", "zrk"),
        ("吕布", "lvbu", "lb"),
        ("Anna 李", "annali", "al"),
        (" 王莉 ", "wangli", "wl"),
        ("", "", ""),
    ],
)
def test_pinyin_and_initials(name: str, pinyin: str, initials: str) -> None:
    assert pinyin_of(name) == (pinyin, initials)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("李 明", "李明"),
        ("　欧阳　修 ", "欧阳修"),
        ("买买提·艾力", "买买提·艾力"),
        ("John  Smith", "John Smith"),
        ("", ""),
    ],
)
def test_a_name_is_kept_without_the_spaces_inside(typed: str, kept: str) -> None:
    assert tidy_name(typed) == kept


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        # The two examples of GB 11643.
        ("11010519491231002X", True),
        ("440524188001010014", True),
        # One digit mistyped, two exchanged, one missing, the old length, other signs.
        ("440524188001010015", False),
        ("445024188001010014", False),
        ("44052418800101001", False),
        ("440524880101001", False),
        ("4405241880010100１4", False),
        ("", False),
    ],
)
def test_an_identity_number_checks_itself(number: str, expected: bool) -> None:
    assert is_identity_number(number) is expected
