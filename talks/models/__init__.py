"""Rules, meetings, talks and what was said, waivers, 约谈 requests, uploads of the exchange workbook."""

from talks.models.meetings import Meeting
from talks.models.records import Opinion, Participant, Remedy, Side, in_ledgers_of
from talks.models.requests import TalkRequest
from talks.models.rules import Rule
from talks.models.talks import Talk
from talks.models.uploads import Upload
from talks.models.waivers import Waiver

__all__ = [
    "Meeting",
    "Opinion",
    "Participant",
    "Remedy",
    "Rule",
    "Side",
    "Talk",
    "TalkRequest",
    "Upload",
    "Waiver",
    "in_ledgers_of",
]
