"""Papers that are edited in Word: the same text as on paper, in the type of GB/T 9704-2012."""

from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from branches.rules.cells import clean_text
from reports.excel import steady
from reports.figures.papers import Paper
from reports.figures.sheets import Block, Essay, Field, RecordSheet

MAKER = "谈心谈话系统"
# What an office has: the papers are edited there.
FANG, KAI, HEI, BIAO, SONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"
BODY, TITLE, SMALL, FORM = Pt(16), Pt(22), Pt(9), Pt(12)
PITCH, FORM_PITCH = Pt(28.95), Pt(19)
TWO_CHARACTERS = Pt(32)
FACES = {"h2": HEI, "h3": KAI, "p": FANG, "prompt": KAI}
LABEL, WIDE = Mm(24), Mm(54)


def render_word(paper: Paper) -> bytes:
    """The paper as .docx; the same bytes for the same paper. TypeError for what is not edited in Word."""
    figures = paper.figures
    document = Document()
    _page(document)
    if isinstance(figures, Essay):
        _essay(document, figures)
    elif isinstance(figures, RecordSheet):
        _record(document, figures)
    else:
        raise TypeError(f"{type(figures).__name__} is not edited in Word")
    _foot(document, f"编号：{paper.number}　校验码：{paper.code_printed}　{paper.watermark}")
    properties = document.core_properties
    properties.author = properties.last_modified_by = MAKER
    properties.title, properties.comments, properties.language = figures.title, "", "zh-CN"
    # By it /verify/ knows an altered file for one of ours.
    properties.identifier, properties.subject = paper.number, paper.described
    properties.created = properties.modified = datetime(  # noqa: DTZ001
        paper.issued_at.year, paper.issued_at.month, paper.issued_at.day
    )
    file = BytesIO()
    document.save(file)
    return steady(file.getvalue())


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(20)
    normal = document.styles["Normal"]
    normal.font.size = BODY
    _face(normal, FANG)


def _face(style: Any, name: str) -> None:
    style.font.name = name
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _run(paragraph: Any, text: str, face: str, size: Any = BODY, *, bold: bool = False) -> None:
    run = paragraph.add_run(clean_text(text) if text.strip() else text)
    run.font.name, run.font.size, run.font.bold = face, size, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def _paragraph(where: Any, *, pitch: Any = PITCH, align: Any = None, indent: Any = None) -> Any:
    paragraph = where.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, pitch
    shape.space_before = shape.space_after = Pt(0)
    shape.alignment, shape.first_line_indent = align, indent
    return paragraph


def _title(document: Any, text: str) -> None:
    _run(_paragraph(document, align=WD_ALIGN_PARAGRAPH.CENTER), text, BIAO, TITLE)


def _essay(document: Any, essay: Essay) -> None:
    _title(document, essay.title)
    _paragraph(document)
    if essay.addressee:
        _run(_paragraph(document), essay.addressee, FANG)
    for block in essay.blocks:
        _block(document, block)
    _paragraph(document)
    right = WD_ALIGN_PARAGRAPH.RIGHT
    day = essay.signed_on
    for text in (essay.signer, f"{day.year}年{day.month}月{day.day}日"):
        paragraph = _paragraph(document, align=right)
        paragraph.paragraph_format.right_indent = TWO_CHARACTERS
        _run(paragraph, text, FANG)


def _block(document: Any, block: Block) -> None:
    paragraph = _paragraph(document, align=WD_ALIGN_PARAGRAPH.JUSTIFY, indent=TWO_CHARACTERS)
    paragraph.paragraph_format.keep_with_next = block.kind in ("h2", "h3")
    _run(paragraph, block.text, FACES[block.kind])


def _record(document: Any, sheet: RecordSheet) -> None:
    _title(document, sheet.title)
    _run(_paragraph(document, pitch=FORM_PITCH), f"{sheet.left}　　{sheet.right}", FANG, FORM)
    table = document.add_table(rows=0, cols=4)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for one, other in sheet.pairs:
        cells = table.add_row().cells
        for cell, text, is_label in (
            (cells[0], one.name, True),
            (cells[1], one.value, False),
            (cells[2], other.name, True),
            (cells[3], other.value, False),
        ):
            _fill(cell, (text,), is_label=is_label)
    for field in sheet.fields:
        cells = table.add_row().cells
        _fill(cells[0], (field.name,), is_label=True)
        _fill(cells[1].merge(cells[3]), _lines(field), indent=Pt(24) if field.is_flow else None)
    cells = table.add_row().cells
    for cell, text in zip(
        (cells[0].merge(cells[1]), cells[2].merge(cells[3])), sheet.signatures, strict=True
    ):
        _fill(cell, (text, "", "年　　月　　日"))
    for row in table.rows:
        for place, cell in enumerate(row.cells):
            cell.width = LABEL if place in (0, 2) else WIDE
    if sheet.note:
        _run(_paragraph(document, pitch=FORM_PITCH), f"注：{sheet.note}", FANG, SMALL)


def _lines(field: Field) -> tuple[str, ...]:
    if field.choices:
        return ("　".join(f"{'☑' if choice == field.value else '□'}{choice}" for choice in field.choices),)
    return (field.flow or ("", "", "")) if field.is_flow else (field.value,)


def _fill(cell: Any, lines: tuple[str, ...], *, is_label: bool = False, indent: Any = None) -> None:
    for number, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, FORM_PITCH
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER if is_label else None
        shape.first_line_indent = indent
        _run(paragraph, line, HEI if is_label else FANG, FORM)


def _foot(document: Any, text: str) -> None:
    """The page number with a dash on each side, and what tells the paper from others."""
    footer = document.sections[0].footer
    paragraph = footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", SONG, Pt(14))
    run = paragraph.add_run()
    run.font.name, run.font.size = SONG, Pt(14)
    for kind, instruction in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = instruction
        run._element.append(element)
    _run(paragraph, " —", SONG, Pt(14))
    line = footer.add_paragraph()
    _run(line, text, FANG, SMALL)
