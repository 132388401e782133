"""调阅: how far a request to read one record has come, until when it may be read (design.md section 4)."""

from datetime import datetime, timedelta
from enum import StrEnum

# The limit of design.md section 4; a setting may only shorten it.
MOST_MINUTES = 30
# A request that nobody approves within so many days is void, without a reason.
WAITS_DAYS = 7


class DisclosureState(StrEnum):
    """How far it has come: asked for, open, over, and the ways in which it ends before."""

    WAITING = "待批准"
    OPEN = "可以查看"
    OVER = "已到时限"
    DECLINED = "不予批准"
    TAKEN_BACK = "申请已撤回"
    REVOKED = "批准已收回"
    LAPSED = "逾期未批准"


def ends_at(approved_at: datetime, minutes: int) -> datetime:
    """Until (and without) when the record may be read: counted from the approval, not from the first look."""
    return approved_at + timedelta(minutes=min(minutes, MOST_MINUTES))


def lapses_at(asked_at: datetime) -> datetime:
    """From when on a request that waits is void."""
    return asked_at + timedelta(days=WAITS_DAYS)


def disclosure_state(
    *, asked_at: datetime, approved_at: datetime | None, minutes: int | None, ending: str, at: datetime
) -> DisclosureState:
    """The state at the moment `at`; what ended it goes before the time that is left."""
    if ending:
        return DisclosureState(ending)
    if approved_at is None:
        return DisclosureState.WAITING if at < lapses_at(asked_at) else DisclosureState.LAPSED
    # A clock that was put back opens nothing again.
    is_open = approved_at <= at < ends_at(approved_at, minutes or 0)
    return DisclosureState.OPEN if is_open else DisclosureState.OVER
