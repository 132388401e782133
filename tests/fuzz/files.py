"""Files that no person sends: bombs, halves, names that no system takes, one byte more than is let in."""

from functools import cache
from io import BytesIO
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

MEGABYTE = 1024 * 1024
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\0\0\3\1\1\0"
    b"\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
PDF += b"trailer<</Root 1 0 R>>\n%%EOF\n"
# Each entity is ten of the one before.
LAUGHS = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
NAMES = (
    *("签字件.pdf", "附件.docx", "图.png", "名册.xlsx", "x.jpg", "无名", ".pdf", "a.pdf.exe", "COM1.pdf"),
    *("../../etc/passwd", "..\\..\\x.pdf", "x" * 300 + ".pdf", "名" * 2000 + ".docx"),
    *("a\0b.pdf", "\u202efdp.exe", "\u200f标\u202e记\u2066.docx", "a\r\nX-Header: b.pdf", '"; rm -rf.pdf'),
    *("<img src=x onerror=alert(1)>.png", "=1+1.xlsx", "\ufeff.pdf", "\U0001f600.jpg"),
)
TYPES = ("application/pdf", "text/html", "image/png", "application/octet-stream", "application/zip", "x", "")


def _zipped(**members: bytes) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return target.getvalue()


def _with(container: bytes, name: str, content: bytes) -> bytes:
    """The container with one member exchanged."""
    target = BytesIO()
    with ZipFile(BytesIO(container)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return target.getvalue()


@cache
def contents() -> dict[str, bytes]:
    """What may lie in a file, by its name here."""
    word, book = BytesIO(), BytesIO()
    Document().save(word)
    workbook = openpyxl.Workbook()
    workbook.active.append(["编号", "姓名", "党组织", "=1+1"])
    workbook.save(book)
    docx, xlsx = word.getvalue(), book.getvalue()
    laughs = f"{LAUGHS}]><a>&i;</a>".encode()
    return {
        "nothing": b"",
        "pdf": PDF,
        "half a pdf": PDF[: len(PDF) // 2],
        "png": PNG,
        "half a png": PNG[: len(PNG) // 2],
        "docx": docx,
        "half a docx": docx[: len(docx) // 2],
        "xlsx": xlsx,
        "half an xlsx": xlsx[: len(xlsx) // 2],
        "end of a zip": b"PK\x05\x06" + b"\0" * 18,
        "noise": b"PK\x03\x04" + bytes(range(256)) * 9,
        "page": b"<script>alert(1)</script>",
        "jpg that is none": b"\xff\xd8\xff\xe0" + b"\0" * 40,
        "bomb": _with(docx, "word/document.xml", b"\0" * (60 * MEGABYTE)),
        "bomb of a sheet": _with(xlsx, "xl/worksheets/sheet1.xml", b"<" * (60 * MEGABYTE)),
        "laughs in a docx": _with(docx, "word/document.xml", laughs),
        "laughs in a sheet": _with(xlsx, "xl/worksheets/sheet1.xml", laughs),
        "laughs in the strings": _with(xlsx, "xl/workbook.xml", laughs),
        "many members": _zipped(**{f"word/{number}": b"x" for number in range(3000)}),
        "one byte more": PDF + b"\0" * (10 * MEGABYTE + 1 - len(PDF)),
    }


# Sent seldom: each costs what a hundred others do.
HEAVY = ("one byte more", "bomb", "bomb of a sheet")


def a_file(chance: Random) -> SimpleUploadedFile:
    """One of them under some name, by chance."""
    pick = chance.choice
    there = contents()
    kind = pick(list(there))
    if kind in HEAVY and pick(range(4)):
        kind = "half a docx"
    file = SimpleUploadedFile("x", there[kind], pick(TYPES))
    # As it comes: the class takes folders off a name, a browser need not.
    file._name = pick(NAMES)  # type: ignore[attr-defined]
    return file
