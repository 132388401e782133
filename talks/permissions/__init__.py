"""Who may see and do what in talks (design.md sections 4 and 4a): one place to read it."""

from talks.permissions.duties import (
    EventSum,
    duty_organisations,
    masked_duties,
    visible_duties,
)
from talks.permissions.matters import (
    visible_meetings,
    visible_requests,
    visible_rules,
    visible_uploads,
    visible_waivers,
)
from talks.permissions.records import (
    Reading,
    may_read_content,
    principal_may_read,
    reading_of,
    told_kind,
    visible_opinions,
    visible_participants,
    visible_remedies,
)
from talks.permissions.talks import (
    bookable_members,
    had_in_hand,
    may_book,
    may_cancel,
    may_change_plan,
    may_close,
    may_confirm,
    may_record,
    meeting_organisations,
    takes_part,
    visible_talks,
)

__all__ = [
    "EventSum",
    "Reading",
    "bookable_members",
    "duty_organisations",
    "had_in_hand",
    "masked_duties",
    "may_book",
    "may_cancel",
    "may_change_plan",
    "may_close",
    "may_confirm",
    "may_read_content",
    "may_record",
    "meeting_organisations",
    "principal_may_read",
    "reading_of",
    "takes_part",
    "told_kind",
    "visible_duties",
    "visible_meetings",
    "visible_opinions",
    "visible_participants",
    "visible_remedies",
    "visible_requests",
    "visible_rules",
    "visible_talks",
    "visible_uploads",
    "visible_waivers",
]
