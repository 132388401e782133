"""One duty as it stands on a day (rules.md sections 4 to 6)."""

from datetime import date
from typing import NamedTuple

from talks.rules.facts import EventTrigger, Rule
from talks.rules.words import DutyState, TalkerRole

MET_STATES = frozenset({DutyState.DONE, DutyState.LATE})


class Duty(NamedTuple):
    """What is owed; known by rule version, organisation, anchor and persons.

    Of a pair, `subject` is the higher code and `counterpart` the lower, and `role` is None; the other duties
    name the subject and the talker role. `talk` and `held_on` are those of the talk that met it, `planned`
    and `planned_on` those of the earliest booked one that would: it makes the duty 已约, an overdue one late.
    """

    rule: Rule
    organisation: str
    anchor: str
    anchor_on: date
    subject: str
    counterpart: str | None
    role: TalkerRole | None
    opens_on: date
    due_on: date
    ref: date
    state: DutyState = DutyState.PENDING
    talk: str | None = None
    held_on: date | None = None
    planned: str | None = None
    planned_on: date | None = None

    @property
    def is_pair(self) -> bool:
        """Whether it names both persons."""
        return self.counterpart is not None

    @property
    def is_event(self) -> bool:
        """Whether an event set it off: then its existence is confidential (design.md section 4)."""
        return isinstance(self.rule.trigger, EventTrigger)

    @property
    def is_met(self) -> bool:
        """已谈 or 逾期完成."""
        return self.state in MET_STATES

    @property
    def persons(self) -> tuple[str, ...]:
        """The persons named, the lower code first."""
        return (self.subject,) if self.counterpart is None else (self.counterpart, self.subject)

    @property
    def key(self) -> str:
        """`rule code|organisation|anchor|persons joined by +`: what it is known by, in one text."""
        return "|".join((self.rule.code, self.organisation, self.anchor, "+".join(self.persons)))

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        """The sort key of workbook.md: by code point, no counterpart first."""
        return (self.rule.code, self.organisation, self.anchor, self.subject, self.counterpart or "")
