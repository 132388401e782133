"""What the machine asks the system, not a person."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

PLAIN = "text/plain; charset=utf-8"
UNREACHABLE = "数据库无法连接"


@login_not_required
@require_safe
def health_page(request: HttpRequest) -> HttpResponse:
    """Whether the web server works: 200 where the database answers it, else 503. It tells nothing more."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse(UNREACHABLE, content_type=PLAIN, status=503)
    return HttpResponse("ok", content_type=PLAIN)
