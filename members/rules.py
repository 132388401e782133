"""Categories of members (rules.md section 1), and how a name is found by its pinyin."""

from enum import StrEnum


class Category(StrEnum):
    """党员类别."""

    FULL = "正式党员"
    PROBATIONARY = "预备党员"
    PROSPECT = "发展对象"
    ACTIVIST = "入党积极分子"
    APPLICANT = "入党申请人"
    MASSES = "群众"


PARTY_CATEGORIES = frozenset({Category.FULL, Category.PROBATIONARY})
