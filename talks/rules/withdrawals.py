"""Why a duty that was owed is owed no longer (撤销, rules.md section 4), in Chinese."""

from datetime import date

from talks.rules.anchors import Anchor, event_anchor, event_of, meeting_anchor, period_anchors
from talks.rules.facts import EventTrigger, Facts, MeetingTrigger, PeriodTrigger, Rule
from talks.rules.index import Index, index_of
from talks.rules.versions import holding, versions_at
from talks.rules.words import Pairing

DISSOLVED = "党组织已撤销"
NOT_YET_ESTABLISHED = "期限在党组织成立以前"
EVENT_REMOVED = "事件已删除，或当事人不属于本党组织"
EVENT_CORRECTED = "事件已更正"
EVENT_ELSEWHERE = "知悉事件时，组织关系不在本党组织"
MEETING_REMOVED = "会议已删除"
MEETING_LATER = "会议已改期，谈话时间还没有开始"
RULE_GONE = "规则已删除"
RULE_ENDED = "规则已失效"
RULE_REPLACED = "规则已由新的版本代替"
RULE_OF_OTHERS = "规则不适用于这类党组织"
NOT_OF_THE_TEAM = "{name}同志不是班子成员"
OF_THE_TEAM = "{name}同志已是班子成员"
NOT_HERE = "{name}同志的组织关系不在本党组织"
NOT_A_PARTY_MEMBER = "{name}同志不是党员"
NO_KEY_POST = "{name}同志不在重点岗位"
NOBODY_ELSE = "支部内没有其他普通党员"
PRINCIPAL_CHANGED = "主要负责同志有变动"
PORTFOLIO_CHANGED = "分管范围或部门任职有变动"


def withdrawal(
    facts: Facts, *, organisation: str, version: str, anchor: str, persons: tuple[str, ...], as_of: date
) -> str:
    """The reason why what was owed under the version, anchor and persons is not owed as of the day.

    Asked only of what `keep` does not give; the first of several reasons is told.
    """
    index = index_of(facts)
    code = version.partition("|")[0]
    versions = versions_at(index, organisation).get(code, [])
    rule = next((one for one in versions if one.version == version), None)
    if rule is None:
        return RULE_GONE
    found = _anchor(index, rule, organisation, anchor)
    if isinstance(found, str):
        return found
    place = index.organisations[organisation]
    if place.dissolved is not None and found.on >= place.dissolved:
        return DISSOLVED
    if place.established is not None and found.due_on < place.established:
        return NOT_YET_ESTABLISHED
    if found.opens_on > as_of:
        return MEETING_LATER
    held = holding(versions, place.kind, found.on)
    if held is not rule:
        if place.kind not in rule.applies_to:
            return RULE_OF_OTHERS
        ended = rule.effective_to is not None and rule.effective_to <= found.on
        return RULE_ENDED if ended or held is None else RULE_REPLACED
    return _persons(index, rule, organisation, persons, found.ref(as_of), found)


def _anchor(index: Index, rule: Rule, organisation: str, name: str) -> Anchor | str:
    """The anchor as it is now, or why it is none any more."""
    match rule.trigger:
        case EventTrigger(kinds):
            event = event_of(index, name)
            if event is None:
                return EVENT_REMOVED
            if event.kind not in kinds:
                return EVENT_CORRECTED
            return event_anchor(index, rule, event)
        case MeetingTrigger():
            anchors = (meeting_anchor(meeting) for meeting in index.meetings.get(organisation, ()))
            return next((anchor for anchor in anchors if anchor.name == name), MEETING_REMOVED)
        case PeriodTrigger(months):
            year = int(name.removeprefix("period:")[:4])
            periods = period_anchors(year, months)
            return next((anchor for anchor in periods if anchor.name == name), RULE_REPLACED)


def _persons(
    index: Index, rule: Rule, organisation: str, persons: tuple[str, ...], ref: date, anchor: Anchor
) -> str:
    """Which of the persons is no longer what the pairing asks for."""
    team = index.team(organisation, ref)
    outside = [person for person in persons if person not in team]
    match rule.pairing:
        case Pairing.PRINCIPAL_TEAM | Pairing.TEAM_TEAM | Pairing.COMMITTEE_COMMITTEE:
            return _of(index, outside[0], NOT_OF_THE_TEAM) if outside else PRINCIPAL_CHANGED
        case Pairing.TEAM_HEADS | Pairing.PORTFOLIO_STAFF:
            return PORTFOLIO_CHANGED
        case Pairing.EVENT | Pairing.CANDIDATE:
            if anchor.event is not None and anchor.event.member != persons[0]:
                return EVENT_CORRECTED
            if anchor.event not in index.events_in(organisation):
                return EVENT_ELSEWHERE
            return _of(index, persons[0], NOT_A_PARTY_MEMBER)
    (person,) = persons
    if not index.is_party_member(person, ref):
        return _of(index, person, NOT_A_PARTY_MEMBER)
    if rule.pairing == Pairing.KEY_POST:
        return _of(index, person, NO_KEY_POST)
    if person not in index.party(organisation, ref):
        return _of(index, person, NOT_HERE)
    return _of(index, person, OF_THE_TEAM) if person in team else NOBODY_ELSE


def _of(index: Index, person: str, text: str) -> str:
    """The sentence with the name; a long one is cut, since the reason is kept in a short column."""
    known = index.members.get(person)
    return text.format(name=(known.name if known else person)[:30])
