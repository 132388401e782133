"""Reports and figures for tests."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from branches.models import Organisation
from members.models import Account
from reports.figures import ComplianceFigures, OrganisationLine, OverdueLine, RuleLine, Version
from reports.models import Finding, Report
from reports.rules import Tally
from reports.rules.documents import Kind
from talks.models import Talk
from tests import factories
from tests.conftest import World

AT = datetime(2027, 1, 5, 1, tzinfo=UTC)
MAC = "0123456789abcdef" * 4
MEMBERS, COMMITTEE = "每年至少一次 党员和党员之间", "每年至少一次 支委和党员之间"

TALLIES = {"year.committee-member": Tally(owed=7, met=3, late=0, overdue=4), "": Tally(4, 3, 2, 1)}


def some_figures(*, overdue: tuple[OverdueLine, ...] = (), name: str = "上游局党委") -> ComplianceFigures:
    """Figures of a committee and one branch: 11 owed, 6 met, 2 of them late, 5 overdue."""
    rules = (
        RuleLine("year.committee-member", COMMITTEE, TALLIES["year.committee-member"]),
        RuleLine("", "事件类必谈", TALLIES[""]),
    )
    return ComplianceFigures(
        organisation="SYJ",
        name=name,
        year=2026,
        as_of=date(2027, 1, 5),
        total=Tally(owed=11, met=6, late=2, overdue=5),
        organisations=(
            OrganisationLine("SYJ", name, 0, None, Tally(), (), None),
            OrganisationLine("HC", "合川分局党支部", 1, 6, Tally(11, 6, 2, 5), rules, None),
        ),
        rules=rules,
        overdue=overdue,
        events_overdue=1,
        withheld=0,
        versions=(
            Version("year.committee-member", COMMITTEE, "系统内置", date(2018, 10, 28), "支部工作条例。"),
        ),
    )


def an_overdue_line(
    *persons: str, days: int = 5, title: str = COMMITTEE, organisation: str = "合川分局党支部"
) -> OverdueLine:
    """A line of the overdue list, due at the end of 2026."""
    return OverdueLine(organisation, title, persons, date(2026, 12, 31), days, "陆秉川")


def a_report(
    organisation: Organisation,
    account: Account | None,
    *,
    number: str = "BG-2027-0001",
    state: Report.State = Report.State.PENDING,
    requested_at: datetime = AT,
) -> Report:
    """A report that waits, or is in the state given."""
    return Report.objects.create(
        number=number,
        token=uuid.uuid4(),
        kind=Kind.COMPLIANCE,
        organisation=organisation,
        year=2026,
        as_of=date(2027, 1, 5),
        requested_by=account,
        requested_at=requested_at,
        state=state,
    )


def an_issued_report(world: World, *, account: Account | None = None, number: str = "BG-2027-0001") -> Report:
    """A report of the committee that the chief, or the account, has asked for and been given."""
    report = a_report(
        world.committee, account or world.account("chief"), number=number, state=Report.State.DONE
    )
    report.file = b"%PDF-1.7 sealed"
    report.figures = some_figures(overdue=(an_overdue_line("梁志强"),)).to_text()
    report.figures_mac = MAC
    report.issued_at = AT
    report.expires_at = AT + timedelta(days=3650)
    report.save()
    return report


def a_finding(
    world: World,
    *,
    key: str = "K",
    talks: Sequence[Talk] = (),
    organisation: Organisation | None = None,
    state: str = "open",
    gone_on: date | None = None,
) -> Finding:
    """A record of the branch that was entered late; the secretary talked with the member."""
    finding = Finding.objects.create(
        check_name="late",
        key=key,
        organisation=organisation or world.branch,
        day=date(2026, 3, 5),
        figure=12,
        state=state,
        found_on=date(2026, 4, 1),
        gone_on=gone_on,
    )
    finding.talks.set(
        talks or [factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 5))]
    )
    return finding
