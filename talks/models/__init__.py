"""Rules, duties, notices, meetings, talks and records, waivers, 约谈, 调阅, calendar, 排谈, uploads."""

from talks.models.amendments import Amendment, Correction
from talks.models.arrangements import ArrangedTalk, Arrangement
from talks.models.attachments import Attachment
from talks.models.calendar import CalendarFeed, Engagement
from talks.models.disclosures import Disclosure, DisclosureNotice
from talks.models.duties import BelowSum, Duty, DutySum, Reconciliation, Reliance
from talks.models.fingerprints import Fingerprint
from talks.models.hours import OfficeException, OfficeHours
from talks.models.ledgers import LedgerTalk, ledgers_by_facts, unkept_ledgers
from talks.models.meetings import Meeting, MeetingStep
from talks.models.notices import Chase, Delivery, Notice, NoticePreference
from talks.models.opinions import GatheredOpinion, MergedOpinion
from talks.models.preparations import Draft, Preparation
from talks.models.records import Opinion, Participant, Remedy, Side, in_ledgers_of, ledger_talkers
from talks.models.remedies import Progress, Settlement, homes_of
from talks.models.requests import Deputy, Handover, Proposal, RequestNotice, TalkRequest
from talks.models.rules import Rule
from talks.models.talks import Talk
from talks.models.uploads import Upload
from talks.models.waivers import Waiver

__all__ = [
    "Amendment",
    "ArrangedTalk",
    "Arrangement",
    "Attachment",
    "BelowSum",
    "CalendarFeed",
    "Chase",
    "Correction",
    "Delivery",
    "Deputy",
    "Disclosure",
    "DisclosureNotice",
    "Draft",
    "Duty",
    "DutySum",
    "Engagement",
    "Fingerprint",
    "GatheredOpinion",
    "Handover",
    "LedgerTalk",
    "Meeting",
    "MeetingStep",
    "MergedOpinion",
    "Notice",
    "NoticePreference",
    "OfficeException",
    "OfficeHours",
    "Opinion",
    "Participant",
    "Preparation",
    "Progress",
    "Proposal",
    "Reconciliation",
    "Reliance",
    "Remedy",
    "RequestNotice",
    "Rule",
    "Settlement",
    "Side",
    "Talk",
    "TalkRequest",
    "Upload",
    "Waiver",
    "homes_of",
    "in_ledgers_of",
    "ledger_talkers",
    "ledgers_by_facts",
    "unkept_ledgers",
]
