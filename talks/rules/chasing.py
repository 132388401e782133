"""When reminders of a duty are due (rules.md section 8), and what they say outside the system."""

from collections.abc import Sequence
from datetime import date, timedelta

# A step is the number of days from the due day, or OPENED: that an event duty has opened.
BEFORE = (-7, -3, -1)
AFTER = (1, 3)
WEEK = 7
OPENED = -1000
# From these steps on a reminder also reaches the principals of the organisation, and those above it.
TO_PRINCIPALS = 3
TO_SUPERIORS = 7


def newest_step(days: int) -> int | None:
    """The newest step so many days after the due day (before it: negative); None before the first.

    Missed days are not made up one by one: after 40 days there is one step to tell of.
    """
    if days >= WEEK:
        return days - days % WEEK
    return max((step for step in (*BEFORE, *AFTER) if step <= days), default=None)


def due_days_with_news(*, since: date, today: date, oldest: date) -> list[date]:
    """The due days, from `oldest` on, whose duties have reached a step after `since`, up to today."""
    found = []
    for days in range(BEFORE[0], (today - oldest).days + 1):
        due_on = today - timedelta(days=days)
        if newest_step(days) != newest_step((since - due_on).days):
            found.append(due_on)
    return found


def talk_words(others: Sequence[str], *, takes_part: bool) -> str:
    """The talk as its reader calls it, by the names of the others: 与梁志强同志的谈话.

    `takes_part`: the reader is one of those who talk. Nobody else is named where it is he who is talked to.
    """
    if not others:
        return "对您的谈话"
    if len(others) > 1:
        return "与".join(f"{name}同志" for name in others) + "的谈话"
    return f"{'与' if takes_part else '对'}{others[0]}同志的谈话"


def standing_words(due_on: date, today: date) -> str:
    """How a duty stands, as the end of a sentence: 已逾期3天, 今天到期, 还有3天到期."""
    days = (today - due_on).days
    if days > 0:
        return f"已逾期{days}天"
    return f"还有{-days}天到期" if days else "今天到期"


def message(*, owed: int, agreed: int = 0, requests: int = 0, told: int = 0, address: str) -> str:
    """What mail and webhook say: counts and a link. No name, no kind and no content leaves the system."""
    parts = [f"{owed}项应谈事项"] if owed or not agreed + requests + told else []
    parts += [f"{agreed}项整改和回访事项"] if agreed else []
    parts += [f"{requests}项约谈"] if requests else []
    parts += [f"{told}项告知"] if told else []
    return f"您有{'、'.join(parts)}，请登录系统查看：{address}"
