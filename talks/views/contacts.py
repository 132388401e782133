"""联系党员: one organisation's people, who keeps in contact with whom, who has waited for longest."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Member, Post
from members.views import account_of
from talks.figures.contacts import GROUPS, contact_lines, group_counts, groups_of
from talks.forms.contacts import ContactFilter
from talks.permissions import contact_organisations, contacted_members
from talks.views.duties import ROWS, Toggle, bring_up_to_date, query_without_page

# So many are offered to choose from; of more one goes by the page of the organisation.
MOST_PLACES = 200


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """The people of one organisation, those not talked with for longest first, 25 rows to a page."""
    today = timezone.localdate()
    account = account_of(request)
    places = contact_organisations(account, today=today).order_by("path", "code")
    own = places.filter(posts__in=Post.objects.in_force(today).filter(member=account.member_id, is_team=True))
    organisation = (
        places.filter(code=request.GET.get("organisation", "")).first()
        or (own.first() if account.member_id else None)
        or places.first()
    )
    if organisation is None:
        raise Http404
    names = list(places.values_list("code", "name")[:MOST_PLACES])
    if (organisation.code, organisation.name) not in names:
        names.append((organisation.code, organisation.name))
    chosen = ContactFilter(request.GET, organisations=names).chosen()
    bring_up_to_date(account, today=today)
    members = contacted_members(account, organisation, today=today)
    if chosen.get("who"):
        named = Member.objects.named_like(chosen["who"]).order_by().values("pk")
        members = members.filter(pk__in=named)
    lines = contact_lines(members, account, organisation, today=today)
    counts = group_counts(lines, account)
    wanted = set(chosen.get("group") or ())
    shown = [line for line in lines if wanted <= groups_of(line, account)]
    page = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    context = {
        "form": ContactFilter({**chosen, "organisation": organisation.code}, organisations=names),
        "organisation": organisation,
        "is_one": len(names) == 1,
        "total": len(lines),
        "waiting": sum(line.is_long_ago for line in lines),
        "toggles": [Toggle(name, words, counts[name], name in wanted) for name, words in GROUPS.items()],
        "page": page,
        "lines": page.object_list,
        "is_narrowed": bool(wanted or chosen.get("who")),
        "query": query_without_page(request),
    }
    return render(request, "talks/contacts.html", context)
