"""Reports asked for and issued; 疑点 and what was said to them."""

from reports.models.approvals import Approval
from reports.models.findings import Finding, FindingStep, Sweep
from reports.models.reports import Report, ReportQuerySet

__all__ = ["Approval", "Finding", "FindingStep", "Report", "ReportQuerySet", "Sweep"]
