"""Embedded fonts that hold the glyphs of a paper and nothing else."""

from io import BytesIO
from typing import Any

import pydyf
from fontTools.ttLib import TTFont
from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset
from weasyprint.text.fonts import get_hb_object_data

OUTLINES = "CFF "


class SmallFonts(dict[str, Any]):
    """The fonts of a document of WeasyPrint, by key: each makes its subset here.

    WeasyPrint keeps an empty place for every glyph before the last that is used, so that the numbers in the
    text stay right: 43,000 of a Chinese font, 80 kB to write down. A font of CIDs may name the numbers of the
    glyphs that it has instead. Private attributes of WeasyPrint, which is pinned, are used.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outlines: dict[bytes, bytes] = {}

    def __setitem__(self, key: str, font: Any) -> None:
        whole = font.subset

        def subset(to_unicode: dict[int, str], hinting: object) -> None:
            small = None if font.missing or not to_unicode else _small(font, sorted({0, *to_unicode}))
            if small is None:
                whole(to_unicode, hinting)
            else:
                font.file_content, self.outlines[small[0]] = small

        font.subset = subset
        super().__setitem__(key, font)

    def embed(self, document: object, pdf: pydyf.PDF) -> None:
        """Puts the outlines alone in the place of the fonts: of a font around them readers would take the
        places for the numbers. Called by WeasyPrint before it writes."""
        places = {}
        for thing in pdf.objects:
            if isinstance(thing, pydyf.Stream) and thing.stream and thing.stream[0] in self.outlines:
                thing.stream = [self.outlines[thing.stream[0]]]
                thing.extra["Subtype"] = "/CIDFontType0C"
                places[thing.reference] = thing
        told = {
            thing.reference
            for thing in pdf.objects
            if isinstance(thing, pydyf.Dictionary) and thing.get("FontFile3") in places
        }
        for thing in pdf.objects:
            if isinstance(thing, pydyf.Dictionary) and thing.get("FontDescriptor") in told:
                thing.pop("CIDToGIDMap", None)


def _small(font: Any, glyphs: list[int]) -> tuple[bytes, bytes] | None:
    """The font with these glyphs, and its outlines alone, with their numbers; None where it has no CIDs."""
    if OUTLINES not in font.tables or "fvar" in font.tables:
        return None
    wanted = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    numbers = ffi.new(f"hb_codepoint_t[{len(glyphs)}]", glyphs)
    glyph_set = harfbuzz_subset.hb_subset_input_glyph_set(wanted)
    harfbuzz.hb_set_add_sorted_array(glyph_set, numbers, len(glyphs))
    harfbuzz_subset.hb_subset_input_set_flags(wanted, harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE)
    drop = harfbuzz_subset.hb_subset_input_set(wanted, harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG)
    # They would let other glyphs in; nothing is set upright.
    names = (b"BASE", b"DSIG", b"GPOS", b"GSUB", b"JSTF", b"VORG", b"vhea", b"vmtx")
    tags = ffi.new(
        f"hb_codepoint_t[{len(names)}]", sorted(harfbuzz.hb_tag_from_string(name, -1) for name in names)
    )
    harfbuzz.hb_set_add_sorted_array(drop, tags, len(names))
    face = ffi.gc(harfbuzz_subset.hb_subset_or_fail(font.hb_face, wanted), harfbuzz.hb_face_destroy)
    content: bytes | None = get_hb_object_data(face) if face else None
    if not content:
        return None
    outlines = _numbered(content, glyphs)
    return (content, outlines) if outlines else None


def _numbered(content: bytes, glyphs: list[int]) -> bytes | None:
    """Its outlines, which bear the numbers given, in their order."""
    small = TTFont(BytesIO(content), recalcBBoxes=False)
    top = small[OUTLINES].cff[0]
    if not hasattr(top, "ROS") or len(top.charset) != len(glyphs):
        return None
    # The names of the glyphs hang together with those of the outlines: both are read before they change.
    strings = top.CharStrings
    names = [".notdef" if not glyph else f"cid{glyph:05d}" for glyph in glyphs]
    strings.charStrings = {new: strings.charStrings[old] for old, new in zip(top.charset, names, strict=True)}
    top.charset, top.CIDCount = names, max(glyphs) + 1
    outlines: bytes = small[OUTLINES].compile(small)
    return outlines
