"""Addresses of the ground floor."""

from django.urls import path

from vault.views import health_page

urlpatterns = [path("health/", health_page, name="health")]
