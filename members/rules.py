"""Categories of members (rules.md section 1); a name and its pinyin; what a vain try to sign in costs."""

import ipaddress
import re
from datetime import timedelta
from enum import Enum, StrEnum

from pypinyin import lazy_pinyin


class Category(StrEnum):
    """党员类别."""

    FULL = "正式党员"
    PROBATIONARY = "预备党员"
    PROSPECT = "发展对象"
    ACTIVIST = "入党积极分子"
    APPLICANT = "入党申请人"
    MASSES = "群众"


# What codes are drawn from: no letters or digits that look alike on paper.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# The codes of a second factor (RFC 6238, as every application shows them): signs, and seconds for which one
# is shown.
CODE_DIGITS = 6
CODE_STEP = 30

PARTY_CATEGORIES = frozenset({Category.FULL, Category.PROBATIONARY})

# How these characters are read at the head of a name; elsewhere they are read as usual.
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "覃": "qin", "区": "ou", "解": "xie", "查": "zha", "盖": "ge",
    "任": "ren", "朴": "piao", "翟": "zhai", "尉": "wei", "乐": "yue", "冼": "xian", "缪": "miao",
    "召": "shao", "秘": "bi", "员": "yun", "黑": "he", "折": "she", "逄": "pang", "卜": "bu", "种": "chong",
    "佴": "nai", "隗": "wei", "么": "yao", "那": "na", "纪": "ji", "燕": "yan", "车": "che", "都": "du",
    "繁": "po", "祭": "zhai", "牟": "mou", "能": "nai", "曲": "qu", "瞿": "qu", "撒": "sa", "盛": "sheng",
    "石": "shi", "殷": "yin", "应": "ying", "句": "gou", "谌": "chen", "阚": "kan", "占": "zhan",
    "强": "qiang", "阙": "que", "贲": "ben", "干": "gan", "柏": "bai", "薄": "bo", "葛": "ge", "莘": "shen",
    "洗": "xian", "宁": "ning", "华": "hua", "晁": "chao", "郇": "xun", "俞": "yu", "余": "yu",
    "咸": "xian", "宓": "mi", "尉迟": "yu chi", "长孙": "zhang sun", "万俟": "mo qi", "单于": "chan yu",
    "澹台": "tan tai", "令狐": "ling hu", "皇甫": "huang fu", "宇文": "yu wen", "呼延": "hu yan",
    "鲜于": "xian yu", "尔朱": "er zhu", "赫连": "he lian", "濮阳": "pu yang", "拓跋": "tuo ba",
    "夏侯": "xia hou",
}  # fmt: skip


def pinyin_of(name: str) -> tuple[str, str]:
    """The pinyin of a name in one word, and its initials: ('shandanyang', 'sdy') for 单丹阳.

    The surname is read as a surname, also of two characters; ü is written v. A name with 「·」 is read as it
    stands: its first character is no surname. Letters stay, in lower case; other signs are left out.
    """
    syllables: list[str] = []
    rest = name.strip()
    if "·" not in rest:
        for length in (2, 1):
            if rest[:length] in _SURNAMES:
                syllables = _SURNAMES[rest[:length]].split()
                rest = rest[length:]
                break
    parts = re.split(r"[^\w]+", rest)
    syllables += [syllable.lower() for part in parts for syllable in lazy_pinyin(part)]
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)


def tidy_name(name: str) -> str:
    """A name as it is kept: trimmed, without the spaces that lists put inside a Chinese name (「李 明」)."""
    words = name.replace("　", " ").split()
    return ("" if any(sign >= "㐀" for sign in name) else " ").join(words)


def is_identity_number(number: str) -> bool:
    """Whether it is a 公民身份号码: 18 signs, of which the last follows from the others (GB 11643)."""
    if len(number) != 18 or not number.isascii() or not number[:17].isdecimal():
        return False
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(number[:17]))
    return number[17] == "10X98765432"[total % 11]


def plain_digits(typed: str) -> str:
    """The digits of a code as somebody types it: with or without spaces and dashes, also full-width ones."""
    return "".join(str(int(sign)) for sign in typed if sign.isdecimal())


class Tried(Enum):
    """By what tries to sign in are counted: how many are free, and what the longest wait is, in seconds.

    One person at one place mistypes a few times; behind one address sit many. The whole account is slowed
    late and little: whoever tries it from everywhere must not keep its owner out.
    """

    BROWSER = ("browser", 3, 300)
    PAIR = ("pair", 3, 300)
    ADDRESS = ("address", 30, 300)
    ACCOUNT = ("account", 30, 30)


FORGOTTEN_AFTER = timedelta(minutes=30)


def wait_after(tried: Tried, failures: int) -> timedelta:
    """How long after so many vain tries the next may come: nothing, then 2 seconds, doubled with each."""
    _, free, longest = tried.value
    over = failures - free
    return timedelta(seconds=min(2 ** min(over + 1, 16), longest) if over >= 0 else 0)


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, of which a household has all the rest."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
