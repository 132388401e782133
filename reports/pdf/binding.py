"""Parts of one register bound into one file: pages, and the table of their tags as one table."""

import re
from collections.abc import Sequence
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, ObjectStreamMode

PAGES = re.compile(rb"<xmpTPg:NPages>\d+</xmpTPg:NPages>")


def bind(files: Sequence[bytes], pages: int) -> bytes:
    """The files, each with one table of the same columns, as one file with one table.

    What describes the document is that of the first. Merging that only strings pages together would lose the
    tags: here the rows of each later part become another body of the first one's table, under its heads.
    """
    with pikepdf.open(BytesIO(files[0])) as pdf:
        root = pdf.Root.StructTreeRoot
        document = _first(root.K)
        table = next(one for one in document.K if one.S == "/Table")
        parents = NumberTree(root.ParentTree)
        for file in files[1:]:
            with pikepdf.open(BytesIO(file)) as part:
                _append(pdf, part, document, table, parents)
        root.ParentTreeNextKey = len(pdf.pages)
        described = pdf.Root.Metadata.read_bytes()
        # Kept readable, as PDF/A asks for.
        pdf.Root.Metadata.write(PAGES.sub(b"<xmpTPg:NPages>%d</xmpTPg:NPages>" % pages, described))
        target = BytesIO()
        pdf.save(target, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
    return target.getvalue()


def _append(
    pdf: pikepdf.Pdf, part: pikepdf.Pdf, document: pikepdf.Object, table: pikepdf.Object, parents: NumberTree
) -> None:
    before = len(pdf.pages)
    tree = part.Root.StructTreeRoot
    # The pages first: what is copied afterwards refers to these copies.
    pdf.pages.extend(part.pages)
    for page in pdf.pages[before:]:
        page.obj.StructParents = int(page.obj.StructParents) + before
    copied = pdf.copy_foreign(tree)
    for number, found in NumberTree(copied.ParentTree).items():
        parents[number + before] = found
    for one in list(_first(copied.K).K):
        if one.S == "/Table":
            _join(table, one)
        else:
            one.P = document
            document.K.append(one)


def _join(table: pikepdf.Object, later: pikepdf.Object) -> None:
    """The head of the later table becomes a row of its body; its cells give up their names."""
    head = next(one for one in later.K if one.S == "/THead")
    for body in [one for one in later.K if one.S == "/TBody"]:
        rows = list(head.K)
        for row in rows:
            row.P = body
            for cell in row.K:
                if Name.ID in cell:
                    del cell[Name.ID]
        head.K = Array()
        body.K = Array([*rows, *body.K])
        body.P = table
        table.K.append(body)


def _first(kids: pikepdf.Object) -> Dictionary:
    found = kids[0] if isinstance(kids, Array) else kids
    assert isinstance(found, Dictionary), "the root of the tags has one document"
    return found
