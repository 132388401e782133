"""What ISO 19005-2 (PDF/A-2, level A) asks of a file, clause by clause, as far as our papers can break it."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pikepdf
from pikepdf import Dictionary, Name, NumberTree, Stream

# Structure types of ISO 32000-1, 14.8.4; others need a place in the role map.
_TYPES = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L"
    " LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby"
    " Warichu Figure Formula Form"
)
STANDARD_TYPES = {f"/{name}" for name in _TYPES.split()}
_MODES = (
    "Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight"
    " Difference Exclusion Hue Saturation Color Luminosity"
)
BLEND_MODES = {f"/{name}" for name in _MODES.split()}
_ACTIONS = "Launch Sound Movie ResetForm ImportData Hide SetOCGState Rendition Trans GoTo3DView JavaScript"
FORBIDDEN_ACTIONS = {f"/{name}" for name in _ACTIONS.split()}
DEEPEST, LONGEST_STRING, LONGEST_NAME = 28, 32767, 127


def breaches(file: bytes) -> list[str]:
    """The clauses that the file breaks; none for a paper that may be archived."""
    with pikepdf.open(BytesIO(file)) as pdf:
        return [clause for clause, holds in CLAUSES.items() if not holds(pdf, file)]


def things(pdf: pikepdf.Pdf, kind: str = "") -> Iterator[pikepdf.Object]:
    """Its dictionaries and streams, those of a /Type alone where one is given."""
    for thing in pdf.objects:
        if isinstance(thing, Dictionary | Stream) and (not kind or thing.get("/Type") == Name(f"/{kind}")):
            yield thing


def drawings(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Everything that is drawn: pages, forms, patterns."""
    yield from things(pdf, "Page")
    for thing in things(pdf):
        if isinstance(thing, Stream) and (thing.get("/Subtype") == "/Form" or thing.get("/PatternType") == 1):
            yield thing


def _header(pdf: pikepdf.Pdf, file: bytes) -> bool:
    first, second = file.split(b"\n", 2)[:2]
    return bool(re.fullmatch(rb"%PDF-1\.[0-7]\r?", first)) and second[:1] == b"%" and min(second[1:5]) > 127


def _trailer(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return "/Encrypt" not in pdf.trailer and len(pdf.trailer.get("/ID", ())) == 2


def _streams(pdf: pikepdf.Pdf, file: bytes) -> bool:
    outside = {"/F", "/FFilter", "/FDecodeParms"}
    return not any(
        outside & set(thing.keys()) or "LZW" in str(thing.get("/Filter", ""))
        for thing in things(pdf)
        if isinstance(thing, Stream)
    )


def _limits(pdf: pikepdf.Pdf, file: bytes) -> bool:
    for thing in drawings(pdf):
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(thing):
            depth += {"q": 1, "Q": -1}.get(str(operator), 0)
            if depth > DEEPEST or any(
                isinstance(one, pikepdf.String) and len(bytes(one)) > LONGEST_STRING for one in operands
            ):
                return False
    return all(len(str(name)) <= LONGEST_NAME for thing in things(pdf) for name in set(thing.keys()))


def _intent(pdf: pikepdf.Pdf, file: bytes) -> bool:
    intents = list(pdf.Root.get("/OutputIntents", ()))
    if len(intents) != 1 or intents[0].S != "/GTS_PDFA1":
        return False
    profile = intents[0].get("/DestOutputProfile")
    if profile is None:
        return False
    head = profile.read_bytes()
    return head[36:40] == b"acsp" and head[8] < 5 and head[16:20] == b"RGB " and profile.N == 3


def _resources(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return all("/Resources" in thing for thing in drawings(pdf))


def _colour(pdf: pikepdf.Pdf, file: bytes) -> bool:
    cmyk = any(
        str(operator) in ("k", "K") or (str(operator) in ("cs", "CS") and str(operands[0]) == "/DeviceCMYK")
        for thing in drawings(pdf)
        for operands, operator in pikepdf.parse_content_stream(thing)
    )
    return not cmyk and not any(thing.get("/ColorSpace") == "/DeviceCMYK" for thing in things(pdf))


def _states(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return not any({"/TR", "/HTP"} & set(thing.keys()) for thing in _graphics(pdf))


def _images(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return not any(
        {"/Alternates", "/OPI"} & set(thing.keys()) or bool(thing.get("/Interpolate", False))
        for thing in things(pdf)
        if thing.get("/Subtype") == "/Image"
    )


def _forms(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return not any(
        thing.get("/Subtype") == "/PS" or {"/OPI", "/PS", "/Ref"} & set(thing.keys())
        for thing in things(pdf)
        if isinstance(thing, Stream)
    )


def _blending(pdf: pikepdf.Pdf, file: bytes) -> bool:
    modes = {str(thing["/BM"]) for thing in _graphics(pdf) if "/BM" in thing}
    return modes <= BLEND_MODES


def _graphics(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for thing in things(pdf):
        if thing.get("/Type") == "/ExtGState":
            yield thing
        if isinstance(thing.get("/ExtGState"), Dictionary):
            yield from thing["/ExtGState"].values()


def _embedded(pdf: pikepdf.Pdf, file: bytes) -> bool:
    programs = {"/FontFile", "/FontFile2", "/FontFile3"}
    found = list(things(pdf, "FontDescriptor"))
    return bool(found) and all(programs & set(font.keys()) for font in found)


def _composite(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [font for font in things(pdf, "Font") if font.get("/Subtype") == "/Type0"]


def _glyph_maps(pdf: pikepdf.Pdf, file: bytes) -> bool:
    """An embedded TrueType font of CIDs says which glyph each is."""
    return all(
        font.DescendantFonts[0].Subtype != "/CIDFontType2" or "/CIDToGIDMap" in font.DescendantFonts[0]
        for font in _composite(pdf)
    )


def _unicode(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return all("/ToUnicode" in font for font in _composite(pdf))


def _no_notdef(pdf: pikepdf.Pdf, file: bytes) -> bool:
    for thing in drawings(pdf):
        for operands, operator in pikepdf.parse_content_stream(thing):
            parts = operands[0] if str(operator) == "TJ" else operands if str(operator) == "Tj" else ()
            codes = [bytes(part) for part in parts if isinstance(part, pikepdf.String)]
            if any(code[i : i + 2] == b"\0\0" for code in codes for i in range(0, len(code), 2)):
                return False
    return True


def _annotations(pdf: pikepdf.Pdf, file: bytes) -> bool:
    """There are none on our papers; a link would need its flags and its place in the tags."""
    return not any(page.get("/Annots") for page in things(pdf, "Page"))


def _actions(pdf: pikepdf.Pdf, file: bytes) -> bool:
    names = pdf.Root.get("/Names", Dictionary())
    return "/JavaScript" not in names and not any(
        "/AA" in thing or str(thing.get("/S", "")) in FORBIDDEN_ACTIONS or "/JS" in thing
        for thing in things(pdf)
    )


def _metadata(pdf: pikepdf.Pdf, file: bytes) -> bool:
    with pdf.open_metadata() as meta:
        declared = (meta.get("pdfaid:part"), meta.get("pdfaid:conformance")) == ("2", "A")
        title = meta.get("dc:title")
    return declared and title == str((pdf.docinfo or {}).get("/Title", ""))


def _marked(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return bool(pdf.Root.get("/MarkInfo", Dictionary()).get("/Marked", False))


def _structure(pdf: pikepdf.Pdf, file: bytes) -> bool:
    """Each marked content of a page has its element, and each element its parent, up to the root."""
    root = pdf.Root.get("/StructTreeRoot")
    if root is None or "/ParentTree" not in root:
        return False
    parents = NumberTree(root.ParentTree)
    numbers = [page.get("/StructParents") for page in things(pdf, "Page")]
    if None in numbers or len(set(map(int, numbers))) != len(numbers):
        return False
    for page in things(pdf, "Page"):
        marks = {
            int(operands[1]["/MCID"])
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC" and isinstance(operands[1], Dictionary) and "/MCID" in operands[1]
        }
        found = list(parents.get(int(page.StructParents), ()))
        if any(mark >= len(found) or not isinstance(found[mark], Dictionary) for mark in marks):
            return False
        if any(element.get("/Type") != "/StructElem" or "/P" not in element for element in found):
            return False
    return True


def _reached(pdf: pikepdf.Pdf, file: bytes) -> bool:
    """What a page marks is reached from the root of the tags, on that page."""
    root = pdf.Root.get("/StructTreeRoot", Dictionary())
    seen: set[tuple[int, int]] = set()
    stack = [root.get("/K")]
    while stack:
        one = stack.pop()
        if isinstance(one, pikepdf.Array):
            stack.extend(list(one))
        elif isinstance(one, Dictionary):
            if one.objgen in seen and one.is_indirect:
                return False
            seen.add(one.objgen)
            stack.append(one.get("/K"))
    parents = NumberTree(root.ParentTree) if "/ParentTree" in root else {}
    # WeasyPrint marks the foot of a page though it stands in no text: such an element hangs on the root.
    loose = [
        element
        for number in parents
        for element in parents[number]
        if element.objgen not in seen and not _leads_to_root(element)
    ]
    return not loose and len(seen) > 1


def _leads_to_root(element: pikepdf.Object) -> bool:
    for _ in range(50):
        if element.get("/Type") == "/StructTreeRoot":
            return True
        element = element.get("/P", Dictionary())
    return False


def _heads(pdf: pikepdf.Pdf, file: bytes) -> bool:
    """Cells name heads that are there, each name given once."""
    elements = list(things(pdf, "StructElem"))
    given = [bytes(element.ID) for element in elements if "/ID" in element]
    named = {
        bytes(head)
        for element in elements
        for attributes in (
            element["/A"] if isinstance(element.get("/A"), pikepdf.Array) else [element.get("/A")]
        )
        if isinstance(attributes, Dictionary)
        for head in attributes.get("/Headers", ())
    }
    return len(set(given)) == len(given) and named <= set(given)


def _roles(pdf: pikepdf.Pdf, file: bytes) -> bool:
    mapped = set(pdf.Root.get("/StructTreeRoot", Dictionary()).get("/RoleMap", Dictionary()).keys())
    used = {str(element.S) for element in things(pdf, "StructElem")}
    return used <= STANDARD_TYPES | mapped


def _language(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return bool(re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", str(pdf.Root.get("/Lang", ""))))


def _files(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return "/EmbeddedFiles" not in pdf.Root.get("/Names", Dictionary()) and not any(things(pdf, "Filespec"))


def _forms_of_readers(pdf: pikepdf.Pdf, file: bytes) -> bool:
    return not {"/AcroForm", "/NeedsRendering", "/OCProperties", "/Requirements"} & set(pdf.Root.keys())


CLAUSES: dict[str, Callable[[pikepdf.Pdf, bytes], bool]] = {
    "6.1.2 header": _header,
    "6.1.3 trailer": _trailer,
    "6.1.7 streams": _streams,
    "6.1.13 limits": _limits,
    "6.2.2 resources": _resources,
    "6.2.3 output intent": _intent,
    "6.2.4 colour": _colour,
    "6.2.5 graphics state": _states,
    "6.2.8 images": _images,
    "6.2.9 form XObjects": _forms,
    "6.2.10 transparency": _blending,
    "6.2.11.3 CIDs to glyphs": _glyph_maps,
    "6.2.11.4 fonts embedded": _embedded,
    "6.2.11.7 ToUnicode": _unicode,
    "6.2.11.8 .notdef": _no_notdef,
    "6.3 annotations": _annotations,
    "6.5 actions": _actions,
    "6.6 metadata": _metadata,
    "6.7.2 marked": _marked,
    "6.7.3 structure": _structure,
    "6.7.3 reached": _reached,
    "6.7.3 heads of tables": _heads,
    "6.7.3.4 roles": _roles,
    "6.7.4 language": _language,
    "6.8 embedded files": _files,
    "6.9 no forms, no layers": _forms_of_readers,
}
