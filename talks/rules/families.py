"""Families of rules: 三必谈, 四个必谈 …, told by the first part of the code (rules.md section 7)."""

FAMILIES: dict[str, str] = {
    "three": "三必谈",
    "life": "组织生活会前",
    "year": "每年至少一次",
    "four": "四个必谈",
    "six": "六必谈",
    "join": "吸收新党员谈话",
    "six-b": "六必谈（按谈话性质）",
}
# What organisations made under codes of their own.
OTHERS = "others"
OTHERS_NAME = "本组织自定规则"


def family_of(code: str) -> str:
    """The family of a rule: a key of FAMILIES, else OTHERS. A version made by an organisation stays in it."""
    first, dot, _ = code.partition(".")
    return first if dot and first in FAMILIES else OTHERS


def family_name(family: str) -> str:
    """Its name in Chinese."""
    return FAMILIES.get(family, OTHERS_NAME)


def family_order(family: str) -> int:
    """Its place in a list: as in rules.md, what organisations made last."""
    return [*FAMILIES, OTHERS].index(family)
