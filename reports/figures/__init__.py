"""What papers say, as dataclasses: a module for each document, and the findings of the screens."""

from reports.figures.compliance import compliance_figures, figures_of
from reports.figures.lines import (
    ComplianceFigures,
    OrganisationLine,
    OverdueLine,
    RequestSums,
    RuleLine,
)
from reports.figures.versions import BUILT_IN, Version

__all__ = [
    "BUILT_IN",
    "ComplianceFigures",
    "OrganisationLine",
    "OverdueLine",
    "RequestSums",
    "RuleLine",
    "Version",
    "compliance_figures",
    "figures_of",
]
