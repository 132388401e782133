"""Addresses of reports."""

from django.urls import URLPattern, path

from reports import views
from reports.views import approvals, findings, orders, samples, trail, tree, verification

urlpatterns: list[URLPattern] = [
    path("reports/", orders.reports_page, name="reports"),
    path("reports/ask/", orders.report_ask_page, name="report-ask"),
    path("reports/contents/", orders.report_contents_page, name="report-contents"),
    path("reports/approvals/", approvals.approvals_page, name="approvals"),
    path("reports/approvals/<slug:number>/", approvals.approval_page, name="approval"),
    path(
        "reports/approvals/<slug:number>/approve/", approvals.approval_approve_page, name="approval-approve"
    ),
    path(
        "reports/approvals/<slug:number>/decline/", approvals.approval_decline_page, name="approval-decline"
    ),
    path("reports/<slug:number>/", views.report_page, name="report"),
    path("reports/<slug:number>/file/", views.report_file_page, name="report-file"),
    path("reports/<slug:number>/retry/", views.report_retry_page, name="report-retry"),
    path("findings/", findings.findings_page, name="findings"),
    path("findings/organisations/", findings.findings_organisations_page, name="findings-organisations"),
    path("findings/<int:pk>/", findings.finding_page, name="finding"),
    path("findings/<int:pk>/explain/", findings.finding_explain_page, name="finding-explain"),
    path("findings/<int:pk>/dismiss/", findings.finding_dismiss_page, name="finding-dismiss"),
    path("findings/<int:pk>/reopen/", findings.finding_reopen_page, name="finding-reopen"),
    path("inspection/", tree.inspection_page, name="inspection"),
    path("samples/", samples.sample_page, name="sample"),
    path("trail/", trail.trail_page, name="trail"),
    path("trail/check/", trail.trail_check_page, name="trail-check"),
    path("trail/export/", trail.trail_export_page, name="trail-export"),
    path("verify/", verification.verify_ask_page, name="verify-ask"),
    # Written into QR codes: an address that is on paper stays.
    path("verify/<uuid:token>/<slug:mac>/", views.verify_page, name="verify"),
]
