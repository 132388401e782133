"""Even right edges for Chinese lines."""

from collections.abc import Iterator

from weasyprint.document import Document
from weasyprint.formatting_structure import boxes

# A line that lacks more than this many characters ends by intent, and stays as it is.
MOST_CHARACTERS = 3


def justify(document: Document) -> None:
    """Shares what a full line lacks among its characters.

    WeasyPrint widens spaces, of which Chinese has none, so that a line ends ragged wherever 禁则 moved a
    character to the next one. This runs after layout: no line and no page breaks differently. It reads
    private attributes of WeasyPrint, which is pinned; tests/reports/test_paper.py measures the edges.
    """
    for page in document.pages:
        for block in page._page_box.descendants():
            if isinstance(block, boxes.BlockContainerBox):
                for line in block.children:
                    if _is_full(line):
                        _widen(line, block.content_box_x() + block.width)


def _is_full(line: boxes.Box) -> bool:
    """Whether the text goes on in the next line and is to be justified."""
    return (
        isinstance(line, boxes.LineBox)
        and line.resume_at is not None
        and line.style["text_align_all"] == "justify"
    )


def _widen(line: boxes.LineBox, edge: float) -> None:
    inner = [box for box in line.descendants() if box is not line]
    if any(not isinstance(box, boxes.TextBox | boxes.InlineBox) for box in inner):
        return
    texts = [box for box in inner if isinstance(box, boxes.TextBox)]
    gaps = sum(len(box.text) for box in texts) - 1
    if gaps < 1:
        return
    lacking = edge - max(box.position_x + box.width for box in texts)
    if 0 < lacking <= MOST_CHARACTERS * line.style["font_size"]:
        each = lacking / gaps
        for box, shift in _shifts(texts, each):
            spacing = box.style["letter_spacing"]
            box.style = box.style.copy()
            box.style["letter_spacing"] = (0 if spacing == "normal" else spacing) + each
            box.position_x += shift
            box.width += each * len(box.text)
        # What follows the last character stands outside.
        texts[-1].width -= each


def _shifts(texts: list[boxes.TextBox], each: float) -> Iterator[tuple[boxes.TextBox, float]]:
    """Each text with how far those before it push it to the right."""
    shift = 0.0
    for box in texts:
        yield box, shift
        shift += each * len(box.text)
