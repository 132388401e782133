"""The demonstration organisation 上游局, as an exchange workbook made by code: the same every time.

All persons and texts are invented. Nothing here reads the clock or the database.
"""
