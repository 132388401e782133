"""What marks a paper: the QR code in the foot and the watermark behind the text."""

from urllib.parse import quote
from xml.sax.saxutils import escape

import segno

TILE_WIDTH, TILE_HEIGHT = 420, 300
WATERMARK = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{TILE_WIDTH}" height="{TILE_HEIGHT}">'
    f'<g transform="rotate(-28 {TILE_WIDTH // 2} {TILE_HEIGHT // 2})">'
    f'<text x="{TILE_WIDTH // 2}" y="{TILE_HEIGHT // 2}" text-anchor="middle" font-family="Noto Sans CJK SC"'
    ' font-size="19" fill="#e9e9e9">%s</text></g></svg>'
)


def qr_code(address: str) -> str:
    """The address as a QR code, as a data address of an SVG; level M stands a watermark behind it."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=4, omitsize=True))


def watermark_sheet(text: str) -> str:
    """A style sheet that lays the text, grey and slanting, behind every page.

    As the ground of the page it is an artifact for readers, and does not get into copied text.
    """
    return f'@page {{ background: url("data:image/svg+xml,{quote(WATERMARK % escape(text))}") }}'
