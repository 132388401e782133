"""Who may ask for which document, and whose findings one may see."""

from reports.permissions.approvals import (
    asked_approvals,
    export_approvers,
    overseen_approvals,
    visible_approvals,
)
from reports.permissions.documents import (
    documents_for,
    may_read_remedies,
    orderable_meetings,
    orderable_organisations,
    orderable_talks,
    readable_talk,
    reads_ledgers,
    visible_reports,
)
from reports.permissions.findings import (
    dismissable_findings,
    explainable_findings,
    has_findings,
    reopenable_findings,
    visible_finding_steps,
    visible_findings,
)
from reports.permissions.samples import sampled_organisations, sampled_talks
from reports.permissions.trail import reads_trail, visible_trail_entries

__all__ = [
    "asked_approvals",
    "dismissable_findings",
    "documents_for",
    "explainable_findings",
    "export_approvers",
    "has_findings",
    "may_read_remedies",
    "orderable_meetings",
    "orderable_organisations",
    "orderable_talks",
    "overseen_approvals",
    "readable_talk",
    "reads_ledgers",
    "reads_trail",
    "reopenable_findings",
    "sampled_organisations",
    "sampled_talks",
    "visible_approvals",
    "visible_finding_steps",
    "visible_findings",
    "visible_reports",
    "visible_trail_entries",
]
