"""Who knows of a remedy, works on it, releases it to the ledger, asks for 销号 and decides (design.md 4, 4a).

Known is that there is one, of whom and until when; its text is another matter: `visible_remedies` read the
original, `ledger_remedies` what was released.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from members.models import Account
from members.permissions import approvable_organisations
from members.permissions.organisations import reported
from members.permissions.standing import among, below, is_administrator, standing_of
from talks.models import Participant, Progress, Remedy, Settlement, Side
from talks.models.records import RemedyQuerySet
from talks.models.remedies import SettlementQuerySet
from talks.permissions.records import visible_remedies


def known_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Remedies that the account may know of; none of a talk that is not recorded.

    Those whose original it reads, those its member is to see to, those in ledgers that it answers for, and
    those whose 销号 it may decide or decided.
    """
    standing = standing_of(account, today)
    condition = Q(reported(standing, "organisation__")) | among(standing.team, "organisation__")
    if account.member_id:
        decided = Settlement.objects.filter(remedy=OuterRef("pk"), ended_by=account.member_id)
        waiting = decidable_settlements(account, today=today).filter(remedy=OuterRef("pk"))
        read = visible_remedies(account, today=today).order_by().values("pk")
        condition |= Q(owner=account.member_id) | Q(pk__in=read) | Q(Exists(decided)) | Q(Exists(waiting))
    return Remedy.objects.agreed().filter(condition)


def ledger_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Remedies whose released text the account may read: not who inspects or keeps the organisation.

    Its team and the principals above it, and who is to see to the remedy.
    """
    standing = standing_of(account, today)
    condition = below(standing.led, "organisation__") | among(standing.team, "organisation__")
    if account.member_id and not is_administrator(account, today):
        condition |= Q(owner=account.member_id)
    return Remedy.objects.agreed().filter(condition, organisation__isnull=False)


def progressing_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Open remedies of which the account may note progress: who is to see to them, who writes the record."""
    return Remedy.objects.agreed().filter(_owner(account) | _writer(account), settled_on=None)


def assignable_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Open remedies that want an owner or a limit, which who writes the record may still name."""
    wanting = Q(owner=None) | Q(due_on=None)
    return Remedy.objects.agreed().filter(wanting, _writer(account), settled_on=None)


def releasable_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Remedies that the account may release to a ledger: a talker; the recorder, where none is on record."""
    return Remedy.objects.agreed().filter(_talker(account), organisation=None)


def retractable_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Released remedies that the account may take out of the ledger again: who released them, until 销号."""
    if not account.member_id:
        return Remedy.objects.none()
    return Remedy.objects.agreed().filter(released_by=account.member_id, settled_on=None)


def settleable_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Open remedies for which the account may ask for 销号: the owner; without one, the record's writers."""
    waiting = Settlement.objects.waiting().filter(remedy=OuterRef("pk"))
    own = _owner(account) | (Q(owner=None) & _writer(account))
    return Remedy.objects.agreed().filter(own, ~Exists(waiting), settled_on=None)


def decidable_settlements(account: Account, *, today: date) -> SettlementQuerySet:
    """销号 that waits for a decision which the account may take: a principal of O or above.

    He neither asked, nor is to see to the remedy, nor took part in the talk (design.md section 4a).
    """
    return Settlement.objects.waiting().filter(_may_decide(account, today))


def overseen_settlements(account: Account, *, today: date) -> SettlementQuerySet:
    """Those that the account has the right to decide, decided or not: who comes second is told so."""
    return Settlement.objects.filter(_may_decide(account, today))


def visible_settlements(account: Account, *, today: date) -> SettlementQuerySet:
    """销号 whose text the account reads: asker, owner, who reads the original, who may decide it or did."""
    if not account.member_id or is_administrator(account, today):
        return Settlement.objects.none()
    own = Q(asked_by=account.member_id) | Q(ended_by=account.member_id) | Q(remedy__owner=account.member_id)
    read = Q(remedy__in=visible_remedies(account, today=today).order_by().values("pk"))
    waiting = Q(ending="") & _may_decide(account, today)
    return Settlement.objects.filter(own | read | waiting)


def visible_progress(account: Account, *, today: date) -> QuerySet[Progress]:
    """Progress whose text the account reads: owner, who wrote it, who reads the original, who may decide."""
    if not account.member_id or is_administrator(account, today):
        return Progress.objects.none()
    own = Q(noted_by=account.member_id) | Q(remedy__owner=account.member_id)
    read = Q(remedy__in=visible_remedies(account, today=today).order_by().values("pk"))
    deciding = decidable_settlements(account, today=today).filter(remedy=OuterRef("remedy"))
    return Progress.objects.filter(own | read | Q(Exists(deciding)))


def _owner(account: Account) -> Q:
    return Q(owner=account.member_id) if account.member_id else Q(pk__in=[])


def _writer(account: Account) -> Q:
    """The remedies of talks whose record is the account's: it is a talker or the recorder."""
    if not account.member_id:
        return Q(pk__in=[])
    return Q(Exists(_talkers().filter(member=account.member_id))) | Q(talk__recorder=account.member_id)


def _talker(account: Account) -> Q:
    if not account.member_id:
        return Q(pk__in=[])
    alone = Q(~Exists(_talkers()), talk__recorder=account.member_id)
    return Q(Exists(_talkers().filter(member=account.member_id))) | alone


def _talkers() -> QuerySet[Participant]:
    return Participant.objects.filter(talk=OuterRef("talk"), side=Side.TALKER)


def _may_decide(account: Account, today: date) -> Q:
    """The condition that the account is one who may decide: over O, did not ask, has no part in it."""
    if not account.member_id:
        return Q(pk__in=[])
    theirs = approvable_organisations(account, today=today).order_by().values("pk")
    there = Participant.objects.filter(talk=OuterRef("remedy__talk"), member=account.member_id)
    part = (
        Q(asked_by=account.member_id)
        | Q(remedy__owner=account.member_id, remedy__owner__isnull=False)
        | Q(remedy__talk__recorder=account.member_id, remedy__talk__recorder__isnull=False)
        | Q(Exists(there))
    )
    return Q(organisation__in=theirs) & ~part
