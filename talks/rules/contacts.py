"""联系党员: how long ago somebody was last talked with, and which way is suggested (domain.md, the seed).

「对外出流动党员采取电话沟通等途径」「对困难党员、年老体弱党员上门谈心」.
"""

from datetime import date

TELEPHONE, VISIT, IN_PERSON = "电话", "上门走访", "面对面"
YEAR = 12


def months_between(earlier: date, later: date) -> int:
    """Whole months from the earlier day to the later: from 31 January to 28 February not one."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (later.day < earlier.day)


def since_words(last: date | None, today: date) -> str:
    """How long ago, in whole months and never by the day."""
    if last is None:
        return "没有记录"
    months = months_between(last, today)
    return f"{months}个月前" if months else "一个月内"


def is_long_ago(last: date | None, today: date) -> bool:
    """Whether a year has passed, or there is nothing on record: once a year is the least that is owed."""
    return last is None or months_between(last, today) >= YEAR


def suggested_way(*, is_floating: bool, is_in_difficulty: bool, is_frail: bool) -> str:
    """谈话方式 that suits the member; who is away is telephoned, whatever else is the matter with him."""
    if is_floating:
        return TELEPHONE
    return VISIT if is_in_difficulty or is_frail else IN_PERSON
