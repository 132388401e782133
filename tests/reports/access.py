"""The addresses of reports."""

from tests.access import Row, everybody, only
from tests.conftest import World
from tests.reports.rows import an_issued_report

# Principals, staff and inspectors have figures of something; the report itself belongs to the chief alone.
REPORTED = ("chief", "secretary", "other_secretary", "stranger", "staff", "inspector")


def _number(world: World) -> dict[str, object]:
    return {"number": an_issued_report(world).number}


def _printed(world: World) -> dict[str, object]:
    report = an_issued_report(world)
    return {"token": report.token, "mac": report.figures_mac[:32]}


ROWS: list[Row] = [
    Row("reports", only(*REPORTED)),
    Row("report-ask", only(*REPORTED)),
    Row("report", only("chief"), _number),
    Row("report-file", only("chief"), _number),
    Row("report-retry", only("chief", status=302), _number, lambda world: {}),
    Row("verify", everybody(), _printed, is_open=True),
]
