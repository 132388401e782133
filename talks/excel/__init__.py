"""The exchange workbook as a file: the only room that knows openpyxl."""

from talks.excel.reading import Unreadable, read_workbook
from talks.excel.writing import number_workbook, text_cell, write_workbook

__all__ = ["Unreadable", "number_workbook", "read_workbook", "text_cell", "write_workbook"]
