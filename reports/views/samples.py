"""抽查: talks drawn at random, by a seed that draws them again."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from members.views import account_of, actor_of
from reports.figures.samples import sample_of, sample_sheet
from reports.forms import SampleForm
from reports.permissions import sampled_organisations, sampled_talks
from reports.services.samples import draw_sample
from reports.views.lists import is_asked, list_file
from talks.views.talks import line_of


def sample_page(request: HttpRequest) -> HttpResponse:
    """Draws (the seed then stands in the address), and shows what the seed of the address draws."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    organisations = sampled_organisations(account, today=today)
    if not organisations.exists():
        raise Http404
    sent = request.POST if request.method == "POST" else request.GET if "seed" in request.GET else None
    form = SampleForm(sent, organisations=organisations, today=today)
    sample = None
    if form.is_valid():
        typed = form.cleaned_data
        if request.method == "POST":
            typed["seed"] = draw_sample(actor=actor_of(request), at=now, **typed)
            query = urlencode(typed | {"organisation": form.place.key(typed["organisation"])})
            return redirect(f"{reverse('sample')}?{query}")
        place, seed = typed.pop("organisation"), typed["seed"]
        sample = sample_of(sampled_talks(account, place, today=today), **typed) if seed else None
        if sample and is_asked(request):
            days = {"since": typed["since"], "until": typed["until"]}
            return list_file(request, sample_sheet(sample, place, **days, seed=seed, today=today), place)
    context = {
        "form": form,
        "sample": sample,
        "drawn": form.cleaned_data if sample else None,
        "place": place if sample else None,
        "query": request.GET.urlencode(),
        "lines": [line_of(talk, account) for talk in sample.talks] if sample else (),
    }
    return render(request, "reports/sample.html", context)
