"""What meets a duty, and why something that looks like it does not (rules.md section 5)."""

from dataclasses import dataclass

from talks.rules.anchors import event_of
from talks.rules.duty import Duty
from talks.rules.facts import Facts, MeetingTrigger, PeriodTrigger, Talk
from talks.rules.index import COUNTING_STATES, Index, index_of
from talks.rules.roles import holders
from talks.rules.words import ROLE_NAMES, TalkerRole, TalkState

RECORDER = "记录人不计为谈话人"
ABSENT = "应谈人员未参加"
SAME_SIDE = "双方在谈话的同一方，不是相互谈话"
NOT_IN_ROLE = "另一方当日不是规定的谈话人（{role}）"
SOMEBODY_IN_ROLE = "当日有规定的谈话人（{role}），外部谈话人不计入"
ONE_TO_MANY = "一对多，不计入一对一"
MANY_TO_ONE = "多对一，不计入一对一"
MANY_TO_MANY = "多对多，不计入一对一"
BEFORE_TALKS = "日期早于会前谈话开始日期"
ON_THE_MEETING = "日期在会议当天，应在会前"
AFTER_MEETING = "日期在会后"
BEFORE_PERIOD = "日期早于本期"
AFTER_PERIOD = "日期晚于本期"
BEFORE_KNOWN = "日期早于知悉日期"
STATE_REASONS = {
    TalkState.PLANNED: "已预约，尚未谈话",
    TalkState.HELD: "已谈，尚未记录",
    TalkState.CANCELLED: "谈话已取消",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a talk counts for a duty; where it does not, `reason` says why in Chinese."""

    counts: bool
    reason: str = ""


def meets(facts: Facts, talk: Talk, duty: Duty) -> Verdict:
    """Whether the talk meets the duty, in time or late, once its day has come."""
    reason = obstacle(index_of(facts), talk, duty)
    if not reason and talk.state not in COUNTING_STATES:
        reason = STATE_REASONS[talk.state]
    return Verdict(not reason, reason)


def obstacle(index: Index, talk: Talk, duty: Duty) -> str:
    """Why the talk would not meet the duty if it were recorded; empty where it would."""
    return _persons(index, talk, duty) or _number(talk, duty) or window_reason(talk, duty)


def window_reason(talk: Talk, duty: Duty) -> str:
    """Why the day of the talk does not count; after `due_on` an event duty can still be met, late."""
    early, late = talk.held_on < duty.opens_on, talk.held_on > duty.due_on
    match duty.rule.trigger:
        case MeetingTrigger():
            if late:
                return ON_THE_MEETING if talk.held_on == duty.anchor_on else AFTER_MEETING
            return BEFORE_TALKS if early else ""
        case PeriodTrigger():
            return BEFORE_PERIOD if early else AFTER_PERIOD if late else ""
        case _:
            return BEFORE_KNOWN if early else ""


def _persons(index: Index, talk: Talk, duty: Duty) -> str:
    """Why the persons are not the right ones on the right sides."""
    if duty.counterpart is not None:
        one, other = duty.subject, duty.counterpart
        if (one in talk.talkers and other in talk.subjects) or (
            other in talk.talkers and one in talk.subjects
        ):
            return ""
        if talk.recorder in (one, other):
            return RECORDER
        present = {*talk.talkers, *talk.subjects}
        return SAME_SIDE if one in present and other in present else ABSENT
    return _role(index, talk, duty)


def _role(index: Index, talk: Talk, duty: Duty) -> str:
    """Why nobody in the role of the duty talks with its subject."""
    assert duty.role is not None
    facing: set[str] = set()
    if duty.subject in talk.subjects:
        facing.update(talk.talkers)
    if duty.subject in talk.talkers:
        facing.update(talk.subjects)
    outside = talk.external_talker and duty.subject in talk.subjects
    if not facing and not outside:
        return RECORDER if talk.recorder == duty.subject else ABSENT
    if duty.role == TalkerRole.ORDINARY:
        if any(
            person != duty.subject and index.is_ordinary(person, duty.organisation, talk.held_on)
            for person in facing
        ):
            return ""
    else:
        event = event_of(index, duty.anchor)
        found = holders(index, duty.subject, duty.organisation, duty.role, talk.held_on, event)
        if found & facing or (outside and not found):
            return ""
        if talk.recorder in found:
            return RECORDER
        if outside:
            return SOMEBODY_IN_ROLE.format(role=ROLE_NAMES[duty.role])
    return NOT_IN_ROLE.format(role=ROLE_NAMES[duty.role])


def _number(talk: Talk, duty: Duty) -> str:
    """Why it is no talk of one with one; the persons decide, whatever the form says."""
    if not duty.rule.one_to_one:
        return ""
    many_talkers = len(talk.talkers) + talk.external_talker > 1
    many_subjects = len(talk.subjects) > 1
    if many_talkers and many_subjects:
        return MANY_TO_MANY
    if many_subjects:
        return ONE_TO_MANY
    return MANY_TO_ONE if many_talkers else ""
