"""What stands on a screen of inspectors, taken along as a workbook."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.views import account_of, actor_of
from reports.excel import render_workbook
from reports.figures.papers import Paper
from reports.figures.sheets import Register
from reports.rules.documents import CONTENT_TYPES, Format
from reports.services.samples import enter_list

# In the address of a screen.
FILE = "file"


def is_asked(request: HttpRequest) -> bool:
    """Whether the screen is wanted as a file."""
    return request.method == "GET" and request.GET.get(FILE) == Format.EXCEL.value


def list_file(request: HttpRequest, sheet: Register, place: Organisation) -> HttpResponse:
    """The list as .xlsx, with the name of who took it; given out only if the trail entry could be written."""
    now = timezone.localtime()
    paper = Paper(
        number="",
        issued_at=now,
        address="",
        check_code="",
        watermark=f"{account_of(request).name}　{chinese_date(now)}",
        figures=sheet,
    )
    file = render_workbook(paper)
    enter_list(
        actor=actor_of(request),
        at=now,
        organisation=place,
        title=sheet.title,
        told=sheet.left,
        digest=sha256(file).hexdigest(),
    )
    name = f"{sheet.title}（{place.name}）{now:%Y%m%d}.xlsx"
    return HttpResponse(
        file,
        content_type=CONTENT_TYPES[Format.EXCEL],
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )
