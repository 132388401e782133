"""Who approves a bulk export: a principal of O or above who did not ask (design.md section 4a)."""

from datetime import date

from django.db.models import Q

from branches.models import Organisation
from members.models import Account
from members.models.people import MemberQuerySet
from members.permissions import approvable_organisations, approvers_over
from reports.models import Approval
from reports.models.approvals import ApprovalQuerySet


def overseen_approvals(account: Account, *, today: date) -> ApprovalQuerySet:
    """Those that the account had or has the right to decide: who comes second is told so."""
    places = approvable_organisations(account, today=today).order_by().values("pk")
    return Approval.objects.filter(organisation__in=places).exclude(asked_by=account)


def visible_approvals(account: Account, *, today: date) -> ApprovalQuerySet:
    """Those that the account asked for or decided, and those that wait for its decision."""
    waiting = overseen_approvals(account, today=today).undecided().order_by().values("pk")
    return Approval.objects.filter(Q(asked_by=account) | Q(decided_by=account) | Q(pk__in=waiting))


def asked_approvals(account: Account) -> ApprovalQuerySet:
    """Those that the account asked for."""
    return Approval.objects.filter(asked_by=account)


def export_approvers(account: Account, organisation: Organisation, *, today: date) -> MemberQuerySet:
    """Who may approve what the account asks for of the organisation."""
    found = approvers_over(organisation, today=today)
    return found.exclude(pk=account.member_id) if account.member_id else found
