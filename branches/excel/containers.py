"""What is looked at before a file is unpacked: size, kind, and whether it would swell."""

import re
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"

# What a damaged or contrived file makes the libraries raise.
BROKEN = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    OSError,
    RuntimeError,
    SyntaxError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

# A part of this size that was pressed more than so much is no table that people made.
SWELLING_FROM = 8 * 1024 * 1024
SWELLING = 120
# All parts together may be so many times the limit of the file.
UNPACKED = 8
MOST_PARTS = 5_000

NOT_THERE = "文件不存在，或不能读取"
NOT_A_WORKBOOK = "文件不是Excel工作簿（.xlsx），无法读取"
ENCRYPTED = "文件已加密，或是旧版Excel格式（.xls），请取消密码并另存为.xlsx后再导入"
TOO_LARGE = "文件超过{limit}MB的上限"
SWELLS = "文件解压后过大，已拒绝读取"
DAMAGED = "文件已损坏或不完整，无法读取"
HAS_ENTITIES = "文件内含有不允许的XML声明，已拒绝读取"

_DECLARATION = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_FORMULA = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?f[\s/>]")
_PIECE = 1024 * 1024
_OVERLAP = 64


class Unreadable(Exception):
    """The file is refused as a whole; the text says why, in Chinese."""


def open_container(source: Path | bytes, *, max_bytes: int) -> zipfile.ZipFile:
    """The zip of a workbook. Unreadable where it is too large, no workbook, encrypted, or would swell."""
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > max_bytes:
            raise Unreadable(TOO_LARGE.format(limit=max_bytes // (1024 * 1024)))
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise Unreadable(NOT_THERE) from error
    if data.startswith(OLE):
        raise Unreadable(ENCRYPTED)
    if not data.startswith(ZIP):
        raise Unreadable(NOT_A_WORKBOOK)
    try:
        container = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(DAMAGED) from error
    _refuse_swelling(container.infolist(), max_bytes)
    return container


def parts(container: zipfile.ZipFile) -> bool:
    """Reads every XML part once: Unreadable for entity declarations; whether any sheet holds a formula.

    The check sum of each part is verified on the way.
    """
    formulas = False
    for part in container.infolist():
        if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        is_sheet = "worksheets/" in part.filename.lower()
        with container.open(part) as stream:
            tail = b""
            while piece := stream.read(_PIECE):
                text = tail + piece
                if _DECLARATION.search(text):
                    raise Unreadable(HAS_ENTITIES)
                formulas = formulas or (is_sheet and _FORMULA.search(text) is not None)
                tail = text[-_OVERLAP:]
    return formulas


def _refuse_swelling(infos: list[zipfile.ZipInfo], max_bytes: int) -> None:
    if any(info.flag_bits & 0x1 for info in infos):
        raise Unreadable(ENCRYPTED)
    swelling = any(
        info.file_size > SWELLING_FROM and info.file_size > SWELLING * max(info.compress_size, 1)
        for info in infos
    )
    if swelling or len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > UNPACKED * max_bytes:
        raise Unreadable(SWELLS)
    if "[Content_Types].xml" not in {info.filename for info in infos}:
        raise Unreadable(NOT_A_WORKBOOK)
