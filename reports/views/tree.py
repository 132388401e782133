"""督查总览: from the organisation of a mandate down to its branches."""

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.permissions import reported_organisations
from members.views import account_of
from reports.figures.tree import tree_of, tree_sheet
from reports.permissions import sampled_organisations, visible_findings
from reports.views.lists import is_asked, list_file
from talks.rules.keeping import CLOSED_YEARS


@require_safe
def inspection_page(request: HttpRequest) -> HttpResponse:
    """One organisation and those right below it, each with all below it, in a year and the one before."""
    account, today = account_of(request), timezone.localdate()
    organisations = reported_organisations(account, today=today)
    tops = organisations.exclude(superior__in=organisations.order_by().values("pk")).order_by("path")
    code = request.GET.get("organisation", "")
    top = get_object_or_404(organisations, code=code) if code else tops.first()
    if top is None:
        raise Http404
    years = [today.year - back for back in range(CLOSED_YEARS + 1)]
    asked = request.GET.get("year", "")
    year = next((one for one in years if str(one) == asked), today.year)
    rows = tree_of(top, organisations, visible_findings(account, today=today), year=year, today=today)
    if is_asked(request):
        return list_file(request, tree_sheet(rows, year=year, today=today), top)
    context = {
        "top": top,
        "tops": tops if not code or top.superior_id is None else (),
        "line": organisations.filter(Q(pk__in=top.ancestor_ids())).order_by("path"),
        "total": rows[0],
        "rows": rows[1:],
        "year": year,
        "years": years,
        "today": today,
        "may_sample": sampled_organisations(account, today=today).exists(),
    }
    return render(request, "reports/inspection.html", context)
