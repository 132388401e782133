"""Reports as paper: PDF/A after GB/T 9704-2012. The only door to WeasyPrint and segno."""

from reports.pdf.compliance import Paper, expected_pages, render_compliance

__all__ = ["Paper", "expected_pages", "render_compliance"]
