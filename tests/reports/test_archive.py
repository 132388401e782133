"""Papers hold what ISO 19005-2 asks for, and the check of each clause sees a file that breaks it."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from reports.figures.sheets import Sheet
from reports.pdf import registers, render_paper
from tests.reports.archive import CLAUSES, breaches
from tests.reports.test_paper import rare_paper
from tests.reports.test_sheets import a_ledger, a_record, an_essay, an_overview, paper


@pytest.fixture(scope="session")
def record() -> bytes:
    return render_paper(paper(a_record()))


@pytest.mark.parametrize("sheet", [an_essay(), a_ledger(0), a_ledger(20), an_overview()], ids=range(4))
def test_papers_break_no_clause(sheet: Sheet) -> None:
    assert breaches(render_paper(paper(sheet))) == []


def test_the_form_and_the_compliance_report_break_none(record: bytes) -> None:
    assert breaches(record) == []
    assert breaches(render_paper(rare_paper())) == []


def test_a_long_register_of_several_parts_breaks_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "LONG", 10)
    monkeypatch.setattr(registers, "PART", 20)
    assert breaches(render_paper(paper(a_ledger(45)))) == []


def _page(pdf: Pdf) -> Dictionary:
    return pdf.pages[0].obj


def _draw(pdf: Pdf, code: bytes) -> None:
    pdf.pages[0].contents_add(code)


def _each(pdf: Pdf, kind: str) -> pikepdf.Object:
    return next(
        thing
        for thing in pdf.objects
        if isinstance(thing, Dictionary) and thing.get("/Type") == Name(f"/{kind}")
    )


def _font(pdf: Pdf) -> pikepdf.Object:
    return next(
        thing for thing in pdf.objects if isinstance(thing, Dictionary) and thing.get("/Subtype") == "/Type0"
    )


def _head_twice(pdf: Pdf) -> None:
    head = next(thing for thing in pdf.objects if isinstance(thing, Dictionary) and thing.get("/S") == "/TD")
    head.A = Dictionary(O=Name.Table, Headers=Array([pikepdf.String("nowhere")]))


def _loose(pdf: Pdf) -> None:
    root = pdf.Root.StructTreeRoot
    for kid in root.K[0].K:
        del kid.P
    root.K[0].K = Array([pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=root.K[0]))])


def _describe(pdf: Pdf) -> None:
    with pdf.open_metadata() as meta:
        meta["pdfaid:conformance"] = "B"


DOCTORED: dict[str, Callable[[Pdf], object]] = {
    "6.1.7 streams": lambda pdf: setattr(pdf.Root, "X", pdf.make_stream(b"x", FFilter=Name.FlateDecode)),
    "6.1.13 limits": lambda pdf: _draw(pdf, b"q " * 29 + b"Q " * 29),
    "6.2.2 resources": lambda pdf: setattr(pdf.Root, "X", pdf.make_stream(b"", Subtype=Name.Form)),
    "6.2.3 output intent": lambda pdf: pdf.Root.__delitem__("/OutputIntents"),
    "6.2.4 colour": lambda pdf: _draw(pdf, b"0 0 0 1 k"),
    "6.2.5 graphics state": lambda pdf: setattr(
        pdf.Root, "X", pdf.make_indirect(Dictionary(Type=Name.ExtGState, TR=Name.Identity))
    ),
    "6.2.8 images": lambda pdf: setattr(
        pdf.Root, "X", pdf.make_stream(b"x", Subtype=Name.Image, Interpolate=True)
    ),
    "6.2.9 form XObjects": lambda pdf: setattr(pdf.Root, "X", pdf.make_stream(b"x", Subtype=Name.PS)),
    "6.2.10 transparency": lambda pdf: setattr(
        pdf.Root, "X", pdf.make_indirect(Dictionary(Type=Name.ExtGState, BM=Name.Own))
    ),
    "6.2.11.3 CIDs to glyphs": lambda pdf: setattr(
        _font(pdf).DescendantFonts[0], "Subtype", Name.CIDFontType2
    ),
    "6.2.11.4 fonts embedded": lambda pdf: [
        _each(pdf, "FontDescriptor").__delitem__(name)
        for name in ("/FontFile2", "/FontFile3")
        if name in _each(pdf, "FontDescriptor")
    ],
    "6.2.11.7 ToUnicode": lambda pdf: _font(pdf).__delitem__("/ToUnicode"),
    "6.2.11.8 .notdef": lambda pdf: _draw(pdf, b"BT <00000041> Tj ET"),
    "6.3 annotations": lambda pdf: setattr(
        _page(pdf), "Annots", Array([Dictionary(Type=Name.Annot, Subtype=Name.Link)])
    ),
    "6.5 actions": lambda pdf: setattr(
        pdf.Root,
        "OpenAction",
        pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))),
    ),
    "6.6 metadata": _describe,
    "6.7.2 marked": lambda pdf: pdf.Root.__delitem__("/MarkInfo"),
    "6.7.3 structure": lambda pdf: _page(pdf).__delitem__("/StructParents"),
    "6.7.3 reached": _loose,
    "6.7.3 heads of tables": _head_twice,
    "6.7.3.4 roles": lambda pdf: setattr(_each(pdf, "StructElem"), "S", Name.Own),
    "6.7.4 language": lambda pdf: pdf.Root.__delitem__("/Lang"),
    "6.8 embedded files": lambda pdf: setattr(
        pdf.Root, "X", pdf.make_indirect(Dictionary(Type=Name.Filespec))
    ),
    "6.9 no forms, no layers": lambda pdf: setattr(pdf.Root, "AcroForm", Dictionary()),
}


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_doctored_file_is_seen(record: bytes, clause: str) -> None:
    if clause == "6.1.2 header":
        assert breaches(record.replace(b"%PDF-1.7", b"%PDF-2.0", 1)) == [clause]
        return
    target = BytesIO()
    with pikepdf.open(BytesIO(record)) as pdf:
        if clause == "6.1.3 trailer":
            pdf.save(target, encryption=pikepdf.Encryption(owner="a", user=""))
        else:
            DOCTORED[clause](pdf)
            pdf.save(target)
    assert clause in breaches(target.getvalue())
