"""约谈: the limits of the answer and of the talk (rules.md section 9), and how far a request has come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from talks.rules.calendar import Calendar

# The third tap sends; until then it can be taken back.
TAKE_BACK = timedelta(minutes=10)
FORMS = ("面对面", "电话", "视频")
TOPICS = (
    ("思想和工作", "近况、想法、压力"),
    ("意见建议", "对支部、单位或领导"),
    ("困难和诉求", "家庭、身体、生活"),
    ("成长发展", "岗位、学习、培养"),
    ("见面再说", ""),
)
BY_LEADER = "由对方定时间"
# For who asked; without its full stop, as notices have it.
LEFT = "{name}同志已不在您可以约谈的领导之列，请撤回申请，改约其他同志"
AFTER_WORK = "下班后或周末"
# Words of one's own would be read by whoever answers for the leader.
WISHES = (BY_LEADER, "上午", "下午", AFTER_WORK)


class RequestState(StrEnum):
    """状态 of the workbook. 另约: the leader has proposed other times."""

    WAITING = "待答复"
    ACCEPTED = "已接受"
    PROPOSED = "另约"
    HANDED_OVER = "已转交"
    HELD = "已谈"
    TAKEN_BACK = "已撤回"


OPEN_STATES = (RequestState.WAITING, RequestState.ACCEPTED, RequestState.PROPOSED)


@dataclass(frozen=True, slots=True)
class Limits:
    """Working days to the answer and natural days to the talk; both are settings."""

    answer: int = 3
    hold: int = 15

    def answer_due(self, since: date, calendar: Calendar) -> date:
        """The last day on which the answer is in time."""
        return calendar.working_day_after(since, self.answer)

    def hold_due(self, asked_on: date) -> date:
        """The last day on which the talk is in time, from the first asking on, also when handed over."""
        return asked_on + timedelta(days=self.hold)

    def latest(self, asked_on: date, today: date) -> date:
        """The last day that may be agreed on: the limit, and once that is over as long again from today.

        So nobody who has missed it puts the talk off for years.
        """
        due_on = self.hold_due(asked_on)
        return due_on if due_on >= today else self.hold_due(today)

    def answer_overdue_since(self, today: date, calendar: Calendar) -> date:
        """The newest day since which one has waited too long today.

        Whoever has waited since then or longer is late: who began to wait later is never due earlier.
        """
        day = today
        while self.answer_due(day, calendar) >= today:
            day -= timedelta(days=1)
        return day

    def hold_overdue_since(self, today: date) -> date:
        """The newest day of asking whose talk is overdue today."""
        return today - timedelta(days=self.hold + 1)


def may_be_taken_back(sent_at: datetime | None, now: datetime) -> bool:
    """Whether what was sent then can still be taken back."""
    return sent_at is not None and now - sent_at <= TAKE_BACK


def reason_of(topic: str, text: str) -> str:
    """What is sealed as the reason: what was tapped, and below it what was written, if anything."""
    return "\n".join(filter(None, (topic.strip(), text.strip())))
