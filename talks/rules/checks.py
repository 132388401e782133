"""What the writer of a record is told while he writes (domain.md, what inspectors fault). Nothing is refused.

A record needs persons, date, way and one honest sentence. That it is short is never reproached: a quota of
words makes people pad.
"""

import re
from dataclasses import dataclass
from datetime import date, time

from talks.rules.calendar import Calendar
from talks.rules.hours import span_of
from talks.rules.likeness import Degree, normalised

# Below so many characters a text is very short.
VERY_SHORT = 20
# What may be left between set phrases.
BETWEEN_PHRASES = 2

_PHRASES = """
该同志 谈话对象 本人 同志 表示 今后 希望 能够 目前 近期 平时 较好 良好 正常 稳定 积极 认真 进一步 继续
思想 思想状况 思想稳定 思想端正 工作 工作正常 工作认真 工作积极 学习 生活 情况 状态 态度 表现
认真负责 积极向上 态度端正 端正态度 提高认识 提高站位 加强学习 履职尽责 尽职尽责 遵守纪律 遵规守纪
遵纪守法 严格要求自己 严于律己 团结同志 努力工作 继续努力 再接再厉 一切正常 一切都好 没有困难 无困难
没有问题 无问题 没有意见 无意见 没有其他意见 无其他意见 没有意见建议 无意见建议 按要求完成 完成任务
带头作用 发挥模范作用 发挥先锋模范作用 不忘初心 牢记使命 交流思想 交换意见 坦诚相见
"""
# The longest first: a phrase may begin with another.
PHRASES = re.compile("|".join(sorted(_PHRASES.split(), key=len, reverse=True)))

LIKE = {
    Degree.IDENTICAL: "这次的内容与另一次谈话的记录完全相同。",
    Degree.VERY_NEAR: "这次的内容与另一次谈话的记录高度相似。",
    Degree.NEAR: "这次的内容与另一次谈话的记录比较相似。",
}
LIKE_ADVICE = "人名、日期不计在内。请照实写下这一次谈到的，哪怕只有一句。"
MORE_LIKE = "另有{number}次谈话的记录也与这次的内容相近。"
OVERLAPS = "{names}在这段时间另有一次谈话。"
OVERLAPS_ADVICE = "请核对这次和那次谈话的日期、起止时间。"
LATE = "这次谈话距今已超过{days}个工作日。"
LATE_ADVICE = "请照实补记，不必改动日期；今后谈完请尽早记录。"
THIN = "记录里还看不出这次具体谈了什么。"
THIN_ADVICE = "不求字数，补上一句当时的原话即可。"
WITHOUT_END = "还没有填写这次谈话的结束时间。"
WITHOUT_END_ADVICE = "请补上起止时间；内容长短不限。"
WITHOUT_DAY = "还没有填写谈话日期。"
WITHOUT_WAY = "还没有选择谈话方式。"
WITHOUT_ADVICE = "有参加人、日期、方式和一句实话，就是一份完整的记录，长短不限。"


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the checks: likeness in percent, days in working days, how many talks are named."""

    near: int = 80
    very_near: int = 95
    late_days: int = 3
    named: int = 3


@dataclass(frozen=True, slots=True)
class Written:
    """A record as far as it is written; what could not be read of it is None or empty."""

    content: str = ""
    held_on: date | None = None
    starts_at: time | None = None
    ends_at: time | None = None
    form: str = ""


def is_late(held_on: date, today: date, days: int, calendar: Calendar) -> bool:
    """Whether more than so many working days have gone by since the talk."""
    # A day to come is asked first: after the last day of the calendar of Python there is no working day.
    return held_on < today and today > calendar.working_day_after(held_on, days)


def meet(one: Written, starts_at: time | None, ends_at: time | None) -> bool:
    """Whether the record's time and another's of the same day have a moment in common: without an hour no."""
    mine, other = span_of(one.starts_at, one.ends_at), span_of(starts_at, ends_at)
    return bool(mine and other and mine[0] < other[1] and other[0] < mine[1])


def is_thin(written: Written) -> bool:
    """Whether nothing but set phrases is there; one word of one's own is enough.

    Never told alone, only beside another sign, as the next one.
    """
    text = normalised(written.content)
    rest = PHRASES.sub("", text)
    return rest != text and len(rest) <= BETWEEN_PHRASES


def lacks_end(written: Written) -> bool:
    """Whether a very short text has no end of the talk beside it; that it is short is not what is told."""
    return written.ends_at is None and 0 < len(normalised(written.content)) < VERY_SHORT


def wanting(written: Written) -> tuple[str, ...]:
    """What a record still needs beside its sentence; nothing is asked before something is written."""
    if not written.content.strip():
        return ()
    day = () if written.held_on else (WITHOUT_DAY,)
    return day if written.form else (*day, WITHOUT_WAY)
