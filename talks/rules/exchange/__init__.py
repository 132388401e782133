"""The exchange workbook by itself: its sheets, columns and cells (workbook.md)."""
