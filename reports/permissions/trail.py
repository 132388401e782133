"""Who reads the audit trail: 安全审计员, and nobody else."""

from datetime import date

from members.models import Account, MandateKind
from members.permissions import holds_mandate
from vault.models import TrailEntry
from vault.models.trail import TrailEntryQuerySet


def visible_trail_entries(account: Account, *, today: date) -> TrailEntryQuerySet:
    """All entries for an auditor in office, none for anybody else."""
    if not reads_trail(account, today=today):
        return TrailEntry.objects.none()
    return TrailEntry.objects.all()


def reads_trail(account: Account, *, today: date) -> bool:
    """Whether the account is an auditor in office."""
    return holds_mandate(account, MandateKind.AUDITOR, today=today)
