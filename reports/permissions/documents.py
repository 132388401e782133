"""Who may ask for which document, and who may still have one that was made (design.md sections 4 and 4a)."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Organisation, OrganisationQuerySet
from members.models import Account
from members.permissions import reported_organisations, team_organisations
from members.permissions.standing import among, below, is_administrator, standing_of
from reports.models import Report
from reports.rules.documents import DOCUMENTS, Kind, Scope
from talks.models import Meeting, Participant, Talk
from talks.models.talks import TalkQuerySet
from talks.permissions import counted_meetings, gathered_meetings, reading_of, visible_talks
from talks.permissions.records import readable_talks
from talks.rules.words import TalkState

# Opinions are read by who gathers them; the other papers of a meeting hold counts and names, no text.
WITH_OPINIONS = (Kind.OPINIONS, Kind.MEETING)
COUNTED = tuple(
    kind for kind, one in DOCUMENTS.items() if one.scope is Scope.MEETING and kind not in WITH_OPINIONS
)
OF_ORGANISATIONS = tuple(
    kind
    for kind, one in DOCUMENTS.items()
    if one.scope in (Scope.YEAR, Scope.PERIOD) and kind != Kind.RECTIFICATION
)


def documents_for(account: Account, *, today: date) -> tuple[Kind, ...]:
    """The kinds that the account may ask for, of whatever there is; that of a talk begins at the talk."""
    reported = reported_organisations(account, today=today).exists()
    rectified = orderable_organisations(account, Kind.RECTIFICATION, today=today)
    counted = reported and counted_meetings(account, today=today).exists()
    kinds = [
        *(OF_ORGANISATIONS if reported else ()),
        *([Kind.RECTIFICATION] if rectified.exists() else ()),
        *(COUNTED if counted else ()),
        *(WITH_OPINIONS if gathered_meetings(account, today=today).exists() else ()),
        *([Kind.PERSONAL, Kind.RECORD] if account.member_id else ()),
        *([Kind.RECORD] if reported and not account.member_id else ()),
    ]
    return tuple(kind for kind in DOCUMENTS if kind in kinds)


def orderable_organisations(account: Account, kind: Kind, *, today: date) -> OrganisationQuerySet:
    """The organisations of which the account may ask for the document.

    Those whose figures it may have; for 整改台账 also those in whose team it is.
    """
    reported = reported_organisations(account, today=today)
    if kind is not Kind.RECTIFICATION:
        return reported
    team = team_organisations(account, today=today).order_by().values("pk")
    return Organisation.objects.filter(Q(pk__in=reported.order_by().values("pk")) | Q(pk__in=team))


def orderable_meetings(account: Account, kind: Kind, *, today: date) -> QuerySet[Meeting]:
    """The meetings of which the account may ask for the document."""
    return (gathered_meetings if kind in WITH_OPINIONS else counted_meetings)(account, today=today)


def orderable_talks(account: Account, *, today: date) -> TalkQuerySet:
    """The talks of which the account may ask for the form: those it sees, unless they were cancelled."""
    return visible_talks(account, today=today).exclude(state=TalkState.CANCELLED.value)


def readable_talk(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may have the form of the talk with what was said, or its own part of it."""
    return bool(reading_of(account, talk, today=today))


def may_read_remedies(account: Account, organisation: Organisation, *, today: date) -> bool:
    """Whether the account reads what was released to the ledger: it is of the team, or leads it or above."""
    standing = standing_of(account, today)
    condition = below(standing.led) | among(standing.team)
    return Organisation.objects.filter(condition, pk=organisation.pk).exists()


def reads_ledgers(account: Account, *, today: date) -> bool:
    """Whether the account reads what was released to the ledger of any organisation."""
    standing = standing_of(account, today)
    return bool(standing.led or standing.team)


def visible_reports(account: Account, *, today: date) -> QuerySet[Report]:
    """One's own reports, as long as one might ask for them still.

    A report bears the name of the one who asked for it: another asks for his own. Who has lost the right to
    what stands in it since has it no more, as who has been given an office of the installation.
    """
    if is_administrator(account, today):
        return Report.objects.none()
    own = Report.objects.filter(requested_by=account)
    kinds = set(own.order_by().values_list("kind", flat=True).distinct())
    reported = reported_organisations(account, today=today).order_by().values("pk")
    condition = Q(kind__in=OF_ORGANISATIONS, organisation__in=reported)
    # The right to a kind that he never asked for is not worked out.
    if Kind.RECTIFICATION in kinds:
        standing = standing_of(account, today)
        reads = below(standing.led, "organisation__") | among(standing.team, "organisation__")
        condition |= Q(Q(organisation__in=reported, with_content=False) | reads, kind=Kind.RECTIFICATION)
    if kinds.intersection(COUNTED):
        condition |= Q(kind__in=COUNTED, meeting__in=_keys(counted_meetings(account, today=today)))
    if kinds.intersection(WITH_OPINIONS):
        condition |= Q(kind__in=WITH_OPINIONS, meeting__in=_keys(gathered_meetings(account, today=today)))
    if Kind.RECORD in kinds:
        seen = _keys(orderable_talks(account, today=today))
        condition |= Q(kind=Kind.RECORD, with_content=False, talk__in=seen)
    if account.member_id:
        condition |= Q(kind=Kind.PERSONAL)
    if account.member_id and Kind.RECORD in kinds:
        there = Participant.objects.filter(talk=OuterRef("talk"), member=account.member_id)
        read = Q(Exists(there)) | Q(talk__in=_keys(readable_talks(account, today=today)))
        condition |= Q(read, kind=Kind.RECORD, with_content=True)
    return own.filter(condition)


def _keys(found: QuerySet[Meeting] | QuerySet[Talk]) -> QuerySet[Meeting] | QuerySet[Talk]:
    return found.order_by().values("pk")  # type: ignore[return-value]
