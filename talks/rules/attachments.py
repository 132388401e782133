"""Which files may be attached to a record: told by what is in them, never by their name."""

from enum import StrEnum
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

MOST_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 120
# The mark of its end stands within so many bytes of it.
PDF_TAIL = 1024


class FileKind(StrEnum):
    """The formats, by the ending of their names."""

    PDF = "pdf"
    JPG = "jpg"
    PNG = "png"
    DOCX = "docx"

    @property
    def media_type(self) -> str:
        """As a download names it."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.JPG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_ENDINGS = {"pdf": FileKind.PDF, "jpg": FileKind.JPG, "jpeg": FileKind.JPG, "png": FileKind.PNG}
_ENDINGS["docx"] = FileKind.DOCX


def kind_of_content(content: bytes) -> FileKind | None:
    """The format of the file by how it begins and that it ends; None where it is none of the four."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-PDF_TAIL:]:
        return FileKind.PDF
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content:
        return FileKind.JPG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content:
        return FileKind.PNG
    return FileKind.DOCX if _is_docx(content) else None


def kind_of_name(name: str) -> FileKind | None:
    """The format that the ending of the name claims."""
    return _ENDINGS.get(PurePath(name).suffix.removeprefix(".").lower())


def tidy_file_name(name: str, kind: FileKind) -> str:
    """The name without folders and control characters, at most 120 characters long, with its ending."""
    base = PurePath(name.replace("\\", "/")).stem
    clean = "".join(sign for sign in base if sign.isprintable() and sign not in '/:*?"<>|').strip()
    return f"{clean[: NAME_LENGTH - 5] or '附件'}.{kind.value}"


def _is_docx(content: bytes) -> bool:
    """A Word document without macros. Only the list of its parts is read: nothing is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = set(archive.namelist())
    except (BadZipFile, ValueError, NotImplementedError):
        return False
    return {"[Content_Types].xml", "word/document.xml"} <= parts and not any(
        part.lower().endswith("vbaproject.bin") for part in parts
    )
