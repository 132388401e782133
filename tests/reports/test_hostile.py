"""Papers and lists made of hostile text: it is printed as that text, and nothing is fetched for it."""

import html
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from shutil import copytree
from threading import Thread
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pikepdf
import pytest
import time_machine
from docx import Document
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from reports.figures.sheets import Register, Sheet, Table
from reports.models import Report
from reports.pdf import paper as paper_module
from reports.pdf import registers, render_paper
from reports.rules.documents import DOCUMENTS, Format, Kind
from talks.models import GatheredOpinion, MergedOpinion, Participant, Remedy
from talks.rules.words import MeetingKind
from tests import factories
from tests.conftest import World
from tests.reports.papers import AT, TODAY, made
from tests.reports.test_sheets import a_ledger, a_record, paper

SECRET = "root:x:0:0"


class Listening(HTTPServer):
    """A server of this machine that notes what it is asked for."""

    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listening)
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/css")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def outside() -> Iterator[Listening]:
    """What must hear nothing of a paper."""
    with Listening(("127.0.0.1", 0), _Handler) as server:
        server.asked = []
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# --- the fetcher --------------------------------------------------------------------------------------------

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
ADDRESSES = (
    "http://127.0.0.1:{port}/a",
    "HTTP://127.0.0.1:{port}/a",
    "https://127.0.0.1:{port}/a",
    "ftp://127.0.0.1:{port}/a",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://localhost/etc/passwd",
    "file://{static}/../manage.py",
    "file://{static}/css/%2e%2e/%2e%2e/manage.py",
    "file://{link}",
    "data:text/html,<img src=file:///etc/passwd>",
    "data:text/css,@import url(file:///etc/passwd)",
    "data:text/plain;base64,cm9vdA==",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:application/pdf,%PDF-1.7",
    "data:,image/svg+xml",
    "data: image/svg+xml,<svg/>",
    "data://image/svg+xml,<svg/>",
    "jar:file:///etc/passwd",
    "javascript:alert(1)",
    "/etc/passwd",
    "../../etc/passwd",
    "",
)
# Each asks for an address by another door of HTML, CSS or SVG.
DOORS = (
    '<img src="{url}">',
    '<img srcset="{url} 2x" src="{url}">',
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    '<p><a rel="attachment" href="{url}">a</a></p>',
    '<style>@import url("{url}");</style>',
    "<style>p {{ background-image: url('{url}') }}</style><p>a</p>",
    "<style>@page {{ background: url('{url}') }}</style>",
    "<style>li {{ list-style-image: url('{url}') }}</style><ul><li>a</ul>",
    "<style>p::before {{ content: url('{url}') }}</style><p>a</p>",
    "<style>@font-face {{ font-family: f; src: url('{url}') }} p {{ font-family: f }}</style><p>a</p>",
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<p style="background: url({url})">a</p>',
)
# A picture in a picture is left out instead; what is drawn around it stays.
DOORS_OF_PICTURES = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{url}"/></svg>',
    "<img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E"
    "%3Cimage href='{url}' width='9' height='9'/%3E%3C/svg%3E\">",
)


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A link in a folder of the system that leads out of it."""
    link = tmp_path / "link.css"
    link.symlink_to("/etc/passwd")
    return link


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_but_a_mark_is_opened(address: str, outside: Listening, link: Path) -> None:
    url = address.format(port=outside.server_port, static=STATIC, link=link)
    with pytest.raises(ValueError, match=paper_module.NOT_OURS):
        paper_module._fetcher().fetch(url)
    assert outside.asked == []


def test_without_the_guard_they_are_opened(outside: Listening, link: Path) -> None:
    opened = [
        URLFetcher().fetch(address.format(port=outside.server_port, static=STATIC, link=link)).read()
        for address in ("http://127.0.0.1:{port}/a", "file:///etc/passwd", "file://{link}")
    ]
    assert outside.asked == ["/a"]
    assert [SECRET.encode() in text for text in opened] == [False, True, True]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/a", "file:///etc/passwd"])
def test_a_page_that_asks_for_more_is_no_paper(
    door: str, url: str, outside: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = door.format(url=url.format(port=outside.server_port))
    monkeypatch.setattr(paper_module, "page_of", lambda paper: page)
    with pytest.raises(FatalURLFetchingError):
        render_paper(paper(a_record()))
    assert outside.asked == []


@pytest.mark.parametrize("door", DOORS_OF_PICTURES)
def test_a_picture_is_given_nothing_from_outside(door: str, outside: Listening) -> None:
    page = door.format(url=f"http://127.0.0.1:{outside.server_port}/a")
    HTML(string=page, url_fetcher=paper_module._fetcher()).write_pdf()
    assert outside.asked == []


def test_without_the_guard_each_door_opens(outside: Listening) -> None:
    heard = []
    for door in DOORS + DOORS_OF_PICTURES:
        outside.asked.clear()
        HTML(string=door.format(url=f"http://127.0.0.1:{outside.server_port}/a")).write_pdf()
        heard.append(bool(outside.asked))
    assert heard == [True] * (len(DOORS) + len(DOORS_OF_PICTURES))


def test_without_the_guard_a_file_is_taken_along() -> None:
    page = '<link rel="attachment" href="file:///etc/passwd">a'
    with pikepdf.open(BytesIO(HTML(string=page, url_fetcher=URLFetcher()).write_pdf())) as pdf:
        taken = [one.get_file().read_bytes() for one in pdf.attachments.values()]
    assert SECRET.encode() in taken[0]


def test_a_mark_opens_nothing_outside_itself() -> None:
    """An entity of XML that names a file is none that is read."""
    mark = (
        '<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="50"><text y="20">&f;</text></svg>'
    )
    page = f'<img src="data:image/svg+xml,{html.escape(mark)}">'
    file = HTML(string=page, url_fetcher=paper_module._fetcher()).write_pdf()
    assert "root" not in text_of(file)


# --- text is printed as text --------------------------------------------------------------------------------

# Each has a mark of its own, and would do something where it is taken for markup or for a formula.
TEXTS = {
    "place": "=HYPERLINK(“甲一”)<img src=file:///etc/passwd>",
    "person": "<b>丙三",
    "kind": "@丁四#include“a”",
    "topic": "-1+戊五<style>*{display:none}</style>",
    "content": "己六<script>alert(1)</script>{{ x }}{% load y %}</td></table>&lt;&amp;",
    "opinion": "=庚七+#read(“/etc/passwd”)\\$x$`code`*b*_i_@label<label>~//c",
    "remedy": "@辛八#import “@preview/x:1.0.0”;#{panic()}[]]<link rel=attachment href=file:///etc/passwd>",
    "released": "+壬九@import url(file:///etc/passwd);#eval(“1+1”)",
    "gathered": "=癸十</w:t><w:fldSimple>DDEAUTO<![CDATA[x]]>",
    "merged": "-子一<!--x--><?xml version?>&#x41;&copy;#sys.inputs",
    "organisation": "支部<i>#box[]&nbsp;$",
}
# What stands in which document that the secretary is given, and is looked for there.
SHOWN: dict[Kind, set[str]] = {
    Kind.COMPLIANCE: {"organisation", "person"},
    Kind.STATISTICS: {"organisation"},
    Kind.LEDGER: {"organisation", "person", "place", "kind"},
    Kind.RECTIFICATION: {"organisation", "released", "person"},
    Kind.MEETING: {"merged", "gathered"},
    Kind.SITUATION: set(),
    Kind.OVERVIEW: {"person"},
    Kind.OPINIONS: {"merged", "gathered"},
    Kind.PERSONAL: {"person"},
    Kind.RECORD: {"person", "place", "kind", "topic", "content", "opinion", "remedy"},
}
FORMATS = [(kind, one) for kind, document in DOCUMENTS.items() for one in document.formats]


def text_of(file: bytes) -> str:
    """The text of a PDF as whoever copies it gets it, without what breaks it."""
    found = subprocess.run(["pdftotext", "-raw", "-", "-"], input=file, capture_output=True, check=True)
    return squeezed(found.stdout.decode())


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def text_in(file: bytes, file_format: Format) -> str:
    """The text of the file; it holds nothing but text."""
    if file_format is Format.PDF:
        assert_harmless_pdf(file)
        return text_of(file)
    with ZipFile(BytesIO(file)) as container:
        names = container.namelist()
        assert [name for name in names if re.search(r"vba|external|embed|activeX", name, re.I)] == []
        for name in names:
            if name.endswith((".xml", ".rels")):
                # Well-formed, and nothing of it leads out.
                tree = ElementTree.fromstring(container.read(name))
                assert [one for one in tree.iter() if one.get("TargetMode") == "External"] == []
    if file_format is Format.WORD:
        document = Document(BytesIO(file))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        instructions = re.findall(r"<w:instrText[^>]*>([^<]*)", document.sections[0].footer._element.xml)
        assert instructions == ["PAGE"]
        assert re.findall(r"<w:(?:instrText|fldSimple)", document.element.xml) == []
        return squeezed("".join([*(one.text for one in document.paragraphs), *cells]))
    book = openpyxl.load_workbook(BytesIO(file))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    assert [cell for cell in cells if cell.hyperlink] == []
    return squeezed("".join(str(cell.value) for cell in cells))


def assert_harmless_pdf(file: bytes) -> None:
    """No attachment, no script, no address to open."""
    with pikepdf.open(BytesIO(file)) as pdf:
        assert list(pdf.attachments) == []
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary):
                assert not {"/JS", "/URI", "/Launch", "/EF", "/OpenAction"} & set(thing.keys())


@pytest.fixture
def hostile(world: World) -> World:
    """The branch after somebody has typed markup into every field that there is."""
    return _spoil(world, TEXTS)


def _spoil(world: World, texts: dict[str, str]) -> World:
    world.branch.name = texts["organisation"]
    world.branch.save()
    for number, member in enumerate((world.member, world.committee_member, world.secretary)):
        member.name = texts["person"] + "壹贰叁"[number]
        member.save()
    talk = factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=date(2026, 3, 3),
        content=texts["content"],
        topic=texts["topic"],
        opinions=[texts["opinion"]],
        remedies=[texts["remedy"]],
        confirmed_by=[world.member],
        code="T-1",
    )
    talk.kind, talk.place = texts["kind"], texts["place"]
    talk.save()
    talker = Participant.objects.get(talk=talk, member=world.secretary)
    talker.private_notes = texts["content"]
    talker.save()
    remedy = Remedy.objects.get(talk=talk)
    remedy.released_text, remedy.organisation = texts["released"], world.branch
    remedy.released_by, remedy.released_on = world.secretary, date(2026, 3, 4)
    remedy.owner = world.committee_member
    remedy.save()
    meeting = factories.a_meeting(
        world.branch,
        MeetingKind.ORGANISATION_LIFE,
        meeting_on=date(2026, 3, 20),
        talks_from=date(2026, 2, 20),
    )
    merged = MergedOpinion.objects.create(meeting=meeting, number=1, text=texts["merged"], category="工作")
    for number, text in enumerate((texts["gathered"], "已梳理的一条"), 1):
        GatheredOpinion.objects.create(
            meeting=meeting,
            number=number,
            text=text,
            channel="谈心谈话",
            released_by=world.secretary,
            released_at=AT,
            speaker=world.member,
            merged=merged if number == 2 else None,
        )
    factories.keep_duties(TODAY)
    return world


def ordered(world: World, kind: Kind, file_format: Format) -> Report:
    """The document that the secretary is given."""
    talk = Participant.objects.filter(talk__code="T-1")[0].talk
    match kind:
        case Kind.RECORD:
            more: dict[str, object] = {"talk": talk, "with_content": True}
        case Kind.PERSONAL:
            more = {}
        case Kind.MEETING | Kind.SITUATION | Kind.OVERVIEW | Kind.OPINIONS:
            more = {"meeting": world.branch.meetings.get()}
        case Kind.RECTIFICATION:
            more = {"organisation": world.branch, "with_content": True}
        case _:
            more = {"organisation": world.branch}
    with time_machine.travel(AT, tick=False):
        return made(world.account("secretary"), kind, file_format=file_format, **more)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "file_format"), FORMATS, ids=[f"{kind}.{one}" for kind, one in FORMATS])
def test_markup_is_printed_as_text(hostile: World, kind: Kind, file_format: Format) -> None:
    report = ordered(hostile, kind, file_format)
    text = text_in(bytes(report.file or b""), file_format)
    assert {name for name, typed in TEXTS.items() if squeezed(typed) in text} >= SHOWN[kind]
    assert SECRET not in text


def test_every_text_is_looked_for_somewhere() -> None:
    assert set().union(*SHOWN.values()) == set(TEXTS)
    assert set(SHOWN) == set(DOCUMENTS)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Kind.STATISTICS, Kind.LEDGER, Kind.RECTIFICATION, Kind.PERSONAL])
def test_the_engine_of_long_registers_prints_it_as_text(
    hostile: World, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "LONG", 0)
    monkeypatch.setattr(paper_module, "HTML", None)
    text = text_in(bytes(ordered(hostile, kind, Format.PDF).file or b""), Format.PDF)
    assert {name for name, typed in TEXTS.items() if squeezed(typed) in text} >= SHOWN[kind]


# --- what would happen without it ---------------------------------------------------------------------------


def test_were_text_not_escaped_the_fetcher_would_still_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record()
    spoilt = replace(record, title=TEXTS["place"])
    page_of = paper_module.page_of
    assert SECRET not in text_of(render_paper(paper(spoilt)))
    monkeypatch.setattr(paper_module, "page_of", lambda paper: html.unescape(page_of(paper)))
    with pytest.raises(FatalURLFetchingError):
        render_paper(paper(spoilt))


def test_without_either_it_would_ask_outside(outside: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = replace(a_record(), title=f"<img src=http://127.0.0.1:{outside.server_port}/a>")
    page_of = paper_module.page_of
    monkeypatch.setattr(paper_module, "page_of", lambda paper: html.unescape(page_of(paper)))
    monkeypatch.setattr(paper_module, "_fetcher", URLFetcher)
    render_paper(paper(spoilt))
    assert outside.asked == ["/a"]


def with_a_cell(text: str) -> Sheet:
    """A long register with the text in a cell."""
    register = a_ledger(registers.LONG + 1)
    table = register.tables[0]
    first = (*table.rows[0][:2], text, *table.rows[0][3:])
    changed: Register = replace(register, tables=(replace_rows(table, (first, *table.rows[1:])),))
    return changed


def replace_rows(table: Table, rows: tuple[tuple[object, ...], ...]) -> Table:
    return replace(table, rows=rows)  # type: ignore[arg-type]


def test_were_text_read_as_markup_the_engine_would_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And would open what lies in the folder of the template, which holds no secret, and nothing else."""
    source = (registers.SOURCE / "register.typ").read_text()
    call = "cells.at(one.align)(text, more)"
    assert source.count(call) == 1
    read = 'cells.at(one.align)(if type(text) == str { eval(text, mode: "markup") } else { text }, more)'
    naive = source.replace(call, read)
    folder = tmp_path / "pdf"
    copytree(registers.SOURCE, folder)
    (folder / "register.typ").write_text(naive)
    (folder / "b.txt").write_text("邻居")
    figures = with_a_cell('#(40+2) #read( "/b.txt" )')
    assert '#(40+2)#read("/b.txt")' in text_of(render_paper(paper(figures)))
    monkeypatch.setattr(registers, "SOURCE", folder)
    assert "42邻居" in text_of(render_paper(paper(figures)))
    with pytest.raises(RuntimeError, match="file not found"):
        render_paper(paper(with_a_cell('#read( "/etc/motd" )')))
    with pytest.raises(RuntimeError, match="escape"):
        render_paper(paper(with_a_cell('#read( "../b.txt" )')))
