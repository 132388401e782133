"""Workbooks as files: the only room of branches that knows openpyxl."""
