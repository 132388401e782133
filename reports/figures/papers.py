"""A paper as it is printed: what it says, and what marks it."""

from dataclasses import dataclass
from datetime import datetime

from branches.rules.dates import chinese_date
from reports.figures.lines import ComplianceFigures
from reports.figures.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the paper besides the figures.

    `address` is what the QR code leads to, `check_code` the beginning of the figures' HMAC, `watermark` the
    text behind the pages (empty: none). `issued_at` is in local time. What is taken off a screen has
    no number.
    """

    number: str
    issued_at: datetime
    address: str
    check_code: str
    watermark: str
    figures: ComplianceFigures | Sheet

    @property
    def described(self) -> str:
        """What a file says of itself: its number and the day of its data, and nothing of anybody."""
        return f"编号{self.number}，数据截至{chinese_date(self.figures.as_of)}"

    @property
    def code_printed(self) -> str:
        """The check code in groups of four."""
        return " ".join(self.check_code[i : i + 4].upper() for i in range(0, 16, 4))
