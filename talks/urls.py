"""Addresses of talks."""

from django.urls import URLPattern, path

from talks.views import workbench

urlpatterns: list[URLPattern] = [
    path("", workbench.workbench, name="workbench"),
]
