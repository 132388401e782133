"""The addresses of reports."""

from django.utils import timezone

from reports.models import Approval, Report
from tests.access import Row, everybody, only
from tests.conftest import World
from tests.reports.rows import a_finding, an_issued_report

# Everybody who owes talks, keeps or inspects may ask for a document; the report itself is the chief's alone.
ORDERING = (
    *("chief", "deputy", "head", "secretary", "committee_member", "member", "other_secretary", "stranger"),
    *("staff", "inspector"),
)

# Who leads or inspects has a list of findings, empty or not.
OVERSEEING = ("chief", "secretary", "other_secretary", "stranger", "inspector")


def _number(world: World) -> dict[str, object]:
    return {"number": an_issued_report(world).number}


def _printed(world: World) -> dict[str, object]:
    report = an_issued_report(world)
    return {"token": report.token, "mac": report.figures_mac[:32]}


def _finding(world: World) -> dict[str, object]:
    return {"pk": a_finding(world).pk}


def _dismissed(world: World) -> dict[str, object]:
    return {"pk": a_finding(world, state="dismissed").pk}


def _an_export(world: World) -> dict[str, object]:
    """A bulk export of the branch, asked for by its secretary."""
    report = an_issued_report(world)
    Report.objects.filter(pk=report.pk).update(requested_by=world.account("secretary"), state="asked")
    Approval.objects.create(
        report=report,
        organisation=world.branch,
        talks=21,
        reason="核对",
        asked_by=world.account("secretary"),
        asked_at=timezone.now(),
    )
    return {"number": report.number}


ROWS: list[Row] = [
    Row("reports", only(*ORDERING)),
    Row("report-ask", only(*ORDERING)),
    Row("report-contents", only(*ORDERING)),
    Row("report", only("chief"), _number),
    Row("report-file", only("chief"), _number),
    Row("report-retry", only("chief", status=302), _number, lambda world: {}),
    Row("approvals", only("chief", "secretary", "other_secretary", "stranger")),
    Row("approval", only("chief", "secretary"), _an_export),
    Row("approval-approve", only("chief", status=302), _an_export, lambda world: {}),
    Row("approval-decline", only("chief", status=302), _an_export, lambda world: {}),
    Row("findings", only(*OVERSEEING)),
    Row("findings-organisations", only(*OVERSEEING)),
    Row("finding", only("chief", "secretary", "inspector"), _finding),
    Row("finding-explain", only("secretary"), _finding),
    Row("finding-dismiss", only("chief", "inspector"), _finding),
    Row("finding-reopen", only("chief", "inspector"), _dismissed),
    Row("inspection", only(*OVERSEEING, "staff")),
    Row("sample", only(*OVERSEEING)),
    Row("trail", only("auditor")),
    Row("trail-check", only("auditor", status=302), post=lambda world: {}),
    Row("trail-export", only("auditor"), post=lambda world: {}),
    Row("verify-ask", everybody(), is_open=True),
    Row("verify", everybody(), _printed, is_open=True),
]
