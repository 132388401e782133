"""All addresses; each app names its own."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("talks.urls")),
    path("", include("members.urls")),
    path("", include("reports.urls")),
    path("", include("vault.urls")),
]
