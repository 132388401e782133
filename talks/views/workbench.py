"""工作台: what is to be done next, by whoever is signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def workbench(request: HttpRequest) -> HttpResponse:
    """The first screen."""
    return render(request, "talks/workbench.html", {"today": timezone.localdate()})
