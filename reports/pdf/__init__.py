"""Papers: PDF/A after GB/T 9704-2012. The only door to WeasyPrint, Typst and segno."""

from reports.pdf.paper import expected_pages, render_paper

__all__ = ["expected_pages", "render_paper"]
