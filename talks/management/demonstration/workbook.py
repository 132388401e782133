"""The demonstration as an exchange workbook: sheet -> rows, each with exactly the columns of its sheet."""

from talks.management.demonstration.branch_talks import BranchTalks
from talks.management.demonstration.committee_talks import CommitteeTalks
from talks.management.demonstration.diary import Diary
from talks.management.demonstration.events import event_rows, write_event_talks
from talks.management.demonstration.follow_ups import request_rows, requests, write_follow_ups
from talks.management.demonstration.meetings import meeting_rows, rule_rows
from talks.management.demonstration.organisations import Row, department_rows, organisation_rows
from talks.management.demonstration.people import Roster, member_rows
from talks.management.demonstration.posts import liaison_rows, portfolio_rows, post_rows
from talks.management.demonstration.speech import Speech
from talks.management.demonstration.waivers import waiver_rows


def demonstration_sheets() -> dict[str, list[Row]]:
    """All twelve sheets, the same every time. Days are days of 2026; no talk is 已记录 after 2026-11-20."""
    roster, diary, speech = Roster(), Diary(), Speech()
    asked = requests(roster, diary)
    write_event_talks(roster, diary)
    write_follow_ups(roster, diary)
    CommitteeTalks(roster, diary, speech).write()
    BranchTalks(roster, diary, speech).write()
    talks = diary.rows()
    return {
        "党组织": organisation_rows(),
        "部门单位": department_rows(),
        "党员": member_rows(roster),
        "任职": post_rows(roster),
        "分管": portfolio_rows(roster),
        "联系党员": liaison_rows(roster),
        "事件": event_rows(roster),
        "会议": meeting_rows(),
        "规则": rule_rows(),
        "谈话": talks,
        "约谈申请": request_rows(asked),
        "免予谈话": waiver_rows(roster),
    }
