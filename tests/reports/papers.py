"""Documents made for tests as the worker makes them, and their text as whoever looks into them finds it."""

import re
import subprocess
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pikepdf

from members.models import Account
from reports import services, tasks
from reports.models import Report
from reports.rules.documents import DOCUMENTS, Format, Kind, Scope
from vault.services import Actor

AT = datetime(2026, 4, 10, 1, tzinfo=UTC)
TODAY = date(2026, 4, 10)


def order_of(kind: Kind, **more: object) -> services.Order:
    """An order of the year 2026 as of the day of the tests."""
    wanted: dict[str, object] = {"kind": kind, "year": 2026, "as_of": TODAY}
    if DOCUMENTS[kind].scope is Scope.PERIOD:
        wanted |= {"since": date(2026, 1, 1), "until": TODAY}
    return services.Order(**wanted | more)  # type: ignore[arg-type]


def asked(account: Account, kind: Kind, **more: object) -> Report:
    """A report that the account asked for, claimed."""
    report = services.ask_for_report(
        actor=Actor(account.username, ""), at=AT, today=TODAY, account=account, order=order_of(kind, **more)
    )
    claimed = services.claim_report(pk=report.pk, now=AT)
    assert claimed is not None
    return claimed


def made(account: Account, kind: Kind, **more: object) -> Report:
    """The same, rendered and issued."""
    report = asked(account, kind, **more)
    assert tasks.render_report(report)
    report.refresh_from_db()
    return report


def words_of(report: Report, folder: Path) -> str:
    """All text of the file, what describes it too, without spaces."""
    file = bytes(report.file or b"")
    if report.file_format == Format.PDF:
        path = folder / f"{report.number}.pdf"
        path.write_bytes(file)
        found = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True)
        with pikepdf.open(BytesIO(file)) as pdf, pdf.open_metadata() as meta:
            told = found.stdout + str(meta) + str(dict(pdf.docinfo or {}))
    else:
        with ZipFile(BytesIO(file)) as container:
            parts = [container.read(name).decode("utf-8", "replace") for name in container.namelist()]
        told = unescape("".join(parts))
    return re.sub(r"\s", "", told)
