"""Whose findings one may see, and what one may do about them."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from members.models import Account
from members.permissions.organisations import inspected
from members.permissions.standing import Standing, among, below, is_administrator, standing_of
from reports.models import Finding, FindingStep
from reports.models.findings import FindingQuerySet, FindingState
from talks.models import Participant, Side, Talk


def visible_findings(account: Account, *, today: date) -> FindingQuerySet:
    """Findings of what an inspector inspects, a principal leads, and all below; of talks one answers for.

    Not for the subjects of a talk, and not for staff: an explanation may tell what was said. A finding tells
    nothing of an event, neither its kind nor that there was one.
    """
    if is_administrator(account, today):
        return Finding.objects.none()
    standing = standing_of(account, today)
    return Finding.objects.filter(_overseen(standing) | _answered_for(account))


def explainable_findings(account: Account, *, today: date) -> FindingQuerySet:
    """Those that the account may explain: who led or recorded a talk, a principal of the organisation."""
    led = among(standing_of(account, today).led, "organisation__")
    waiting = Finding.objects.standing().exclude(state=FindingState.DISMISSED)
    return waiting.filter(led | _answered_for(account))


def dismissable_findings(account: Account, *, today: date) -> FindingQuerySet:
    """Those that the account may dismiss: an inspector, a principal of a superior organisation.

    Nobody who took part in one of the talks.
    """
    return _decided_by(account, today).exclude(state=FindingState.DISMISSED)


def reopenable_findings(account: Account, *, today: date) -> FindingQuerySet:
    """Dismissed ones that the account could have dismissed."""
    return _decided_by(account, today).filter(state=FindingState.DISMISSED)


def visible_finding_steps(account: Account, *, today: date) -> QuerySet[FindingStep]:
    """What became of the findings that the account may see."""
    return FindingStep.objects.filter(finding__in=visible_findings(account, today=today))


def has_findings(account: Account, *, today: date) -> bool:
    """Whether the account has a list: who inspects or leads has one, others once there is something."""
    standing = standing_of(account, today)
    return bool(standing.inspected or standing.led) or visible_findings(account, today=today).exists()


def _overseen(standing: Standing) -> Q:
    return below(standing.led, "organisation__") | inspected(standing, "organisation__")


def _answered_for(account: Account) -> Q:
    """Findings about a talk that the account's member led or recorded."""
    if not account.member_id:
        return Q(pk__in=[])
    led = Participant.objects.filter(talk=OuterRef("talk"), member=account.member_id, side=Side.TALKER)
    rows = Finding.talks.through.objects.filter(finding=OuterRef("pk"))
    return Q(Exists(rows.filter(Q(Exists(led)) | Q(talk__recorder=account.member_id))))


def _decided_by(account: Account, today: date) -> FindingQuerySet:
    standing = standing_of(account, today)
    superior = below(standing.led, "organisation__") & ~among(standing.led, "organisation__")
    found = Finding.objects.standing().filter(superior | inspected(standing, "organisation__"))
    if not account.member_id:
        return found
    taking_part = Talk.objects.filter(
        Q(recorder=account.member_id) | Q(participants__member=account.member_id)
    )
    mine = Finding.talks.through.objects.filter(
        finding=OuterRef("pk"), talk__in=taking_part.order_by().values("pk")
    )
    return found.exclude(Exists(mine))
