"""导入导出: a workbook is uploaded, checked, looked at, confirmed; and handed out."""

import json
import uuid
from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from branches.forms.workbooks import WorkbookField
from branches.models import Organisation
from members.models import Account
from members.permissions import may_import, staff_organisations
from members.views import account_of, actor_of, file_was_too_large
from talks.excel import number_workbook, read_workbook, write_workbook
from talks.figures.exchange import exported_sheets, rows_for
from talks.forms.uploads import ExportForm, UploadForm
from talks.models import Upload
from talks.permissions import visible_uploads
from talks.rules.exchange.columns import SHEETS
from talks.services import exchange

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 25
DISCARDED = "已放弃导入，文件已删除。"
State = Upload.State


def uploads_page(request: HttpRequest) -> HttpResponse:
    """One's uploads, the newest first; a new one is sent here."""
    account = _importer(request)
    is_sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    if is_sent and file_was_too_large(request):
        form.add_error("file", WorkbookField.too_large())
    elif form.is_valid():
        file = form.cleaned_data["file"]
        upload = exchange.add_upload(
            actor=actor_of(request), at=timezone.now(), account=account, file_name=file.name, file=file.read()
        )
        return redirect("upload", token=upload.token)
    rows = visible_uploads(account, today=timezone.localdate()).defer("file", "outcome")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    organisations = staff_organisations(account, today=timezone.localdate())
    context = {"form": form, "page": page, "export": ExportForm(organisations=organisations)}
    return render(request, "talks/uploads.html", context)


@never_cache
@require_safe
def upload_page(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """How far the check is, what would change, what was wrong. htmx asks for the progress alone."""
    upload = _mine(request, token)
    waiting = upload.state in (State.CHECKING, State.IMPORTING)
    if request.headers.get("HX-Request"):
        if waiting:
            return render(request, "talks/_upload_progress.html", {"upload": upload})
        return HttpResponse(headers={"HX-Refresh": "true"})
    outcome = exchange.Outcome.from_plain(json.loads(upload.outcome)) if upload.outcome else None
    return render(request, "talks/upload.html", {"upload": upload, "outcome": outcome, "waiting": waiting})


@require_POST
def upload_confirm_page(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Imports what was checked."""
    upload = _mine(request, token)
    try:
        exchange.confirm_upload(actor=actor_of(request), at=timezone.now(), upload=upload)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("upload", token=token)


@require_POST
def upload_discard_page(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Gives an upload up; its file is deleted."""
    upload = _mine(request, token)
    try:
        exchange.discard_upload(actor=actor_of(request), at=timezone.now(), upload=upload)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("upload", token=token)
    messages.success(request, DISCARDED)
    return redirect("uploads")


@require_POST
def upload_number_page(request: HttpRequest, token: uuid.UUID) -> HttpResponseBase:
    """Numbers the members of a roster and hands the workbook back."""
    upload, today = _mine(request, token), timezone.localdate()
    file = bytes(upload.file or b"")
    numbered = b""
    if upload.state == State.UNNUMBERED and file:
        tables = read_workbook(file, settings.WORKBOOK_MAX_BYTES)
        within = exchange.reach_of(account=account_of(request), today=today)
        numbered = number_workbook(file, exchange.number_roster(tables=tables, within=within))
    try:
        exchange.hand_back_upload(actor=actor_of(request), at=timezone.now(), upload=upload)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("upload", token=token)
    return _file(BytesIO(numbered), f"{upload.file_name.rpartition('.')[0]}（已编号）.xlsx")


@require_safe
def upload_template_page(request: HttpRequest) -> HttpResponseBase:
    """An empty workbook with all sheets and columns."""
    _importer(request)
    target = BytesIO()
    write_workbook(((form, form.columns, ()) for form in SHEETS), target)
    target.seek(0)
    return _file(target, "谈心谈话数据（空白）.xlsx")


@require_POST
def export_page(request: HttpRequest) -> HttpResponseBase:
    """The workbook of an organisation and all below it, without content."""
    account, today = _importer(request), timezone.localdate()
    form = ExportForm(request.POST, organisations=staff_organisations(account, today=today))
    if not form.is_valid():
        raise Http404
    organisation: Organisation = form.cleaned_data["organisation"]
    rows = rows_for(account, Organisation.objects.below(organisation), today=today)
    target = BytesIO()
    counts = write_workbook(exported_sheets(rows, with_content=False, with_kinds=False), target)
    exchange.enter_export(
        actor=actor_of(request),
        at=timezone.now(),
        organisation=organisation.code,
        with_content=False,
        rows=counts,
    )
    target.seek(0)
    return _file(target, f"{organisation.name}谈心谈话数据{today:%Y%m%d}.xlsx")


def _importer(request: HttpRequest) -> Account:
    """The account, where it may import; 404 else."""
    account = account_of(request)
    if not may_import(account, today=timezone.localdate()):
        raise Http404
    return account


def _mine(request: HttpRequest, token: uuid.UUID) -> Upload:
    """An upload that one may see, or 404."""
    account = _importer(request)
    return get_object_or_404(visible_uploads(account, today=timezone.localdate()), token=token)


def _file(file: BytesIO, name: str) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
