"""Categories of members (rules.md section 1); a name and its pinyin; what a vain try to sign in costs."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from hashlib import blake2b

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


@dataclass(frozen=True, slots=True)
class Policy:
    """What a password must be: signs at least, kinds of signs, for how long it may be used, and how many of
    the last ones it must not be; how that is told to who chooses one.
    """

    shortest: int
    kinds: int
    longest: timedelta | None
    remembered: int
    told: str


POLICIES = {
    # OWASP ASVS 4, section 2.1: long, of whatever signs, not a common one, no change without a cause.
    "asvs": Policy(12, 0, None, 0, "至少12个字符，不用常见密码，不与账号、姓名相近；可以是一句话"),
    # GB/T 22239-2019, 8.1.4.1: complexity and regular change, in the figures that assessors usually ask for.
    "djbh3": Policy(
        8,
        3,
        timedelta(days=90),
        5,
        "至少8个字符，含大写字母、小写字母、数字、符号中的至少3类，不用常见密码和最近5次用过的密码；90天更换一次",
    ),
}


def kinds_in(password: str) -> int:
    """How many of these kinds of signs it has: capital letters, small letters, digits, anything else."""
    return len(
        {
            "capital"
            if sign.isascii() and sign.isupper()
            else "small"
            if sign.isascii() and sign.islower()
            else "digit"
            if sign.isascii() and sign.isdigit()
            else "other"
            for sign in password
        }
    )


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


def network_prefix(address: str) -> str:
    """The network of an address, as one knows one's own: '10.0.3.*', '2001:db8:1:2::/64'; not the machine."""
    network = network_of(address)
    return re.sub(r"^((?:\d+\.){3})\d+$", r"\1*", network)


# What stands in the name that a browser gives itself, the more special first.
_BROWSERS = (
    ("wxwork", "企业微信"),
    ("micromessenger", "微信"),
    ("dingtalk", "钉钉"),
    ("edg", "Edge浏览器"),
    ("firefox", "火狐浏览器"),
    ("chrom", "Chrome浏览器"),
    ("safari", "Safari浏览器"),
)
_MACHINES = (
    ("harmony", "鸿蒙设备"),
    ("android", "安卓手机"),
    ("iphone", "苹果手机"),
    ("ipad", "苹果平板"),
    ("windows", "Windows电脑"),
    ("macintosh", "苹果电脑"),
    ("linux", "Linux电脑"),
)


def device_of(user_agent: str) -> str:
    """A browser in words, coarsely: 'Windows电脑，Edge浏览器'; '其他设备' where it cannot be told."""
    told = user_agent.lower()
    parts = [next((words for sign, words in kinds if sign in told), "") for kinds in (_MACHINES, _BROWSERS)]
    return "，".join(part for part in parts if part) or "其他设备"


def kept_key(session_key: str) -> str:
    """What stands in the tables for the key of a session: 40 signs, as the column holds.

    The key has 165 random bits: it needs no salt and no slow hash.
    """
    return blake2b(session_key.encode(), digest_size=20).hexdigest()
