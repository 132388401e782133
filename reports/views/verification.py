"""Whether a paper or a file is what the system issued: for whoever holds it, without an account."""

from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from members.views import address_of
from reports.forms import VerifyForm
from reports.models import Report
from reports.rules import MAC_PRINTED
from reports.rules.numbers import number_in

# A report has half a megabyte.
MOST_BYTES = 20 * 1024 * 1024
# How much of a form besides the file is let in.
AROUND = 64 * 1024
# So often one address may ask in a minute: more than a person does, fewer than a guesser needs.
MOST_ASKED, MINUTE = 20, 60
TOO_LARGE = "文件超过20MB，不是本系统签发的报告。"
TOO_OFTEN = "核验过于频繁，请过一分钟再试。"
# Of the figures' HMAC, beside the QR code.
CODE_PRINTED = 16
DONE = Report.objects.issued().select_related("organisation", "meeting").defer("file", "figures")


@login_not_required
@never_cache
# Nothing is changed by it; and a file that is too large is refused before anybody reads the form.
@csrf_exempt
def verify_ask_page(request: HttpRequest) -> HttpResponse:
    """Asks for the numbers on the paper or for the file, and says whether the system issued it.

    A paper goes on to the page of its QR code. Nothing is told that is not on it, and nothing of persons.
    """
    if request.method != "POST":
        return _page(request, VerifyForm())
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + AROUND:
        return _page(request, VerifyForm(), refusal=TOO_LARGE, status=413)
    if _asked_too_often(address_of(request)):
        return _page(request, VerifyForm(), refusal=TOO_OFTEN, status=429)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    file = form.cleaned_data["file"]
    if file:
        return _answer(request, form, file)
    report = DONE.filter(number=form.cleaned_data["number"]).first()
    printed = report.figures_mac[:CODE_PRINTED] if report else ""
    if report is None or not constant_time_compare(printed, form.cleaned_data["code"]):
        return _page(request, form, outcome="unknown")
    return redirect("verify", token=report.token, mac=report.figures_mac[:MAC_PRINTED])


def _answer(request: HttpRequest, form: VerifyForm, file: UploadedFile[bytes]) -> HttpResponse:
    """Unaltered, altered (it names a report that was issued, and is another file), or unknown."""
    digest, number = _looked_through(file)
    report = DONE.filter(digest=digest).first()
    if report:
        return _page(request, form, outcome="issued", report=report)
    is_altered = bool(number) and DONE.filter(number=number).exists()
    return _page(request, form, outcome="altered" if is_altered else "unknown")


def _looked_through(file: UploadedFile[bytes]) -> tuple[str, str]:
    """SHA-256 of the file, and the number of the report that it says it is.

    It lies in memory, and is no larger than MOST_BYTES: the request was refused else.
    """
    content = file.read()
    return sha256(content).hexdigest(), number_in(content)


def _asked_too_often(address: str) -> bool:
    """Counts up, in the memory of this process: with several, somewhat more gets through."""
    key = f"verify:{sha256(address.encode()).hexdigest()}"
    cache.add(key, 0, MINUTE)
    try:
        return cache.incr(key) > MOST_ASKED
    except ValueError:
        # Lapsed in between: the next minute has begun.
        return False


def _page(
    request: HttpRequest,
    form: VerifyForm,
    *,
    outcome: str = "",
    report: Report | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "outcome": outcome, "report": report, "refusal": refusal}
    return render(request, "reports/verify_ask.html", context, status=status)
