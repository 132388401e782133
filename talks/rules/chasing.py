"""When reminders of a duty are due (rules.md section 8), and what they say outside the system."""

from dataclasses import dataclass
from datetime import date, timedelta

# A step is the number of days from the due day.
BEFORE = (-7, -3, -1)
AFTER = (1, 3)
WEEK = 7
# That an event duty has opened: a step of its own, whatever its number of days.
OPENED = -1000
# From these steps on a reminder also reaches the principals of the organisation, and those above it.
TO_PRINCIPALS = 3
TO_SUPERIORS = 7
# No talk meets a periodic duty, or one before a meeting, once its day is past; after a year its successor is
# past too, and reminding of it ends. An event duty can be met late, and is chased until it is.
LAST = 52 * WEEK
# Within so many days of its due day a duty is looked at by every sweep, whatever the sweeps before did.
WATCHED = 2 * WEEK


@dataclass(frozen=True, slots=True)
class DueDay:
    """A due day, the newest step that its duties have reached, and the day on which they reached it."""

    due_on: date
    step: int
    reached_on: date


def newest_step(days: int) -> int | None:
    """The newest step of a duty so many days after its due day (before it: negative); None before the first.

    Missed days are not made up one by one: after 40 days there is one step to tell of.
    """
    if days >= WEEK:
        return days - days % WEEK
    return max((step for step in (*BEFORE, *AFTER) if step <= days), default=None)


def due_days(today: date, *, chased_on: date | None, oldest: date) -> tuple[DueDay, ...]:
    """The due days, from `oldest` on, whose duties a sweep looks at.

    Those near enough to be watched, and those that have reached a step since the sweep of `chased_on`
    (None: there was none).
    """
    found = []
    for days in range(BEFORE[0], (today - oldest).days + 1):
        step = newest_step(days)
        assert step is not None
        due_on = today - timedelta(days=days)
        reached_on = due_on + timedelta(days=step)
        is_new = chased_on is None or reached_on > chased_on or reached_on == today
        if days < WATCHED or is_new:
            found.append(DueDay(due_on, step, reached_on))
    return tuple(found)


def standing(due_on: date, today: date) -> str:
    """How a duty stands, as the end of a sentence: 已逾期3天, 今天到期, 还有3天到期."""
    days = (today - due_on).days
    if days > 0:
        return f"已逾期{days}天"
    return f"还有{-days}天到期" if days else "今天到期"


def message(*, owed: int, overdue: int, near: int, address: str) -> str:
    """What mail and webhook say: counts and a link. No name, no kind and no content leaves the system."""
    split = "、".join(f"{word}{count}项" for word, count in (("逾期", overdue), ("临期", near)) if count)
    counts = f"您有{owed}项应谈事项需要办理" + (f"，其中{split}" if split else "")
    return f"{counts}。请登录系统查看：{address}"
