"""Addresses of reports."""

from django.urls import URLPattern, path

from reports import views

urlpatterns: list[URLPattern] = [
    path("reports/", views.reports_page, name="reports"),
    path("reports/ask/", views.report_ask_page, name="report-ask"),
    path("reports/<slug:number>/", views.report_page, name="report"),
    path("reports/<slug:number>/file/", views.report_file_page, name="report-file"),
    path("reports/<slug:number>/retry/", views.report_retry_page, name="report-retry"),
    # Written into QR codes: an address that is on paper stays.
    path("verify/<uuid:token>/<slug:mac>/", views.verify_page, name="verify"),
]
