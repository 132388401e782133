"""Which files may be attached to a record, and the names under which they are kept."""

from enum import StrEnum

MOST_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 120


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


def kind_of_name(name: str) -> FileKind | None:
    """The format that the ending of the name claims."""
    return _ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None


def tidy_file_name(name: str, kind: FileKind) -> str:
    """The name without folders and control characters, at most 120 characters long, with its ending."""
    base = name.replace("\\", "/").rpartition("/")[2]
    base = base.rpartition(".")[0] or base
    clean = "".join(sign for sign in base if sign.isprintable() and sign not in '/:*?"<>|').strip()
    return f"{clean[: NAME_LENGTH - 5] or '附件'}.{kind.value}"
